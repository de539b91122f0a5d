//! Two transactions that wait for each other: PostgreSQL undoes one, and that one is told to come again.

use std::thread;
use std::time::Duration;

use sea_orm::{ConnectionTrait, Database as Connections, TransactionTrait};
use serde_json::json;

use super::plan_with_fee;
use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::server::Server;
use crate::support::tenant::Tenant;

crate::tests!(whoever_is_undone_may_come_again);

/// Well below the second after which PostgreSQL looks for a circle of waiters, so that the server is the first to look.
const HEAD_START: Duration = Duration::from_millis(400);

fn whoever_is_undone_may_come_again(place: &Place) {
    let Some(url) = place.database_url() else {
        // SQLite has one writer at a time, and so no circles.
        return;
    };
    let folder = place.new_folder();
    let server = Server::start(folder.path(), Some(&url));
    let tenant = Tenant::sign_up(&server.client());
    let customer = text(&tenant.customer("x", "n"), "/id");
    let plan = plan_with_fee(&tenant.api);
    let coupon = json!({
        "name": "C", "coupon_code": "c", "type": "percentage", "cadence": "forever", "percentage_off": "10",
    });
    let coupon = text(&tenant.api.post("/v1/coupons", &coupon).expect(201), "/id");
    let subscription = json!({
        "customer_id": customer, "plan_id": plan, "currency": "usd", "billing_period": "MONTHLY",
        "billing_period_count": 1, "collection_method": "send_invoice", "payment_behavior": "default_active",
        "subscription_coupons": [{ "coupon_code": "c" }],
    });
    let api = tenant.api.with("idempotency-key", "once");

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let lock = |table: &str, id: &str| format!("SELECT id FROM {table} WHERE id = '{id}' FOR UPDATE");
    let refused = runtime.block_on(async {
        let connection = Connections::connect(url).await.unwrap();
        let other = connection.begin().await.unwrap();
        other.execute_unprepared(&lock("coupons", &coupon)).await.unwrap();
        let creation = thread::spawn({
            let (api, subscription) = (api.clone(), subscription.clone());
            move || api.post("/v1/subscriptions", &subscription)
        });
        tokio::time::sleep(HEAD_START).await;
        other.execute_unprepared(&lock("customers", &customer)).await.unwrap();
        other.rollback().await.unwrap();
        creation.join().unwrap()
    });
    refused.expect_error(409, "version_conflict");
    assert_eq!(refused.header("retry-after"), "1");
    let subscriptions = tenant.api.get("/v1/subscriptions").expect(200);
    assert_eq!(subscriptions["pagination"]["total"], 0);
    api.post("/v1/subscriptions", &subscription).expect(201);
    server.stop();
}
