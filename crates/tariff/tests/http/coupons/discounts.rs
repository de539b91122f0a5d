//! What coupons take off invoices, and on how many of them.

use reqwest::Method;
use serde_json::{Value, json};

use super::{percentage, plan, subscription, tenant};
use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    a_computed_invoice_keeps_its_discounts,
    coupons_discount_as_many_invoices_as_they_say,
    a_coupon_of_a_line_never_moves_to_another,
    a_preview_shows_what_coupons_take_off,
);

/// Code, original price, discount and final price of what coupons took off an invoice.
fn applied(invoice: &Value) -> Vec<[String; 4]> {
    let applications = invoice["coupon_applications"].as_array().unwrap();
    let members = [
        "/coupon_snapshot/coupon_code",
        "/original_price",
        "/discounted_amount",
        "/final_price",
    ];
    let one = |application: &Value| members.map(|member| text(application, member));
    applications.iter().map(one).collect()
}

fn application(code: &str, original: &str, discount: &str, rest: &str) -> [String; 4] {
    [code, original, discount, rest].map(str::to_owned)
}

fn invoices(tenant: &Tenant) -> Vec<Value> {
    let found = tenant.api.get("/v1/invoices?order=asc").expect(200);
    found["items"].as_array().unwrap().clone()
}

fn a_computed_invoice_keeps_its_discounts(place: &Place) {
    let tenant = tenant(place);
    tenant.set_clock("2024-01-01T00:00:00Z");
    let delay = json!({ "value": { "finalization_delay_seconds": 259_200 } });
    tenant.api.put("/v1/settings/invoice_config", &delay).expect(200);
    let rate = json!({ "name": "VAT", "code": "vat", "tax_rate_type": "percentage", "percentage_value": "20" });
    tenant.api.post("/v1/taxes/rates", &rate).expect(201);
    tenant.customer("acme", "Acme");
    let (plan, prices) = plan(&tenant, &["100", "50"]);
    let coupons = [percentage("line", "50"), percentage("all", "10")]
        .map(|coupon| text(&tenant.api.post("/v1/coupons", &coupon).expect(201), "/id"));
    let request = subscription(
        &plan,
        &json!({
            "subscription_coupons": [{ "coupon_code": "line", "price_id": prices[0] }, { "coupon_code": "all" }],
            "tax_rate_overrides": [{ "tax_rate_code": "vat", "currency": "usd", "auto_apply": true }],
        }),
    );
    tenant.api.post("/v1/subscriptions", &request).expect(201);
    tenant.set_clock("2024-02-02T00:00:00Z");
    let draft = invoices(&tenant).remove(1);
    assert_eq!(
        (&draft["invoice_status"], &draft["total_discount"], &draft["total"]),
        (&json!("DRAFT"), &json!("60"), &json!("90"))
    );
    // Its coupons are gone when it is finalized; what they took off it is not.
    for coupon in coupons {
        tenant.api.delete(&format!("/v1/coupons/{coupon}")).expect(200);
    }
    tenant.set_clock("2024-02-06T00:00:00Z");
    let finalized = invoices(&tenant).remove(1);
    for (member, expected) in [
        ("invoice_status", "FINALIZED"),
        ("subtotal", "150"),
        ("total_discount", "60"),
        ("total_tax", "18"),
        ("total", "108"),
        ("amount_due", "108"),
    ] {
        assert_eq!(finalized[member], expected, "{member}");
    }
    assert_eq!(applied(&finalized), applied(&draft));
    assert_eq!(finalized["line_items"][0]["line_item_discount"], "50");
    // They discount nothing that is computed from now on.
    tenant.set_clock("2024-03-06T00:00:00Z");
    let next = invoices(&tenant).remove(2);
    assert_eq!((&next["total_discount"], &next["total"]), (&json!("0"), &json!("180")));
}

fn coupons_discount_as_many_invoices_as_they_say(place: &Place) {
    let tenant = tenant(place);
    tenant.set_clock("2024-01-01T00:00:00Z");
    tenant.customer("acme", "Acme");
    let (plan, prices) = plan(&tenant, &["100", "50"]);
    let mut once = percentage("once", "10");
    once["cadence"] = json!("once");
    let twice = |name: &str, percent: &str| {
        let mut coupon = percentage(name, percent);
        coupon["cadence"] = json!("repeated");
        coupon["duration_in_periods"] = json!(2);
        coupon
    };
    for coupon in [
        once,
        twice("twice", "20"),
        twice("half", "50"),
        percentage("always", "4"),
    ] {
        tenant.api.post("/v1/coupons", &coupon).expect(201);
    }
    let request = subscription(
        &plan,
        &json!({ "subscription_coupons": [
            { "coupon_code": "always", "price_id": prices[1] },
            { "coupon_code": "twice" },
            { "coupon_code": "once" },
            { "coupon_code": "half", "price_id": prices[0], "start_date": "2024-03-01T00:00:00Z" },
        ] }),
    );
    let created = tenant.api.post("/v1/subscriptions", &request).expect(201);
    tenant.set_clock("2024-06-02T00:00:00Z");
    let codes = |invoice: &Value| -> Vec<String> {
        let applied = applied(invoice).into_iter();
        applied.map(|[code, ..]| code).collect()
    };
    let billed: Vec<(String, Vec<String>)> = invoices(&tenant)
        .iter()
        .map(|invoice| (text(invoice, "/period_end"), codes(invoice)))
        .collect();
    let month = |end: &str, codes: &[&str]| {
        let codes = codes.iter().map(|code| (*code).to_owned());
        (format!("2024-{end}-01T00:00:00Z"), codes.collect::<Vec<_>>())
    };
    // The opening invoice is the first of January; its cycle, that with the fees of February, the second. The coupon
    // that starts with March is in time for the invoice of February, whose period ends then.
    let expected = [
        month("02", &["always", "twice", "once"]),
        month("02", &["always", "twice"]),
        month("03", &["always", "half"]),
        month("04", &["always", "half"]),
        month("05", &["always"]),
        month("06", &["always"]),
    ];
    assert_eq!(billed, expected);
    let preview = json!({ "subscription_id": created["id"] });
    let preview = tenant.api.post("/v1/invoices/preview", &preview).expect(200);
    assert_eq!(codes(&preview), ["always"]);
}

