//! The traces: one row a request to a language model, each of which becomes one event.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::catalog::EVENT_NAME;
use crate::AnyError;

/// The traces travel inside the program, so that it can be tried without anything beside it.
const CODE_CSV: &str = include_str!("../../../../examples/azure-llm-2023/code.csv");
const CONV_CSV: &str = include_str!("../../../../examples/azure-llm-2023/conv.csv");

/// The requests of one customer.
pub struct Trace {
    /// External id of the customer.
    pub customer: &'static str,
    /// Name of the customer.
    pub customer_name: &'static str,
    /// One event a request, in the order of the file.
    pub events: Vec<Event>,
}

/// One usage event as it is sent.
#[derive(Debug, Serialize)]
pub struct Event {
    /// The same for the same row, so that loading a file twice changes nothing.
    pub event_id: String,
    /// Always [`EVENT_NAME`].
    pub event_name: &'static str,
    /// External id of the customer.
    pub external_customer_id: &'static str,
    /// RFC 3339, UTC.
    pub timestamp: String,
    /// What the meters read.
    pub properties: Properties,
}

/// The measured properties of a request. They are text, as the contract types them.
#[derive(Debug, Serialize)]
pub struct Properties {
    /// Tokens the model read.
    pub input_tokens: String,
    /// Tokens the model wrote.
    pub output_tokens: String,
}

#[derive(Deserialize)]
struct Row {
    #[serde(rename = "TIMESTAMP")]
    timestamp: String,
    #[serde(rename = "ContextTokens")]
    input_tokens: String,
    #[serde(rename = "GeneratedTokens")]
    output_tokens: String,
}

/// Both traces: those inside the program or, if `folder` is given, its `code.csv` and `conv.csv`.
///
/// # Errors
/// When a file cannot be read or a row is not of the expected form.
pub fn all(folder: Option<&Path>) -> Result<[Trace; 2], AnyError> {
    Ok([
        read(folder, "code", "Code completion", CODE_CSV)?,
        read(folder, "conv", "Chat assistant", CONV_CSV)?,
    ])
}

fn read(
    folder: Option<&Path>,
    customer: &'static str,
    customer_name: &'static str,
    embedded: &str,
) -> Result<Trace, AnyError> {
    let events = match folder {
        None => parse(customer, embedded)?,
        Some(folder) => {
            let file = folder.join(format!("{customer}.csv"));
            let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            parse(customer, &text)?
        }
    };
    Ok(Trace {
        customer,
        customer_name,
        events,
    })
}

fn parse(customer: &'static str, text: &str) -> Result<Vec<Event>, AnyError> {
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let events = rows.deserialize().enumerate().map(|(index, row)| {
        let Row {
            timestamp,
            input_tokens,
            output_tokens,
        } = row?;
        Ok(Event {
            event_id: format!("azure-llm-2023-{customer}-{:05}", index + 1),
            event_name: EVENT_NAME,
            external_customer_id: customer,
            // The file has `2023-11-16 18:17:03.9799600`, in UTC.
            timestamp: format!("{}Z", timestamp.replacen(' ', "T", 1)),
            properties: Properties {
                input_tokens,
                output_tokens,
            },
        })
    });
    events.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_traces_hold_what_their_description_says() {
        let [code, conv] = all(None).unwrap();
        let sums = |trace: &Trace| {
            let sum = |of: fn(&Properties) -> &String| -> u64 {
                trace
                    .events
                    .iter()
                    .map(|event| of(&event.properties).parse::<u64>().unwrap())
                    .sum()
            };
            (trace.events.len(), sum(|p| &p.input_tokens), sum(|p| &p.output_tokens))
        };
        assert_eq!(sums(&code), (8_819, 18_059_974, 245_896));
        assert_eq!(sums(&conv), (19_366, 22_361_870, 4_088_665));
    }

    #[test]
    fn a_row_becomes_an_event_with_an_id_of_its_own() {
        let [code, _] = all(None).unwrap();
        assert_eq!(code.events[0].event_id, "azure-llm-2023-code-00001");
        assert_eq!(code.events[0].timestamp, "2023-11-16T18:17:03.9799600Z");
        assert_eq!(code.events[0].properties.input_tokens, "4808");
        assert!(code.events[0].timestamp.parse::<tariff_core::Timestamp>().is_ok());
    }
}
