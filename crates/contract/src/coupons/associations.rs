//! Coupons attached to subscriptions and applied to invoices (spec 03 §3.7).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{CouponType, Status};
use utoipa::ToSchema;

use crate::coupons::{Coupon, CouponResponse};
use crate::error::ApiError;
use crate::line_items::SubscriptionLineItemResponse;
use crate::list::{list_filter, list_response};
use crate::metadata::Metadata;
use crate::time::DateTime;
use crate::validate::FieldErrors;

/// A coupon attached to a subscription.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CouponAssociationResponse {
    /// Id of the record.
    pub id: String,
    /// The coupon.
    pub coupon: Option<CouponResponse>,
    /// Id of the coupon.
    pub coupon_id: String,
    /// End, inclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
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

/// A coupon attached to a subscription, as stored.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = coupon_association::CouponAssociation)]
pub struct CouponAssociation {
    /// Id of the record.
    pub id: String,
    /// The coupon.
    pub coupon: Option<Coupon>,
    /// Id of the coupon.
    pub coupon_id: String,
    /// End, inclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// Id of the subscription.
    pub subscription_id: String,
    /// Id of the subscription line item.
    pub subscription_line_item_id: Option<String>,
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
    /// A page of coupon associations.
    ListCouponAssociationsResponse of CouponAssociationResponse
}

/// A discount of a coupon on one invoice or line.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CouponApplicationResponse {
    /// Id of the record.
    pub id: String,
    /// When it was applied.
    pub applied_at: Option<DateTime>,
    /// Id of the coupon association.
    pub coupon_association_id: Option<String>,
    /// Id of the coupon.
    pub coupon_id: String,
    /// Coupon snapshot.
    #[serialize_always]
    pub coupon_snapshot: Option<Map<String, Value>>,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Discount percentage.
    pub discount_percentage: Decimal,
    /// Discount type.
    pub discount_type: CouponType,
    /// Discounted amount.
    pub discounted_amount: Decimal,
    /// Final price.
    pub final_price: Decimal,
    /// Id of the invoice.
    pub invoice_id: String,
    /// Id of the invoice line item.
    pub invoice_line_item_id: Option<String>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Original price.
    pub original_price: Decimal,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
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

/// A discount of a coupon, as stored.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = coupon_application::CouponApplication)]
pub struct CouponApplication {
    /// Id of the record.
    pub id: String,
    /// When it was applied.
    pub applied_at: Option<DateTime>,
    /// Id of the coupon association.
    pub coupon_association_id: Option<String>,
    /// Id of the coupon.
    pub coupon_id: String,
    /// Coupon snapshot.
    #[serialize_always]
    pub coupon_snapshot: Option<Map<String, Value>>,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Discount percentage.
    pub discount_percentage: Decimal,
    /// Discount type.
    pub discount_type: CouponType,
    /// Discounted amount.
    pub discounted_amount: Decimal,
    /// Final price.
    pub final_price: Decimal,
    /// Id of the invoice.
    pub invoice_id: String,
    /// Id of the invoice line item.
    pub invoice_line_item_id: Option<String>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Original price.
    pub original_price: Decimal,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
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

/// Most ids of one kind that a list of associations can be narrowed to.
const FILTER_IDS_MAX: usize = 100;

list_filter! {
    /// Which coupon associations to list.
    CouponAssociationFilter as types::CouponAssociationFilter {
        /// Only of these subscriptions.
        pub subscription_ids: Option<Vec<String>>,
        /// Only of these coupons.
        pub coupon_ids: Option<Vec<String>>,
        /// Only of these subscription lines.
        pub subscription_line_item_ids: Option<Vec<String>>,
        /// Only of these phases.
        pub subscription_phase_ids: Option<Vec<String>>,
        /// Only those in force at some moment of the period.
        pub active_only: Option<bool>,
        /// Start of the period; now when absent.
        pub period_start: Option<DateTime>,
        /// End of the period; now when absent.
        pub period_end: Option<DateTime>,
    }
}

impl CouponAssociationFilter {
    /// Checks the field rules; [`CouponAssociationFilter::list_options`] checks the shared members.
    ///
    /// # Errors
    /// `validation_error` on more than 100 ids of a kind.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        for (field, ids) in [
            ("subscription_ids", &self.subscription_ids),
            ("coupon_ids", &self.coupon_ids),
        ] {
            let few = ids.as_ref().is_none_or(|ids| ids.len() <= FILTER_IDS_MAX);
            errors.check(few, field, "must have at most 100 items");
        }
        errors.finish()
    }
}
