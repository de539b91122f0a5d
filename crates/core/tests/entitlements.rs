//! Entitlement grants, usage views and the choice of prices (spec 03 §5.6, §5.10-5.11).

#![allow(clippy::unwrap_used)]

use jiff::tz::TimeZone;
use tariff_core::calendar::{Period, zone};
use tariff_core::cost::Margin;
use tariff_core::entitlement::{
    AllowanceReset, EntitlementRow, FeatureEntitlement, GrantProgress, GrantStep, GrantUsage, GrantWindowTerms,
    NextGrant, NextReset, UsageViewSubscription, aggregate, bucketed_allowance_charge, grant_overage, overage_periods,
    usage_ratio,
};
use tariff_core::pricing::{fixed_quantity, is_period_accepted};
use tariff_core::vocabulary::{
    BillingPeriod, EntitlementAggregationMode, EntitlementGrantAllocationBehavior, EntitlementGrantDurationUnit,
    FeatureType, UsageResetPeriod,
};
use tariff_core::{Decimal, Pricing, Timestamp};

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn period(start: &str, end: &str) -> Period {
    Period::new(at(start), at(end))
}

const MARCH: (&str, &str) = ("2025-03-01T00:30:00Z", "2025-04-01T00:30:00Z");

fn window(
    unit: EntitlementGrantDurationUnit,
    value: i64,
    allocation: EntitlementGrantAllocationBehavior,
    first: &str,
) -> Option<Period> {
    let march = period(MARCH.0, MARCH.1);
    let terms = GrantWindowTerms {
        unit,
        value,
        allocation,
    };
    terms.window(march, march.start, at(first), &TimeZone::UTC).unwrap()
}

#[test]
fn grants_open_at_the_first_usage_or_its_unit() {
    use EntitlementGrantAllocationBehavior::{FirstUsage, UnitStart};
    use EntitlementGrantDurationUnit::{Day, Hour, SubscriptionPeriod, Week};
    let first = "2025-03-05T10:20:00Z";
    for (unit, value, allocation, start, end) in [
        (Hour, 5, FirstUsage, first, "2025-03-05T15:20:00Z"),
        // Five-hour buckets count from 1 March 00:00.
        (Hour, 5, UnitStart, "2025-03-05T09:00:00Z", "2025-03-05T14:00:00Z"),
        (Day, 1, UnitStart, "2025-03-05T00:00:00Z", "2025-03-06T00:00:00Z"),
        (Week, 1, UnitStart, "2025-03-03T00:00:00Z", "2025-03-10T00:00:00Z"),
        (SubscriptionPeriod, 1, FirstUsage, MARCH.0, MARCH.1),
    ] {
        assert_eq!(
            window(unit, value, allocation, first),
            Some(period(start, end)),
            "{value} {unit}"
        );
    }
}

#[test]
fn grants_neither_begin_before_their_period_nor_leave_a_short_rest() {
    use EntitlementGrantAllocationBehavior::{FirstUsage, UnitStart};
    use EntitlementGrantDurationUnit::{Day, Week};
    let first_day = window(Day, 1, UnitStart, "2025-03-01T08:00:00Z");
    assert_eq!(first_day, Some(period(MARCH.0, "2025-03-02T00:30:00Z")));
    let last_day = window(Day, 1, FirstUsage, "2025-03-31T00:00:00Z");
    assert_eq!(last_day, Some(period("2025-03-31T00:00:00Z", MARCH.1)));
    assert_eq!(window(Week, 5, FirstUsage, "2025-03-05T00:00:00Z"), None);
}

fn grant(window: Period, usage: &str, crossed: Option<&str>) -> GrantUsage {
    GrantUsage {
        window,
        quota: decimal("100"),
        before: Decimal::zero(),
        through: decimal(usage),
        quota_crossed_at: crossed.map(at),
    }
}

#[test]
fn usage_beyond_grants_is_billed_once() {
    let days = [
        grant(
            period("2025-03-01T00:00:00Z", "2025-03-02T00:00:00Z"),
            "150",
            Some("2025-03-01T12:00:00Z"),
        ),
        grant(
            period("2025-03-01T06:00:00Z", "2025-03-03T00:00:00Z"),
            "120",
            Some("2025-03-01T18:00:00Z"),
        ),
        grant(period("2025-03-05T00:00:00Z", "2025-03-06T00:00:00Z"), "90", None),
    ];
    assert_eq!(grant_overage(&days), decimal("70"));
    assert_eq!(
        overage_periods(&days),
        [period("2025-03-01T12:00:00Z", "2025-03-03T00:00:00Z")]
    );
}

