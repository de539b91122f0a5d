//! Plan price sync (spec 03 §5.9), as a background workflow.

use std::collections::BTreeMap;
use std::process::Command;
use std::thread;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::client::{Client, text};
use crate::support::databases::Place;
use crate::support::server::{PROGRAM, Server};
use crate::support::tenant::Tenant;
use crate::support::workflow::{self, closed, completed};

crate::tests!(
    new_prices_reach_subscriptions_once_and_ended_ones_end,
    a_subscription_with_a_price_of_its_own_keeps_it,
    only_fitting_prices_of_live_subscriptions_are_brought,
    a_new_subscription_is_up_to_date,
    an_environment_with_a_test_clock_is_synced_at_its_time,
    a_subscription_with_an_end_is_not_charged_twice,
    parallel_requests_never_make_a_second_line,
    one_sync_of_a_plan_runs_at_a_time,
    every_type_is_brought_where_the_server_says_so,
    plans_stay_with_their_tenant,
);

/// A tenant that counts calls.
pub struct Shop {
    pub tenant: Tenant,
    pub meter_id: String,
}

impl Shop {
    pub fn open(server: &Client) -> Self {
        Self::of(Tenant::sign_up(server))
    }

    pub fn of(tenant: Tenant) -> Self {
        let feature = json!({
            "name": "Calls", "type": "metered",
            "meter": {
                "name": "Calls", "event_name": "call", "aggregation": { "type": "COUNT" },
                "reset_usage": "BILLING_PERIOD",
            },
        });
        let feature = tenant.api.post("/v1/features", &feature).expect(201);
        Self {
            meter_id: text(&feature, "/meter_id"),
            tenant,
        }
    }

    pub fn plan(&self, name: &str) -> String {
        let plan = self.tenant.api.post("/v1/plans", &json!({ "name": name })).expect(201);
        text(&plan, "/id")
    }

    /// A usage price of a plan in dollars a month, with more members laid over it.
    pub fn price(&self, plan_id: &str, more: &Value) -> String {
        let mut body = json!({
            "entity_type": "PLAN", "entity_id": plan_id, "currency": "usd", "price_unit_type": "FIAT",
            "billing_period": "MONTHLY", "billing_period_count": 1, "type": "USAGE", "meter_id": self.meter_id,
            "billing_model": "FLAT_FEE", "invoice_cadence": "ARREAR", "amount": "0.01",
        });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        text(&self.tenant.api.post("/v1/prices", &body).expect(201), "/id")
    }

    pub fn subscribe(&self, plan_id: &str, customer: &str, more: &Value) -> String {
        self.tenant.customer(customer, customer);
        let mut body = json!({
            "external_customer_id": customer, "plan_id": plan_id, "currency": "usd", "billing_period": "MONTHLY",
            "billing_period_count": 1, "billing_cycle": "anniversary", "collection_method": "send_invoice",
            "payment_behavior": "default_active",
        });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        text(&self.tenant.api.post("/v1/subscriptions", &body).expect(201), "/id")
    }

    /// The result of a sync that runs to its end.
    pub fn sync(&self, plan_id: &str) -> Value {
        let started = self.tenant.api.post(&sync_path(plan_id), &json!({})).expect(200);
        completed(&self.tenant.api, &started)
    }

    /// The lines of a subscription, oldest first.
    fn lines(&self, subscription_id: &str) -> Vec<Value> {
        let filter = json!({ "subscription_ids": [subscription_id], "order": "asc" });
        let found = self
            .tenant
            .api
            .post("/v1/subscriptions/lineitems/search", &filter)
            .expect(200);
        found["items"].as_array().unwrap().clone()
    }

    fn line_of(&self, subscription_id: &str, price_id: &str) -> Value {
        let mut lines = self.lines(subscription_id);
        lines.retain(|line| line["price_id"] == price_id);
        assert_eq!(lines.len(), 1, "lines of {price_id}: {lines:?}");
        lines.remove(0)
    }
}

pub fn sync_path(plan_id: &str) -> String {
    format!("/v1/plans/{plan_id}/sync/subscriptions")
}

