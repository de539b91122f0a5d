//! Coupons, their associations and applications on the wire (spec 03 §3.7).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{CouponCadence, CouponType, Status};
use utoipa::ToSchema;

use crate::filter::{FilterCondition, SortCondition, SortDirection};
use crate::list::list_response;
use crate::metadata::Metadata;
use crate::time::DateTime;
use crate::wire::blank_as_none;

mod associations;

pub use associations::*;

/// A new coupon.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateCouponRequest {
    /// Name shown to people.
    #[schema(required = true)]
    pub name: Option<String>,
    /// Money taken off; for fixed coupons.
    pub amount_off: Option<Decimal>,
    /// How often it applies.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub cadence: Option<CouponCadence>,
    /// What customers type; any letter case.
    pub coupon_code: Option<String>,
    /// Lower-case ISO 4217 code.
    pub currency: Option<String>,
    /// Number of periods; for `repeated` coupons.
    pub duration_in_periods: Option<i64>,
    /// Most uses; absent means no bound.
    pub max_redemptions: Option<i64>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Percentage taken off, up to 100.
    pub percentage_off: Option<Decimal>,
    /// First instant of redemption.
    #[schema(value_type = Option<String>)]
    pub redeem_after: Option<DateTime>,
    /// Last instant of redemption.
    #[schema(value_type = Option<String>)]
    pub redeem_before: Option<DateTime>,
    /// Stored and not evaluated.
    pub rules: Option<Map<String, Value>>,
    /// Kind of coupon.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub r#type: Option<CouponType>,
}

/// A change of a coupon: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateCouponRequest {
    /// Name shown to people.
    pub name: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
}

/// A coupon.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CouponResponse {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Money taken off; for fixed coupons.
    pub amount_off: Decimal,
    /// How often it applies.
    pub cadence: CouponCadence,
    /// What customers type; any letter case.
    pub coupon_code: String,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Number of periods; for `repeated` coupons.
    pub duration_in_periods: Option<i64>,
    /// Most uses; absent means no bound.
    pub max_redemptions: Option<i64>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Percentage taken off, up to 100.
    pub percentage_off: Decimal,
    /// First instant of redemption.
    #[schema(value_type = Option<String>)]
    pub redeem_after: Option<DateTime>,
    /// Last instant of redemption.
    #[schema(value_type = Option<String>)]
    pub redeem_before: Option<DateTime>,
    /// Stored and not evaluated.
    #[serialize_always]
    pub rules: Option<Map<String, Value>>,
    /// Uses so far.
    pub total_redemptions: i64,
    /// Kind of coupon.
    pub r#type: CouponType,
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

/// A coupon as stored.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Coupon {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Money taken off; for fixed coupons.
    pub amount_off: Decimal,
    /// How often it applies.
    pub cadence: CouponCadence,
    /// What customers type; any letter case.
    pub coupon_code: String,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Number of periods; for `repeated` coupons.
    pub duration_in_periods: Option<i64>,
    /// Most uses; absent means no bound.
    pub max_redemptions: Option<i64>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Percentage taken off, up to 100.
    pub percentage_off: Decimal,
    /// First instant of redemption.
    #[schema(value_type = Option<String>)]
    pub redeem_after: Option<DateTime>,
    /// Last instant of redemption.
    #[schema(value_type = Option<String>)]
    pub redeem_before: Option<DateTime>,
    /// Stored and not evaluated.
    #[serialize_always]
    pub rules: Option<Map<String, Value>>,
    /// Uses so far.
    pub total_redemptions: i64,
    /// Kind of coupon.
    pub r#type: CouponType,
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
    /// A page of coupons.
    ListCouponsResponse of CouponResponse
}

/// Which coupons to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::CouponFilter)]
pub struct CouponFilter {
    /// Coupon codes.
    pub coupon_codes: Option<Vec<String>>,
    /// Only these coupons.
    pub coupon_ids: Option<Vec<String>>,
    /// Related records to embed, separated by commas.
    pub expand: Option<String>,
    /// Accepted values by property.
    pub filters: Option<Vec<FilterCondition>>,
    /// Limit.
    #[schema(minimum = 1, maximum = 1000)]
    pub limit: Option<i64>,
    /// Items to skip.
    #[schema(minimum = 0)]
    pub offset: Option<i64>,
    /// `asc` or `desc`.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(inline)]
    pub order: Option<SortDirection>,
    /// Sort.
    pub sort: Option<Vec<SortCondition>>,
    /// Lifecycle state of the record.
    #[serde(deserialize_with = "blank_as_none")]
    pub status: Option<Status>,
}
