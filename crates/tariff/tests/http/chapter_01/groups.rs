//! What becomes of the members of a group, and of deleting it again (spec 01 B3, A8).

use serde_json::{Value, json};

use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    a_deleted_group_leaves_its_members,
    deleting_a_group_again_changes_nothing
);

fn group(tenant: &Tenant) -> String {
    let group = json!({ "name": "G", "entity_type": "feature", "lookup_key": "g" });
    text(&tenant.api.post("/v1/groups", &group).expect(201), "/id")
}

fn a_deleted_group_leaves_its_members(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let group = group(&tenant);
    let feature = json!({ "name": "F", "type": "boolean", "group_id": group });
    let feature = text(&tenant.api.post("/v1/features", &feature).expect(201), "/id");
    let read = || tenant.api.get(&format!("/v1/features/{feature}")).expect(200);
    let member = read();
    assert_eq!(member["group_id"], group.as_str());
    tenant.api.delete(&format!("/v1/groups/{group}")).expect(204);
    let left = read();
    assert_eq!(left.get("group_id").unwrap_or(&Value::Null), &Value::Null);
    assert_ne!(left["updated_at"], member["updated_at"]);
}

fn deleting_a_group_again_changes_nothing(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let group = group(&tenant);
    let path = format!("/v1/groups/{group}");
    let state = || {
        let changes = tenant.api.get(&format!("/v1/audit-logs?entity_id={group}")).expect(200);
        (
            tenant.api.get(&path).expect(200),
            changes["pagination"]["total"].clone(),
        )
    };
    tenant.api.delete(&path).expect(204);
    let once = state();
    assert_eq!((&once.0["status"], &once.1), (&json!("archived"), &json!(2)));
    tenant.api.delete(&path).expect(204);
    assert_eq!(state(), once);
    // Its key is free.
    let group = json!({ "name": "G", "entity_type": "price", "lookup_key": "g" });
    tenant.api.post("/v1/groups", &group).expect(201);
}
