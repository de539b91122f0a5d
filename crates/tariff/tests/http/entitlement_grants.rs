//! Time-boxed allowances: their windows, their end, and what an invoice charges beyond them (spec 03 §5.11). The windows
//! themselves have no route; the audit log shows them.

use serde_json::{Value, json};

use crate::support::client::{Reply, text};
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    a_day_beyond_its_quota_is_billed,
    an_invoice_does_not_depend_on_when_grants_were_evaluated,
    hours_open_with_their_first_usage,
    days_follow_the_local_clock_across_a_clock_change,
    a_whole_period_is_one_grant,
    additive_quotas_add_up,
    parallel_grants_bill_their_overlap_once,
    a_grant_may_count_money,
    a_grant_may_come_with_an_addon,
    tiered_prices_and_other_meters_fall_back_to_the_plain_allowance,
    a_commitment_comes_after_units_and_instead_of_money,
    a_grant_as_long_as_the_period_is_skipped,
    a_used_up_grant_is_told_once,
    late_usage_is_billed_and_open_windows_keep_their_quota,
    configurations_that_cannot_work_are_refused,
    successive_prices_use_an_allowance_up_once,
    successive_prices_use_a_grant_up_once,
    parallel_prices_have_an_allowance_each,
    an_allowance_that_never_resets_counts_once,
    two_features_of_a_meter_add_up,
    days_of_an_allowance_are_local,
    a_short_first_period_includes_its_share,
);

const JANUARY: (&str, &str) = ("2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z");
/// When the invoice of January is finalized.
const BILLED: &str = "2024-02-02T00:00:00Z";

/// A tenant with a plan that charges 0.10 for each unit of one meter.
struct Shop {
    tenant: Tenant,
    plan_id: String,
    feature_id: String,
    meter_id: String,
}

impl Shop {
    fn open(place: &Place) -> Self {
        Self::measuring(place, &json!({ "type": "SUM", "field": "n" }))
    }

    fn measuring(place: &Place, aggregation: &Value) -> Self {
        let shop = Self::without_price(place, aggregation);
        shop.price(&json!({ "billing_model": "FLAT_FEE", "amount": "0.10" }));
        shop
    }

