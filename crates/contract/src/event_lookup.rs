//! What became of one event: the event debugger (spec 02 §3.5).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::Status;
use tariff_core::{Decimal, wire_enum};
use utoipa::ToSchema;

use crate::error::ErrorResponse;
use crate::events::Event;
use crate::line_items::SubscriptionLineItem;
use crate::metadata::Metadata;
use crate::meters::Meter;
use crate::prices::Price;
use crate::time::DateTime;

/// An event and what became of it.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GetEventByIDResponse {
    /// Debug tracker.
    pub debug_tracker: Option<DebugTracker>,
    /// The event.
    pub event: Option<Event>,
    /// Processed events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub processed_events: Vec<FeatureUsageInfo>,
    /// Lifecycle state of the record.
    pub status: EventProcessingStatusType,
}

/// One recorded use of a subscription line item.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FeatureUsageInfo {
    /// Id of the customer.
    pub customer_id: String,
    /// Id of the feature.
    pub feature_id: String,
    /// Id of the meter.
    pub meter_id: String,
    /// Id of the price.
    pub price_id: String,
    /// When the quantity was recorded.
    pub processed_at: Option<DateTime>,
    /// Recorded quantity.
    pub qty_total: Decimal,
    /// Id of the subscription line item.
    pub sub_line_item_id: String,
    /// Id of the subscription.
    pub subscription_id: String,
}

wire_enum! {
    /// What became of an event.
    EventProcessingStatusType, "types.EventProcessingStatusType" {
        /// `processed`.
        Processed = "processed",
        /// `processing`.
        Processing = "processing",
        /// `failed`.
        Failed = "failed",
    }
}

/// The steps from an event to a usage record, up to the first failure.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DebugTracker {
    /// Attributed to customer.
    pub attributed_to_customer: Option<AttributedToCustomerResult>,
    /// Customer lookup.
    pub customer_lookup: Option<CustomerLookupResult>,
    /// Where processing stopped.
    pub failure_point: Option<FailurePoint>,
    /// Meter matching.
    pub meter_matching: Option<MeterMatchingResult>,
    /// Price lookup.
    pub price_lookup: Option<PriceLookupResult>,
    /// Subscription line item lookup.
    pub subscription_line_item_lookup: Option<SubscriptionLineItemLookupResult>,
}

wire_enum! {
    /// Outcome of a step.
    DebugTrackerStatus, "types.DebugTrackerStatus" {
        /// `unprocessed`.
        Unprocessed = "unprocessed",
        /// `not_found`.
        NotFound = "not_found",
        /// `found`.
        Found = "found",
        /// `error`.
        Error = "error",
        /// `processing`.
        Processing = "processing",
        /// `attributed`.
        Attributed = "attributed",
    }
}

/// The step that failed.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = types::FailurePoint)]
pub struct FailurePoint {
    /// What went wrong.
    pub error: Option<ErrorResponse>,
    /// Failure point type.
    pub failure_point_type: FailurePointType,
}

wire_enum! {
    /// Name of a step.
    FailurePointType, "types.FailurePointType" {
        /// `customer_lookup`.
        CustomerLookup = "customer_lookup",
        /// `meter_lookup`.
        MeterLookup = "meter_lookup",
        /// `price_lookup`.
        PriceLookup = "price_lookup",
        /// `subscription_line_item_lookup`.
        SubscriptionLineItemLookup = "subscription_line_item_lookup",
        /// `attributed_to_customer`.
        AttributedToCustomer = "attributed_to_customer",
    }
}

/// Outcome of the search for the customer.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CustomerLookupResult {
    /// The customer.
    pub customer: Option<Customer>,
    /// What went wrong.
    pub error: Option<ErrorResponse>,
    /// Lifecycle state of the record.
    pub status: DebugTrackerStatus,
}

/// Outcome of the search for meters.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MeterMatchingResult {
    /// What went wrong.
    pub error: Option<ErrorResponse>,
    /// Matched meters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matched_meters: Vec<MatchedMeter>,
    /// Lifecycle state of the record.
    pub status: DebugTrackerStatus,
}

/// A meter that counts the event.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MatchedMeter {
    /// Name of the events.
    pub event_name: String,
    /// The meter.
    pub meter: Option<Meter>,
    /// Id of the meter.
    pub meter_id: String,
}

/// Outcome of the search for prices.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PriceLookupResult {
    /// What went wrong.
    pub error: Option<ErrorResponse>,
    /// Matched prices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matched_prices: Vec<MatchedPrice>,
    /// Lifecycle state of the record.
    pub status: DebugTrackerStatus,
}

/// A price on a matched meter.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MatchedPrice {
    /// Id of the meter.
    pub meter_id: String,
    /// The price.
    pub price: Option<Price>,
    /// Id of the price.
    pub price_id: String,
    /// Lifecycle state of the record.
    pub status: String,
}

/// Outcome of the search for subscription line items.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SubscriptionLineItemLookupResult {
    /// What went wrong.
    pub error: Option<ErrorResponse>,
    /// Matched line items.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matched_line_items: Vec<MatchedSubscriptionLineItem>,
    /// Lifecycle state of the record.
    pub status: DebugTrackerStatus,
}

/// A subscription line item on a matched price.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MatchedSubscriptionLineItem {
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Whether it is active for event.
    pub is_active_for_event: bool,
    /// Id of the price.
    pub price_id: String,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// Id of the subscription line item.
    pub sub_line_item_id: Option<String>,
    /// Id of the subscription.
    pub subscription_id: String,
    /// Subscription line item.
    pub subscription_line_item: Option<SubscriptionLineItem>,
    /// Timestamp within range.
    pub timestamp_within_range: bool,
}

/// Whether the usage is recorded.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AttributedToCustomerResult {
    /// What went wrong.
    pub error: Option<ErrorResponse>,
    /// Meter usage.
    pub meter_usage: Option<MeterUsageAttribution>,
    /// Lifecycle state of the record.
    pub status: DebugTrackerStatus,
}

/// A usage record.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MeterUsageAttribution {
    /// The caller's own id of the customer.
    pub external_customer_id: String,
    /// Id of the meter.
    pub meter_id: String,
    /// Recorded quantity.
    pub qty_total: Decimal,
}

/// A customer as stored, without links.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Customer {
    /// Id of the record.
    pub id: String,
    /// The caller's own id of the customer.
    pub external_id: String,
    /// Name shown to people.
    pub name: String,
    /// City.
    pub address_city: String,
    /// Upper-case ISO 3166-1 alpha-2 code.
    pub address_country: String,
    /// First line of the address.
    pub address_line1: String,
    /// Second line of the address.
    pub address_line2: String,
    /// Postal code.
    pub address_postal_code: String,
    /// State or region.
    pub address_state: String,
    /// Telephone number or the like.
    pub contact: Option<String>,
    /// E-mail address.
    pub email: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// IANA zone.
    pub timezone: String,
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
