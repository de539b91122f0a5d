//! What a new subscription may not ask for: what breaks a rule, and what this server does not offer (spec 04 §3.2).

use tariff_contract::error::ApiError;
use tariff_contract::subscriptions::CreateSubscriptionRequest;
use tariff_core::vocabulary::SubscriptionStatus;

use super::addons;

/// Checks the rules that need no stored record.
pub(super) fn check(request: &CreateSubscriptionRequest) -> Result<(), ApiError> {
    request.validate()?;
    addons::check(request.addons.as_deref())?;
    let without_trial = request.trial_period_days.unwrap_or_default() == 0;
    if without_trial && request.subscription_status == Some(SubscriptionStatus::Trialing) {
        return Err(
            ApiError::validation("subscription_status is trialing, but there is no trial")
                .detail("subscription_status", "needs trial_period_days"),
        );
    }
    refuse_unavailable(request)
}

/// Refuses what would change the bill but is not offered, rather than ignore it.
fn refuse_unavailable(request: &CreateSubscriptionRequest) -> Result<(), ApiError> {
    fn some<T>(list: &Option<Vec<T>>) -> bool {
        list.as_ref().is_some_and(|list| !list.is_empty())
    }
    let positive = |amount: &Option<tariff_core::Decimal>| amount.as_ref().is_some_and(|amount| amount.is_positive());
    let asked = [
        ("auto_invoice_threshold", positive(&request.auto_invoice_threshold)),
        ("checkout", request.checkout.is_some()),
        ("commitment_amount", positive(&request.commitment_amount)),
        ("credit_grants", some(&request.credit_grants)),
        ("inheritance", request.inheritance.is_some()),
        ("line_items", some(&request.line_items)),
        ("phases", some(&request.phases)),
        ("trial_period_days", request.trial_period_days.unwrap_or_default() > 0),
    ];
    match asked.into_iter().find(|(_, asked)| *asked) {
        Some((field, _)) => {
            let message = format!("{field} is not available on subscriptions of this server");
            Err(ApiError::not_implemented(message).detail("field", field))
        }
        None => Ok(()),
    }
}
