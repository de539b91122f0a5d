//! Splits an expression into tokens.

use super::ExpressionError;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'a> {
    Number(f64),
    Word(&'a str),
    Symbol(&'static str),
    End,
}

impl std::fmt::Display for Token<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(formatter, "number {number}"),
            Self::Word(word) => write!(formatter, "\"{word}\""),
            Self::Symbol(symbol) => write!(formatter, "\"{symbol}\""),
            Self::End => formatter.write_str("end of expression"),
        }
    }
}

/// Longest first, so that `<=` is not read as `<`.
const SYMBOLS: [&str; 17] = [
    "<=", ">=", "==", "!=", "&&", "||", "<", ">", "!", "+", "-", "*", "/", "?", ":", "(", ")",
];

/// All tokens with their byte offsets, closed by [`Token::End`].
pub(super) fn tokens(source: &str) -> Result<Vec<(Token<'_>, usize)>, ExpressionError> {
    let mut tokens = Vec::new();
    let mut offset = 0;
    loop {
        let rest = source.get(offset..).unwrap_or_default();
        let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        offset += rest.len() - trimmed.len();
        if trimmed.is_empty() {
            tokens.push((Token::End, offset));
            return Ok(tokens);
        }
        let (token, length) = next(trimmed).ok_or_else(|| ExpressionError::Syntax {
            found: trimmed
                .chars()
                .next()
                .map_or_else(String::new, |found| format!("\"{found}\"")),
            offset,
        })?;
        tokens.push((token, offset));
        offset += length;
    }
}

fn next(rest: &str) -> Option<(Token<'_>, usize)> {
    let first = rest.chars().next()?;
    if first.is_ascii_digit() || first == '.' {
        let length = number_length(rest);
        return Some((Token::Number(rest.get(..length)?.parse().ok()?), length));
    }
    if first.is_ascii_alphabetic() || first == '_' {
        let length = rest.find(|character: char| !character.is_ascii_alphanumeric() && character != '_');
        let length = length.unwrap_or(rest.len());
        return Some((Token::Word(rest.get(..length)?), length));
    }
    if first == ',' {
        return Some((Token::Symbol(","), 1));
    }
    let symbol = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol))?;
    Some((Token::Symbol(symbol), symbol.len()))
}

/// Length of `digits[.digits][e[+-]digits]` or `.digits…` at the start of `rest`.
fn number_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let mut length = digits(0);
    if bytes.get(length) == Some(&b'.') {
        length += 1 + digits(length + 1);
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    length
}
