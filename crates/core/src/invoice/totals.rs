//! From raw line amounts to what a customer owes (spec 05 §5.1, §5.4-5.8).

use super::finalization::owed;
use super::prepaid::{PrepaidCredits, PrepaidNeed, PrepaidWallet, apply_prepaid_credits};
use crate::discount::{Coupon, InvoiceDiscounts, discount_lines};
use crate::tax::{TaxRate, Taxes, apply_taxes};
use crate::vocabulary::{BillingReason, PriceType};
use crate::{Currency, Decimal};

/// Which steps are taken (spec 05 §5.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvoiceStage {
    /// A computed subscription draft: discounts, but neither credits nor tax.
    DraftComputed,
    /// A draft made for a pay-first checkout: with tax, because the payment must equal the final total.
    CheckoutDraft,
    /// Finalization, or the creation of a one-off invoice: everything.
    Finalized,
    /// A preview: discounts (not spread over lines) and tax, no credits.
    Preview,
}

impl InvoiceStage {
    const fn has_credits(self) -> bool {
        match self {
            Self::Finalized => true,
            Self::DraftComputed | Self::CheckoutDraft | Self::Preview => false,
        }
    }

    const fn has_tax(self) -> bool {
        match self {
            Self::Finalized | Self::Preview | Self::CheckoutDraft => true,
            Self::DraftComputed => false,
        }
    }

    const fn spreads_discounts(self) -> bool {
        match self {
            Self::Finalized | Self::DraftComputed | Self::CheckoutDraft => true,
            Self::Preview => false,
        }
    }
}

/// A line before rounding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineAmount {
    /// Only usage lines can be paid with prepaid credits.
    pub price_type: PriceType,
    /// May have more digits than the currency; negative only on lines of a netted plan change (Q28).
    pub amount: Decimal,
}

/// Everything an invoice's totals depend on.
#[derive(Debug, Clone, Copy)]
pub struct InvoiceCalculation<'a> {
    /// The invoice's currency.
    pub currency: &'a Currency,
    /// Which steps to take.
    pub stage: InvoiceStage,
    /// A trial's opening invoice charges nothing and is not taxed.
    pub reason: BillingReason,
    /// The lines, in their stored order.
    pub lines: &'a [LineAmount],
    /// Coupons of lines, each with the line's position, in order of application.
    pub line_coupons: &'a [(usize, Coupon)],
    /// Coupons of the invoice, in order of application.
    pub invoice_coupons: &'a [Coupon],
    /// The payer's wallets in order of creation.
    pub wallets: &'a [PrepaidWallet],
    /// The rates that apply.
    pub tax_rates: &'a [TaxRate],
}

/// A line after all steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineTotals {
    /// Gross, rounded to the currency.
    pub amount: Decimal,
    /// Sum of its line coupons.
    pub line_item_discount: Decimal,
    /// Its share of the invoice coupons.
    pub invoice_level_discount: Decimal,
    /// Paid by prepaid credits.
    pub prepaid_credits_applied: Decimal,
}

/// The totals of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceTotals {
    /// One entry per line, in order.
    pub lines: Vec<LineTotals>,
    /// Sum of the rounded lines.
    pub subtotal: Decimal,
    /// The discounts behind the lines.
    pub discounts: InvoiceDiscounts,
    /// The credits behind the lines.
    pub credits: PrepaidCredits,
    /// The taxes; without rates at stages that have none.
    pub taxes: Taxes,
    /// `subtotal - credits - discount + tax`, at least zero.
    pub total: Decimal,
}

impl InvoiceCalculation<'_> {
    /// Rounds the lines, then applies coupons, credits and taxes as the stage demands. Sums of rounded values are not
    /// rounded again.
    #[must_use]
    pub fn totals(&self) -> InvoiceTotals {
        let is_free_trial = self.reason == BillingReason::SubscriptionTrialStart;
        let amounts: Vec<Decimal> = self
            .lines
            .iter()
            .map(|line| self.line_amount(line, is_free_trial))
            .collect();
        let subtotal: Decimal = amounts.iter().sum();
        let mut discounts = discount_lines(&amounts, self.line_coupons, self.invoice_coupons, self.currency);
        if !self.stage.spreads_discounts() {
            discounts.invoice_level_discounts.fill(Decimal::zero());
        }
        let credits = self.credits(&amounts, &discounts);
        let rates = if self.stage.has_tax() && !is_free_trial {
            self.tax_rates
        } else {
            &[]
        };
        let taxes = apply_taxes(&subtotal, &discounts.total_discount, rates, self.currency);
        InvoiceTotals {
            total: owed(&subtotal, &credits, &discounts.total_discount, &taxes),
            lines: line_totals(amounts, &discounts, &credits),
            subtotal,
            discounts,
            credits,
            taxes,
        }
    }

    fn line_amount(&self, line: &LineAmount, is_free_trial: bool) -> Decimal {
        if is_free_trial {
            Decimal::zero()
        } else {
            self.currency.round(&line.amount)
        }
    }

    fn credits(&self, amounts: &[Decimal], discounts: &InvoiceDiscounts) -> PrepaidCredits {
        let wallets = if self.stage.has_credits() { self.wallets } else { &[] };
        let needs: Vec<PrepaidNeed> = self
            .lines
            .iter()
            .zip(amounts)
            .zip(
                discounts
                    .line_item_discounts
                    .iter()
                    .zip(&discounts.invoice_level_discounts),
            )
            .map(|((line, amount), (line_discount, invoice_discount))| PrepaidNeed {
                price_type: line.price_type,
                amount: &(amount - line_discount) - invoice_discount,
            })
            .collect();
        apply_prepaid_credits(&needs, wallets, self.currency)
    }
}

fn line_totals(amounts: Vec<Decimal>, discounts: &InvoiceDiscounts, credits: &PrepaidCredits) -> Vec<LineTotals> {
    amounts
        .into_iter()
        .zip(&discounts.line_item_discounts)
        .zip(&discounts.invoice_level_discounts)
        .zip(&credits.applied)
        .map(
            |(((amount, line_item_discount), invoice_level_discount), applied)| LineTotals {
                amount,
                line_item_discount: line_item_discount.clone(),
                invoice_level_discount: invoice_level_discount.clone(),
                prepaid_credits_applied: applied.clone(),
            },
        )
        .collect()
}
