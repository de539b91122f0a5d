//! Pricing put together from the fields of a stored or requested price (spec 03 §3.2).

use std::num::NonZeroU64;

use super::{Pricing, Tier, Tiers};
use crate::vocabulary::{BillingModel, RoundType, TierMode};
use crate::{BillingError, Decimal};

/// The fields of a price that decide its cost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PricingParts {
    /// Required for FLAT_FEE and PACKAGE.
    pub amount: Option<Decimal>,
    /// Units in a package; required for PACKAGE.
    pub divide_by: Option<u64>,
    /// Rounding of packages; up if left out.
    pub round: Option<RoundType>,
    /// Required for TIERED.
    pub tier_mode: Option<TierMode>,
    /// Required for TIERED.
    pub tiers: Vec<Tier>,
}

impl PricingParts {
    /// The pricing of a model; fields that do not belong to it are ignored.
    ///
    /// # Errors
    /// [`BillingError::Invalid`] for a missing field, [`BillingError::NotPositive`] for an empty package.
    pub fn pricing(&self, model: BillingModel) -> Result<Pricing, BillingError> {
        let amount = || {
            self.amount
                .clone()
                .ok_or(BillingError::Invalid("the price needs an amount"))
        };
        Ok(match model {
            BillingModel::FlatFee => Pricing::FlatFee { amount: amount()? },
            BillingModel::Package => Pricing::Package {
                amount: amount()?,
                divide_by: self
                    .divide_by
                    .ok_or(BillingError::Invalid("a PACKAGE price needs transform_quantity"))
                    .and_then(|units| NonZeroU64::new(units).ok_or(BillingError::NotPositive("divide_by")))?,
                round: self.round.unwrap_or(RoundType::Up),
            },
            BillingModel::Tiered => Pricing::Tiered {
                mode: self
                    .tier_mode
                    .ok_or(BillingError::Invalid("a TIERED price needs a tier_mode"))?,
                tiers: Tiers::new(self.tiers.clone()),
            },
        })
    }
}
