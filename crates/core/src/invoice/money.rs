//! The money state of an issued invoice (spec 05 §2.1).

use crate::Decimal;
use crate::vocabulary::{InvoiceStatus, PaymentStatus};

/// What an invoice owes and was paid. Payments, credit notes and voids turn one state into the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceMoney {
    /// State of the invoice.
    pub invoice_status: InvoiceStatus,
    /// State of its payment.
    pub payment_status: PaymentStatus,
    /// Fixed at finalization.
    pub total: Decimal,
    /// `total - adjustment_amount`.
    pub amount_due: Decimal,
    /// Sum of succeeded payments.
    pub amount_paid: Decimal,
    /// `amount_due - amount_paid`, at least zero.
    pub amount_remaining: Decimal,
    /// Sum of finalized adjustment notes.
    pub adjustment_amount: Decimal,
    /// What was returned to the wallet.
    pub refunded_amount: Decimal,
    /// Prepaid credits on the lines.
    pub total_prepaid_credits_applied: Decimal,
}

impl InvoiceMoney {
    /// What was paid beyond the total of an overpaid invoice (not beyond what is due); `None` without.
    #[must_use]
    pub fn overpaid_amount(&self) -> Option<Decimal> {
        let excess = &self.amount_paid - &self.total;
        (self.payment_status == PaymentStatus::Overpaid && excess.is_positive()).then_some(excess)
    }

    /// The same invoice with another sum of adjustments; what is due and remaining follows.
    pub(crate) fn with_adjustment(&self, adjustment_amount: Decimal) -> Self {
        let amount_due = &self.total - &adjustment_amount;
        Self {
            amount_remaining: (&amount_due - &self.amount_paid).floor_at_zero(),
            amount_due,
            adjustment_amount,
            ..self.clone()
        }
    }
}
