//! Settings: of many changes to other members none is lost (spec 01 B8).

use serde_json::{Value, json};

use super::{WRITERS, at_once, expect_winners};
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(no_change_of_a_member_is_lost, a_setting_is_reset_once);

/// A member of a setting and a value other than its default.
fn changes() -> Vec<(&'static str, &'static str, Value)> {
    let alert = |threshold: &str| json!({ "threshold": threshold, "condition": "below" });
    vec![
        ("invoice_config", "prefix", json!("AC")),
        ("invoice_config", "format", json!("YYYY")),
        ("invoice_config", "start_sequence", json!(7)),
        ("invoice_config", "timezone", json!("Europe/Berlin")),
        ("invoice_config", "separator", json!("")),
        ("invoice_config", "suffix_length", json!(3)),
        ("invoice_config", "due_date_days", json!(14)),
        ("invoice_config", "finalization_delay_seconds", json!(0)),
        (
            "invoice_config",
            "auto_complete_purchased_credit_transaction",
            json!(true),
        ),
        ("subscription_config", "grace_period_days", json!(9)),
        ("subscription_config", "auto_cancellation_enabled", json!(true)),
        ("invoice_pdf_config", "group_by", json!(["plan"])),
        ("tenant_config", "production", json!(1)),
        ("tenant_config", "development", json!(5)),
        ("tenant_config", "max_users", json!(20)),
        ("customer_onboarding", "custom_workflows", json!({ "none": [] })),
        (
            "customer_onboarding",
            "actions",
            json!([{ "action": "create_wallet", "currency": "usd" }]),
        ),
        (
            "prepare_processed_events_config",
            "actions",
            json!([{ "action": "create_wallet", "currency": "usd" }]),
        ),
        ("wallet_balance_alert_config", "critical", alert("-5")),
        ("wallet_balance_alert_config", "info", alert("9")),
        ("wallet_balance_alert_config", "alert_enabled", json!(true)),
        (
            "custom_analytics_config",
            "rules",
            json!([{ "id": "revenue-per-minute", "target_type": "feature", "target_id": "f" }]),
        ),
        ("customer_portal_config", "version", json!("2.0")),
        ("customer_portal_config", "theme", json!({ "accent": "red" })),
        ("event_ingestion_filter", "allowed_external_customer_ids", json!(["a"])),
        (
            "bonus_credits_topup_config",
            "slabs",
            json!([{ "threshold": "1", "operator": "gte", "bonus": { "type": "flat", "value": "1" } }]),
        ),
        (
            "payment_mandate_limits",
            "mandate_limits",
            json!({ "UPI": { "max_amount": "5", "currency": "INR" } }),
        ),
        ("draft_invoice_recompute_config", "enabled", json!(true)),
    ]
}

fn no_change_of_a_member_is_lost(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let changes = changes();
    // More writers than members: the rest write a member together with somebody else, and the same value.
    let of = |number: usize| &changes[number % changes.len()];
    let replies = at_once(|number| {
        let (key, member, value) = of(number);
        let body = json!({ "value": { *member: value } });
        tenant.session().put(&format!("/v1/settings/{key}"), &body)
    });
    expect_winners(&replies, WRITERS, 200, &[]);
    for (key, member, value) in &changes {
        let setting = tenant.session().get(&format!("/v1/settings/{key}")).expect(200);
        let stored = &setting["value"][*member];
        assert!(is_within(value, stored), "{key}: {member} is {stored}, not {value}");
    }
}

/// Whether everything of `part` is in `whole`, which may have more members.
fn is_within(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => part
            .iter()
            .all(|(name, value)| whole.get(name).is_some_and(|other| is_within(value, other))),
        (Value::Array(part), Value::Array(whole)) => {
            part.len() == whole.len() && part.iter().zip(whole).all(|(part, whole)| is_within(part, whole))
        }
        _ => part == whole,
    }
}

fn a_setting_is_reset_once(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let path = "/v1/settings/invoice_config";
    tenant
        .session()
        .put(path, &json!({ "value": { "prefix": "AC" } }))
        .expect(200);
    let replies = at_once(|_| tenant.session().delete(path));
    expect_winners(&replies, 1, 200, &[404]);
    assert_eq!(tenant.session().get(path).expect(200)["value"]["prefix"], "INV");
}