#[test]
fn successive_lines_use_a_grant_up_once() {
    let day = period("2025-03-01T00:00:00Z", "2025-03-02T00:00:00Z");
    let part = |before, through| GrantUsage {
        before: decimal(before),
        ..grant(day, through, None)
    };
    assert_eq!(grant_overage(&[part("0", "70")]), decimal("0"));
    assert_eq!(grant_overage(&[part("70", "130")]), decimal("30"));
    assert_eq!(grant_overage(&[part("130", "150")]), decimal("20"));
}

#[test]
fn the_next_window_waits_for_usage_beyond_the_last() {
    use EntitlementGrantDurationUnit::{Day, Hour, SubscriptionPeriod, Week};
    let march = period(MARCH.0, MARCH.1);
    let next = |unit, value, covered: Option<&str>, now: &str| {
        let terms = GrantWindowTerms {
            unit,
            value,
            allocation: EntitlementGrantAllocationBehavior::FirstUsage,
        };
        terms.next(march, covered.map(at), at(now), &TimeZone::UTC).unwrap()
    };
    let tenth = "2025-03-10T00:00:00Z";
    assert_eq!(next(Day, 1, None, tenth), NextGrant::WithUsage(period(MARCH.0, tenth)));
    assert_eq!(
        next(Day, 1, Some("2025-03-09T12:00:00Z"), tenth),
        NextGrant::WithUsage(period("2025-03-09T12:00:00Z", tenth))
    );
    // A window of the period before reaches up to its end at most.
    assert_eq!(
        next(Day, 1, Some("2025-02-10T12:00:00Z"), tenth),
        next(Day, 1, None, tenth)
    );
    // The window at hand is not over.
    assert_eq!(next(Day, 1, Some("2025-03-10T12:00:00Z"), tenth), NextGrant::Nothing);
    assert_eq!(next(Day, 1, Some(MARCH.1), "2025-05-01T00:00:00Z"), NextGrant::Nothing);
    assert_eq!(next(Hour, 1, None, "2025-02-10T00:00:00Z"), NextGrant::Nothing);
    // As long as the period, or longer than the calendar.
    for (unit, value) in [
        (Day, 31),
        (Week, 5),
        (Hour, 744),
        (Hour, i64::MAX),
        (Day, i64::MAX),
        (Week, i64::MAX),
    ] {
        assert_eq!(next(unit, value, None, tenth), NextGrant::Nothing, "{value} {unit}");
    }
    assert_eq!(next(SubscriptionPeriod, 1, None, tenth), NextGrant::Opens(march));
    assert_eq!(next(SubscriptionPeriod, 1, Some(MARCH.1), tenth), NextGrant::Nothing);
}

#[test]
fn days_of_grants_follow_the_local_clock() {
    use EntitlementGrantAllocationBehavior::UnitStart;
    use EntitlementGrantDurationUnit::{Day, Hour, Week};
    let berlin = zone("Europe/Berlin");
    // The clock goes forward on 30 March 2025.
    let billing = period("2025-03-14T23:00:00Z", "2025-04-14T22:00:00Z");
    let window = |unit, value, covered: &str, first: &str| {
        let terms = GrantWindowTerms {
            unit,
            value,
            allocation: UnitStart,
        };
        terms.window(billing, at(covered), at(first), &berlin).unwrap()
    };
    let start = "2025-03-14T23:00:00Z";
    assert_eq!(
        window(Day, 1, start, "2025-03-30T12:00:00Z"),
        Some(period("2025-03-29T23:00:00Z", "2025-03-30T22:00:00Z"))
    );
    assert_eq!(
        window(Day, 1, start, "2025-04-01T12:00:00Z"),
        Some(period("2025-03-31T22:00:00Z", "2025-04-01T22:00:00Z"))
    );
    // Weeks begin on Monday: the one of 24 March ends on the other side of the change.
    assert_eq!(
        window(Week, 1, start, "2025-03-27T12:00:00Z"),
        Some(period("2025-03-23T23:00:00Z", "2025-03-30T22:00:00Z"))
    );
    // Two-day buckets count from the first day of the period.
    assert_eq!(
        window(Day, 2, start, "2025-03-31T12:00:00Z"),
        Some(period("2025-03-30T22:00:00Z", "2025-04-01T22:00:00Z"))
    );
    // Hours know no change, and no window begins inside the one before.
    assert_eq!(
        window(Hour, 6, "2025-03-30T02:30:00Z", "2025-03-30T03:00:00Z"),
        Some(period("2025-03-30T02:30:00Z", "2025-03-30T08:30:00Z"))
    );
}

