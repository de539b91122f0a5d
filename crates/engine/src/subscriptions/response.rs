//! The wire form of subscriptions and their lines.

use std::collections::HashMap;

use tariff_contract::line_items::{SubscriptionLineItem, SubscriptionLineItemResponse, TimeOfDay, TimeOfDayBucket};
use tariff_contract::subscriptions::SubscriptionResponse;
use tariff_contract::{DateTime, JsonNumber, Metadata};
use tariff_core::Status;
use tariff_core::vocabulary::BillingCadence;
use tariff_store::column::Time;
use tariff_store::entity::subscription_line_items::TimeBucket;
use tariff_store::entity::{
    customers as customer_rows, plans as plan_rows, prices as price_rows, subscription_line_items, subscriptions,
};
use tariff_store::{Direction, Listing, Scoped};

use crate::error::Result;
use crate::records::by_ids;
use crate::{coupons, customers, plans, prices};

/// The subscription with its lines, their prices, its plan and customer.
pub(crate) async fn complete_response(
    rows: &Scoped<'_>,
    subscription: subscriptions::Model,
) -> Result<SubscriptionResponse> {
    let customer = rows.get::<customer_rows::Entity>(&subscription.customer_id).await?;
    let mut response = plain_response(rows, subscription).await?;
    response.customer = customer.map(|customer| customers::response(customer, Vec::new()));
    response.coupon_associations = coupons::of_subscription(rows, &response.id).await?;
    let listing = Listing::all().within("id", response.line_items.iter().map(|line| line.price_id.clone()));
    let priced: HashMap<String, price_rows::Model> = rows
        .list::<price_rows::Entity>(&listing)
        .await?
        .into_iter()
        .map(|price| (price.id.clone(), price))
        .collect();
    for line in &mut response.line_items {
        line.price = priced.get(&line.price_id).cloned().map(prices::domain_form);
    }
    Ok(response)
}

/// The subscription with its lines and plan.
pub(crate) async fn plain_response(
    rows: &Scoped<'_>,
    subscription: subscriptions::Model,
) -> Result<SubscriptionResponse> {
    let id = subscription.id.clone();
    let answer = plain_responses(rows, vec![subscription]).await?.pop();
    answer.ok_or_else(|| super::unknown(&id))
}

/// As [`plain_response`] for a whole page, in the same order and in two queries.
pub(crate) async fn plain_responses(
    rows: &Scoped<'_>,
    page: Vec<subscriptions::Model>,
) -> Result<Vec<SubscriptionResponse>> {
    let plan_ids = page.iter().map(|subscription| subscription.plan_id.clone());
    let subscribed = by_ids::<plan_rows::Entity>(rows, plan_ids, |plan| &plan.id).await?;
    let mut lines = current_lines(rows, &page).await?;
    let answer = |subscription: subscriptions::Model| {
        let plan = subscribed.get(&subscription.plan_id);
        let plan = plan.cloned().ok_or_else(|| plans::unknown_id(&subscription.plan_id))?;
        let current = lines.remove(&subscription.id).unwrap_or_default();
        let mut answer = response(subscription);
        answer.plan = Some(plans::response(plan));
        answer.line_items = current.into_iter().map(line).collect();
        Ok(answer)
    };
    page.into_iter().map(answer).collect()
}

/// The published lines of each subscription, in the order of their creation: those without an end, and those whose end is
/// not before the current period (spec 04 §2.2).
pub(super) async fn current_lines(
    rows: &Scoped<'_>,
    subscriptions: &[subscriptions::Model],
) -> Result<HashMap<String, Vec<subscription_line_items::Model>>> {
    let listing = Listing {
        sort: vec![("position".to_owned(), Direction::Ascending)],
        ..Listing::all()
    }
    .within(
        "subscription_id",
        subscriptions.iter().map(|subscription| subscription.id.clone()),
    )
    .equal("status", Status::Published.as_str());
    let mut lines: HashMap<String, Vec<_>> = HashMap::new();
    for line in rows.list::<subscription_line_items::Entity>(&listing).await? {
        lines.entry(line.subscription_id.clone()).or_default().push(line);
    }
    for subscription in subscriptions {
        if let Some(lines) = lines.get_mut(&subscription.id) {
            lines.retain(|line| line.end_date.is_none_or(|end| end >= subscription.current_period_start));
        }
    }
    Ok(lines)
}

fn wire(time: Option<Time>) -> Option<DateTime> {
    time.map(|time| DateTime(time.0))
}

