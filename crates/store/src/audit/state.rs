//! A record as the audit log keeps it: its fields under the names and in the forms of the API, without secrets, bounded.

use sea_orm::sea_query::Value;
use sea_orm::{IdenStatic, Iterable, ModelTrait};
use serde_json::{Map, Value as State};
use tariff_core::{Decimal, Timestamp};

use super::Audited;

/// Most bytes of JSON of a record before or after a change. Of a larger one the largest members are left out, and
/// named in the member [`OMITTED`].
pub const STATE_BYTES_MAX: usize = 64 * 1024;

/// The member that names what was left out.
const OMITTED: &str = "_omitted";
/// What stands in the place of a secret.
const REDACTED: &str = "***";
/// Words in the name of a column or member that holds a secret or its hash.
const SECRET_WORDS: [&str; 7] = [
    "hash",
    "secret",
    "password",
    "token",
    "credential",
    "private_key",
    "api_key",
];
/// The one map whose names are the caller's own, and which the API shows as it is.
const METADATA: &str = "metadata";

/// The state of a record.
pub(super) fn of<E: Audited>(model: &E::Model) -> State {
    let mut state = Map::new();
    for column in E::Column::iter() {
        let name = column.as_str();
        if is_secret(name) || E::INTERNAL.contains(&name) {
            continue;
        }
        let mut value = wire_form(&model.get(column));
        if name != METADATA {
            redact(&mut value);
        }
        state.insert(name.to_owned(), value);
    }
    State::Object(state)
}

fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

fn redact(value: &mut State) {
    match value {
        State::Object(members) => {
            for (name, member) in members {
                if name == METADATA {
                    continue;
                }
                if is_secret(name) && !member.is_null() {
                    *member = State::from(REDACTED);
                } else {
                    redact(member);
                }
            }
        }
        State::Array(items) => items.iter_mut().for_each(redact),
        State::Null | State::Bool(_) | State::Number(_) | State::String(_) => {}
    }
}

/// A stored value in the form of the API (spec 01 A7): decimals are plain texts, instants RFC 3339 in UTC.
fn wire_form(value: &Value) -> State {
    match value {
        Value::BigDecimal(Some(number)) => State::from(Decimal::from((**number).clone()).to_plain_string()),
        Value::ChronoDateTimeUtc(Some(instant)) => {
            let instant = Timestamp::from_microsecond(instant.timestamp_micros());
            instant.map_or(State::Null, |instant| State::from(instant.to_string()))
        }
        other => sea_orm::sea_query::sea_value_to_json_value(other),
    }
}

/// The state within [`STATE_BYTES_MAX`].
pub(super) fn bounded(state: State) -> State {
    let State::Object(mut members) = state else {
        return state;
    };
    let size = |member: &State| member.to_string().len();
    // Quotes, colon and comma besides the name and the value.
    let mut sizes: Vec<(usize, String)> = members
        .iter()
        .map(|(name, member)| (name.len() + size(member) + 4, name.clone()))
        .collect();
    let mut total: usize = sizes.iter().map(|(bytes, _)| bytes).sum();
    if total <= STATE_BYTES_MAX {
        return State::Object(members);
    }
    sizes.sort_unstable();
    total += OMITTED.len() + 6;
    let mut omitted = Vec::new();
    while total > STATE_BYTES_MAX {
        let Some((bytes, name)) = sizes.pop() else { break };
        members.remove(&name);
        total = total - bytes + name.len() + 3;
        omitted.push(State::from(name));
    }
    members.insert(OMITTED.to_owned(), State::Array(omitted));
    State::Object(members)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::column::{Json, Time, Word};
    use crate::entity::{secrets, users};
    use tariff_core::Status;

    fn user() -> users::Model {
        let instant: Timestamp = "2024-03-01T12:00:00.5Z".parse().unwrap();
        users::Model {
            id: "user_1".to_owned(),
            tenant_id: "tenant_1".to_owned(),
            kind: "user".to_owned(),
            email: "A@example.com".to_owned(),
            email_lowercase: "a@example.com".to_owned(),
            name: String::new(),
            roles: Json(vec!["super_admin".to_owned()]),
            metadata: Some(Json([("token".to_owned(), "mine".to_owned())].into())),
            password_hash: Some("$argon2id$…".to_owned()),
            status: Word(Status::Published),
            created_at: Time(instant),
            updated_at: Time(instant),
            created_by: "user_1".to_owned(),
            updated_by: "user_1".to_owned(),
        }
    }

    #[test]
    fn a_record_has_the_names_and_forms_of_the_api_and_no_secret() {
        let state = of::<users::Entity>(&user());
        assert_eq!(
            state,
            json!({
                "id": "user_1", "tenant_id": "tenant_1", "type": "user", "email": "A@example.com", "name": "",
                "roles": ["super_admin"], "metadata": {"token": "mine"}, "status": "published",
                "created_at": "2024-03-01T12:00:00.5Z", "updated_at": "2024-03-01T12:00:00.5Z",
                "created_by": "user_1", "updated_by": "user_1",
            })
        );
    }

    #[test]
    fn the_hash_of_a_key_is_hidden() {
        let names: Vec<_> = secrets::Column::iter().map(|column| column.as_str()).collect();
        assert!(names.contains(&"key_hash"));
        assert!(is_secret("key_hash"));
        assert!(!is_secret("display_id"));
    }

    #[test]
    fn secrets_inside_documents_are_redacted() {
        let mut value = json!({"provider": {"Api_Key": "sk_live", "name": "x"}, "list": [{"password": null}], "metadata": {"token": "t"}});
        redact(&mut value);
        assert_eq!(
            value,
            json!({"provider": {"Api_Key": "***", "name": "x"}, "list": [{"password": null}], "metadata": {"token": "t"}})
        );
    }

    #[test]
    fn a_large_state_names_what_it_leaves_out() {
        let large = "x".repeat(STATE_BYTES_MAX);
        let state = bounded(json!({"id": "cust_1", "name": "Acme", "metadata": {"note": large}}));
        assert_eq!(state, json!({"id": "cust_1", "name": "Acme", "_omitted": ["metadata"]}));
        let small = json!({"id": "cust_1"});
        assert_eq!(bounded(small.clone()), small);
    }
}
