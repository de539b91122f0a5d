//! Commitments as users write them, and whether they may (spec 03 §5.12, spec 04 §3.6).

use super::line::Commitment;
use crate::pricing::Pricing;
use crate::vocabulary::CommitmentType;
use crate::{BillingError, Decimal};

/// How much was promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitmentSize {
    /// Money.
    Amount(Decimal),
    /// Units, worth their cost at the line's price.
    Quantity(Decimal),
}

/// A commitment as it is stored on a line or a time bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitmentTerms {
    /// How much was promised.
    pub size: CommitmentSize,
    /// At least one.
    pub overage_factor: Decimal,
    /// Whether an unused rest is charged.
    pub true_up: bool,
}

impl CommitmentTerms {
    /// Reads the fields of a request; `None` when they hold no commitment. The type may be left out: it follows from
    /// the field given.
    ///
    /// # Errors
    /// [`BillingError::Invalid`] when amount and quantity are both given, disagree with the type, or the factor is
    /// missing or below one; [`BillingError::Negative`] for a negative size.
    pub fn from_fields(
        commitment_type: Option<CommitmentType>,
        amount: Option<Decimal>,
        quantity: Option<Decimal>,
        overage_factor: Option<Decimal>,
        true_up: bool,
    ) -> Result<Option<Self>, BillingError> {
        let size = match (commitment_type, amount, quantity) {
            (_, Some(_), Some(_)) => {
                return Err(BillingError::Invalid(
                    "commitment_amount and commitment_quantity exclude each other",
                ));
            }
            (None, None, None) => return Ok(None),
            (None | Some(CommitmentType::Amount), Some(amount), None) => CommitmentSize::Amount(amount),
            (None | Some(CommitmentType::Quantity), None, Some(quantity)) => CommitmentSize::Quantity(quantity),
            (Some(_), _, _) => {
                return Err(BillingError::Invalid(
                    "commitment_type does not match the commitment given",
                ));
            }
        };
        let (CommitmentSize::Amount(value) | CommitmentSize::Quantity(value)) = &size;
        if value.is_negative() {
            return Err(BillingError::Negative("commitment"));
        }
        match overage_factor {
            Some(overage_factor) if overage_factor >= Decimal::one() => Ok(Some(Self {
                size,
                overage_factor,
                true_up,
            })),
            _ => Err(BillingError::Invalid("commitment_overage_factor must be at least 1")),
        }
    }

    /// The commitment in money under `pricing`, unrounded.
    #[must_use]
    pub fn commitment(&self, pricing: &Pricing) -> Commitment {
        Commitment {
            amount: match &self.size {
                CommitmentSize::Amount(amount) => amount.clone(),
                CommitmentSize::Quantity(quantity) => pricing.cost(quantity),
            },
            overage_factor: self.overage_factor.clone(),
            true_up: self.true_up,
        }
    }
}
