//! Laws of invoice totals (spec 05 §5.8).

use proptest::prelude::*;
use tariff_core::discount::Coupon;
use tariff_core::invoice::{
    ComputedInvoice, ComputedLine, FinalTotals, InvoiceCalculation, InvoiceStage, InvoiceTotals, LineAmount,
    LineTotals, PrepaidWallet,
};
use tariff_core::tax::TaxRate;
use tariff_core::vocabulary::{BillingReason, PriceType, WalletStatus, WalletType};
use tariff_core::{Currency, Decimal};

use crate::inputs::{config, coupon, currency, decimal, money, tax_rate};

/// An invoice's inputs.
#[derive(Debug, Clone)]
pub struct Invoice {
    pub currency: Currency,
    pub lines: Vec<LineAmount>,
    pub line_coupons: Vec<(usize, Coupon)>,
    pub invoice_coupons: Vec<Coupon>,
    pub balances: Vec<Decimal>,
    pub tax_rates: Vec<TaxRate>,
}

impl Invoice {
    fn wallets(&self) -> Vec<PrepaidWallet> {
        let wallet = |balance: &Decimal| PrepaidWallet {
            wallet_type: WalletType::PrePaid,
            status: WalletStatus::Active,
            currency: self.currency.clone(),
            spendable: balance.clone(),
        };
        self.balances.iter().map(wallet).collect()
    }

    /// As it is finalized after it was computed.
    fn finalized(&self) -> FinalTotals {
        let computed = self.totals(InvoiceStage::DraftComputed).lines;
        let line = |(given, line): (&LineAmount, LineTotals)| ComputedLine {
            price_type: given.price_type,
            amount: line.amount,
            line_item_discount: line.line_item_discount,
            invoice_level_discount: line.invoice_level_discount,
        };
        let lines: Vec<ComputedLine> = self.lines.iter().zip(computed).map(line).collect();
        ComputedInvoice {
            currency: &self.currency,
            reason: BillingReason::SubscriptionCycle,
            lines: &lines,
            wallets: &self.wallets(),
            tax_rates: &self.tax_rates,
        }
        .finalize()
    }

    pub fn totals(&self, stage: InvoiceStage) -> InvoiceTotals {
        let wallets = self.wallets();
        InvoiceCalculation {
            currency: &self.currency,
            stage,
            reason: BillingReason::SubscriptionCycle,
            lines: &self.lines,
            line_coupons: &self.line_coupons,
            invoice_coupons: &self.invoice_coupons,
            wallets: &wallets,
            tax_rates: &self.tax_rates,
        }
        .totals()
    }
}

pub fn invoice() -> impl Strategy<Value = Invoice> {
    let line = (any::<bool>(), money()).prop_map(|(is_usage, amount)| LineAmount {
        price_type: if is_usage { PriceType::Usage } else { PriceType::Fixed },
        amount,
    });
    (
        currency(),
        prop::collection::vec(line, 1..8),
        prop::collection::vec((0_usize..8, coupon()), 0..3),
        prop::collection::vec(coupon(), 0..3),
        prop::collection::vec(decimal(5_000, 9), 0..4),
        prop::collection::vec(tax_rate(), 0..3),
    )
        .prop_map(
            |(currency, lines, line_coupons, invoice_coupons, balances, tax_rates)| Invoice {
                currency,
                lines,
                line_coupons,
                invoice_coupons,
                balances,
                tax_rates,
            },
        )
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_total_is_lines_less_discounts_and_credits_plus_tax(invoice in invoice()) {
        let totals = invoice.totals(InvoiceStage::Finalized);
        let lines: Decimal = totals.lines.iter().map(|line| &line.amount).sum();
        let discounts: Decimal = totals.lines.iter().map(|line| &line.line_item_discount + &line.invoice_level_discount).sum();
        let credits: Decimal = totals.lines.iter().map(|line| &line.prepaid_credits_applied).sum();
        let tax: Decimal = totals.taxes.amounts.iter().sum();
        prop_assert_eq!(&totals.subtotal, &lines);
        prop_assert_eq!(&totals.total, &(&(&(&lines - &discounts) - &credits) + &tax));
        // Sums of rounded amounts need no rounding.
        prop_assert_eq!(invoice.currency.round(&totals.total), totals.total);
    }

    #[test]
    fn no_line_is_covered_beyond_its_amount(invoice in invoice()) {
        for (line, given) in invoice.totals(InvoiceStage::Finalized).lines.iter().zip(&invoice.lines) {
            let discounts = &line.line_item_discount + &line.invoice_level_discount;
            prop_assert!(&discounts + &line.prepaid_credits_applied <= line.amount);
            if given.price_type == PriceType::Fixed {
                prop_assert!(line.prepaid_credits_applied.is_zero());
            }
        }
    }

    #[test]
    fn wallets_pay_what_the_lines_receive_and_never_more_than_they_hold(invoice in invoice()) {
        let totals = invoice.totals(InvoiceStage::Finalized);
        prop_assert_eq!(totals.credits.wallet_debits.iter().sum::<Decimal>(), totals.credits.total);
        for (debit, balance) in totals.credits.wallet_debits.iter().zip(&invoice.balances) {
            prop_assert!(debit <= balance);
            prop_assert_eq!(&invoice.currency.round(debit), debit);
        }
    }

    #[test]
    fn a_preview_differs_from_the_final_invoice_by_credits_only(invoice in invoice()) {
        let preview = invoice.totals(InvoiceStage::Preview);
        let finalized = invoice.totals(InvoiceStage::Finalized);
        prop_assert_eq!(preview.total, finalized.total + finalized.credits.total);
    }

    #[test]
    fn finalizing_what_was_computed_is_the_same_as_computing_it_all_at_once(invoice in invoice()) {
        let (at_once, later) = (invoice.totals(InvoiceStage::Finalized), invoice.finalized());
        prop_assert_eq!(&at_once.subtotal, &later.subtotal);
        prop_assert_eq!(&at_once.discounts.total_discount, &later.total_discount);
        prop_assert_eq!(&at_once.credits, &later.credits);
        prop_assert_eq!(&at_once.taxes, &later.taxes);
        prop_assert_eq!(&at_once.total, &later.total);
    }
}
