//! Laws of collection (spec 05 §5.17) and of credit notes (spec 05 §5.18).

use proptest::prelude::*;
use tariff_core::credit_note::{self, NoteLine};
use tariff_core::invoice::InvoiceMoney;
use tariff_core::payment::{PostpaidWallet, SplitLine, post_paid, split_payment};
use tariff_core::vocabulary::{
    CreditNoteStatus, CreditNoteType, InvoiceStatus, PaymentStatus, PriceType, WalletConfigPriceType, WalletStatus,
    WalletType,
};
use tariff_core::{Currency, Decimal};

use crate::inputs::{config, money};

fn unpaid(total: &Decimal) -> InvoiceMoney {
    InvoiceMoney {
        invoice_status: InvoiceStatus::Finalized,
        payment_status: PaymentStatus::Pending,
        total: total.clone(),
        amount_due: total.clone(),
        amount_paid: Decimal::zero(),
        amount_remaining: total.clone(),
        adjustment_amount: Decimal::zero(),
        refunded_amount: Decimal::zero(),
        total_prepaid_credits_applied: Decimal::zero(),
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn wallets_and_card_pay_exactly_what_remains(
        usage in money(), fixed in money(), remaining in money(),
        wallets in prop::collection::vec((money(), prop::sample::subsequence(WalletConfigPriceType::ALL.to_vec(), 0..=3)), 0..5),
    ) {
        let currency = Currency::parse("usd").unwrap();
        let lines = [
            SplitLine { price_type: PriceType::Usage, amount: currency.round(&usage) },
            SplitLine { price_type: PriceType::Fixed, amount: currency.round(&fixed) },
        ];
        let wallets: Vec<PostpaidWallet> = wallets.into_iter().map(|(balance, allowed_price_types)| PostpaidWallet {
            wallet_type: WalletType::PostPaid,
            status: WalletStatus::Active,
            currency: currency.clone(),
            balance,
            allowed_price_types,
        }).collect();
        let remaining = currency.round(&remaining);
        let split = split_payment(&lines, &remaining, &wallets, &currency);
        prop_assert_eq!(&split.wallet_amount + &split.card_amount, remaining);
        prop_assert_eq!(split.per_wallet.iter().sum::<Decimal>(), split.wallet_amount);
        prop_assert!(!split.card_amount.is_negative());
        for (paid, wallet) in split.per_wallet.iter().zip(&wallets) {
            prop_assert!(paid <= &wallet.balance);
            match wallet.allowed_price_types.as_slice() {
                [WalletConfigPriceType::Usage] => prop_assert!(*paid <= lines[0].amount),
                [WalletConfigPriceType::Fixed] => prop_assert!(*paid <= lines[1].amount),
                _ => {}
            }
        }
    }

    #[test]
    fn an_adjustment_and_its_void_leave_the_invoice_as_it_was(paid in money(), rest in money(), note in money()) {
        let total = &(&paid + &rest) + &Decimal::new(1, 4);
        let note = note + Decimal::new(1, 4);
        let before = post_paid(&unpaid(&total), paid);
        let limit = credit_note::creditable(CreditNoteType::Adjustment, &before);
        let line = NoteLine { amount: note.clone(), invoice_line_amount: note.clone(), already_credited: Decimal::zero() };
        let created = credit_note::create(&before, &[line]);
        prop_assert_eq!(created.is_ok(), note <= limit);
        if created.is_ok() {
            let kind = CreditNoteType::Adjustment;
            let after = credit_note::finalize(&before, CreditNoteStatus::Draft, kind, &note).unwrap().money;
            prop_assert_eq!(&after.amount_paid + &after.amount_remaining, after.amount_due.clone());
            let restored = credit_note::void(&after, CreditNoteStatus::Finalized, kind, &Decimal::zero()).unwrap();
            prop_assert_eq!(restored, before);
        }
    }

    #[test]
    fn a_void_returns_what_came_in(total in money(), paid in money(), credits in money()) {
        let mut money = post_paid(&unpaid(&total), paid.clone());
        money.total_prepaid_credits_applied = credits.clone();
        let void = money.void().unwrap();
        prop_assert_eq!(void.wallet_top_up.unwrap_or_default(), paid + credits);
        prop_assert!(void.money.void().is_err());
    }
}
