//! The status a subscription starts in, by how its opening invoice is collected (spec 05 §5.17).

use tariff_contract::error::ApiError;
use tariff_core::vocabulary::{CollectionMethod, PaymentBehavior, SubscriptionStatus};

/// The status after the opening invoice; `settled` when it is paid or nothing is due.
///
/// # Errors
/// `invalid_operation` where an unpaid invoice must prevent the subscription.
pub(super) fn after_opening_invoice(
    method: CollectionMethod,
    behavior: PaymentBehavior,
    settled: bool,
) -> Result<SubscriptionStatus, ApiError> {
    use CollectionMethod::{ChargeAutomatically, SendInvoice};
    use PaymentBehavior::{AllowIncomplete, DefaultActive, DefaultIncomplete, ErrorIfIncomplete};
    match (method, behavior, settled) {
        (_, _, true) | (_, DefaultActive, false) => Ok(SubscriptionStatus::Active),
        (ChargeAutomatically, AllowIncomplete, false) | (SendInvoice, DefaultIncomplete, false) => {
            Ok(SubscriptionStatus::Incomplete)
        }
        (ChargeAutomatically, ErrorIfIncomplete, false) => Err(ApiError::invalid_operation("payment failed")),
        // Other pairs are refused before anything is created (spec 04 §3.2).
        (ChargeAutomatically, DefaultIncomplete, false) | (SendInvoice, AllowIncomplete | ErrorIfIncomplete, false) => {
            Err(ApiError::validation(
                "payment_behavior does not fit the collection_method",
            ))
        }
    }
}
