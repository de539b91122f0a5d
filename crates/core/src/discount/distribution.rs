//! Spreading an invoice-level discount over lines (spec 05 §5.5).

use crate::{Currency, Decimal};

/// The share of `discount` that falls on each of `nets` (line amounts after line discounts), in the same order.
///
/// Lines with a positive net take part, the largest first and equal ones in reverse order, so that the remainder of
/// rounding falls on the earliest of the smallest lines. No share exceeds its net. The shares add up to `discount`
/// exactly, provided it does not exceed the sum of the positive nets.
#[must_use]
pub fn distribute(discount: &Decimal, nets: &[Decimal], currency: &Currency) -> Vec<Decimal> {
    let mut shares = vec![Decimal::zero(); nets.len()];
    let mut eligible: Vec<(usize, &Decimal)> = nets.iter().enumerate().filter(|(_, net)| net.is_positive()).collect();
    eligible.sort_by(|(left_index, left), (right_index, right)| right.cmp(left).then(right_index.cmp(left_index)));
    let sum: Decimal = eligible.iter().map(|(_, net)| *net).sum();
    let mut left = discount.clone();
    for (position, (index, net)) in eligible.iter().enumerate() {
        let is_last = position + 1 == eligible.len();
        let share = if is_last {
            left.clone().min((*net).clone())
        } else {
            proportional_share(net, &sum, discount, currency)
                .min((*net).clone())
                .min(left.clone())
        };
        left -= &share;
        shares[*index] = share;
    }
    // What the caps left over goes to the lines that still have room.
    for (index, net) in eligible {
        let room = net - &shares[index];
        let more = left.clone().min(room);
        left -= &more;
        shares[index] += &more;
    }
    shares
}

/// The ratio is cut to 16 digits before it is multiplied; worked example 4 of spec 05 §6 depends on it.
fn proportional_share(net: &Decimal, sum: &Decimal, discount: &Decimal, currency: &Currency) -> Decimal {
    let ratio = net.div(sum).unwrap_or_default();
    currency.round(&(&ratio * discount))
}
