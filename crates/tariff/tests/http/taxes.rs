//! Tax rates, what they are attached to, how they are inherited, and what invoices are charged with.

use serde_json::{Value, json};

use crate::support::client::{encoded, text};
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    a_rate_is_created_found_and_changed,
    a_rate_refuses_what_does_not_fit,
    a_rate_in_use_stays_as_it_is,
    an_association_fits_its_rate_and_bearer,
    an_association_is_changed_found_and_removed,
    customers_inherit_the_taxes_of_their_tenant,
    overrides_replace_what_would_be_inherited,
    a_subscription_is_taxed_month_after_month,
    each_rate_is_charged_once_and_rounded_by_itself,
    discounts_lower_what_is_taxed,
    a_tax_holds_from_its_start_to_its_end,
    taxes_stay_with_their_tenant,
);

const START: &str = "2024-01-01T00:00:00Z";

fn tenant(place: &Place) -> Tenant {
    Tenant::sign_up(&place.server().client())
}

fn percentage(tenant: &Tenant, code: &str, value: &str) -> String {
    let body = json!({ "name": code, "code": code, "tax_rate_type": "percentage", "percentage_value": value });
    text(&tenant.api.post("/v1/taxes/rates", &body).expect(201), "/id")
}

fn fixed(tenant: &Tenant, code: &str, value: &str) -> String {
    let body = json!({ "name": code, "code": code, "tax_rate_type": "fixed", "fixed_value": value });
    text(&tenant.api.post("/v1/taxes/rates", &body).expect(201), "/id")
}

fn attach(tenant: &Tenant, code: &str, entity_type: &str, entity_id: &str) -> String {
    let body = json!({
        "tax_rate_code": code, "entity_type": entity_type, "entity_id": entity_id, "auto_apply": true,
    });
    text(&tenant.api.post("/v1/taxes/associations", &body).expect(200), "/id")
}

fn associations(tenant: &Tenant, query: &str) -> Vec<Value> {
    let answer = tenant.api.get(&format!("/v1/taxes/associations?{query}")).expect(200);
    answer["items"].as_array().unwrap().clone()
}

fn of_customer(tenant: &Tenant, external_id: &str) -> Vec<Value> {
    associations(tenant, &format!("external_customer_id={external_id}"))
}

fn of_subscription(tenant: &Tenant, id: &str) -> Vec<Value> {
    associations(tenant, &format!("entity_type=subscription&entity_id={id}"))
}

/// A tenant in January 2024 with a plan of `amount` a month, in advance.
struct Shop {
    tenant: Tenant,
    plan_id: String,
}

impl Shop {
    fn open(place: &Place, currency: &str, amount: &str) -> Self {
        let tenant = tenant(place);
        tenant.set_clock(START);
        let plan = tenant.api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201);
        let plan_id = text(&plan, "/id");
        let price = json!({
            "entity_type": "PLAN", "entity_id": plan_id, "currency": currency, "price_unit_type": "FIAT",
            "billing_period": "MONTHLY", "billing_period_count": 1, "type": "FIXED", "billing_model": "FLAT_FEE",
            "invoice_cadence": "ADVANCE", "amount": amount,
        });
        tenant.api.post("/v1/prices", &price).expect(201);
        Self { tenant, plan_id }
    }

    /// A subscription's request, with more members laid over it.
    fn request(&self, external_customer_id: &str, currency: &str, more: &Value) -> Value {
        let mut body = json!({
            "external_customer_id": external_customer_id, "plan_id": self.plan_id, "currency": currency,
            "start_date": START, "billing_period": "MONTHLY", "billing_period_count": 1,
            "billing_cycle": "calendar", "collection_method": "send_invoice", "payment_behavior": "default_active",
        });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    }

    fn subscribe(&self, external_customer_id: &str, more: &Value) -> Value {
        let body = self.request(external_customer_id, "usd", more);
        self.tenant.api.post("/v1/subscriptions", &body).expect(201)
    }

    /// The customer's invoices in full, oldest first.
    fn invoices(&self, external_customer_id: &str) -> Vec<Value> {
        let filter = json!({ "external_customer_id": external_customer_id, "order": "asc" });
        let found = self.tenant.api.post("/v1/invoices/search", &filter).expect(200);
        let ids = found["items"].as_array().unwrap().iter().map(|item| text(item, "/id"));
        ids.map(|id| self.invoice(&id)).collect()
    }

    fn invoice(&self, id: &str) -> Value {
        let path = format!("/v1/invoices/{id}?expand=tax_applied.tax_rate");
        self.tenant.api.get(&path).expect(200)
    }
}

