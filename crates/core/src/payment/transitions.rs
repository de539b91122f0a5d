//! The state machines of payments (spec 05 §3).

use crate::vocabulary::PaymentStatus;

/// Whether an invoice's payment status may change by hand or by a gateway's notice. Refund states come from credit
/// notes and voids only.
pub(super) fn invoice_payment_may_become(from: PaymentStatus, to: PaymentStatus) -> bool {
    use PaymentStatus::{
        Failed, Initiated, Overpaid, PartiallyRefunded, Pending, Processing, Refunded, Succeeded, Voided,
    };
    match from {
        Pending | Failed => matches!(to, Pending | Succeeded | Overpaid | Failed),
        Succeeded => matches!(to, Succeeded | Overpaid),
        Overpaid => matches!(to, Overpaid),
        Initiated | Processing | Refunded | PartiallyRefunded | Voided => false,
    }
}

/// Whether a payment may change its status; staying the same is always allowed.
#[must_use]
pub fn payment_may_become(from: PaymentStatus, to: PaymentStatus) -> bool {
    use PaymentStatus::{
        Failed, Initiated, Overpaid, PartiallyRefunded, Pending, Processing, Refunded, Succeeded, Voided,
    };
    from == to
        || match from {
            Initiated => matches!(to, Pending | Processing | Succeeded | Overpaid | Failed),
            Pending => matches!(to, Processing | Succeeded | Overpaid | Failed),
            Processing => matches!(to, Succeeded | Overpaid | Failed),
            Succeeded => matches!(to, Overpaid | Refunded | PartiallyRefunded | Voided),
            Overpaid => matches!(to, Refunded | PartiallyRefunded),
            PartiallyRefunded => matches!(to, Refunded),
            Failed | Refunded | Voided => false,
        }
}