    fn without_price(place: &Place, aggregation: &Value) -> Self {
        let tenant = Tenant::sign_up(&place.server().client());
        tenant.set_clock(JANUARY.0);
        let feature = json!({
            "name": "Units", "type": "metered",
            "meter": {
                "name": "Units", "event_name": "use", "aggregation": aggregation, "reset_usage": "BILLING_PERIOD",
            },
        });
        let feature = tenant.api.post("/v1/features", &feature).expect(201);
        let plan = tenant.api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201);
        Self {
            plan_id: text(&plan, "/id"),
            feature_id: text(&feature, "/id"),
            meter_id: text(&feature, "/meter_id"),
            tenant,
        }
    }

    /// A price of the plan on the meter; answers its id.
    fn price(&self, members: &Value) -> String {
        let body = json!({
            "entity_type": "PLAN", "entity_id": self.plan_id, "currency": "usd", "price_unit_type": "FIAT",
            "type": "USAGE", "invoice_cadence": "ARREAR", "meter_id": self.meter_id,
            "billing_period": "MONTHLY", "billing_period_count": 1, "start_date": JANUARY.0,
        });
        text(
            &self.tenant.api.post("/v1/prices", &with(body, members)).expect(201),
            "/id",
        )
    }

    fn try_include(&self, members: &Value) -> Reply {
        let body = json!({ "plan_id": self.plan_id, "feature_id": self.feature_id, "feature_type": "metered" });
        self.tenant.api.post("/v1/entitlements", &with(body, members))
    }

    fn include(&self, members: &Value) -> Value {
        self.try_include(members).expect(201)
    }

    fn subscribe_in(&self, timezone: &str) -> String {
        self.subscribe_with(timezone, &json!({}))
    }

    fn subscribe_with(&self, timezone: &str, members: &Value) -> String {
        let customer = json!({
            "external_id": "acme", "name": "Acme", "timezone": timezone, "skip_onboarding_workflow": true,
        });
        self.tenant.api.post("/v1/customers", &customer).expect(201);
        let subscription = json!({
            "external_customer_id": "acme", "plan_id": self.plan_id, "currency": "usd", "start_date": JANUARY.0,
            "billing_period": "MONTHLY", "billing_period_count": 1, "billing_cycle": "anniversary",
            "collection_method": "send_invoice", "payment_behavior": "default_active",
        });
        let subscription = with(subscription, members);
        text(
            &self.tenant.api.post("/v1/subscriptions", &subscription).expect(201),
            "/id",
        )
    }

    fn subscribe(&self) -> String {
        self.subscribe_in("UTC")
    }

    /// Sends usage, each at its time.
    fn using(&self, usage: &[(&str, i64)]) {
        let events: Vec<Value> = usage
            .iter()
            .map(|(at, n)| {
                json!({
                    "event_id": format!("{at}-{n}"), "event_name": "use", "external_customer_id": "acme",
                    "timestamp": at, "properties": { "n": n },
                })
            })
            .collect();
        self.tenant
            .api
            .post("/v1/events/bulk", &json!({ "events": events }))
            .expect(202);
    }

    /// The usage lines of the invoice of January: quantity, units covered, amount.
    fn billed(&self, subscription_id: &str) -> Vec<(String, String, String)> {
        self.tenant.set_clock(BILLED);
        let filter = json!({ "subscription_id": subscription_id, "order": "asc" });
        let invoices = self.tenant.api.post("/v1/invoices/search", &filter).expect(200);
        let lines = invoices["items"][0]["line_items"].as_array().cloned();
        let lines = lines.unwrap_or_default();
        lines.iter().map(charge).collect()
    }

    fn preview(&self, subscription_id: &str) -> Vec<(String, String, String)> {
        let asked = json!({ "subscription_id": subscription_id });
        let preview = self.tenant.api.post("/v1/invoices/preview", &asked).expect(200);
        preview["line_items"].as_array().unwrap().iter().map(charge).collect()
    }

    /// The windows as the audit log has them, by their start: start, end, usage, state.
    fn windows(&self) -> Vec<(String, String, String, String)> {
        let log = self
            .tenant
            .api
            .get("/v1/audit-logs?entity_type=entitlement_grant&order=asc&limit=1000")
            .expect(200);
        let mut latest = std::collections::BTreeMap::new();
        for entry in log["items"].as_array().unwrap() {
            let state = &entry["after"];
            let window = (text(state, "/valid_from"), text(state, "/valid_to"));
            latest.insert(window, state.clone());
        }
        let window = |state: &Value| {
            (
                text(state, "/valid_from"),
                text(state, "/valid_to"),
                text(state, "/usage"),
                text(state, "/grant_status"),
            )
        };
        latest.values().map(window).collect()
    }
}

