//! What finalization adds to a computed invoice: credits and taxes (spec 05 §5.9).

use super::prepaid::{PrepaidCredits, PrepaidNeed, PrepaidWallet, apply_prepaid_credits};
use crate::tax::{TaxRate, Taxes, apply_taxes};
use crate::vocabulary::{BillingReason, PriceType};
use crate::{Currency, Decimal};

/// A line as it was computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComputedLine {
    /// Only usage lines can be paid with prepaid credits.
    pub price_type: PriceType,
    /// Gross, rounded to the currency.
    pub amount: Decimal,
    /// Sum of its line coupons.
    pub line_item_discount: Decimal,
    /// Its share of the invoice coupons.
    pub invoice_level_discount: Decimal,
}

impl ComputedLine {
    fn discount(&self) -> Decimal {
        &self.line_item_discount + &self.invoice_level_discount
    }
}

/// A computed invoice that is to be finalized. Its lines and discounts stand: what became of its coupons since does not
/// change them, so that an invoice always adds up with its lines.
#[derive(Debug, Clone, Copy)]
pub struct ComputedInvoice<'a> {
    /// The invoice's currency.
    pub currency: &'a Currency,
    /// A trial's opening invoice is not taxed.
    pub reason: BillingReason,
    /// The lines, in their stored order.
    pub lines: &'a [ComputedLine],
    /// The payer's wallets in order of creation.
    pub wallets: &'a [PrepaidWallet],
    /// The rates that apply.
    pub tax_rates: &'a [TaxRate],
}

/// The totals of a finalized invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinalTotals {
    /// Sum of the lines.
    pub subtotal: Decimal,
    /// Sum of the lines' discounts.
    pub total_discount: Decimal,
    /// The credits that pay for the lines.
    pub credits: PrepaidCredits,
    /// The taxes.
    pub taxes: Taxes,
    /// `subtotal - credits - discount + tax`, at least zero.
    pub total: Decimal,
}

impl ComputedInvoice<'_> {
    /// Applies credits to what the discounts left of the lines, and taxes to what they left of the subtotal.
    #[must_use]
    pub fn finalize(&self) -> FinalTotals {
        let subtotal: Decimal = self.lines.iter().map(|line| &line.amount).sum();
        let total_discount: Decimal = self.lines.iter().map(ComputedLine::discount).sum();
        let needs: Vec<PrepaidNeed> = self.lines.iter().map(need).collect();
        let credits = apply_prepaid_credits(&needs, self.wallets, self.currency);
        let is_taxed = self.reason != BillingReason::SubscriptionTrialStart;
        let rates = if is_taxed { self.tax_rates } else { &[] };
        let taxes = apply_taxes(&subtotal, &total_discount, rates, self.currency);
        FinalTotals {
            total: owed(&subtotal, &credits, &total_discount, &taxes),
            subtotal,
            total_discount,
            credits,
            taxes,
        }
    }
}

fn need(line: &ComputedLine) -> PrepaidNeed {
    PrepaidNeed {
        price_type: line.price_type,
        amount: &line.amount - &line.discount(),
    }
}

/// What the customer owes; sums of rounded values are not rounded again.
pub(super) fn owed(subtotal: &Decimal, credits: &PrepaidCredits, total_discount: &Decimal, taxes: &Taxes) -> Decimal {
    let untaxed = &(subtotal - &credits.total) - total_discount;
    (untaxed + &taxes.total_tax).floor_at_zero()
}
