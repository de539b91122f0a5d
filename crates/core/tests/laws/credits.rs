//! Laws of wallets (spec 06 §4.1-4.5).

use proptest::prelude::*;
use tariff_core::credits::{CreditSize, DebitRequest, Ledger, NewCredit, Wallet, eligible_credits};
use tariff_core::vocabulary::{TransactionReason, WalletType};
use tariff_core::{Decimal, Timestamp};

use crate::inputs::{config, decimal};

#[derive(Debug, Clone)]
enum Operation {
    TopUp {
        credits: Decimal,
        priority: Option<i64>,
        lasts_hours: Option<i64>,
    },
    Spend(Decimal),
    Overdraw(Decimal),
    Sweep,
}

fn operations(with_overdraft: bool) -> impl Strategy<Value = Vec<Operation>> {
    let top_up = (
        decimal(100, 9),
        prop::option::of(0_i64..3),
        prop::option::of(1_i64..100),
    )
        .prop_map(|(credits, priority, lasts_hours)| Operation::TopUp {
            credits,
            priority,
            lasts_hours,
        });
    let spend = decimal(60, 9).prop_map(Operation::Spend);
    let overdraw = decimal(60, 9).prop_map(move |credits| {
        if with_overdraft {
            Operation::Overdraw(credits)
        } else {
            Operation::Spend(credits)
        }
    });
    prop::collection::vec(
        prop_oneof![4 => top_up, 4 => spend, 1 => overdraw, 1 => Just(Operation::Sweep)],
        1..20,
    )
}

/// Runs the operations one per ten hours; returns the ledger with the sums of credits that came and went.
fn play(operations: &[Operation]) -> (Ledger, Decimal, Decimal) {
    let wallet = Wallet::open(WalletType::PrePaid, Decimal::one(), Decimal::one()).unwrap();
    let mut ledger = Ledger {
        wallet,
        credits: Vec::new(),
    };
    let (mut came, mut went) = (Decimal::zero(), Decimal::zero());
    for (index, operation) in operations.iter().enumerate() {
        let hour = i64::try_from(index).unwrap() * 10;
        let now = Timestamp::from_second(hour * 3_600).unwrap();
        let spend = |size: &Decimal, reason| DebitRequest {
            size: CreditSize::Credits(size.clone()),
            reason,
            eligible_at: now,
        };
        let debits = match operation {
            Operation::TopUp {
                credits,
                priority,
                lasts_hours,
            } => {
                let new = NewCredit {
                    id: format!("c{index}"),
                    reason: TransactionReason::FreeCreditGrant,
                    credits: credits.clone(),
                    priority: *priority,
                    expiry: lasts_hours.map(|hours| Timestamp::from_second((hour + hours) * 3_600).unwrap()),
                    created_at: now,
                };
                if let Ok(movement) = ledger.add(new) {
                    came += &movement.credit_amount;
                }
                Vec::new()
            }
            Operation::Spend(size) => {
                let before = ledger.clone();
                let outcome = ledger.debit(&spend(size, TransactionReason::InvoicePayment));
                if outcome.is_err() {
                    assert_eq!(ledger, before, "a refused debit changes nothing");
                }
                Vec::from_iter(outcome)
            }
            Operation::Overdraw(size) => {
                Vec::from_iter(ledger.debit(&spend(size, TransactionReason::ManualBalanceDebit)))
            }
            Operation::Sweep => {
                let ids: Vec<String> = ledger.credits.iter().map(|credit| credit.id.clone()).collect();
                ids.iter().filter_map(|id| ledger.expire(id, now).unwrap()).collect()
            }
        };
        for debit in debits {
            went += &debit.movement.credit_amount;
        }
    }
    (ledger, came, went)
}

fn available(ledger: &Ledger) -> Decimal {
    ledger.credits.iter().map(|credit| &credit.available).sum()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn credits_are_conserved_and_never_negative(operations in operations(false)) {
        let (ledger, came, went) = play(&operations);
        prop_assert_eq!(&ledger.wallet.credit_balance, &(came - went));
        prop_assert!(!ledger.wallet.credit_balance.is_negative());
        prop_assert_eq!(available(&ledger), ledger.wallet.credit_balance.clone());
        prop_assert!(ledger.credits.iter().all(|credit| !credit.available.is_negative() && credit.available <= credit.credit_amount));
    }

    #[test]
    fn an_overdraft_is_repaid_before_anything_can_be_spent(operations in operations(true)) {
        let (ledger, came, went) = play(&operations);
        prop_assert_eq!(&ledger.wallet.credit_balance, &(came - went));
        prop_assert!(ledger.credits.iter().all(|credit| !credit.available.is_negative()));
        // Expired credits that wait for the sweep may be counted while there is debt.
        let never_expiring = Timestamp::from_second(0).unwrap();
        prop_assert!(eligible_credits(&ledger.credits, never_expiring) >= Decimal::zero());
        if operations.iter().all(|operation| !matches!(operation, Operation::TopUp { lasts_hours: Some(_), .. })) {
            prop_assert_eq!(available(&ledger), ledger.wallet.credit_balance.clone().floor_at_zero());
        }
    }

    #[test]
    fn what_was_bought_can_be_spent_at_any_rate(amount in decimal(10_000, 2), rate in decimal(50, 5)) {
        prop_assume!(rate.is_positive() && amount.is_positive());
        let wallet = Wallet::open(WalletType::PrePaid, rate.clone(), rate).unwrap();
        let mut ledger = Ledger { credits: Vec::new(), wallet };
        let credits = ledger.wallet.credits_bought_for(&amount).unwrap();
        prop_assume!(credits.round(9).is_positive());
        let now = Timestamp::UNIX_EPOCH;
        ledger.add(NewCredit {
            id: "c".to_owned(), reason: TransactionReason::PurchasedCreditDirect, credits, priority: None, expiry: None, created_at: now,
        }).unwrap();
        let request = DebitRequest { size: CreditSize::Value(amount), reason: TransactionReason::InvoicePayment, eligible_at: now };
        prop_assert!(ledger.debit(&request).is_ok());
        prop_assert!(ledger.wallet.credit_balance.is_zero() && ledger.wallet.balance.is_zero());
    }
}