/// Code, taxable amount and tax of each tax of an invoice.
fn taxes(invoice: &Value) -> Vec<(String, String, String)> {
    let empty = Vec::new();
    let taxes = invoice["taxes"].as_array().unwrap_or(&empty);
    let one = |tax: &Value| {
        (
            text(tax, "/tax_rate/code"),
            text(tax, "/taxable_amount"),
            text(tax, "/tax_amount"),
        )
    };
    taxes.iter().map(one).collect()
}

fn tax(code: &str, taxable_amount: &str, amount: &str) -> (String, String, String) {
    (code.to_owned(), taxable_amount.to_owned(), amount.to_owned())
}

fn a_rate_is_created_found_and_changed(place: &Place) {
    let tenant = tenant(place);
    let body = json!({
        "name": "GST", "code": "gst", "tax_rate_type": "percentage", "percentage_value": "18.1234567",
        "description": "d", "metadata": { "a": "1" },
    });
    let created = tenant.api.post("/v1/taxes/rates", &body).expect(201);
    assert_eq!(created["percentage_value"], "18.123457");
    assert!(created.get("fixed_value").is_none(), "{created}");
    assert_eq!(created["scope"], "INTERNAL");
    assert_eq!(created["tax_rate_status"], "ACTIVE");
    assert_eq!(created["status"], "published");
    let path = format!("/v1/taxes/rates/{}", text(&created, "/id"));
    tenant.api.get(&path).expect_exactly(200, &created);
    tenant
        .api
        .post("/v1/taxes/rates", &body)
        .expect_error(409, "already_exists");
    tenant
        .api
        .get("/v1/taxes/rates/taxrate_none")
        .expect_error(404, "not_found");

    // Codes differ by letter case.
    percentage(&tenant, "GST", "5");
    fixed(&tenant, "fee", "2500.5");
    let found = |query: &str| {
        let answer = tenant.api.get(&format!("/v1/taxes/rates?{query}")).expect(200);
        let codes = answer["items"].as_array().unwrap().iter();
        codes.map(|rate| text(rate, "/code")).collect::<Vec<_>>()
    };
    assert_eq!(found(""), ["fee", "GST", "gst"]);
    assert_eq!(found("taxrate_codes=gst,fee"), ["fee", "gst"]);
    assert_eq!(found(&format!("taxrate_ids={}", text(&created, "/id"))), ["gst"]);
    assert_eq!(found("scope=EXTERNAL"), Vec::<String>::new());
    assert_eq!(found("status=archived"), Vec::<String>::new());
    assert_eq!(found("limit=1&offset=1"), ["GST"]);
    let fixed_ones = r#"[{"field":"tax_rate_type","operator":"eq","data_type":"string","value":{"string":"fixed"}}]"#;
    assert_eq!(found(&format!("filters={}", encoded(fixed_ones))), ["fee"]);
    let unknown = r#"[{"field":"tenant_id","operator":"eq","value":{"string":"x"}}]"#;
    let refused = tenant.api.get(&format!("/v1/taxes/rates?filters={}", encoded(unknown)));
    refused.expect_error(400, "validation_error");

    let change = json!({ "name": "Goods", "code": "goods", "metadata": { "b": "2" }, "tax_rate_status": "INACTIVE" });
    let changed = tenant.api.put(&path, &change).expect(200);
    assert_eq!(changed["name"], "Goods");
    assert_eq!(changed["code"], "goods");
    assert_eq!(changed["description"], "d");
    assert_eq!(changed["metadata"], json!({ "b": "2" }));
    assert_eq!(changed["tax_rate_status"], "INACTIVE");
    assert_eq!(changed["percentage_value"], "18.123457");
    let taken = tenant.api.put(&path, &json!({ "code": "fee" }));
    taken.expect_error(409, "already_exists");
    let unknown = tenant.api.put("/v1/taxes/rates/taxrate_none", &json!({}));
    unknown.expect_error(404, "not_found");
}

