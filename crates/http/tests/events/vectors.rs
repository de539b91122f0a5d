//! Replays `vectors/aggregation.json` and `vectors/aggregation_minimum.json` through the router (spec 02 §8).

use futures::StreamExt;
use serde_json::{Value, json};
use tariff_core::{Decimal, Timestamp};

use crate::support::Server;

const VECTORS: [&str; 2] = [
    include_str!("../../../../vectors/aggregation.json"),
    include_str!("../../../../vectors/aggregation_minimum.json"),
];

/// Servers that run at the same time; each case has its own, and they mostly wait for the disk.
const SERVERS_MAX: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn the_shared_vectors_hold() {
    let cases = VECTORS.map(|file| serde_json::from_str::<Vec<Value>>(file).unwrap());
    let cases = cases.concat();
    let total = cases.len();
    let outcomes = futures::stream::iter(cases).map(|case| async move {
        let name = case["name"].to_string();
        tokio::spawn(async move { check(&case).await })
            .await
            .unwrap()
            .map_err(|reason| format!("{name}: {reason}"))
    });
    let outcomes: Vec<_> = outcomes.buffer_unordered(SERVERS_MAX).collect().await;
    let failures: Vec<String> = outcomes.into_iter().filter_map(Result::err).collect();
    assert!(
        failures.is_empty(),
        "{} of {total} fail:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

async fn check(case: &Value) -> Result<(), String> {
    let given = &case["given"];
    let endpoint = given["endpoint"].as_str().unwrap();
    let path = endpoint
        .strip_prefix("POST ")
        .ok_or_else(|| format!("no way to ask {endpoint}"))?;
    let server = Server::start().await;
    if let Some(timezone) = given["customer_timezone"].as_str() {
        let external_id = &given["request"]["external_customer_id"];
        let customer = json!({"external_id": external_id, "name": external_id, "timezone": timezone});
        server.post("/v1/customers", &customer).await.expect(201);
    }
    let mut request = given["request"].clone();
    if given["meter"].is_object() {
        let mut meter = given["meter"].clone();
        meter["name"] = json!("m");
        let meter = server.post("/v1/meters", &meter).await.expect(201);
        request["meter_id"] = meter["id"].clone();
        let feature = json!({"name": "f", "type": "metered", "meter_id": meter["id"]});
        let feature = server.post("/v1/features", &feature).await.expect(201);
        request["feature_ids"] = json!([feature["id"]]);
    }
    let events = given["events"].as_array().unwrap();
    for event in events {
        server.post("/v1/events", event).await.expect(202);
    }
    let answer = server.post(&format!("/v1{path}"), &request).await;
    if answer.0 != 200 {
        return Err(format!("answered {}: {}", answer.0, answer.1));
    }
    let expected = &case["expect"];
    if path == "/events/analytics" {
        analytics(&answer.1, expected)
    } else {
        raw(&answer.1, expected)
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
    number(&expected["tolerance"]).unwrap_or_else(|| default.parse().unwrap())
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
