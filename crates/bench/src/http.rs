//! One HTTP/1.1 connection that stays open: writes a prepared request, reads the answer.

use memchr::memmem;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Result;

/// Longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A connection with its buffer.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer; the body lies in the connection's buffer until the next request.
pub struct Answer<'a> {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: &'a [u8],
}

impl Connection {
    /// Connects to `HOST:PORT`.
    pub async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(16 * 1024),
        })
    }

    /// Sends a whole request and waits for the whole answer.
    pub async fn send(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let (head_end, body_length) = loop {
            self.read_more().await?;
            if let Some(end) = memmem::find(&self.buffer, b"\r\n\r\n") {
                break (end + 4, content_length(&self.buffer[..end])?);
            }
        };
        let end = head_end + body_length;
        if end > ANSWER_BYTES_MAX {
            return Err(format!("an answer of {body_length} bytes is too long").into());
        }
        while self.buffer.len() < end {
            self.read_more().await?;
        }
        Ok(Answer {
            status: status(&self.buffer)?,
            body: &self.buffer[head_end..end],
        })
    }

    /// As [`send`](Self::send); any status but `expected` is an error.
    pub async fn expect(&mut self, request: &[u8], expected: u16) -> Result<&[u8]> {
        let answer = self.send(request).await?;
        if answer.status != expected {
            let text = String::from_utf8_lossy(answer.body).into_owned();
            return Err(format!("the server answered {} instead of {expected}: {text}", answer.status).into());
        }
        Ok(answer.body)
    }

    /// As [`expect`](Self::expect), decoded.
    pub async fn json(&mut self, request: &[u8], expected: u16) -> Result<Value> {
        Ok(serde_json::from_slice(self.expect(request, expected).await?)?)
    }

    async fn read_more(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            return Err("the server closed the connection".into());
        }
        Ok(())
    }
}

fn status(answer: &[u8]) -> Result<u16> {
    // "HTTP/1.1 202 …"
    let digits = answer.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok());
    Ok(digits.ok_or("no status line")?.parse()?)
}

fn content_length(head: &[u8]) -> Result<usize> {
    const NAME: &[u8] = b"\r\ncontent-length:";
    let Some(at) = memmem::find(head, NAME) else {
        return Ok(0);
    };
    let rest = &head[at + NAME.len()..];
    let end = memchr::memchr(b'\r', rest).unwrap_or(rest.len());
    Ok(std::str::from_utf8(&rest[..end])?.trim().parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read() {
        let head = b"HTTP/1.1 202 Accepted\r\ncontent-type: x\r\ncontent-length: 17\r\nx: y";
        assert_eq!(status(head).unwrap(), 202);
        assert_eq!(content_length(head).unwrap(), 17);
        assert_eq!(content_length(b"HTTP/1.1 204 No Content").unwrap(), 0);
    }
}
