//! Field rules of a new subscription, and what this server does not offer yet (spec 04 §3.2).

use tariff_contract::FieldErrors;
use tariff_contract::error::ApiError;
use tariff_contract::subscriptions::CreateSubscriptionRequest;
use tariff_contract::taxes::TaxRateOverride;
use tariff_core::vocabulary::{BillingCycle, BillingPeriod, CollectionMethod, PaymentBehavior, SubscriptionStatus};

use super::addons;

/// Checks the rules that need no stored record.
pub(super) fn check(request: &CreateSubscriptionRequest) -> Result<(), ApiError> {
    let mut errors = FieldErrors::new();
    let filled = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty());
    errors.check(filled(&request.plan_id), "plan_id", "is required");
    let has_customer = filled(&request.customer_id) || filled(&request.external_customer_id);
    errors.check(has_customer, "customer_id", "is required, or external_customer_id");
    errors.required("currency", request.currency.as_ref());
    errors.currency("currency", request.currency.as_deref());
    errors.present("billing_period", request.billing_period.as_ref());
    let recurs = request.billing_period != Some(BillingPeriod::Onetime);
    errors.check(recurs, "billing_period", "must recur");
    let count = request.billing_period_count.unwrap_or(1);
    errors.check(count >= 0, "billing_period_count", "must not be negative");
    let anniversary = request.billing_cycle.unwrap_or(BillingCycle::Anniversary) == BillingCycle::Anniversary;
    let anchored = request.billing_anchor.is_none() || anniversary;
    errors.check(anchored, "billing_anchor", "is only for the anniversary cycle");
    if let (Some(start), Some(end)) = (request.start_date, request.end_date) {
        errors.check(end >= start, "end_date", "must not be before start_date");
    }
    let trial = request.trial_period_days.unwrap_or_default();
    errors.check(trial >= 0, "trial_period_days", "must not be negative");
    errors.not_negative("commitment_amount", request.commitment_amount.as_ref());
    let factor = request.overage_factor.as_ref();
    errors.check(
        factor.is_none_or(|factor| *factor >= 1.into()),
        "overage_factor",
        "must be at least 1",
    );
    errors.not_negative("auto_invoice_threshold", request.auto_invoice_threshold.as_ref());
    TaxRateOverride::check_all(request.tax_rate_overrides.as_deref(), &mut errors);
    request.check_line_terms(&mut errors);
    check_status(request, &mut errors);
    request.check_override_entitlements(&mut errors);
    errors.finish()?;
    addons::check(request.addons.as_deref())?;
    refuse_unavailable(request)
}

fn check_status(request: &CreateSubscriptionRequest, errors: &mut FieldErrors) {
    let (method, behavior) = payment(request);
    let allowed = match method {
        CollectionMethod::ChargeAutomatically => behavior != PaymentBehavior::DefaultIncomplete,
        CollectionMethod::SendInvoice => {
            matches!(
                behavior,
                PaymentBehavior::DefaultActive | PaymentBehavior::DefaultIncomplete
            )
        }
    };
    errors.check(allowed, "payment_behavior", "does not fit the collection_method");
    let startable = match request.subscription_status {
        None | Some(SubscriptionStatus::Active | SubscriptionStatus::Incomplete | SubscriptionStatus::Draft) => true,
        Some(SubscriptionStatus::Trialing) => request.trial_period_days.unwrap_or_default() > 0,
        Some(SubscriptionStatus::Paused | SubscriptionStatus::Cancelled) => false,
    };
    errors.check(startable, "subscription_status", "is no status to start with");
}

/// Collection method and payment behaviour, with their defaults.
pub(super) fn payment(request: &CreateSubscriptionRequest) -> (CollectionMethod, PaymentBehavior) {
    (
        request
            .collection_method
            .unwrap_or(CollectionMethod::ChargeAutomatically),
        request.payment_behavior.unwrap_or(PaymentBehavior::DefaultActive),
    )
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
