//! Rules that the chapters give as tables: states, settings, eligibility and the order of a line's steps.

#![allow(clippy::unwrap_used)]

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use tariff_core::alert::{AlertSettings, AlertThreshold, LoggedState, should_log, webhook_event};
use tariff_core::charge::{Allowance, LineUsage, fixed_line_amount, usage_line_charge};
use tariff_core::commitment::{Commitment, CommitmentTerms};
use tariff_core::credits::{
    AutoTopUp, Bonus, BonusSlab, BonusSlabs, CreditLife, LastAutoTopUp, add_life, deferral_minutes,
};
use tariff_core::discount::Coupon;
use tariff_core::discount::eligibility::CouponTerms;
use tariff_core::entitlement::AllowanceUsage;
use tariff_core::invoice::{InvoiceNumbering, NumberFormat, computed_status, due_date, finalized_payment_status};
use tariff_core::payment::payment_may_become;
use tariff_core::tax::TaxRate;
use tariff_core::vocabulary::{
    AlertCondition, AlertState, AlertType, BillingPeriod, BillingReason, CollectionMethod, CommitmentType,
    CouponCadence, CouponType, CreditGrantExpiryDurationUnit, InvoiceStatus, InvoiceType, PaymentStatus, PaymentTerms,
    Status,
};
use tariff_core::{BillingError, Currency, Decimal, ErrorKind, Pricing, Timestamp};

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn usd() -> Currency {
    Currency::parse("usd").unwrap()
}

#[test]
fn payments_change_as_the_table_says() {
    use PaymentStatus::{
        Failed, Initiated, Overpaid, PartiallyRefunded, Pending, Processing, Refunded, Succeeded, Voided,
    };
    let allowed: &[(PaymentStatus, &[PaymentStatus])] = &[
        (Initiated, &[Pending, Processing, Succeeded, Overpaid, Failed]),
        (Pending, &[Processing, Succeeded, Overpaid, Failed]),
        (Processing, &[Succeeded, Overpaid, Failed]),
        (Succeeded, &[Overpaid, Refunded, PartiallyRefunded, Voided]),
        (Overpaid, &[Refunded, PartiallyRefunded]),
        (PartiallyRefunded, &[Refunded]),
        (Failed, &[]),
        (Refunded, &[]),
        (Voided, &[]),
    ];
    for (from, targets) in allowed {
        for to in PaymentStatus::ALL {
            let expected = from == to || targets.contains(to);
            assert_eq!(payment_may_become(*from, *to), expected, "{from} to {to}");
        }
    }
}

#[test]
fn invoices_are_skipped_and_settled_by_their_value() {
    use BillingReason::{Manual, SubscriptionCycle, SubscriptionTrialStart};
    let zero = Decimal::zero();
    for (kind, reason, subtotal, status) in [
        (
            InvoiceType::Subscription,
            SubscriptionCycle,
            &zero,
            InvoiceStatus::Skipped,
        ),
        (
            InvoiceType::Subscription,
            SubscriptionCycle,
            &Decimal::one(),
            InvoiceStatus::Draft,
        ),
        (
            InvoiceType::Subscription,
            SubscriptionTrialStart,
            &zero,
            InvoiceStatus::Draft,
        ),
        (InvoiceType::OneOff, Manual, &zero, InvoiceStatus::Draft),
    ] {
        assert_eq!(computed_status(kind, reason, subtotal), status);
    }
    use CollectionMethod::{ChargeAutomatically, SendInvoice};
    for (total, reason, method, status) in [
        (&zero, SubscriptionCycle, SendInvoice, PaymentStatus::Succeeded),
        (
            &Decimal::one(),
            SubscriptionCycle,
            ChargeAutomatically,
            PaymentStatus::Pending,
        ),
        (
            &zero,
            SubscriptionTrialStart,
            ChargeAutomatically,
            PaymentStatus::Succeeded,
        ),
        (&zero, SubscriptionTrialStart, SendInvoice, PaymentStatus::Pending),
    ] {
        assert_eq!(finalized_payment_status(total, reason, method), status);
    }
}

#[test]
fn numbers_follow_their_format() {
    let finalized_at = at("2025-03-07T23:00:00Z");
    for (format, number) in [
        (NumberFormat::YearMonth, "R/202503/007"),
        (NumberFormat::YearMonthDay, "R/20250308/007"),
        (NumberFormat::ShortYearMonthDay, "R/250308/007"),
        (NumberFormat::ShortYear, "R/25/007"),
        (NumberFormat::Year, "R/2025/007"),
    ] {
        // In Tokyo the eighth has begun.
        let numbering = InvoiceNumbering {
            prefix: "R".to_owned(),
            separator: "/".to_owned(),
            format,
            zone: TimeZone::get("Asia/Tokyo").unwrap(),
            start_sequence: 7,
            suffix_length: 3,
        };
        assert_eq!(
            numbering.number(finalized_at, numbering.next_sequence(None).unwrap()),
            number
        );
        assert_eq!(
            numbering.number(finalized_at, 12_345).split('/').next_back(),
            Some("12345")
        );
        assert!(numbering.next_sequence(Some(i64::MAX)).is_err());
    }
}

