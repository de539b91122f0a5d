//! `invoice.json`: totals, credit notes, payments, voids, numbers and due dates (spec 05 §9).

use serde_json::{Value, json};
use tariff_core::Timestamp;
use tariff_core::calendar::zone;
use tariff_core::invoice::{InvoiceNumbering, due_date};

use crate::support::{Case, Failure, input, run_each, text, unknown};

mod money;
mod totals;

pub fn run(cases: &[Case]) -> Vec<Failure> {
    run_each(cases, "kind", calculate)
}

fn calculate(kind: &str, given: &Value) -> Result<Value, String> {
    match kind {
        "invoice_total" => totals::invoice_total(given),
        "invoice_number" => invoice_number(given),
        "credit_note" => money::credit_note(given),
        "payment_sequence" => money::payment_sequence(given),
        "payment_status_update" => money::payment_status_update(given),
        "void" => money::void(given),
        "payment_split" => money::payment_split(given),
        "due_date" => invoice_due_date(given),
        _ => unknown(kind),
    }
}

fn invoice_number(given: &Value) -> Result<Value, String> {
    let config = &given["invoice_config"];
    let zone_name: String = input(&config["timezone"])?;
    let numbering = InvoiceNumbering {
        prefix: input(&config["prefix"])?,
        separator: input(&config["separator"])?,
        format: input(&config["format"])?,
        zone: zone(&zone_name),
        start_sequence: input(&config["start_sequence"])?,
        suffix_length: input(&config["suffix_length"])?,
    };
    let finalized_at: Timestamp = input(&given["finalized_at"])?;
    let sequence = numbering
        .next_sequence(input(&given["last_sequence_for_key"])?)
        .map_err(text)?;
    Ok(json!({ "invoice_number": numbering.number(finalized_at, sequence) }))
}

fn invoice_due_date(given: &Value) -> Result<Value, String> {
    let due = due_date(
        input(&given["period_end"])?,
        input(&given["payment_terms"])?,
        input(&given["due_date_days"])?,
    );
    Ok(json!({ "due_date": due.map_err(text)? }))
}
