//! The coupons that a new subscription redeems (spec 04 §3.2 "Coupons").

use std::collections::BTreeMap;

use tariff_contract::error::ApiError;
use tariff_contract::subscriptions::CreateSubscriptionRequest;
use tariff_store::Listing;
use tariff_store::entity::{subscription_line_items, subscriptions};

use super::{Redemption, get_by_code, redeem};
use crate::engine::Work;
use crate::error::Result;
use crate::records::{Narrow, filled};

/// The lines whose price a subscription overrides, by the price of the plan or addon. Coupons name the latter.
pub(crate) type Overridden = BTreeMap<String, Vec<String>>;

/// Redeems the coupons that a request names: by code, or by id in the older members.
///
/// # Errors
/// `not_found` for an unknown code or id; `validation_error` naming why a coupon cannot be redeemed, or for a price
/// without a line.
pub(crate) async fn to_subscription(
    work: &Work<'_>,
    subscription: &subscriptions::Model,
    request: &CreateSubscriptionRequest,
    overridden: &Overridden,
) -> Result<()> {
    let on_lines = async |coupon_id: &str, price_id: &str, redemption: Redemption| -> Result<()> {
        let line_ids = lines_of(work, subscription, price_id, overridden).await?;
        for line_id in line_ids {
            let redemption = Redemption {
                subscription_line_item_id: Some(line_id),
                ..redemption.clone()
            };
            redeem(work, coupon_id, subscription, redemption).await?;
        }
        Ok(())
    };
    for wanted in request.subscription_coupons.iter().flatten() {
        let coupon = get_by_code(&work.rows(), wanted.coupon_code.as_deref().unwrap_or_default()).await?;
        let redemption = Redemption {
            start: wanted.start_date.map(|start| start.0),
            end: wanted.end_date.map(|end| end.0),
            ..Redemption::default()
        };
        match filled(wanted.price_id.clone()) {
            None => drop(redeem(work, &coupon.id, subscription, redemption).await?),
            Some(price_id) => on_lines(&coupon.id, &price_id, redemption).await?,
        }
    }
    for coupon_id in request.coupons.iter().flatten() {
        redeem(work, coupon_id, subscription, Redemption::default()).await?;
    }
    for (price_id, coupon_ids) in request.line_item_coupons.iter().flatten() {
        for coupon_id in coupon_ids {
            on_lines(coupon_id, price_id, Redemption::default()).await?;
        }
    }
    Ok(())
}

/// The lines of a price, or of what the subscription has instead of it.
///
/// # Errors
/// `validation_error` if there is none.
async fn lines_of(
    work: &Work<'_>,
    subscription: &subscriptions::Model,
    price_id: &str,
    overridden: &Overridden,
) -> Result<Vec<String>> {
    let listing = Listing::all()
        .equal("subscription_id", subscription.id.as_str())
        .equal("price_id", price_id)
        .published();
    let lines = work.rows().list::<subscription_line_items::Entity>(&listing).await?;
    let mut ids: Vec<String> = lines.into_iter().map(|line| line.id).collect();
    ids.extend(overridden.get(price_id).into_iter().flatten().cloned());
    if ids.is_empty() {
        let message = "The subscription has no line of the coupon's price";
        return Err(ApiError::validation(message).detail("price_id", price_id).into());
    }
    Ok(ids)
}
