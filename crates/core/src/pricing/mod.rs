//! What a quantity costs (spec 03 §5.1-5.5).
//!
//! Costs are exact and unrounded; rounding to the currency is the caller's, at the places of spec 03 §5.4. Which
//! quantity is charged (allowances, commitments, proration) is decided elsewhere.
//!
//! # Range
//! Results are exact for every decimal the system accepts. What a user may enter is narrower: see
//! [`check_price_amount`] (10 integer and 15 fractional digits) and [`check_quantity`] (up to 10^18, 15 fractional
//! digits), which refuse anything beyond it.

mod bucketed;
mod explanation;
mod parts;
mod price_unit;
mod range;
mod selection;
mod tiers;

use std::num::NonZeroU64;

pub use bucketed::BucketedCost;
pub use explanation::{CostExplanation, TierCharge};
pub use parts::PricingParts;
pub use price_unit::{display_amount, display_price_unit_amount, line_price_unit_amount};
pub use range::{QUANTITY_MAX_POWER_OF_TEN, check_price_amount, check_quantity};
pub use selection::{fixed_quantity, is_period_accepted};
pub use tiers::{Tier, Tiers};

use crate::Decimal;
use crate::vocabulary::{RoundType, TierMode};

/// How a quantity becomes money; amounts in units of the price's currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pricing {
    /// Every unit costs the same.
    FlatFee {
        /// Price of one unit.
        amount: Decimal,
    },
    /// Units are sold in whole packages.
    Package {
        /// Price of one package.
        amount: Decimal,
        /// Units in one package.
        divide_by: NonZeroU64,
        /// What happens to the last, incomplete package.
        round: RoundType,
    },
    /// The unit price depends on the quantity.
    Tiered {
        /// Whether one tier prices everything, or each tier its own part.
        mode: TierMode,
        /// The ladder.
        tiers: Tiers,
    },
}

impl Pricing {
    /// The cost of `quantity`, unrounded; zero for a quantity of zero, without any flat amounts (spec 03 §5.1).
    #[must_use]
    pub fn cost(&self, quantity: &Decimal) -> Decimal {
        if quantity.is_zero() {
            return Decimal::zero();
        }
        match self {
            Self::FlatFee { amount } => amount * quantity,
            Self::Package {
                amount,
                divide_by,
                round,
            } => amount * &packages(quantity, *divide_by, *round),
            Self::Tiered { mode, tiers } => match mode {
                TierMode::Volume => tiers
                    .volume_charge(quantity)
                    .map_or_else(Decimal::zero, |charge| charge.amount),
                TierMode::Slab => tiers.slab_charges(quantity).map(|charge| charge.amount).sum(),
            },
        }
    }

    /// The same pricing in another unit of account: every amount multiplied by `rate`, unrounded (spec 03 §5.5).
    #[must_use]
    pub fn converted(&self, rate: &Decimal) -> Self {
        match self {
            Self::FlatFee { amount } => Self::FlatFee { amount: amount * rate },
            Self::Package {
                amount,
                divide_by,
                round,
            } => Self::Package {
                amount: amount * rate,
                divide_by: *divide_by,
                round: *round,
            },
            Self::Tiered { mode, tiers } => Self::Tiered {
                mode: *mode,
                tiers: tiers.converted(rate),
            },
        }
    }
}

/// Whole packages that `quantity` takes. The ratio is not rounded first, so the smallest excess opens a package
/// (spec 03 Q24).
fn packages(quantity: &Decimal, divide_by: NonZeroU64, round: RoundType) -> Decimal {
    let units = Decimal::from(divide_by.get());
    let whole = match round {
        RoundType::Up => quantity.div_ceil(&units),
        RoundType::Down => quantity.div_floor(&units),
    };
    // The divisor is not zero by its type.
    whole.unwrap_or_default()
}
