//! Settings: defaults, merging, rules (spec 01 B8, acceptance 14 and 15).

use serde_json::{Value, json};

use crate::support::{Client, Server, text};

async fn value(client: &Client, key: &str) -> Value {
    client.get(&format!("/v1/settings/{key}")).await.expect(200)["value"].clone()
}

async fn put(client: &Client, key: &str, value: &Value) -> crate::support::Reply {
    client
        .put(&format!("/v1/settings/{key}"), &json!({"value": value}))
        .await
}

#[tokio::test]
async fn defaults_hold_while_nothing_is_stored() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let here = tenant.here();
    here.get("/v1/settings/invoice_config").await.expect_exactly(
        200,
        json!({
            "id": "", "key": "invoice_config", "environment_id": "", "tenant_id": "", "status": "",
            "created_at": "0001-01-01T00:00:00Z", "updated_at": "0001-01-01T00:00:00Z",
            "created_by": "", "updated_by": "",
            "value": {
                "prefix": "INV", "format": "YYYYMM", "start_sequence": 1, "timezone": "UTC", "separator": "-",
                "suffix_length": 5, "due_date_days": 1, "finalization_delay_seconds": 7200,
            },
        }),
    );
    for (key, expected) in [
        (
            "subscription_config",
            json!({"grace_period_days": 3, "auto_cancellation_enabled": false}),
        ),
        (
            "invoice_pdf_config",
            json!({"template_name": "invoice.typ", "group_by": []}),
        ),
        (
            "tenant_config",
            json!({"production": 0, "development": 2, "max_users": 10}),
        ),
        (
            "customer_onboarding",
            json!({"workflow_type": "customer_onboarding", "actions": []}),
        ),
        (
            "prepare_processed_events_config",
            json!({"workflow_type": "prepare_processed_events", "actions": []}),
        ),
        (
            "wallet_balance_alert_config",
            json!({
                "critical": {"threshold": "0", "condition": "below"}, "warning": null, "info": null,
                "alert_enabled": false,
            }),
        ),
        ("custom_analytics_config", json!({"rules": []})),
        (
            "event_ingestion_filter",
            json!({"enabled": false, "allowed_external_customer_ids": []}),
        ),
        ("bonus_credits_topup_config", json!({"enabled": false, "slabs": []})),
        (
            "payment_mandate_limits",
            json!({"mandate_limits": {"UPI": {"max_amount": "100000", "currency": "INR"}}}),
        ),
        ("draft_invoice_recompute_config", json!({"enabled": false})),
    ] {
        assert_eq!(value(&here, key).await, expected, "{key}");
    }
    let portal = value(&here, "customer_portal_config").await;
    let sections: Vec<String> = portal["sections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|section| text(section, "id"))
        .collect();
    assert_eq!(sections, ["usage", "credits", "invoices", "overview"]);
    assert_eq!(portal["sections"][0]["tabs"][3]["type"], "usage_breakdown");
    here.get("/v1/settings/colour")
        .await
        .expect_error(400, "validation_error");
    here.get("/v1/settings/saml_config")
        .await
        .expect_error(404, "not_found");
}

#[tokio::test]
async fn what_is_sent_is_merged_and_a_reset_forgets_it() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let here = tenant.here();
    let key = "invoice_config";
    let stored = put(&here, key, &json!({"prefix": "AC"})).await.expect(200);
    assert!(text(&stored, "id").starts_with("setting_"));
    assert_eq!(
        (&stored["tenant_id"], &stored["status"]),
        (&json!(tenant.tenant_id), &json!("published"))
    );
    assert_eq!(stored["updated_by"], tenant.user_id);
    assert_eq!(
        (&stored["value"]["prefix"], &stored["value"]["due_date_days"]),
        (&json!("AC"), &json!(1))
    );

    // What is stored wins even when it looks empty; null means "not sent"; unknown members are ignored.
    let body = json!({"separator": "", "finalization_delay_seconds": 0, "prefix": null, "colour": "red"});
    put(&here, key, &body).await.expect(200);
    let now = value(&here, key).await;
    assert_eq!(
        (&now["separator"], &now["finalization_delay_seconds"]),
        (&json!(""), &json!(0))
    );
    assert_eq!((&now["prefix"], now.get("colour")), (&json!("AC"), None));

    let path = "/v1/settings/invoice_config";
    here.delete(path)
        .await
        .expect_exactly(200, json!({"message": "Setting deleted successfully"}));
    assert_eq!(value(&here, key).await["prefix"], "INV");
    here.delete(path).await.expect_error(404, "not_found");
    put(&here, key, &json!({"prefix": "B"})).await.expect(200);
}

