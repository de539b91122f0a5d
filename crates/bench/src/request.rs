//! Requests as bytes: built once, patched for each sending.

use crate::workload::{Drawn, EVENT_NAME, ID_BYTES, MODELS, REGIONS, STATUSES, Workload};

/// An event of which every part that differs has its final length.
fn event_template() -> String {
    let id = "0".repeat(ID_BYTES);
    format!(
        r#"{{"event_id":"{id}","event_name":"{EVENT_NAME}","external_customer_id":"c-0000000","timestamp":"2025-10-00T00:00:00.000Z","properties":{{"model":"nova-l","region":"eu-1","tokens":0000,"user":"u-000","status":"200"}}}}"#
    )
}

/// Where the parts of an event are, counted from its first byte.
#[derive(Debug, Clone, Copy)]
struct Places {
    id: usize,
    customer: usize,
    day: usize,
    model: usize,
    region: usize,
    tokens: usize,
    user: usize,
    status: usize,
    length: usize,
}

impl Places {
    fn of(template: &str) -> Self {
        let after = |mark: &str| template.find(mark).map_or(0, |at| at + mark.len());
        Self {
            id: after(r#""event_id":""#),
            customer: after(r#":"c-"#),
            day: after(r#""timestamp":"2025-10-"#),
            model: after(r#""model":""#),
            region: after(r#""region":""#),
            tokens: after(r#""tokens":"#),
            user: after(r#""user":"u-"#),
            status: after(r#""status":""#),
            length: template.len(),
        }
    }

    fn patch(self, event: &mut [u8], workload: &Workload, drawn: &Drawn) {
        workload.write_id(drawn.number, &mut event[self.id..self.id + ID_BYTES]);
        digits(event, self.customer, 7, u64::from(drawn.customer));
        let (seconds, ms) = (drawn.ms / 1_000, drawn.ms % 1_000);
        digits(event, self.day, 2, 1 + seconds / 86_400);
        digits(event, self.day + 3, 2, seconds / 3_600 % 24);
        digits(event, self.day + 6, 2, seconds / 60 % 60);
        digits(event, self.day + 9, 2, seconds % 60);
        digits(event, self.day + 12, 3, ms);
        word(event, self.model, MODELS[drawn.model]);
        word(event, self.region, REGIONS[drawn.region]);
        digits(event, self.tokens, 4, u64::from(drawn.tokens));
        digits(event, self.user, 3, u64::from(drawn.user));
        word(event, self.status, STATUSES[drawn.status]);
    }
}

fn digits(event: &mut [u8], at: usize, count: usize, number: u64) {
    let mut rest = number;
    for place in event[at..at + count].iter_mut().rev() {
        // A remainder of ten fits.
        *place = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
    }
}

fn word(event: &mut [u8], at: usize, word: &str) {
    event[at..at + word.len()].copy_from_slice(word.as_bytes());
}

/// A request that takes events in, with room for some number of them.
pub struct IngestRequest {
    bytes: Vec<u8>,
    /// Where the first event begins.
    first: usize,
    events: usize,
    places: Places,
}

impl IngestRequest {
    /// A batch of `events`.
    pub fn batch(head: &Head, events: usize) -> Self {
        let body = format!(r#"{{"events":[{}]}}"#, vec![event_template(); events].join(","));
        Self::new(
            head.post("/v1/events/bulk", body.as_bytes()),
            body.len(),
            r#"{"events":["#.len(),
            events,
        )
    }

    /// A single event.
    pub fn single(head: &Head) -> Self {
        let body = event_template();
        Self::new(head.post("/v1/events", body.as_bytes()), body.len(), 0, 1)
    }

    fn new(bytes: Vec<u8>, body_length: usize, first: usize, events: usize) -> Self {
        Self {
            first: bytes.len() - body_length + first,
            bytes,
            events,
            places: Places::of(&event_template()),
        }
    }

    /// The whole request with the events from number `from` on.
    pub fn filled(&mut self, workload: &Workload, from: u64) -> &[u8] {
        let mut at = self.first;
        for offset in 0..self.events {
            let drawn = workload.event(from + u64::try_from(offset).unwrap_or_default());
            let end = at + self.places.length;
            self.places.patch(&mut self.bytes[at..end], workload, &drawn);
            at = end + 1;
        }
        &self.bytes
    }
}

/// Bytes of one event on the wire.
pub fn event_bytes() -> usize {
    event_template().len()
}

/// What every request of a run begins with.
#[derive(Debug, Clone)]
pub struct Head {
    address: String,
    api_key: String,
}

impl Head {
    /// Requests to a server (`HOST:PORT`) with an API key.
    pub fn new(address: &str, api_key: &str) -> Self {
        Self {
            address: address.to_owned(),
            api_key: api_key.to_owned(),
        }
    }

    /// A whole request.
    pub fn post(&self, path: &str, body: &[u8]) -> Vec<u8> {
        let mut bytes = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\nx-api-key: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.address,
            self.api_key,
            body.len()
        )
        .into_bytes();
        bytes.extend_from_slice(body);
        bytes
    }

    /// A whole request without a body.
    pub fn get(&self, path: &str) -> Vec<u8> {
        format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.address).into_bytes()
    }
}

/// The events of these numbers as lines of tab-separated values: id, name, customer, time, properties.
pub fn write_lines(workload: &Workload, numbers: std::ops::Range<u64>, lines: &mut Vec<u8>) {
    let template = event_template();
    let places = Places::of(&template);
    let mut event = template.into_bytes();
    let time = places.day - "2025-10-".len();
    let properties = places.model - r#"{"model":""#.len();
    for number in numbers {
        places.patch(&mut event, workload, &workload.event(number));
        for part in [
            &event[places.id..places.id + ID_BYTES],
            EVENT_NAME.as_bytes(),
            &event[places.customer - 2..places.customer + 7],
            &event[time..time + "2025-10-00T00:00:00.000Z".len()],
        ] {
            lines.extend_from_slice(part);
            lines.push(b'\t');
        }
        lines.extend_from_slice(&event[properties..event.len() - 1]);
        lines.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::cli::Cli;
    use clap::Parser;

    fn workload() -> Workload {
        Workload::stored(&Cli::try_parse_from(["tariff-bench", "all"]).unwrap().options)
    }

    #[test]
    fn a_batch_is_json_with_the_drawn_events() {
        let workload = workload();
        let mut request = IngestRequest::batch(&Head::new("h:1", "sk_x"), 3);
        let bytes = String::from_utf8(request.filled(&workload, 70_000).to_vec()).unwrap();
        let (head, body) = bytes.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}", body.len())));
        let body: Value = serde_json::from_str(body).unwrap();
        let drawn = workload.event(70_001);
        let event = &body["events"][1];
        assert_eq!(event["properties"]["tokens"].as_u64(), Some(u64::from(drawn.tokens)));
        assert_eq!(event["external_customer_id"], format!("c-{:07}", drawn.customer));
        assert_ne!(event["event_id"], body["events"][2]["event_id"]);
        assert!(event["timestamp"].as_str().unwrap().starts_with("2025-10-0"));
    }

    #[test]
    fn lines_hold_the_same_events() {
        let workload = workload();
        let mut lines = Vec::new();
        write_lines(&workload, 5..7, &mut lines);
        let text = String::from_utf8(lines).unwrap();
        let fields: Vec<&str> = text.lines().next().unwrap().split('\t').collect();
        let drawn = workload.event(5);
        assert_eq!(fields.len(), 5);
        assert_eq!(fields[2], format!("c-{:07}", drawn.customer));
        let properties: Value = serde_json::from_str(fields[4]).unwrap();
        assert_eq!(properties["tokens"].as_u64(), Some(u64::from(drawn.tokens)));
    }
}
