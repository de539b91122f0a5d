//! Features: what a customer may use (spec 02 §2.1, §2.2, §3.1).
//!
//! Owns their records, and the meter that is created, copied or archived with one. What a customer is entitled to is
//! the business of entitlements; alerts are raised elsewhere.

mod clone;
mod create;
mod delete;
mod find;
mod update;

use tariff_contract::DateTime;
use tariff_contract::alerts::AlertSettings;
use tariff_contract::error::ApiError;
use tariff_contract::features::{FeatureResponse, ReportingUnit};
use tariff_contract::groups::GroupResponse;
use tariff_contract::meters::MeterResponse;
use tariff_contract::validate::NAME_CHARS_MAX;
use tariff_store::Scoped;
use tariff_store::column::Json;
use tariff_store::entity::{features, groups, meters};

use crate::error::{Error, Result};
use crate::records::{by_ids, filled, metadata_out};

/// The feature of this id, whatever its status.
///
/// # Errors
/// `not_found`.
pub(crate) async fn get(rows: &Scoped<'_>, id: &str) -> Result<features::Model> {
    rows.get::<features::Entity>(id).await?.ok_or_else(|| unknown_id(id))
}

pub(crate) fn unknown_id(id: &str) -> Error {
    Error(ApiError::not_found(format!("Feature with ID {id} was not found")).detail("feature_id", id))
}

fn lookup_key_taken(lookup_key: &str) -> impl FnOnce() -> ApiError + use<> {
    let lookup_key = lookup_key.to_owned();
    move || ApiError::already_exists("A feature with this lookup key already exists").detail("lookup_key", lookup_key)
}

/// The wire forms of features in the same order, with their groups and, if asked for, their meters.
pub(crate) async fn embedded(
    rows: &Scoped<'_>,
    features: Vec<features::Model>,
    with_meters: bool,
) -> Result<Vec<FeatureResponse>> {
    let group_ids = features.iter().filter_map(|feature| feature.group_id.clone());
    let groups = by_ids::<groups::Entity>(rows, group_ids, |group| &group.id).await?;
    let meter_ids = features
        .iter()
        .filter(|_| with_meters)
        .filter_map(|feature| feature.meter_id.clone());
    let meters = by_ids::<meters::Entity>(rows, meter_ids, |meter| &meter.id).await?;
    let answer = |feature: features::Model| {
        let group = feature.group_id.as_ref().and_then(|id| groups.get(id)).cloned();
        let meter = feature.meter_id.as_ref().and_then(|id| meters.get(id)).cloned();
        response(
            feature,
            group.map(crate::groups::response),
            meter.map(crate::meters::response),
        )
    };
    Ok(features.into_iter().map(answer).collect())
}

/// As [`embedded`], for one feature.
async fn embedded_one(rows: &Scoped<'_>, feature: features::Model, with_meter: bool) -> Result<FeatureResponse> {
    let id = feature.id.clone();
    embedded(rows, vec![feature], with_meter)
        .await?
        .pop()
        .ok_or_else(|| unknown_id(&id))
}

/// The wire form of a feature.
pub(crate) fn response(
    feature: features::Model,
    group: Option<GroupResponse>,
    meter: Option<MeterResponse>,
) -> FeatureResponse {
    let alert_settings = alert_settings(&feature);
    let reporting_unit = reporting_unit(&feature);
    FeatureResponse {
        id: feature.id,
        name: feature.name,
        lookup_key: feature.lookup_key,
        description: feature.description,
        r#type: feature.kind.0,
        meter_id: feature.meter_id,
        meter,
        unit_singular: feature.unit_singular,
        unit_plural: feature.unit_plural,
        reporting_unit,
        alert_settings,
        group_id: feature.group_id,
        group,
        metadata: metadata_out(feature.metadata),
        tenant_id: feature.tenant_id,
        environment_id: feature.environment_id,
        status: feature.status.0,
        created_at: DateTime(feature.created_at.0),
        updated_at: DateTime(feature.updated_at.0),
        created_by: feature.created_by,
        updated_by: feature.updated_by,
    }
}

/// The alert settings of a feature; those with neither a critical nor an info level count as absent (spec 02 §2.2).
pub(crate) fn alert_settings(feature: &features::Model) -> Option<AlertSettings> {
    let stored = feature.alert_settings.as_ref()?;
    let settings: AlertSettings = serde_json::from_value(stored.0.clone()).ok()?;
    (settings.critical.is_some() || settings.info.is_some()).then_some(settings)
}

/// The unit in which a feature's usage is shown.
pub(crate) fn reporting_unit(feature: &features::Model) -> Option<ReportingUnit> {
    serde_json::from_value(feature.reporting_unit.as_ref()?.0.clone()).ok()
}

fn reporting_unit_in(sent: Option<ReportingUnit>) -> Result<Option<Json<serde_json::Value>>> {
    let rounded = sent.map(|unit| ReportingUnit {
        conversion_rate: unit.kept_rate().map(Into::into),
        ..unit
    });
    rounded.map(document).transpose()
}

fn alert_settings_in(settings: Option<AlertSettings>) -> Result<Option<Json<serde_json::Value>>> {
    settings.map(document).transpose()
}

/// Alert settings of a request laid over the stored ones, member by member (spec 02 §2.2).
fn merged(sent: AlertSettings, stored: Option<AlertSettings>) -> AlertSettings {
    let stored = stored.unwrap_or_default();
    AlertSettings {
        alert_enabled: sent.alert_enabled.or(stored.alert_enabled).or(Some(false)),
        critical: sent.critical.or(stored.critical),
        warning: sent.warning.or(stored.warning),
        info: sent.info.or(stored.info),
    }
}

fn document(value: impl serde::Serialize) -> Result<Json<serde_json::Value>> {
    serde_json::to_value(value)
        .map(Json)
        .map_err(|error| Error(ApiError::internal(error)))
}

/// The lookup key of a request, or one made from the name (spec 02 §2.1).
fn lookup_key_of(sent: Option<String>, name: &str) -> String {
    filled(sent).unwrap_or_else(|| {
        let words = name.to_lowercase();
        let words = words.split(|character: char| !character.is_ascii_lowercase() && !character.is_ascii_digit());
        let key = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_");
        // Lower case can be longer: a capital dotted I becomes two characters.
        let kept = key.get(..NAME_CHARS_MAX).unwrap_or(&key);
        kept.trim_end_matches('_').to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lookup_key_is_made_from_the_name() {
        for (name, key) in [
            ("API Calls", "api_calls"),
            ("  GPU--hours (EU) ", "gpu_hours_eu"),
            ("été", "t"),
            ("!", ""),
        ] {
            assert_eq!(lookup_key_of(None, name), key, "{name}");
            assert_eq!(lookup_key_of(Some(String::new()), name), key, "{name}");
        }
        assert_eq!(lookup_key_of(Some("Own Key".to_owned()), "name"), "Own Key");
        let long = lookup_key_of(None, &"İ".repeat(NAME_CHARS_MAX));
        assert_eq!(long.len(), NAME_CHARS_MAX);
        assert!(long.ends_with('i'));
    }
}
