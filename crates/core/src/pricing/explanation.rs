//! How a cost came about, for analytics (spec 03 §5.2).

use super::{Pricing, packages};
use crate::Decimal;
use crate::vocabulary::TierMode;

/// The part of a quantity that one tier prices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierCharge {
    /// Position in the sorted ladder.
    pub index: usize,
    /// Units priced by this tier.
    pub quantity: Decimal,
    /// Price of one of them.
    pub unit_amount: Decimal,
    /// Charged once.
    pub flat_amount: Decimal,
    /// `unit_amount · quantity + flat_amount`, unrounded.
    pub amount: Decimal,
}

/// A cost with the tier and the unit amounts behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostExplanation {
    /// The cost, unrounded; equal to [`Pricing::cost`].
    pub amount: Decimal,
    /// VOLUME: the chosen tier; SLAB: the last tier with a part of the quantity. `None` otherwise (−1 where the
    /// wire wants a number).
    pub selected_tier_index: Option<usize>,
    /// Unit amount of that tier, or of the price; per unit for packages, with 16 fractional digits.
    pub tier_unit_amount: Decimal,
    /// `amount / quantity` with 16 fractional digits.
    pub effective_unit_amount: Decimal,
    /// One entry for each entered tier, in order; their amounts add up to `amount`. Empty without tiers.
    pub tiers: Vec<TierCharge>,
}

impl Pricing {
    /// [`Pricing::cost`] with the reasons for it.
    #[must_use]
    pub fn explain(&self, quantity: &Decimal) -> CostExplanation {
        match self {
            Self::FlatFee { amount } => CostExplanation {
                amount: amount * quantity,
                selected_tier_index: None,
                tier_unit_amount: unless_zero(quantity, amount.clone()),
                effective_unit_amount: unless_zero(quantity, amount.clone()),
                tiers: Vec::new(),
            },
            Self::Package {
                amount,
                divide_by,
                round,
            } => {
                let cost = amount * &packages(quantity, *divide_by, *round);
                CostExplanation {
                    selected_tier_index: None,
                    tier_unit_amount: amount.div(&Decimal::from(divide_by.get())).unwrap_or_default(),
                    effective_unit_amount: cost.div(quantity).unwrap_or_default(),
                    tiers: Vec::new(),
                    amount: cost,
                }
            }
            Self::Tiered { mode, tiers } => {
                let charges: Vec<TierCharge> = match mode {
                    _ if quantity.is_zero() => Vec::new(),
                    TierMode::Volume => tiers.volume_charge(quantity).into_iter().collect(),
                    TierMode::Slab => tiers.slab_charges(quantity).collect(),
                };
                explain_tiers(quantity, charges)
            }
        }
    }
}

fn explain_tiers(quantity: &Decimal, charges: Vec<TierCharge>) -> CostExplanation {
    let amount: Decimal = charges.iter().map(|charge| &charge.amount).sum();
    let selected = charges.iter().rev().find(|charge| !charge.quantity.is_zero());
    CostExplanation {
        selected_tier_index: selected.map(|charge| charge.index),
        tier_unit_amount: selected.map_or_else(Decimal::zero, |charge| charge.unit_amount.clone()),
        // A quantity of zero has no unit amount.
        effective_unit_amount: amount.div(quantity).unwrap_or_default(),
        amount,
        tiers: charges,
    }
}

fn unless_zero(quantity: &Decimal, value: Decimal) -> Decimal {
    if quantity.is_zero() { Decimal::zero() } else { value }
}
