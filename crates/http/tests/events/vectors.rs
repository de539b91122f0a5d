//! Replays `vectors/aggregation.json` and `vectors/aggregation_minimum.json` through the router (spec 02 §8).

use futures::StreamExt;

use crate::aggregation_case::Case;
use crate::support::Server;

/// Servers that run at the same time; each case has its own, and they mostly wait for the disk.
const SERVERS_MAX: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn the_shared_vectors_hold() {
    let cases = Case::all();
    let total = cases.len();
    let outcomes = futures::stream::iter(cases).map(|case| async move {
        let name = case.name();
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

async fn check(case: &Case) -> Result<(), String> {
    let path = case.path()?;
    let server = Server::start().await;
    if let Some(customer) = case.customer() {
        server.post("/v1/customers", &customer).await.expect(201);
    }
    let mut measured = None;
    if let Some(meter) = case.meter() {
        let meter = server.post("/v1/meters", &meter).await.expect(201);
        let feature = server.post("/v1/features", &Case::feature(&meter)).await.expect(201);
        measured = Some((meter, feature));
    }
    for event in case.events() {
        server.post("/v1/events", &event).await.expect(202);
    }
    let request = case.request(measured.as_ref().map(|(meter, feature)| (meter, feature)));
    let answer = server.post(&path, &request).await;
    case.check(answer.0, &answer.1)
}
