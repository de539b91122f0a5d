//! Opening a draft: at most one living invoice for a subscription, period and reason (spec 05 §5.10).

use sha2::{Digest, Sha256};
use tariff_core::vocabulary::{BillingReason, InvoiceStatus, InvoiceType, PaymentStatus};
use tariff_core::{Decimal, IdPrefix, Period, Status, Timestamp};
use tariff_store::column::{Number, Time, Word};
use tariff_store::entity::{invoices, subscriptions};
use tariff_store::{Listing, Test, counter};

use crate::context::Context;
use crate::engine::Work;
use crate::error::Result;
use crate::ids::mint;

/// What a subscription's draft is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DraftOf<'a> {
    pub subscription: &'a subscriptions::Model,
    pub reason: BillingReason,
    pub period: Period,
    /// When the worker takes the next step with it; `None` when the caller does.
    pub process_at: Option<Timestamp>,
}

/// The draft for the period and reason: a new, empty one, or whatever living invoice exists already.
pub(crate) async fn open_draft(work: &Work<'_>, draft: DraftOf<'_>) -> Result<invoices::Model> {
    let key = idempotency_key(work, draft);
    let listing = Listing::all()
        .equal("idempotency_key", key.as_str())
        .equal("status", Status::Published.as_str())
        .with("invoice_status", Test::NotEqual(InvoiceStatus::Voided.as_str().into()));
    if let Some(existing) = work.rows().first::<invoices::Entity>(listing).await? {
        return Ok(existing);
    }
    let mut invoice = blank(work.context, draft, work.now);
    invoice.idempotency_key = Some(key);
    insert(work, invoice, draft.subscription).await
}

/// Inserts an invoice under the subscription's next billing sequence.
pub(super) async fn insert(
    work: &Work<'_>,
    mut invoice: invoices::Model,
    subscription: &subscriptions::Model,
) -> Result<invoices::Model> {
    let counter = format!("billing_sequence:{}", subscription.id);
    invoice.billing_sequence = Some(counter::next(&work.rows(), &counter, 1).await?);
    Ok(work.rows().insert::<invoices::Entity>(invoice).await?)
}

/// A draft without lines, key and sequence.
pub(super) fn blank(context: &Context, draft: DraftOf<'_>, now: Timestamp) -> invoices::Model {
    let subscription = draft.subscription;
    let zero = || Number(Decimal::zero());
    let payer = subscription
        .invoicing_customer_id
        .as_ref()
        .unwrap_or(&subscription.customer_id);
    invoices::Model {
        id: mint(IdPrefix::Invoice),
        tenant_id: context.scope.tenant_id.clone(),
        environment_id: context.scope.environment_id.clone(),
        customer_id: payer.clone(),
        subscription_id: Some(subscription.id.clone()),
        subscription_customer_id: Some(subscription.customer_id.clone()),
        invoice_type: Word(InvoiceType::Subscription),
        invoice_status: Word(InvoiceStatus::Draft),
        payment_status: Word(PaymentStatus::Pending),
        billing_reason: draft.reason.as_str().to_owned(),
        billing_period: subscription.billing_period.0.as_str().to_owned(),
        billing_sequence: None,
        currency: subscription.currency.clone(),
        subtotal: zero(),
        total_discount: zero(),
        total_prepaid_credits_applied: zero(),
        total_tax: zero(),
        total: zero(),
        adjustment_amount: zero(),
        refunded_amount: zero(),
        amount_due: zero(),
        amount_paid: zero(),
        amount_remaining: zero(),
        invoice_number: String::new(),
        description: String::new(),
        idempotency_key: None,
        issue_date: Time(now),
        due_date: None,
        period_start: Some(Time(draft.period.start)),
        period_end: Some(Time(draft.period.end)),
        last_computed_at: None,
        finalized_at: None,
        voided_at: None,
        paid_at: None,
        is_manually_edited: false,
        recalculated_invoice_id: None,
        invoice_pdf_url: None,
        process_at: draft.process_at.map(Time),
        metadata: None,
        version: 1,
        status: Word(Status::Published),
        created_at: Time(now),
        updated_at: Time(now),
        created_by: context.user_id.clone(),
        updated_by: context.user_id.clone(),
    }
}

/// `subscription_invoice-` and the first eight bytes of a hash, in hex; instants are cut to the minute.
fn idempotency_key(work: &Work<'_>, draft: DraftOf<'_>) -> String {
    let minute = |instant: Timestamp| instant.as_second().div_euclid(60).to_string();
    let scope = &work.context.scope;
    let parts = [
        format!("billing_reason={}", draft.reason),
        format!("customer_id={}", draft.subscription.customer_id),
        format!("environment_id={}", scope.environment_id),
        format!("period_end={}", minute(draft.period.end)),
        format!("period_start={}", minute(draft.period.start)),
        format!("subscription_id={}", draft.subscription.id),
        format!("tenant_id={}", scope.tenant_id),
    ];
    let digest = Sha256::digest(format!("subscription_invoice:{}", parts.join(":")).as_bytes());
    format!(
        "subscription_invoice-{}",
        hex::encode(digest.get(..8).unwrap_or(&digest))
    )
}
