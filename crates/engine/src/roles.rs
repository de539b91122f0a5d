//! The catalogue of roles (spec 01 A4, B6).

use std::collections::BTreeMap;

use tariff_contract::error::ApiError;
use tariff_contract::roles::{GetRoleResponse, ListRolesResponse, RoleFilter, RoleResponse};

use crate::access::roles::Role;
use crate::context::UserKind;
use crate::engine::Engine;
use crate::error::Result;

impl Engine {
    /// The roles, in the order of the specification's table.
    ///
    /// # Errors
    /// `validation_error` for an unknown kind of user.
    pub fn list_roles(&self, filter: RoleFilter) -> Result<ListRolesResponse> {
        let kind = match filter.user_type.as_deref().filter(|word| !word.is_empty()) {
            None => None,
            Some(word) => Some(kind_of(word)?),
        };
        let listed = Role::ALL
            .into_iter()
            .filter(|role| kind.is_none_or(|kind| role.may_be_held_by(kind)));
        Ok(ListRolesResponse {
            roles: listed.map(response).collect(),
        })
    }

    /// The role of this id.
    #[must_use]
    pub fn find_role(&self, id: &str) -> Option<GetRoleResponse> {
        id.parse().ok().map(|role| GetRoleResponse { role: response(role) })
    }
}

fn kind_of(word: &str) -> Result<UserKind> {
    let kinds = [UserKind::Person, UserKind::ServiceAccount];
    let known = kinds.into_iter().find(|kind| kind.as_str() == word);
    Ok(known
        .ok_or_else(|| ApiError::validation("user_type must be user or service_account").detail("user_type", word))?)
}

fn response(role: Role) -> RoleResponse {
    let (name, description, entity, actions): (_, _, _, &[&str]) = match role {
        Role::SuperAdmin => (
            "Super Admin",
            "Everything, including users, roles and settings",
            "*",
            &["*"],
        ),
        Role::AllReader => ("Reader", "Reads everything", "*", &["read"]),
        Role::AllWriter => ("Writer", "Reads and writes everything", "*", &["read", "write"]),
        Role::EventIngestor => ("Event Ingestor", "Sends usage events", "event", &["write"]),
        Role::EventReader => ("Event Reader", "Reads usage events", "event", &["read"]),
    };
    RoleResponse {
        id: role.as_str().to_owned(),
        name: name.to_owned(),
        description: description.to_owned(),
        permissions: BTreeMap::from([(
            entity.to_owned(),
            actions.iter().map(|action| (*action).to_owned()).collect(),
        )]),
    }
}