/// Found for creation, created, terminated.
fn counts(result: &Value) -> (u64, u64, u64) {
    let count = |name: &str| result[name].as_u64().unwrap_or_else(|| panic!("no {name} in {result}"));
    (
        count("line_items_found_for_creation"),
        count("line_items_created"),
        count("line_items_terminated"),
    )
}

/// Acceptance 11 of spec 03.
fn new_prices_reach_subscriptions_once_and_ended_ones_end(place: &Place) {
    let shop = Shop::open(&place.server().client());
    let api = &shop.tenant.api;
    let plan = shop.plan("Pro");
    shop.price(&plan, &json!({}));
    let subscription = shop.subscribe(&plan, "acme", &json!({}));
    assert_eq!(shop.lines(&subscription).len(), 1);

    let second = shop.price(&plan, &json!({ "amount": "0.02", "metadata": { "tier": "two" } }));
    let started = api.post(&sync_path(&plan), &json!({})).expect(200);
    let workflow_id = text(&started, "/workflow_id");
    assert!(
        workflow_id.starts_with(&format!("wf_PriceSyncWorkflow_{plan}_")),
        "{workflow_id}"
    );
    assert!(text(&started, "/run_id").starts_with("run_"), "{started}");
    assert!(!text(&started, "/message").is_empty());
    assert_eq!(counts(&completed(api, &started)), (1, 1, 0));
    let line = shop.line_of(&subscription, &second);
    assert_eq!(
        line["metadata"],
        json!({ "tier": "two", "added_by": "plan_sync_api", "sync_version": "4.0" })
    );
    assert_eq!(line["quantity"], "0");
    assert_eq!(line["meter_display_name"], "Calls");
    assert!(line["end_date"].is_null(), "{line}");
    let price = api.get(&format!("/v1/prices/{second}")).expect(200);
    assert_eq!(line["start_date"], price["start_date"]);

    let again = api.post(&format!("{}/v2", sync_path(&plan)), &json!({})).expect(200);
    assert_eq!(counts(&completed(api, &again)), (0, 0, 0));
    assert_eq!(shop.lines(&subscription).len(), 2);

    api.raw(
        Method::DELETE,
        &format!("/v1/prices/{second}"),
        "application/json",
        b"{}".to_vec(),
    )
    .expect(200);
    assert_eq!(counts(&shop.sync(&plan)), (0, 0, 1));
    let price = api.get(&format!("/v1/prices/{second}")).expect(200);
    let line = shop.line_of(&subscription, &second);
    assert!(!line["end_date"].is_null(), "{line}");
    assert_eq!(line["end_date"], price["end_date"]);
    assert_eq!(counts(&shop.sync(&plan)), (0, 0, 0));
    // A new version of a price is a price like any other, and ends the line of the old one.
    let first = text(&shop.lines(&subscription)[0], "/price_id");
    let newer = api
        .put(&format!("/v1/prices/{first}"), &json!({ "amount": "0.03" }))
        .expect(200);
    assert_eq!(counts(&shop.sync(&plan)), (1, 1, 1));
    let old = shop.line_of(&subscription, &first);
    let new = shop.line_of(&subscription, &text(&newer, "/id"));
    assert_eq!(old["end_date"], new["start_date"]);
}

/// Acceptance 11 of spec 03: an override wins, also over later versions of the price.
fn a_subscription_with_a_price_of_its_own_keeps_it(place: &Place) {
    let shop = Shop::open(&place.server().client());
    let api = &shop.tenant.api;
    let plan = shop.plan("Pro");
    let price = shop.price(&plan, &json!({}));
    let plain = shop.subscribe(&plan, "plain", &json!({}));
    let special = json!({ "override_line_items": [{ "price_id": price, "amount": "0.005" }] });
    let special = shop.subscribe(&plan, "special", &special);
    let own = text(&shop.lines(&special)[0], "/price_id");
    assert_ne!(own, price);

    let newer = api
        .put(&format!("/v1/prices/{price}"), &json!({ "amount": "0.02" }))
        .expect(200);
    let newer = text(&newer, "/id");
    assert_eq!(counts(&shop.sync(&plan)), (1, 1, 1));
    shop.line_of(&plain, &newer);
    assert_eq!(shop.lines(&special).len(), 1);
    assert!(shop.line_of(&special, &own)["end_date"].is_null());
    // Another price of the plan is another matter.
    let other = shop.price(&plan, &json!({ "amount": "1" }));
    assert_eq!(counts(&shop.sync(&plan)), (2, 2, 0));
    shop.line_of(&special, &other);
}