#[test]
fn payment_terms_are_days_after_the_period() {
    for (terms, days) in [
        (Some(PaymentTerms::Net15), 15),
        (Some(PaymentTerms::Net30), 30),
        (Some(PaymentTerms::Net45), 45),
        (Some(PaymentTerms::Net60), 60),
        (Some(PaymentTerms::Net75), 75),
        (Some(PaymentTerms::Net90), 90),
        (None, 3),
    ] {
        let end = at("2025-02-01T00:00:00Z");
        assert_eq!(due_date(end, terms, 3), Ok(end + SignedDuration::from_hours(24 * days)));
    }
}

fn terms(coupon_type: CouponType, cadence: CouponCadence) -> CouponTerms {
    CouponTerms {
        status: Status::Published,
        coupon_type,
        currency: Some(Currency::parse("eur").unwrap()),
        redeem_after: Some(at("2025-01-01T00:00:00Z")),
        redeem_before: Some(at("2025-02-01T00:00:00Z")),
        max_redemptions: Some(1),
        total_redemptions: 0,
        cadence,
        duration_in_periods: Some(3),
    }
}

#[test]
fn coupons_are_redeemed_inside_their_limits() {
    let percentage = terms(CouponType::Percentage, CouponCadence::Forever);
    let inside = at("2025-01-15T00:00:00Z");
    assert_eq!(percentage.check_redemption(inside, &usd()), Ok(()));
    assert_eq!(percentage.check_redemption(at("2025-02-01T00:00:00Z"), &usd()), Ok(()));
    let refused = [
        (percentage.clone(), at("2025-02-01T00:00:01Z")),
        (percentage.clone(), at("2024-12-31T00:00:00Z")),
        (terms(CouponType::Fixed, CouponCadence::Forever), inside),
        (
            CouponTerms {
                total_redemptions: 1,
                ..percentage.clone()
            },
            inside,
        ),
        (
            CouponTerms {
                status: Status::Archived,
                ..percentage.clone()
            },
            inside,
        ),
        (
            CouponTerms {
                duration_in_periods: None,
                ..terms(CouponType::Percentage, CouponCadence::Repeated)
            },
            inside,
        ),
    ];
    for (terms, now) in refused {
        assert!(terms.check_redemption(now, &usd()).is_err(), "{terms:?}");
    }
    // A redeemed coupon runs on although its window is over and its limit reached.
    let used_up = CouponTerms {
        total_redemptions: 1,
        ..percentage
    };
    assert_eq!(used_up.check_running(&usd()), Ok(()));
}

#[test]
fn cadences_end_where_they_say() {
    let start = at("2025-01-31T00:00:00Z");
    let end = |cadence| {
        let terms = terms(CouponType::Percentage, cadence);
        terms
            .association_end(start, BillingPeriod::Monthly, 1, &TimeZone::UTC)
            .unwrap()
    };
    assert_eq!(end(CouponCadence::Repeated), Some(at("2025-04-29T23:59:59Z")));
    assert_eq!(end(CouponCadence::Forever), None);
    assert!(terms(CouponType::Fixed, CouponCadence::Once).applies_after(0));
    assert!(!terms(CouponType::Fixed, CouponCadence::Once).applies_after(1));
    assert!(terms(CouponType::Fixed, CouponCadence::Repeated).applies_after(2));
    assert!(!terms(CouponType::Fixed, CouponCadence::Repeated).applies_after(3));
    assert!(terms(CouponType::Fixed, CouponCadence::Forever).applies_after(99));
}

#[test]
fn coupons_and_rates_have_bounds() {
    let percentage = |text| Coupon::Percentage {
        percentage_off: decimal(text),
    };
    assert!(percentage("100").check().is_ok() && percentage("100.01").check().is_err());
    assert!(percentage("0").check().is_err());
    assert!(
        Coupon::Fixed {
            amount_off: decimal("-1")
        }
        .check()
        .is_err()
    );
    assert!(TaxRate::Percentage(decimal("0")).check().is_ok());
    assert!(TaxRate::Percentage(decimal("101")).check().is_err());
    assert!(TaxRate::Fixed(decimal("1000")).check().is_ok() && TaxRate::Fixed(decimal("-1")).check().is_err());
}

