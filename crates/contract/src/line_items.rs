//! Subscription line items on the wire (spec 04 §2.3, §3.6).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{
    BillingModel, BillingPeriod, CommitmentType, InvoiceCadence, LineItemEntityType, PriceType, PriceUnitType,
    ProrationBehavior, Status, TierMode,
};
use utoipa::ToSchema;

use crate::list::{list_filter, list_response};
use crate::metadata::Metadata;
use crate::meters::Meter;
use crate::number::JsonNumber;
use crate::prices::{
    CreatePriceRequest, CreatePriceTier, Price, PriceResponse, PriceUnitConfig, TransformQuantityInput,
};
use crate::time::DateTime;
use crate::wire::blank_as_none;

/// A new subscription line item.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateSubscriptionLineItemRequest {
    /// Money promised per commitment period.
    pub commitment_amount: Option<JsonNumber>,
    /// Length of a commitment period.
    #[serde(deserialize_with = "blank_as_none")]
    pub commitment_duration: Option<BillingPeriod>,
    /// Factor of what exceeds the commitment, at least 1.
    pub commitment_overage_factor: Option<JsonNumber>,
    /// Units promised per commitment period.
    pub commitment_quantity: Option<JsonNumber>,
    /// Times of day with commitments of their own.
    pub commitment_time_buckets: Option<Vec<CommitmentBucketRequest>>,
    /// Whether the unused rest of the commitment is charged.
    pub commitment_true_up_enabled: Option<bool>,
    /// Whether money or units are promised.
    #[serde(deserialize_with = "blank_as_none")]
    pub commitment_type: Option<CommitmentType>,
    /// Whether the commitment holds for each time window.
    pub commitment_windowed: Option<bool>,
    /// Name shown on invoices.
    pub display_name: Option<String>,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// The price.
    pub price: Option<SubscriptionPriceCreateRequest>,
    /// Id of the price.
    pub price_id: Option<String>,
    /// Whether a change inside a period is prorated.
    #[serde(deserialize_with = "blank_as_none")]
    pub proration_behavior: Option<ProrationBehavior>,
    /// Number of units.
    pub quantity: Option<JsonNumber>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// Phase the line belongs to.
    pub subscription_phase_id: Option<String>,
}

/// A price that belongs to one subscription.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SubscriptionPriceCreateRequest {
    /// Money in units of the currency.
    pub amount: Option<Decimal>,
    /// How a quantity becomes money.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub billing_model: Option<BillingModel>,
    /// Length of a billing period.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub billing_period: Option<BillingPeriod>,
    /// Number of billing periods per invoice.
    pub billing_period_count: Option<i64>,
    /// Text shown to people.
    pub description: Option<String>,
    /// Name shown on invoices.
    pub display_name: Option<String>,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Accepted and not used; filtering belongs to the meter.
    pub filter_values: Option<BTreeMap<String, Vec<String>>>,
    /// Whether the charge is invoiced before or after its period.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub invoice_cadence: Option<InvoiceCadence>,
    /// The caller's own key, unique among published records.
    pub lookup_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Id of the meter.
    pub meter_id: Option<String>,
    /// Quantity used when none is given; not a floor.
    pub min_quantity: Option<i64>,
    /// How the price is expressed in a custom unit.
    pub price_unit_config: Option<PriceUnitConfig>,
    /// Priced in a currency or in a custom unit.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub price_unit_type: Option<PriceUnitType>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// How the tiers apply.
    #[serde(deserialize_with = "blank_as_none")]
    pub tier_mode: Option<TierMode>,
    /// Tiers in the price's currency, by ascending bound.
    pub tiers: Option<Vec<CreatePriceTier>>,
    /// How units are packed; for packages.
    pub transform_quantity: Option<TransformQuantityInput>,
    /// Days without charge at the start.
    pub trial_period_days: Option<i64>,
    /// Kind of the record.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub r#type: Option<PriceType>,
}

/// A time of day with a commitment of its own.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CommitmentBucketRequest {
    /// Whether money or units are promised.
    #[serde(deserialize_with = "blank_as_none")]
    pub commitment_type: Option<CommitmentType>,
    /// Commitment value.
    pub commitment_value: Option<Decimal>,
    /// End of the time of day, exclusive.
    pub end: Option<TimeOfDay>,
    /// Id of the record.
    pub id: Option<String>,
    /// Factor of what exceeds the commitment, at least 1.
    pub overage_factor: Option<Decimal>,
    /// The price.
    pub price: Option<CreatePriceRequest>,
    /// Start of the time of day, inclusive.
    pub start: Option<TimeOfDay>,
    /// Whether true up is on.
    pub true_up_enabled: Option<bool>,
}