fn with(mut body: Value, members: &Value) -> Value {
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn charge(line: &Value) -> (String, String, String) {
    let covered = line["adjusted_entitlement_quantity"].as_str().unwrap_or("-");
    (text(line, "/quantity"), covered.to_owned(), text(line, "/amount"))
}

fn line(quantity: &str, covered: &str, amount: &str) -> (String, String, String) {
    (quantity.to_owned(), covered.to_owned(), amount.to_owned())
}

fn window(from: &str, to: &str, usage: &str, state: &str) -> (String, String, String, String) {
    (from.to_owned(), to.to_owned(), usage.to_owned(), state.to_owned())
}

fn grant(quota: &str, unit: &str, value: i64) -> Value {
    json!({
        "grant_measure": "quantity", "grant_quota": quota, "grant_duration_unit": unit, "grant_duration_value": value,
    })
}

fn a_day_beyond_its_quota_is_billed(place: &Place) {
    let shop = Shop::open(place);
    shop.include(&grant("100", "day", 1));
    let subscription = shop.subscribe();
    // Grants open with their first usage and last 24 hours.
    shop.using(&[
        ("2024-01-03T10:00:00Z", 90),
        ("2024-01-04T09:59:59.999Z", 60),
        ("2024-01-04T10:00:00Z", 100),
        ("2024-01-20T12:00:00Z", 30),
    ]);
    assert_eq!(shop.preview(&subscription), [line("50", "230", "5")]);
    assert_eq!(shop.windows(), [], "a preview was kept");
    assert_eq!(shop.billed(&subscription), [line("50", "230", "5")]);
    assert_eq!(
        shop.windows(),
        [
            window("2024-01-03T10:00:00Z", "2024-01-04T10:00:00Z", "150", "exhausted"),
            window("2024-01-04T10:00:00Z", "2024-01-05T10:00:00Z", "100", "exhausted"),
            window("2024-01-20T12:00:00Z", "2024-01-21T12:00:00Z", "30", "active"),
        ]
    );
}

/// Whether the clock stops often or not at all on the way, and whether usage is known when it happens or only later, but
/// before the invoice: the amounts are the same, and the windows as long as they are in order.
fn an_invoice_does_not_depend_on_when_grants_were_evaluated(place: &Place) {
    let usage = [
        ("2024-01-02T08:00:00Z", 60),
        ("2024-01-02T20:00:00Z", 60),
        ("2024-01-03T09:00:00Z", 130),
        ("2024-01-03T10:00:00Z", 7),
    ];
    let mut seen = Vec::new();
    for stops in [
        vec![],
        vec![
            "2024-01-02T08:00:00.001Z",
            "2024-01-02T23:00:00Z",
            "2024-01-03T09:00:00.001Z",
            "2024-01-15T00:00:00Z",
        ],
    ] {
        let shop = Shop::open(place);
        let parallel = json!({ "aggregation_mode": "parallel" });
        shop.include(&with(grant("100", "day", 1), &parallel));
        shop.include(&with(grant("150", "week", 1), &parallel));
        let subscription = shop.subscribe();
        if stops.is_empty() {
            shop.using(&usage);
        }
        for (stop, event) in stops.iter().zip(usage) {
            shop.using(&[event]);
            shop.tenant.set_clock(stop);
        }
        seen.push((shop.billed(&subscription), shop.windows()));
    }
    assert_eq!(seen[0], seen[1]);
    // The first day's quota is reached by its last event. The next day's is reached at 09:00 on the third, as is the
    // week's; what comes after that is billed, once.
    assert_eq!(seen[0].0, [line("7", "250", "0.7")]);
}

fn hours_open_with_their_first_usage(place: &Place) {
    let shop = Shop::open(place);
    shop.include(&grant("10", "hour", 1));
    let subscription = shop.subscribe();
    shop.using(&[
        ("2024-01-03T10:20:00Z", 8),
        ("2024-01-03T11:19:59Z", 8),
        ("2024-01-03T11:20:00Z", 8),
        ("2024-01-03T15:00:00Z", 25),
        // Less than an hour would remain of the period after this one.
        ("2024-01-31T22:30:00Z", 6),
        ("2024-01-31T23:45:00Z", 6),
    ]);
    assert_eq!(shop.billed(&subscription), [line("23", "38", "2.3")]);
    assert_eq!(
        shop.windows(),
        [
            window("2024-01-03T10:20:00Z", "2024-01-03T11:20:00Z", "16", "exhausted"),
            window("2024-01-03T11:20:00Z", "2024-01-03T12:20:00Z", "8", "active"),
            window("2024-01-03T15:00:00Z", "2024-01-03T16:00:00Z", "25", "exhausted"),
            window("2024-01-31T22:30:00Z", "2024-02-01T00:00:00Z", "12", "exhausted"),
        ]
    );
}

/// The clock of Chicago goes forward on 10 March 2024: that day is 23 hours long.
fn days_follow_the_local_clock_across_a_clock_change(place: &Place) {
    let shop = Shop::open(place);
    shop.include(&with(
        grant("100", "day", 1),
        &json!({ "grant_allocation_behavior": "unit_start" }),
    ));
    let subscription = shop.subscribe_in("America/Chicago");
    shop.tenant.set_clock("2024-03-02T00:00:00Z");
    shop.using(&[
        ("2024-03-09T18:00:00Z", 70),
        // 23:30 of the ninth, then midnight of the tenth.
        ("2024-03-10T05:30:00Z", 70),
        ("2024-03-10T06:00:00Z", 70),
        // 23:30 of the tenth, by summer time, then midnight of the eleventh.
        ("2024-03-11T04:30:00Z", 70),
        ("2024-03-11T05:00:00Z", 70),
    ]);
    shop.tenant.set_clock("2024-04-02T00:00:00Z");
    assert_eq!(
        shop.windows(),
        [
            window("2024-03-09T06:00:00Z", "2024-03-10T06:00:00Z", "140", "exhausted"),
            window("2024-03-10T06:00:00Z", "2024-03-11T05:00:00Z", "140", "exhausted"),
            window("2024-03-11T05:00:00Z", "2024-03-12T05:00:00Z", "70", "active"),
        ]
    );
    let filter = json!({ "subscription_id": subscription, "order": "desc" });
    let invoices = shop.tenant.api.post("/v1/invoices/search", &filter).expect(200);
    let lines = invoices["items"][0]["line_items"].as_array().unwrap();
    assert_eq!(charge(&lines[0]), line("80", "270", "8"));
}

fn a_whole_period_is_one_grant(place: &Place) {
    let shop = Shop::open(place);
    shop.include(&json!({
        "grant_measure": "quantity", "grant_quota": "100", "grant_duration_unit": "subscription_period",
    }));
    let subscription = shop.subscribe();
    shop.tenant.set_clock("2024-01-01T06:00:00Z");
    // It opens whether used or not.
    assert_eq!(shop.windows(), [window(JANUARY.0, JANUARY.1, "0", "active")]);
    shop.using(&[("2024-01-10T00:00:00Z", 60), ("2024-01-20T00:00:00Z", 65)]);
    shop.tenant.set_clock("2024-01-21T00:00:00Z");
    assert_eq!(shop.windows(), [window(JANUARY.0, JANUARY.1, "125", "exhausted")]);
    shop.using(&[("2024-01-25T00:00:00Z", 5)]);
    assert_eq!(shop.billed(&subscription), [line("30", "100", "3")]);
    assert_eq!(
        shop.windows(),
        [
            window(JANUARY.0, JANUARY.1, "130", "exhausted"),
            window(JANUARY.1, "2024-03-01T00:00:00Z", "0", "active"),
        ]
    );
}

fn additive_quotas_add_up(place: &Place) {
    let shop = Shop::open(place);
    shop.include(&grant("100", "day", 1));
    let second = shop.tenant.api.post(
        "/v1/features",
        &json!({
            "name": "Same", "type": "metered", "meter_id": shop.meter_id,
        }),
    );
    let second = text(&second.expect(201), "/id");
    let subscription = shop.subscribe();
    // Of one feature the quotas are one slot's; a subscription's own entitlement adds to the plan's.
    let own = with(
        grant("30", "day", 1),
        &json!({
            "entity_type": "SUBSCRIPTION", "entity_id": subscription, "feature_id": shop.feature_id,
            "feature_type": "metered",
        }),
    );
    shop.tenant.api.post("/v1/entitlements", &own).expect(201);
    shop.using(&[("2024-01-03T10:00:00Z", 150)]);
    assert_eq!(shop.billed(&subscription), [line("20", "130", "2")]);
    let other = json!({ "feature_id": second });
    shop.try_include(&with(grant("5", "week", 1), &other)).expect(201);
}

/// Once the small quota is reached, everything up to the end of its window is billed; the same usage is not billed again
/// for the large one.
fn parallel_grants_bill_their_overlap_once(place: &Place) {
    let shop = Shop::open(place);
    let parallel = json!({ "aggregation_mode": "parallel" });
    shop.include(&with(grant("10", "hour", 6), &parallel));
    shop.include(&with(grant("100", "day", 1), &parallel));
    let subscription = shop.subscribe();
    shop.using(&[
        // Six hours from 00:00, crossed at 01:00: 20 at 02:00 and 70 at 03:00 are billed.
        ("2024-01-03T00:00:00Z", 5),
        ("2024-01-03T01:00:00Z", 5),
        ("2024-01-03T02:00:00Z", 20),
        // The day is crossed here, until midnight.
        ("2024-01-03T03:00:00Z", 70),
        // In no window of six hours until now; in the day beyond its quota.
        ("2024-01-03T08:00:00Z", 7),
        // Nothing is reached.
        ("2024-01-05T08:00:00Z", 9),
    ]);
    assert_eq!(shop.preview(&subscription), [line("97", "19", "9.7")]);
    assert_eq!(shop.billed(&subscription), [line("97", "19", "9.7")]);
    assert_eq!(
        shop.windows(),
        [
            window("2024-01-03T00:00:00Z", "2024-01-03T06:00:00Z", "100", "exhausted"),
            window("2024-01-03T00:00:00Z", "2024-01-04T00:00:00Z", "107", "exhausted"),
            window("2024-01-03T08:00:00Z", "2024-01-03T14:00:00Z", "7", "active"),
            window("2024-01-05T08:00:00Z", "2024-01-05T14:00:00Z", "9", "active"),
            window("2024-01-05T08:00:00Z", "2024-01-06T08:00:00Z", "9", "active"),
        ]
    );
}

fn a_grant_may_count_money(place: &Place) {
    let shop = Shop::open(place);
    shop.include(&with(grant("5.5", "day", 1), &json!({ "grant_measure": "amount" })));
    let subscription = shop.subscribe();
    shop.using(&[
        ("2024-01-03T10:00:00Z", 40),
        ("2024-01-03T11:00:00Z", 30),
        ("2024-01-05T10:00:00Z", 50),
    ]);
    // 70 units cost 7.00, of which 5.50 are included; 50 units cost 5.00.
    assert_eq!(shop.billed(&subscription), [line("0", "120", "1.5")]);
    assert_eq!(
        shop.windows(),
        [
            window("2024-01-03T10:00:00Z", "2024-01-04T10:00:00Z", "7", "exhausted"),
            window("2024-01-05T10:00:00Z", "2024-01-06T10:00:00Z", "5", "active"),
        ]
    );
}

fn a_grant_may_come_with_an_addon(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    let addon = text(
        &api.post("/v1/addons", &json!({ "name": "Boost", "lookup_key": "boost" }))
            .expect(201),
        "/id",
    );
    let fee = json!({
        "entity_type": "ADDON", "entity_id": addon, "type": "FIXED", "meter_id": "", "invoice_cadence": "ARREAR",
        "billing_model": "FLAT_FEE", "amount": "1",
    });
    shop.price(&fee);
    let owner = json!({ "plan_id": "", "entity_type": "ADDON", "entity_id": addon });
    shop.include(&with(grant("100", "day", 1), &owner));
    let subscription = shop.subscribe_with("UTC", &json!({ "addons": [{ "addon_id": addon }] }));
    shop.using(&[("2024-01-03T10:00:00Z", 90), ("2024-01-03T11:00:00Z", 60)]);
    shop.tenant.set_clock("2024-01-05T00:00:00Z");
    let day = window("2024-01-03T10:00:00Z", "2024-01-04T10:00:00Z", "150", "exhausted");
    assert_eq!(shop.windows(), [day]);
    let billed = shop.billed(&subscription);
    assert!(billed.contains(&line("50", "100", "5")), "{billed:?}");
    assert!(billed.contains(&line("1", "-", "1")), "{billed:?}");
}

fn tiered_prices_and_other_meters_fall_back_to_the_plain_allowance(place: &Place) {
    let usage = [("2024-01-03T10:00:00Z", 150), ("2024-01-04T12:00:00Z", 150)];
    let limited = with(grant("100", "day", 1), &json!({ "usage_limit": 120 }));
    let shop = Shop::without_price(place, &json!({ "type": "SUM", "field": "n" }));
    shop.price(&json!({
        "billing_model": "TIERED", "tier_mode": "SLAB",
        "tiers": [{ "up_to": 100, "unit_amount": "0.10" }, { "unit_amount": "0.05" }],
    }));
    shop.include(&limited);
    let subscription = shop.subscribe();
    shop.using(&usage);
    assert_eq!(shop.billed(&subscription), [line("180", "120", "14")]);

    let shop = Shop::measuring(place, &json!({ "type": "COUNT_UNIQUE", "field": "n" }));
    shop.include(&with(grant("1", "day", 1), &json!({ "usage_limit": 0 })));
    let subscription = shop.subscribe();
    shop.using(&[
        ("2024-01-03T10:00:00Z", 1),
        ("2024-01-03T11:00:00Z", 2),
        ("2024-01-03T12:00:00Z", 3),
    ]);
    assert_eq!(shop.billed(&subscription), [line("3", "0", "0.3")]);
}

/// 10.00 are committed, and what exceeds them costs twice as much.
fn a_commitment_comes_after_units_and_instead_of_money(place: &Place) {
    for (measure, expected) in [
        // 150 units are left of a day's 250: 15.00.
        ("quantity", line("150", "100", "20")),
        // The grant is ignored; the plain allowance leaves 200 units: 20.00.
        ("amount", line("200", "50", "30")),
    ] {
        let shop = Shop::without_price(place, &json!({ "type": "SUM", "field": "n" }));
        let price = shop.price(&json!({ "billing_model": "FLAT_FEE", "amount": "0.10" }));
        shop.include(&with(
            grant("100", "day", 1),
            &json!({ "grant_measure": measure, "usage_limit": 50 }),
        ));
        let promise = json!({ "commitment_amount": "10", "overage_factor": "2" });
        let subscription = shop.subscribe_with("UTC", &json!({ "line_item_commitments": { price: promise } }));
        shop.using(&[("2024-01-03T10:00:00Z", 250)]);
        assert_eq!(shop.billed(&subscription), [expected], "{measure}");
    }
}

fn a_grant_as_long_as_the_period_is_skipped(place: &Place) {
    let shop = Shop::open(place);
    // Without a limit the plain allowance includes everything.
    let entitlement = shop.include(&grant("10", "day", 31));
    let subscription = shop.subscribe();
    shop.using(&[("2024-01-03T10:00:00Z", 150)]);
    assert_eq!(shop.preview(&subscription), [line("0", "150", "0")]);
    let path = format!("/v1/entitlements/{}", text(&entitlement, "/id"));
    shop.tenant.api.put(&path, &json!({ "usage_limit": 120 })).expect(200);
    assert_eq!(shop.billed(&subscription), [line("30", "120", "3")]);
    assert_eq!(shop.windows(), []);
}

fn a_used_up_grant_is_told_once(place: &Place) {
    let shop = Shop::open(place);
    shop.include(&grant("100", "week", 1));
    shop.subscribe();
    shop.using(&[("2024-01-03T10:00:00Z", 90)]);
    for day in 3..9 {
        shop.tenant.set_clock(&format!("2024-01-{day:02}T12:00:00Z"));
        if day == 5 {
            shop.using(&[("2024-01-05T11:00:00.25Z", 20)]);
        }
    }
    let log = shop
        .tenant
        .api
        .get("/v1/audit-logs?entity_type=entitlement_grant&order=asc&limit=1000")
        .expect(200);
    let states: Vec<(Value, Value)> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            (
                entry["after"]["grant_status"].clone(),
                entry["after"]["quota_crossed_at"].clone(),
            )
        })
        .collect();
    // Opened, and exhausted: it is not touched again before its end.
    let crossed = json!("2024-01-05T11:00:00.251Z");
    assert_eq!(states, [(json!("active"), Value::Null), (json!("exhausted"), crossed)]);
}

