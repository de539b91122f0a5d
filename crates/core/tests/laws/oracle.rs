//! Slow, obvious calculations in exact fractions, compared with the ones in use.

use jiff::SignedDuration;
use num_rational::BigRational;
use proptest::prelude::*;
use tariff_core::discount::Coupon;
use tariff_core::invoice::InvoiceStage;
use tariff_core::proration::{LineChange, ProrationAction, prorate_line, second_based};
use tariff_core::tax::TaxRate;
use tariff_core::vocabulary::{InvoiceCadence, PriceType, RoundType, TierMode};
use tariff_core::{Currency, Decimal, Period, Pricing};

use bigdecimal::num_bigint::BigInt;

use crate::inputs::{config, currency, instant, money, pricing, quantity};
use crate::invoice::{Invoice, invoice};

fn whole(value: i64) -> BigRational {
    BigRational::from_integer(BigInt::from(value))
}

fn ten_to(power: u32) -> BigRational {
    BigRational::from_integer(BigInt::from(10).pow(power))
}

fn fraction(decimal: &Decimal) -> BigRational {
    let (digits, scale) = decimal.as_big_decimal().as_bigint_and_scale();
    let unscaled = BigRational::from_integer(digits.into_owned());
    let shift = ten_to(u32::try_from(scale.unsigned_abs()).unwrap());
    if scale >= 0 { unscaled / shift } else { unscaled * shift }
}

/// To `digits` fractional digits, half away from zero.
fn rounded(value: &BigRational, digits: u32) -> BigRational {
    let half = BigRational::new(BigInt::from(1), BigInt::from(2));
    let scaled = value * ten_to(digits);
    let magnitude = if scaled < whole(0) {
        -scaled.clone()
    } else {
        scaled.clone()
    };
    let nearest = (magnitude + half).floor();
    (if scaled < whole(0) { -nearest } else { nearest }) / ten_to(digits)
}

fn money_of(value: &BigRational, currency: &Currency) -> BigRational {
    rounded(value, currency.digits())
}

fn least(left: BigRational, right: BigRational) -> BigRational {
    if left < right { left } else { right }
}

/// The cost, straight from the definition of each model.
fn cost(pricing: &Pricing, quantity: &BigRational) -> BigRational {
    if *quantity == whole(0) {
        return whole(0);
    }
    match pricing {
        Pricing::FlatFee { amount } => fraction(amount) * quantity,
        Pricing::Package {
            amount,
            divide_by,
            round,
        } => {
            let packages = quantity / BigRational::from_integer(BigInt::from(divide_by.get()));
            fraction(amount)
                * match round {
                    RoundType::Up => packages.ceil(),
                    RoundType::Down => packages.floor(),
                }
        }
        Pricing::Tiered { mode, tiers } => {
            let bound = |index: usize| {
                tiers.as_slice()[index]
                    .up_to
                    .map(|bound| BigRational::from_integer(BigInt::from(bound)))
            };
            let charge = |index: usize, units: BigRational| {
                let tier = &tiers.as_slice()[index];
                fraction(&tier.unit_amount) * units + fraction(&tier.flat_amount.clone().unwrap_or_default())
            };
            let last = tiers.as_slice().len() - 1;
            match mode {
                TierMode::Volume => {
                    let chosen = (0..=last)
                        .find(|index| bound(*index).is_none_or(|bound| *quantity <= bound))
                        .unwrap_or(last);
                    charge(chosen, quantity.clone())
                }
                TierMode::Slab => (0..=last)
                    .map(|index| {
                        let lower = if index == 0 {
                            whole(0)
                        } else {
                            bound(index - 1).unwrap()
                        };
                        if index > 0 && *quantity <= lower {
                            return whole(0);
                        }
                        let upper = bound(index).map_or(quantity.clone(), |bound| least(bound, quantity.clone()));
                        charge(index, upper - lower)
                    })
                    .sum(),
            }
        }
    }
}

fn coupon_discount(coupon: &Coupon, price: &BigRational, currency: &Currency) -> BigRational {
    let off = match coupon {
        Coupon::Fixed { amount_off } => fraction(amount_off),
        Coupon::Percentage { percentage_off } => price * fraction(percentage_off) / whole(100),
    };
    least(money_of(&off, currency), price.clone())
}

/// Spreads a discount by the letter of spec 05 §5.5.
fn spread(discount: &BigRational, nets: &[BigRational], currency: &Currency) -> Vec<BigRational> {
    let mut order: Vec<usize> = (0..nets.len()).rev().filter(|index| nets[*index] > whole(0)).collect();
    order.sort_by(|left, right| nets[*right].cmp(&nets[*left]));
    let sum: BigRational = order.iter().map(|index| nets[*index].clone()).sum();
    let mut shares = vec![whole(0); nets.len()];
    let mut left = discount.clone();
    for (position, &index) in order.iter().enumerate() {
        let mut share = least(left.clone(), nets[index].clone());
        if position + 1 < order.len() {
            let ratio = rounded(&(&nets[index] / &sum), 16);
            share = least(share, money_of(&(ratio * discount), currency));
        }
        left -= &share;
        shares[index] = share;
    }
    for &index in &order {
        let more = least(left.clone(), &nets[index] - &shares[index]);
        left -= &more;
        shares[index] += &more;
    }
    shares
}

