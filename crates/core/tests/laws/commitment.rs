//! Laws of commitments (spec 03 §5.12, spec 04 §4.14).

use proptest::prelude::*;
use tariff_core::Decimal;
use tariff_core::commitment::{Commitment, CumulativeCommitment, SubscriptionCommitment, UsageCharge};

use crate::inputs::{config, currency, decimal, money};

/// Above one.
fn factor() -> impl Strategy<Value = Decimal> {
    decimal(3, 2).prop_map(|rest| rest + Decimal::new(101, 2))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_line_pays_at_least_its_commitment_with_true_up(amount in money(), usage in money(), factor in factor()) {
        let commitment = Commitment { amount: amount.clone(), overage_factor: factor, true_up: true };
        let charge = commitment.charge(&usage);
        prop_assert!(charge.charge() >= amount.clone().max(usage.clone()));
        prop_assert!(charge.utilized <= amount);
        prop_assert!(charge.overage.is_zero() || charge.true_up.is_zero());
        let without = Commitment { true_up: false, ..commitment }.charge(&usage);
        prop_assert_eq!(without.charge(), charge.charge() - charge.true_up);
    }

    #[test]
    fn a_subscription_split_keeps_every_unit(
        amount in money(), factor in factor(), true_up in any::<bool>(), currency in currency(),
        charges in prop::collection::vec((decimal(1_000, 3), decimal(50, 4), any::<bool>()), 0..8),
    ) {
        let charges: Vec<UsageCharge> = charges.into_iter().map(|(quantity, unit, is_flat)| UsageCharge {
            amount: currency.round(&(&quantity * &unit)),
            quantity,
            unit_amount: is_flat.then_some(unit),
        }).collect();
        let commitment = SubscriptionCommitment { amount: amount.clone(), overage_factor: factor, true_up };
        let split = commitment.split(&charges, &currency);
        for (index, charge) in charges.iter().enumerate() {
            let units: Decimal = split.charges.iter().filter(|part| part.index == index).map(|part| &part.quantity).sum();
            prop_assert_eq!(&units, &charge.quantity);
        }
        prop_assert!(!split.utilized.is_negative());
        prop_assert!(split.utilized <= amount || !split.applies);
        prop_assert!(!split.has_overage() || split.true_up.is_zero());
        if split.applies && true_up && !split.has_overage() {
            prop_assert_eq!(split.true_up, currency.round(&(&amount - &split.utilized)));
        }
    }

    #[test]
    fn a_cumulative_window_costs_at_least_the_commitment(
        amount in money(), factor in factor(), currency in currency(),
        periods in prop::collection::vec(prop::collection::vec(money(), 0..4), 1..5),
    ) {
        let amount = currency.round(&amount);
        let mut prior_base = Decimal::zero();
        let mut lines = 0;
        let mut total = Decimal::zero();
        let last = periods.len() - 1;
        for (index, period) in periods.iter().enumerate() {
            let bases: Vec<Decimal> = period.iter().map(|base| currency.round(base)).collect();
            let charges = CumulativeCommitment {
                amount: amount.clone(),
                overage_factor: factor.clone(),
                true_up: true,
                prior_base: prior_base.clone(),
                is_last_period: index == last,
            }.charge(&bases, &currency);
            prior_base += &bases.iter().sum();
            total += &charges.usage_total();
            lines += bases.len() + 1;
        }
        // Rounded shares need not add up (Q19): half a unit for each line.
        let slack = Decimal::new(5 * i128::try_from(lines).unwrap(), currency.digits() + 1);
        prop_assert!(total + slack >= amount.max(prior_base));
    }
}