fn only_fitting_prices_of_live_subscriptions_are_brought(place: &Place) {
    let shop = Shop::open(&place.server().client());
    let plan = shop.plan("Pro");
    shop.price(&plan, &json!({}));
    let live = shop.subscribe(&plan, "live", &json!({}));
    let draft = shop.subscribe(&plan, "draft", &json!({ "subscription_status": "draft" }));
    let over = shop.subscribe(&plan, "over", &json!({}));
    let cancel = json!({ "cancellation_type": "immediate" });
    shop.tenant
        .api
        .post(&format!("/v1/subscriptions/{over}/cancel"), &cancel)
        .expect(200);
    let other = shop.plan("Other");
    shop.price(&other, &json!({}));
    let elsewhere = shop.subscribe(&other, "elsewhere", &json!({}));

    shop.price(&plan, &json!({ "currency": "eur" }));
    shop.price(&plan, &json!({ "billing_period": "ANNUAL" }));
    shop.price(&plan, &json!({ "billing_period_count": 2 }));
    let fee = json!({ "type": "FIXED", "invoice_cadence": "ADVANCE", "amount": "5" });
    shop.price(&plan, &fee);
    assert_eq!(counts(&shop.sync(&plan)), (0, 0, 0));
    let fitting = shop.price(&plan, &json!({ "amount": "0.05" }));
    let result = shop.sync(&plan);
    assert_eq!(counts(&result), (2, 2, 0));
    assert_eq!(result["subscriptions_synced"], 2);
    for subscription in [&live, &draft] {
        assert_eq!(shop.lines(subscription).len(), 2);
        shop.line_of(subscription, &fitting);
    }
    for subscription in [&over, &elsewhere] {
        assert_eq!(shop.lines(subscription).len(), 1);
    }
    // A plan of fixed prices has nothing to bring.
    let fixed = shop.plan("Fixed");
    shop.price(&fixed, &fee);
    let subscription = shop.subscribe(&fixed, "fixed", &json!({}));
    shop.price(&fixed, &fee);
    assert_eq!(counts(&shop.sync(&fixed)), (0, 0, 0));
    assert_eq!(shop.lines(&subscription).len(), 1);
}

/// It has seen every price of the plan, also those that do not fit it.
fn a_new_subscription_is_up_to_date(place: &Place) {
    let shop = Shop::open(&place.server().client());
    let plan = shop.plan("Pro");
    shop.price(&plan, &json!({}));
    shop.price(&plan, &json!({ "currency": "eur" }));
    shop.subscribe(&plan, "acme", &json!({}));
    assert_eq!(shop.sync(&plan)["subscriptions_synced"], 0);
}

fn an_environment_with_a_test_clock_is_synced_at_its_time(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    tenant.set_clock("2024-01-01T00:00:00Z");
    let shop = Shop::of(tenant);
    let plan = shop.plan("Pro");
    shop.price(&plan, &json!({}));
    let subscription = shop.subscribe(&plan, "acme", &json!({ "start_date": "2024-01-01T00:00:00Z" }));
    shop.tenant.set_clock("2024-01-10T00:00:00Z");
    let second = shop.price(&plan, &json!({ "amount": "0.5" }));
    shop.tenant.set_clock("2024-01-12T00:00:00Z");
    assert_eq!(counts(&shop.sync(&plan)), (1, 1, 0));
    let line = shop.line_of(&subscription, &second);
    assert_eq!(line["start_date"], "2024-01-10T00:00:00Z");
    assert_eq!(line["created_at"], "2024-01-12T00:00:00Z");
    // The new line is billed from its start on.
    for (id, day) in [("before", "09"), ("after", "11")] {
        let event = json!({
            "event_id": id, "event_name": "call", "external_customer_id": "acme",
            "timestamp": format!("2024-01-{day}T00:00:00Z"),
        });
        shop.tenant.api.post("/v1/events", &event).expect(202);
    }
    let preview = json!({ "subscription_id": subscription });
    let preview = shop.tenant.api.post("/v1/invoices/preview", &preview).expect(200);
    assert_eq!(preview["subtotal"], "0.52", "{preview}");
}

