//! Creating a feature, with the meter it brings along (spec 02 §2.1, §3.1).

use tariff_contract::error::ApiError;
use tariff_contract::features::{CreateFeatureRequest, FeatureResponse};
use tariff_core::vocabulary::{FeatureType, GroupEntityType};
use tariff_core::{IdPrefix, Status};
use tariff_store::column::{Time, Word};
use tariff_store::entity::{features, meters as meter_rows};

use super::{alert_settings_in, embedded_one, lookup_key_of, lookup_key_taken, merged, reporting_unit_in};
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::{Result, on_duplicate};
use crate::ids::mint;
use crate::records::{filled, metadata_in};
use crate::{groups, meters};

impl Engine {
    /// Creates a feature and, for a metered one without `meter_id`, its meter.
    ///
    /// # Errors
    /// `validation_error` for field rules, an archived meter or a group of another type; `not_found` for an unknown
    /// meter or group; `already_exists` when a published feature has the lookup key.
    pub async fn create_feature(&self, context: &Context, request: CreateFeatureRequest) -> Result<FeatureResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let feature = insert(&work, request).await?;
        work.publish("feature.created", "feature", &feature.id).await?;
        let response = embedded_one(&work.rows(), feature, false).await?;
        work.commit().await?;
        Ok(response)
    }
}

async fn insert(work: &Work<'_>, mut request: CreateFeatureRequest) -> Result<features::Model> {
    let kind = request
        .r#type
        .ok_or_else(|| ApiError::validation("type is required").detail("type", "is required"))?;
    let group_id = filled(request.group_id.take());
    if let Some(group_id) = &group_id {
        groups::get_for(&work.rows(), group_id, GroupEntityType::Feature).await?;
    }
    let meter_id = match kind {
        FeatureType::Metered => Some(meter_of(work, &mut request).await?),
        // Whatever meter is sent means nothing here.
        FeatureType::Boolean | FeatureType::Static | FeatureType::Config => None,
    };
    let name = request.name.unwrap_or_default();
    let lookup_key = lookup_key_of(request.lookup_key, &name);
    let alert_settings = request.alert_settings.map(|settings| merged(settings, None));
    let feature = features::Model {
        id: mint(IdPrefix::Feature),
        tenant_id: String::new(),
        environment_id: String::new(),
        name,
        lookup_key: lookup_key.clone(),
        description: request.description.unwrap_or_default(),
        kind: Word(kind),
        meter_id,
        unit_singular: request.unit_singular.unwrap_or_default(),
        unit_plural: request.unit_plural.unwrap_or_default(),
        reporting_unit: reporting_unit_in(request.reporting_unit)?,
        alert_settings: alert_settings_in(alert_settings)?,
        group_id,
        metadata: metadata_in(request.metadata),
        status: Word(Status::Published),
        created_at: Time(work.now),
        updated_at: Time(work.now),
        created_by: work.context.user_id.clone(),
        updated_by: work.context.user_id.clone(),
    };
    let inserted = work.rows().insert::<features::Entity>(feature).await;
    inserted.map_err(on_duplicate(lookup_key_taken(&lookup_key)))
}

/// The published meter named, or else a new one.
async fn meter_of(work: &Work<'_>, request: &mut CreateFeatureRequest) -> Result<String> {
    if let Some(meter_id) = filled(request.meter_id.take()) {
        // Held, so that it is still published when the feature is.
        let meter = work.rows().lock::<meter_rows::Entity>(&meter_id).await?;
        let meter = meter.ok_or_else(|| meters::unknown_id(&meter_id))?;
        if meter.status.0 != Status::Published {
            return Err(ApiError::validation("The meter is archived")
                .detail("meter_id", meter_id)
                .into());
        }
        return Ok(meter_id);
    }
    let meter = request.meter.take().ok_or_else(|| {
        ApiError::validation("A metered feature needs meter_id or meter").detail("meter_id", "is required")
    })?;
    Ok(meters::insert(work, meter).await?.id)
}
