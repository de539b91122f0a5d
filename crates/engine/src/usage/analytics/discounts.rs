//! What coupons take off the rows and points of analytics (spec 02 §4.10 step 8, spec 03 §5.13).

use std::collections::BTreeMap;

use tariff_core::aggregation::Period;
use tariff_core::discount::{Coupon, analytics_discount};
use tariff_core::vocabulary::{CouponCadence, CouponType};
use tariff_core::{Currency, Decimal, Timestamp};
use tariff_store::Scoped;
use tariff_store::entity::subscription_line_items;

use super::subjects::Subjects;
use crate::coupons;
use crate::error::Result;

/// The coupons that run in the range of a request, by the subscription that redeemed them.
pub(super) struct Discounts {
    by_subscription: BTreeMap<String, Vec<Running>>,
}

/// A coupon while its association lasts, both bounds included.
struct Running {
    /// Of a coupon on one line.
    line_id: Option<String>,
    start: Timestamp,
    end: Option<Timestamp>,
    coupon: Coupon,
}

impl Discounts {
    pub async fn load(rows: &Scoped<'_>, subjects: &Subjects, period: Period) -> Result<Self> {
        let charged = subjects.rows.iter().filter_map(|subject| subject.charged.as_ref());
        let ids = charged.map(|charged| charged.line.subscription_id.clone());
        let mut by_subscription: BTreeMap<String, Vec<Running>> = BTreeMap::new();
        for (association, coupon) in coupons::running_on(rows, ids.collect(), period).await? {
            let lasts = matches!(coupon.cadence.0, CouponCadence::Forever | CouponCadence::Repeated);
            // The currency binds fixed coupons only.
            let is_percentage = coupon.kind.0 == CouponType::Percentage;
            if !lasts || !is_percentage || coupon.status.0 != tariff_core::Status::Published {
                continue;
            }
            by_subscription
                .entry(association.subscription_id)
                .or_default()
                .push(Running {
                    line_id: association.subscription_line_item_id,
                    start: association.start_date.0,
                    end: association.end_date.map(|end| end.0),
                    coupon: coupons::discount_of(&coupon),
                });
        }
        Ok(Self { by_subscription })
    }

    /// What is taken off `amount` on a line: at the moment of a point, or at any time of the range.
    pub fn on(
        &self,
        line: &subscription_line_items::Model,
        at: Option<Timestamp>,
        amount: &Decimal,
        currency: &Currency,
    ) -> Decimal {
        let Some(running) = self.by_subscription.get(&line.subscription_id) else {
            return Decimal::zero();
        };
        let applies =
            |running: &&Running| at.is_none_or(|at| running.start <= at && running.end.is_none_or(|end| at <= end));
        let of_line = running
            .iter()
            .filter(|running| running.line_id.as_ref() == Some(&line.id));
        let of_subscription = running.iter().filter(|running| running.line_id.is_none());
        let coupons = of_line.chain(of_subscription).filter(applies);
        analytics_discount(amount, coupons.map(|running| &running.coupon), currency)
    }
}
