//! The decisions of `docs/decisions.md` that the shared vectors do not show, and worked examples of the chapters.

#![allow(clippy::unwrap_used)]

use std::num::NonZeroU64;

use jiff::tz::TimeZone;
use tariff_core::calendar::{Period, advance, billing_anchor, is_timezone_name, line_periods_for_invoice, zone};
use tariff_core::commitment::{
    Commitment, SubscriptionCommitment, TimeBucket, UsageCharge, UsageWindow, WindowTerms, WindowedCommitment,
    commitment_window, window_grid,
};
use tariff_core::credits::{
    BillingPeriods, CreditSize, DebitRequest, GrantExpiry, Ledger, NewCredit, Wallet, available_credits,
    granted_credit_expiry,
};
use tariff_core::discount::{Coupon, analytics_discount, distribute};
use tariff_core::entitlement::{AllowanceUsage, billable};
use tariff_core::pricing::{Tier, Tiers};
use tariff_core::proration::first_period_proration;
use tariff_core::vocabulary::{
    BillingCycle, BillingPeriod, InvoiceCadence, ProrationBehavior, RoundType, TierMode, TransactionReason, WalletType,
    WindowSize,
};
use tariff_core::{Currency, Decimal, Pricing, Schedule, Timestamp};

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn decimals(texts: &[&str]) -> Vec<Decimal> {
    texts.iter().map(|text| decimal(text)).collect()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn usd() -> Currency {
    Currency::parse("usd").unwrap()
}

fn monthly(anchor: &str, zone_name: &str) -> Schedule {
    Schedule {
        anchor: at(anchor),
        period: BillingPeriod::Monthly,
        count: 1,
        zone: zone(zone_name),
        end: None,
    }
}

#[test]
fn a_package_count_is_not_rounded_first() {
    let pricing = Pricing::Package {
        amount: Decimal::one(),
        divide_by: NonZeroU64::new(1000).unwrap(),
        round: RoundType::Up,
    };
    assert_eq!(pricing.cost(&decimal("1000.0000000000000001")), decimal("2"));
}

#[test]
fn an_empty_bucket_of_a_tiered_price_costs_nothing() {
    let tiers = vec![Tier {
        up_to: None,
        unit_amount: Decimal::one(),
        flat_amount: Some(decimal("5")),
    }];
    let pricing = Pricing::Tiered {
        mode: TierMode::Slab,
        tiers: Tiers::new(tiers),
    };
    assert_eq!(pricing.bucketed_cost(&decimals(&["0", "2"])).amount, decimal("7"));
}

#[test]
fn an_allowance_that_never_resets_counts_once() {
    let charge = |before, through| {
        let usage = AllowanceUsage::SinceStart {
            before: decimal(before),
            through: decimal(through),
        };
        billable(Some(&decimal("100")), &usage).billable_quantity
    };
    assert_eq!(charge("0", "80"), decimal("0"));
    assert_eq!(charge("80", "150"), decimal("50"));
    assert_eq!(charge("150", "170"), decimal("20"));
}

#[test]
fn discounts_are_spread_by_the_worked_examples() {
    for (discount, nets, shares) in [
        ("0.10", &["0.33", "0.34", "0.33"][..], &["0.04", "0.03", "0.03"][..]),
        ("0.03", &["5.00", "1.00"], &["0.02", "0.01"]),
        (
            "0.05",
            &["0.03", "0.03", "0.03", "0.01"],
            &["0.01", "0.02", "0.02", "0"],
        ),
    ] {
        assert_eq!(
            distribute(&decimal(discount), &decimals(nets), &usd()),
            decimals(shares),
            "{nets:?}"
        );
    }
}

#[test]
fn boundaries_at_clock_changes_move_forward_or_take_the_first() {
    // 02:30 does not exist on 9 March 2025 in New York and exists twice on 2 November.
    let new_york = monthly("2025-02-09T07:30:00Z", "America/New_York");
    assert_eq!(
        new_york.next_boundary(at("2025-02-09T07:30:00Z")),
        Ok(at("2025-03-09T07:30:00Z"))
    );
    let twice = monthly("2025-10-02T05:30:00Z", "America/New_York");
    assert_eq!(
        twice.next_boundary(at("2025-10-02T05:30:00Z")),
        Ok(at("2025-11-02T05:30:00Z"))
    );
    // Midnight does not exist on 7 September 2025 in Santiago: the chain goes on after the gap.
    let santiago = Schedule {
        period: BillingPeriod::Daily,
        ..monthly("2025-09-06T04:00:00Z", "America/Santiago")
    };
    assert_eq!(
        santiago.next_boundary(at("2025-09-06T04:00:00Z")),
        Ok(at("2025-09-07T04:00:00Z"))
    );
    assert_eq!(
        santiago.next_boundary(at("2025-09-07T04:00:00Z")),
        Ok(at("2025-09-08T03:00:00Z"))
    );
}

#[test]
fn the_previous_boundary_is_local() {
    let kolkata = monthly("2025-02-28T18:30:00Z", "Asia/Kolkata");
    assert_eq!(
        kolkata.previous_boundary(at("2025-02-28T18:30:00Z")),
        Ok(at("2025-01-31T18:30:00Z"))
    );
}

#[test]
fn starts_are_cut_to_the_millisecond() {
    let anchor = billing_anchor(
        BillingCycle::Anniversary,
        BillingPeriod::Monthly,
        at("2025-01-31T10:00:00.123999Z"),
        None,
        &TimeZone::UTC,
    );
    assert_eq!(anchor, Ok(at("2025-01-31T10:00:00.123Z")));
}

#[test]
fn customers_have_iana_zones_and_subscriptions_also_abbreviations() {
    for name in ["UTC", "Asia/Kolkata", "US/Pacific", "EST", "Etc/GMT+5"] {
        assert!(is_timezone_name(name), "{name}");
    }
    for name in [
        "",
        "Local",
        "local",
        "+05:30",
        "IST",
        "PST",
        "asia/kolkata",
        "Mars/Olympus",
    ] {
        assert!(!is_timezone_name(name), "{name}");
    }
    assert_eq!(zone("PST").iana_name(), Some("America/Los_Angeles"));
    assert_eq!(zone("Mars/Olympus").iana_name(), Some("UTC"));
    assert_eq!(zone("").iana_name(), Some("UTC"));
}

#[test]
fn windows_without_an_anchor_clip_to_short_months() {
    let end = advance(at("2025-01-31T00:00:00Z"), BillingPeriod::Monthly, 1, &TimeZone::UTC);
    assert_eq!(end, Ok(at("2025-02-28T00:00:00Z")));
}

#[test]
fn a_line_of_shorter_cadence_bills_each_of_its_periods() {
    let line = monthly("2025-01-01T00:00:00Z", "UTC");
    let year = Period::new(at("2025-01-01T00:00:00Z"), at("2026-01-01T00:00:00Z"));
    let billed = line_periods_for_invoice(&line, line.anchor, InvoiceCadence::Advance, year).unwrap();
    assert_eq!(billed.len(), 12);
}

#[test]
fn a_first_period_clipped_by_the_end_date_is_compared_with_the_whole_one() {
    let schedule = Schedule {
        end: Some(at("2025-04-21T00:00:00Z")),
        ..monthly("2025-05-01T00:00:00Z", "UTC")
    };
    let first = first_period_proration(
        &schedule,
        at("2025-04-15T00:00:00Z"),
        BillingCycle::Calendar,
        ProrationBehavior::CreateProrations,
        false,
    );
    // Six days less one second of thirty days less one second.
    let expected = decimal("518399").div(&decimal("2591999")).unwrap();
    assert_eq!(first.unwrap().unwrap().coefficient, expected);
}

#[test]
fn groups_of_a_windowed_maximum_are_costed_one_by_one() {
    let tiers = vec![
        Tier {
            up_to: Some(10),
            unit_amount: Decimal::one(),
            flat_amount: None,
        },
        Tier {
            up_to: None,
            unit_amount: decimal("2"),
            flat_amount: None,
        },
    ];
    let terms = WindowTerms {
        pricing: Pricing::Tiered {
            mode: TierMode::Slab,
            tiers: Tiers::new(tiers),
        },
        commitment: Some(Commitment {
            amount: decimal("12"),
            overage_factor: decimal("2"),
            true_up: true,
        }),
    };
    // 8 and 12 cost 8 and 14: together 22, ten beyond the commitment.
    assert_eq!(terms.charge(&decimals(&["8", "12"])).charge(), decimal("32"));
}

#[test]
fn a_time_bucket_may_wrap_midnight() {
    // Worked example 17 of spec 04 §5.
    let flat = |amount: &str| Pricing::FlatFee {
        amount: decimal(amount),
    };
    let terms = WindowedCommitment {
        line: WindowTerms {
            pricing: flat("3"),
            commitment: None,
        },
        time_buckets: vec![TimeBucket {
            start_minute: 22 * 60,
            end_minute: 6 * 60,
            terms: WindowTerms {
                pricing: flat("1"),
                commitment: Some(Commitment {
                    amount: decimal("4"),
                    overage_factor: decimal("2"),
                    true_up: true,
                }),
            },
        }],
    };
    let day = Period::new(at("2025-03-01T00:00:00Z"), at("2025-03-02T00:00:00Z"));
    let grid = window_grid(WindowSize::Hour, day, day.end, None).unwrap();
    let usage: Vec<UsageWindow> = [(5, "1"), (6, "1"), (21, "1"), (22, "9")]
        .iter()
        .map(|(hour, quantity)| UsageWindow {
            start: day.start + jiff::SignedDuration::from_hours(*hour),
            values: decimals(&[quantity]),
        })
        .collect();
    let charged = terms.charge(&usage, &grid).total;
    assert_eq!(
        [&charged.charge(), &charged.utilized, &charged.overage, &charged.true_up],
        [&decimal("48"), &decimal("11"), &decimal("10"), &decimal("27")]
    );
    assert!(terms.check_time_buckets(60).is_ok());
    assert!(terms.check_time_buckets(7).is_err());
}

#[test]
fn weeks_of_the_grid_start_on_sunday_and_months_reach_the_period() {
    let period = Period::new(at("2025-03-31T00:00:00Z"), at("2025-04-30T00:00:00Z"));
    let weeks = window_grid(WindowSize::Week, period, period.end, None).unwrap();
    assert_eq!(weeks.first(), Some(&at("2025-03-30T00:00:00Z")));
    let months = window_grid(WindowSize::Month, period, period.end, Some(at("2025-01-31T00:00:00Z"))).unwrap();
    assert_eq!(months, [at("2025-03-31T00:00:00Z")]);
}

#[test]
fn a_remainder_smaller_than_a_unit_serves_later_charges() {
    // Worked example 15 of spec 04 §5.
    let commitment = SubscriptionCommitment {
        amount: decimal("100"),
        overage_factor: decimal("2"),
        true_up: true,
    };
    let charge = |quantity: &str, unit: &str, amount: &str| UsageCharge {
        quantity: decimal(quantity),
        unit_amount: Some(decimal(unit)),
        amount: decimal(amount),
    };
    let split = commitment.split(&[charge("20", "7", "140"), charge("5", "1", "5")], &usd());
    let amounts: Vec<Decimal> = split.charges.iter().map(|part| part.amount.clone()).collect();
    assert_eq!(amounts, decimals(&["98", "84", "2", "6"]));
    assert_eq!((split.utilized, split.overage), (decimal("100"), decimal("90")));
    // An allowance of 10 units lowers the normal part of the first charge only, at its unit amount.
    let free = decimal("10");
    assert_eq!(split.charges[0].after_allowance(&free, &usd()), Some(decimal("28")));
    assert_eq!(split.charges[1].after_allowance(&free, &usd()), None);
}

#[test]
fn commitment_windows_follow_one_another() {
    let window = commitment_window(
        at("2024-01-31T00:00:00Z"),
        BillingPeriod::Annual,
        &TimeZone::UTC,
        at("2025-01-31T00:00:00Z"),
    );
    let second = Period::new(at("2025-01-31T00:00:00Z"), at("2026-01-31T00:00:00Z"));
    assert_eq!(window, Ok(Some(second)));
}

#[test]
fn returned_money_gains_its_value_whatever_the_price_of_credits() {
    let wallet = Wallet::open(WalletType::PrePaid, Decimal::one(), decimal("0.5")).unwrap();
    let mut ledger = Ledger {
        wallet,
        credits: Vec::new(),
    };
    let credit = NewCredit {
        id: "r".to_owned(),
        reason: TransactionReason::InvoiceVoidRefund,
        credits: Decimal::zero(),
        priority: None,
        expiry: None,
        created_at: Timestamp::UNIX_EPOCH,
    };
    let movement = ledger.add_returned(credit, &decimal("50")).unwrap();
    assert_eq!(
        (movement.credit_amount, movement.amount),
        (decimal("50"), decimal("50"))
    );
    assert_eq!(ledger.wallet.balance, decimal("50"));
}

#[test]
fn the_balance_is_what_is_left_of_the_credits() {
    // 0.70 / 20.48 = 0.0341796875: half a digit more than is kept (spec 06 §4.1).
    let rate = decimal("20.48");
    let wallet = Wallet::open(WalletType::PrePaid, rate.clone(), rate).unwrap();
    let credits = wallet.credits_bought_for(&decimal("0.7")).unwrap();
    let mut ledger = Ledger {
        wallet,
        credits: Vec::new(),
    };
    let bought = NewCredit {
        id: "c".to_owned(),
        reason: TransactionReason::PurchasedCreditDirect,
        credits,
        priority: None,
        expiry: None,
        created_at: Timestamp::UNIX_EPOCH,
    };
    ledger.add(bought).unwrap();
    assert_eq!(ledger.wallet.credit_balance, decimal("0.034179688"));
    let spent = DebitRequest {
        size: CreditSize::Value(decimal("0.7")),
        reason: TransactionReason::InvoicePayment,
        eligible_at: Timestamp::UNIX_EPOCH,
    };
    ledger.debit(&spent).unwrap();
    assert_eq!(ledger.credits[0].available, Decimal::zero());
    assert_eq!(
        (ledger.wallet.credit_balance, ledger.wallet.balance),
        (Decimal::zero(), Decimal::zero())
    );
}

#[test]
fn a_credit_after_an_overdraft_is_free_only_beyond_the_debt() {
    // Expired credit still counts in the balance until the sweep; it must not free the new credit (spec 06 Q5).
    let wallet = Wallet::open(WalletType::PrePaid, Decimal::one(), Decimal::one()).unwrap();
    let mut ledger = Ledger {
        wallet,
        credits: Vec::new(),
    };
    let credit = |id: &str, credits: &str, expiry: Option<Timestamp>| NewCredit {
        id: id.to_owned(),
        reason: TransactionReason::FreeCreditGrant,
        credits: decimal(credits),
        priority: None,
        expiry,
        created_at: Timestamp::UNIX_EPOCH,
    };
    ledger
        .add(credit("old", "50", Some(at("2025-06-05T00:00:00Z"))))
        .unwrap();
    let overdraft = DebitRequest {
        size: CreditSize::Credits(decimal("30")),
        reason: TransactionReason::ManualBalanceDebit,
        eligible_at: at("2025-06-05T01:00:00Z"),
    };
    ledger.debit(&overdraft).unwrap();
    ledger.add(credit("new", "40", None)).unwrap();
    assert_eq!(ledger.credits[1].available, decimal("10"));
    ledger.expire("old", at("2025-06-05T06:00:00Z")).unwrap();
    assert_eq!(ledger.wallet.credit_balance, decimal("10"));
}

#[test]
fn granted_credits_are_never_silently_unlimited() {
    let schedule = Schedule {
        end: Some(at("2025-03-01T00:00:00Z")),
        ..monthly("2025-01-01T00:00:00Z", "UTC")
    };
    let billing = BillingPeriods {
        current: Period::new(at("2025-02-01T00:00:00Z"), at("2025-03-01T00:00:00Z")),
        start: schedule.anchor,
        schedule,
    };
    let expiry = |start| granted_credit_expiry(GrantExpiry::BillingCycle, at(start), &billing);
    assert_eq!(expiry("2025-01-15T00:00:00Z"), Ok(Some(at("2025-02-01T00:00:00Z"))));
    assert!(expiry("2025-03-01T00:00:00Z").is_err());
    assert!(expiry("2024-12-01T00:00:00Z").is_err());
}

#[test]
fn a_purchase_paid_after_its_wallet_closed_keeps_its_value() {
    let open = |rate: &str| Ledger {
        wallet: Wallet::open(WalletType::PrePaid, decimal(rate), decimal(rate)).unwrap(),
        credits: Vec::new(),
    };
    let (mut closed, mut target) = (open("2"), open("0.5"));
    let purchase = NewCredit {
        id: "p".to_owned(),
        reason: TransactionReason::PurchasedCreditInvoiced,
        credits: decimal("10"),
        priority: None,
        expiry: None,
        created_at: Timestamp::UNIX_EPOCH,
    };
    closed.add_pending(purchase).unwrap();
    closed.close().unwrap();
    assert!(closed.complete("p").is_err());
    target.adopt_pending(&mut closed, "p").unwrap();
    assert!(target.complete("p").unwrap().is_some());
    assert_eq!(
        (&target.wallet.credit_balance, &target.wallet.balance),
        (&decimal("40"), &decimal("20"))
    );
    assert_eq!(available_credits(&target.credits).purchased, decimal("40"));
    assert!(closed.credits.is_empty());
    assert!(
        target.complete("p").unwrap().is_none(),
        "a second notice changes nothing"
    );
}

#[test]
fn analytics_compound_percentages_only() {
    let percentage = |text| Coupon::Percentage {
        percentage_off: decimal(text),
    };
    let fixed = Coupon::Fixed {
        amount_off: decimal("5"),
    };
    let coupons = [percentage("10"), fixed, percentage("50")];
    assert_eq!(analytics_discount(&decimal("100"), &coupons, &usd()), decimal("55"));
}
