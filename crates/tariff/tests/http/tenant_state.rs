//! `tariff tenant-state`: operators suspend a tenant and let it go on (spec 01 A3).

use std::path::Path;
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::databases::Place;
use crate::support::server::{PROGRAM, Server};
use crate::support::tenant::Tenant;

crate::tests!(an_operator_suspends_a_tenant_and_lets_it_go_on);

/// Longest wait until a server heeds what an operator has decided; it promises one second.
const HEEDED_WITHIN: Duration = Duration::from_secs(20);

fn decide(folder: &Path, database: Option<&str>, arguments: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command
        .arg("tenant-state")
        .args(arguments)
        .arg("--data-dir")
        .arg(folder.join("data"));
    if let Some(url) = database {
        command.args(["--database-url", url]);
    }
    // Settings of whoever runs the tests must not reach it.
    command
        .env_remove("DATABASE_URL")
        .env_remove("TARIFF_DATABASE_URL")
        .env_remove("TARIFF_CONFIG");
    command.output().unwrap()
}

/// What creating a customer without a name answers, once it is not `before` any more.
fn answered(tenant: &Tenant, before: u16) -> u16 {
    let deadline = Instant::now() + HEEDED_WITHIN;
    loop {
        let status = tenant.api.post("/v1/customers", &json!({})).status;
        if status != before || Instant::now() > deadline {
            return status;
        }
        thread::sleep(Duration::from_millis(50));
    }
}

fn an_operator_suspends_a_tenant_and_lets_it_go_on(place: &Place) {
    let folder = place.new_folder();
    let database = place.database_url();
    let server = Server::start(folder.path(), database.as_deref());
    let (tenant, other) = (Tenant::sign_up(&server.client()), Tenant::sign_up(&server.client()));
    let decide = |arguments: &[&str]| decide(folder.path(), database.as_deref(), arguments);

    let done = decide(&[&tenant.tenant_id, "suspended"]);
    assert!(done.status.success(), "{done:?}");
    assert_eq!(answered(&tenant, 400), 403);
    let refused = json!({ "message": "tenant account is suspended" });
    tenant
        .api
        .post("/v1/customers", &json!({}))
        .expect_exactly(403, &refused);
    // It reads, and nothing tells what operators think of it.
    tenant.api.get("/v1/customers").expect(200);
    let shown = tenant.api.get(&format!("/v1/tenants/{}", tenant.tenant_id)).expect(200);
    assert!(!shown.to_string().contains("suspended"), "{shown}");
    other.customer("x", "n");

    assert!(decide(&[&tenant.tenant_id, "active"]).status.success());
    assert_eq!(answered(&tenant, 403), 400);

    for (arguments, reason) in [
        (["tenant_none", "suspended"], "was not found"),
        ([tenant.tenant_id.as_str(), "asleep"], "invalid value 'asleep'"),
    ] {
        let done = decide(&arguments);
        let told = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(!done.status.success() && told.contains(reason), "{told}");
    }
    server.stop();
}
