//! Meter expressions: a subset of CEL over an event's properties (spec 02 §4.5).
//!
//! This is the one place of the crate where binary doubles are at home: the contract defines an expression's
//! arithmetic as that of IEEE doubles. The result becomes an exact decimal (the shortest that names the double) before
//! it leaves this module. Cost is bounded: an expression is at most [`EXPRESSION_CHARS_MAX`] long, has chains of
//! [`EXPRESSION_CHAIN_MAX`] operators and nests [`EXPRESSION_DEPTH_MAX`] deep, its tree at most
//! [`EXPRESSION_TREE_DEPTH_MAX`]; evaluation visits each node at most once.

mod evaluate;
mod parse;
mod token;
mod types;

use bigdecimal::BigDecimal;

use super::Properties;
use crate::Decimal;

/// Longest expression accepted, in bytes.
pub const EXPRESSION_CHARS_MAX: usize = 4_096;

/// Deepest nesting accepted; the parser recurses this far at most.
pub const EXPRESSION_DEPTH_MAX: usize = 64;

/// Deepest tree accepted; the type check and the evaluator recurse this far at most, on the stack of any thread.
pub const EXPRESSION_TREE_DEPTH_MAX: usize = 384;

/// Most operators in one chain such as `a + b + c`, which nests as deep as it is long.
pub const EXPRESSION_CHAIN_MAX: usize = 256;

/// Why an expression does not compile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// Longer than [`EXPRESSION_CHARS_MAX`], or nested deeper than [`EXPRESSION_DEPTH_MAX`] or
    /// [`EXPRESSION_TREE_DEPTH_MAX`] allow.
    #[error("the expression is too long or too deeply nested")]
    TooComplex,
    /// Not an expression of the grammar.
    #[error("unexpected {found} at offset {offset}")]
    Syntax {
        /// What stands there.
        found: String,
        /// Byte offset in the source.
        offset: usize,
    },
    /// A call of something that is no function of the subset.
    #[error("unknown function {0}")]
    UnknownFunction(String),
    /// A function called with the wrong number of arguments.
    #[error("{function} takes {expected} argument(s), not {given}")]
    Arity {
        /// The function's name.
        function: &'static str,
        /// How many it takes.
        expected: usize,
        /// How many were given.
        given: usize,
    },
    /// A number where a boolean must stand, or the reverse.
    #[error("{operator} needs {expected} operands")]
    Type {
        /// The operator or function.
        operator: &'static str,
        /// `numeric` or `boolean`.
        expected: &'static str,
    },
    /// The whole expression is a condition, not a number.
    #[error("the result is a boolean, not a number")]
    BooleanResult,
    /// The expression does not depend on the event.
    #[error("the expression names no property")]
    NoIdentifier,
}

/// An event to which the expression gives no finite number; it leaves no record (spec 02 §4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the expression has no value for this event")]
pub struct NoValue;

/// A compiled expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    source: String,
    /// Property keys; a node refers to them by position.
    identifiers: Vec<String>,
    root: Node,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Number(f64),
    Boolean(bool),
    Identifier(usize),
    Unary(Unary, Box<Node>),
    Binary(Binary, Box<[Node; 2]>),
    Conditional(Box<[Node; 3]>),
    Call1(Function1, Box<Node>),
    Call2(Function2, Box<[Node; 2]>),
}

