//! Background workflows go on after the process was killed, and end as if it never had been (spec 03 §5.9).

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use rand::Rng;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::client::{Client, text};
use crate::support::databases::Place;
use crate::support::server::Server;
use crate::support::tenant::{Tenant, new_key};
use crate::support::workflow::{self, completed};

const SUBSCRIPTIONS: usize = 300;
const PRICES_PER_ROUND: usize = 2;
const FEATURES: usize = 200;
const PLANS: usize = 30;
const PAGE: usize = 1_000;
/// Longest wait for a step of a workflow; a killed worker's lease is over long before.
const PROGRESS_TIMEOUT: Duration = Duration::from_secs(90);

/// When a server is killed.
#[derive(Debug, Clone, Copy)]
enum Kill {
    /// Soon after the work was asked for.
    AtOnce,
    /// Once something more was done.
    AfterProgress,
}

/// A server that is killed and started again, and a tenant on it.
struct Crashing {
    folder: TempDir,
    database: Option<String>,
    server: Option<Server>,
    tenant: Tenant,
}

impl Crashing {
    fn begin(place: &Place) -> Self {
        let folder = place.new_folder();
        let database = place.database_url();
        let server = Server::start(folder.path(), database.as_deref());
        let tenant = Tenant::sign_up(&server.client());
        Self {
            folder,
            database,
            server: Some(server),
            tenant,
        }
    }

    fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    fn api(&self) -> Client {
        self.server().client().with_key(self.tenant.key())
    }

    /// Kills the server in the middle of a workflow and starts it again; tells whether it was in the middle.
    fn kill_amid(&mut self, started: &Value, when: Kill) -> bool {
        let path = workflow::path(started);
        let api = self.api();
        match when {
            Kill::AtOnce => thread::sleep(Duration::from_millis(rand::rng().random_range(0..50))),
            Kill::AfterProgress => {
                let progress = || api.get(&path).expect(200)["result"].clone();
                let (before, deadline) = (progress(), Instant::now() + PROGRESS_TIMEOUT);
                while progress() == before {
                    assert!(Instant::now() < deadline, "{path} does not get on");
                }
            }
        }
        self.server.take().unwrap().kill();
        self.server = Some(Server::start(self.folder.path(), self.database.as_deref()));
        let details = self.api().get(&path).expect(200);
        println!("killed {when:?}: {} {}", details["status"], details["result"]);
        details["status"] == "Running"
    }

    /// Every record of a list, page by page.
    fn all(&self, path: &str, filter: &Value) -> Vec<Value> {
        let mut found = Vec::new();
        loop {
            let mut filter = filter.clone();
            filter["limit"] = json!(PAGE);
            filter["offset"] = json!(found.len());
            let page = self.api().post(path, &filter).expect(200);
            let items = page["items"].as_array().unwrap();
            if items.is_empty() {
                return found;
            }
            found.extend(items.iter().cloned());
        }
    }
}

fn usage_price(plan_id: &str, meter_id: &str) -> Value {
    json!({
        "entity_type": "PLAN", "entity_id": plan_id, "currency": "usd", "price_unit_type": "FIAT",
        "billing_period": "MONTHLY", "billing_period_count": 1, "type": "USAGE", "meter_id": meter_id,
        "billing_model": "FLAT_FEE", "invoice_cadence": "ARREAR", "amount": "0.01",
    })
}

fn metered_feature(api: &Client, name: &str) -> String {
    let feature = json!({
        "name": name, "type": "metered",
        "meter": {
            "name": name, "event_name": name, "aggregation": { "type": "COUNT" }, "reset_usage": "BILLING_PERIOD",
        },
    });
    text(&api.post("/v1/features", &feature).expect(201), "/meter_id")
}

