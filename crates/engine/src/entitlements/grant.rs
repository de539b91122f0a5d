//! The grant configuration of an entitlement: time-boxed allowances instead of one per period (spec 03 §3.5, §5.11).

use serde::{Deserialize, Serialize};
use tariff_contract::entitlements::{CreateEntitlementRequest, kept_quota};
use tariff_contract::error::ApiError;
use tariff_core::Decimal;
use tariff_core::vocabulary::{
    AggregationType, BillingModel, EntitlementAggregationMode, EntitlementGrantAllocationBehavior,
    EntitlementGrantDurationUnit, EntitlementGrantMeasure,
};
use tariff_store::column::Json;
use tariff_store::entity::{entitlements, meters, prices};
use tariff_store::{Listing, Test};

use crate::engine::Work;
use crate::error::{Error, Result};
use crate::meters::is_bucketed;
use crate::records::Narrow;

/// A complete grant configuration, as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GrantConfig {
    /// What the grant counts.
    pub measure: EntitlementGrantMeasure,
    /// Size of each grant, in units or in money.
    pub quota: Decimal,
    /// Unit of the duration.
    pub duration_unit: EntitlementGrantDurationUnit,
    /// Duration in its unit; none for a whole subscription period.
    pub duration_value: Option<i64>,
    /// When the grant opens; with the first usage when absent.
    pub allocation_behavior: Option<EntitlementGrantAllocationBehavior>,
}

impl GrantConfig {
    /// The configuration of a stored entitlement.
    pub(crate) fn of(entitlement: &entitlements::Model) -> Option<Self> {
        serde_json::from_value(entitlement.grant_config.as_ref()?.0.clone()).ok()
    }

    /// The configuration of a request whose field rules were checked, if it has one.
    pub(super) fn of_request(request: &CreateEntitlementRequest) -> Option<Self> {
        Some(Self {
            measure: request.grant_measure?,
            quota: kept_quota(request.grant_quota.as_ref()?),
            duration_unit: request.grant_duration_unit?,
            duration_value: request.grant_duration_value,
            allocation_behavior: request.grant_allocation_behavior,
        })
    }

    pub(super) fn into_document(self) -> Result<Json<serde_json::Value>> {
        serde_json::to_value(self)
            .map(Json)
            .map_err(|error| Error(ApiError::internal(error)))
    }
}

/// Refuses a configuration that the meter, its prices or other entitlements of the feature rule out. The feature is
/// locked, so that no other entitlement of it is written meanwhile.
pub(super) async fn check(
    work: &Work<'_>,
    config: &GrantConfig,
    mode: EntitlementAggregationMode,
    entitlement: (&str, &str),
    meter: Option<&meters::Model>,
) -> Result<()> {
    let refuse = |message: &str| Err(ApiError::validation(message).into());
    if let Some(meter) = meter {
        let extreme = matches!(meter.aggregation.0.kind, AggregationType::Max | AggregationType::Min);
        if extreme || is_bucketed(meter) {
            return refuse("Grants are not for MAX, MIN or bucketed meters");
        }
        if config.measure == EntitlementGrantMeasure::Amount && has_tiered_price(work, &meter.id).await? {
            return refuse("A grant that counts money is not for meters with a TIERED price");
        }
    }
    let (id, feature_id) = entitlement;
    let siblings = Listing::all()
        .equal("feature_id", feature_id)
        .with("grant_config", Test::IsNotNull)
        .with("id", Test::NotEqual(id.into()))
        .published();
    for sibling in work.rows().list::<entitlements::Entity>(&siblings).await? {
        let sibling_mode = sibling
            .aggregation_mode
            .map_or(EntitlementAggregationMode::Additive, |mode| mode.0);
        let Some(other) = GrantConfig::of(&sibling) else {
            continue;
        };
        if sibling_mode != mode || other.measure != config.measure {
            return refuse("All grants of a feature have one aggregation mode and one measure");
        }
        let duration = |config: &GrantConfig| (config.duration_unit, config.duration_value);
        if mode == EntitlementAggregationMode::Additive && duration(&other) != duration(config) {
            return refuse("All additive grants of a feature have one duration");
        }
    }
    Ok(())
}

async fn has_tiered_price(work: &Work<'_>, meter_id: &str) -> Result<bool> {
    let listing = Listing::all()
        .equal("meter_id", meter_id)
        .equal("billing_model", BillingModel::Tiered.as_str())
        .published();
    let tiered = work.rows().list::<prices::Entity>(&listing).await?;
    Ok(tiered
        .iter()
        .any(|price| price.end_date.is_none_or(|end| end.0 > work.now)))
}