fn late_usage_is_billed_and_open_windows_keep_their_quota(place: &Place) {
    let shop = Shop::open(place);
    let entitlement = shop.include(&grant("100", "week", 1));
    let subscription = shop.subscribe();
    shop.using(&[("2024-01-03T10:00:00Z", 90)]);
    shop.tenant.set_clock("2024-01-04T00:00:00Z");
    let path = format!("/v1/entitlements/{}", text(&entitlement, "/id"));
    shop.tenant.api.put(&path, &json!({ "grant_quota": "50" })).expect(200);
    shop.tenant.set_clock("2024-01-12T00:00:00Z");
    // The first window is closed by now.
    let first = window("2024-01-03T10:00:00Z", "2024-01-10T10:00:00Z", "90", "active");
    assert_eq!(shop.windows(), std::slice::from_ref(&first));
    shop.using(&[("2024-01-05T10:00:00Z", 30), ("2024-01-12T10:00:00Z", 70)]);
    assert_eq!(shop.preview(&subscription), [line("40", "150", "4")]);
    // Without a configuration no further window opens; what is open stays.
    shop.tenant.set_clock("2024-01-13T00:00:00Z");
    shop.tenant
        .api
        .put(&path, &json!({ "clear_grant_config": true }))
        .expect(200);
    assert_eq!(shop.billed(&subscription), [line("40", "150", "4")]);
    let second = window("2024-01-12T10:00:00Z", "2024-01-19T10:00:00Z", "70", "exhausted");
    assert_eq!(shop.windows(), [first, second]);
}

