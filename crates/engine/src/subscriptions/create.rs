//! Creating a subscription: one transaction with its lines and opening invoice (spec 04 §4.5).

use tariff_contract::error::ApiError;
use tariff_contract::subscriptions::{CreateSubscriptionRequest, SubscriptionResponse};
use tariff_core::calendar::{self, billing_anchor};
use tariff_core::vocabulary::{
    BillingCycle, BillingPeriod, BillingReason, InvoiceStatus, PauseStatus, PaymentStatus, ProrationBehavior,
    SubscriptionStatus, SubscriptionType,
};
use tariff_core::{Decimal, IdPrefix, Period, Schedule, Status, Timestamp};
use tariff_store::column::{Json, Number, Time, Word};
use tariff_store::entity::{customers as customer_rows, invoices as invoice_rows, plans as plan_rows, subscriptions};
use tariff_store::set;

use super::addons;
use super::line_terms::LineTerms;
use super::lines::{NewLine, insert_plan_lines, qualifying_prices, refuse_mixed_proration};
use super::response::complete_response;
use super::status::after_opening_invoice;
use super::validate::check;
use crate::billing::{self, InvoiceWindow, ReferencePoint};
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::Result;
use crate::ids::mint;
use crate::invoices::{self, DraftOf, InvoiceConfig};
use crate::prices::newest_sequence;
use crate::taxes::{self, Bearer};
use crate::{coupons, customers, entitlements, plans, settings};

impl Engine {
    /// Creates a subscription with the plan's lines and its opening invoice.
    ///
    /// # Errors
    /// `validation_error` for field rules, a customer or plan that is not published, a plan without a fitting price, or
    /// an inactive tax rate; `not_found`; `invalid_operation` when an unpaid opening invoice must prevent it;
    /// `not_implemented` for parts of the request that this server does not offer.
    pub async fn create_subscription(
        &self,
        context: &Context,
        request: CreateSubscriptionRequest,
    ) -> Result<SubscriptionResponse> {
        check(&request)?;
        let work = self.begin(context).await?;
        let customer = subscriber(&work, &request).await?;
        let plan = published_plan(&work, &request).await?;
        let mut subscription = new_subscription(&work, &request, &customer, &plan)?;
        // Before the prices are read: one that comes in between is then left to the next sync (spec 03 §5.9).
        subscription.synced_price_sequence = newest_sequence(&work.rows(), &plan.id).await?;
        let prices = qualifying_prices(&work, &subscription).await?;
        let subscription = work.rows().insert::<subscriptions::Entity>(subscription).await?;
        // Once more: from here on the reference to the plan keeps it from being archived (spec 03 Q25).
        published_plan(&work, &request).await?;
        let mut terms = LineTerms::of(
            &work.rows(),
            request.override_line_items.clone(),
            request.line_item_commitments.clone(),
            &prices,
            "",
        )
        .await?;
        insert_plan_lines(&work, NewLine::of_plan(&subscription, &plan), prices, &mut terms).await?;
        let mut overridden = terms.into_overridden();
        let attached = request.addons.as_deref().unwrap_or_default();
        addons::attach_all(&work, &subscription, attached, &mut overridden).await?;
        refuse_mixed_proration(&work, &subscription).await?;
        entitlements::override_for(
            &work,
            &subscription,
            request.override_entitlements.as_deref().unwrap_or_default(),
        )
        .await?;
        attach_taxes(&work, &subscription, &request).await?;
        coupons::to_subscription(&work, &subscription, &request, &overridden).await?;
        entitlements::prorate_limits(&work, &subscription).await?;
        let (subscription, opening) = open(&work, self, subscription).await?;
        let event = match subscription.subscription_status.0 {
            SubscriptionStatus::Draft => "subscription.draft.created",
            _ => "subscription.created",
        };
        work.publish(event, "subscription", &subscription.id).await?;
        let mut response = complete_response(&work.rows(), subscription).await?;
        if let Some(opening) = opening {
            response.latest_invoice = Some(Box::new(invoices::plain_response(&work.rows(), opening).await?));
        }
        work.commit().await?;
        Ok(response)
    }
}

