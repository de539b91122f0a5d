//! Figures that compare revenue with the seller's own cost (spec 03 §5.14).

use crate::Decimal;

/// Revenue against cost; quotients have 16 fractional digits, and a zero denominator gives zero.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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

    /// Compares two sides of which one may be missing; then there is nothing to compare, and every figure is zero.
    #[must_use]
    pub fn of_sides(revenue: Option<&Decimal>, cost: Option<&Decimal>) -> Self {
        revenue
            .zip(cost)
            .map_or_else(Self::default, |(revenue, cost)| Self::new(revenue, cost))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn figures(margin: &Margin) -> [String; 4] {
        [&margin.margin, &margin.margin_percent, &margin.roi, &margin.roi_percent].map(ToString::to_string)
    }

    #[test]
    fn quotients_have_sixteen_digits_and_a_zero_denominator_gives_zero() {
        for (revenue, cost, expected) in [
            ("200", "50", ["150", "75", "3", "300"]),
            // 20 / 30 and 20 / 10: the quotient is rounded before it becomes per cent.
            ("30", "10", ["20", "66.66666666666667", "2", "200"]),
            ("10", "30", ["-20", "-200", "-0.6666666666666667", "-66.66666666666667"]),
            ("0", "5", ["-5", "0", "-1", "-100"]),
            ("5", "0", ["5", "100", "0", "0"]),
            ("0", "0", ["0", "0", "0", "0"]),
        ] {
            let margin = Margin::new(&number(revenue), &number(cost));
            assert_eq!(figures(&margin), expected, "{revenue} - {cost}");
        }
    }

    #[test]
    fn a_missing_side_leaves_nothing_to_compare() {
        let (revenue, cost) = (number("200"), number("50"));
        assert_eq!(
            Margin::of_sides(Some(&revenue), Some(&cost)),
            Margin::new(&revenue, &cost)
        );
        for (revenue, cost) in [(Some(&revenue), None), (None, Some(&cost)), (None, None)] {
            assert_eq!(figures(&Margin::of_sides(revenue, cost)), ["0", "0", "0", "0"]);
        }
    }
}