fn configurations_that_cannot_work_are_refused(place: &Place) {
    let refused = |shop: &Shop, members: &Value| {
        shop.try_include(members).expect_error(400, "validation_error");
    };
    let daily = grant("100", "day", 1);
    for aggregation in [
        json!({ "type": "MAX", "field": "n" }),
        json!({ "type": "SUM", "field": "n", "bucket_size": "HOUR" }),
    ] {
        refused(&Shop::without_price(place, &aggregation), &daily);
    }
    let shop = Shop::without_price(place, &json!({ "type": "SUM", "field": "n" }));
    shop.price(&json!({ "billing_model": "TIERED", "tier_mode": "VOLUME", "tiers": [{ "unit_amount": "1" }] }));
    refused(&shop, &with(daily.clone(), &json!({ "grant_measure": "amount" })));
    // What another grant of the feature rules out, whoever owns it.
    let first = shop.include(&daily);
    let plan = shop
        .tenant
        .api
        .post("/v1/plans", &json!({ "name": "Other" }))
        .expect(201);
    let on_other = |members: Value| with(with(daily.clone(), &json!({ "plan_id": plan["id"] })), &members);
    for members in [
        json!({ "grant_duration_value": 2 }),
        json!({ "grant_duration_unit": "week" }),
        json!({ "grant_measure": "amount" }),
        json!({ "aggregation_mode": "parallel" }),
    ] {
        refused(&shop, &on_other(members));
    }
    shop.try_include(&on_other(json!({ "grant_quota": "7" }))).expect(201);
    let path = format!("/v1/entitlements/{}", text(&first, "/id"));
    for members in [
        json!({ "grant_duration_value": 0 }),
        json!({ "grant_quota": "0" }),
        json!({ "grant_quota": "12345678901" }),
        json!({ "grant_measure": "units" }),
        json!({ "grant_duration_unit": "subscription_period" }),
        json!({ "grant_duration_unit": "week" }),
        json!({ "aggregation_mode": "parallel" }),
    ] {
        shop.tenant
            .api
            .put(&path, &members)
            .expect_error(400, "validation_error");
    }
    let stored = shop.tenant.api.get(&path).expect(200);
    assert_eq!(stored["grant_quota"], "100");
    assert_eq!(stored["grant_duration_unit"], "day");
}