/// The customer, held so that it is not deleted while it becomes a subscriber (spec 01 B1 "Delete").
async fn subscriber(work: &Work<'_>, request: &CreateSubscriptionRequest) -> Result<customer_rows::Model> {
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let rows = work.rows();
    let customer = match (filled(&request.customer_id), filled(&request.external_customer_id)) {
        (Some(id), _) => customers::lock(&rows, &id).await?,
        (None, Some(external_id)) => customers::lock_by_external_id(&rows, &external_id).await?,
        (None, None) => return Err(ApiError::validation("customer_id or external_customer_id is required").into()),
    };
    if customer.status.0 != Status::Published {
        let error = ApiError::validation("The customer is not published");
        return Err(error.detail("customer_id", customer.id).into());
    }
    Ok(customer)
}

async fn published_plan(work: &Work<'_>, request: &CreateSubscriptionRequest) -> Result<plan_rows::Model> {
    let plan = plans::get(&work.rows(), request.plan_id.as_deref().unwrap_or_default()).await?;
    if plan.status.0 != Status::Published {
        return Err(ApiError::validation("The plan is not published")
            .detail("plan_id", plan.id)
            .into());
    }
    Ok(plan)
}

/// The record, with its anchor and first period.
fn new_subscription(
    work: &Work<'_>,
    request: &CreateSubscriptionRequest,
    customer: &customer_rows::Model,
    plan: &plan_rows::Model,
) -> Result<subscriptions::Model> {
    let (collection_method, payment_behavior) = request.payment();
    let cycle = request.billing_cycle.unwrap_or(BillingCycle::Anniversary);
    let period = request.billing_period.unwrap_or(BillingPeriod::Monthly);
    let start = to_milliseconds(request.start_date.map_or(work.now, |start| start.0));
    let zone = calendar::zone(&customer.timezone);
    let explicit = request.billing_anchor.map(|anchor| anchor.0);
    let schedule = Schedule {
        anchor: billing_anchor(cycle, period, start, explicit, &zone)?,
        period,
        count: request.billing_period_count.filter(|count| *count > 0).unwrap_or(1),
        zone,
        end: request.end_date.map(|end| end.0),
    };
    let first = schedule.period_from(start)?.unwrap_or(Period::new(start, start));
    let proration_behavior = request.proration_behavior.unwrap_or(ProrationBehavior::None);
    check_proration(proration_behavior, start, work.now)?;
    let user_id = &work.context.user_id;
    Ok(subscriptions::Model {
        id: mint(IdPrefix::Subscription),
        tenant_id: String::new(),
        environment_id: String::new(),
        customer_id: customer.id.clone(),
        plan_id: plan.id.clone(),
        invoicing_customer_id: None,
        parent_subscription_id: None,
        lookup_key: request.lookup_key.clone().unwrap_or_default(),
        subscription_status: Word(request.subscription_status.unwrap_or(SubscriptionStatus::Incomplete)),
        subscription_type: Word(SubscriptionType::Standalone),
        currency: request.currency.as_deref().unwrap_or_default().to_lowercase(),
        billing_period: Word(period),
        billing_period_count: schedule.count,
        billing_cycle: Word(cycle),
        billing_anchor: Time(schedule.anchor),
        start_date: Time(start),
        end_date: schedule.end.map(Time),
        current_period_start: Time(first.start),
        current_period_end: Time(first.end),
        timezone: customer.timezone.clone(),
        collection_method: Word(collection_method),
        payment_behavior: Word(payment_behavior),
        payment_terms: request.payment_terms.map(Word),
        proration_behavior: Word(proration_behavior),
        commitment_amount: request.commitment_amount.clone().map(Number),
        overage_factor: Some(Number(request.overage_factor.clone().unwrap_or_else(Decimal::one))),
        commitment_duration: request.commitment_duration.map(Word),
        enable_true_up: request.enable_true_up.unwrap_or_default(),
        auto_invoice_threshold: request.auto_invoice_threshold.clone().map(Number),
        cancel_at: None,
        cancel_at_period_end: false,
        cancelled_at: None,
        trial_start: None,
        trial_end: None,
        pause_status: Word(PauseStatus::None),
        active_pause_id: None,
        synced_price_sequence: 0,
        gateway_payment_method_id: request.gateway_payment_method_id.clone(),
        metadata: request.metadata.clone().map(|metadata| Json(metadata.0)),
        version: 1,
        status: Word(Status::Published),
        created_at: Time(work.now),
        updated_at: Time(work.now),
        created_by: user_id.clone(),
        updated_by: user_id.clone(),
    })
}

