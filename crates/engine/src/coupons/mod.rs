//! Coupons and their associations with subscriptions (spec 03 §3.7, §4.5, §5.13).
//!
//! Owns the records and redemption. What a coupon takes off an invoice is `tariff_core::discount`'s, applying it the
//! business of invoices.

mod associations;
mod create;
mod find;
mod invoice;
mod redeem;
mod subscribe;
mod update;

use tariff_contract::DateTime;
use tariff_contract::coupons::CouponResponse;
use tariff_contract::error::ApiError;
use tariff_core::Currency;
use tariff_core::discount::Coupon;
use tariff_core::discount::eligibility::CouponTerms;
use tariff_core::vocabulary::CouponType;
use tariff_store::entity::coupons;
use tariff_store::{Listing, Scoped};

pub(crate) use associations::{of_subscription, running_on};
pub(crate) use invoice::{InvoiceCoupons, applications_of, for_invoice, record, synthesized};
pub(crate) use subscribe::{Overridden, to_subscription};

use associations::running;
use redeem::{Redemption, redeem};

use crate::error::{Error, Result};
use crate::records::{Narrow, metadata_out};

/// The coupon of this id, whatever its status.
///
/// # Errors
/// `not_found`.
pub(crate) async fn get(rows: &Scoped<'_>, id: &str) -> Result<coupons::Model> {
    let unknown = || Error(ApiError::not_found(format!("Coupon with ID {id} was not found")).detail("coupon_id", id));
    rows.get::<coupons::Entity>(id).await?.ok_or_else(unknown)
}

/// The published coupon of this code, in any letter case.
///
/// # Errors
/// `not_found`.
pub(crate) async fn get_by_code(rows: &Scoped<'_>, code: &str) -> Result<coupons::Model> {
    let unknown =
        || Error(ApiError::not_found(format!("Coupon with code {code} was not found")).detail("coupon_code", code));
    let normal = normal_code(code);
    if normal.is_empty() {
        return Err(unknown());
    }
    let listing = Listing::all().equal("coupon_code", normal).published();
    rows.first::<coupons::Entity>(listing).await?.ok_or_else(unknown)
}

/// The form in which codes are kept and compared.
fn normal_code(code: &str) -> String {
    code.trim().to_lowercase()
}

/// What a coupon takes off.
pub(crate) fn discount_of(coupon: &coupons::Model) -> Coupon {
    match coupon.kind.0 {
        CouponType::Fixed => Coupon::Fixed {
            amount_off: coupon
                .amount_off
                .as_ref()
                .map(|amount| amount.0.clone())
                .unwrap_or_default(),
        },
        CouponType::Percentage => Coupon::Percentage {
            percentage_off: coupon
                .percentage_off
                .as_ref()
                .map(|percentage| percentage.0.clone())
                .unwrap_or_default(),
        },
    }
}

/// What limits a coupon's use.
pub(crate) fn terms_of(coupon: &coupons::Model) -> CouponTerms {
    CouponTerms {
        status: coupon.status.0,
        coupon_type: coupon.kind.0,
        currency: Currency::parse(&coupon.currency).ok(),
        redeem_after: coupon.redeem_after.map(|instant| instant.0),
        redeem_before: coupon.redeem_before.map(|instant| instant.0),
        max_redemptions: coupon.max_redemptions,
        total_redemptions: coupon.total_redemptions,
        cadence: coupon.cadence.0,
        duration_in_periods: coupon.duration_in_periods,
    }
}

/// The wire form of a coupon. The amount that does not apply reads as zero.
pub(crate) fn response(coupon: coupons::Model) -> CouponResponse {
    let rules = coupon.rules.and_then(|rules| match rules.0 {
        serde_json::Value::Object(members) => Some(members),
        _ => None,
    });
    CouponResponse {
        id: coupon.id,
        name: coupon.name,
        coupon_code: coupon.coupon_code,
        r#type: coupon.kind.0,
        amount_off: coupon.amount_off.map(|amount| amount.0).unwrap_or_default(),
        percentage_off: coupon.percentage_off.map(|percentage| percentage.0).unwrap_or_default(),
        currency: coupon.currency,
        cadence: coupon.cadence.0,
        duration_in_periods: coupon.duration_in_periods,
        redeem_after: coupon.redeem_after.map(|instant| DateTime(instant.0)),
        redeem_before: coupon.redeem_before.map(|instant| DateTime(instant.0)),
        max_redemptions: coupon.max_redemptions,
        total_redemptions: coupon.total_redemptions,
        rules,
        metadata: metadata_out(coupon.metadata),
        tenant_id: coupon.tenant_id,
        environment_id: coupon.environment_id,
        status: coupon.status.0,
        created_at: DateTime(coupon.created_at.0),
        updated_at: DateTime(coupon.updated_at.0),
        created_by: coupon.created_by,
        updated_by: coupon.updated_by,
    }
}