#[test]
fn a_grant_is_exhausted_once_and_closed_at_its_end() {
    let window = period("2025-03-01T00:00:00Z", "2025-03-02T00:00:00Z");
    let step = |is_exhausted, usage: &str, now: &str| {
        let progress = GrantProgress {
            window,
            quota: decimal("100"),
            is_exhausted,
        };
        let GrantStep { exhausts, closes } = progress.step(&decimal(usage), at(now));
        (exhausts, closes, progress.measured(at(now)).end.to_string())
    };
    let noon = "2025-03-01T12:00:00Z";
    assert_eq!(step(false, "99.9", noon), (false, false, noon.to_owned()));
    assert_eq!(step(false, "100", noon), (true, false, noon.to_owned()));
    assert_eq!(step(true, "150", noon), (false, false, noon.to_owned()));
    let end = "2025-03-02T00:00:00Z";
    assert_eq!(step(false, "100", end), (true, true, end.to_owned()));
    assert_eq!(step(true, "50", "2025-03-03T00:00:00Z"), (false, true, end.to_owned()));
    assert_eq!(step(false, "0", "2025-02-01T00:00:00Z").2, "2025-03-01T00:00:00Z");
}

fn subscription(zone_name: &str) -> UsageViewSubscription {
    UsageViewSubscription {
        start: at("2025-01-15T12:00:00Z"),
        end: Some(at("2025-12-31T00:00:00Z")),
        anchor: at("2025-01-15T12:00:00Z"),
        billing_period: BillingPeriod::Annual,
        billing_period_count: 1,
        current_period: period("2025-01-15T12:00:00Z", "2025-12-31T00:00:00Z"),
        zone: zone(zone_name),
    }
}

#[test]
fn usage_views_follow_the_reset_period() {
    let subscription = subscription("Asia/Kolkata");
    let now = at("2025-03-10T20:00:00Z");
    let view = |reset| {
        (
            subscription.usage_window(reset, now).unwrap(),
            subscription.next_reset(reset, now).unwrap(),
        )
    };
    // 20:00 UTC is 01:30 of 11 March in Kolkata.
    assert_eq!(
        view(Some(UsageResetPeriod::Daily)),
        (
            period("2025-03-10T18:30:00Z", "2025-03-11T18:30:00Z"),
            NextReset::At(at("2025-03-11T18:30:00Z"))
        )
    );
    assert_eq!(
        view(Some(UsageResetPeriod::Monthly)),
        (
            period("2025-02-15T12:00:00Z", "2025-03-15T12:00:00Z"),
            NextReset::At(at("2025-03-14T18:30:00Z"))
        )
    );
    assert_eq!(view(Some(UsageResetPeriod::Never)).1, NextReset::Never);
    assert_eq!(view(None), (subscription.current_period, NextReset::WithBillingPeriod));
}

#[test]
fn ratios_show_full_use_as_one() {
    assert_eq!(usage_ratio(&decimal("50"), Some(&decimal("200"))), decimal("0.25"));
    assert_eq!(usage_ratio(&decimal("50"), Some(&Decimal::zero())), decimal("100"));
    assert_eq!(usage_ratio(&decimal("50"), None), Decimal::zero());
}

