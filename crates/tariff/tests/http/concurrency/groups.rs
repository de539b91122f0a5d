//! Joining a group while it is archived: whoever joined loses the label, and nobody joins afterwards (spec 01 B3).

use serde_json::json;

use super::at_once;
use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(an_archived_group_has_no_members,);

/// Groups that are archived, each while many join it.
const ROUNDS: usize = 4;

fn an_archived_group_has_no_members(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    for round in 0..ROUNDS {
        let group = json!({ "name": "Shared", "entity_type": "feature", "lookup_key": format!("shared-{round}") });
        let group = text(&tenant.api.post("/v1/groups", &group).expect(201), "/id");
        let path = format!("/v1/groups/{group}");
        let replies = at_once(|number| {
            if number % 8 == 0 {
                return tenant.api.delete(&path);
            }
            let feature = json!({
                "name": format!("Feature {round} {number}"), "type": "boolean", "group_id": group,
            });
            tenant.api.post("/v1/features", &feature)
        });
        for reply in &replies {
            let expected = [201, 204, 404].contains(&reply.status);
            assert!(expected, "{} answered {}: {}", reply.what, reply.status, reply.text);
        }
        let members = json!({ "limit": 1000 });
        let found = tenant.api.post("/v1/features/search", &members).expect(200);
        for feature in found["items"].as_array().unwrap() {
            assert!(feature.get("group_id").is_none(), "{feature} is in an archived group");
        }
    }
}