pub fn a_killed_sync_makes_each_line_once(place: &Place) {
    let mut crashing = Crashing::begin(place);
    let api = crashing.api();
    let meter = metered_feature(&api, "calls");
    let plan = text(&api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201), "/id");
    api.post("/v1/prices", &usage_price(&plan, &meter)).expect(201);
    for number in 0..SUBSCRIPTIONS {
        let customer = format!("customer-{number}");
        crashing.tenant.customer(&customer, &customer);
        let subscription = json!({
            "external_customer_id": customer, "plan_id": plan, "currency": "usd", "billing_period": "MONTHLY",
            "billing_period_count": 1, "billing_cycle": "anniversary", "collection_method": "send_invoice",
            "payment_behavior": "default_active",
        });
        api.post("/v1/subscriptions", &subscription).expect(201);
    }
    let mut amid = 0;
    for (round, when) in (1..).zip([Kill::AtOnce, Kill::AfterProgress]) {
        let api = crashing.api();
        for _ in 0..PRICES_PER_ROUND {
            api.post("/v1/prices", &usage_price(&plan, &meter)).expect(201);
        }
        let path = format!("/v1/plans/{plan}/sync/subscriptions");
        let started = api.post(&path, &json!({})).expect(200);
        amid += usize::from(crashing.kill_amid(&started, when));
        let result = completed(&crashing.api(), &started);
        // What was counted before the kill is not counted again.
        assert_eq!(result["subscriptions_synced"], SUBSCRIPTIONS, "{result}");
        assert_eq!(
            result["line_items_created"],
            SUBSCRIPTIONS * PRICES_PER_ROUND,
            "{result}"
        );

        let mut lines = BTreeMap::<(String, String), usize>::new();
        for line in crashing.all("/v1/subscriptions/lineitems/search", &json!({})) {
            let pair = (text(&line, "/subscription_id"), text(&line, "/price_id"));
            *lines.entry(pair).or_default() += 1;
        }
        assert!(lines.values().all(|count| *count == 1), "a line was made twice");
        assert_eq!(lines.len(), SUBSCRIPTIONS * (1 + round * PRICES_PER_ROUND));
    }
    assert!(amid > 0, "no kill was in the middle of a sync");
}

pub fn a_killed_clone_copies_everything_once(place: &Place) {
    let mut crashing = Crashing::begin(place);
    let api = crashing.api();
    // None of them has a lookup key.
    let mut meters = Vec::new();
    for number in 0..FEATURES {
        meters.push(metered_feature(&api, &format!("calls {number}")));
    }
    for (number, meter) in (0..PLANS).zip(&meters) {
        let plan = json!({ "name": format!("Plan {number}") });
        let plan = text(&api.post("/v1/plans", &plan).expect(201), "/id");
        api.post("/v1/prices", &usage_price(&plan, meter)).expect(201);
    }
    let path = format!("/v1/environments/{}/clone", crashing.tenant.environment_id);
    let copy = json!({ "name": "Copy", "type": "development" });
    let started = api.post(&path, &copy).expect(202);
    let mut amid = 0;
    for when in [Kill::AfterProgress, Kill::AfterProgress, Kill::AtOnce] {
        amid += usize::from(crashing.kill_amid(&started, when));
    }
    let result = completed(&crashing.api(), &started);
    assert!(amid > 0, "no kill was in the middle of the clone");
    let counts = ["features_copied", "features_skipped", "features_failed"].map(|name| &result[name]);
    assert_eq!(counts, [&json!(FEATURES), &json!(0), &json!(0)], "{result}");
    let counts = ["plans_copied", "plans_skipped", "plans_failed"].map(|name| &result[name]);
    assert_eq!(counts, [&json!(PLANS), &json!(0), &json!(0)], "{result}");

    let target = text(&result, "/target_environment_id");
    let session = crashing.server().client().with_token(&crashing.tenant.token);
    let key = new_key(&session, &target, &json!({ "name": "there", "type": "private_key" }));
    let there = crashing.server().client().with_key(&text(&key, "/api_key"));
    let sources = |path: &str, mark: &str| {
        let mut sources = BTreeMap::<String, usize>::new();
        let page = there.post(path, &json!({ "limit": PAGE })).expect(200);
        for copy in page["items"].as_array().unwrap() {
            *sources.entry(text(copy, &format!("/metadata/{mark}"))).or_default() += 1;
        }
        assert!(sources.values().all(|count| *count == 1), "copied twice: {sources:?}");
        sources.len()
    };
    assert_eq!(
        sources("/v1/features/search", "source_environment_feature_id"),
        FEATURES
    );
    assert_eq!(sources("/v1/plans/search", "source_environment_plan_id"), PLANS);
    let prices = there.post("/v1/prices/search", &json!({ "limit": PAGE })).expect(200);
    assert_eq!(prices["pagination"]["total"], PLANS);
}