#[test]
fn allowances_reset_as_the_table_says() {
    for (reset, billing, expected) in [
        (
            Some(UsageResetPeriod::Monthly),
            BillingPeriod::Monthly,
            AllowanceReset::BillingPeriod,
        ),
        (
            Some(UsageResetPeriod::Monthly),
            BillingPeriod::Annual,
            AllowanceReset::Month,
        ),
        (
            Some(UsageResetPeriod::Daily),
            BillingPeriod::Monthly,
            AllowanceReset::Day,
        ),
        (
            Some(UsageResetPeriod::Weekly),
            BillingPeriod::Monthly,
            AllowanceReset::BillingPeriod,
        ),
        (
            Some(UsageResetPeriod::Never),
            BillingPeriod::Monthly,
            AllowanceReset::Never,
        ),
        (None, BillingPeriod::Monthly, AllowanceReset::BillingPeriod),
    ] {
        assert_eq!(
            AllowanceReset::of(reset, billing, 1),
            expected,
            "{reset:?} under {billing}"
        );
    }
    for (reset, billing, expected) in [
        (UsageResetPeriod::Monthly, BillingPeriod::Monthly, AllowanceReset::Month),
        (UsageResetPeriod::Daily, BillingPeriod::Daily, AllowanceReset::Day),
        (
            UsageResetPeriod::Quarterly,
            BillingPeriod::Monthly,
            AllowanceReset::BillingPeriod,
        ),
    ] {
        assert_eq!(
            AllowanceReset::of(Some(reset), billing, 3),
            expected,
            "{reset} under three of {billing}"
        );
    }
}

#[test]
fn an_allowance_prices_the_rest_of_buckets_as_one_quantity() {
    let pricing = Pricing::FlatFee { amount: decimal("2") };
    let buckets = [decimal("9"), decimal("15")];
    let (charge, amount) = bucketed_allowance_charge(&pricing, Some(&decimal("10")), &buckets);
    assert_eq!(
        (charge.billable_quantity, charge.covered_quantity, amount),
        (decimal("14"), decimal("10"), decimal("28"))
    );
}

#[test]
fn one_parallel_row_makes_the_feature_parallel() {
    let row = |limit, mode| EntitlementRow {
        is_enabled: true,
        usage_limit: Some(limit),
        aggregation_mode: mode,
        ..EntitlementRow::default()
    };
    let rows = [row(10, None), row(5, Some(EntitlementAggregationMode::Parallel))];
    let Some(FeatureEntitlement::Metered(metered)) = aggregate(FeatureType::Metered, &rows).unwrap() else {
        panic!("a metered feature");
    };
    assert_eq!(
        (metered.usage_limit, metered.buckets),
        (Some(15), vec![Some(10), Some(5)])
    );
    assert!(aggregate(FeatureType::Metered, &[row(i64::MAX, None), row(1, None)]).is_err());
    assert_eq!(aggregate(FeatureType::Boolean, &[EntitlementRow::default()]), Ok(None));
}

#[test]
fn addons_may_have_a_shorter_period_that_fits() {
    use BillingPeriod::{Annual, Daily, Monthly, Onetime, Quarterly, Weekly};
    assert!(is_period_accepted(Monthly, Annual, true));
    assert!(!is_period_accepted(Monthly, Annual, false));
    assert!(!is_period_accepted(Annual, Quarterly, true));
    assert!(!is_period_accepted(Daily, Weekly, true));
    assert!(is_period_accepted(Onetime, Weekly, false));
}

#[test]
fn the_quantity_of_a_fixed_line_has_defaults() {
    let two = decimal("2");
    assert_eq!(fixed_quantity(Some(&Decimal::zero()), Some(&two)), two);
    assert_eq!(fixed_quantity(Some(&Decimal::one()), Some(&two)), Decimal::one());
    assert_eq!(fixed_quantity(None, Some(&Decimal::zero())), Decimal::zero());
    assert_eq!(fixed_quantity(None, None), Decimal::one());
    assert_eq!(fixed_quantity(Some(&Decimal::zero()), None), Decimal::one());
}

#[test]
fn margins_of_nothing_are_zero() {
    let margin = Margin::new(&decimal("200"), &decimal("50"));
    assert_eq!(
        (margin.margin, margin.margin_percent, margin.roi_percent),
        (decimal("150"), decimal("75"), decimal("300"))
    );
    let nothing = Margin::new(&Decimal::zero(), &Decimal::zero());
    assert!(nothing.margin_percent.is_zero() && nothing.roi.is_zero());
}