impl Node {
    /// Height of the tree, found without recursion.
    fn depth(&self) -> usize {
        let mut deepest = 0;
        let mut open = vec![(self, 1)];
        while let Some((node, depth)) = open.pop() {
            deepest = deepest.max(depth);
            let children: &[Self] = match node {
                Self::Number(_) | Self::Boolean(_) | Self::Identifier(_) => &[],
                Self::Unary(_, child) | Self::Call1(_, child) => std::slice::from_ref(child),
                Self::Binary(_, children) | Self::Call2(_, children) => &**children,
                Self::Conditional(children) => &**children,
            };
            open.extend(children.iter().map(|child| (child, depth + 1)));
        }
        deepest
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unary {
    Negate,
    Not,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Binary {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function1 {
    Double,
    Abs,
    Ceil,
    Floor,
    Round,
    Sqrt,
    Log,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function2 {
    Max,
    Min,
    Pow,
}

impl Expression {
    /// Compiles an expression and checks its types.
    ///
    /// # Errors
    /// [`ExpressionError`], in words fit for the caller who wrote the expression.
    pub fn compile(source: &str) -> Result<Self, ExpressionError> {
        if source.len() > EXPRESSION_CHARS_MAX {
            return Err(ExpressionError::TooComplex);
        }
        let (root, identifiers) = parse::parse(source)?;
        if root.depth() > EXPRESSION_TREE_DEPTH_MAX {
            return Err(ExpressionError::TooComplex);
        }
        match types::check(&root)? {
            types::Type::Number => {}
            types::Type::Boolean => return Err(ExpressionError::BooleanResult),
        }
        if identifiers.is_empty() {
            return Err(ExpressionError::NoIdentifier);
        }
        Ok(Self {
            source: source.to_owned(),
            identifiers,
            root,
        })
    }

    /// The text this was compiled from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The value for one event: missing properties are 0, numeric strings count as their number.
    ///
    /// # Errors
    /// [`NoValue`] when a named property is no number, or the result is not finite.
    pub fn evaluate(&self, properties: &Properties<'_>) -> Result<Decimal, NoValue> {
        let mut values = Vec::with_capacity(self.identifiers.len());
        for identifier in &self.identifiers {
            let text = properties.get(identifier).expression_number().ok_or(NoValue)?;
            let value: f64 = text.parse().map_err(|_| NoValue)?;
            if !value.is_finite() {
                return Err(NoValue);
            }
            values.push(value);
        }
        let result = evaluate::number(&self.root, &values);
        if !result.is_finite() {
            return Err(NoValue);
        }
        // `{:e}` prints the shortest digits that name this double. The range of decimals from outside does not bound
        // results: any finite one is a record (spec 02 §4.5).
        let value: BigDecimal = format!("{result:e}").parse().map_err(|_| NoValue)?;
        Ok(value.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(source: &str, properties: &str) -> Result<String, NoValue> {
        let properties = Properties::parse(properties).unwrap();
        Expression::compile(source)
            .unwrap()
            .evaluate(&properties)
            .map(|value| value.to_string())
    }

    #[test]
    fn computes_with_doubles() {
        for (source, properties, expected) in [
            (
                "input_tokens * 2 + output_tokens",
                r#"{"input_tokens":10,"output_tokens":5}"#,
                "25",
            ),
            ("input_tokens * 2 + output_tokens", r#"{"input_tokens":" 3 "}"#, "6"),
            ("a / 4", r#"{"a":1}"#, "0.25"),
            ("7 / 2 + a", "{}", "3.5"),
            (
                "duration <= 10 ? 0 : ceil(duration / 15) * 15",
                r#"{"duration":18}"#,
                "30",
            ),
            (
                "duration <= 10 ? 0 : ceil(duration / 15) * 15",
                r#"{"duration":8}"#,
                "0",
            ),
            ("max(a, 3) + min(a, 3) - -a", r#"{"a":5}"#, "13"),
            ("a - 2 - 1", r#"{"a":10}"#, "7"),
            ("2 + a * 3", r#"{"a":4}"#, "14"),
            ("round(a)", r#"{"a":-2.5}"#, "-3"),
            (
                "pow(a, 2) + sqrt(a) + abs(0 - a) + floor(1.9) + log(1)",
                r#"{"a":4}"#,
                "23",
            ),
            ("a > 1 && !(b == 2) || false ? 1 : 2", r#"{"a":5,"b":2}"#, "2"),
            ("double(a) + .5 + 1e1 + 5.0", r#"{"a":"1e2"}"#, "115.5"),
            ("a + 0.1", r#"{"a":0.2}"#, "0.30000000000000004"),
            (
                "a * 1000000000000.0 * 10000000000.0",
                r#"{"a":3}"#,
                "30000000000000000000000",
            ),
        ] {
            assert_eq!(value(source, properties).as_deref(), Ok(expected), "{source}");
        }
    }

    #[test]
    fn any_finite_result_is_a_value() {
        let zeros = |count| "0".repeat(count);
        for (source, properties, expected) in [
            ("a * a", r#"{"a":1e99}"#, format!("9999999999999999{}", zeros(182))),
            (
                "0 - a * a",
                r#"{"a":"15e119"}"#,
                format!("-22500000000000003{}", zeros(224)),
            ),
            ("a / 1e300", r#"{"a":-2.5}"#, format!("-0.{}25", zeros(299))),
        ] {
            assert_eq!(value(source, properties), Ok(expected), "{source} {properties}");
        }
    }

    #[test]
    fn an_event_without_a_number_has_no_value() {
        for (source, properties) in [
            ("a * 2", r#"{"a":"many"}"#),
            ("a * 2", r#"{"a":true}"#),
            ("a * 2", r#"{"a":null}"#),
            ("a * 2", r#"{"a":""}"#),
            ("a * 2", r#"{"a":"NaN"}"#),
            ("a * 2", r#"{"a":"Inf"}"#),
            ("a * 2", r#"{"a":1e400}"#),
            ("1 / a", r#"{"a":0}"#),
            ("sqrt(a)", r#"{"a":-1}"#),
            ("pow(a, 1000)", r#"{"a":10}"#),
        ] {
            assert_eq!(value(source, properties), Err(NoValue), "{source} {properties}");
        }
    }

    #[test]
    fn refuses_what_is_not_in_the_subset() {
        for source in [
            "",
            "a +",
            "a % 2",
            "(a",
            "a)",
            "1 + 2",
            "a > 1",
            "a && 1",
            "!a",
            "-true + a",
            "a ? 1 : 2",
            "a > 1 ? 1 : true",
            "median(a)",
            "max(a)",
            "abs(a, a)",
            "a.b",
            "[a]",
            "'x' + a",
            "a == true",
            "a b",
            "1..2 + a",
            "0x10 + a",
            "a.exists(x, x)",
            "null + a",
            "a = 1",
            "a & a",
            "1e + a",
        ] {
            assert!(Expression::compile(source).is_err(), "{source}");
        }
    }

    #[test]
    fn every_function_takes_its_number_of_arguments() {
        for (arity, functions) in [
            (1, &["double", "abs", "ceil", "floor", "round", "sqrt", "log"][..]),
            (2, &["max", "min", "pow"][..]),
        ] {
            for (function, given) in functions
                .iter()
                .flat_map(|function| (0..4).map(move |given| (*function, given)))
            {
                let compiled = Expression::compile(&format!("{function}({}) + a", vec!["a"; given].join(",")));
                let expected = ExpressionError::Arity {
                    function,
                    expected: arity,
                    given,
                };
                assert_eq!(
                    compiled.err(),
                    (given != arity).then_some(expected),
                    "{function}/{given}"
                );
            }
        }
    }

    #[test]
    fn operators_compare_and_bind_as_in_cel() {
        for (source, expected) in [
            ("a < 2 ? 1 : 0", "0"),
            ("a <= 2 ? 1 : 0", "1"),
            ("a > 2 ? 1 : 0", "0"),
            ("a >= 2 ? 1 : 0", "1"),
            ("a == 2 ? 1 : 0", "1"),
            ("a != 2 ? 1 : 0", "0"),
            ("(a > 1) == (a > 1) ? 1 : 0", "1"),
            ("true || a > 1 && false ? 1 : 0", "1"),
            ("!(a > 1) ? 1 : 0", "0"),
            ("a > 1 ? (a > 3 ? 1 : 2) : 3", "2"),
            ("a > 9 ? 1 : a > 1 ? 2 : 3", "2"),
            ("-a * 3", "-6"),
            ("a - -a", "4"),
            ("12 / a / 3", "2"),
            ("(a + 1) * 2", "6"),
            ("max + max(max, 1)", "14"),
        ] {
            assert_eq!(value(source, r#"{"a":2,"max":7}"#).as_deref(), Ok(expected), "{source}");
        }
    }

    #[test]
    fn the_reason_of_a_refusal_is_told() {
        let reason = |source: &str| Expression::compile(source).unwrap_err().to_string();
        assert_eq!(reason("a +"), "unexpected end of expression at offset 3");
        assert_eq!(reason("a % 2"), "unexpected \"%\" at offset 2");
        assert_eq!(reason("a in b"), "unexpected \"in\" at offset 2");
        assert_eq!(reason("has(a)"), "unknown function has");
        assert_eq!(reason("max(a)"), "max takes 2 argument(s), not 1");
        assert_eq!(reason("a > 1"), "the result is a boolean, not a number");
        assert_eq!(reason("1 + 2"), "the expression names no property");
        assert_eq!(reason("!a"), "! needs boolean operands");
        assert_eq!(reason("a < 1 < 2"), "a comparison needs numeric operands");
    }

    #[test]
    fn the_deepest_expression_fits_half_the_stack_of_a_thread() {
        // A chain whose first operand is a chain, and so on: the tree is as deep as the text allows.
        let chain = |first: &str, links: usize| format!("({first}{})", "+a".repeat(links));
        let work = move || {
            let deepest = chain(&chain("a", 256), EXPRESSION_TREE_DEPTH_MAX - 1 - 256);
            let sum = EXPRESSION_TREE_DEPTH_MAX.to_string();
            assert_eq!(value(&deepest, r#"{"a":1}"#), Ok(sum));
            let deeper = chain(&deepest, 1);
            assert_eq!(Expression::compile(&deeper), Err(ExpressionError::TooComplex));
            let longest = (0..7).fold("a".to_owned(), |first, _| chain(&first, 256));
            assert_eq!(
                Expression::compile(&format!("abs({longest})")),
                Err(ExpressionError::TooComplex)
            );
        };
        let thread = std::thread::Builder::new().stack_size(1024 * 1024).spawn(work).unwrap();
        thread.join().unwrap();
    }

    #[test]
    fn cost_is_bounded() {
        let deep = format!("{}a{}", "(".repeat(1_000), ")".repeat(1_000));
        assert_eq!(Expression::compile(&deep), Err(ExpressionError::TooComplex));
        let minus = format!("{}a", "-".repeat(1_000));
        assert_eq!(Expression::compile(&minus), Err(ExpressionError::TooComplex));
        let chain = format!("a{}", " + a".repeat(257));
        assert_eq!(Expression::compile(&chain), Err(ExpressionError::TooComplex));
        let long = format!("a + {}", "1".repeat(5_000));
        assert_eq!(Expression::compile(&long), Err(ExpressionError::TooComplex));
        assert!(Expression::compile(&format!("a{}", " + a".repeat(256))).is_ok());
    }
}