#[tokio::test]
async fn rules_are_checked_on_the_whole() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let here = tenant.here();
    here.put("/v1/settings/invoice_config", &json!({}))
        .await
        .expect_error(400, "validation_error");
    let unknown = put(&here, "colour", &json!({}))
        .await
        .expect_error(400, "validation_error");
    assert!(
        unknown["details"]["allowed"]
            .as_array()
            .unwrap()
            .contains(&json!("tenant_config"))
    );
    let level = |threshold: i64, condition: &str| json!({"threshold": threshold, "condition": condition});
    let slab =
        |threshold: i64| json!({"threshold": threshold, "operator": "gte", "bonus": {"type": "flat", "value": 1}});
    let wallet = json!({"action": "create_wallet", "currency": "usd"});
    for (key, bad) in [
        ("invoice_config", json!({"prefix": ""})),
        ("invoice_config", json!({"format": "YYYY-MM"})),
        ("invoice_config", json!({"start_sequence": 0})),
        ("invoice_config", json!({"suffix_length": 11})),
        ("invoice_config", json!({"due_date_days": -1})),
        ("invoice_config", json!({"timezone": "Mars/Olympus"})),
        ("invoice_config", json!({"prefix": 7})),
        ("subscription_config", json!({"grace_period_days": 0})),
        ("invoice_pdf_config", json!({"template_name": "other.typ"})),
        ("invoice_pdf_config", json!({"group_by": [""]})),
        ("tenant_config", json!({"max_users": -1})),
        ("customer_onboarding", json!({"workflow_type": "other"})),
        ("customer_onboarding", json!({"actions": [{"action": "dance"}]})),
        (
            "customer_onboarding",
            json!({"actions": [wallet, {"action": "create_customer"}]}),
        ),
        (
            "customer_onboarding",
            json!({"custom_workflows": {"vip": [{"action": "create_subscription"}]}}),
        ),
        (
            "customer_onboarding",
            json!({"actions": [{
                "action": "create_wallet", "currency": "usd", "initial_credits_expiration_duration": 1,
                "initial_credits_expiration_duration_unit": "DAY",
            }]}),
        ),
        (
            "wallet_balance_alert_config",
            json!({"critical": null, "alert_enabled": true}),
        ),
        (
            "wallet_balance_alert_config",
            json!({"critical": null, "warning": level(1, "below")}),
        ),
        ("wallet_balance_alert_config", json!({"warning": level(-1, "below")})),
        ("wallet_balance_alert_config", json!({"warning": level(1, "above")})),
        (
            "custom_analytics_config",
            json!({"rules": [{"id": "x", "target_type": "plan", "target_id": "y"}]}),
        ),
        ("customer_portal_config", json!({"sections": [{"id": ""}]})),
        ("event_ingestion_filter", json!({"enabled": true})),
        ("bonus_credits_topup_config", json!({"enabled": true})),
        ("bonus_credits_topup_config", json!({"slabs": [slab(10), slab(10)]})),
        (
            "payment_mandate_limits",
            json!({"mandate_limits": {"UPI": {"max_amount": "-1", "currency": "INR"}}}),
        ),
        (
            "payment_mandate_limits",
            json!({"mandate_limits": {"UPI": {"max_amount": "1", "currency": "IN"}}}),
        ),
    ] {
        put(&here, key, &bad).await.expect_error(400, "validation_error");
    }
    for (key, good) in [
        ("invoice_config", json!({"timezone": "ist", "suffix_length": 10})),
        (
            "customer_onboarding",
            json!({"actions": [{"action": "create_customer"}, {
                "action": "create_wallet", "currency": "usd", "conversion_rate": 1.5, "initial_credits_to_load": "10",
                "initial_credits_expiration_duration": 1, "initial_credits_expiration_duration_unit": "MONTH",
            }]}),
        ),
        (
            "wallet_balance_alert_config",
            json!({"warning": level(5, "below"), "info": level(5, "below"), "alert_enabled": true}),
        ),
        (
            "wallet_balance_alert_config",
            json!({"critical": null, "warning": null}),
        ),
        (
            "bonus_credits_topup_config",
            json!({"enabled": true, "slabs": [slab(20), slab(10)]}),
        ),
    ] {
        put(&here, key, &good).await.expect(200);
    }
    let alerts = value(&here, "wallet_balance_alert_config").await;
    assert_eq!(
        (&alerts["critical"], &alerts["info"]["threshold"]),
        (&Value::Null, &json!("5"))
    );
    let onboarding = value(&here, "customer_onboarding").await;
    assert_eq!(onboarding["actions"][1]["conversion_rate"], "1.5");
}

