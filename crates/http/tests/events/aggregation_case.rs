//! One case of `vectors/aggregation.json` or `vectors/aggregation_minimum.json`: what to set up, what to ask, and whether
//! the answer is right (spec 02 §8). The router tests and the black-box tests replay the same cases, each with its own
//! client.

use serde_json::{Value, json};
use tariff_core::{Decimal, Timestamp};

/// A case.
pub struct Case(Value);

impl Case {
    /// All of them.
    pub fn all() -> Vec<Self> {
        let files = [
            include_str!("../../../../vectors/aggregation.json"),
            include_str!("../../../../vectors/aggregation_minimum.json"),
        ];
        let cases = files.map(|file| serde_json::from_str::<Vec<Value>>(file).unwrap());
        cases.into_iter().flatten().map(Self).collect()
    }

    /// Its name.
    pub fn name(&self) -> String {
        self.0["name"].to_string()
    }

    /// The route to ask.
    pub fn path(&self) -> Result<String, String> {
        let endpoint = self.given("endpoint").as_str().unwrap_or_default();
        let path = endpoint.strip_prefix("POST ").map(|path| format!("/v1{path}"));
        path.ok_or_else(|| format!("no way to ask {endpoint}"))
    }

    /// The customer to create, where its zone matters.
    pub fn customer(&self) -> Option<Value> {
        let timezone = self.given("customer_timezone").as_str()?;
        let external_id = &self.given("request")["external_customer_id"];
        Some(json!({"external_id": external_id, "name": external_id, "timezone": timezone}))
    }

    /// The meter to create before the events.
    pub fn meter(&self) -> Option<Value> {
        let mut meter = self.given("meter").clone();
        meter.as_object_mut()?.insert("name".to_owned(), json!("m"));
        Some(meter)
    }

    /// The feature to create on that meter.
    pub fn feature(meter: &Value) -> Value {
        json!({"name": "f", "type": "metered", "meter_id": meter["id"]})
    }

    /// The events, in the order of delivery.
    pub fn events(&self) -> Vec<Value> {
        self.given("events").as_array().cloned().unwrap_or_default()
    }

    /// The question, about the meter and its feature if there are any.
    pub fn request(&self, meter_and_feature: Option<(&Value, &Value)>) -> Value {
        let mut request = self.given("request").clone();
        if let Some((meter, feature)) = meter_and_feature {
            request["meter_id"] = meter["id"].clone();
            request["feature_ids"] = json!([feature["id"]]);
        }
        request
    }

    /// Whether the answer is the expected one.
    pub fn check(&self, status: u16, answer: &Value) -> Result<(), String> {
        if status != 200 {
            return Err(format!("answered {status}: {answer}"));
        }
        let expected = &self.0["expect"];
        if self.given("endpoint") == "POST /events/analytics" {
            analytics(answer, expected)
        } else {
            raw(answer, expected)
        }
    }

    fn given(&self, member: &str) -> &Value {
        &self.0["given"][member]
    }
}

fn raw(answer: &Value, expected: &Value) -> Result<(), String> {
    let tolerance = tolerance(expected, "0.000000001");
    if expected["type"].is_string() && answer["type"] != expected["type"] {
        return Err(format!("type {}", answer["type"]));
    }
    close("value", &answer["value"], &expected["value"], &tolerance)?;
    let Some(wanted) = expected["results"].as_array() else {
        return Ok(());
    };
    let none = Vec::new();
    let results = answer["results"].as_array().unwrap_or(&none);
    if results.len() != wanted.len() {
        return Err(format!("{} results, expected {}", results.len(), wanted.len()));
    }
    for (result, wanted) in results.iter().zip(wanted) {
        same_instant(&result["window_size"], &wanted["window_size"])?;
        close("result", &result["value"], &wanted["value"], &tolerance)?;
    }
    Ok(())
}

fn analytics(answer: &Value, expected: &Value) -> Result<(), String> {
    let items = answer["items"].as_array().ok_or("no items")?;
    let tolerance = tolerance(expected, "0");
    if let Some(wanted) = expected["items"].as_array() {
        if items.len() != wanted.len() {
            return Err(format!("{} items, expected {}: {answer}", items.len(), wanted.len()));
        }
        let key = |item: &Value| {
            (
                item["source"].as_str().unwrap_or_default().to_owned(),
                item["properties"].clone(),
            )
        };
        for wanted in wanted {
            let item = items.iter().find(|item| key(item) == key(wanted));
            row(
                item.ok_or_else(|| format!("no item {:?} in {answer}", key(wanted)))?,
                wanted,
                &tolerance,
            )?;
        }
        return Ok(());
    }
    match items.as_slice() {
        [item] => row(item, expected, &tolerance),
        [] => row(&json!({}), expected, &tolerance),
        _ => Err(format!("{} items", items.len())),
    }
}

fn row(item: &Value, expected: &Value, tolerance: &Decimal) -> Result<(), String> {
    close("total_usage", &item["total_usage"], &expected["total_usage"], tolerance)?;
    if let Some(count) = expected["event_count"].as_u64()
        && item["event_count"].as_u64().unwrap_or_default() != count
    {
        return Err(format!("event_count {}, expected {count}", item["event_count"]));
    }
    let Some(wanted) = expected["points"].as_array() else {
        return Ok(());
    };
    let none = Vec::new();
    let points = item["points"].as_array().unwrap_or(&none);
    if points.len() != wanted.len() {
        return Err(format!("{} points, expected {}", points.len(), wanted.len()));
    }
    for (point, wanted) in points.iter().zip(wanted) {
        same_instant(&point["timestamp"], &wanted["timestamp"])?;
        close("point", &point["usage"], &wanted["usage"], tolerance)?;
        if wanted["event_count"].is_u64() && point["event_count"] != wanted["event_count"] {
            return Err(format!("point event_count {}", point["event_count"]));
        }
    }
    Ok(())
}

fn same_instant(actual: &Value, expected: &Value) -> Result<(), String> {
    let instant = |value: &Value| value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    if instant(actual).is_some() && instant(actual) == instant(expected) {
        Ok(())
    } else {
        Err(format!("window {actual}, expected {expected}"))
    }
}

fn tolerance(expected: &Value, default: &str) -> Decimal {
    number(&expected["tolerance"]).unwrap_or_else(|| default.parse().unwrap_or_default())
}

fn number(value: &Value) -> Option<Decimal> {
    serde_json::from_value(value.clone()).ok()
}

/// Compares numerically; absent is zero on both sides.
fn close(what: &str, actual: &Value, expected: &Value, tolerance: &Decimal) -> Result<(), String> {
    let difference = &number(actual).unwrap_or_default() - &number(expected).unwrap_or_default();
    if difference.abs() <= *tolerance {
        Ok(())
    } else {
        Err(format!("{what} {actual}, expected {expected}"))
    }
}
