//! Usage that arrives as one value per bucket, each priced on its own (spec 03 §5.3).

use super::Pricing;
use crate::Decimal;

/// The cost of bucketed usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketedCost {
    /// Cost of each bucket, unrounded, in the order given.
    pub bucket_amounts: Vec<Decimal>,
    /// Sum of the values, as shown on the line.
    pub quantity: Decimal,
    /// Sum of the bucket amounts, unrounded; round it once.
    pub amount: Decimal,
}

impl Pricing {
    /// Prices each value by itself: tiers and packages start again in every bucket and group, and an empty bucket
    /// costs nothing (spec 03 §5.3, Q2).
    #[must_use]
    pub fn bucketed_cost(&self, values: &[Decimal]) -> BucketedCost {
        let bucket_amounts: Vec<Decimal> = values.iter().map(|value| self.cost(value)).collect();
        BucketedCost {
            quantity: values.iter().sum(),
            amount: bucket_amounts.iter().sum(),
            bucket_amounts,
        }
    }
}
