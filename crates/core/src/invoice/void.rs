//! Voiding an invoice (spec 05 §5.15).

use super::money::InvoiceMoney;
use crate::vocabulary::{InvoiceStatus, PaymentStatus};
use crate::{BillingError, Decimal};

/// What a void leaves behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Void {
    /// The voided invoice.
    pub money: InvoiceMoney,
    /// Value to return to the wallet: what was paid in money and credits and not refunded yet.
    pub wallet_top_up: Option<Decimal>,
}

impl InvoiceMoney {
    /// Voids the invoice.
    ///
    /// # Errors
    /// [`BillingError::Invalid`] in a state that cannot be voided.
    pub fn void(&self) -> Result<Void, BillingError> {
        match self.invoice_status {
            InvoiceStatus::Draft | InvoiceStatus::Finalized | InvoiceStatus::Skipped => {}
            InvoiceStatus::Voided => return Err(BillingError::Invalid("the invoice is already voided")),
        }
        match self.payment_status {
            PaymentStatus::Pending
            | PaymentStatus::Failed
            | PaymentStatus::Succeeded
            | PaymentStatus::PartiallyRefunded
            | PaymentStatus::Overpaid => {}
            PaymentStatus::Initiated | PaymentStatus::Processing | PaymentStatus::Refunded | PaymentStatus::Voided => {
                return Err(BillingError::Invalid(
                    "an invoice with this payment status cannot be voided",
                ));
            }
        }
        let funded = &self.amount_paid + &self.total_prepaid_credits_applied;
        let refund = (&funded - &self.refunded_amount).floor_at_zero();
        let refunded_amount = &self.refunded_amount + &refund;
        let payment_status = if funded.is_positive() && refunded_amount >= funded {
            PaymentStatus::Refunded
        } else {
            self.payment_status
        };
        Ok(Void {
            money: Self {
                invoice_status: InvoiceStatus::Voided,
                payment_status,
                refunded_amount,
                ..self.clone()
            },
            wallet_top_up: refund.is_positive().then_some(refund),
        })
    }
}
