//! A commitment on the cost of one line, or of one window of it (spec 03 §5.12).

use std::iter::Sum;

use crate::Decimal;

/// A commitment in money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitment {
    /// What was promised, unrounded.
    pub amount: Decimal,
    /// What usage beyond the promise costs, as a multiple of its list price; at least one.
    pub overage_factor: Decimal,
    /// Whether the promised amount is charged even if it was not used.
    pub true_up: bool,
}

/// The parts of a charge under a commitment, unrounded; their sum is the charge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommitmentCharge {
    /// Usage within the promise, at list price; the whole cost without a commitment.
    pub utilized: Decimal,
    /// Usage beyond it, times the factor.
    pub overage: Decimal,
    /// What was promised, but not used.
    pub true_up: Decimal,
}

impl CommitmentCharge {
    /// A charge without a commitment.
    #[must_use]
    pub fn list_price(cost: Decimal) -> Self {
        Self {
            utilized: cost,
            ..Self::default()
        }
    }

    /// The whole charge.
    #[must_use]
    pub fn charge(&self) -> Decimal {
        &(&self.utilized + &self.overage) + &self.true_up
    }
}

impl<'a> Sum<&'a CommitmentCharge> for CommitmentCharge {
    fn sum<I: Iterator<Item = &'a CommitmentCharge>>(charges: I) -> Self {
        charges.fold(Self::default(), |mut total, charge| {
            total.utilized += &charge.utilized;
            total.overage += &charge.overage;
            total.true_up += &charge.true_up;
            total
        })
    }
}

impl Commitment {
    /// The charge for usage that costs `usage_cost` at list price.
    #[must_use]
    pub fn charge(&self, usage_cost: &Decimal) -> CommitmentCharge {
        if *usage_cost >= self.amount {
            CommitmentCharge {
                utilized: self.amount.clone(),
                overage: &(usage_cost - &self.amount) * &self.overage_factor,
                true_up: Decimal::zero(),
            }
        } else {
            CommitmentCharge {
                utilized: usage_cost.clone(),
                overage: Decimal::zero(),
                true_up: if self.true_up {
                    &self.amount - usage_cost
                } else {
                    Decimal::zero()
                },
            }
        }
    }
}
