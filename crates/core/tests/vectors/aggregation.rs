//! Runs `vectors/aggregation.json` through the pure functions: deduplicate, choose the customer, fold, compare.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use tariff_core::aggregation::{
    Basis, Dimension, EventView, Meter, Period, RawAggregation, Usage, UsageFold, UsageGroup, UsageQuestion,
    WindowGrid, time_zone_or_utc,
};
use tariff_core::{Decimal, Timestamp};

/// The outcome of every case, by name.
pub fn run(cases: &[Value]) -> Vec<(String, Result<(), String>)> {
    let name = |case: &Value| case["name"].as_str().unwrap_or("unnamed").to_owned();
    cases.iter().map(|case| (name(case), check(case))).collect()
}

fn check(case: &Value) -> Result<(), String> {
    let (given, expected) = (&case["given"], &case["expect"]);
    let request = &given["request"];
    let endpoint = given["endpoint"].as_str().unwrap_or_default();
    let analytics = endpoint == "POST /events/analytics";
    let meter = if endpoint == "POST /events/usage" {
        ad_hoc(request)?
    } else {
        defined(&given["meter"])?
    };
    if let Some(kind) = expected["type"].as_str() {
        same("type", meter.aggregation().kind().as_str(), kind)?;
    }
    let question = question(meter, if analytics { Basis::Recorded } else { Basis::Raw }, given)?;
    let groups = fold(&question, given)?;
    let tolerance = match (&expected["tolerance"], analytics) {
        (Value::Null, true) => Decimal::zero(),
        (Value::Null, false) => Decimal::new(1, 9),
        (tolerance, _) => number(tolerance)?,
    };
    if let Some(items) = expected["items"].as_array() {
        return items_match(&question, &groups, items, &tolerance);
    }
    let usage = &groups.first().ok_or("no answer")?.usage;
    if analytics {
        row_matches(usage, expected, &tolerance)
    } else {
        raw_matches(usage, &question, expected, &tolerance)
    }
}

fn defined(meter: &Value) -> Result<Meter, String> {
    let definition = serde_json::from_value(meter.clone()).map_err(|error| error.to_string())?;
    Meter::new(&definition).map_err(|error| error.to_string())
}

fn ad_hoc(request: &Value) -> Result<Meter, String> {
    let text = |key: &str| request[key].as_str().unwrap_or_default();
    let multiplier = &request["multiplier"];
    let query = RawAggregation {
        kind: text("aggregation_type")
            .parse()
            .map_err(|_| "unknown aggregation type")?,
        property_name: text("property_name").to_owned(),
        multiplier: if multiplier.is_null() {
            None
        } else {
            Some(number(multiplier)?)
        },
        bucket_size: text("bucket_size").parse().ok(),
        group_by: None,
    };
    Meter::ad_hoc(text("event_name"), &query).map_err(|error| error.to_string())
}

