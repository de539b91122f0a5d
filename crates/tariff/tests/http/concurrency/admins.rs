//! Two super admins who take the role from each other: one of them keeps it (spec 01 A4, B6).

use serde_json::json;

use super::at_once;
use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(a_tenant_keeps_a_super_admin);

fn a_tenant_keeps_a_super_admin(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    // A key keeps its owner's roles as they are.
    let keys = tenant.session().get("/v1/secrets/api/keys").expect(200);
    let key = text(&keys, "/items/0/id");
    tenant
        .session()
        .delete(&format!("/v1/secrets/api/keys/{key}"))
        .expect(204);
    let email = format!("second-{}", tenant.email);
    let second = json!({ "type": "user", "email": email, "roles": ["super_admin"] });
    let second = tenant.session().post("/v1/users", &second).expect(201);
    let login = json!({ "email": email, "password": second["password"] });
    let login = place.server().client().post("/v1/auth/login", &login).expect(200);
    let sides = [
        (tenant.bare_session(), text(&second, "/id")),
        (tenant.api.with_token(&text(&login, "/token")), tenant.user_id.clone()),
    ];
    let replies = at_once(|number| {
        let (session, other) = &sides[number % 2];
        let reply = session.put(&format!("/v1/users/{other}/roles"), &json!({ "roles": ["all_reader"] }));
        (number % 2, reply.status)
    });
    let unexpected: Vec<_> = replies
        .iter()
        .filter(|(_, status)| ![200, 403].contains(status))
        .collect();
    assert!(unexpected.is_empty(), "{replies:?}");
    let done = |side: usize| replies.contains(&(side, 200));
    assert!(done(0) != done(1), "{replies:?}");
    let holders = json!({ "type": "user", "roles": ["super_admin"] });
    let (session, _) = &sides[usize::from(done(1))];
    let holders = session.post("/v1/users/search", &holders).expect(200);
    assert_eq!(holders["pagination"]["total"], 1, "{holders}");
}
