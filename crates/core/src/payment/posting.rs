//! Writing paid amounts on an invoice (spec 05 §5.16).

use super::transitions::invoice_payment_may_become;
use crate::invoice::InvoiceMoney;
use crate::vocabulary::{InvoiceStatus, PaymentStatus};
use crate::{BillingError, Decimal};

/// Whether the invoice accepts a payment of `amount`: it must be finalized and neither settled nor refunded, except that
/// a refunded one with something remaining (an adjustment note was voided) accepts payments up to that (Q15).
///
/// # Errors
/// [`BillingError::Invalid`] or [`BillingError::NotPositive`].
pub fn check_payment(money: &InvoiceMoney, amount: &Decimal) -> Result<(), BillingError> {
    if money.invoice_status != InvoiceStatus::Finalized {
        return Err(BillingError::Invalid("only a finalized invoice can be paid"));
    }
    match money.payment_status {
        PaymentStatus::Succeeded => return Err(BillingError::Invalid("the invoice is already paid")),
        PaymentStatus::Refunded | PaymentStatus::PartiallyRefunded => {
            if *amount > money.amount_remaining {
                return Err(BillingError::Invalid("the invoice was refunded"));
            }
        }
        PaymentStatus::Initiated
        | PaymentStatus::Pending
        | PaymentStatus::Processing
        | PaymentStatus::Overpaid
        | PaymentStatus::Failed
        | PaymentStatus::Voided => {}
    }
    if amount.is_positive() {
        Ok(())
    } else {
        Err(BillingError::NotPositive("amount"))
    }
}

/// The invoice with `amount_paid` in all: the sum of its succeeded payments, or for a gateway's notice the former
/// amount plus the notified one. A refunded invoice keeps its status.
#[must_use]
pub fn post_paid(money: &InvoiceMoney, amount_paid: Decimal) -> InvoiceMoney {
    let payment_status = if money.refunded_amount.is_positive() {
        money.payment_status
    } else if amount_paid < money.amount_due {
        PaymentStatus::Pending
    } else if amount_paid == money.amount_due {
        PaymentStatus::Succeeded
    } else {
        PaymentStatus::Overpaid
    };
    InvoiceMoney {
        payment_status,
        amount_remaining: (&money.amount_due - &amount_paid).floor_at_zero(),
        amount_paid,
        ..money.clone()
    }
}

/// The invoice after a manual change of its payment status.
///
/// # Errors
/// [`BillingError::Invalid`] for an invoice that is neither draft nor finalized, a transition that does not exist, an
/// amount above what is due, or OVERPAID with something remaining; [`BillingError::Negative`] for a negative amount.
pub fn set_payment_status(
    money: &InvoiceMoney,
    target: PaymentStatus,
    amount: Option<&Decimal>,
) -> Result<InvoiceMoney, BillingError> {
    match money.invoice_status {
        InvoiceStatus::Draft | InvoiceStatus::Finalized => {}
        InvoiceStatus::Voided | InvoiceStatus::Skipped => {
            return Err(BillingError::Invalid("the invoice is neither draft nor finalized"));
        }
    }
    if !invoice_payment_may_become(money.payment_status, target) {
        return Err(BillingError::Invalid("this change of payment status does not exist"));
    }
    if amount.is_some_and(Decimal::is_negative) {
        return Err(BillingError::Negative("amount"));
    }
    let mut changed = InvoiceMoney {
        payment_status: target,
        ..money.clone()
    };
    match (target, amount) {
        (PaymentStatus::Pending, Some(amount)) => set_paid(&mut changed, amount.clone())?,
        (PaymentStatus::Succeeded, _) => {
            let due = changed.amount_due.clone();
            set_paid(&mut changed, due)?;
        }
        (PaymentStatus::Failed, _) => set_paid(&mut changed, Decimal::zero())?,
        (PaymentStatus::Overpaid, _) if !changed.amount_remaining.is_zero() => {
            return Err(BillingError::Invalid("an overpaid invoice has nothing remaining"));
        }
        _ => {}
    }
    Ok(changed)
}

fn set_paid(money: &mut InvoiceMoney, amount_paid: Decimal) -> Result<(), BillingError> {
    if amount_paid > money.amount_due {
        return Err(BillingError::Invalid("the amount exceeds what is due"));
    }
    money.amount_remaining = &money.amount_due - &amount_paid;
    money.amount_paid = amount_paid;
    Ok(())
}
