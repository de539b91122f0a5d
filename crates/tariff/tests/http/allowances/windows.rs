//! Where the windows of grants begin and end (spec 03 §5.11). They have no route; the audit log shows them.

use serde_json::{Value, json};

use super::{JANUARY, Shop, charge, grant, line, window, with};
use crate::support::client::text;
use crate::support::databases::Place;

crate::tests!(
    hours_open_with_their_first_usage,
    days_follow_the_local_clock_across_a_clock_change,
    a_whole_period_is_one_grant,
    a_grant_as_long_as_the_period_is_skipped,
    an_invoice_does_not_depend_on_when_grants_were_evaluated,
    a_used_up_grant_is_told_once,
    late_usage_is_billed_and_open_windows_keep_their_quota,
);

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
