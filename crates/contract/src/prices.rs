//! Prices on the wire (spec 03 §3.2, §4.2).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{
    BillingCadence, BillingModel, BillingPeriod, InvoiceCadence, PriceEntityType, PriceType, PriceUnitType, RoundType,
    Status, TierMode,
};
use utoipa::ToSchema;

use crate::addons::AddonResponse;
use crate::expand::Allowed;
use crate::groups::GroupResponse;
use crate::list::{list_filter, list_response};
use crate::metadata::Metadata;
use crate::meters::MeterResponse;
use crate::plans::PlanResponse;
use crate::price_units::PriceUnitResponse;
use crate::time::DateTime;
use crate::wire::blank_as_none;

mod requests;

pub use requests::*;

/// How units are packed.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = price::JSONBTransformQuantity)]
pub struct TransformQuantity {
    /// Units in a package, at least 1.
    pub divide_by: i64,
    /// How a broken package is rounded.
    pub round: Option<RoundType>,
}

/// A tier of a price.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = price::PriceTier)]
pub struct PriceTier {
    /// Price of the tier as a whole.
    pub flat_amount: Option<Decimal>,
    /// Price of one unit.
    pub unit_amount: Decimal,
    /// Upper bound of the tier, inclusive; absent on the last one.
    #[schema(value_type = Option<i64>)]
    pub up_to: Option<u64>,
}

/// The new prices.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreateBulkPriceResponse {
    /// The records.
    pub items: Vec<PriceResponse>,
}

/// A price.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PriceResponse {
    /// Id of the record.
    pub id: String,
    /// The addon.
    #[schema(no_recursion)]
    pub addon: Option<Box<AddonResponse>>,
    /// Money in units of the currency.
    pub amount: Decimal,
    /// Always `RECURRING`.
    pub billing_cadence: BillingCadence,
    /// How a quantity becomes money.
    pub billing_model: BillingModel,
    /// Length of a billing period.
    pub billing_period: BillingPeriod,
    /// Number of billing periods per invoice.
    pub billing_period_count: i64,
    /// Units of the base currency per unit.
    pub conversion_rate: Option<Decimal>,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Text shown to people.
    pub description: String,
    /// Currency symbol and amount, such as `$12.5`.
    pub display_amount: String,
    /// Name shown on invoices.
    pub display_name: String,
    /// Symbol of the price unit and amount.
    pub display_price_unit_amount: Option<String>,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Id of the owning record.
    pub entity_id: String,
    /// Kind of the owning record.
    pub entity_type: PriceEntityType,
    /// The group.
    pub group: Option<GroupResponse>,
    /// Id of the group.
    pub group_id: Option<String>,
    /// Whether the charge is invoiced before or after its period.
    pub invoice_cadence: InvoiceCadence,
    /// The caller's own key, unique among published records.
    pub lookup_key: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// The meter.
    pub meter: Option<MeterResponse>,
    /// Id of the meter.
    pub meter_id: Option<String>,
    /// Quantity used when none is given; not a floor.
    pub min_quantity: Option<Decimal>,
    /// First price of the chain of versions; empty on the first one.
    pub parent_price_id: Option<String>,
    /// The plan.
    #[schema(no_recursion)]
    pub plan: Option<Box<PlanResponse>>,
    /// Code of the custom unit.
    pub price_unit: Option<String>,
    /// Amount in the custom unit.
    pub price_unit_amount: Option<Decimal>,
    /// Id of the custom unit.
    pub price_unit_id: Option<String>,
    /// Tiers in the custom unit, by ascending bound.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub price_unit_tiers: Vec<PriceTier>,
    /// Priced in a currency or in a custom unit.
    pub price_unit_type: PriceUnitType,
    /// The custom unit, when expanded.
    pub pricing_unit: Option<PriceUnitResponse>,
    /// Grows with every price created or ended in the store.
    pub sequence: Option<i64>,
    /// Start, inclusive.
    pub start_date: DateTime,
    /// How the tiers apply.
    pub tier_mode: Option<TierMode>,
    /// Tiers in the price's currency, by ascending bound.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<PriceTier>,
    /// How units are packed; for packages.
    pub transform_quantity: Option<TransformQuantity>,
    /// Days without charge at the start.
    pub trial_period_days: i64,
    /// Kind of price.
    pub r#type: PriceType,
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