/// A change of a subscription line item: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateSubscriptionLineItemRequest {
    /// Money in units of the currency.
    pub amount: Option<Decimal>,
    /// How a quantity becomes money.
    #[serde(deserialize_with = "blank_as_none")]
    pub billing_model: Option<BillingModel>,
    /// Money promised per commitment period.
    pub commitment_amount: Option<JsonNumber>,
    /// Length of a commitment period.
    #[serde(deserialize_with = "blank_as_none")]
    pub commitment_duration: Option<BillingPeriod>,
    /// Factor of what exceeds the commitment, at least 1.
    pub commitment_overage_factor: Option<JsonNumber>,
    /// Units promised per commitment period.
    pub commitment_quantity: Option<JsonNumber>,
    /// Times of day with commitments of their own.
    pub commitment_time_buckets: Option<Vec<CommitmentBucketRequest>>,
    /// Whether the unused rest of the commitment is charged.
    pub commitment_true_up_enabled: Option<bool>,
    /// Whether money or units are promised.
    #[serde(deserialize_with = "blank_as_none")]
    pub commitment_type: Option<CommitmentType>,
    /// Whether the commitment holds for each time window.
    pub commitment_windowed: Option<bool>,
    /// When it takes effect.
    #[schema(value_type = Option<String>)]
    pub effective_from: Option<DateTime>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// How the tiers apply.
    #[serde(deserialize_with = "blank_as_none")]
    pub tier_mode: Option<TierMode>,
    /// Tiers in the price's currency, by ascending bound.
    pub tiers: Option<Vec<CreatePriceTier>>,
    /// How units are packed; for packages.
    pub transform_quantity: Option<TransformQuantityInput>,
}

/// Ends a subscription line item.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct DeleteSubscriptionLineItemRequest {
    /// When it takes effect.
    #[schema(value_type = Option<String>)]
    pub effective_from: Option<DateTime>,
    /// Whether a change inside a period is prorated.
    #[serde(deserialize_with = "blank_as_none")]
    pub proration_behavior: Option<ProrationBehavior>,
}

/// A subscription line item.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SubscriptionLineItemResponse {
    /// Attachment the line comes from.
    pub addon_association_id: Option<String>,
    /// Length of a billing period.
    pub billing_period: BillingPeriod,
    /// Number of billing periods per invoice.
    pub billing_period_count: i64,
    /// Money promised per commitment period.
    pub commitment_amount: Option<Decimal>,
    /// Length of a commitment period.
    pub commitment_duration: Option<BillingPeriod>,
    /// Factor of what exceeds the commitment, at least 1.
    pub commitment_overage_factor: Option<Decimal>,
    /// Units promised per commitment period.
    pub commitment_quantity: Option<Decimal>,
    /// Times of day with commitments of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commitment_time_buckets: Vec<TimeOfDayBucket>,
    /// Whether the unused rest of the commitment is charged.
    pub commitment_true_up_enabled: bool,
    /// Whether money or units are promised.
    pub commitment_type: Option<CommitmentType>,
    /// Whether the commitment holds for each time window.
    pub commitment_windowed: bool,
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Id of the customer.
    pub customer_id: String,
    /// Name shown on invoices.
    pub display_name: String,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Id of the owning record.
    pub entity_id: String,
    /// Kind of the owning record.
    pub entity_type: LineItemEntityType,
    /// Environment of the record.
    pub environment_id: String,
    /// Id of the record.
    pub id: String,
    /// Whether the charge is invoiced before or after its period.
    pub invoice_cadence: InvoiceCadence,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// The meter.
    pub meter: Option<Meter>,
    /// Meter display name.
    pub meter_display_name: String,
    /// Id of the meter.
    pub meter_id: Option<String>,
    /// Plan display name.
    pub plan_display_name: String,
    /// The price.
    pub price: Option<PriceResponse>,
    /// Id of the price.
    pub price_id: String,
    /// Price type.
    pub price_type: Option<PriceType>,
    /// Code of the custom unit.
    pub price_unit: Option<String>,
    /// Id of the custom unit.
    pub price_unit_id: Option<String>,
    /// Number of units.
    pub quantity: Decimal,
    /// Start, inclusive.
    pub start_date: DateTime,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Id of the subscription.
    pub subscription_id: String,
    /// Phase the line belongs to.
    pub subscription_phase_id: Option<String>,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Last change.
    pub updated_at: DateTime,
    /// User who changed it last.
    pub updated_by: String,
}

