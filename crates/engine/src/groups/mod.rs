//! Groups: labels that prices or features carry (spec 01 B3). There is no update; deleting detaches the members.

mod create;
mod delete;
mod find;

use tariff_contract::DateTime;
use tariff_contract::error::ApiError;
use tariff_contract::groups::GroupResponse;
use tariff_core::Status;
use tariff_core::vocabulary::GroupEntityType;
use tariff_store::Scoped;
use tariff_store::entity::groups;

use crate::error::{Error, Result};
use crate::records::metadata_out;

/// The published group of this id, which must be for records of this type. It is held until the transaction ends, so
/// that no member joins a group while it is archived.
///
/// # Errors
/// `not_found` for an unknown or archived group, `validation_error` for a group of another type.
pub(crate) async fn get_for(rows: &Scoped<'_>, id: &str, entity_type: GroupEntityType) -> Result<groups::Model> {
    let group = rows
        .lock::<groups::Entity>(id)
        .await?
        .filter(|group| group.status.0 == Status::Published);
    let group = group.ok_or_else(|| unknown_id(id))?;
    if group.entity_type.0 != entity_type {
        let message = format!("The group is not for records of type {entity_type}");
        return Err(ApiError::validation(message).detail("group_id", id).into());
    }
    Ok(group)
}

fn unknown_id(id: &str) -> Error {
    Error(ApiError::not_found(format!("Group with ID {id} was not found")).detail("group_id", id))
}

/// The wire form of a group. Members are not listed (spec 01 B3).
pub(crate) fn response(group: groups::Model) -> GroupResponse {
    GroupResponse {
        id: group.id,
        name: group.name,
        entity_type: group.entity_type.0.to_string(),
        lookup_key: group.lookup_key,
        entity_ids: Vec::new(),
        metadata: metadata_out(group.metadata),
        status: group.status.0.to_string(),
        created_at: DateTime(group.created_at.0),
        updated_at: DateTime(group.updated_at.0),
    }
}