/// A price that takes the place of another in the middle of the period.
fn shop_with_two_prices(place: &Place) -> Shop {
    let shop = Shop::without_price(place, &json!({ "type": "SUM", "field": "n" }));
    let middle = "2024-01-16T12:00:00Z";
    shop.price(&json!({ "billing_model": "FLAT_FEE", "amount": "0.10", "end_date": middle }));
    shop.price(&json!({ "billing_model": "FLAT_FEE", "amount": "0.20", "start_date": middle }));
    shop
}

fn successive_prices_use_an_allowance_up_once(place: &Place) {
    for (reset, expected) in [
        ("MONTHLY", [line("0", "90", "0"), line("120", "10", "24")]),
        // Only the day of the change is shared.
        ("DAILY", [line("0", "90", "0"), line("50", "80", "10")]),
        ("NEVER", [line("0", "90", "0"), line("120", "10", "24")]),
    ] {
        let shop = shop_with_two_prices(place);
        shop.include(&json!({ "usage_limit": 100, "usage_reset_period": reset }));
        let subscription = shop.subscribe();
        shop.using(&[
            ("2024-01-16T10:00:00Z", 90),
            ("2024-01-16T14:00:00Z", 60),
            ("2024-01-17T10:00:00Z", 70),
        ]);
        assert_eq!(shop.billed(&subscription), expected, "{reset}");
    }
}

