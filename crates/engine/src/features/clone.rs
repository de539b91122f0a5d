//! Copying a feature under a new name and key (spec 02 §3.1 "clone").

use tariff_contract::features::{CloneFeatureRequest, FeatureResponse};
use tariff_core::{IdPrefix, Status};
use tariff_store::column::{Json, Time, Word};
use tariff_store::entity::features;

use super::{embedded_one, get, lookup_key_taken};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Result, on_duplicate};
use crate::ids::mint;
use crate::meters;

/// Metadata entry that names the feature a copy was made from.
const SOURCE: &str = "source_feature_id";

impl Engine {
    /// Copies a feature; a metered copy gets its own copy of the meter.
    ///
    /// # Errors
    /// `validation_error` without name or lookup key; `not_found`; `already_exists` when the key is taken.
    pub async fn clone_feature(
        &self,
        context: &Context,
        id: &str,
        request: CloneFeatureRequest,
    ) -> Result<FeatureResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let source = get(&work.rows(), id).await?;
        let meter_id = match &source.meter_id {
            Some(meter_id) => {
                let meter = meters::get(&work.rows(), meter_id).await?;
                Some(meters::copy(&work, meter).await?.id)
            }
            None => None,
        };
        let mut metadata = source.metadata.map(|metadata| metadata.0).unwrap_or_default();
        metadata.extend(request.metadata.unwrap_or_default());
        metadata.insert(SOURCE.to_owned(), source.id);
        let lookup_key = request.lookup_key.unwrap_or_default();
        let feature = features::Model {
            id: mint(IdPrefix::Feature),
            name: request.name.unwrap_or_default(),
            lookup_key: lookup_key.clone(),
            description: request.description.unwrap_or(source.description),
            meter_id,
            metadata: Some(Json(metadata)),
            status: Word(Status::Published),
            created_at: Time(work.now),
            updated_at: Time(work.now),
            created_by: context.user_id.clone(),
            updated_by: context.user_id.clone(),
            ..source
        };
        let inserted = work.rows().insert::<features::Entity>(feature).await;
        let feature = inserted.map_err(on_duplicate(lookup_key_taken(&lookup_key)))?;
        work.publish("feature.created", "feature", &feature.id).await?;
        let response = embedded_one(&work.rows(), feature, true).await?;
        work.commit().await?;
        Ok(response)
    }
}
