//! The rows behind settings: only members that somebody has set are stored.

use serde_json::{Map, Value};
use tariff_core::Status;
use tariff_store::entity::settings;
use tariff_store::{Listing, Scoped};

use super::SettingKey;
use crate::error::Result;

/// The stored setting of this key.
pub(super) async fn find(rows: &Scoped<'_>, key: SettingKey) -> Result<Option<settings::Model>> {
    let listing = Listing::all()
        .equal("key", key.as_str())
        .equal("status", Status::Published.as_str());
    Ok(rows.first::<settings::Entity>(listing).await?)
}

/// The members that are stored.
pub(super) fn members(row: &settings::Model) -> Map<String, Value> {
    row.value.0.as_object().cloned().unwrap_or_default()
}