#[test]
fn commitments_are_given_once_and_match_their_type() {
    let read = |kind, amount: Option<&str>, quantity: Option<&str>, factor: Option<&str>| {
        CommitmentTerms::from_fields(
            kind,
            amount.map(decimal),
            quantity.map(decimal),
            factor.map(decimal),
            true,
        )
    };
    assert_eq!(read(None, None, None, Some("2")), Ok(None));
    assert!(read(None, Some("10"), None, Some("1")).unwrap().is_some());
    assert!(
        read(Some(CommitmentType::Quantity), None, Some("10"), Some("1.5"))
            .unwrap()
            .is_some()
    );
    for (kind, amount, quantity, factor) in [
        (None, Some("10"), Some("10"), Some("2")),
        (Some(CommitmentType::Quantity), Some("10"), None, Some("2")),
        (Some(CommitmentType::Amount), None, None, Some("2")),
        (None, Some("10"), None, None),
        (None, Some("-10"), None, Some("2")),
    ] {
        assert!(read(kind, amount, quantity, factor).is_err());
    }
}

fn level(threshold: &str, condition: AlertCondition) -> Option<AlertThreshold> {
    Some(AlertThreshold {
        threshold: decimal(threshold),
        condition,
    })
}

#[test]
fn alert_levels_are_in_order() {
    use AlertCondition::{Above, Below};
    let settings = |critical, warning, info| AlertSettings {
        critical,
        warning,
        info,
        alert_enabled: true,
    };
    for (sound, settings) in [
        (
            true,
            settings(level("10", Below), level("10", Below), level("20", Below)),
        ),
        (true, settings(None, None, level("20", Below))),
        (false, settings(level("10", Below), level("5", Below), None)),
        (false, settings(level("10", Above), level("20", Above), None)),
        (false, settings(level("10", Above), level("5", Below), None)),
        (false, settings(None, level("5", Below), None)),
        (false, settings(None, None, None)),
    ] {
        assert_eq!(settings.check().is_ok(), sound, "{settings:?}");
    }
    assert_eq!(AlertSettings::default().state_of(&decimal("-1")), AlertState::Ok);
}

#[test]
fn alerts_announce_changes_of_state() {
    let logged = |state| {
        Some(LoggedState {
            state,
            created_at: at("2025-01-10T00:00:00Z"),
        })
    };
    assert!(!should_log(None, AlertState::Ok, None));
    assert!(should_log(logged(AlertState::Warning), AlertState::InAlarm, None));
    assert!(!should_log(logged(AlertState::InAlarm), AlertState::InAlarm, None));
    assert!(should_log(
        logged(AlertState::InAlarm),
        AlertState::InAlarm,
        Some(at("2025-02-01T00:00:00Z"))
    ));
    let event = webhook_event;
    assert_eq!(
        event(AlertType::LowCreditBalance, AlertState::InAlarm),
        Some("wallet.credit_balance.dropped")
    );
    assert_eq!(
        event(AlertType::LowCreditBalance, AlertState::Ok),
        Some("wallet.credit_balance.recovered")
    );
    assert_eq!(event(AlertType::LowCreditBalance, AlertState::Info), None);
    assert_eq!(
        event(AlertType::FeatureWalletBalance, AlertState::Info),
        Some("feature.wallet_balance.alert")
    );
    assert_eq!(
        event(AlertType::SubscriptionGroupSpend, AlertState::Ok),
        Some("subscription.group_spend.threshold_recovered")
    );
    assert_eq!(
        event(AlertType::EntitlementGrantExhausted, AlertState::InAlarm),
        Some("entitlement.grant.exhausted")
    );
    assert_eq!(event(AlertType::EntitlementGrantThreshold, AlertState::InAlarm), None);
}

#[test]
fn lives_of_credits_overflow_short_months() {
    let life = |count, unit| add_life(at("2024-01-31T08:00:00Z"), CreditLife { count, unit }).unwrap();
    assert_eq!(life(2, CreditGrantExpiryDurationUnit::Day), at("2024-02-02T08:00:00Z"));
    assert_eq!(life(1, CreditGrantExpiryDurationUnit::Week), at("2024-02-07T08:00:00Z"));
    assert_eq!(
        life(1, CreditGrantExpiryDurationUnit::Month),
        at("2024-03-02T08:00:00Z")
    );
    assert_eq!(life(1, CreditGrantExpiryDurationUnit::Year), at("2025-01-31T08:00:00Z"));
    let endless = CreditLife {
        count: i64::MAX,
        unit: CreditGrantExpiryDurationUnit::Year,
    };
    assert!(add_life(at("2024-01-31T08:00:00Z"), endless).is_err());
}

