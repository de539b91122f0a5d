//! Connections: which providers an environment works with, and their credentials (spec 07 §2.6).
//!
//! Owns their records and the encryption of credentials. Links of records to a provider's are the business of
//! [`crate::integrations`]; nothing here talks to a provider.

mod create;
mod delete;
mod find;
mod update;
mod vault;

use serde_json::{Map, Value};
use tariff_contract::DateTime;
use tariff_contract::connections::ConnectionResponse;
use tariff_contract::error::ApiError;
use tariff_contract::integration_config::SyncConfig;
use tariff_contract::secrets::SecretProvider;
use tariff_store::column::Json;
use tariff_store::entity::connections;

use crate::error::{Error, Result};

pub(crate) use vault::Vault;

fn unknown_id(id: &str) -> Error {
    Error(ApiError::not_found(format!("Connection with ID {id} was not found")).detail("connection_id", id))
}

fn provider_of(connection: &connections::Model) -> Result<SecretProvider> {
    let provider = connection.provider_type.parse();
    provider.map_err(|error| Error(ApiError::internal(error)))
}

fn metadata_in(metadata: Option<Map<String, Value>>) -> Option<Json<Value>> {
    metadata.map(|metadata| Json(Value::Object(metadata)))
}

fn sync_in(config: Option<&SyncConfig>) -> Result<Option<Json<Value>>> {
    let stored = config.map(serde_json::to_value).transpose();
    Ok(stored.map_err(|error| Error(ApiError::internal(error)))?.map(Json))
}

/// The wire form, without credentials.
fn response(connection: connections::Model) -> Result<ConnectionResponse> {
    let provider_type = provider_of(&connection)?;
    let sync_config = connection.sync_config.map(|stored| serde_json::from_value(stored.0));
    Ok(ConnectionResponse {
        id: connection.id,
        name: connection.name,
        provider_type,
        metadata: connection.metadata.and_then(|stored| match stored.0 {
            Value::Object(members) => Some(members),
            _ => None,
        }),
        sync_config: sync_config
            .transpose()
            .map_err(|error| Error(ApiError::internal(error)))?,
        tenant_id: connection.tenant_id,
        environment_id: connection.environment_id,
        status: connection.status.0,
        created_at: DateTime(connection.created_at.0),
        updated_at: DateTime(connection.updated_at.0),
        created_by: connection.created_by,
        updated_by: connection.updated_by,
    })
}
