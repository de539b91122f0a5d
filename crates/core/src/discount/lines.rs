//! All coupons of one invoice, in their order of application (spec 05 §5.4).

use super::{Coupon, Discounted, distribute};
use crate::{Currency, Decimal};

/// The discounts of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceDiscounts {
    /// Sum of the line coupons' discounts on each line.
    pub line_item_discounts: Vec<Decimal>,
    /// What each line coupon took off, in their order; `None` where its line earns no discount.
    pub line_coupons: Vec<Option<Discounted>>,
    /// What each invoice coupon took off what its predecessors left; shorter than the coupons when nothing was left.
    pub invoice_coupons: Vec<Discounted>,
    /// Each line's share of the invoice coupons.
    pub invoice_level_discounts: Vec<Decimal>,
    /// Sum of everything taken off.
    pub total_discount: Decimal,
}

/// Applies line coupons, then invoice coupons, to rounded line amounts.
///
/// `line_coupons` name their line by position. Each line coupon is computed on the full line amount and limited to
/// what is left of the line (spec 03 Q11); lines at or below zero earn none. Invoice coupons compound on the sum of
/// what the lines keep, and stop at zero.
#[must_use]
pub fn discount_lines(
    amounts: &[Decimal],
    line_coupons: &[(usize, Coupon)],
    invoice_coupons: &[Coupon],
    currency: &Currency,
) -> InvoiceDiscounts {
    let mut line_item_discounts = vec![Decimal::zero(); amounts.len()];
    let mut applied_to_lines = Vec::with_capacity(line_coupons.len());
    for (line, coupon) in line_coupons {
        let applied = match (amounts.get(*line), line_item_discounts.get_mut(*line)) {
            (Some(amount), Some(taken)) if amount.is_positive() => Some(apply_to_line(coupon, amount, taken, currency)),
            _ => None,
        };
        applied_to_lines.push(applied);
    }
    let nets: Vec<Decimal> = amounts
        .iter()
        .zip(&line_item_discounts)
        .map(|(amount, taken)| amount - taken)
        .collect();
    let mut base: Decimal = nets.iter().sum();
    let mut applied_to_invoice = Vec::with_capacity(invoice_coupons.len());
    for coupon in invoice_coupons {
        if !base.is_positive() {
            break;
        }
        let applied = coupon.apply(&base, currency);
        base = applied.final_price.clone();
        applied_to_invoice.push(applied);
    }
    let invoice_discount: Decimal = applied_to_invoice.iter().map(|applied| &applied.discount).sum();
    let line_discount: Decimal = line_item_discounts.iter().sum();
    InvoiceDiscounts {
        invoice_level_discounts: distribute(&invoice_discount, &nets, currency),
        total_discount: line_discount + invoice_discount,
        line_item_discounts,
        line_coupons: applied_to_lines,
        invoice_coupons: applied_to_invoice,
    }
}

/// The discount that analytics show on an amount: percentage coupons only, those of the line first, each on what its
/// predecessors left (spec 03 §5.13).
#[must_use]
pub fn analytics_discount<'a>(
    amount: &Decimal,
    coupons: impl IntoIterator<Item = &'a Coupon>,
    currency: &Currency,
) -> Decimal {
    let mut left = amount.clone();
    for coupon in coupons {
        match coupon {
            Coupon::Percentage { .. } if left.is_positive() => left = coupon.apply(&left, currency).final_price,
            Coupon::Percentage { .. } | Coupon::Fixed { .. } => {}
        }
    }
    amount - &left
}

fn apply_to_line(coupon: &Coupon, amount: &Decimal, taken: &mut Decimal, currency: &Currency) -> Discounted {
    let left = amount - &*taken;
    let discount = coupon.apply(amount, currency).discount.min(left);
    *taken += &discount;
    Discounted {
        final_price: amount - &discount,
        discount,
    }
}
