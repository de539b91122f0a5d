//! The states an invoice takes because of its totals (spec 05 §3, §5.9).

use crate::Decimal;
use crate::vocabulary::{BillingReason, CollectionMethod, InvoiceStatus, InvoiceType, PaymentStatus};

/// What is due, paid and still owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceBalance {
    /// `total - adjustment_amount`.
    pub amount_due: Decimal,
    /// Sum of succeeded payments.
    pub amount_paid: Decimal,
    /// `amount_due - amount_paid`, at least zero.
    pub amount_remaining: Decimal,
}

impl InvoiceBalance {
    /// The balance of an invoice.
    #[must_use]
    pub fn new(amount_due: Decimal, amount_paid: Decimal) -> Self {
        Self {
            amount_remaining: (&amount_due - &amount_paid).floor_at_zero(),
            amount_due,
            amount_paid,
        }
    }
}

/// The status of an invoice after its computation: a subscription invoice without value is skipped, except a trial's
/// opening one (spec 05 §3).
#[must_use]
pub fn computed_status(invoice_type: InvoiceType, reason: BillingReason, subtotal: &Decimal) -> InvoiceStatus {
    let may_be_skipped = match invoice_type {
        InvoiceType::Subscription => reason != BillingReason::SubscriptionTrialStart,
        InvoiceType::OneOff | InvoiceType::Credit => false,
    };
    if may_be_skipped && subtotal.is_zero() {
        InvoiceStatus::Skipped
    } else {
        InvoiceStatus::Draft
    }
}

/// The payment status at finalization: nothing to pay is paid; a trial's opening invoice is paid only when charges are
/// automatic (spec 05 §5.9).
#[must_use]
pub fn finalized_payment_status(
    total: &Decimal,
    reason: BillingReason,
    collection_method: CollectionMethod,
) -> PaymentStatus {
    let is_settled = if reason == BillingReason::SubscriptionTrialStart {
        collection_method == CollectionMethod::ChargeAutomatically
    } else {
        total.is_zero()
    };
    if is_settled {
        PaymentStatus::Succeeded
    } else {
        PaymentStatus::Pending
    }
}