/// What would keep every later invoice from its number or due date is refused at once.
#[tokio::test]
async fn what_invoices_could_not_live_with_is_refused() {
    let server = Server::start().await;
    let here = server.sign_up("a@example.com").await.here();
    let long = "é".repeat(100);
    for (key, member, most, beyond) in [
        (
            "invoice_config",
            "start_sequence",
            json!(1_000_000_000_000_000_i64),
            json!(1_000_000_000_000_001_i64),
        ),
        ("invoice_config", "prefix", json!(long), json!(format!("{long}x"))),
        ("invoice_config", "separator", json!(long), json!(format!("{long}x"))),
        ("invoice_config", "due_date_days", json!(36_500), json!(36_501)),
        ("subscription_config", "grace_period_days", json!(36_500), json!(36_501)),
    ] {
        let refused = put(&here, key, &json!({member: beyond})).await;
        let refused = refused.expect_error(400, "validation_error");
        assert!(refused["details"][member].is_string(), "{refused}");
        put(&here, key, &json!({member: most})).await.expect(200);
        assert_eq!(value(&here, key).await[member], most);
    }
}

#[tokio::test]
async fn a_member_of_the_wrong_form_is_named() {
    let server = Server::start().await;
    let here = server.sign_up("a@example.com").await.here();
    for (key, bad, named) in [
        (
            "invoice_config",
            json!({"due_date_days": -1, "prefix": "P"}),
            vec!["due_date_days"],
        ),
        (
            "invoice_config",
            json!({"suffix_length": "5", "prefix": 7}),
            vec!["prefix", "suffix_length"],
        ),
        ("invoice_config", json!({"format": "YYYY-MM"}), vec!["format"]),
        (
            "customer_onboarding",
            json!({"actions": [{"action": "dance"}]}),
            vec!["actions"],
        ),
        (
            "wallet_balance_alert_config",
            json!({"info": {"threshold": "1"}}),
            vec!["info"],
        ),
    ] {
        let refused = put(&here, key, &bad).await.expect_error(400, "validation_error");
        let details = refused["details"].as_object().unwrap();
        assert_eq!(details.keys().collect::<Vec<_>>(), named, "{refused}");
    }
    assert_eq!(value(&here, "invoice_config").await["prefix"], "INV");
}

#[tokio::test]
async fn settings_belong_to_their_environment_or_tenant() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let staging = json!({"name": "Staging", "type": "development"});
    let staging = text(
        &tenant.session.post("/v1/environments", &staging).await.expect(201),
        "id",
    );
    let there = tenant.session.with("x-environment-id", &staging);
    put(&tenant.here(), "invoice_config", &json!({"prefix": "AC"}))
        .await
        .expect(200);
    assert_eq!(value(&there, "invoice_config").await["prefix"], "INV");

    let quotas = put(&tenant.here(), "tenant_config", &json!({"production": 1}))
        .await
        .expect(200);
    assert_eq!(quotas["environment_id"], "");
    assert_eq!(value(&there, "tenant_config").await["production"], 1);
    let live = json!({"name": "Live", "type": "production"});
    tenant.session.post("/v1/environments", &live).await.expect(201);
    tenant
        .session
        .post("/v1/environments", &live)
        .await
        .expect_error(400, "validation_error");
}

#[tokio::test]
async fn only_super_admin_people_change_settings() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let account = tenant.service_account("super_admin").await;
    let refused = json!({"message": "This action requires a user account with Super Admin access"});
    put(&account, "x", &json!({}))
        .await
        .expect_exactly(403, refused.clone());
    account.delete("/v1/settings/x").await.expect_exactly(403, refused);
    account.get("/v1/settings/invoice_config").await.expect(200);
    let ingestor = tenant.service_account("event_ingestor").await;
    ingestor.get("/v1/settings/invoice_config").await.expect(403);
}

#[tokio::test]
async fn single_sign_on_is_set_up_where_the_deployment_offers_it() {
    let server = Server::start_with(|config| config.single_sign_on = true).await;
    let tenant = server.sign_up("a@example.com").await;
    let sent = json!({"enabled": true, "active": true, "enforce_sso": true});
    let stored = put(&tenant.here(), "saml_config", &sent).await.expect(200);
    assert_eq!(
        (&stored["value"]["enabled"], &stored["value"]["active"]),
        (&json!(true), &json!(false))
    );
    for role in ["super_admin", "event_reader", "owner"] {
        put(&tenant.here(), "saml_config", &json!({"default_role": role}))
            .await
            .expect_error(400, "validation_error");
    }
    let account = tenant.service_account("super_admin").await;
    account
        .get("/v1/settings/saml_config")
        .await
        .expect_error(403, "permission_denied");
}
