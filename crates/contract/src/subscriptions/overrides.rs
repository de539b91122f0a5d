//! What a subscription changes of its plan, and its children (spec 04 §3.2, §4.16).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tariff_core::Decimal;
use tariff_core::vocabulary::{BillingModel, BillingPeriod, CommitmentType, TierMode};
use utoipa::ToSchema;

use crate::addons::AddAddonToSubscriptionRequest;
use crate::credit_grants::CreateCreditGrantRequest;
use crate::line_items::{CommitmentBucketRequest, CreateSubscriptionLineItemRequest};
use crate::number::JsonNumber;
use crate::prices::{CreatePriceTier, TransformQuantityInput};
use crate::subscriptions::{SubscriptionCouponInput, SubscriptionPhaseCreateRequest};
use crate::taxes::TaxRateOverride;
use crate::validate::FieldErrors;
use crate::wire::blank_as_none;

/// A child subscription that is invoiced together with its parent.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct GroupedInvoicingChildRequest {
    /// Addons to attach.
    pub addons: Option<Vec<AddAddonToSubscriptionRequest>>,
    /// Money promised per commitment period.
    pub commitment_amount: Option<Decimal>,
    /// Length of a commitment period.
    #[serde(deserialize_with = "blank_as_none")]
    pub commitment_duration: Option<BillingPeriod>,
    /// Coupons by id.
    pub coupons: Option<Vec<String>>,
    /// The credit grants.
    pub credit_grants: Option<Vec<CreateCreditGrantRequest>>,
    /// Whether the unused rest of the commitment is charged.
    pub enable_true_up: Option<bool>,
    /// The caller's own id of the customer.
    #[schema(required = true)]
    pub external_customer_id: Option<String>,
    /// Commitments by price id.
    pub line_item_commitments: Option<BTreeMap<String, LineItemCommitmentConfig>>,
    /// Coupons on single lines.
    pub line_item_coupons: Option<BTreeMap<String, Vec<String>>>,
    /// The lines.
    pub line_items: Option<Vec<CreateSubscriptionLineItemRequest>>,
    /// Factor of what exceeds the commitment, at least 1.
    pub overage_factor: Option<Decimal>,
    /// Entitlements of the plan that this subscription changes.
    pub override_entitlements: Option<Vec<OverrideEntitlementRequest>>,
    /// Prices of the plan that this subscription changes.
    pub override_line_items: Option<Vec<OverrideLineItemRequest>>,
    /// Successive terms.
    pub phases: Option<Vec<SubscriptionPhaseCreateRequest>>,
    /// Id of the plan.
    #[schema(required = true)]
    pub plan_id: Option<String>,
    /// Coupons to attach, by code.
    pub subscription_coupons: Option<Vec<SubscriptionCouponInput>>,
    /// Absent: the automatic taxes; empty: none; else exactly these.
    pub tax_rate_overrides: Option<Vec<TaxRateOverride>>,
    /// Days without charge at the start.
    pub trial_period_days: Option<i64>,
}

/// A price of the plan that the subscription changes.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct OverrideLineItemRequest {
    /// Money in units of the currency.
    pub amount: Option<Decimal>,
    /// How a quantity becomes money.
    #[serde(deserialize_with = "blank_as_none")]
    pub billing_model: Option<BillingModel>,
    /// Id of the price.
    #[schema(required = true)]
    pub price_id: Option<String>,
    /// Amount in the custom unit.
    pub price_unit_amount: Option<Decimal>,
    /// Tiers in the custom unit, by ascending bound.
    pub price_unit_tiers: Option<Vec<CreatePriceTier>>,
    /// Number of units.
    pub quantity: Option<Decimal>,
    /// How the tiers apply.
    #[serde(deserialize_with = "blank_as_none")]
    pub tier_mode: Option<TierMode>,
    /// Tiers in the price's currency, by ascending bound.
    pub tiers: Option<Vec<CreatePriceTier>>,
    /// How units are packed; for packages.
    pub transform_quantity: Option<TransformQuantityInput>,
}

/// An entitlement of the plan that the subscription changes.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct OverrideEntitlementRequest {
    /// Value of a config feature.
    pub config_value: Option<Map<String, Value>>,
    /// Id of the entitlement.
    #[schema(required = true)]
    pub entitlement_id: Option<String>,
    /// Whether the feature may be used.
    pub is_enabled: Option<bool>,
    /// Value of a static feature.
    pub static_value: Option<String>,
    /// Included units; absent means unlimited, 0 nothing.
    pub usage_limit: Option<i64>,
}

/// The commitment of one line.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct LineItemCommitmentConfig {
    /// Money promised per commitment period.
    pub commitment_amount: Option<JsonNumber>,
    /// Length of a commitment period.
    #[serde(deserialize_with = "blank_as_none")]
    pub commitment_duration: Option<BillingPeriod>,
    /// Units promised per commitment period.
    pub commitment_quantity: Option<JsonNumber>,
    /// Times of day with commitments of their own.
    pub commitment_time_buckets: Option<Vec<CommitmentBucketRequest>>,
    /// Whether money or units are promised.
    #[serde(deserialize_with = "blank_as_none")]
    pub commitment_type: Option<CommitmentType>,
    /// Whether the unused rest of the commitment is charged.
    pub enable_true_up: Option<bool>,
    /// Whether it is window commitment.
    pub is_window_commitment: Option<bool>,
    /// Factor of what exceeds the commitment, at least 1.
    pub overage_factor: Option<JsonNumber>,
}

impl OverrideEntitlementRequest {
    /// Records the members that break a rule whatever the entitlement.
    pub fn check(&self, errors: &mut FieldErrors) {
        errors.required("entitlement_id", self.entitlement_id.as_ref());
        let counted = self.usage_limit.is_none_or(|limit| limit >= 0);
        errors.check(counted, "usage_limit", "must not be negative");
        let named = |config: &Map<String, Value>| config.keys().all(|key| !key.trim().is_empty());
        let named = self.config_value.as_ref().is_none_or(named);
        errors.check(named, "config_value", "must not have blank keys");
    }
}
