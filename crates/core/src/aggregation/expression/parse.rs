//! Precedence-climbing parser. Every recursion passes [`Parser::deeper`], which bounds it.

use super::token::{Token, tokens};
use super::{Binary, EXPRESSION_CHAIN_MAX, EXPRESSION_DEPTH_MAX, ExpressionError, Function1, Function2, Node, Unary};

/// Words that CEL reserves; none can name a property.
const RESERVED: [&str; 18] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "var",
    "while",
];

/// The tree and the property keys its identifiers refer to.
pub(super) fn parse(source: &str) -> Result<(Node, Vec<String>), ExpressionError> {
    let mut parser = Parser {
        tokens: tokens(source)?,
        position: 0,
        depth: 0,
        identifiers: Vec::new(),
    };
    let root = parser.conditional()?;
    match parser.peek() {
        Token::End => Ok((root, parser.identifiers)),
        _ => Err(parser.unexpected()),
    }
}

struct Parser<'a> {
    tokens: Vec<(Token<'a>, usize)>,
    position: usize,
    depth: usize,
    identifiers: Vec<String>,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Token<'a> {
        self.tokens.get(self.position).map_or(Token::End, |(token, _)| *token)
    }

    fn accept(&mut self, symbol: &'static str) -> bool {
        let found = self.peek() == Token::Symbol(symbol);
        self.position += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &'static str) -> Result<(), ExpressionError> {
        if self.accept(symbol) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    fn unexpected(&self) -> ExpressionError {
        let offset = self.tokens.get(self.position).map_or(0, |(_, offset)| *offset);
        ExpressionError::Syntax {
            found: self.peek().to_string(),
            offset,
        }
    }

    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T, ExpressionError>) -> Result<T, ExpressionError> {
        if self.depth == EXPRESSION_DEPTH_MAX {
            return Err(ExpressionError::TooComplex);
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn conditional(&mut self) -> Result<Node, ExpressionError> {
        self.deeper(|parser| {
            let condition = parser.binary(0)?;
            if !parser.accept("?") {
                return Ok(condition);
            }
            let then = parser.binary(0)?;
            parser.expect(":")?;
            let otherwise = parser.conditional()?;
            Ok(Node::Conditional(Box::new([condition, then, otherwise])))
        })
    }

    fn binary(&mut self, weakest: u8) -> Result<Node, ExpressionError> {
        let mut left = self.unary()?;
        let mut operators = 0;
        while let Some((operator, strength)) = binary_operator(self.peek()) {
            if strength < weakest {
                break;
            }
            // A long chain makes a tree as deep as it is long, and evaluation recurses into its left side.
            operators += 1;
            if operators > EXPRESSION_CHAIN_MAX {
                return Err(ExpressionError::TooComplex);
            }
            self.position += 1;
            let right = self.deeper(|parser| parser.binary(strength + 1))?;
            left = Node::Binary(operator, Box::new([left, right]));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Node, ExpressionError> {
        let operator = match self.peek() {
            Token::Symbol("-") => Unary::Negate,
            Token::Symbol("!") => Unary::Not,
            _ => return self.primary(),
        };
        self.position += 1;
        let operand = self.deeper(Self::unary)?;
        Ok(Node::Unary(operator, Box::new(operand)))
    }

    fn primary(&mut self) -> Result<Node, ExpressionError> {
        let token = self.peek();
        match token {
            Token::Number(number) => {
                self.position += 1;
                Ok(Node::Number(number))
            }
            Token::Symbol("(") => {
                self.position += 1;
                let inner = self.conditional()?;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Word(word) if !RESERVED.contains(&word) => {
                self.position += 1;
                match word {
                    "true" => Ok(Node::Boolean(true)),
                    "false" => Ok(Node::Boolean(false)),
                    _ if self.accept("(") => self.call(word),
                    _ => Ok(self.identifier(word)),
                }
            }
            Token::Word(_) | Token::Symbol(_) | Token::End => Err(self.unexpected()),
        }
    }

    fn identifier(&mut self, name: &str) -> Node {
        let known = self.identifiers.iter().position(|identifier| identifier == name);
        Node::Identifier(known.unwrap_or_else(|| {
            self.identifiers.push(name.to_owned());
            self.identifiers.len() - 1
        }))
    }

    fn call(&mut self, name: &str) -> Result<Node, ExpressionError> {
        let mut arguments = Vec::new();
        if !self.accept(")") {
            loop {
                arguments.push(self.conditional()?);
                if !self.accept(",") {
                    break;
                }
            }
            self.expect(")")?;
        }
        match name {
            "double" => one_argument(Function1::Double, "double", arguments),
            "abs" => one_argument(Function1::Abs, "abs", arguments),
            "ceil" => one_argument(Function1::Ceil, "ceil", arguments),
            "floor" => one_argument(Function1::Floor, "floor", arguments),
            "round" => one_argument(Function1::Round, "round", arguments),
            "sqrt" => one_argument(Function1::Sqrt, "sqrt", arguments),
            "log" => one_argument(Function1::Log, "log", arguments),
            "max" => two_arguments(Function2::Max, "max", arguments),
            "min" => two_arguments(Function2::Min, "min", arguments),
            "pow" => two_arguments(Function2::Pow, "pow", arguments),
            _ => Err(ExpressionError::UnknownFunction(name.to_owned())),
        }
    }
}

fn one_argument(function: Function1, name: &'static str, arguments: Vec<Node>) -> Result<Node, ExpressionError> {
    let [argument]: [Node; 1] = arguments
        .try_into()
        .map_err(|given: Vec<Node>| arity(name, 1, &given))?;
    Ok(Node::Call1(function, Box::new(argument)))
}

fn two_arguments(function: Function2, name: &'static str, arguments: Vec<Node>) -> Result<Node, ExpressionError> {
    let arguments: [Node; 2] = arguments
        .try_into()
        .map_err(|given: Vec<Node>| arity(name, 2, &given))?;
    Ok(Node::Call2(function, Box::new(arguments)))
}

fn arity(function: &'static str, expected: usize, given: &[Node]) -> ExpressionError {
    ExpressionError::Arity {
        function,
        expected,
        given: given.len(),
    }
}

/// The operator and how strongly it binds.
fn binary_operator(token: Token<'_>) -> Option<(Binary, u8)> {
    let Token::Symbol(symbol) = token else { return None };
    Some(match symbol {
        "||" => (Binary::Or, 0),
        "&&" => (Binary::And, 1),
        "==" => (Binary::Equal, 2),
        "!=" => (Binary::NotEqual, 2),
        "<" => (Binary::Less, 2),
        "<=" => (Binary::LessOrEqual, 2),
        ">" => (Binary::Greater, 2),
        ">=" => (Binary::GreaterOrEqual, 2),
        "+" => (Binary::Add, 3),
        "-" => (Binary::Subtract, 3),
        "*" => (Binary::Multiply, 4),
        "/" => (Binary::Divide, 4),
        _ => return None,
    })
}
