//! The forms in which decimals are read (spec 03 §2.1).

use reqwest::Method;
use serde_json::json;

use super::stock::Stock;
use crate::support::databases::Place;

crate::tests!(decimals_are_read_in_every_form,);

/// Spec 03 §2.1: text or number, with an exponent if you like; nothing else.
fn decimals_are_read_in_every_form(place: &Place) {
    let stock = Stock::open(place);
    let post = |amount: &str| {
        let body = stock.good("/v1/prices", &json!({ "amount": "AMOUNT" })).to_string();
        let body = body.replace("\"AMOUNT\"", amount);
        stock
            .api()
            .raw(Method::POST, "/v1/prices", "application/json", body.into())
    };
    for (sent, read) in [
        ("\"1.50\"", "1.5"),
        ("1.50", "1.5"),
        ("\"1e3\"", "1000"),
        ("1e3", "1000"),
        ("1E-3", "0.001"),
        ("0.00", "0"),
        ("\"-0\"", "0"),
        ("\"+7\"", "7"),
        ("\".5\"", "0.5"),
        ("\"0.0000000000000005\"", "0.000000000000001"),
        // Half away from zero at the fifteenth digit, also where a binary double would not see it.
        ("1234567890.123456789012345", "1234567890.123456789012345"),
    ] {
        assert_eq!(post(sent).expect(201)["amount"], read, "{sent}");
    }
    let before = stock.count("/v1/prices");
    for bad in [
        "\"\"",
        "\" 1\"",
        "\"1,5\"",
        "\"abc\"",
        "\"NaN\"",
        "\"Infinity\"",
        "\"0x10\"",
        "\"1e\"",
        "\"1e999999999\"",
        "1e400",
        "true",
        "{}",
        "[1]",
    ] {
        let reply = post(bad);
        assert_eq!(reply.status, 400, "{bad} answered {}", reply.text);
        reply.expect_error(400, "validation_error");
    }
    assert_eq!(stock.count("/v1/prices"), before);
}
