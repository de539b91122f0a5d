//! Laws of proration (spec 04 §4.9).

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use tariff_core::proration::{
    Billed, LineChange, Netting, ProrationAction, adjust_opening_invoice, day_based, elapsed_ratio, line_window,
    prorate_line, second_based, settle,
};
use tariff_core::vocabulary::InvoiceCadence;
use tariff_core::{Decimal, Period, Timestamp};

use crate::inputs::{config, currency, instant, money};

/// A period of at least two seconds and at most about three years, with an instant inside.
fn period_and_instant() -> impl Strategy<Value = (Period, Timestamp)> {
    (instant(), 2_i64..100_000_000).prop_flat_map(|(start, seconds)| {
        (0..seconds).prop_map(move |offset| {
            let after = |seconds| start.checked_add(SignedDuration::from_secs(seconds)).unwrap();
            (Period::new(start, after(seconds)), after(offset))
        })
    })
}

fn change(action: ProrationAction, old_cost: &Decimal, new_cost: &Decimal) -> LineChange {
    LineChange {
        action,
        invoice_cadence: InvoiceCadence::Advance,
        old_cost: old_cost.clone(),
        new_cost: new_cost.clone(),
        billed: None,
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_unchanged_plan_moves_no_money((period, at) in period_and_instant(), cost in money(), currency in currency()) {
        let coefficient = second_based(period, at).unwrap();
        for action in [ProrationAction::Upgrade, ProrationAction::Downgrade, ProrationAction::QuantityChange] {
            prop_assert!(prorate_line(&change(action, &cost, &cost), &coefficient, &currency).net.is_zero());
        }
        let removed = prorate_line(&change(ProrationAction::RemoveItem, &cost, &Decimal::zero()), &coefficient, &currency);
        let added = prorate_line(&change(ProrationAction::AddItem, &Decimal::zero(), &cost), &coefficient, &currency);
        let settlement = settle([&removed, &added], Netting::Net);
        prop_assert!(settlement.invoice_total.is_zero() && settlement.wallet_credit.is_zero());
    }

    #[test]
    fn credit_and_used_part_make_the_full_price((period, at) in period_and_instant(), cost in money(), currency in currency()) {
        let coefficient = second_based(period, at).unwrap();
        let removed = prorate_line(&change(ProrationAction::RemoveItem, &cost, &Decimal::zero()), &coefficient, &currency);
        let used = currency.round(&(&cost * &(&Decimal::one() - &coefficient)));
        let difference = (&(&used - &removed.credit) - &currency.round(&cost)).abs();
        // Each of the three amounts is off by at most half a unit.
        prop_assert!(difference <= Decimal::new(1, currency.digits()));
    }

    #[test]
    fn coefficients_lie_between_zero_and_one_and_fall_with_time((period, at) in period_and_instant(), later in 0_i64..1_000_000) {
        let later = at.checked_add(SignedDuration::from_secs(later)).unwrap();
        let zone = TimeZone::UTC;
        let pairs = [
            (second_based(period, at).unwrap(), second_based(period, later).unwrap()),
            (elapsed_ratio(period, at).unwrap(), elapsed_ratio(period, later).unwrap()),
            (day_based(period, at, &zone).unwrap(), day_based(period, later, &zone).unwrap()),
        ];
        for (now, then) in pairs {
            prop_assert!(!then.is_negative() && then <= now && now <= Decimal::one());
        }
        prop_assert_eq!(second_based(period, period.start).unwrap(), Decimal::one());
        prop_assert!(second_based(period, period.end).unwrap().is_zero());
    }

    #[test]
    fn credits_never_exceed_what_was_billed_and_not_credited(
        (period, at) in period_and_instant(), cost in money(), billed in money(), credited in money(), currency in currency(),
    ) {
        let coefficient = second_based(period, at).unwrap();
        let billed = Billed { billed: currency.round(&billed), credited: currency.round(&credited) };
        let left = (&billed.billed - &billed.credited).floor_at_zero();
        let removal = LineChange { billed: Some(billed), ..change(ProrationAction::RemoveItem, &cost, &Decimal::zero()) };
        let credit = -prorate_line(&removal, &coefficient, &currency).credit;
        prop_assert!(!credit.is_negative() && credit <= left);
    }

    #[test]
    fn consecutive_lines_share_a_window_without_rest((window, at) in period_and_instant(), cost in money()) {
        let before = line_window(window, window.start, Some(at));
        let after = line_window(window, at, None).unwrap();
        let ratio = before.map_or_else(Decimal::zero, |part| part.ratio) + &after.ratio;
        // Both ratios are rounded at the 16th digit.
        let off = (&(&ratio * &cost) - &cost).abs();
        prop_assert!(off <= &cost * &Decimal::new(1, 16));
    }

    #[test]
    fn an_opening_credit_is_used_or_left_over(credit in money(), amounts in prop::collection::vec(money(), 0..6)) {
        let adjusted = adjust_opening_invoice(&credit, &amounts);
        prop_assert_eq!(&(&adjusted.applied + &adjusted.unapplied), &credit);
        prop_assert!(adjusted.amounts.iter().all(|amount| !amount.is_negative()));
        let lowered: Decimal = amounts.iter().sum::<Decimal>() - adjusted.amounts.iter().sum::<Decimal>();
        prop_assert_eq!(lowered, adjusted.applied);
    }
}
