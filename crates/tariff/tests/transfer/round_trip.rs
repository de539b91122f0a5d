//! Export, import into an empty environment, export again: the same events.

use std::fs;

use reqwest::Method;

use crate::commands::{Access, expect_failure, expect_success, neighbours, summary};
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    csv_keeps_everything,
    jsonl_keeps_everything,
    parquet_keeps_everything,
    an_export_that_fails_leaves_no_file,
    filters_choose_what_is_exported,
);

/// Bodies of `POST /v1/events`, as texts, so that numbers reach the server digit by digit.
const ODD_EVENTS: [&str; 12] = [
    r#"{"event_id":"plain","event_name":"call","external_customer_id":"acme","timestamp":"2026-01-01T00:00:00Z"}"#,
    r#"{"event_id":"a/b?c#d%20::e","event_name":"call","external_customer_id":"a/b","timestamp":"2026-01-01T00:00:00.001Z","source":"sdk","customer_id":"cust_1"}"#,
    r#"{"event_id":"quotes\"'`,;","event_name":"ca\"ll,\"","external_customer_id":"\"acme\", \"Inc\"","timestamp":"2026-01-01T00:00:00.999Z","source":"a,b"}"#,
    r#"{"event_id":"lines\r\nand\nmore\r","event_name":"two\nlines","external_customer_id":"\tacme\r\n","timestamp":"2026-01-01T00:00:00Z","source":"\r"}"#,
    r#"{"event_id":" blanks ","event_name":"call","external_customer_id":"  acme  ","timestamp":"2026-01-01T00:00:00Z","source":" ","customer_id":"  x"}"#,
    r#"{"event_id":"Ünïcødé 🧾 \u200b\ufeff","event_name":"📞","external_customer_id":"株式会社","timestamp":"2026-01-01T00:00:00+05:30","source":"\u2028"}"#,
    r#"{"event_id":"null","event_name":"call","external_customer_id":"acme","timestamp":"1969-07-20T20:17:40.123Z","properties":null}"#,
    r#"{"event_id":"empty","event_name":"call","external_customer_id":"acme","timestamp":"0000-01-01T00:00:00.5+10:00","properties":{}}"#,
    r#"{"event_id":"numbers","event_name":"call","external_customer_id":"acme","timestamp":"9999-12-30T21:59:59.999Z","properties":{"big":123456789012345678901234567890.123456789012345678901234567890,"zeros":1.50,"exponent":1E+2,"small":-0.0}}"#,
    r#"{"event_id":"texts","event_name":"call","external_customer_id":"acme","timestamp":"2026-01-01T00:00:00Z","properties":{"":"empty key","a.b":"dot","q":"say \"hi\"\n","u":"\u00e9é","properties.x":null,"n":{"deep":[1,[2,{"x":"}"}]]}}}"#,
    "{\"event_id\":\"spaced\",\"event_name\":\"call\",\"external_customer_id\":\"acme\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"properties\":{\r\n  \"a\" : 1,\n\t\"b\": \"x\\ny\"\r\n}}",
    r#"{"event_id":"=1+1","event_name":"-call","external_customer_id":"@acme","timestamp":"2026-01-01T00:00:00Z","source":"+1"}"#,
];

fn csv_keeps_everything(place: &Place) {
    keeps_everything(place, "events.csv");
}

fn jsonl_keeps_everything(place: &Place) {
    keeps_everything(place, "events.jsonl");
}

fn parquet_keeps_everything(place: &Place) {
    keeps_everything(place, "events.parquet");
}

fn tenant_with_odd_events(place: &Place) -> Tenant {
    let tenant = Tenant::sign_up(&place.server().client());
    for body in ODD_EVENTS {
        let body = body.as_bytes().to_vec();
        tenant
            .api
            .raw(Method::POST, "/v1/events", "application/json", body)
            .expect(202);
    }
    tenant
}

fn keeps_everything(place: &Place, name: &str) {
    let server = place.server();
    let (from, to) = (tenant_with_odd_events(place), Tenant::sign_up(&server.client()));
    let (from, to) = (Access::of(server, &from), Access::of(server, &to));
    let folder = place.new_folder();
    let file = folder.path().join(name);
    from.export(&file);
    assert_eq!(neighbours(&file), [name]);

    let imported = to.import(&file, &[]);
    expect_success(&imported);
    let all = ODD_EVENTS.len() as u64;
    assert_eq!(summary(&imported), [all, all, 0]);
    assert_eq!(
        neighbours(&file),
        [name],
        "an import that is done leaves nothing behind"
    );

    let lines = from.lines();
    assert_eq!(lines.len(), ODD_EVENTS.len());
    assert_eq!(to.lines(), lines);
    let numbers = lines
        .iter()
        .find(|line| line.contains(r#""event_id":"numbers""#))
        .unwrap();
    let digits = r#"{"big":123456789012345678901234567890.123456789012345678901234567890,"zeros":1.50,"exponent":1E+2,"small":-0.0}"#;
    assert!(numbers.contains(digits), "{numbers}");

    // Again: nothing is added, nothing changes.
    expect_success(&to.import(&file, &[]));
    assert_eq!(to.lines(), lines);
}

fn an_export_that_fails_leaves_no_file(place: &Place) {
    let folder = place.new_folder();
    let file = folder.path().join("events.csv");
    let access = Access {
        url: place.server().url(),
        key: "sk_unknown",
    };
    expect_failure(&access.command(&["export", "events"], &file).output().unwrap(), "401");
    assert!(neighbours(&file).is_empty());
    fs::write(&file, "kept").unwrap();
    expect_failure(&access.command(&["export", "events"], &file).output().unwrap(), "401");
    assert_eq!(fs::read_to_string(&file).unwrap(), "kept");
}

fn filters_choose_what_is_exported(place: &Place) {
    let tenant = tenant_with_odd_events(place);
    let access = Access::of(place.server(), &tenant);
    let folder = place.new_folder();
    let file = folder.path().join("events.csv");
    let mut command = access.command(&["export", "events"], &file);
    command.args([
        "--start-time",
        "2026-01-01T00:00:00Z",
        "--end-time",
        "2026-01-01T00:00:00.001Z",
    ]);
    command.args(["--external-customer-id", "acme", "--event-name", "call"]);
    expect_success(&command.output().unwrap());
    let mut ids: Vec<_> = crate::commands::table(&file)
        .into_iter()
        .map(|row| row[0].clone())
        .collect();
    ids.sort();
    assert_eq!(ids, ["plain", "spaced", "texts"]);
}
