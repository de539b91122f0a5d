//! Redeeming a coupon: binding it to a subscription (spec 03 §5.13 "Eligibility at association").

use tariff_contract::error::ApiError;
use tariff_core::calendar;
use tariff_core::{BillingError, Currency, IdPrefix, Status, Timestamp};
use tariff_store::column::{Time, Word};
use tariff_store::entity::{coupon_associations, coupons, subscriptions};
use tariff_store::set;

use super::{get, terms_of};
use crate::engine::Work;
use crate::error::{Error, Result};
use crate::ids::mint;

/// What a coupon is bound to, and for how long.
#[derive(Debug, Clone, Default)]
pub(crate) struct Redemption {
    /// Only this line of the subscription.
    pub subscription_line_item_id: Option<String>,
    /// Only this phase of the subscription.
    pub subscription_phase_id: Option<String>,
    /// From when; the subscription's start when absent.
    pub start: Option<Timestamp>,
    /// Until when; a repeated coupon has an end of its own when absent.
    pub end: Option<Timestamp>,
}

/// Binds a coupon to a subscription and counts the redemption. The coupon is locked, so that concurrent redemptions
/// never exceed its maximum.
///
/// # Errors
/// `not_found`; `validation_error` naming why the coupon cannot be redeemed.
pub(crate) async fn redeem(
    work: &Work<'_>,
    coupon_id: &str,
    subscription: &subscriptions::Model,
    redemption: Redemption,
) -> Result<coupon_associations::Model> {
    let rows = work.rows();
    let coupon = match rows.lock::<coupons::Entity>(coupon_id).await? {
        Some(coupon) => coupon,
        None => get(&rows, coupon_id).await?,
    };
    let currency = Currency::parse(&subscription.currency).map_err(|error| Error(ApiError::internal(error)))?;
    let terms = terms_of(&coupon);
    let refused = |error| refused(error, &coupon);
    terms.check_redemption(work.now, &currency).map_err(refused)?;
    let start = redemption.start.unwrap_or(subscription.start_date.0);
    let (period, count) = (subscription.billing_period.0, subscription.billing_period_count);
    let zone = calendar::zone(&subscription.timezone);
    let own_end = terms.association_end(start, period, count, &zone).map_err(refused)?;
    let end = redemption.end.or(own_end);
    if end.is_some_and(|end| end < start) {
        // It would use a redemption up and never apply.
        return Err(refused(BillingError::Invalid("the coupon ends before it starts")));
    }
    let counted = coupons::ActiveModel {
        total_redemptions: set(coupon.total_redemptions + 1),
        ..Default::default()
    };
    rows.update::<coupons::Entity>(coupon_id, counted).await?;
    let association = coupon_associations::Model {
        id: mint(IdPrefix::CouponAssociation),
        tenant_id: String::new(),
        environment_id: String::new(),
        coupon_id: coupon.id,
        subscription_id: subscription.id.clone(),
        subscription_line_item_id: redemption.subscription_line_item_id,
        subscription_phase_id: redemption.subscription_phase_id,
        start_date: Time(start),
        end_date: end.map(Time),
        metadata: None,
        status: Word(Status::Published),
        created_at: Time(work.now),
        updated_at: Time(work.now),
        created_by: work.context.user_id.clone(),
        updated_by: work.context.user_id.clone(),
    };
    Ok(rows.insert::<coupon_associations::Entity>(association).await?)
}

/// A request may name many coupons, so it is told which one is meant.
fn refused(error: BillingError, coupon: &coupons::Model) -> Error {
    let Error(error) = Error::from(error);
    let error = error.detail("coupon_id", coupon.id.as_str());
    Error(if coupon.coupon_code.is_empty() {
        error
    } else {
        error.detail("coupon_code", coupon.coupon_code.as_str())
    })
}