fn a_rate_refuses_what_does_not_fit(place: &Place) {
    let tenant = tenant(place);
    for (body, field) in [
        (
            json!({ "code": "c", "tax_rate_type": "fixed", "fixed_value": "1" }),
            "name",
        ),
        (
            json!({ "name": "n", "tax_rate_type": "fixed", "fixed_value": "1" }),
            "code",
        ),
        (json!({ "name": "n", "code": "c", "fixed_value": "1" }), "tax_rate_type"),
        (
            json!({ "name": "n", "code": "c", "tax_rate_type": "fixed" }),
            "fixed_value",
        ),
        (
            json!({ "name": "n", "code": "c", "tax_rate_type": "fixed", "fixed_value": "-1" }),
            "fixed_value",
        ),
        (
            json!({ "name": "n", "code": "c", "tax_rate_type": "percentage", "percentage_value": "100.5" }),
            "percentage_value",
        ),
        (
            json!({ "name": "n", "code": "c", "tax_rate_type": "fixed", "fixed_value": "1", "percentage_value": "1" }),
            "fixed_value",
        ),
    ] {
        let details = tenant.api.post("/v1/taxes/rates", &body);
        let details = details.expect_error(400, "validation_error");
        assert!(details.get(field).is_some(), "{body} gave {details}");
    }
    let unknown = json!({ "name": "n", "code": "c", "tax_rate_type": "flat", "fixed_value": "1" });
    tenant
        .api
        .post("/v1/taxes/rates", &unknown)
        .expect_error(400, "validation_error");
}

fn a_rate_in_use_stays_as_it_is(place: &Place) {
    let tenant = tenant(place);
    let rate = format!("/v1/taxes/rates/{}", percentage(&tenant, "vat", "20"));
    let association = attach(&tenant, "vat", "tenant", &tenant.tenant_id);
    let rename = json!({ "name": "other" });
    tenant.api.put(&rate, &rename).expect_error(400, "validation_error");
    tenant.api.delete(&rate).expect_error(400, "validation_error");
    let association = format!("/v1/taxes/associations/{association}");
    tenant.api.delete(&association).expect_exactly(200, &json!({}));
    tenant.api.put(&rate, &rename).expect(200);
    tenant.api.delete(&rate).expect(204);
    assert_eq!(tenant.api.get(&rate).expect(200)["status"], "archived");
    // The code is free again, and no longer names the archived rate.
    let body = json!({ "tax_rate_code": "vat", "entity_type": "tenant", "entity_id": tenant.tenant_id });
    let unknown = tenant.api.post("/v1/taxes/associations", &body);
    unknown.expect_error(404, "not_found");
    percentage(&tenant, "vat", "21");
    tenant
        .api
        .delete("/v1/taxes/rates/taxrate_none")
        .expect_error(404, "not_found");
}

