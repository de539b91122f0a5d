//! Credit notes (spec 05 §5.18).
//!
//! A note on an unpaid invoice lowers what is due (adjustment); on a paid one it returns money to the wallet (refund).
//! Amounts are gross: tax is not split off.

use crate::invoice::InvoiceMoney;
use crate::vocabulary::{CreditNoteStatus, CreditNoteType, InvoiceStatus, PaymentStatus};
use crate::{BillingError, Decimal};

/// A line of a note, with the invoice line it credits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteLine {
    /// What is credited.
    pub amount: Decimal,
    /// Gross amount of the invoice line.
    pub invoice_line_amount: Decimal,
    /// What earlier notes that are not voided credited on that line (Q13).
    pub already_credited: Decimal,
}

/// A note that may be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNote {
    /// Follows from the invoice and never changes.
    pub note_type: CreditNoteType,
    /// Sum of its lines.
    pub total_amount: Decimal,
}

/// What finalizing a note does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinalizedNote {
    /// The invoice afterwards.
    pub money: InvoiceMoney,
    /// Value to return to the wallet; refunds only.
    pub wallet_top_up: Option<Decimal>,
}

/// Which kind of note an invoice with this payment status gets.
///
/// # Errors
/// [`BillingError::Invalid`] for a status that allows none.
pub fn note_type(payment_status: PaymentStatus) -> Result<CreditNoteType, BillingError> {
    match payment_status {
        PaymentStatus::Succeeded | PaymentStatus::PartiallyRefunded => Ok(CreditNoteType::Refund),
        PaymentStatus::Pending | PaymentStatus::Processing | PaymentStatus::Failed => Ok(CreditNoteType::Adjustment),
        PaymentStatus::Overpaid | PaymentStatus::Refunded | PaymentStatus::Initiated | PaymentStatus::Voided => Err(
            BillingError::Invalid("an invoice with this payment status cannot be credited"),
        ),
    }
}

/// The most that can still be credited by a note of this type, at least zero.
#[must_use]
pub fn creditable(note_type: CreditNoteType, money: &InvoiceMoney) -> Decimal {
    let limit = match note_type {
        CreditNoteType::Refund => &money.amount_paid - &money.refunded_amount,
        CreditNoteType::Adjustment => &(&money.total - &money.adjustment_amount) - &money.amount_paid,
    };
    limit.floor_at_zero()
}

/// Checks a new note against its invoice.
///
/// # Errors
/// [`BillingError::Invalid`] when the invoice is not finalized or has no note type, the note has no lines, or a line or
/// the total exceeds its limit; [`BillingError::NotPositive`] for a line without value.
pub fn create(money: &InvoiceMoney, lines: &[NoteLine]) -> Result<NewNote, BillingError> {
    if money.invoice_status != InvoiceStatus::Finalized {
        return Err(BillingError::Invalid("only a finalized invoice can be credited"));
    }
    let note_type = note_type(money.payment_status)?;
    if lines.is_empty() {
        return Err(BillingError::Invalid("a credit note needs at least one line"));
    }
    for line in lines {
        if !line.amount.is_positive() {
            return Err(BillingError::NotPositive("amount"));
        }
        if &line.amount + &line.already_credited > line.invoice_line_amount {
            return Err(BillingError::Invalid("a line cannot be credited beyond its amount"));
        }
    }
    let total_amount: Decimal = lines.iter().map(|line| &line.amount).sum();
    check_limit(note_type, &total_amount, money)?;
    Ok(NewNote {
        note_type,
        total_amount,
    })
}

fn check_limit(note_type: CreditNoteType, total: &Decimal, money: &InvoiceMoney) -> Result<(), BillingError> {
    if *total > creditable(note_type, money) {
        return Err(BillingError::Invalid("the note exceeds what can be credited"));
    }
    Ok(())
}

/// Puts a draft note of `total_amount` into effect. The limit is checked again: drafts reserve nothing.
///
/// # Errors
/// [`BillingError::NotPositive`] for a note without value; [`BillingError::Invalid`] for a note that is no draft, and
/// beyond the limit.
pub fn finalize(
    money: &InvoiceMoney,
    status: CreditNoteStatus,
    note_type: CreditNoteType,
    total_amount: &Decimal,
) -> Result<FinalizedNote, BillingError> {
    match status {
        CreditNoteStatus::Draft => {}
        CreditNoteStatus::Finalized | CreditNoteStatus::Voided => {
            return Err(BillingError::Invalid("only a draft credit note can be finalized"));
        }
    }
    if !total_amount.is_positive() {
        return Err(BillingError::NotPositive("total_amount"));
    }
    check_limit(note_type, total_amount, money)?;
    Ok(match note_type {
        CreditNoteType::Adjustment => {
            let mut adjusted = money.with_adjustment(&money.adjustment_amount + total_amount);
            if adjusted.amount_remaining.is_zero() {
                adjusted.payment_status = PaymentStatus::Succeeded;
            }
            FinalizedNote {
                money: adjusted,
                wallet_top_up: None,
            }
        }
        CreditNoteType::Refund => {
            let mut refunded = money.clone();
            refunded.refunded_amount += total_amount;
            refunded.payment_status = if refunded.refunded_amount == refunded.amount_paid {
                PaymentStatus::Refunded
            } else {
                PaymentStatus::PartiallyRefunded
            };
            FinalizedNote {
                money: refunded,
                wallet_top_up: Some(total_amount.clone()),
            }
        }
    })
}

/// Withdraws a note; `other_adjustments` is the sum of the invoice's other finalized adjustment notes. Voiding a draft
/// leaves the invoice as it is (Q12).
///
/// # Errors
/// [`BillingError::Invalid`] for a voided note and for a finalized refund.
pub fn void(
    money: &InvoiceMoney,
    status: CreditNoteStatus,
    note_type: CreditNoteType,
    other_adjustments: &Decimal,
) -> Result<InvoiceMoney, BillingError> {
    match (status, note_type) {
        (CreditNoteStatus::Voided, _) => Err(BillingError::Invalid("the credit note is already voided")),
        (CreditNoteStatus::Finalized, CreditNoteType::Refund) => {
            Err(BillingError::Invalid("a finalized refund cannot be voided"))
        }
        (CreditNoteStatus::Draft, _) => Ok(money.clone()),
        (CreditNoteStatus::Finalized, CreditNoteType::Adjustment) => {
            let mut restored = money.with_adjustment(other_adjustments.clone());
            restored.payment_status = status_without_note(&restored);
            Ok(restored)
        }
    }
}

fn status_without_note(money: &InvoiceMoney) -> PaymentStatus {
    if money.refunded_amount.is_positive() {
        money.payment_status
    } else if money.amount_paid > money.amount_due {
        PaymentStatus::Overpaid
    } else if money.amount_remaining.is_zero() {
        PaymentStatus::Succeeded
    } else if money.payment_status == PaymentStatus::Failed {
        PaymentStatus::Failed
    } else {
        PaymentStatus::Pending
    }
}
