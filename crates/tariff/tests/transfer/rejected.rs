//! Rows that are not imported: reported, counted, and no trouble to their neighbours.

use std::fs;

use crate::commands::{Access, count, expect_failure, expect_success, neighbours, summary, table, text};
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    rejected_rows_are_reported,
    what_only_the_server_refuses_is_found,
    a_dry_run_sends_nothing,
    rows_are_read_as_tables_are_written,
    files_that_are_no_tables_of_events_are_refused,
    a_later_row_replaces_an_earlier_one,
);

const MIXED: &str = "\
event_id,event_name,external_customer_id,timestamp,source,properties
1,call,acme,2026-01-01T00:00:00Z,,
2,,acme,2026-01-01T00:00:00Z,,
3,call,\"ac\"\"me\",yesterday,web,
4,call,acme,2026-01-01T00:00:00Z,,{\"a\"
5,call,acme,2026-01-01T00:00:00Z,,\"{\"\"a\"\":1e9999}\"
6,call,acme,2026-01-01T00:00:00Z,,\"{\"\"a\"\":1}\"
";

fn rejected_rows_are_reported(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let access = Access::of(place.server(), &tenant);
    let folder = place.new_folder();
    let file = folder.path().join("events.csv");
    fs::write(&file, MIXED).unwrap();
    let imported = access.import(&file, &[]);
    expect_failure(&imported, "4 of 6 rows were rejected");
    assert_eq!(summary(&imported), [6, 2, 4]);
    assert!(text(&imported.stdout).contains("events.csv.rejected.csv"));
    assert_eq!(count(&tenant.api), 2);

    let report = table(&folder.path().join("events.csv.rejected.csv"));
    let told: Vec<_> = report.iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    assert_eq!(told[0], ("2", "event_name: is required"));
    assert_eq!(told[1], ("3", "timestamp: must be an RFC 3339 date-time with a zone"));
    assert!(
        told[2].0 == "4" && told[2].1.starts_with("properties: is not JSON"),
        "{told:?}"
    );
    assert_eq!(told[3], ("5", "properties.a: is a number out of range"));
    assert_eq!(report[1][2], "3,call,\"ac\"\"me\",yesterday,web,");

    // Again, with permission: the report is the same, not longer.
    let other = folder.path().join("report.csv");
    let imported = access.import(&file, &["--allow-rejected", "--report", other.to_str().unwrap()]);
    expect_success(&imported);
    assert_eq!(table(&other), report);
    assert_eq!(count(&tenant.api), 2);
    assert_eq!(
        neighbours(&file),
        ["events.csv", "events.csv.rejected.csv", "report.csv"]
    );

    // A file without faults takes the old report away.
    fs::write(&file, MIXED.lines().take(2).collect::<Vec<_>>().join("\n")).unwrap();
    expect_success(&access.import(&file, &[]));
    assert_eq!(neighbours(&file), ["events.csv", "report.csv"]);
}

/// A batch is nested deeper than its rows. So the server can refuse what is right by itself.
fn what_only_the_server_refuses_is_found(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let access = Access::of(place.server(), &tenant);
    let folder = place.new_folder();
    let file = folder.path().join("events.jsonl");
    let rows: Vec<_> = (1..=1_500)
        .map(|number| {
            let deep = if number % 700 == 0 { 125 } else { 1 };
            let (open, close) = ("[".repeat(deep), "]".repeat(deep));
            format!(
                r#"{{"event_name":"call","external_customer_id":"acme","timestamp":"2026-01-01T00:00:00Z","properties":{{"text":"\\u0000","deep":{open}{close}}}}}"#
            )
        })
        .collect();
    fs::write(&file, rows.join("\n")).unwrap();
    let imported = access.import(&file, &["--allow-rejected"]);
    expect_success(&imported);
    assert_eq!(summary(&imported), [1_500, 1_498, 2], "{}", text(&imported.stderr));
    assert_eq!(count(&tenant.api), 1_498);
    let report = table(&folder.path().join("events.jsonl.rejected.csv"));
    let numbers: Vec<_> = report.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(numbers, ["700", "1400"]);
    assert!(
        report.iter().all(|row| row[1].contains("400") && row[2] == rows[699]),
        "{report:?}"
    );
}

fn a_dry_run_sends_nothing(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let access = Access::of(place.server(), &tenant);
    let folder = place.new_folder();
    let file = folder.path().join("events.csv");
    fs::write(&file, MIXED).unwrap();
    let checked = access
        .command(&["import", "events", "--dry-run"], &file)
        .env_remove("TARIFF_API_KEY")
        .output();
    let checked = checked.unwrap();
    expect_failure(&checked, "4 of 6 rows were rejected");
    assert_eq!(summary(&checked), [6, 2, 4]);
    assert_eq!(count(&tenant.api), 0);
    assert_eq!(neighbours(&file), ["events.csv", "events.csv.rejected.csv"]);
}

fn rows_are_read_as_tables_are_written(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let access = Access::of(place.server(), &tenant);
    let folder = place.new_folder();
    let file = folder.path().join("events.csv");
    // A byte order mark, blanks, no ids, no timestamp, single properties beside the JSON column, short and long rows.
    let table = "\u{feff}event_name, external_customer_id,timestamp,properties.model,properties.tokens,properties\r\n\
                 call, acme,,gpt,7,\"{\"\"tokens\"\": 8}\"\r\n\
                 \r\n\
                 call,acme,,gpt\r\n\
                 call,acme,,,,,surplus\r\n";
    fs::write(&file, table).unwrap();
    let imported = access.import(&file, &[]);
    expect_success(&imported);
    assert_eq!(summary(&imported), [3, 3, 0]);
    let lines = access.lines();
    assert_eq!(lines.len(), 3);
    assert!(
        lines
            .iter()
            .all(|line| line.contains(r#""external_customer_id":"acme""#)),
        "{lines:?}"
    );
    for properties in [r#"{"model":"gpt","tokens": 8}"#, r#"{"model":"gpt"}"#, "null"] {
        let member = format!("\"properties\":{properties}");
        assert_eq!(
            lines.iter().filter(|line| line.contains(&member)).count(),
            1,
            "{properties} in {lines:?}"
        );
    }
    // Their ids follow from the file, so sending it again adds nothing.
    expect_success(&access.import(&file, &[]));
    assert_eq!(count(&tenant.api), 3);
}

fn files_that_are_no_tables_of_events_are_refused(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let access = Access::of(place.server(), &tenant);
    let folder = place.new_folder();
    for (name, content, reason) in [
        ("a.csv", "", "no header"),
        ("b.csv", "event_name,customer_id\n", "no column external_customer_id"),
        (
            "c.csv",
            "event_name,external_customer_id,source,source\n",
            "two columns source",
        ),
        ("d.parquet", "PAR1 nonsense PAR1", "cannot read"),
        ("e.txt", "event_name", "does not tell its format"),
    ] {
        let file = folder.path().join(name);
        fs::write(&file, content).unwrap();
        expect_failure(&access.import(&file, &[]), reason);
    }
    expect_failure(&access.import(&folder.path().join("missing.csv"), &[]), "cannot read");
    expect_failure(&access.import(folder.path(), &["--format", "csv"]), "not a file");
}

fn a_later_row_replaces_an_earlier_one(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let access = Access::of(place.server(), &tenant);
    let folder = place.new_folder();
    let file = folder.path().join("events.csv");
    // Each id stands in every batch, so batches must not overtake one another.
    let mut rows = "event_id,event_name,external_customer_id,timestamp,source\n".to_owned();
    for round in 1..=10 {
        for id in 0..700 {
            rows.push_str(&format!("{id},call,acme,2026-01-01T00:00:{round:02}Z,round {round}\n"));
        }
    }
    fs::write(&file, rows).unwrap();
    let imported = access.import(&file, &[]);
    expect_success(&imported);
    assert_eq!(summary(&imported), [7_000, 7_000, 0]);
    let lines = access.lines();
    assert_eq!(lines.len(), 700);
    assert!(
        lines
            .iter()
            .all(|line| line.contains("\"round 10\"") && line.contains("00:00:10Z"))
    );
}
