//! Updating a feature: omitted members stay, units and alert settings are merged (spec 02 §2.1, §2.2).

use tariff_contract::features::{FeatureResponse, UpdateFeatureRequest};
use tariff_contract::validate::FieldErrors;
use tariff_core::vocabulary::GroupEntityType;
use tariff_store::column::Time;
use tariff_store::entity::features;
use tariff_store::set;

use super::{alert_settings_in, embedded_one, merged, reporting_unit_in, unknown_id};
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::Result;
use crate::records::metadata_in;
use crate::{groups, meters};

impl Engine {
    /// Updates the members that are sent; `filters` are merged into the meter.
    ///
    /// # Errors
    /// As [`Engine::create_feature`], and `not_found` for the feature.
    pub async fn update_feature(
        &self,
        context: &Context,
        id: &str,
        request: UpdateFeatureRequest,
    ) -> Result<FeatureResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let current = work
            .rows()
            .lock::<features::Entity>(id)
            .await?
            .ok_or_else(|| unknown_id(id))?;
        let updated = write(&work, current, request).await?;
        work.publish("feature.updated", "feature", id).await?;
        let response = embedded_one(&work.rows(), updated, false).await?;
        work.commit().await?;
        Ok(response)
    }
}

async fn write(work: &Work<'_>, current: features::Model, request: UpdateFeatureRequest) -> Result<features::Model> {
    let mut changes = features::ActiveModel {
        updated_at: set(Time(work.now)),
        updated_by: set(work.context.user_id.clone()),
        ..Default::default()
    };
    let unit_singular = request.unit_singular.unwrap_or(current.unit_singular);
    let unit_plural = request.unit_plural.unwrap_or(current.unit_plural);
    check_units(&unit_singular, &unit_plural)?;
    changes.unit_singular = set(unit_singular);
    changes.unit_plural = set(unit_plural);
    if let Some(name) = request.name {
        changes.name = set(name);
    }
    if let Some(description) = request.description {
        changes.description = set(description);
    }
    if request.metadata.is_some() {
        changes.metadata = set(metadata_in(request.metadata));
    }
    if request.reporting_unit.is_some() {
        changes.reporting_unit = set(reporting_unit_in(request.reporting_unit)?);
    }
    if let Some(sent) = request.alert_settings {
        let stored = current
            .alert_settings
            .and_then(|stored| serde_json::from_value(stored.0).ok());
        let merged = merged(sent, stored);
        let mut errors = FieldErrors::new();
        merged.check(&mut errors);
        errors.finish()?;
        changes.alert_settings = set(alert_settings_in(Some(merged))?);
    }
    if let Some(group_id) = request.group_id {
        if !group_id.is_empty() {
            groups::get_for(&work.rows(), &group_id, GroupEntityType::Feature).await?;
        }
        changes.group_id = set(Some(group_id).filter(|group_id| !group_id.is_empty()));
    }
    if let (Some(filters), Some(meter_id)) = (request.filters, &current.meter_id)
        && !filters.is_empty()
    {
        meters::merge_filters(work, meter_id, filters).await?;
    }
    let updated = work.rows().update::<features::Entity>(&current.id, changes).await?;
    updated.ok_or_else(|| unknown_id(&current.id))
}

/// Both units are named, or none (spec 02 §2.1).
fn check_units(singular: &str, plural: &str) -> Result<()> {
    let mut errors = FieldErrors::new();
    errors.check(
        singular.is_empty() == plural.is_empty(),
        "unit_plural",
        "goes together with unit_singular",
    );
    Ok(errors.finish()?)
}
