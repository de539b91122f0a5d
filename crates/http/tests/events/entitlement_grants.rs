//! What is told when an entitlement grant is used up, and that workers do not tell it twice (spec 03 §5.11, spec 07 §4.3).

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use serde_json::{Value, json};
use tariff_engine::worker;
use tokio::sync::watch;

use crate::support::Server;

/// The event of a grant that is used up.
const EXHAUSTED: &str = "entitlement.grant.exhausted";

/// A server with a subscription whose plan includes 10 units a day, of which 15 were used on 20 January.
async fn used_up() -> (Server, Value, Value) {
    let server = Server::start().await;
    let feature = server.feature("Units", json!({"type": "SUM", "field": "v"})).await;
    let price = json!({"billing_model": "FLAT_FEE", "amount": "0.10"});
    let subscription = server.subscribe(&feature, price).await;
    let entitlement = json!({
        "plan_id": subscription["plan_id"], "feature_id": feature["id"], "feature_type": "metered",
        "grant_measure": "quantity", "grant_quota": "10", "grant_duration_unit": "day", "grant_duration_value": 1,
    });
    let entitlement = server.post("/v1/entitlements", &entitlement).await.expect(201);
    server
        .ingest(&[
            ("a", "2026-01-20T08:00:00Z", json!({"v": 6})),
            ("b", "2026-01-20T09:00:00Z", json!({"v": 9})),
        ])
        .await;
    (server, subscription, entitlement)
}

/// Runs two workers until something holds, for ten seconds at most.
async fn work(server: &Server, until: impl AsyncFn() -> bool) {
    work_for(server, 200, until).await;
}

/// Runs two workers for a second, in which they do what is due.
async fn work_a_while(server: &Server) {
    work_for(server, 20, async || false).await;
}

async fn work_for(server: &Server, looks: usize, until: impl AsyncFn() -> bool) {
    let (stop, stopped) = watch::channel(false);
    let workers = [(); 2].map(|()| tokio::spawn(worker::run(Arc::clone(&server.engine), stopped.clone())));
    for _ in 0..looks {
        if until().await {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.send(true).unwrap();
    for worker in workers {
        worker.await.unwrap();
    }
}

#[tokio::test]
async fn a_used_up_grant_is_told_once_by_however_many_workers() {
    let (server, subscription, entitlement) = used_up().await;
    work(&server, async || !server.outbox(EXHAUSTED).await.is_empty()).await;
    server.ingest(&[("c", "2026-01-20T10:00:00Z", json!({"v": 5}))]).await;
    // A round later nothing is told again, and after a day the next grant is told of.
    server.set_time("2026-01-20T12:05:00Z");
    work_a_while(&server).await;
    let told = server.outbox(EXHAUSTED).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].entity_type, "entitlement_grant");
    assert!(told[0].entity_id.starts_with("eg_"), "{}", told[0].entity_id);
    assert_eq!(
        told[0].payload.0,
        json!({
            "event_type": EXHAUSTED,
            "subscription_id": subscription["id"],
            "customer_id": subscription["customer_id"],
            "entitlement_id": entitlement["id"],
            "entitlement_grant_id": told[0].entity_id,
            "alert_type": "entitlement_grant_exhausted",
            "alert_status": "in_alarm",
            "usage_ratio": "1.5",
            "triggered_at": "2026-01-20T12:00:00Z",
        })
    );
    server.set_time("2026-01-21T12:00:00Z");
    server.ingest(&[("d", "2026-01-21T11:00:00Z", json!({"v": 10}))]).await;
    work(&server, async || server.outbox(EXHAUSTED).await.len() == 2).await;
    let told = server.outbox(EXHAUSTED).await;
    assert_eq!((told.len(), &told[1].payload.0["usage_ratio"]), (2, &json!("1")));
}

#[tokio::test]
async fn nothing_is_told_below_the_quota_or_of_a_cancelled_subscription() {
    let (server, subscription, entitlement) = used_up().await;
    let raise = json!({"grant_quota": "15.1"});
    let path = format!("/v1/entitlements/{}", entitlement["id"].as_str().unwrap());
    server.put(&path, &raise).await.expect(200);
    work_a_while(&server).await;
    assert!(server.outbox(EXHAUSTED).await.is_empty());
    // The grant that is open is still measured, but none is opened any more.
    let path = format!("/v1/subscriptions/{}/cancel", subscription["id"].as_str().unwrap());
    let now = json!({"cancellation_type": "immediate"});
    server.post(&path, &now).await.expect(200);
    server.set_time("2026-01-22T12:00:00Z");
    server
        .ingest(&[
            ("c", "2026-01-20T10:00:00Z", json!({"v": 5})),
            ("d", "2026-01-22T11:00:00Z", json!({"v": 50})),
        ])
        .await;
    work(&server, async || !server.outbox(EXHAUSTED).await.is_empty()).await;
    assert_eq!(server.outbox(EXHAUSTED).await.len(), 1);
}

#[tokio::test]
async fn a_deletion_that_is_repeated_is_told_once() {
    let (server, _, entitlement) = used_up().await;
    let path = format!("/v1/entitlements/{}", entitlement["id"].as_str().unwrap());
    for _ in 0..2 {
        assert_eq!(server.respond("DELETE", &path, Body::empty()).await.status(), 200);
    }
    assert_eq!(server.outbox("entitlement.deleted").await.len(), 1);
}
