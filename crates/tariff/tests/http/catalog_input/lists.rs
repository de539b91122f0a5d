//! Lists that are asked for what they cannot look for.

use serde_json::json;

use super::stock::Stock;
use crate::support::databases::Place;

crate::tests!(lists_refuse_what_they_cannot_look_for,);

fn lists_refuse_what_they_cannot_look_for(place: &Place) {
    let stock = Stock::open(place);
    let hundred_and_one: Vec<String> = (0..101).map(|number| format!("id_{number}")).collect();
    for kind in [
        "/v1/plans",
        "/v1/prices",
        "/v1/prices/units",
        "/v1/features",
        "/v1/groups",
        "/v1/entitlements",
        "/v1/coupons",
    ] {
        let path = format!("{kind}/search");
        for (body, detail) in [
            (json!({ "limit": 1001 }), "limit"),
            (json!({ "limit": -1 }), "limit"),
            (json!({ "offset": -1 }), "offset"),
            (json!({ "sort": [{ "field": "tenant_id" }] }), "field"),
            (
                json!({ "filters": [{ "field": "environment_id", "operator": "eq", "value": { "string": "x" } }] }),
                "field",
            ),
            (
                json!({ "filters": [{ "field": "created_at", "operator": "eq", "value": { "string": "x" } }] }),
                "field",
            ),
            (json!({ "filters": [{ "field": "id", "operator": "eq" }] }), "field"),
        ] {
            let details = stock.api().post(&path, &body).expect_error(400, "validation_error");
            assert!(details.get(detail).is_some(), "{path} {body} gave {details}");
        }
        for body in [
            json!({ "order": "up" }),
            json!({ "filters": [{ "field": "id", "operator": "like", "value": { "string": "x" } }] }),
        ] {
            stock.api().post(&path, &body).expect_error(400, "validation_error");
        }
        stock.api().post(&path, &json!({ "limit": 1000 })).expect(200);
        // An unknown status is no error; nothing has it (spec 01 A8).
        let nothing = stock.api().post(&path, &json!({ "status": "gone" })).expect(200);
        assert_eq!(nothing["items"], json!([]), "{path}");
    }
    for (path, fault) in [
        ("/v1/prices?expand=customer", "field"),
        ("/v1/coupons/associations?expand=plan", "field"),
        ("/v1/prices?limit=ten", "limit"),
        ("/v1/coupons/associations?active_only=maybe", "active_only"),
        ("/v1/taxes/associations?auto_apply=maybe", "auto_apply"),
        ("/v1/taxes/rates?scope=GLOBAL", "scope"),
        ("/v1/prices?entity_type=CUSTOMER", "entity_type"),
        ("/v1/prices?start_date_lt=tomorrow", "start_date_lt"),
    ] {
        let details = stock.api().get(path).expect_error(400, "validation_error");
        assert!(details.get(fault).is_some(), "{path} gave {details}");
    }
    for (member, path) in [
        ("coupon_ids", "/v1/coupons/associations"),
        ("subscription_ids", "/v1/coupons/associations"),
    ] {
        let of = |ids: &[String]| format!("{path}?{member}={}", ids.join(","));
        let details = stock
            .api()
            .get(&of(&hundred_and_one))
            .expect_error(400, "validation_error");
        assert!(details.get(member).is_some(), "{details}");
        stock.api().get(&of(&hundred_and_one[1..])).expect(200);
    }
    stock
        .api()
        .get("/v1/taxes/associations?external_customer_id=nobody")
        .expect_error(404, "not_found");
}
