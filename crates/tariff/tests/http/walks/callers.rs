//! Everybody who may knock at a route, and what the specification says about them (spec 01 A2, A4).

use sea_orm::{ConnectionTrait, Database as Connections};
use serde_json::{Value, json};

use crate::support::client::{Client, text};
use crate::support::tenant::{Tenant, new_key};

/// What a caller is, as far as routes care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A person with the role `super_admin`.
    SuperAdminPerson,
    /// A service account with the role `super_admin`.
    SuperAdminAccount,
    /// `all_reader`.
    Reader,
    /// `all_writer`.
    Writer,
    /// `event_ingestor`.
    EventIngestor,
    /// `event_reader`.
    EventReader,
    /// A valid key that carries no roles.
    WithoutRoles,
    /// No credentials.
    Nobody,
    /// A customer's session of the portal.
    Portal,
}

/// Somebody who calls routes.
pub struct Caller {
    /// What it is.
    pub standing: Standing,
    /// With its credentials.
    pub client: Client,
}

/// What must come of a call.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The route's own answer, whatever it is.
    LetIn,
    /// Exactly this status and body.
    Refused(u16, Value),
}

/// One caller of each standing, in one environment.
pub fn all(tenant: &Tenant, database_url: &str) -> Vec<Caller> {
    let person = |role: &str| {
        let email = format!("{role}-{}", tenant.email);
        let invitation = json!({ "type": "user", "email": email, "roles": [role] });
        let created = tenant.session().post("/v1/users", &invitation).expect(201);
        let login = json!({ "email": email, "password": created["password"] });
        let answer = tenant
            .api
            .without_credentials()
            .post("/v1/auth/login", &login)
            .expect(200);
        tenant
            .api
            .with_token(&text(&answer, "/token"))
            .with("x-environment-id", &tenant.environment_id)
    };
    tenant.customer("portal-visitor", "Visitor");
    let opened = tenant.api.get("/v1/customers/portal/portal-visitor").expect(200);
    let nobody = tenant.api.without_credentials();
    let callers = [
        (Standing::SuperAdminPerson, tenant.session()),
        (Standing::SuperAdminAccount, tenant.service_account("super_admin")),
        (Standing::Reader, person("all_reader")),
        (Standing::Writer, person("all_writer")),
        (Standing::EventIngestor, tenant.service_account("event_ingestor")),
        (Standing::EventReader, tenant.service_account("event_reader")),
        (Standing::WithoutRoles, key_without_roles(tenant, database_url)),
        (
            Standing::Portal,
            nobody.with("x-session-token", &text(&opened, "/token")),
        ),
        (Standing::Nobody, nobody),
    ];
    let caller = |(standing, client)| Caller { standing, client };
    callers.into_iter().map(caller).collect()
}

/// No request makes such a key; one is left when the roles that a key carries are no longer known.
fn key_without_roles(tenant: &Tenant, database_url: &str) -> Client {
    let body = json!({ "name": "without roles", "type": "private_key" });
    let key = new_key(&tenant.bare_session(), &tenant.environment_id, &body);
    let id = text(&key, "/secret/id");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let changed = runtime.block_on(async {
        let connection = Connections::connect(database_url).await.unwrap();
        let statement = format!("UPDATE secrets SET roles = '[]' WHERE id = '{id}'");
        let changed = connection.execute_unprepared(&statement).await.unwrap();
        connection.close().await.unwrap();
        changed.rows_affected()
    });
    assert_eq!(changed, 1, "the key {id} is not in the database");
    tenant.api.with_key(&text(&key, "/api_key"))
}

impl Standing {
    /// What the specification says about a call of a route with this permission; `strict` is the server's option
    /// `strict_read_permissions`.
    pub fn verdict(self, permission: &str, path: &str, strict: bool) -> Verdict {
        let session_required = || Verdict::Refused(401, json!({ "error": "Session token required" }));
        match permission {
            "public" => Verdict::LetIn,
            // A customer may change its own record without any role (Q14).
            "session" | "session, customer:write" => match self {
                Self::Portal => Verdict::LetIn,
                _ => session_required(),
            },
            _ if matches!(self, Self::Nobody | Self::Portal) => {
                Verdict::Refused(401, json!({ "error": "Unauthorized" }))
            }
            "-" if !strict => Verdict::LetIn,
            "-" => self.verdict_on(reads_events(path), false),
            _ => match permission.strip_suffix(", super") {
                Some(_) if self != Self::SuperAdminPerson => {
                    let message = "This action requires a user account with Super Admin access";
                    Verdict::Refused(403, json!({ "message": message }))
                }
                Some(permission) => self.verdict_on_pair(permission),
                None => self.verdict_on_pair(permission),
            },
        }
    }

    fn verdict_on_pair(self, permission: &str) -> Verdict {
        let (entity, action) = permission.split_once(':').unwrap();
        assert!(["read", "write"].contains(&action), "{permission}");
        self.verdict_on(entity == "event", action == "write")
    }

    fn verdict_on(self, events: bool, writes: bool) -> Verdict {
        let granted = match self {
            Self::SuperAdminPerson | Self::SuperAdminAccount | Self::Writer => true,
            Self::Reader => !writes,
            Self::EventIngestor => events && writes,
            Self::EventReader => events && !writes,
            Self::WithoutRoles | Self::Nobody | Self::Portal => false,
        };
        if granted {
            Verdict::LetIn
        } else {
            Verdict::Refused(403, json!({ "message": "insufficient permissions" }))
        }
    }
}

/// Which routes of any credential read events, so that a reader of events may call them under strict reads.
fn reads_events(path: &str) -> bool {
    ["/v1/events", "/v1/meter-usage"]
        .iter()
        .any(|prefix| path.starts_with(prefix))
}
