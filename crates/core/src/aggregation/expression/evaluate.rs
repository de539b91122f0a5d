//! Evaluates a type-checked tree. A missing or mistyped node cannot occur after the check; it would read as NaN, which
//! is no value.

use super::{Binary, Function1, Function2, Node, Unary};

/// The value of a numeric node.
pub(super) fn number(node: &Node, values: &[f64]) -> f64 {
    match node {
        Node::Number(number) => *number,
        Node::Identifier(index) => values.get(*index).copied().unwrap_or(f64::NAN),
        Node::Unary(Unary::Negate, operand) => -number(operand, values),
        Node::Binary(operator, operands) => {
            let (left, right) = (&operands[0], &operands[1]);
            match operator {
                Binary::Add => number(left, values) + number(right, values),
                Binary::Subtract => number(left, values) - number(right, values),
                Binary::Multiply => number(left, values) * number(right, values),
                Binary::Divide => number(left, values) / number(right, values),
                Binary::Or
                | Binary::And
                | Binary::Equal
                | Binary::NotEqual
                | Binary::Less
                | Binary::LessOrEqual
                | Binary::Greater
                | Binary::GreaterOrEqual => f64::NAN,
            }
        }
        Node::Conditional(parts) => {
            let branch = if condition(&parts[0], values) {
                &parts[1]
            } else {
                &parts[2]
            };
            number(branch, values)
        }
        Node::Call1(function, argument) => call1(*function, number(argument, values)),
        Node::Call2(function, arguments) => {
            call2(*function, number(&arguments[0], values), number(&arguments[1], values))
        }
        Node::Boolean(_) | Node::Unary(Unary::Not, _) => f64::NAN,
    }
}

/// The value of a boolean node.
fn condition(node: &Node, values: &[f64]) -> bool {
    match node {
        Node::Boolean(boolean) => *boolean,
        Node::Unary(Unary::Not, operand) => !condition(operand, values),
        Node::Binary(operator, operands) => comparison(*operator, &operands[0], &operands[1], values),
        Node::Conditional(parts) => {
            let branch = if condition(&parts[0], values) {
                &parts[1]
            } else {
                &parts[2]
            };
            condition(branch, values)
        }
        Node::Number(_) | Node::Identifier(_) | Node::Call1(..) | Node::Call2(..) | Node::Unary(Unary::Negate, _) => {
            false
        }
    }
}

#[allow(clippy::float_cmp)] // Equality in an expression is that of IEEE doubles.
fn comparison(operator: Binary, left: &Node, right: &Node, values: &[f64]) -> bool {
    match operator {
        Binary::Or => condition(left, values) || condition(right, values),
        Binary::And => condition(left, values) && condition(right, values),
        Binary::Equal | Binary::NotEqual => {
            let equal = if is_boolean(left) {
                condition(left, values) == condition(right, values)
            } else {
                number(left, values) == number(right, values)
            };
            equal == (operator == Binary::Equal)
        }
        Binary::Less => number(left, values) < number(right, values),
        Binary::LessOrEqual => number(left, values) <= number(right, values),
        Binary::Greater => number(left, values) > number(right, values),
        Binary::GreaterOrEqual => number(left, values) >= number(right, values),
        Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide => false,
    }
}

fn is_boolean(node: &Node) -> bool {
    match node {
        Node::Boolean(_) | Node::Unary(Unary::Not, _) => true,
        Node::Binary(operator, _) => !matches!(
            operator,
            Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide
        ),
        Node::Conditional(parts) => is_boolean(&parts[1]),
        Node::Number(_) | Node::Identifier(_) | Node::Unary(Unary::Negate, _) | Node::Call1(..) | Node::Call2(..) => {
            false
        }
    }
}

fn call1(function: Function1, argument: f64) -> f64 {
    match function {
        Function1::Double => argument,
        Function1::Abs => argument.abs(),
        Function1::Ceil => argument.ceil(),
        Function1::Floor => argument.floor(),
        Function1::Round => argument.round(),
        Function1::Sqrt => argument.sqrt(),
        Function1::Log => argument.ln(),
    }
}

fn call2(function: Function2, left: f64, right: f64) -> f64 {
    // `f64::max` and `min` drop a NaN; here it must survive, because it means "no value".
    match function {
        Function2::Max | Function2::Min if left.is_nan() || right.is_nan() => f64::NAN,
        Function2::Max => left.max(right),
        Function2::Min => left.min(right),
        Function2::Pow => left.powf(right),
    }
}
