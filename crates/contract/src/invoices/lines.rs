//! Lines of an invoice (spec 05 §2.2).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::Status;
use utoipa::ToSchema;

use crate::analytics::CommitmentInfo;
use crate::metadata::Metadata;
use crate::time::DateTime;

/// An invoice line item.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InvoiceLineItemResponse {
    /// Id of the record.
    pub id: String,
    /// Free units that were subtracted.
    pub adjusted_entitlement_quantity: Option<Decimal>,
    /// Money in units of the currency.
    pub amount: Decimal,
    /// How a commitment changed the charge.
    pub commitment_info: Option<CommitmentInfo>,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Id of the customer.
    pub customer_id: String,
    /// Name shown on invoices.
    pub display_name: String,
    /// Id of the owning record.
    pub entity_id: String,
    /// Kind of the owning record.
    pub entity_type: String,
    /// Id of the invoice.
    pub invoice_id: String,
    /// The line's share of the invoice's coupons.
    pub invoice_level_discount: Decimal,
    /// Discount of coupons on the line.
    pub line_item_discount: Decimal,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Meter display name.
    pub meter_display_name: String,
    /// Id of the meter.
    pub meter_id: Option<String>,
    /// The line that a manual edit replaced.
    pub parent_line_item_id: Option<String>,
    /// End of the period, exclusive.
    pub period_end: Option<DateTime>,
    /// Start of the period, inclusive.
    pub period_start: Option<DateTime>,
    /// Plan display name.
    pub plan_display_name: String,
    /// Prepaid wallet credit that pays for the line.
    pub prepaid_credits_applied: Decimal,
    /// Id of the price.
    pub price_id: String,
    /// Price type.
    pub price_type: String,
    /// Code of the custom unit.
    pub price_unit: Option<String>,
    /// Amount in the custom unit.
    pub price_unit_amount: Option<Decimal>,
    /// Id of the custom unit.
    pub price_unit_id: Option<String>,
    /// Number of units.
    pub quantity: Decimal,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
    /// Id of the subscription line item.
    pub subscription_line_item_id: Option<String>,
    /// Usage analytics.
    pub usage_analytics: Vec<SourceUsageItem>,
    /// Usage breakdown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub usage_breakdown: Vec<UsageBreakdownItem>,
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

/// A line of an invoice as stored.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = invoice::InvoiceLineItem)]
pub struct InvoiceLineItem {
    /// Id of the record.
    pub id: String,
    /// Free units that were subtracted.
    pub adjusted_entitlement_quantity: Option<Decimal>,
    /// Money in units of the currency.
    pub amount: Decimal,
    /// How a commitment changed the charge.
    pub commitment_info: Option<CommitmentInfo>,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Id of the customer.
    pub customer_id: String,
    /// Name shown on invoices.
    pub display_name: String,
    /// Id of the owning record.
    pub entity_id: String,
    /// Kind of the owning record.
    pub entity_type: String,
    /// Id of the invoice.
    pub invoice_id: String,
    /// The line's share of the invoice's coupons.
    pub invoice_level_discount: Decimal,
    /// Discount of coupons on the line.
    pub line_item_discount: Decimal,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Meter display name.
    pub meter_display_name: String,
    /// Id of the meter.
    pub meter_id: Option<String>,
    /// The line that a manual edit replaced.
    pub parent_line_item_id: Option<String>,
    /// End of the period, exclusive.
    pub period_end: Option<DateTime>,
    /// Start of the period, inclusive.
    pub period_start: Option<DateTime>,
    /// Plan display name.
    pub plan_display_name: String,
    /// Prepaid wallet credit that pays for the line.
    pub prepaid_credits_applied: Decimal,
    /// Id of the price.
    pub price_id: String,
    /// Price type.
    pub price_type: String,
    /// Code of the custom unit.
    pub price_unit: Option<String>,
    /// Amount in the custom unit.
    pub price_unit_amount: Option<Decimal>,
    /// Id of the custom unit.
    pub price_unit_id: Option<String>,
    /// Number of units.
    pub quantity: Decimal,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
    /// Id of the subscription line item.
    pub subscription_line_item_id: Option<String>,
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

/// Part of a line, by property values.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UsageBreakdownItem {
    /// Cost.
    pub cost: Decimal,
    /// Number of events.
    pub event_count: i64,
    /// Grouped by.
    #[serialize_always]
    pub grouped_by: Option<Metadata>,
    /// Percentage.
    pub percentage: Decimal,
    /// Usage.
    pub usage: Decimal,
}

/// Part of a line, by source.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SourceUsageItem {
    /// Cost.
    pub cost: Decimal,
    /// Number of events.
    pub event_count: i64,
    /// Percentage.
    pub percentage: Decimal,
    /// Where the events come from.
    pub source: String,
    /// Usage.
    pub usage: Decimal,
}
