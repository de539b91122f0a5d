//! The tables at the end of the demo: usage by feature, and the invoices.

use serde_json::{Value, json};
use tabled::settings::object::Columns;
use tabled::settings::{Alignment, Style};
use tabled::{Table, Tabled};
use tariff_core::{Currency, Decimal};

use super::api::{Api, string_at};
use super::catalog::{Catalog, Feature};
use super::trace::Trace;
use super::{MONTH_END, MONTH_START};
use crate::AnyError;

#[derive(Tabled)]
#[tabled(rename_all = "Upper Title Case")]
struct UsageRow {
    customer: &'static str,
    input_tokens: String,
    output_tokens: String,
    requests: String,
}

#[derive(Tabled)]
#[tabled(rename_all = "Upper Title Case")]
struct LineRow {
    line: String,
    quantity: String,
    included: String,
    amount: String,
}

/// Prints usage and finalized invoices of every customer.
///
/// # Errors
/// When an answer of the server is not what its contract promises.
pub async fn print(api: &Api, catalog: &Catalog, traces: &[Trace]) -> Result<(), AnyError> {
    let mut rows = Vec::new();
    for trace in traces {
        let [input, output, requests] = &catalog.features;
        rows.push(UsageRow {
            customer: trace.customer,
            input_tokens: usage(api, trace, input).await?,
            output_tokens: usage(api, trace, output).await?,
            requests: usage(api, trace, requests).await?,
        });
    }
    println!("\nUsage of November 2023\n{}", table(&rows));
    for trace in traces {
        for invoice in invoices(api, trace).await? {
            print_invoice(trace, &invoice)?;
        }
    }
    Ok(())
}

async fn usage(api: &Api, trace: &Trace, feature: &Feature) -> Result<String, AnyError> {
    let question = json!({
        "meter_id": feature.meter_id,
        "external_customer_id": trace.customer,
        "start_time": MONTH_START,
        "end_time": MONTH_END,
    });
    let answer = api.post("/v1/events/usage/meter", &question).await?;
    // A usage of zero is left out of the answer (spec 02 §3.6).
    decimal(answer.get("value").unwrap_or(&json!("0"))).map(|usage| grouped(&usage))
}

/// The finalized invoices of a customer, oldest first.
async fn invoices(api: &Api, trace: &Trace) -> Result<Vec<Value>, AnyError> {
    let filter = json!({
        "external_customer_id": trace.customer,
        "invoice_status": ["FINALIZED"],
        "order": "asc",
    });
    let mut answer = api.post("/v1/invoices/search", &filter).await?;
    match answer["items"].take() {
        Value::Array(items) if !items.is_empty() => Ok(items),
        _ => Err(format!("customer {} has no finalized invoice", trace.customer).into()),
    }
}

fn print_invoice(trace: &Trace, invoice: &Value) -> Result<(), AnyError> {
    let currency = Currency::parse(&string_at(invoice, "/currency")?)?;
    let money = |pointer: &str| -> Result<String, AnyError> { amount(invoice, pointer, &currency) };
    println!(
        "\n{} for {} ({}), {} to {}, {}",
        string_at(invoice, "/invoice_number")?,
        trace.customer_name,
        trace.customer,
        day(&string_at(invoice, "/period_start")?),
        day(&string_at(invoice, "/period_end")?),
        string_at(invoice, "/billing_reason")?,
    );
    let lines = invoice["line_items"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut rows = lines
        .iter()
        .map(|line| line_row(line, &currency))
        .collect::<Result<Vec<_>, _>>()?;
    rows.push(LineRow {
        line: "Total".to_owned(),
        quantity: String::new(),
        included: String::new(),
        amount: money("/total")?,
    });
    println!("{}", table(&rows));
    Ok(())
}

fn line_row(line: &Value, currency: &Currency) -> Result<LineRow, AnyError> {
    let included = match &line["adjusted_entitlement_quantity"] {
        Value::Null => String::new(),
        quantity => grouped(&decimal(quantity)?),
    };
    Ok(LineRow {
        line: string_at(line, "/display_name")?,
        quantity: grouped(&decimal(&line["quantity"])?),
        included,
        amount: amount(line, "/amount", currency)?,
    })
}

fn table<T: Tabled>(rows: &[T]) -> String {
    Table::new(rows)
        .with(Style::sharp())
        .modify(Columns::new(1..), Alignment::right())
        .to_string()
}

/// An amount with the digits of its currency: `5.00`, not `5`.
fn amount(value: &Value, pointer: &str, currency: &Currency) -> Result<String, AnyError> {
    let amount = decimal(value.pointer(pointer).unwrap_or(&Value::Null))?;
    Ok(with_digits(
        &currency.round(&amount).to_plain_string(),
        currency.digits(),
    ))
}

fn with_digits(plain: &str, digits: u32) -> String {
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    if digits == 0 {
        return whole.to_owned();
    }
    let width = usize::try_from(digits).unwrap_or(usize::MAX);
    format!("{whole}.{fraction:0<width$}")
}

/// Reads a decimal that is text or, in the few places where the contract has it so, a JSON number.
fn decimal(value: &Value) -> Result<Decimal, AnyError> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            return Err(format!("expected a decimal, got {value}").into());
        }
    };
    Ok(text.parse()?)
}

/// `18059974` as `18,059,974`.
fn grouped(number: &Decimal) -> String {
    let plain = number.to_plain_string();
    let (whole, fraction) = match plain.split_once('.') {
        Some((whole, fraction)) => (whole, format!(".{fraction}")),
        None => (plain.as_str(), String::new()),
    };
    let mut text = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + &fraction
}

/// The date of an RFC 3339 instant.
fn day(instant: &str) -> &str {
    instant.split('T').next().unwrap_or(instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_show_the_digits_of_their_currency() {
        assert_eq!(with_digits("5", 2), "5.00");
        assert_eq!(with_digits("41.1", 2), "41.10");
        assert_eq!(with_digits("5", 0), "5");
    }

    #[test]
    fn large_quantities_are_grouped_by_thousands() {
        for (number, text) in [
            ("0", "0"),
            ("999", "999"),
            ("8819", "8,819"),
            ("18059974.5", "18,059,974.5"),
        ] {
            assert_eq!(grouped(&number.parse().unwrap()), text);
        }
    }
}
