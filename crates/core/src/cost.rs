//! Figures that compare revenue with the seller's own cost (spec 03 §5.14).

use crate::Decimal;

/// Revenue against cost; quotients have 16 fractional digits, and a zero denominator gives zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Margin {
    /// `revenue - cost`.
    pub margin: Decimal,
    /// `margin / revenue`, in per cent.
    pub margin_percent: Decimal,
    /// `margin / cost`.
    pub roi: Decimal,
    /// The same in per cent.
    pub roi_percent: Decimal,
}

impl Margin {
    /// Compares `revenue` with `cost`, both in one currency.
    #[must_use]
    pub fn new(revenue: &Decimal, cost: &Decimal) -> Self {
        let margin = revenue - cost;
        let hundred = Decimal::from(100);
        let roi = margin.div(cost).unwrap_or_default();
        Self {
            margin_percent: &margin.div(revenue).unwrap_or_default() * &hundred,
            roi_percent: &roi * &hundred,
            roi,
            margin,
        }
    }
}