/// Subtotal, discount, credits, tax and total of a finalized invoice.
fn totals(invoice: &Invoice) -> [BigRational; 5] {
    let currency = &invoice.currency;
    let amounts: Vec<BigRational> = invoice
        .lines
        .iter()
        .map(|line| money_of(&fraction(&line.amount), currency))
        .collect();
    let mut line_discounts = vec![whole(0); amounts.len()];
    for (index, coupon) in &invoice.line_coupons {
        if amounts.get(*index).is_some_and(|amount| *amount > whole(0)) {
            let left = &amounts[*index] - &line_discounts[*index];
            line_discounts[*index] += least(coupon_discount(coupon, &amounts[*index], currency), left);
        }
    }
    let nets: Vec<BigRational> = amounts
        .iter()
        .zip(&line_discounts)
        .map(|(amount, taken)| amount - taken)
        .collect();
    let mut base: BigRational = nets.iter().cloned().sum();
    for coupon in &invoice.invoice_coupons {
        base -= coupon_discount(coupon, &base.clone(), currency);
    }
    let invoice_discount: BigRational = nets.iter().cloned().sum::<BigRational>() - base;
    let shares = spread(&invoice_discount, &nets, currency);
    let mut balances: Vec<BigRational> = invoice.balances.iter().map(fraction).collect();
    balances.sort_by(|left, right| right.cmp(left));
    let mut credits = whole(0);
    for (index, line) in invoice.lines.iter().enumerate() {
        if line.price_type == PriceType::Usage {
            let mut need = &nets[index] - &shares[index];
            for balance in &mut balances {
                let unit = ten_to(currency.digits());
                let take = (least(balance.clone(), need.clone()) * &unit).floor() / unit;
                *balance -= &take;
                need -= &take;
                credits += take;
            }
        }
    }
    let subtotal: BigRational = amounts.into_iter().sum();
    let discount: BigRational = line_discounts.into_iter().sum::<BigRational>() + invoice_discount;
    let taxable = &subtotal - &discount;
    let tax: BigRational = invoice
        .tax_rates
        .iter()
        .map(|rate| match rate {
            TaxRate::Percentage(percentage) => money_of(&(&taxable * fraction(percentage) / whole(100)), currency),
            TaxRate::Fixed(amount) => money_of(&fraction(amount), currency),
        })
        .sum();
    let total = &(&subtotal - &discount) - &credits + &tax;
    [subtotal, discount, credits, tax, total]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn prices_agree(pricing in pricing(), quantity in quantity()) {
        prop_assert_eq!(fraction(&pricing.cost(&quantity)), cost(&pricing, &fraction(&quantity)));
    }

    #[test]
    fn divisions_and_roundings_agree(dividend in quantity(), divisor in quantity(), is_negative in any::<bool>(), digits in 0_u32..20) {
        let dividend = if is_negative { -dividend } else { dividend };
        prop_assert_eq!(fraction(&dividend.round(digits)), rounded(&fraction(&dividend), digits));
        if let Ok(quotient) = dividend.div(&divisor) {
            let exact = fraction(&dividend) / fraction(&divisor);
            prop_assert_eq!(fraction(&quotient), rounded(&exact, 16));
            prop_assert_eq!(fraction(&dividend.div_floor(&divisor).unwrap()), exact.floor());
            prop_assert_eq!(fraction(&dividend.div_ceil(&divisor).unwrap()), exact.ceil());
        }
    }

    #[test]
    fn prorations_agree(
        start in instant(), length in 2_i64..40_000_000, offset in 0_i64..40_000_000,
        old_cost in money(), new_cost in money(), currency in currency(),
    ) {
        let after = |seconds| start + SignedDuration::from_secs(seconds);
        let coefficient = second_based(Period::new(start, after(length)), after(offset)).unwrap();
        let left = (length - 1 - offset).max(0);
        let expected = rounded(&(whole(left) / whole(length - 1)), 16);
        prop_assert_eq!(fraction(&coefficient), expected.clone());
        let change = LineChange {
            action: ProrationAction::Upgrade,
            invoice_cadence: InvoiceCadence::Advance,
            old_cost: old_cost.clone(),
            new_cost: new_cost.clone(),
            billed: None,
        };
        let line = prorate_line(&change, &coefficient, &currency);
        let part = |cost: &Decimal| money_of(&(fraction(cost) * &expected), &currency);
        prop_assert_eq!(fraction(&line.net), part(&new_cost) - part(&old_cost));
    }

    #[test]
    fn invoice_totals_agree(invoice in invoice()) {
        let computed = invoice.totals(InvoiceStage::Finalized);
        let [subtotal, discount, credits, tax, total] = totals(&invoice);
        prop_assert_eq!(fraction(&computed.subtotal), subtotal);
        prop_assert_eq!(fraction(&computed.discounts.total_discount), discount);
        prop_assert_eq!(fraction(&computed.credits.total), credits);
        prop_assert_eq!(fraction(&computed.taxes.total_tax), tax);
        prop_assert_eq!(fraction(&computed.total), total);
    }
}