/// The record by itself.
pub(super) fn response(subscription: subscriptions::Model) -> SubscriptionResponse {
    SubscriptionResponse {
        id: subscription.id,
        customer_id: subscription.customer_id,
        plan_id: subscription.plan_id,
        invoicing_customer_id: subscription.invoicing_customer_id,
        parent_subscription_id: subscription.parent_subscription_id,
        lookup_key: subscription.lookup_key,
        subscription_status: subscription.subscription_status.0,
        subscription_type: subscription.subscription_type.0,
        currency: subscription.currency,
        billing_cadence: BillingCadence::Recurring,
        billing_period: subscription.billing_period.0,
        billing_period_count: subscription.billing_period_count,
        billing_cycle: subscription.billing_cycle.0,
        billing_anchor: DateTime(subscription.billing_anchor.0),
        start_date: DateTime(subscription.start_date.0),
        end_date: wire(subscription.end_date),
        current_period_start: DateTime(subscription.current_period_start.0),
        current_period_end: DateTime(subscription.current_period_end.0),
        timezone: subscription.timezone,
        collection_method: subscription.collection_method.0.as_str().to_owned(),
        payment_behavior: subscription.payment_behavior.0.as_str().to_owned(),
        payment_terms: subscription.payment_terms.map(|terms| terms.0),
        proration_behavior: subscription.proration_behavior.0,
        commitment_amount: subscription.commitment_amount.map(|amount| amount.0),
        overage_factor: subscription.overage_factor.map(|factor| factor.0),
        commitment_duration: subscription.commitment_duration.map(|duration| duration.0),
        enable_true_up: subscription.enable_true_up,
        auto_invoice_threshold: subscription.auto_invoice_threshold.map(|threshold| threshold.0),
        cancel_at: wire(subscription.cancel_at),
        cancel_at_period_end: subscription.cancel_at_period_end,
        cancelled_at: wire(subscription.cancelled_at),
        trial_start: wire(subscription.trial_start),
        trial_end: wire(subscription.trial_end),
        pause_status: subscription.pause_status.0,
        active_pause_id: subscription.active_pause_id,
        synced_price_sequence: subscription.synced_price_sequence,
        gateway_payment_method_id: subscription.gateway_payment_method_id,
        metadata: subscription.metadata.map(|metadata| Metadata(metadata.0)),
        version: subscription.version,
        line_items: Vec::new(),
        plan: None,
        customer: None,
        latest_invoice: None,
        checkout_session: None,
        coupon_associations: Vec::new(),
        credit_grants: Vec::new(),
        entitlements: Vec::new(),
        pauses: Vec::new(),
        phases: Vec::new(),
        tenant_id: subscription.tenant_id,
        environment_id: subscription.environment_id,
        status: subscription.status.0,
        created_at: DateTime(subscription.created_at.0),
        updated_at: DateTime(subscription.updated_at.0),
        created_by: subscription.created_by,
        updated_by: subscription.updated_by,
    }
}

/// The two forms of a line differ only in how much of price and meter they embed.
macro_rules! line_form {
    ($line:ident) => {
        Self {
            id: $line.id,
            subscription_id: $line.subscription_id,
            customer_id: $line.customer_id,
            entity_type: $line.entity_type.0,
            entity_id: $line.entity_id,
            plan_display_name: $line.plan_display_name,
            price_id: $line.price_id,
            price_type: Some($line.price_type.0),
            price_unit_id: $line.price_unit_id,
            price_unit: $line.price_unit,
            meter_id: $line.meter_id,
            meter_display_name: $line.meter_display_name,
            display_name: $line.display_name,
            quantity: $line.quantity.0,
            currency: $line.currency,
            billing_period: $line.billing_period.0,
            billing_period_count: $line.billing_period_count,
            invoice_cadence: $line.invoice_cadence.0,
            start_date: DateTime($line.start_date.0),
            end_date: wire($line.end_date),
            metadata: $line.metadata.map(|metadata| Metadata(metadata.0)),
            addon_association_id: $line.addon_association_id,
            commitment_amount: $line.commitment_amount.map(|amount| amount.0),
            commitment_duration: $line.commitment_duration.map(|duration| duration.0),
            commitment_overage_factor: $line.commitment_overage_factor.map(|factor| factor.0),
            commitment_quantity: $line.commitment_quantity.map(|quantity| quantity.0),
            commitment_time_buckets: $line
                .commitment_time_buckets
                .map(|buckets| buckets.0.into_iter().map(time_bucket).collect())
                .unwrap_or_default(),
            commitment_true_up_enabled: $line.commitment_true_up_enabled,
            commitment_type: $line.commitment_type.map(|kind| kind.0),
            commitment_windowed: $line.commitment_windowed,
            meter: None,
            price: None,
            subscription_phase_id: None,
            tenant_id: $line.tenant_id,
            environment_id: $line.environment_id,
            status: $line.status.0,
            created_at: DateTime($line.created_at.0),
            updated_at: DateTime($line.updated_at.0),
            created_by: $line.created_by,
            updated_by: $line.updated_by,
        }
    };
}

fn time_bucket(bucket: TimeBucket) -> TimeOfDayBucket {
    TimeOfDayBucket {
        id: bucket.id,
        start: Some(time_of_day(bucket.start_minute)),
        end: Some(time_of_day(bucket.end_minute)),
        commitment_type: Some(bucket.commitment_type),
        commitment_value: Some(bucket.commitment_value),
        overage_factor: Some(JsonNumber(bucket.overage_factor)),
        price_id: bucket.price_id,
        true_up_enabled: bucket.true_up_enabled,
    }
}

/// The minute of a day as a time on the clock; 1440 is 24:00.
pub(crate) fn time_of_day(minute: u32) -> TimeOfDay {
    TimeOfDay {
        hour: Some(i64::from(minute / 60)),
        minute: Some(i64::from(minute % 60)),
    }
}

trait LineForm {
    fn of(line: subscription_line_items::Model) -> Self;
}

impl LineForm for SubscriptionLineItem {
    fn of(line: subscription_line_items::Model) -> Self {
        line_form!(line)
    }
}

impl LineForm for SubscriptionLineItemResponse {
    fn of(line: subscription_line_items::Model) -> Self {
        line_form!(line)
    }
}

/// The stored form of a line, as answers embed it.
pub(crate) fn line(line: subscription_line_items::Model) -> SubscriptionLineItem {
    SubscriptionLineItem::of(line)
}

/// A line by itself, as its own search answers it.
pub(crate) fn line_response(line: subscription_line_items::Model) -> SubscriptionLineItemResponse {
    SubscriptionLineItemResponse::of(line)
}