fn a_coupon_of_a_line_never_moves_to_another(place: &Place) {
    let tenant = tenant(place);
    tenant.set_clock("2024-01-01T00:00:00Z");
    tenant.customer("acme", "Acme");
    let (plan, _) = plan(&tenant, &["100"]);
    let addon = json!({ "name": "Boost", "lookup_key": "boost" });
    let addon = text(&tenant.api.post("/v1/addons", &addon).expect(201), "/id");
    let price = json!({
        "entity_type": "ADDON", "entity_id": addon, "currency": "usd", "type": "FIXED", "amount": "50",
        "billing_model": "FLAT_FEE", "invoice_cadence": "ADVANCE", "price_unit_type": "FIAT",
        "billing_period": "MONTHLY", "billing_period_count": 1,
    });
    let price = text(&tenant.api.post("/v1/prices", &price).expect(201), "/id");
    tenant.api.post("/v1/coupons", &percentage("line", "40")).expect(201);
    let request = subscription(
        &plan,
        &json!({
            "addons": [{ "addon_id": addon }, { "addon_id": addon }],
            "subscription_coupons": [{ "coupon_code": "line", "price_id": price }],
        }),
    );
    let created = tenant.api.post("/v1/subscriptions", &request).expect(201);
    assert_eq!(created["latest_invoice"]["total_discount"], "40");
    let path = format!("/v1/subscriptions/{}/addons/associations", text(&created, "/id"));
    let attached = tenant.api.get(&path).expect(200);
    let detach = json!({ "addon_association_id": attached["items"][0]["id"] });
    let detached = tenant.api.raw(
        Method::DELETE,
        "/v1/subscriptions/addon",
        "application/json",
        detach.to_string().into_bytes(),
    );
    detached.expect(200);
    tenant.set_clock("2024-02-02T00:00:00Z");
    let invoice = invoices(&tenant).remove(1);
    // The attachment that is left has its own coupon, and not that of the other one too.
    assert_eq!(invoice["subtotal"], "150");
    assert_eq!(applied(&invoice), [application("line", "50", "20", "30")]);
    assert_eq!(invoice["total_discount"], "20");
}

fn a_preview_shows_what_coupons_take_off(place: &Place) {
    let tenant = tenant(place);
    tenant.set_clock("2024-01-01T00:00:00Z");
    tenant.customer("acme", "Acme");
    let (plan, prices) = plan(&tenant, &["100", "50"]);
    let mut once = percentage("once", "50");
    once["cadence"] = json!("once");
    for coupon in [percentage("line", "10"), percentage("all", "20"), once] {
        tenant.api.post("/v1/coupons", &coupon).expect(201);
    }
    let request = subscription(
        &plan,
        &json!({ "subscription_coupons": [
            { "coupon_code": "once" }, { "coupon_code": "line", "price_id": prices[0] }, { "coupon_code": "all" },
        ] }),
    );
    let created = tenant.api.post("/v1/subscriptions", &request).expect(201);
    let opening = &created["latest_invoice"];
    let on_line = application("line", "100", "10", "90");
    let on_opening = [
        on_line.clone(),
        application("once", "140", "70", "70"),
        application("all", "70", "14", "56"),
    ];
    assert_eq!(applied(opening), on_opening);

    let preview = json!({ "subscription_id": created["id"] });
    let preview = tenant.api.post("/v1/invoices/preview", &preview).expect(200);
    assert_eq!(applied(&preview), [on_line, application("all", "140", "28", "112")]);
    let [first, second] = [0, 1].map(|index| &preview["coupon_applications"][index]);
    for shown in [first, second] {
        assert_eq!(shown["id"], "");
        assert_eq!(shown["invoice_id"], preview["id"]);
    }
    assert_eq!(first["invoice_line_item_id"], preview["line_items"][0]["id"]);
    assert!(second.get("invoice_line_item_id").is_none(), "{second}");
    assert_eq!(preview["total_discount"], "38");
    // A preview is not an invoice: the coupon that counts once is as used as before.
    assert_eq!(invoices(&tenant).len(), 1);
}