/// A price as stored.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = price::Price)]
pub struct Price {
    /// Id of the record.
    pub id: String,
    /// Money in units of the currency.
    pub amount: Decimal,
    /// Always `RECURRING`.
    pub billing_cadence: BillingCadence,
    /// How a quantity becomes money.
    pub billing_model: BillingModel,
    /// Length of a billing period.
    pub billing_period: BillingPeriod,
    /// Number of billing periods per invoice.
    pub billing_period_count: i64,
    /// Units of the base currency per unit.
    pub conversion_rate: Option<Decimal>,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Text shown to people.
    pub description: String,
    /// Currency symbol and amount, such as `$12.5`.
    pub display_amount: String,
    /// Name shown on invoices.
    pub display_name: String,
    /// Symbol of the price unit and amount.
    pub display_price_unit_amount: Option<String>,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Id of the owning record.
    pub entity_id: String,
    /// Kind of the owning record.
    pub entity_type: PriceEntityType,
    /// Id of the group.
    pub group_id: Option<String>,
    /// Whether the charge is invoiced before or after its period.
    pub invoice_cadence: InvoiceCadence,
    /// The caller's own key, unique among published records.
    pub lookup_key: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Id of the meter.
    pub meter_id: Option<String>,
    /// Quantity used when none is given; not a floor.
    pub min_quantity: Option<Decimal>,
    /// First price of the chain of versions; empty on the first one.
    pub parent_price_id: Option<String>,
    /// Code of the custom unit.
    pub price_unit: Option<String>,
    /// Amount in the custom unit.
    pub price_unit_amount: Option<Decimal>,
    /// Id of the custom unit.
    pub price_unit_id: Option<String>,
    /// Tiers in the custom unit, by ascending bound.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub price_unit_tiers: Vec<PriceTier>,
    /// Priced in a currency or in a custom unit.
    pub price_unit_type: PriceUnitType,
    /// Grows with every price created or ended in the store.
    pub sequence: i64,
    /// Start, inclusive.
    pub start_date: DateTime,
    /// How the tiers apply.
    pub tier_mode: Option<TierMode>,
    /// Tiers in the price's currency, by ascending bound.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<PriceTier>,
    /// How units are packed; for packages.
    pub transform_quantity: Option<TransformQuantity>,
    /// Days without charge at the start.
    pub trial_period_days: i64,
    /// Kind of price.
    pub r#type: PriceType,
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
    /// A page of prices.
    ListPricesResponse of PriceResponse
}

list_filter! {
    /// Which prices to list.
    PriceFilter as types::PriceFilter, sort as text {
        /// Also lists prices that have ended.
        #[schema(default = false)]
        pub allow_expired_prices: Option<bool>,
        /// Only with these billing periods.
        pub billing_periods: Option<Vec<BillingPeriod>>,
        /// Only with these owners.
        pub entity_ids: Option<Vec<String>>,
        /// Kind of the owning record.
        #[serde(deserialize_with = "blank_as_none")]
        pub entity_type: Option<PriceEntityType>,
        /// Only with these meters.
        pub meter_ids: Option<Vec<String>>,
        /// First price of the chain of versions; empty on the first one.
        pub parent_price_id: Option<String>,
        /// Only of these plans.
        pub plan_ids: Option<Vec<String>>,
        /// Only these prices.
        pub price_ids: Option<Vec<String>>,
        /// Only prices that start before.
        #[schema(value_type = Option<String>)]
        pub start_date_lt: Option<DateTime>,
        /// Id of the subscription.
        pub subscription_id: Option<String>,
    }
}

/// What `expand` allows on prices (spec 01 A12).
pub const PRICE_EXPAND: Allowed = &[
    ("meters", &[]),
    ("priceunit", &[]),
    ("plan", &[]),
    ("addons", &[]),
    ("groups", &[]),
];
