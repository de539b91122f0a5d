//! What billing must know of a subscription: its lines with prices, meters, allowances and grants.

use std::collections::HashMap;
use std::sync::Arc;

use tariff_core::aggregation::Meter;
use tariff_core::entitlement::most_frequent_reset;
use tariff_core::pricing::Pricing;
use tariff_core::usage_cost::UsageTerms;
use tariff_core::vocabulary::{FeatureType, UsageResetPeriod};
use tariff_core::{Decimal, Period, Schedule, Status, Timestamp, calendar};
use tariff_store::entity::{
    customers, entitlements, features, meters as meter_rows, prices as price_rows, subscription_line_items,
    subscriptions,
};
use tariff_store::{Listing, Scoped};

use super::commitments;
use super::grants::{self, Grants};
use crate::error::Result;
use crate::{customers as customer_records, entitlements as entitlements_of, meters, prices};

/// A subscription with everything its invoices depend on.
pub(crate) struct Billable {
    pub subscription: subscriptions::Model,
    /// Whose usage is billed.
    pub owner: customers::Model,
    /// Live lines, in the order of their creation.
    pub items: Vec<BillableItem>,
    /// Time-boxed allowances, which take the place of the plain ones.
    pub grants: Grants,
    /// When it was loaded; true-ups reach up to then.
    pub now: Timestamp,
}

/// One line of a subscription.
pub(crate) struct BillableItem {
    pub item: subscription_line_items::Model,
    pub price: price_rows::Model,
    pub pricing: Pricing,
    /// The price with what was promised on the line.
    pub terms: UsageTerms,
    /// Of usage lines.
    pub meter: Option<MeteredBy>,
}

/// What measures a usage line, and what it includes.
pub(crate) struct MeteredBy {
    pub row: meter_rows::Model,
    pub meter: Arc<Meter>,
    /// `None` when nothing is included.
    pub allowance: Option<Allowance>,
}

/// Units that cost nothing (spec 03 §5.10).
pub(crate) struct Allowance {
    /// Per reset period; `None` is unlimited.
    pub limit: Option<Decimal>,
    pub reset: Option<UsageResetPeriod>,
}

impl Billable {
    /// The chain of the subscription's billing periods.
    pub(crate) fn schedule(&self) -> Schedule {
        schedule(&self.subscription)
    }
}

/// The chain of a subscription's billing periods.
pub(crate) fn schedule(subscription: &subscriptions::Model) -> Schedule {
    Schedule {
        anchor: subscription.billing_anchor.0,
        period: subscription.billing_period.0,
        count: subscription.billing_period_count,
        zone: calendar::zone(&subscription.timezone),
        end: subscription.end_date.map(|end| end.0),
    }
}

/// Loads what billing must know of a subscription for an invoice of `period`; `now` decides which of the entitlements
/// of its own are live.
pub(crate) async fn load(
    rows: &Scoped<'_>,
    subscription: subscriptions::Model,
    period: Period,
    now: Timestamp,
) -> Result<Billable> {
    let owner = customer_records::get(rows, &subscription.customer_id).await?;
    let listing = Listing {
        sort: vec![("position".to_owned(), tariff_store::Direction::Ascending)],
        ..Listing::all()
    }
    .equal("subscription_id", subscription.id.as_str())
    .equal("status", Status::Published.as_str());
    let items = rows.list::<subscription_line_items::Entity>(&listing).await?;
    let priced = by_id(prices_of(rows, &items).await?, |price| price.id.clone());
    let metered = by_id(meters_of(rows, &items).await?, |meter| meter.id.clone());
    let allowances = allowances(rows, &subscription, period, now).await?;
    let grants = grants::load(rows, &subscription, period, &allowances).await?;
    let items = items
        .into_iter()
        .filter_map(|item| Some((priced.get(&item.price_id)?.clone(), item)))
        .map(|(price, item)| billable_item(item, price, &priced, &metered, &allowances))
        .collect::<Result<_>>()?;
    Ok(Billable {
        subscription,
        owner,
        items,
        grants,
        now,
    })
}

fn billable_item(
    item: subscription_line_items::Model,
    price: price_rows::Model,
    priced: &HashMap<String, price_rows::Model>,
    metered: &HashMap<String, meter_rows::Model>,
    allowances: &HashMap<String, Vec<entitlements::Model>>,
) -> Result<BillableItem> {
    let meter = match item.meter_id.as_ref().and_then(|id| metered.get(id)) {
        Some(row) => Some(MeteredBy {
            meter: Arc::new(meters::definition(row)?),
            allowance: allowances.get(&row.id).map(|granted| allowance(granted)),
            row: row.clone(),
        }),
        None => None,
    };
    let pricing = prices::pricing_of(&price)?;
    Ok(BillableItem {
        terms: commitments::terms(&item, pricing.clone(), |id| priced.get(id))?,
        pricing,
        item,
        price,
        meter,
    })
}

async fn prices_of(rows: &Scoped<'_>, items: &[subscription_line_items::Model]) -> Result<Vec<price_rows::Model>> {
    let listing = Listing::all().within("id", items.iter().flat_map(commitments::price_ids));
    Ok(rows.list::<price_rows::Entity>(&listing).await?)
}

async fn meters_of(rows: &Scoped<'_>, items: &[subscription_line_items::Model]) -> Result<Vec<meter_rows::Model>> {
    let listing = Listing::all().within("id", items.iter().filter_map(|item| item.meter_id.clone()));
    Ok(rows.list::<meter_rows::Entity>(&listing).await?)
}

fn by_id<T>(rows: Vec<T>, id: impl Fn(&T) -> String) -> HashMap<String, T> {
    rows.into_iter().map(|row| (id(&row), row)).collect()
}

/// The enabled metered entitlements of the subscription, by the meter of their feature.
async fn allowances(
    rows: &Scoped<'_>,
    subscription: &subscriptions::Model,
    period: Period,
    now: Timestamp,
) -> Result<HashMap<String, Vec<entitlements::Model>>> {
    let mut granted = entitlements_of::of_billed_period(rows, subscription, period, now).await?;
    granted.retain(|row| row.is_enabled && row.feature_type.0 == FeatureType::Metered);
    let listing = Listing::all().within("id", granted.iter().map(|row| row.feature_id.clone()));
    let features = by_id(rows.list::<features::Entity>(&listing).await?, |feature| {
        feature.id.clone()
    });
    let mut by_meter: HashMap<String, Vec<entitlements::Model>> = HashMap::new();
    for row in granted {
        if let Some(meter_id) = features
            .get(&row.feature_id)
            .and_then(|feature| feature.meter_id.clone())
        {
            by_meter.entry(meter_id).or_default().push(row);
        }
    }
    Ok(by_meter)
}

/// The limits of one meter together: their sum, unlimited if any is (spec 03 §5.10, Q20).
fn allowance(granted: &[entitlements::Model]) -> Allowance {
    Allowance {
        limit: granted
            .iter()
            .map(|row| row.usage_limit.map(Decimal::from))
            .sum::<Option<Decimal>>(),
        reset: most_frequent_reset(granted.iter().map(|row| row.usage_reset_period.map(|reset| reset.0))),
    }
}
