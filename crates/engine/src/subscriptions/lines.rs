//! The lines of a subscription (spec 04 §2.3, spec 03 §5.6).

use tariff_contract::error::ApiError;
use tariff_core::vocabulary::{BillingPeriod, LineItemEntityType, PriceEntityType, PriceType};
use tariff_core::{Decimal, IdPrefix, SignedDuration, Status};
use tariff_store::Listing;
use tariff_store::column::{Json, Number, Time, Word};
use tariff_store::entity::{meters, plans, prices, subscription_line_items, subscriptions};

use super::line_terms::LineTerms;
use crate::engine::Work;
use crate::error::Result;
use crate::ids::mint;
use crate::prices::default_quantity;

/// Whose lines are made, and from which plan.
#[derive(Clone, Copy)]
pub(super) struct NewLine<'a> {
    pub subscription: &'a subscriptions::Model,
    pub plan: &'a plans::Model,
}

/// The plan's prices of the subscription's currency and period, or charged once, that are not over; oldest first.
pub(super) async fn qualifying_prices(
    work: &Work<'_>,
    subscription: &subscriptions::Model,
) -> Result<Vec<prices::Model>> {
    let listing = Listing::all()
        .oldest_first()
        .equal("entity_type", PriceEntityType::Plan.as_str())
        .equal("entity_id", subscription.plan_id.as_str())
        .equal("status", Status::Published.as_str())
        .equal("currency", subscription.currency.as_str());
    let fits = |price: &prices::Model| {
        let period = price.billing_period.0;
        let over = price
            .end_date
            .is_some_and(|end| end.0 <= subscription.start_date.0.max(price.start_date.0));
        !over && (period == subscription.billing_period.0 || period == BillingPeriod::Onetime)
    };
    let qualifying: Vec<_> = work
        .rows()
        .list::<prices::Entity>(&listing)
        .await?
        .into_iter()
        .filter(fits)
        .collect();
    if qualifying.is_empty() {
        let message = "The plan has no price of the subscription's currency and billing period";
        return Err(ApiError::validation(message)
            .detail("plan_id", subscription.plan_id.as_str())
            .into());
    }
    Ok(qualifying)
}

/// One line per price, in the order of the prices and on the terms that the request sets for it.
pub(super) async fn insert_plan_lines(
    work: &Work<'_>,
    new: NewLine<'_>,
    prices: Vec<prices::Model>,
    terms: &mut LineTerms,
) -> Result<()> {
    let rows = work.rows();
    for (position, price) in (0_i64..).zip(prices) {
        let meter = match &price.meter_id {
            Some(id) => rows.get::<meters::Entity>(id).await?,
            None => None,
        };
        let meter_name = meter.as_ref().map(|meter| meter.name.clone()).unwrap_or_default();
        let mut line = line(work, new, price.clone(), meter_name, position);
        terms
            .apply(work, new.subscription, (price, meter.as_ref()), &mut line)
            .await?;
        rows.insert::<subscription_line_items::Entity>(line).await?;
    }
    Ok(())
}

/// A line of a plan's price, with its defaults.
pub(super) fn line(
    work: &Work<'_>,
    new: NewLine<'_>,
    price: prices::Model,
    meter_name: String,
    position: i64,
) -> subscription_line_items::Model {
    let subscription = new.subscription;
    let start = subscription.start_date.0.max(price.start_date.0);
    // A charge made once lasts a second, so that exactly one invoice window holds it.
    let once =
        (price.billing_period.0 == BillingPeriod::Onetime).then(|| start.saturating_add(SignedDuration::from_secs(1)));
    let once = once.and_then(std::result::Result::ok).map(Time);
    let end = [subscription.end_date, price.end_date, once]
        .into_iter()
        .flatten()
        .map(|end| end.0)
        .min();
    let quantity = match price.kind.0 {
        PriceType::Usage => Decimal::zero(),
        PriceType::Fixed => default_quantity(&price),
    };
    let user_id = &work.context.user_id;
    subscription_line_items::Model {
        id: mint(IdPrefix::SubscriptionLineItem),
        tenant_id: String::new(),
        environment_id: String::new(),
        subscription_id: subscription.id.clone(),
        customer_id: subscription.customer_id.clone(),
        entity_type: Word(LineItemEntityType::Plan),
        entity_id: new.plan.id.clone(),
        plan_display_name: new.plan.name.clone(),
        display_name: display_name(&price, &meter_name, new.plan),
        price_id: price.id,
        price_type: price.kind,
        price_unit_id: price.price_unit_id,
        price_unit: price.price_unit,
        meter_id: price.meter_id,
        meter_display_name: meter_name,
        quantity: Number(quantity),
        currency: price.currency,
        billing_period: price.billing_period,
        billing_period_count: price.billing_period_count,
        invoice_cadence: price.invoice_cadence,
        trial_period_days: price.trial_period_days,
        start_date: Time(start),
        end_date: end.map(Time),
        position,
        commitment_type: None,
        commitment_amount: None,
        commitment_quantity: None,
        commitment_overage_factor: None,
        commitment_true_up_enabled: false,
        commitment_windowed: false,
        commitment_duration: None,
        commitment_time_buckets: None,
        metadata: price.metadata.or_else(|| Some(Json(Default::default()))),
        status: Word(Status::Published),
        created_at: Time(work.now),
        updated_at: Time(work.now),
        created_by: user_id.clone(),
        updated_by: user_id.clone(),
    }
}

fn display_name(price: &prices::Model, meter_name: &str, plan: &plans::Model) -> String {
    let fallback = match price.kind.0 {
        PriceType::Usage => meter_name,
        PriceType::Fixed => plan.name.as_str(),
    };
    if price.display_name.is_empty() {
        fallback.to_owned()
    } else {
        price.display_name.clone()
    }
}
