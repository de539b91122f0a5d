//! Subscription line items on the wire (spec 04 §2.3, §3.6).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{BillingPeriod, CommitmentType, InvoiceCadence, LineItemEntityType, PriceType, Status};
use utoipa::ToSchema;

use crate::expand::Allowed;
use crate::list::{list_filter, list_response};
use crate::metadata::Metadata;
use crate::meters::Meter;
use crate::prices::{Price, PriceResponse};
use crate::time::DateTime;
use crate::wire::blank_as_none;

mod requests;

pub use requests::*;

/// A subscription line item.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SubscriptionLineItemResponse {
    /// Id of the record.
    pub id: String,
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
    /// Id of the subscription.
    pub subscription_id: String,
    /// Phase the line belongs to.
    pub subscription_phase_id: Option<String>,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Creation.
    pub created_at: DateTime,
    /// Last change.
    pub updated_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// User who changed it last.
    pub updated_by: String,
}

/// A subscription line item as stored.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = subscription::SubscriptionLineItem)]
pub struct SubscriptionLineItem {
    /// Id of the record.
    pub id: String,
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
    /// Id of the subscription.
    pub subscription_id: String,
    /// Phase the line belongs to.
    pub subscription_phase_id: Option<String>,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Creation.
    pub created_at: DateTime,
    /// Last change.
    pub updated_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// User who changed it last.
    pub updated_by: String,
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

/// What `expand` allows on subscription line items: what spec 01 A12 nests under the prices, spec 04 §3.1 also names alone.
pub const LINE_ITEM_EXPAND: Allowed = &[
    ("prices", &["meters", "priceunit", "plan", "addons", "groups"]),
    ("meters", &[]),
    ("priceunit", &[]),
    ("plan", &[]),
    ("addons", &[]),
    ("groups", &[]),
    ("subscription_line_items", &["prices"]),
];
