//! Finds one value in the text of a JSON object without reading the rest of it closely.
//!
//! Only for text that a full parser has accepted before: this one steps from token to token and believes what it sees.
//! Whatever it does not know (a key with escapes, a text that does not go on as an object does) it hands back.

use memchr::{memchr, memchr2};

/// The text is not of the plain form that is searched quickly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unusual;

/// The text of the value under `key`, the last one if the object repeats the key.
pub(super) fn find<'a>(json: &'a str, key: &str) -> Result<Option<&'a str>, Unusual> {
    let bytes = json.as_bytes();
    let mut found = None;
    let mut at = expect(bytes, 0, b'{')?;
    if byte(bytes, skip_blanks(bytes, at))? == b'}' {
        return Ok(None);
    }
    loop {
        let name_start = expect(bytes, at, b'"')?;
        let rest = bytes.get(name_start..).ok_or(Unusual)?;
        let name_length = memchr2(b'"', b'\\', rest).ok_or(Unusual)?;
        let name_end = name_start + name_length;
        if byte(bytes, name_end)? == b'\\' {
            return Err(Unusual);
        }
        let value_start = skip_blanks(bytes, expect(bytes, name_end + 1, b':')?);
        let value_end = skip_value(bytes, value_start)?;
        if rest.get(..name_length) == Some(key.as_bytes()) {
            found = Some(json.get(value_start..value_end).ok_or(Unusual)?);
        }
        at = skip_blanks(bytes, value_end);
        match byte(bytes, at)? {
            b',' => at += 1,
            b'}' => return Ok(found),
            _ => return Err(Unusual),
        }
    }
}

fn byte(bytes: &[u8], at: usize) -> Result<u8, Unusual> {
    bytes.get(at).copied().ok_or(Unusual)
}

fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    at + bytes.get(at..).unwrap_or_default().iter().take_while(blank).count()
}

/// The place after `wanted`, which is the next token.
fn expect(bytes: &[u8], at: usize, wanted: u8) -> Result<usize, Unusual> {
    let at = skip_blanks(bytes, at);
    if byte(bytes, at)? == wanted {
        Ok(at + 1)
    } else {
        Err(Unusual)
    }
}

/// The place after the value that begins at `at`.
fn skip_value(bytes: &[u8], at: usize) -> Result<usize, Unusual> {
    match byte(bytes, at)? {
        b'"' => skip_string(bytes, at + 1),
        b'{' | b'[' => skip_nested(bytes, at),
        _ => {
            let rest = bytes.get(at..).ok_or(Unusual)?;
            let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
            match rest.iter().position(ends) {
                Some(length) if length > 0 => Ok(at + length),
                Some(_) | None => Err(Unusual),
            }
        }
    }
}

/// The place after the quote that ends the string which goes on at `at`.
fn skip_string(bytes: &[u8], mut at: usize) -> Result<usize, Unusual> {
    loop {
        let rest = bytes.get(at..).ok_or(Unusual)?;
        let quote = memchr(b'"', rest).ok_or(Unusual)?;
        match memchr(b'\\', rest.get(..quote).ok_or(Unusual)?) {
            // Whatever an escape stands for, its second byte ends nothing.
            Some(backslash) => at += backslash + 2,
            None => return Ok(at + quote + 1),
        }
    }
}

/// The place after the bracket that closes the one at `at`.
fn skip_nested(bytes: &[u8], mut at: usize) -> Result<usize, Unusual> {
    let mut depth = 0_usize;
    loop {
        match byte(bytes, at)? {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Ok(at + 1);
                }
            }
            b'"' => {
                at = skip_string(bytes, at + 1)?;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
}
