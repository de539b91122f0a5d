//! Laws of prices (spec 03 §5.1-5.3).

use proptest::prelude::*;
use tariff_core::pricing::{Tier, Tiers};
use tariff_core::vocabulary::{RoundType, TierMode};
use tariff_core::{Decimal, Pricing};

use crate::inputs::{config, package, price_amount, pricing, quantity, tiers};

fn slab(tiers: Tiers) -> Pricing {
    Pricing::Tiered {
        mode: TierMode::Slab,
        tiers,
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_explained_parts_add_up_to_the_cost(pricing in pricing(), quantity in quantity()) {
        let explanation = pricing.explain(&quantity);
        prop_assert_eq!(&explanation.amount, &pricing.cost(&quantity));
        if matches!(pricing, Pricing::Tiered { .. }) {
            let parts: Decimal = explanation.tiers.iter().map(|part| &part.amount).sum();
            prop_assert_eq!(parts, explanation.amount);
        }
    }

    #[test]
    fn nothing_costs_nothing(pricing in pricing()) {
        prop_assert!(pricing.cost(&Decimal::zero()).is_zero());
    }

    #[test]
    fn a_slab_prices_each_unit_once(tiers in tiers(), quantity in quantity()) {
        let last_bound = tiers.as_slice().last().unwrap().up_to.map(Decimal::from);
        let priced: Decimal = slab(tiers).explain(&quantity).tiers.iter().map(|part| &part.quantity).sum();
        let expected = last_bound.map_or(quantity.clone(), |bound| quantity.min(bound));
        prop_assert_eq!(priced, expected);
    }

    #[test]
    fn splitting_a_slab_never_changes_the_cost(tiers in tiers(), quantity in quantity(), cut in 1_u64..5_000) {
        // A new boundary inside a tier, with the same unit amount on both sides and no second flat amount.
        let mut split: Vec<Tier> = tiers.as_slice().to_vec();
        let is_boundary = split.iter().any(|tier| tier.up_to == Some(cut));
        let inside = split.iter().position(|tier| tier.up_to.is_none_or(|bound| cut < bound));
        if let (false, Some(position)) = (is_boundary, inside) {
            let lower = Tier { up_to: Some(cut), ..split[position].clone() };
            split[position].flat_amount = None;
            split.insert(position, lower);
        }
        prop_assert_eq!(slab(Tiers::new(split)).cost(&quantity), slab(tiers).cost(&quantity));
    }

    #[test]
    fn usage_split_over_two_reports_costs_the_same_in_a_slab(
        tiers in tiers(), first in quantity(), second in quantity(),
    ) {
        // What the second report adds is the cost of its units from where the first one stopped.
        let pricing = slab(tiers);
        let total = &first + &second;
        let first_parts = pricing.explain(&first).tiers;
        let added: Decimal = pricing.explain(&total).tiers.iter().map(|part| {
            match first_parts.iter().find(|earlier| earlier.index == part.index) {
                Some(earlier) => &part.amount - &earlier.amount,
                None => part.amount.clone(),
            }
        }).sum();
        prop_assert_eq!(pricing.cost(&first) + added, pricing.cost(&total));
    }

    #[test]
    fn volume_and_slab_agree_on_one_tier(
        unit_amount in price_amount(), flat_amount in prop::option::of(price_amount()), quantity in quantity(),
    ) {
        let tiers = Tiers::new(vec![Tier { up_to: None, unit_amount, flat_amount }]);
        let volume = Pricing::Tiered { mode: TierMode::Volume, tiers: tiers.clone() };
        prop_assert_eq!(volume.cost(&quantity), slab(tiers).cost(&quantity));
    }

    #[test]
    fn more_units_never_cost_less(tiers in tiers(), package in package(), low in quantity(), more in quantity()) {
        let high = &low + &more;
        for pricing in [slab(tiers), package] {
            prop_assert!(pricing.cost(&low) <= pricing.cost(&high));
        }
    }

    #[test]
    fn packages_hold_the_quantity_and_no_package_is_empty(package in package(), quantity in quantity()) {
        let Pricing::Package { divide_by, round, .. } = package else { unreachable!() };
        let count = Pricing::Package { amount: Decimal::one(), divide_by, round }.cost(&quantity);
        let size = Decimal::from(divide_by.get());
        prop_assert_eq!(count.fraction_digits(), 0);
        match round {
            RoundType::Up => {
                prop_assert!(&count * &size >= quantity);
                prop_assert!(&(&count - &Decimal::one()) * &size < quantity || quantity.is_zero());
            }
            RoundType::Down => {
                prop_assert!(&count * &size <= quantity);
                prop_assert!(&(&count + &Decimal::one()) * &size > quantity);
            }
        }
    }

    #[test]
    fn buckets_are_priced_one_by_one(pricing in pricing(), values in prop::collection::vec(quantity(), 0..6)) {
        let cost = pricing.bucketed_cost(&values);
        let one_by_one: Decimal = values.iter().map(|value| pricing.cost(value)).sum();
        prop_assert_eq!(cost.amount, one_by_one);
        prop_assert_eq!(cost.quantity, values.iter().sum::<Decimal>());
    }

    #[test]
    fn a_converted_price_costs_the_converted_amount(pricing in pricing(), rate in price_amount(), quantity in quantity()) {
        prop_assert_eq!(pricing.converted(&rate).cost(&quantity), &pricing.cost(&quantity) * &rate);
    }
}
