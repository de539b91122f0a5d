//! A tax rate that is taken away while somebody is given it (spec 03 §3.8).

use std::thread;
use std::time::Duration;

use sea_orm::{ConnectionTrait, Database as Connections, TransactionTrait};
use serde_json::json;

use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::server::Server;
use crate::support::tenant::Tenant;

crate::tests!(nobody_is_given_a_rate_that_is_being_taken_away);

/// Time for the creation to read the rate and to come to wait for it.
const HEAD_START: Duration = Duration::from_millis(400);

fn nobody_is_given_a_rate_that_is_being_taken_away(place: &Place) {
    let Some(url) = place.database_url() else {
        // SQLite has one writer at a time, so that nothing happens in between.
        return;
    };
    let folder = place.new_folder();
    let server = Server::start(folder.path(), Some(&url));
    let tenant = Tenant::sign_up(&server.client());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for (column, value, status, error) in [
        ("status", "archived", 404, "not_found"),
        ("tax_rate_status", "INACTIVE", 400, "validation_error"),
    ] {
        let rate = json!({ "name": "VAT", "code": value, "tax_rate_type": "percentage", "percentage_value": "20" });
        let rate = text(&tenant.api.post("/v1/taxes/rates", &rate).expect(201), "/id");
        let customer = json!({
            "external_id": value, "name": "n", "tax_rate_overrides": [{ "tax_rate_code": value, "currency": "usd" }],
        });
        let refused = runtime.block_on(async {
            let connection = Connections::connect(url.as_str()).await.unwrap();
            let other = connection.begin().await.unwrap();
            let lock = format!("SELECT id FROM tax_rates WHERE id = '{rate}' FOR UPDATE");
            other.execute_unprepared(&lock).await.unwrap();
            let creation = thread::spawn({
                let api = tenant.api.clone();
                move || api.post("/v1/customers", &customer)
            });
            tokio::time::sleep(HEAD_START).await;
            let change = format!("UPDATE tax_rates SET {column} = '{value}' WHERE id = '{rate}'");
            other.execute_unprepared(&change).await.unwrap();
            other.commit().await.unwrap();
            creation.join().unwrap()
        });
        refused.expect_error(status, error);
        let path = format!("/v1/customers/external/{value}");
        tenant.api.get(&path).expect_error(404, "not_found");
        let found = tenant
            .api
            .get(&format!("/v1/taxes/associations?tax_rate_id={rate}"))
            .expect(200);
        assert_eq!(found["pagination"]["total"], 0);
    }
    server.stop();
}
