//! More events than the server can take: a clear refusal, nothing lost, nothing kept waiting (spec 02 §3.3).

use std::collections::BTreeSet;

use axum::body::{Body, Bytes};
use axum::http::header::RETRY_AFTER;
use axum::http::{Response, StatusCode};
use futures::channel::mpsc;
use futures::{SinkExt, join};
use serde_json::{Value, json};
use tariff_http::HttpOptions;
use tariff_usage::{EmbeddedOptions, UsageLog};

use crate::support::Server;

const MEBIBYTE: usize = 1024 * 1024;

fn batch(number: usize, events: usize) -> Value {
    let event = |index: usize| {
        json!({
            "event_id": format!("{number}-{index}"), "event_name": "api_call", "external_customer_id": "cust_1",
            "properties": {"text": "x".repeat(64)},
        })
    };
    json!({"events": (0..events).map(event).collect::<Vec<_>>()})
}

#[track_caller]
fn expect_try_again(response: &Response<Body>) {
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let seconds: u32 = response.headers()[RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!(seconds > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_full_queue_refuses_and_loses_nothing() {
    let small = EmbeddedOptions {
        queue_bytes_max: 8 * 1024,
        ..EmbeddedOptions::default()
    };
    let server = Server::start_with(small, HttpOptions::default(), |_| ()).await;
    let send = |body: &Value| server.respond("POST", "/v1/events/bulk", Body::from(body.to_string()));
    let refused = send(&batch(0, 100)).await;
    expect_try_again(&refused);
    let body = axum::body::to_bytes(refused.into_body(), usize::MAX).await.unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (&body["code"], &body["http_status_code"]),
        (&json!("service_unavailable"), &json!(503))
    );
    assert_eq!(server.log.stats().event_count, 0, "a refused batch left events behind");

    let batches: Vec<Value> = (1..=40).map(|number| batch(number, 5)).collect();
    let answers = futures::future::join_all(batches.iter().map(&send)).await;
    let mut acknowledged = BTreeSet::new();
    let mut again = Vec::new();
    for (body, answer) in batches.iter().zip(&answers) {
        if answer.status() == StatusCode::ACCEPTED {
            acknowledged.extend(ids(body));
        } else {
            expect_try_again(answer);
            again.push(body);
        }
    }
    assert_eq!(stored(&server).await, acknowledged);
    for body in again {
        assert_eq!(send(body).await.status(), StatusCode::ACCEPTED);
    }
    assert_eq!(stored(&server).await.len(), 200);
    assert_eq!(server.log.stats().queue_free_bytes, 8 * 1024);
}

fn ids(batch: &Value) -> Vec<String> {
    let events = batch["events"].as_array().unwrap().iter();
    events
        .map(|event| event["event_id"].as_str().unwrap().to_owned())
        .collect()
}

async fn stored(server: &Server) -> BTreeSet<String> {
    server.listed(&json!({"page_size": 1000})).await.into_iter().collect()
}

#[tokio::test]
async fn bodies_beyond_the_memory_are_refused_while_others_arrive() {
    let least = HttpOptions {
        ingestion_memory_bytes: 0,
    };
    let server = Server::start_with(EmbeddedOptions::default(), least, |_| ()).await;
    let padded = |id: &str| {
        let event = json!({"event_id": id, "event_name": "api_call", "external_customer_id": "cust_1"});
        let mut body = event.to_string().into_bytes();
        body.resize(20 * MEBIBYTE, b' ');
        body
    };
    let (mut sender, receiver) = mpsc::channel::<std::io::Result<Bytes>>(0);
    let slow = server.respond("POST", "/v1/events", Body::from_stream(receiver));
    let meanwhile = async {
        sender.send(Ok(padded("slow").into())).await.unwrap();
        // Taken up once the next piece is asked for.
        sender.send(Ok(Bytes::from_static(b" "))).await.unwrap();
        let refused = server
            .respond("POST", "/v1/events", Body::from(padded("refused")))
            .await;
        // Small requests still fit, and other routes are not concerned.
        let small = json!({"event_id": "small", "event_name": "api_call", "external_customer_id": "cust_1"});
        server.post("/v1/events", &small).await.expect(202);
        server.post("/v1/events/query", &json!({})).await.expect(200);
        drop(sender);
        refused
    };
    let (slow, refused) = join!(slow, meanwhile);
    expect_try_again(&refused);
    assert_eq!(slow.status(), StatusCode::ACCEPTED);
    assert_eq!(
        stored(&server).await,
        BTreeSet::from(["slow".to_owned(), "small".to_owned()])
    );
    server.post_bytes("/v1/events", padded("refused")).await.expect(202);
}

#[tokio::test]
async fn only_ingestion_takes_large_bodies() {
    let server = Server::start().await;
    let padded = |bytes: usize| {
        let mut body = json!({"event_name": "api_call", "external_customer_id": "cust_1", "events": []});
        body["events"] = json!([{"event_name": "api_call", "external_customer_id": "cust_1"}]);
        let mut body = body.to_string().into_bytes();
        body.resize(bytes, b' ');
        body
    };
    for path in ["/v1/events", "/v1/events/bulk", "/v1/events/raw/bulk"] {
        server.post_bytes(path, padded(32 * MEBIBYTE)).await.expect(202);
        let refused = server.post_bytes(path, padded(32 * MEBIBYTE + 1)).await;
        let message = refused.1["message"].as_str().unwrap_or_default().to_owned();
        refused.expect_error(400, "validation_error");
        assert!(message.contains("split"), "{path}: {message}");
    }
    for path in [
        "/v1/events/query",
        "/v1/events/analytics",
        "/v1/events/raw/reprocess/all",
    ] {
        server
            .post_bytes(path, padded(MEBIBYTE + 1))
            .await
            .expect_error(400, "validation_error");
    }
}
