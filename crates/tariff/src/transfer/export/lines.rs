//! The lines of a streamed answer.

use reqwest::Response;

use crate::AnyError;

/// Longest line, in bytes: an event fits into the largest request, and its texts may double when they are escaped.
const LINE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The lines that have not been read yet.
pub struct Lines {
    response: Response,
    pending: Vec<u8>,
    count: u64,
}

impl Lines {
    /// The lines of the answer's body.
    pub fn of(response: Response) -> Self {
        Self {
            response,
            pending: Vec::new(),
            count: 0,
        }
    }

    /// Lines given so far.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Gives the lines that came next to `each`, without their ends; `false` after the last.
    ///
    /// # Errors
    /// When the answer broke off, a line is too long or not text, or `each` fails.
    pub async fn next(&mut self, mut each: impl FnMut(&str) -> Result<(), AnyError>) -> Result<bool, AnyError> {
        let chunk = self.response.chunk().await;
        let chunk = chunk.map_err(|error| {
            let count = self.count;
            format!(
                "the server broke off after {count} events: {}",
                crate::with_causes(&error)
            )
        })?;
        let Some(chunk) = chunk else {
            // A proxy that hides how the connection ended must not make a part look like the whole.
            return match self.pending.is_empty() {
                true => Ok(false),
                false => Err(format!("the answer ends within a line, after {} events", self.count).into()),
            };
        };
        let before = self.pending.len();
        self.pending.extend_from_slice(&chunk);
        // What was pending has no line end.
        let last_end = chunk.iter().rposition(|byte| *byte == b'\n');
        let complete = last_end.map_or(0, |end| before + end + 1);
        let lines = self.pending.get(..complete).unwrap_or_default();
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            each(std::str::from_utf8(line)?)?;
            self.count += 1;
        }
        self.pending.drain(..complete);
        if self.pending.len() > LINE_BYTES_MAX {
            return Err(format!("a line is longer than {LINE_BYTES_MAX} bytes").into());
        }
        Ok(true)
    }
}