/// The request's taxes or copies of the customer's. They hold from the subscription's start, also when that lies in the
/// past: its first periods are billed with the same taxes as the later ones.
async fn attach_taxes(
    work: &Work<'_>,
    subscription: &subscriptions::Model,
    request: &CreateSubscriptionRequest,
) -> Result<()> {
    let (taxed, customer) = (
        Bearer::subscription(&subscription.id),
        Bearer::customer(&subscription.customer_id),
    );
    let start = work.now.min(subscription.start_date.0);
    taxes::attach(work, taxed, start, request.tax_rate_overrides.clone(), customer).await
}

/// Starts have milliseconds (spec 04 §2.2).
fn to_milliseconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(instant.as_millisecond()).unwrap_or(instant)
}

/// Proration looks forward only: the start's UTC day must not lie before today (spec 04 §3.2).
fn check_proration(behavior: ProrationBehavior, start: Timestamp, now: Timestamp) -> Result<()> {
    let day = |instant: Timestamp| instant.as_second().div_euclid(24 * 60 * 60);
    if behavior == ProrationBehavior::CreateProrations && day(start) < day(now) {
        return Err(
            ApiError::validation("start_date must not lie before today with create_prorations")
                .detail("start_date", "lies before today")
                .into(),
        );
    }
    Ok(())
}

/// Issues the opening invoice and settles the first status. Drafts are left alone until they are activated.
async fn open(
    work: &Work<'_>,
    engine: &Engine,
    subscription: subscriptions::Model,
) -> Result<(subscriptions::Model, Option<invoice_rows::Model>)> {
    if subscription.subscription_status.0 == SubscriptionStatus::Draft {
        return Ok((subscription, None));
    }
    let requested = subscription.subscription_status.0;
    let (method, behavior) = (subscription.collection_method.0, subscription.payment_behavior.0);
    let id = subscription.id.clone();
    let opening = opening_invoice(work, engine, subscription).await?;
    let settled = opening
        .as_ref()
        .is_none_or(|invoice| invoice.payment_status.0 == PaymentStatus::Succeeded);
    let status = match requested {
        SubscriptionStatus::Active => SubscriptionStatus::Active,
        _ => after_opening_invoice(method, behavior, settled)?,
    };
    let changes = subscriptions::ActiveModel {
        subscription_status: set(Word(status)),
        ..Default::default()
    };
    let updated = work.rows().update::<subscriptions::Entity>(&id, changes).await?;
    Ok((updated.ok_or_else(|| super::unknown(&id))?, opening))
}

/// The invoice of the first period's advance charges; none when nothing is charged.
async fn opening_invoice(
    work: &Work<'_>,
    engine: &Engine,
    subscription: subscriptions::Model,
) -> Result<Option<invoice_rows::Model>> {
    let period = Period::new(subscription.current_period_start.0, subscription.current_period_end.0);
    let reason = BillingReason::SubscriptionCreate;
    let billable = billing::load(&work.rows(), subscription, period, work.now).await?;
    let planned = billing::plan(
        &billable,
        InvoiceWindow {
            current: period,
            next: None,
        },
        ReferencePoint::of(reason),
    )?;
    // A period start bills no usage, so nothing is read from the event log here.
    let log = engine.usage_log().as_ref();
    let charged = billing::charge(log, &work.context.scope, &billable, planned).await?;
    if charged.iter().all(|line| line.amount.is_zero()) {
        return Ok(None);
    }
    let config = settings::of::<InvoiceConfig>(&work.rows()).await?;
    let draft = DraftOf {
        subscription: &billable.subscription,
        reason,
        period,
        process_at: None,
    };
    let draft = invoices::open_draft(work, draft).await?;
    let computed = invoices::compute(work, &billable, draft, charged, &config).await?;
    let finalized = invoices::finalize(work, computed, &config).await?;
    Ok((finalized.invoice_status.0 != InvoiceStatus::Skipped).then_some(finalized))
}
