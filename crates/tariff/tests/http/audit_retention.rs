//! How long the audit log keeps its entries, on every database: for ever, or as long as the configuration says, and
//! nobody can take one out before.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, Database as Connections, DbErr};
use tariff_core::{SignedDuration, Timestamp};

use crate::support::client::{Client, text};
use crate::support::databases::Place;
use crate::support::server::{PROGRAM, Server};
use crate::support::tenant::Tenant;

crate::tests!(entries_are_kept_for_as_long_as_is_configured);

/// Longest wait for the worker.
const FORGOTTEN_WITHIN: Duration = Duration::from_secs(60);

/// Runs a statement past the server.
fn execute(url: &str, sql: &str) -> Result<u64, DbErr> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let connection = Connections::connect(url).await?;
        let done = connection.execute_unprepared(sql).await;
        connection.close().await?;
        Ok(done?.rows_affected())
    })
}

/// Where the database of a server is.
fn url_of(folder: &Path, url: Option<&str>) -> String {
    let file = folder.join("data/tariff.db");
    url.map_or_else(|| format!("sqlite://{}", file.display()), str::to_owned)
}

/// Ids of the entries about customers, the oldest first.
fn ids(api: &Client) -> Vec<String> {
    let log = api.get("/v1/audit-logs?entity_type=customer&order=asc").expect(200);
    let items = log["items"].as_array().unwrap();
    items.iter().map(|entry| text(entry, "/id")).collect()
}

/// Copies an entry as if it had been written earlier, and tells the id of the copy.
fn backdated(url: &str, entry: &str, created_at: Timestamp) -> String {
    let copy = format!("{entry}_{}", created_at.as_second());
    let columns = "tenant_id, environment_id, action, entity_type, entity_id, actor_type, user_id, effective_at";
    let insert = format!(
        "INSERT INTO audit_logs (id, {columns}, created_at)
         SELECT '{copy}', {columns}, '{}+00:00' FROM audit_logs WHERE id = '{entry}'",
        created_at.to_string().trim_end_matches('Z')
    );
    assert_eq!(execute(url, &insert).unwrap(), 1);
    copy
}

fn entries_are_kept_for_as_long_as_is_configured(place: &Place) {
    let folder = place.new_folder();
    let database = place.database_url();
    let url = url_of(folder.path(), database.as_deref());
    let server = Server::start(folder.path(), database.as_deref());
    let tenant = Tenant::sign_up(&server.client());
    tenant.customer("x", "n");
    let log = tenant.api.get("/v1/audit-logs?entity_type=customer").expect(200);
    let fresh = text(&log, "/items/0/id");
    let now: Timestamp = text(&log, "/items/0/created_at").parse().unwrap();
    let days_ago = |days: i64| now.checked_sub(SignedDuration::from_hours(24 * days)).unwrap();
    let old = backdated(&url, &fresh, days_ago(31));
    let young = backdated(&url, &fresh, days_ago(29));

    // By default for ever, and nobody can take one out or change it, however old.
    for statement in [
        "DELETE FROM audit_logs".to_owned(),
        format!("DELETE FROM audit_logs WHERE id = '{old}'"),
        "UPDATE audit_logs SET user_id = 'nobody'".to_owned(),
    ] {
        let refused = execute(&url, &statement).unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{statement}: {refused}");
    }
    assert_eq!(ids(&tenant.api), [old, young.clone(), fresh.clone()]);
    server.stop();

    let mut command = Command::new(PROGRAM);
    command.env("TARIFF_AUDIT_LOG_RETENTION_DAYS", "30");
    let server = Server::start_as(command, folder.path(), database.as_deref());
    let api = server.client().with_key(tenant.key());
    let deadline = Instant::now() + FORGOTTEN_WITHIN;
    while ids(&api).len() > 2 && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(ids(&api), [young.as_str(), fresh.as_str()]);
    // What is to be kept still cannot be taken out.
    let refused = execute(&url, &format!("DELETE FROM audit_logs WHERE id = '{young}'"));
    assert!(refused.unwrap_err().to_string().contains("append-only"));
    assert_eq!(ids(&api), [young.as_str(), fresh.as_str()]);
    server.stop();
}