fn successive_prices_use_a_grant_up_once(place: &Place) {
    let usage = [("2024-01-16T10:00:00Z", 90), ("2024-01-16T14:00:00Z", 60)];
    let shop = shop_with_two_prices(place);
    shop.include(&grant("100", "day", 1));
    let subscription = shop.subscribe();
    shop.using(&usage);
    assert_eq!(
        shop.billed(&subscription),
        [line("0", "90", "0"), line("50", "10", "10")]
    );
    // The same in money: 9.00 of 10.00 are spent before the change, 12.00 after it.
    let shop = shop_with_two_prices(place);
    shop.include(&with(grant("10", "day", 1), &json!({ "grant_measure": "amount" })));
    let subscription = shop.subscribe();
    shop.using(&usage);
    assert_eq!(
        shop.billed(&subscription),
        [line("0", "90", "0"), line("0", "60", "11")]
    );
}

fn parallel_prices_have_an_allowance_each(place: &Place) {
    let shop = Shop::open(place);
    shop.price(&json!({ "billing_model": "FLAT_FEE", "amount": "0.20" }));
    shop.include(&json!({ "usage_limit": 100, "usage_reset_period": "MONTHLY" }));
    let subscription = shop.subscribe();
    shop.using(&[("2024-01-16T10:00:00Z", 150)]);
    assert_eq!(
        shop.billed(&subscription),
        [line("50", "100", "5"), line("50", "100", "10")]
    );
}