fn an_association_fits_its_rate_and_bearer(place: &Place) {
    let tenant = tenant(place);
    tenant.set_clock(START);
    percentage(&tenant, "vat", "20");
    let off = percentage(&tenant, "off", "20");
    let inactive = json!({ "tax_rate_status": "INACTIVE" });
    tenant.api.put(&format!("/v1/taxes/rates/{off}"), &inactive).expect(200);
    let customer = text(&tenant.customer("acme", "Acme"), "/id");
    let create = |body: &Value| tenant.api.post("/v1/taxes/associations", body);

    let with = |more: &Value| {
        let mut body = json!({ "tax_rate_code": "vat", "entity_type": "customer", "entity_id": customer });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    for (more, field) in [
        (json!({ "tax_rate_code": "" }), "tax_rate_code"),
        (json!({ "entity_type": "" }), "entity_type"),
        (json!({ "entity_id": "" }), "entity_id"),
        (json!({ "priority": -1 }), "priority"),
        (json!({ "currency": "dollars" }), "currency"),
        (json!({ "end_date": "2023-12-31T00:00:00Z" }), "end_date"),
        (
            json!({ "start_date": "2024-05-01T00:00:00Z", "end_date": "2024-05-01T00:00:00Z" }),
            "end_date",
        ),
        (
            json!({ "external_customer_id": "acme", "entity_id": "cust_other" }),
            "entity_id",
        ),
        (json!({ "tax_rate_code": "off" }), "tax_rate_code"),
    ] {
        let details = create(&with(&more)).expect_error(400, "validation_error");
        assert!(details.get(field).is_some(), "{more} gave {details}");
    }
    create(&with(&json!({ "tax_rate_code": "VAT" }))).expect_error(404, "not_found");
    let unknown = json!({ "tax_rate_code": "vat", "external_customer_id": "nobody" });
    create(&unknown).expect_error(404, "not_found");

    let created = create(&json!({ "tax_rate_code": "vat", "external_customer_id": "acme", "currency": "USD" }));
    let created = created.expect(200);
    assert_eq!(created["entity_type"], "customer");
    assert_eq!(created["entity_id"], customer);
    assert_eq!(created["auto_apply"], false);
    assert_eq!(created["priority"], 0);
    assert_eq!(created["currency"], "usd");
    assert_eq!(created["start_date"], START);
    assert!(created.get("end_date").is_none(), "{created}");
}

fn an_association_is_changed_found_and_removed(place: &Place) {
    let tenant = tenant(place);
    let rate = percentage(&tenant, "vat", "20");
    let customer = text(&tenant.customer("acme", "Acme"), "/id");
    let first = attach(&tenant, "vat", "customer", &customer);
    let second = attach(&tenant, "vat", "invoice", "inv_x");
    let path = format!("/v1/taxes/associations/{first}");
    assert!(tenant.api.get(&path).expect(200).get("tax_rate").is_none());
    let expanded = tenant.api.get(&format!("{path}?expand=tax_rate,bogus")).expect(200);
    assert_eq!(expanded["tax_rate"]["code"], "vat");

    let change = json!({ "priority": 7, "auto_apply": false, "metadata": { "a": "1" }, "currency": "eur" });
    let changed = tenant.api.put(&path, &change).expect(200);
    assert_eq!(changed["priority"], 7);
    assert_eq!(changed["auto_apply"], false);
    assert_eq!(changed["metadata"], json!({ "a": "1" }));
    assert_eq!(changed["currency"], "");
    tenant
        .api
        .put(&path, &json!({ "priority": -1 }))
        .expect_error(400, "validation_error");

    let found = |query: &str| {
        let found = associations(&tenant, query).into_iter();
        found.map(|association| text(&association, "/id")).collect::<Vec<_>>()
    };
    let none: [&str; 0] = [];
    assert_eq!(found(""), [second.as_str(), first.as_str()]);
    assert_eq!(found("external_customer_id=acme"), [first.as_str()]);
    assert_eq!(found("auto_apply=true"), [second.as_str()]);
    assert_eq!(found("entity_type=invoice&entity_id=inv_x"), [second.as_str()]);
    assert_eq!(found(&format!("tax_rate_id={rate}&auto_apply=false")), [first.as_str()]);
    assert_eq!(found("currency=usd"), none);
    let listed = associations(&tenant, "expand=tax_rate&limit=1");
    assert_eq!(listed[0]["tax_rate"]["percentage_value"], "20");
    let nobody = tenant.api.get("/v1/taxes/associations?external_customer_id=nobody");
    nobody.expect_error(404, "not_found");

    tenant.api.delete(&path).expect_exactly(200, &json!({}));
    assert_eq!(found(""), [second.as_str()]);
    assert_ne!(tenant.api.get(&path).expect(200)["status"], "published");
    for reply in [
        tenant.api.get("/v1/taxes/associations/ta_none"),
        tenant.api.put("/v1/taxes/associations/ta_none", &json!({})),
        tenant.api.delete("/v1/taxes/associations/ta_none"),
    ] {
        reply.expect_error(404, "not_found");
    }
}

fn customers_inherit_the_taxes_of_their_tenant(place: &Place) {
    let tenant = tenant(place);
    let rate = percentage(&tenant, "gst", "18");
    percentage(&tenant, "manual", "5");
    tenant.customer("before", "Before");
    let body = json!({
        "tax_rate_code": "gst", "entity_type": "tenant", "entity_id": tenant.tenant_id, "auto_apply": true,
        "priority": 3, "currency": "usd", "metadata": { "a": "1" },
    });
    let upstream = text(&tenant.api.post("/v1/taxes/associations", &body).expect(200), "/id");
    let manual = json!({ "tax_rate_code": "manual", "entity_type": "tenant", "entity_id": tenant.tenant_id });
    tenant.api.post("/v1/taxes/associations", &manual).expect(200);

    tenant.customer("acme", "Acme");
    assert!(of_customer(&tenant, "before").is_empty());
    let copies = of_customer(&tenant, "acme");
    assert_eq!(copies.len(), 1, "{copies:?}");
    assert_eq!(copies[0]["tax_rate_id"], rate);
    assert_eq!(copies[0]["auto_apply"], true);
    assert_eq!(copies[0]["priority"], 3);
    assert_eq!(copies[0]["currency"], "usd");
    assert_eq!(copies[0]["metadata"], json!({ "a": "1" }));
    // What happens upstream later stays there.
    tenant
        .api
        .delete(&format!("/v1/taxes/associations/{upstream}"))
        .expect(200);
    assert_eq!(of_customer(&tenant, "acme").len(), 1);
    tenant.customer("after", "After");
    assert!(of_customer(&tenant, "after").is_empty());
}

fn overrides_replace_what_would_be_inherited(place: &Place) {
    let shop = Shop::open(place, "usd", "100");
    let tenant = &shop.tenant;
    percentage(tenant, "gst", "18");
    let vat = percentage(tenant, "vat", "20");
    let off = percentage(tenant, "off", "20");
    let inactive = json!({ "tax_rate_status": "INACTIVE" });
    tenant.api.put(&format!("/v1/taxes/rates/{off}"), &inactive).expect(200);
    attach(tenant, "gst", "tenant", &tenant.tenant_id);
    let create = |external_id: &str, overrides: Value| {
        let body = json!({ "external_id": external_id, "name": "n", "tax_rate_overrides": overrides });
        tenant.api.post("/v1/customers", &body)
    };
    create("none", json!([])).expect(201);
    assert!(of_customer(tenant, "none").is_empty());
    create("null", Value::Null).expect(201);
    assert_eq!(of_customer(tenant, "null").len(), 1);
    create(
        "vat",
        json!([{ "tax_rate_code": "vat", "currency": "USD", "auto_apply": true }]),
    )
    .expect(201);
    let own = of_customer(tenant, "vat");
    assert_eq!((own.len(), &own[0]["tax_rate_id"]), (1, &json!(vat)));
    create("by-hand", json!([{ "tax_rate_code": "vat", "currency": "usd" }])).expect(201);
    assert_eq!(of_customer(tenant, "by-hand")[0]["auto_apply"], false);

    // All or nothing.
    create("lost", json!([{ "tax_rate_code": "unknown", "currency": "usd" }])).expect_error(404, "not_found");
    create("lost", json!([{ "tax_rate_code": "off", "currency": "usd" }])).expect_error(400, "validation_error");
    create("lost", json!([{ "tax_rate_code": "vat" }])).expect_error(400, "validation_error");
    tenant
        .api
        .get("/v1/customers/external/lost")
        .expect_error(404, "not_found");

    let untaxed = shop.subscribe("vat", &json!({ "tax_rate_overrides": [] }));
    assert!(of_subscription(tenant, &text(&untaxed, "/id")).is_empty());
    assert_eq!(untaxed["latest_invoice"]["total"], "100");
    let replaced = json!([{ "tax_rate_code": "gst", "currency": "usd", "auto_apply": true }]);
    let replaced = shop.subscribe("null", &json!({ "tax_rate_overrides": replaced }));
    assert_eq!(replaced["latest_invoice"]["total"], "118");
    let by_hand = shop.subscribe("by-hand", &json!({}));
    assert!(of_subscription(tenant, &text(&by_hand, "/id")).is_empty());
    assert_eq!(by_hand["latest_invoice"]["total_tax"], "0");
    for (code, status, error) in [("unknown", 404, "not_found"), ("off", 400, "validation_error")] {
        let overrides = json!({ "tax_rate_overrides": [{ "tax_rate_code": code, "currency": "usd" }] });
        let body = shop.request("none", "usd", &overrides);
        tenant.api.post("/v1/subscriptions", &body).expect_error(status, error);
    }
    assert!(shop.invoices("none").is_empty());
}

fn a_subscription_is_taxed_month_after_month(place: &Place) {
    let shop = Shop::open(place, "usd", "100");
    let tenant = &shop.tenant;
    let gst = percentage(tenant, "gst", "18");
    attach(tenant, "gst", "tenant", &tenant.tenant_id);
    tenant.customer("acme", "Acme");
    let subscription = shop.subscribe("acme", &json!({}));
    let id = text(&subscription, "/id");
    assert_eq!(of_subscription(tenant, &id).len(), 1);

    let opening = &shop.invoices("acme")[0];
    assert_eq!(taxes(opening), [tax("gst", "100", "18")]);
    assert_eq!(
        (&opening["subtotal"], &opening["total_tax"]),
        (&json!("100"), &json!("18"))
    );
    assert_eq!(
        (&opening["total"], &opening["amount_due"]),
        (&json!("118"), &json!("118"))
    );
    assert_eq!(opening["taxes"][0]["entity_type"], "invoice");
    assert_eq!(opening["taxes"][0]["entity_id"], opening["id"]);
    assert!(text(opening, "/taxes/0/id").starts_with("taxapp_"));
    let plain = tenant
        .api
        .get(&format!("/v1/invoices/{}", text(opening, "/id")))
        .expect(200);
    assert!(plain["taxes"][0].get("tax_rate").is_none(), "{plain}");
    let bogus = format!("/v1/invoices/{}?expand=bogus", text(opening, "/id"));
    tenant.api.get(&bogus).expect_error(400, "validation_error");

    for _ in 0..2 {
        let preview = tenant
            .api
            .post("/v1/invoices/preview", &json!({ "subscription_id": id }));
        let preview = preview.expect(200);
        assert_eq!(
            (&preview["total_tax"], &preview["total"]),
            (&json!("18"), &json!("118"))
        );
        assert_eq!(taxes(&preview), [tax("gst", "100", "18")]);
        assert_eq!(preview["taxes"][0]["id"], "");
    }
    tenant.set_clock("2024-02-02T00:00:00Z");
    let invoices = shop.invoices("acme");
    assert_eq!(invoices.len(), 2, "{invoices:?}");
    assert_eq!(invoices[1]["billing_reason"], "SUBSCRIPTION_CYCLE");
    assert_eq!(taxes(&invoices[1]), [tax("gst", "100", "18")]);
    assert_eq!(invoices[1]["total"], "118");
    let listed = tenant.api.get("/v1/invoices?expand=tax_applied").expect(200);
    assert_eq!(listed["items"][0]["taxes"][0]["tax_amount"], "18");

    // Without its association the next month is not taxed; the rate has been applied, so it never changes again.
    for association in associations(tenant, "") {
        let path = format!("/v1/taxes/associations/{}", text(&association, "/id"));
        tenant.api.delete(&path).expect(200);
    }
    let rename = tenant
        .api
        .put(&format!("/v1/taxes/rates/{gst}"), &json!({ "name": "other" }));
    rename.expect_error(400, "validation_error");
    tenant.set_clock("2024-03-02T00:00:00Z");
    let invoices = shop.invoices("acme");
    assert_eq!((taxes(&invoices[2]), &invoices[2]["total"]), (vec![], &json!("100")));
    assert_eq!(taxes(&invoices[1]), [tax("gst", "100", "18")]);
}

fn each_rate_is_charged_once_and_rounded_by_itself(place: &Place) {
    let shop = Shop::open(place, "usd", "99.99");
    let tenant = &shop.tenant;
    for (code, value) in [("state", "8.875"), ("county", "2.125"), ("city", "0.5")] {
        percentage(tenant, code, value);
        attach(tenant, code, "tenant", &tenant.tenant_id);
    }
    fixed(tenant, "fee", "1.005");
    attach(tenant, "fee", "tenant", &tenant.tenant_id);
    attach(tenant, "fee", "tenant", &tenant.tenant_id);
    tenant.customer("acme", "Acme");
    shop.subscribe("acme", &json!({}));
    let opening = &shop.invoices("acme")[0];
    let expected = [
        tax("state", "99.99", "8.87"),
        tax("county", "99.99", "2.12"),
        tax("city", "99.99", "0.5"),
        tax("fee", "99.99", "1.01"),
    ];
    assert_eq!(taxes(opening), expected);
    assert_eq!(
        (&opening["total_tax"], &opening["total"]),
        (&json!("12.5"), &json!("112.49"))
    );
}

fn discounts_lower_what_is_taxed(place: &Place) {
    let shop = Shop::open(place, "usd", "100");
    let tenant = &shop.tenant;
    percentage(tenant, "gst", "18");
    attach(tenant, "gst", "tenant", &tenant.tenant_id);
    let coupon = json!({
        "name": "ten", "coupon_code": "ten", "type": "percentage", "cadence": "forever", "percentage_off": "10",
    });
    tenant.api.post("/v1/coupons", &coupon).expect(201);
    tenant.customer("acme", "Acme");
    let discounted = json!({ "subscription_coupons": [{ "coupon_code": "ten" }] });
    let subscription = shop.subscribe("acme", &discounted);
    let opening = shop.invoices("acme").remove(0);
    let preview = json!({ "subscription_id": subscription["id"] });
    let preview = tenant.api.post("/v1/invoices/preview", &preview).expect(200);
    for invoice in [opening, preview] {
        assert_eq!(taxes(&invoice), [tax("gst", "90", "16.2")]);
        assert_eq!(
            (&invoice["total_discount"], &invoice["total_tax"], &invoice["total"]),
            (&json!("10"), &json!("16.2"), &json!("106.2"))
        );
    }
}

fn a_tax_holds_from_its_start_to_its_end(place: &Place) {
    let shop = Shop::open(place, "usd", "100");
    let tenant = &shop.tenant;
    percentage(tenant, "gst", "10");
    tenant.customer("acme", "Acme");
    let subscription = shop.subscribe("acme", &json!({}));
    let body = json!({
        "tax_rate_code": "gst", "entity_type": "subscription", "entity_id": subscription["id"], "auto_apply": true,
        "start_date": "2024-02-10T00:00:00Z", "end_date": "2024-03-10T00:00:00Z",
    });
    tenant.api.post("/v1/taxes/associations", &body).expect(200);
    tenant.set_clock("2024-05-02T00:00:00Z");
    let taxed: Vec<_> = shop
        .invoices("acme")
        .iter()
        .map(|invoice| text(invoice, "/total_tax"))
        .collect();
    // The opening, then January to April.
    assert_eq!(taxed, ["0", "0", "10", "10", "0"]);

    // A subscription that starts in the past is taxed from its start on.
    attach(tenant, "gst", "tenant", &tenant.tenant_id);
    tenant.customer("late", "Late");
    shop.subscribe("late", &json!({ "start_date": "2024-02-01T00:00:00Z" }));
    let opening = &shop.invoices("late")[0];
    assert_eq!(
        (&opening["period_start"], &opening["total_tax"]),
        (&json!("2024-02-01T00:00:00Z"), &json!("10"))
    );
}

fn taxes_stay_with_their_tenant(place: &Place) {
    let (owner, stranger) = (tenant(place), tenant(place));
    let rate = percentage(&owner, "vat", "20");
    let association = attach(&owner, "vat", "tenant", &owner.tenant_id);
    let (rate, association) = (
        format!("/v1/taxes/rates/{rate}"),
        format!("/v1/taxes/associations/{association}"),
    );
    for path in [&rate, &association] {
        stranger.api.get(path).expect_error(404, "not_found");
        stranger.api.put(path, &json!({})).expect_error(404, "not_found");
        stranger.api.delete(path).expect_error(404, "not_found");
        assert_eq!(owner.api.get(path).expect(200)["status"], "published");
    }
    let body = json!({ "tax_rate_code": "vat", "entity_type": "tenant", "entity_id": stranger.tenant_id });
    stranger
        .api
        .post("/v1/taxes/associations", &body)
        .expect_error(404, "not_found");
    assert!(associations(&stranger, "").is_empty());
    // Naming a stranger's tenant attaches nothing to its customers.
    attach(&owner, "vat", "tenant", &stranger.tenant_id);
    stranger.customer("acme", "Acme");
    assert!(of_customer(&stranger, "acme").is_empty());
}
