//! Imports against a server that misbehaves on purpose.

use std::fs;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::Value;

use super::run;
use crate::cli::transfer::{ImportEventsArgs, ServerArgs};

/// The batches that were taken, in their order, by the source of their first event.
type Taken = Arc<Mutex<Vec<String>>>;

/// Whether the server has no time for the first batch, knowing how often it came before and what else was taken.
type Busy = fn(usize, &[String]) -> bool;

async fn server(busy: Busy) -> (String, Taken) {
    let taken = Taken::default();
    let (seen, tries) = (Arc::clone(&taken), Arc::new(Mutex::new(0)));
    let answer = move |body: String| async move {
        let body: Value = serde_json::from_str(&body).unwrap();
        let source = body["events"][0]["source"].as_str().unwrap().to_owned();
        let (mut seen, mut tries) = (seen.lock().unwrap(), tries.lock().unwrap());
        if source == "batch 0" {
            *tries += 1;
            if busy(*tries - 1, &seen) {
                return (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "1")]);
            }
        }
        seen.push(source);
        (StatusCode::ACCEPTED, [("retry-after", "")])
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/v1/events/bulk", post(answer));
    tokio::spawn(axum::serve(listener, router).into_future());
    (url, taken)
}

/// Imports three batches; `id` names the event of a batch and a row.
async fn import(busy: Busy, id: impl Fn(usize, usize) -> String) -> Vec<String> {
    drop(rustls::crypto::ring::default_provider().install_default());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.csv");
    let mut rows = "event_id,event_name,external_customer_id,source\n".to_owned();
    for batch in 0..3 {
        for row in 0..1_000 {
            rows.push_str(&format!("{},call,acme,batch {batch}\n", id(batch, row)));
        }
    }
    fs::write(&file, rows).unwrap();
    let (url, taken) = server(busy).await;
    let args = ImportEventsArgs {
        file,
        format: None,
        dry_run: false,
        allow_rejected: false,
        state: None,
        report: None,
        server: ServerArgs {
            url,
            api_key: Some("key".to_owned()),
            environment_id: None,
        },
    };
    run(args).await.unwrap();
    taken.lock().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_waits_for_the_one_that_names_the_same_id() {
    let id = |batch, row| match row {
        500 => "same".to_owned(),
        _ => format!("{batch}-{row}"),
    };
    let taken = import(|before, _| before == 0, id).await;
    assert_eq!(taken, ["batch 0", "batch 1", "batch 2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_with_nothing_in_common_do_not_wait() {
    let taken = import(|_, taken| taken.len() < 2, |batch, row| format!("{batch}-{row}")).await;
    assert_eq!(taken[2], "batch 0");
}
