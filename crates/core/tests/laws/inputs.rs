//! Random inputs shared by the laws.

use std::io::Write;
use std::num::NonZeroU64;

use proptest::prelude::*;
use proptest::test_runner::Config;
use tariff_core::discount::Coupon;
use tariff_core::pricing::{Tier, Tiers};
use tariff_core::tax::TaxRate;
use tariff_core::vocabulary::{RoundType, TierMode};
use tariff_core::{Currency, Decimal, Pricing, Timestamp};

/// The number of cases from the environment, else 10,000; tells law and number.
pub fn config() -> Config {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    let cases = cases.unwrap_or(10_000);
    // Written to the stream itself: the test harness keeps what the print macros write, unless the law fails.
    let law = std::thread::current().name().unwrap_or_default().to_owned();
    writeln!(std::io::stdout(), "law {law}: {cases} cases").expect("standard output is open");
    Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    }
}

/// A decimal from zero up to about `limit`, with up to `digits` fractional digits.
pub fn decimal(limit: u64, digits: u32) -> impl Strategy<Value = Decimal> {
    (0..=limit, 0..=digits).prop_flat_map(|(whole, scale)| {
        (0..10_i128.pow(scale))
            .prop_map(move |fraction| Decimal::new(i128::from(whole) * 10_i128.pow(scale) + fraction, scale))
    })
}

/// A quantity: often small, sometimes up to 10^18 with 15 fractional digits.
pub fn quantity() -> impl Strategy<Value = Decimal> {
    prop_oneof![decimal(2_000, 3), decimal(1_000_000, 15), decimal(10_u64.pow(18), 15)]
}

/// A price amount with up to 15 fractional digits.
pub fn price_amount() -> impl Strategy<Value = Decimal> {
    prop_oneof![decimal(100, 2), decimal(1_000, 15)]
}

/// An amount of money of at most four fractional digits, finer than most currencies.
pub fn money() -> impl Strategy<Value = Decimal> {
    prop_oneof![decimal(5, 4), decimal(10_000, 2), decimal(1_000_000, 4)]
}

pub fn currency() -> impl Strategy<Value = Currency> {
    prop::sample::select(vec!["usd", "jpy", "kwd", "clf", "eur"]).prop_map(|code| Currency::parse(code).unwrap())
}

pub fn coupon() -> impl Strategy<Value = Coupon> {
    prop_oneof![
        decimal(500, 4).prop_map(|amount_off| Coupon::Fixed { amount_off }),
        decimal(99, 4).prop_map(|percentage_off| Coupon::Percentage { percentage_off }),
        Just(Coupon::Percentage {
            percentage_off: Decimal::from(100)
        }),
    ]
}

pub fn tax_rate() -> impl Strategy<Value = TaxRate> {
    prop_oneof![
        decimal(99, 6).prop_map(TaxRate::Percentage),
        decimal(20, 6).prop_map(TaxRate::Fixed)
    ]
}

/// A ladder with rising bounds; its last tier is open or bounded.
pub fn tiers() -> impl Strategy<Value = Tiers> {
    let tier = (1_u64..1_000, price_amount(), prop::option::of(price_amount()));
    (prop::collection::vec(tier, 1..6), any::<bool>()).prop_map(|(steps, is_open)| {
        let (mut bound, last) = (0, steps.len() - 1);
        let tiers = steps
            .into_iter()
            .enumerate()
            .map(|(index, (step, unit_amount, flat_amount))| {
                bound += step;
                Tier {
                    up_to: (index < last || !is_open).then_some(bound),
                    unit_amount,
                    flat_amount,
                }
            });
        Tiers::new(tiers.collect())
    })
}

pub fn pricing() -> impl Strategy<Value = Pricing> {
    prop_oneof![
        price_amount().prop_map(|amount| Pricing::FlatFee { amount }),
        package(),
        (tier_mode(), tiers()).prop_map(|(mode, tiers)| Pricing::Tiered { mode, tiers }),
    ]
}

pub fn package() -> impl Strategy<Value = Pricing> {
    let round = prop::sample::select(vec![RoundType::Up, RoundType::Down]);
    (price_amount(), 1_u64..5_000, round).prop_map(|(amount, size, round)| Pricing::Package {
        amount,
        divide_by: NonZeroU64::new(size).unwrap(),
        round,
    })
}

fn tier_mode() -> impl Strategy<Value = TierMode> {
    prop::sample::select(vec![TierMode::Volume, TierMode::Slab])
}

/// A whole second between 2000 and 2050.
pub fn instant() -> impl Strategy<Value = Timestamp> {
    (946_684_800_i64..2_524_608_000).prop_map(|second| Timestamp::from_second(second).unwrap())
}