#[test]
fn deferrals_double_up_to_eight_hours() {
    let minutes: Vec<i64> = (0..7).map(deferral_minutes).collect();
    assert_eq!(minutes, [30, 60, 120, 240, 480, 480, 480]);
}

#[test]
fn bonus_slabs_descend() {
    let slab = |threshold: &str, bonus| BonusSlab {
        threshold: decimal(threshold),
        bonus,
        life: None,
    };
    let flat = |text| Bonus::Flat(decimal(text));
    assert!(BonusSlabs::new(vec![slab("100", flat("1")), slab("100", flat("2"))]).is_err());
    let slabs = BonusSlabs::new(vec![
        slab("100", Bonus::Percentage(decimal("0"))),
        slab("10", flat("1")),
    ])
    .unwrap();
    assert_eq!(slabs.bonus_for(&decimal("50")), Some((decimal("1"), None)));
    assert_eq!(slabs.bonus_for(&decimal("100")), None);
    assert_eq!(slabs.bonus_for(&decimal("9.9")), None);
}

#[test]
fn automatic_top_ups_wait_for_payment_and_cooldown() {
    let top_up = AutoTopUp {
        enabled: true,
        threshold: decimal("50"),
        amount: decimal("10"),
        invoicing: true,
        cooldown: Some(SignedDuration::from_hours(1)),
    };
    let now = at("2025-06-01T12:00:00Z");
    let last = |created_at: &str, is_pending| {
        Some(LastAutoTopUp {
            created_at: at(created_at),
            is_pending,
        })
    };
    let low = decimal("50");
    assert!(top_up.is_due(&low, now, None, false));
    assert!(!top_up.is_due(&decimal("50.1"), now, None, false));
    assert!(!top_up.is_due(&low, now, None, true));
    assert!(!top_up.is_due(&low, now, last("2025-06-01T11:30:00Z", false), false));
    assert!(top_up.is_due(&low, now, last("2025-06-01T11:00:00Z", false), false));
    assert!(!top_up.is_due(&low, now, last("2025-05-01T11:00:00Z", true), false));
    assert!(
        !AutoTopUp {
            enabled: false,
            ..top_up.clone()
        }
        .is_due(&low, now, None, false)
    );
    assert!(
        AutoTopUp {
            amount: Decimal::zero(),
            ..top_up
        }
        .check()
        .is_err()
    );
}

#[test]
fn a_line_takes_its_steps_in_order() {
    let pricing = Pricing::FlatFee { amount: decimal("1") };
    let usage = |text| LineUsage::Quantity(AllowanceUsage::Total(decimal(text)));
    let commitment = Commitment {
        amount: decimal("100"),
        overage_factor: decimal("1.5"),
        true_up: true,
    };
    // Worked example 13 of spec 03 §6, with 10 free units before the commitment.
    let free = Allowance::UpTo(decimal("10"));
    let charge = usage_line_charge(&pricing, &free, &usage("150"), Some(&commitment), &usd());
    assert_eq!((charge.usage_amount, charge.amount), (decimal("140"), decimal("160")));
    assert_eq!(charge.quantity.covered_quantity, decimal("10"));
    let unlimited = usage_line_charge(&pricing, &Allowance::Unlimited, &usage("150"), None, &usd());
    assert_eq!(
        (unlimited.amount, unlimited.quantity.covered_quantity),
        (Decimal::zero(), decimal("150"))
    );
    let buckets = LineUsage::Buckets(vec![decimal("9"), decimal("15")]);
    let plain = usage_line_charge(&pricing, &Allowance::None, &buckets, None, &usd());
    assert_eq!(
        (plain.amount, plain.quantity.billable_quantity),
        (decimal("24"), decimal("24"))
    );
    assert_eq!(
        fixed_line_amount(&pricing, &decimal("3"), &decimal("0.33333"), &usd()),
        Decimal::one()
    );
}

#[test]
fn refusals_have_the_contracts_class() {
    for (error, kind, code) in [
        (
            BillingError::InvalidPeriodCount,
            ErrorKind::Validation,
            "validation_error",
        ),
        (
            BillingError::OutOfRange("amount"),
            ErrorKind::Validation,
            "validation_error",
        ),
        (
            BillingError::NotAllowed("closed"),
            ErrorKind::InvalidOperation,
            "invalid_operation",
        ),
        (
            BillingError::AlreadyDone("key"),
            ErrorKind::AlreadyExists,
            "already_exists",
        ),
    ] {
        assert_eq!((error.kind(), error.kind().code()), (kind, code));
    }
}
