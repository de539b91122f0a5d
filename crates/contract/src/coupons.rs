//! Coupons, their associations and applications on the wire (spec 03 §3.7).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{CouponCadence, CouponType, Status};
use utoipa::ToSchema;

use crate::filter::{FilterCondition, SortCondition, SortDirection};
use crate::line_items::SubscriptionLineItemResponse;
use crate::list::list_response;
use crate::metadata::Metadata;
use crate::time::DateTime;
use crate::wire::blank_as_none;

/// A new coupon.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateCouponRequest {
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
    /// Name shown to people.
    #[schema(required = true)]
    pub name: Option<String>,
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
    /// Kind of the record.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub r#type: Option<CouponType>,
}

/// A change of a coupon: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateCouponRequest {
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: Option<String>,
}

/// A coupon.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CouponResponse {
    /// Money taken off; for fixed coupons.
    pub amount_off: Decimal,
    /// How often it applies.
    pub cadence: CouponCadence,
    /// What customers type; any letter case.
    pub coupon_code: String,
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Number of periods; for `repeated` coupons.
    pub duration_in_periods: Option<i64>,
    /// Environment of the record.
    pub environment_id: String,
    /// Id of the record.
    pub id: String,
    /// Most uses; absent means no bound.
    pub max_redemptions: Option<i64>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: String,
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
    /// Lifecycle state of the record.
    pub status: Status,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Uses so far.
    pub total_redemptions: i64,
    /// Kind of the record.
    pub r#type: CouponType,
    /// Last change.
    pub updated_at: DateTime,
    /// User who changed it last.
    pub updated_by: String,
}

/// A coupon as stored.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Coupon {
    /// Money taken off; for fixed coupons.
    pub amount_off: Decimal,
    /// How often it applies.
    pub cadence: CouponCadence,
    /// What customers type; any letter case.
    pub coupon_code: String,
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Number of periods; for `repeated` coupons.
    pub duration_in_periods: Option<i64>,
    /// Environment of the record.
    pub environment_id: String,
    /// Id of the record.
    pub id: String,
    /// Most uses; absent means no bound.
    pub max_redemptions: Option<i64>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: String,
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
    /// Lifecycle state of the record.
    pub status: Status,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Uses so far.
    pub total_redemptions: i64,
    /// Kind of the record.
    pub r#type: CouponType,
    /// Last change.
    pub updated_at: DateTime,
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

/// A coupon association.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CouponAssociationResponse {
    /// The coupon.
    pub coupon: Option<CouponResponse>,
    /// Id of the coupon.
    pub coupon_id: String,
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Environment of the record.
    pub environment_id: String,
    /// Id of the record.
    pub id: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Id of the subscription.
    pub subscription_id: String,
    /// Subscription line item.
    pub subscription_line_item: Option<SubscriptionLineItemResponse>,
    /// Id of the subscription line item.
    pub subscription_line_item_id: Option<String>,
    /// Phase the line belongs to.
    pub subscription_phase_id: Option<String>,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Last change.
    pub updated_at: DateTime,
    /// User who changed it last.
    pub updated_by: String,
}

/// Coupon association.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = coupon_association::CouponAssociation)]
pub struct CouponAssociation {
    /// The coupon.
    pub coupon: Option<Coupon>,
    /// Id of the coupon.
    pub coupon_id: String,
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Environment of the record.
    pub environment_id: String,
    /// Id of the record.
    pub id: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Id of the subscription.
    pub subscription_id: String,
    /// Id of the subscription line item.
    pub subscription_line_item_id: Option<String>,
    /// Phase the line belongs to.
    pub subscription_phase_id: Option<String>,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Last change.
    pub updated_at: DateTime,
    /// User who changed it last.
    pub updated_by: String,
}

list_response! {
    /// A page of coupon associations.
    ListCouponAssociationsResponse of CouponAssociationResponse
}

/// A coupon application.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CouponApplicationResponse {
    /// When it was applied.
    pub applied_at: Option<DateTime>,
    /// Id of the coupon association.
    pub coupon_association_id: Option<String>,
    /// Id of the coupon.
    pub coupon_id: String,
    /// Coupon snapshot.
    #[serialize_always]
    pub coupon_snapshot: Option<Map<String, Value>>,
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Discount percentage.
    pub discount_percentage: Decimal,
    /// Discount type.
    pub discount_type: CouponType,
    /// Discounted amount.
    pub discounted_amount: Decimal,
    /// Environment of the record.
    pub environment_id: String,
    /// Final price.
    pub final_price: Decimal,
    /// Id of the record.
    pub id: String,
    /// Id of the invoice.
    pub invoice_id: String,
    /// Id of the invoice line item.
    pub invoice_line_item_id: Option<String>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Original price.
    pub original_price: Decimal,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Last change.
    pub updated_at: DateTime,
    /// User who changed it last.
    pub updated_by: String,
}

/// Coupon application.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = coupon_application::CouponApplication)]
pub struct CouponApplication {
    /// When it was applied.
    pub applied_at: Option<DateTime>,
    /// Id of the coupon association.
    pub coupon_association_id: Option<String>,
    /// Id of the coupon.
    pub coupon_id: String,
    /// Coupon snapshot.
    #[serialize_always]
    pub coupon_snapshot: Option<Map<String, Value>>,
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Discount percentage.
    pub discount_percentage: Decimal,
    /// Discount type.
    pub discount_type: CouponType,
    /// Discounted amount.
    pub discounted_amount: Decimal,
    /// Environment of the record.
    pub environment_id: String,
    /// Final price.
    pub final_price: Decimal,
    /// Id of the record.
    pub id: String,
    /// Id of the invoice.
    pub invoice_id: String,
    /// Id of the invoice line item.
    pub invoice_line_item_id: Option<String>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Original price.
    pub original_price: Decimal,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Last change.
    pub updated_at: DateTime,
    /// User who changed it last.
    pub updated_by: String,
}