fn question(meter: Meter, basis: Basis, given: &Value) -> Result<UsageQuestion, String> {
    let request = &given["request"];
    let period = Period {
        start: instant(&request["start_time"])?,
        end: instant(&request["end_time"])?,
    };
    let mut question = UsageQuestion::new(Arc::new(meter), basis, period);
    let zone_name = request["timezone"]
        .as_str()
        .or(given["customer_timezone"].as_str())
        .unwrap_or_default();
    if let Some(size) = request["window_size"].as_str() {
        let anchor = request["billing_anchor"].as_str().map(anchor_day).transpose()?;
        let size = size.parse().map_err(|_| "unknown window size")?;
        question.windows = Some(WindowGrid::new(size, time_zone_or_utc(zone_name), anchor));
    }
    if basis == Basis::Raw {
        question.bucket_zone = time_zone_or_utc(zone_name);
    }
    for key in ["filters", "property_filters"] {
        if !request[key].is_null() {
            question.filters = serde_json::from_value(request[key].clone()).map_err(|error| error.to_string())?;
        }
    }
    let sources = request["sources"].as_array().into_iter().flatten();
    question.sources = sources.filter_map(Value::as_str).map(str::to_owned).collect();
    let dimensions = request["group_by"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    question.group_by = dimensions
        .map(|name| match name.strip_prefix("properties.") {
            Some(key) => Dimension::Property(key.to_owned()),
            None => Dimension::Source,
        })
        .collect();
    Ok(question)
}

fn fold(question: &UsageQuestion, given: &Value) -> Result<Vec<UsageGroup>, String> {
    // The last delivery of an id replaces the earlier ones.
    let mut last: BTreeMap<&str, (u64, &Value)> = BTreeMap::new();
    for (order, event) in (0..).zip(given["events"].as_array().into_iter().flatten()) {
        last.insert(event["event_id"].as_str().ok_or("event without id")?, (order, event));
    }
    let customer = given["request"]["external_customer_id"].as_str();
    let mut fold = UsageFold::new(question);
    for (order, event) in last.into_values() {
        let same_name = event["event_name"].as_str().map(str::trim) == Some(question.meter.event_name());
        if !same_name || customer.is_some_and(|customer| event["external_customer_id"] != customer) {
            continue;
        }
        let timestamp = instant(&event["timestamp"])?;
        let properties = event.get("properties").map(Value::to_string);
        let view = EventView {
            timestamp,
            ingested_at: timestamp,
            order,
            source: event["source"].as_str().unwrap_or_default(),
            properties: properties.as_deref(),
        };
        fold.add(view).map_err(|error| error.to_string())?;
    }
    Ok(fold.finish().groups)
}

fn items_match(
    question: &UsageQuestion,
    groups: &[UsageGroup],
    items: &[Value],
    tolerance: &Decimal,
) -> Result<(), String> {
    same("number of items", &groups.len().to_string(), &items.len().to_string())?;
    for item in items {
        let text = |dimension: &Dimension| match dimension {
            Dimension::Source => item["source"].as_str().map(str::to_owned),
            Dimension::Property(key) => item["properties"][key].as_str().map(str::to_owned),
        };
        let wanted: Vec<Option<String>> = question.group_by.iter().map(text).collect();
        let group = groups.iter().find(|group| group.dimensions == wanted);
        let group = group.ok_or_else(|| format!("no item for {wanted:?}"))?;
        row_matches(&group.usage, item, tolerance)?;
    }
    Ok(())
}

fn row_matches(usage: &Usage, expected: &Value, tolerance: &Decimal) -> Result<(), String> {
    close("total_usage", &usage.value, &expected["total_usage"], tolerance)?;
    if let Some(count) = expected["event_count"].as_u64() {
        same("event_count", &usage.event_count.to_string(), &count.to_string())?;
    }
    let Some(points) = expected["points"].as_array() else {
        return Ok(());
    };
    same(
        "number of points",
        &usage.windows.len().to_string(),
        &points.len().to_string(),
    )?;
    for (window, point) in usage.windows.iter().zip(points) {
        same(
            "point",
            &window.start.to_string(),
            &instant(&point["timestamp"])?.to_string(),
        )?;
        close("point usage", &window.value, &point["usage"], tolerance)?;
        if let Some(count) = point["event_count"].as_u64() {
            same("point event_count", &window.event_count.to_string(), &count.to_string())?;
        }
    }
    Ok(())
}

fn raw_matches(usage: &Usage, question: &UsageQuestion, expected: &Value, tolerance: &Decimal) -> Result<(), String> {
    let (value, results) = usage.raw_results(question);
    close("value", &value, &expected["value"], tolerance)?;
    let Some(expected) = expected["results"].as_array() else {
        return Ok(());
    };
    same(
        "number of results",
        &results.len().to_string(),
        &expected.len().to_string(),
    )?;
    for (result, expected) in results.iter().zip(expected) {
        same(
            "window",
            &result.start.to_string(),
            &instant(&expected["window_size"])?.to_string(),
        )?;
        close("window value", &result.value, &expected["value"], tolerance)?;
    }
    Ok(())
}

fn instant(value: &Value) -> Result<Timestamp, String> {
    let text = value.as_str().ok_or("missing time")?;
    text.parse().map_err(|error| format!("{text}: {error}"))
}

/// The calendar day as written, whatever its offset.
fn anchor_day(text: &str) -> Result<i8, String> {
    text.get(8..10)
        .and_then(|day| day.parse().ok())
        .ok_or_else(|| format!("{text}: no day"))
}

fn number(value: &Value) -> Result<Decimal, String> {
    serde_json::from_value(value.clone()).map_err(|error| error.to_string())
}

fn same(what: &str, actual: &str, expected: &str) -> Result<(), String> {
    if actual == expected {
        Ok(())
    } else {
        Err(format!("{what}: {actual}, expected {expected}"))
    }
}

/// Compares numerically; an absent expectation is zero.
fn close(what: &str, actual: &Decimal, expected: &Value, tolerance: &Decimal) -> Result<(), String> {
    let expected = if expected.is_null() {
        Decimal::zero()
    } else {
        number(expected)?
    };
    if (actual - &expected).abs() <= *tolerance {
        Ok(())
    } else {
        Err(format!("{what}: {actual}, expected {expected}"))
    }
}
