//! Whether a coupon may be redeemed, and whether a running one applies to an invoice (spec 03 §5.13, spec 05 §5.4).

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::calendar::advance;
use crate::vocabulary::{BillingPeriod, CouponCadence, CouponType, Status};
use crate::{BillingError, Currency};

/// A coupon as far as its use is limited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CouponTerms {
    /// Only published coupons apply.
    pub status: Status,
    /// Only fixed coupons are bound to their currency.
    pub coupon_type: CouponType,
    /// `None` fits any currency.
    pub currency: Option<Currency>,
    /// First instant of redemption, inclusive.
    pub redeem_after: Option<Timestamp>,
    /// Last instant of redemption, inclusive.
    pub redeem_before: Option<Timestamp>,
    /// Most redemptions; `None` without limit.
    pub max_redemptions: Option<i64>,
    /// Redemptions so far.
    pub total_redemptions: i64,
    /// On how many invoices it applies.
    pub cadence: CouponCadence,
    /// Invoices of a repeated coupon.
    pub duration_in_periods: Option<i64>,
}

impl CouponTerms {
    /// Whether the coupon may be redeemed at `now`: published, inside its window, not used up, and fitting `currency`.
    ///
    /// # Errors
    /// [`BillingError::Invalid`] naming the cause.
    pub fn check_redemption(&self, now: Timestamp, currency: &Currency) -> Result<(), BillingError> {
        self.check_running(currency)?;
        if self.redeem_after.is_some_and(|start| now < start) {
            return Err(BillingError::Invalid("the coupon is not active yet"));
        }
        if self.redeem_before.is_some_and(|end| now > end) {
            return Err(BillingError::Invalid("the coupon has expired"));
        }
        if self.max_redemptions.is_some_and(|max| self.total_redemptions >= max) {
            return Err(BillingError::Invalid("the coupon's redemption limit is reached"));
        }
        if self.cadence == CouponCadence::Repeated && self.duration_in_periods.is_none_or(|periods| periods < 1) {
            return Err(BillingError::Invalid("a repeated coupon needs duration_in_periods"));
        }
        Ok(())
    }

    /// What is tested again on each invoice of a coupon already redeemed: its redeem window and its limit gate new
    /// redemptions only (spec 03 Q6).
    ///
    /// # Errors
    /// [`BillingError::Invalid`] naming the cause.
    pub fn check_running(&self, currency: &Currency) -> Result<(), BillingError> {
        if self.status != Status::Published {
            return Err(BillingError::Invalid("the coupon is not published"));
        }
        let is_other_currency = self.currency.as_ref().is_some_and(|own| own != currency);
        if self.coupon_type == CouponType::Fixed && is_other_currency {
            return Err(BillingError::Invalid("the coupon's currency does not match"));
        }
        Ok(())
    }

    /// Whether the coupon discounts an invoice after `earlier_applications` on other invoices: a `once` coupon counts
    /// on the first invoice only, a repeated one on as many as it has periods (spec 03 §5.13, Q10).
    #[must_use]
    pub fn applies_after(&self, earlier_applications: u64) -> bool {
        match self.cadence {
            CouponCadence::Once => earlier_applications == 0,
            CouponCadence::Repeated => self
                .duration_in_periods
                .and_then(|periods| u64::try_from(periods).ok())
                .is_some_and(|periods| earlier_applications < periods),
            CouponCadence::Forever => true,
        }
    }

    /// Where the association of a repeated coupon ends by itself: `duration_in_periods` billing periods after
    /// `start`, less one second. `None` for the other cadences.
    ///
    /// # Errors
    /// [`BillingError::OutOfRange`] or [`BillingError::NotRecurring`].
    pub fn association_end(
        &self,
        start: Timestamp,
        period: BillingPeriod,
        period_count: i64,
        zone: &TimeZone,
    ) -> Result<Option<Timestamp>, BillingError> {
        let out_of_range = BillingError::OutOfRange("duration_in_periods");
        match (self.cadence, self.duration_in_periods) {
            (CouponCadence::Repeated, Some(periods)) => {
                let count = periods.checked_mul(period_count).ok_or(out_of_range.clone())?;
                let end = advance(start, period, count, zone)?;
                let second = jiff::SignedDuration::from_secs(1);
                Ok(Some(end.checked_sub(second).map_err(|_| out_of_range)?))
            }
            (CouponCadence::Once | CouponCadence::Repeated | CouponCadence::Forever, _) => Ok(None),
        }
    }
}