/// All lines of such a subscription have an end, its own; one of them still ends earlier, with its price.
fn a_subscription_with_an_end_is_not_charged_twice(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    tenant.set_clock("2024-01-01T00:00:00Z");
    let shop = Shop::of(tenant);
    let api = &shop.tenant.api;
    let plan = shop.plan("Pro");
    let first = shop.price(&plan, &json!({ "amount": "1" }));
    let end = "2024-06-15T00:00:00Z";
    let subscription = shop.subscribe(
        &plan,
        "acme",
        &json!({ "start_date": "2024-01-01T00:00:00Z", "end_date": end }),
    );
    assert_eq!(shop.line_of(&subscription, &first)["end_date"], end);
    let change = json!({ "amount": "100", "effective_from": "2024-01-10T00:00:00Z" });
    let second = api.put(&format!("/v1/prices/{first}"), &change).expect(200);
    assert_eq!(counts(&shop.sync(&plan)), (1, 1, 1));
    assert_eq!(shop.line_of(&subscription, &first)["end_date"], "2024-01-10T00:00:00Z");
    assert_eq!(shop.line_of(&subscription, &text(&second, "/id"))["end_date"], end);
    shop.tenant.set_clock("2024-01-20T00:00:00Z");
    for (id, day) in [("before", "09"), ("after", "11")] {
        let event = json!({
            "event_id": id, "event_name": "call", "external_customer_id": "acme",
            "timestamp": format!("2024-01-{day}T00:00:00Z"),
        });
        api.post("/v1/events", &event).expect(202);
    }
    let preview = json!({ "subscription_id": subscription });
    let preview = api.post("/v1/invoices/preview", &preview).expect(200);
    assert_eq!(preview["subtotal"], "101", "{preview}");
}

fn parallel_requests_never_make_a_second_line(place: &Place) {
    let shop = Shop::open(&place.server().client());
    let api = &shop.tenant.api;
    let plan = shop.plan("Pro");
    shop.price(&plan, &json!({}));
    let subscriptions: Vec<String> = (0..6)
        .map(|number| shop.subscribe(&plan, &format!("customer-{number}"), &json!({})))
        .collect();
    for round in 0..3 {
        shop.price(&plan, &json!({ "amount": format!("0.0{}", round + 2) }));
        let replies: Vec<_> = thread::scope(|scope| {
            let request = || api.post(&sync_path(&plan), &json!({}));
            let requests: Vec<_> = (0..8).map(|_| scope.spawn(request)).collect();
            requests.into_iter().map(|request| request.join().unwrap()).collect()
        });
        let mut begun = 0;
        for reply in &replies {
            if reply.status == 409 {
                reply.expect_error(409, "already_exists");
            } else {
                let started = reply.expect(200);
                completed(api, &started);
                begun += 1;
            }
        }
        assert!(begun > 0, "no sync was begun");
        for subscription in &subscriptions {
            let mut lines = BTreeMap::<String, u32>::new();
            for line in shop.lines(subscription) {
                *lines.entry(text(&line, "/price_id")).or_default() += 1;
            }
            assert_eq!(lines.len(), round + 2, "{lines:?}");
            assert!(lines.values().all(|count| *count == 1), "{lines:?}");
        }
    }
}

