//! The lines of a subscription (spec 04 §2.3, spec 03 §5.6).

use std::collections::BTreeSet;

use tariff_contract::error::ApiError;
use tariff_core::pricing::fixed_quantity;
use tariff_core::vocabulary::{BillingPeriod, LineItemEntityType, PriceEntityType, PriceType, ProrationBehavior};
use tariff_core::{Decimal, IdPrefix, SignedDuration, Status, Timestamp};
use tariff_store::Listing;
use tariff_store::column::{Json, Number, Time, Word};
use tariff_store::entity::{addon_associations, addons, meters, plans, prices, subscription_line_items, subscriptions};

use super::line_terms::LineTerms;
use crate::engine::Work;
use crate::error::Result;
use crate::ids::mint;

/// Whose lines are made, and what brings them along.
#[derive(Clone, Copy)]
pub(super) struct NewLine<'a> {
    subscription: &'a subscriptions::Model,
    entity_type: LineItemEntityType,
    entity_id: &'a str,
    /// Name of the plan or addon.
    name: &'a str,
    addon_association_id: Option<&'a str>,
    /// No line starts before.
    from: Timestamp,
    /// No line ends after.
    until: Option<Timestamp>,
}

impl<'a> NewLine<'a> {
    /// Lines of a plan, from the subscription's start on.
    pub(super) fn of_plan(subscription: &'a subscriptions::Model, plan: &'a plans::Model) -> Self {
        Self {
            subscription,
            entity_type: LineItemEntityType::Plan,
            entity_id: &plan.id,
            name: &plan.name,
            addon_association_id: None,
            from: subscription.start_date.0,
            until: None,
        }
    }

    /// Lines of an attached addon, for as long as it is attached.
    pub(super) fn of_addon(
        subscription: &'a subscriptions::Model,
        addon: &'a addons::Model,
        association: &'a addon_associations::Model,
    ) -> Self {
        Self {
            subscription,
            entity_type: LineItemEntityType::Addon,
            entity_id: &addon.id,
            name: &addon.name,
            addon_association_id: Some(&association.id),
            from: association.start_date.0,
            until: association.end_date.map(|end| end.0),
        }
    }
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

/// The first lines of a subscription: one per price of its plan, as [`insert_lines`] makes them.
pub(super) async fn insert_plan_lines(
    work: &Work<'_>,
    new: NewLine<'_>,
    prices: Vec<prices::Model>,
    terms: &mut LineTerms,
) -> Result<()> {
    insert_lines(work, new, prices, 0, terms).await?;
    Ok(())
}

/// One line per price, in the order of the prices and on the terms that the request sets for it, the first at this
/// position of the subscription.
pub(super) async fn insert_lines(
    work: &Work<'_>,
    new: NewLine<'_>,
    prices: Vec<prices::Model>,
    first_position: i64,
    terms: &mut LineTerms,
) -> Result<Vec<subscription_line_items::Model>> {
    let rows = work.rows();
    let mut lines = Vec::with_capacity(prices.len());
    for (position, price) in (first_position..).zip(prices) {
        let meter = match &price.meter_id {
            Some(id) => rows.get::<meters::Entity>(id).await?,
            None => None,
        };
        let meter_name = meter.as_ref().map(|meter| meter.name.clone()).unwrap_or_default();
        let mut line = line(work, new, price.clone(), meter_name, position);
        terms
            .apply(work, new.subscription, (price, meter.as_ref()), &mut line)
            .await?;
        lines.push(rows.insert::<subscription_line_items::Entity>(line).await?);
    }
    Ok(lines)
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
    let start = new.from.max(subscription.start_date.0).max(price.start_date.0);
    // A charge made once lasts a second, so that exactly one invoice window holds it; on what is attached for one period
    // it lasts as long as that.
    let once = price.billing_period.0 == BillingPeriod::Onetime && new.until.is_none();
    let once = once.then(|| start.saturating_add(SignedDuration::from_secs(1)));
    let once = once.and_then(std::result::Result::ok).map(Time);
    let end = [subscription.end_date, price.end_date, once, new.until.map(Time)]
        .into_iter()
        .flatten()
        .map(|end| end.0.max(start))
        .min();
    let quantity = match price.kind.0 {
        PriceType::Usage => Decimal::zero(),
        PriceType::Fixed => fixed_quantity(None, price.min_quantity.as_ref().map(|quantity| &quantity.0)),
    };
    let user_id = &work.context.user_id;
    subscription_line_items::Model {
        id: mint(IdPrefix::SubscriptionLineItem),
        tenant_id: String::new(),
        environment_id: String::new(),
        subscription_id: subscription.id.clone(),
        customer_id: subscription.customer_id.clone(),
        entity_type: Word(new.entity_type),
        entity_id: new.entity_id.to_owned(),
        plan_display_name: new.name.to_owned(),
        display_name: display_name(&price, &meter_name, new.name),
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
        addon_association_id: new.addon_association_id.map(str::to_owned),
        metadata: price.metadata.or_else(|| Some(Json(Default::default()))),
        status: Word(Status::Published),
        created_at: Time(work.now),
        updated_at: Time(work.now),
        created_by: user_id.clone(),
        updated_by: user_id.clone(),
    }
}

fn display_name(price: &prices::Model, meter_name: &str, owner_name: &str) -> String {
    let fallback = match price.kind.0 {
        PriceType::Usage => meter_name,
        PriceType::Fixed => owner_name,
    };
    if price.display_name.is_empty() {
        fallback.to_owned()
    } else {
        price.display_name.clone()
    }
}

/// Proration knows one length of period: lines of several exclude it (spec 04 §3.2; ONETIME counts).
pub(super) async fn refuse_mixed_proration(work: &Work<'_>, subscription: &subscriptions::Model) -> Result<()> {
    if subscription.proration_behavior.0 != ProrationBehavior::CreateProrations {
        return Ok(());
    }
    let listing = Listing::all()
        .equal("subscription_id", subscription.id.as_str())
        .equal("status", Status::Published.as_str());
    let lines = work.rows().list::<subscription_line_items::Entity>(&listing).await?;
    let periods: BTreeSet<_> = lines.iter().map(|line| line.billing_period.0).collect();
    if periods.len() > 1 {
        let message = "create_prorations is not for lines of different billing periods";
        return Err(ApiError::validation(message)
            .detail(
                "proration_behavior",
                "does not go with lines of different billing periods",
            )
            .into());
    }
    Ok(())
}