/// A subscription line item as stored.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = subscription::SubscriptionLineItem)]
pub struct SubscriptionLineItem {
    /// Attachment the line comes from.
    pub addon_association_id: Option<String>,
    /// Length of a billing period.
    pub billing_period: BillingPeriod,
    /// Number of billing periods per invoice.
    pub billing_period_count: i64,
    /// Money promised per commitment period.
    pub commitment_amount: Option<Decimal>,
    /// Length of a commitment period.
    pub commitment_duration: Option<BillingPeriod>,
    /// Factor of what exceeds the commitment, at least 1.
    pub commitment_overage_factor: Option<Decimal>,
    /// Units promised per commitment period.
    pub commitment_quantity: Option<Decimal>,
    /// Times of day with commitments of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commitment_time_buckets: Vec<TimeOfDayBucket>,
    /// Whether the unused rest of the commitment is charged.
    pub commitment_true_up_enabled: bool,
    /// Whether money or units are promised.
    pub commitment_type: Option<CommitmentType>,
    /// Whether the commitment holds for each time window.
    pub commitment_windowed: bool,
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Id of the customer.
    pub customer_id: String,
    /// Name shown on invoices.
    pub display_name: String,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Id of the owning record.
    pub entity_id: String,
    /// Kind of the owning record.
    pub entity_type: LineItemEntityType,
    /// Environment of the record.
    pub environment_id: String,
    /// Id of the record.
    pub id: String,
    /// Whether the charge is invoiced before or after its period.
    pub invoice_cadence: InvoiceCadence,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// The meter.
    pub meter: Option<Meter>,
    /// Meter display name.
    pub meter_display_name: String,
    /// Id of the meter.
    pub meter_id: Option<String>,
    /// Plan display name.
    pub plan_display_name: String,
    /// The price.
    pub price: Option<Price>,
    /// Id of the price.
    pub price_id: String,
    /// Price type.
    pub price_type: Option<PriceType>,
    /// Code of the custom unit.
    pub price_unit: Option<String>,
    /// Id of the custom unit.
    pub price_unit_id: Option<String>,
    /// Number of units.
    pub quantity: Decimal,
    /// Start, inclusive.
    pub start_date: DateTime,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Id of the subscription.
    pub subscription_id: String,
    /// Phase the line belongs to.
    pub subscription_phase_id: Option<String>,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Last change.
    pub updated_at: DateTime,
    /// User who changed it last.
    pub updated_by: String,
}

/// A time of day with a commitment of its own.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = types::TimeOfDayBucket)]
pub struct TimeOfDayBucket {
    /// Whether money or units are promised.
    pub commitment_type: Option<CommitmentType>,
    /// Commitment value.
    pub commitment_value: Option<Decimal>,
    /// End of the time of day, exclusive.
    pub end: Option<TimeOfDay>,
    /// Id of the record.
    pub id: String,
    /// Factor of what exceeds the commitment, at least 1.
    pub overage_factor: Option<JsonNumber>,
    /// Id of the price.
    pub price_id: String,
    /// Start of the time of day, inclusive.
    pub start: Option<TimeOfDay>,
    /// Whether true up is on.
    pub true_up_enabled: bool,
}

/// A time of day.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::Bucket)]
pub struct TimeOfDay {
    /// Hour of the day, 0 to 24.
    #[schema(minimum = 0, maximum = 24)]
    pub hour: Option<i64>,
    /// Minute of the hour, 0 to 59.
    #[schema(minimum = 0, maximum = 59)]
    pub minute: Option<i64>,
}

list_response! {
    /// A page of subscription line items.
    ListSubscriptionLineItemsResponse of SubscriptionLineItemResponse
}

list_filter! {
    /// Which subscription line items to list.
    SubscriptionLineItemFilter as types::SubscriptionLineItemFilter {
        /// Active filter.
        #[schema(default = true)]
        pub active_filter: Option<bool>,
        /// Ids of the addon associations.
        pub addon_association_ids: Option<Vec<String>>,
        /// Only with these billing periods.
        pub billing_periods: Option<Vec<String>>,
        /// Only in these currencies.
        pub currencies: Option<Vec<String>>,
        /// Start of the current period, inclusive.
        pub current_period_start: Option<DateTime>,
        /// Only of these customers.
        pub customer_ids: Option<Vec<String>>,
        /// Only with these owners.
        pub entity_ids: Option<Vec<String>>,
        /// Kind of the owning record.
        #[serde(deserialize_with = "blank_as_none")]
        pub entity_type: Option<LineItemEntityType>,
        /// Only with these meters.
        pub meter_ids: Option<Vec<String>>,
        /// Only these prices.
        pub price_ids: Option<Vec<String>>,
        /// Only these subscriptions.
        pub subscription_ids: Option<Vec<String>>,
        /// Ids of the subscription line items.
        pub subscription_line_item_ids: Option<Vec<String>>,
    }
}
