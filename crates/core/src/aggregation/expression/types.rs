//! Type check: every expression is a number or a boolean, known before the first event.

use super::{Binary, ExpressionError, Node, Unary};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Number,
    Boolean,
}

pub(super) fn check(node: &Node) -> Result<Type, ExpressionError> {
    match node {
        Node::Number(_) | Node::Identifier(_) => Ok(Type::Number),
        Node::Boolean(_) => Ok(Type::Boolean),
        Node::Unary(Unary::Negate, operand) => all(Type::Number, "-", [&**operand]),
        Node::Unary(Unary::Not, operand) => all(Type::Boolean, "!", [&**operand]),
        Node::Binary(operator, operands) => binary(*operator, &operands[0], &operands[1]),
        Node::Conditional(parts) => {
            all(Type::Boolean, "the condition of ?:", [&parts[0]])?;
            let branch = check(&parts[1])?;
            all(branch, "?:", [&parts[2]])
        }
        Node::Call1(_, argument) => all(Type::Number, "a function", [&**argument]),
        Node::Call2(_, arguments) => all(Type::Number, "a function", arguments.iter()),
    }
}

fn binary(operator: Binary, left: &Node, right: &Node) -> Result<Type, ExpressionError> {
    match operator {
        Binary::Or => all(Type::Boolean, "||", [left, right]),
        Binary::And => all(Type::Boolean, "&&", [left, right]),
        Binary::Equal | Binary::NotEqual => {
            let left = check(left)?;
            all(left, "==", [right]).map(|_| Type::Boolean)
        }
        Binary::Less | Binary::LessOrEqual | Binary::Greater | Binary::GreaterOrEqual => {
            all(Type::Number, "a comparison", [left, right]).map(|_| Type::Boolean)
        }
        Binary::Add => all(Type::Number, "+", [left, right]),
        Binary::Subtract => all(Type::Number, "-", [left, right]),
        Binary::Multiply => all(Type::Number, "*", [left, right]),
        Binary::Divide => all(Type::Number, "/", [left, right]),
    }
}

/// Requires every operand to be of `expected` type.
fn all<'a>(
    expected: Type,
    operator: &'static str,
    operands: impl IntoIterator<Item = &'a Node>,
) -> Result<Type, ExpressionError> {
    for operand in operands {
        if check(operand)? != expected {
            let expected = match expected {
                Type::Number => "numeric",
                Type::Boolean => "boolean",
            };
            return Err(ExpressionError::Type { operator, expected });
        }
    }
    Ok(expected)
}