/// A process that only answers requests starts a sync, and another one does it.
fn one_sync_of_a_plan_runs_at_a_time(place: &Place) {
    let (folder, other_folder) = (place.new_folder(), place.new_folder());
    let database = place
        .database_url()
        .unwrap_or_else(|| format!("sqlite://{}/shared.db", folder.path().display()));
    let role = |role: &str| {
        let mut command = Command::new(PROGRAM);
        command.env("TARIFF_ROLE", role);
        command
    };
    let server = Server::start_as(role("api"), folder.path(), Some(&database));
    let shop = Shop::open(&server.client());
    let api = &shop.tenant.api;
    let plan = shop.plan("Pro");
    let other = shop.plan("Other");
    shop.price(&plan, &json!({}));
    let subscription = shop.subscribe(&plan, "acme", &json!({}));
    shop.price(&plan, &json!({}));

    let started = api.post(&sync_path(&plan), &json!({})).expect(200);
    let details = api
        .post(&sync_path(&plan), &json!({}))
        .expect_error(409, "already_exists");
    assert_eq!(details["entity_id"], plan.as_str());
    api.post(&format!("{}/v2", sync_path(&plan)), &json!({}))
        .expect_error(409, "already_exists");
    // Another plan is another matter.
    let of_other = api.post(&sync_path(&other), &json!({})).expect(200);
    let waiting = api.get(&workflow::path(&started)).expect(200);
    assert_eq!(waiting["status"], "Running");
    assert!(
        waiting.get("close_time").is_none() && waiting.get("duration_ms").is_none(),
        "{waiting}"
    );
    assert_eq!(shop.lines(&subscription).len(), 1);

    let worker = Server::start_as(role("worker"), other_folder.path(), Some(&database));
    assert_eq!(counts(&completed(api, &started)), (1, 1, 0));
    completed(api, &of_other);
    assert_eq!(shop.lines(&subscription).len(), 2);
    // The lock went with the run.
    completed(api, &api.post(&sync_path(&plan), &json!({})).expect(200));
    worker.stop();
    server.stop();
}

fn every_type_is_brought_where_the_server_says_so(place: &Place) {
    let folder = place.new_folder();
    let mut command = Command::new(PROGRAM);
    command.env("TARIFF_PLAN_SYNC_ALL_PRICES", "true");
    let server = Server::start_as(command, folder.path(), place.database_url().as_deref());
    let shop = Shop::open(&server.client());
    let plan = shop.plan("Pro");
    shop.price(&plan, &json!({}));
    let subscription = shop.subscribe(&plan, "acme", &json!({}));
    let fee = json!({ "type": "FIXED", "invoice_cadence": "ADVANCE", "amount": "5", "min_quantity": 3 });
    let fee = shop.price(&plan, &fee);
    let setup = json!({
        "type": "FIXED", "invoice_cadence": "ADVANCE", "amount": "50", "billing_period": "ONETIME",
    });
    let setup = shop.price(&plan, &setup);
    let bimonthly = shop.price(&plan, &json!({ "billing_period_count": 2 }));
    shop.price(&plan, &json!({ "billing_period": "ANNUAL" }));
    assert_eq!(counts(&shop.sync(&plan)), (3, 3, 0));
    assert_eq!(shop.line_of(&subscription, &fee)["quantity"], "3");
    assert!(!shop.line_of(&subscription, &setup)["end_date"].is_null());
    assert!(shop.line_of(&subscription, &bimonthly)["end_date"].is_null());
    assert_eq!(counts(&shop.sync(&plan)), (0, 0, 0));
    server.stop();
}

fn plans_stay_with_their_tenant(place: &Place) {
    let server = place.server().client();
    let (shop, stranger) = (Shop::open(&server), Shop::open(&server));
    let plan = shop.plan("Pro");
    for id in [plan.as_str(), "plan_unknown"] {
        for path in [sync_path(id), format!("{}/v2", sync_path(id))] {
            stranger
                .tenant
                .api
                .post(&path, &json!({}))
                .expect_error(404, "not_found");
        }
    }
    let started = shop.tenant.api.post(&sync_path(&plan), &json!({})).expect(200);
    assert_eq!(closed(&shop.tenant.api, &started)["entity_id"], plan.as_str());
    // Reading plans is not enough.
    let reader = shop.tenant.service_account("event_reader");
    assert_eq!(reader.post(&sync_path(&plan), &json!({})).status, 403);
}