fn an_allowance_that_never_resets_counts_once(place: &Place) {
    let shop = Shop::open(place);
    shop.include(&json!({ "usage_limit": 100, "usage_reset_period": "NEVER" }));
    let subscription = shop.subscribe();
    shop.using(&[("2024-01-16T10:00:00Z", 90), ("2024-02-16T10:00:00Z", 30)]);
    assert_eq!(
        shop.billed(&subscription),
        [] as [(String, String, String); 0],
        "nothing is owed"
    );
    shop.tenant.set_clock("2024-03-02T00:00:00Z");
    let filter = json!({ "subscription_id": subscription, "order": "desc" });
    let invoices = shop.tenant.api.post("/v1/invoices/search", &filter).expect(200);
    let lines = invoices["items"][0]["line_items"].as_array().unwrap();
    assert_eq!(charge(&lines[0]), line("20", "10", "2"));
}

fn two_features_of_a_meter_add_up(place: &Place) {
    let shop = Shop::open(place);
    let second = json!({ "name": "Same", "type": "metered", "meter_id": shop.meter_id });
    let second = shop.tenant.api.post("/v1/features", &second).expect(201);
    shop.include(&json!({ "usage_limit": 100, "usage_reset_period": "MONTHLY" }));
    shop.include(&json!({ "usage_limit": 20, "usage_reset_period": "MONTHLY", "feature_id": second["id"] }));
    let subscription = shop.subscribe();
    shop.using(&[("2024-01-16T10:00:00Z", 150)]);
    assert_eq!(shop.billed(&subscription), [line("30", "120", "3")]);
}

fn days_of_an_allowance_are_local(place: &Place) {
    let shop = Shop::open(place);
    shop.include(&json!({ "usage_limit": 100, "usage_reset_period": "DAILY" }));
    let subscription = shop.subscribe_in("Asia/Kolkata");
    // 18:00 and 19:00 UTC are 23:30 and 00:30 of the next day.
    shop.using(&[("2024-01-16T18:00:00Z", 90), ("2024-01-16T19:00:00Z", 90)]);
    assert_eq!(shop.preview(&subscription), [line("0", "180", "0")]);
    shop.using(&[("2024-01-17T18:00:00Z", 30)]);
    assert_eq!(shop.preview(&subscription), [line("20", "190", "2")]);
}

/// A calendar month that is joined on its eleventh day includes 21 of 31 parts of the limit, and its successor all of it.
fn a_short_first_period_includes_its_share(place: &Place) {
    let shop = Shop::open(place);
    shop.tenant.set_clock("2024-01-11T00:00:00Z");
    let included = shop.include(&json!({ "usage_limit": 100, "usage_reset_period": "MONTHLY" }));
    let unlimited = json!({ "name": "Other", "event_name": "other", "aggregation": { "type": "COUNT" }, "reset_usage": "BILLING_PERIOD" });
    let unlimited = json!({ "name": "Other", "type": "metered", "meter": unlimited });
    let unlimited = shop.tenant.api.post("/v1/features", &unlimited).expect(201);
    shop.include(&json!({ "feature_id": unlimited["id"] }));
    shop.tenant.customer("acme", "Acme");
    let subscription = json!({
        "external_customer_id": "acme", "plan_id": shop.plan_id, "currency": "usd",
        "start_date": "2024-01-11T00:00:00Z", "billing_period": "MONTHLY", "billing_period_count": 1,
        "billing_cycle": "calendar", "proration_behavior": "create_prorations",
        "collection_method": "send_invoice", "payment_behavior": "default_active",
    });
    let subscription = text(
        &shop.tenant.api.post("/v1/subscriptions", &subscription).expect(201),
        "/id",
    );
    let own = json!({ "entity_ids": [subscription] });
    let own = shop.tenant.api.post("/v1/entitlements/search", &own).expect(200);
    assert_eq!(own["items"].as_array().unwrap().len(), 1, "{own}");
    let own = &own["items"][0];
    assert_eq!(
        (&own["usage_limit"], &own["parent_entitlement_id"]),
        (&json!(68), &included["id"])
    );
    assert_eq!(
        (&own["start_date"], &own["end_date"]),
        (&json!("2024-01-11T00:00:00Z"), &json!(JANUARY.1))
    );
    shop.using(&[("2024-01-16T10:00:00Z", 100), ("2024-02-16T10:00:00Z", 110)]);
    assert_eq!(shop.billed(&subscription), [line("32", "68", "3.2")]);
    assert_eq!(shop.preview(&subscription), [line("10", "100", "1")]);
}
