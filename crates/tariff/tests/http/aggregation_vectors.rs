//! Replays `vectors/aggregation.json` over HTTP: events in, the question, the answer (spec 02 §8).

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::aggregation_case::Case;
use crate::support::client::Client;
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(every_shared_case_of_aggregation);

/// Cases that run at the same time; they mostly wait for the disk.
const WORKERS: usize = 4;

fn every_shared_case_of_aggregation(place: &Place) {
    let server = place.server().client();
    let cases = Case::all();
    let failures = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(reason) = check(&server, case) {
                        failures.lock().unwrap().push(format!("{}: {reason}", case.name()));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(
        failures.is_empty(),
        "{} of {} cases of aggregation.json fail:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
    println!("aggregation vectors over HTTP: {} passed", cases.len());
}

/// Each case has a tenant of its own, because they use the same names and ids.
fn check(server: &Client, case: &Case) -> Result<(), String> {
    let path = case.path()?;
    let api = Tenant::sign_up(server).api;
    if let Some(customer) = case.customer() {
        api.post("/v1/customers", &customer).expect(201);
    }
    let measured = case.meter().map(|meter| {
        let meter = api.post("/v1/meters", &meter).expect(201);
        let feature = api.post("/v1/features", &Case::feature(&meter)).expect(201);
        (meter, feature)
    });
    for event in case.events() {
        api.post("/v1/events", &event).expect(202);
    }
    let request = case.request(measured.as_ref().map(|(meter, feature)| (meter, feature)));
    let reply = api.post(&path, &request);
    case.check(reply.status, &reply.json())
}
