//! Creating entitlements, one or many (spec 03 §3.5, §4.4).

use std::collections::BTreeSet;

use tariff_contract::entitlements::{
    CreateBulkEntitlementRequest, CreateBulkEntitlementResponse, CreateEntitlementRequest, EntitlementResponse,
};
use tariff_contract::error::{ApiError, ErrorCode};
use tariff_core::vocabulary::{EntitlementAggregationMode, EntitlementEntityType, FeatureType};
use tariff_core::{IdPrefix, Status};
use tariff_store::column::{Json, Time, Word};
use tariff_store::entity::{entitlements, features};

use super::grant::{self, GrantConfig};
use super::rules::{check_unique, locked_feature, meter_of, overridden};
use super::{Embed, embedded, feature_taken, owner, unknown_id};
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::{Error, Result, on_duplicate};
use crate::ids::mint;

/// Answers to a creation show the feature and the owner.
const CREATED: Embed = Embed {
    features: true,
    meters: false,
    plans: true,
    addons: true,
};

impl Engine {
    /// Creates an entitlement.
    ///
    /// # Errors
    /// `validation_error` for field rules, a type other than the feature's, an archived feature or a meter that cannot
    /// be limited; `not_found` for an unknown owner, feature or overridden entitlement; `already_exists` when the owner has one of the feature.
    pub async fn create_entitlement(
        &self,
        context: &Context,
        request: CreateEntitlementRequest,
    ) -> Result<EntitlementResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let entitlement = create(&work, request).await?;
        let id = entitlement.id.clone();
        let answer = embedded(&work.rows(), vec![entitlement], CREATED).await?.pop();
        let mut answer = answer.ok_or_else(|| unknown_id(&id))?;
        if answer.entity_type == EntitlementEntityType::Addon {
            // Only here the older member names an addon too (spec 03 §3.5).
            answer.plan_id = Some(answer.entity_id.clone());
        }
        work.commit().await?;
        Ok(answer)
    }

    /// Creates several entitlements, or none.
    ///
    /// # Errors
    /// As [`Engine::create_entitlement`], but an unknown owner or feature is a `validation_error`; the `index` of the
    /// item at fault is among the details.
    pub async fn create_entitlements(
        &self,
        context: &Context,
        request: CreateBulkEntitlementRequest,
    ) -> Result<CreateBulkEntitlementResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let items = request.items.unwrap_or_default();
        lock_features(&work, &items).await?;
        let mut created = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            created.push(create(&work, item).await.map_err(|error| of_item(error, index))?);
        }
        let items = embedded(&work.rows(), created, CREATED).await?;
        work.commit().await?;
        Ok(CreateBulkEntitlementResponse { items })
    }
}

/// What is not found is a fault of the item that names it (spec 03 Q8).
fn of_item(Error(mut error): Error, index: usize) -> Error {
    if error.code == ErrorCode::NotFound {
        error.code = ErrorCode::ValidationError;
    }
    Error(error.detail("index", index))
}

/// Locks the features of all items in the order of their ids, so that requests that name the same ones do not wait for
/// each other in a circle. Unknown ones are the business of their items.
async fn lock_features(work: &Work<'_>, items: &[CreateEntitlementRequest]) -> Result<()> {
    let ids: BTreeSet<&String> = items.iter().filter_map(|item| item.feature_id.as_ref()).collect();
    for id in ids {
        work.rows().lock::<features::Entity>(id).await?;
    }
    Ok(())
}

async fn create(work: &Work<'_>, request: CreateEntitlementRequest) -> Result<entitlements::Model> {
    let rows = work.rows();
    let (entity_type, entity_id) = owner::of_request(&rows, &request).await?;
    let feature = locked_feature(work, request.feature_id.as_deref().unwrap_or_default()).await?;
    if feature.status.0 != Status::Published {
        return Err(ApiError::validation("The feature is archived")
            .detail("feature_id", feature.id)
            .into());
    }
    if request.feature_type != Some(feature.kind.0) {
        let message = format!("The feature is of type {}", feature.kind.0);
        return Err(ApiError::validation(message)
            .detail("feature_type", "is not the type of the feature")
            .into());
    }
    let meter = meter_of(work, &feature).await?;
    let parent = overridden(work, entity_type, &feature.id, request.parent_entitlement_id.clone()).await?;
    let id = mint(IdPrefix::Entitlement);
    let config = GrantConfig::of_request(&request);
    let default_mode = config.as_ref().map(|_| EntitlementAggregationMode::Additive);
    let mode = request.aggregation_mode.or(default_mode);
    if let Some(config) = &config {
        let mode = mode.unwrap_or(EntitlementAggregationMode::Additive);
        grant::check(work, config, mode, (&id, &feature.id), meter.as_ref()).await?;
    }
    let entitlement = entitlements::Model {
        id,
        tenant_id: String::new(),
        environment_id: String::new(),
        entity_type: Word(entity_type),
        entity_id,
        feature_id: feature.id,
        feature_type: feature.kind,
        is_enabled: match feature.kind.0 {
            FeatureType::Boolean => request.is_enabled.unwrap_or_default(),
            FeatureType::Metered | FeatureType::Static | FeatureType::Config => true,
        },
        usage_limit: request.usage_limit,
        usage_reset_period: request.usage_reset_period.map(Word),
        is_soft_limit: request.is_soft_limit.unwrap_or_default(),
        static_value: request.static_value.unwrap_or_default(),
        config_value: request.config_value.map(|value| Json(serde_json::Value::Object(value))),
        display_order: 0,
        parent_entitlement_id: parent,
        start_date: request.start_date.map(|start| Time(start.0)),
        end_date: request.end_date.map(|end| Time(end.0)),
        aggregation_mode: mode.map(Word),
        grant_config: config.map(GrantConfig::into_document).transpose()?,
        status: Word(Status::Published),
        created_at: Time(work.now),
        updated_at: Time(work.now),
        created_by: work.context.user_id.clone(),
        updated_by: work.context.user_id.clone(),
    };
    check_unique(work, &entitlement).await?;
    insert(work, entitlement).await
}

/// Inserts a complete entitlement and records its event.
///
/// # Errors
/// `already_exists` when the owner has a published entitlement of the feature.
pub(crate) async fn insert(work: &Work<'_>, entitlement: entitlements::Model) -> Result<entitlements::Model> {
    let feature_id = entitlement.feature_id.clone();
    let inserted = work.rows().insert::<entitlements::Entity>(entitlement).await;
    let entitlement = inserted.map_err(on_duplicate(feature_taken(&feature_id)))?;
    work.publish("entitlement.created", "entitlement", &entitlement.id)
        .await?;
    Ok(entitlement)
}
