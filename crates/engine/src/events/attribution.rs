//! What an event left behind: its usage records, and the subscription lines that bill them (spec 02 §4.1, §3.5).

use std::collections::{BTreeMap, BTreeSet};

use tariff_contract::error::ApiError;
use tariff_core::aggregation::{Basis, Meter, MeterFilter, Properties, meter_filters_match};
use tariff_core::vocabulary::SubscriptionStatus;
use tariff_core::{Decimal, Timestamp};
use tariff_store::entity::{customers, meters as meter_rows, subscription_line_items, subscriptions};
use tariff_store::{Listing, Scoped};
use tariff_usage::Event;

use crate::error::{Error, Result};
use crate::meters;
use crate::records::Narrow;
use crate::usage::UsageLines;

/// What a meter recorded of an event.
pub(super) struct Record {
    pub meter: meter_rows::Model,
    pub quantity: Decimal,
}

/// A usage line of a customer that bills one of some meters.
pub(super) struct Candidate {
    pub subscription_id: String,
    pub line: subscription_line_items::Model,
}

impl Candidate {
    /// Whether the line bills what happens at `instant`.
    pub fn covers(&self, instant: Timestamp) -> bool {
        self.line.start_date.0 <= instant && self.line.end_date.is_none_or(|end| instant < end.0)
    }
}

/// The meters that measure events of this name, whatever their status, oldest first.
pub(super) async fn meters_of(rows: &Scoped<'_>, event: &Event) -> Result<Vec<meter_rows::Model>> {
    meters_of_names(rows, [event.event_name.clone()]).await
}

/// As [`meters_of`], of several names.
pub(super) async fn meters_of_names(
    rows: &Scoped<'_>,
    names: impl IntoIterator<Item = String>,
) -> Result<Vec<meter_rows::Model>> {
    let listing = Listing::all().within("event_name", names).oldest_first();
    Ok(rows.list::<meter_rows::Entity>(&listing).await?)
}

/// The usage records of an event: one per meter that recorded events when this one was taken in, and whose filters it
/// passed then.
pub(super) fn records(measuring: &[meter_rows::Model], event: &Event, ingested_at: Timestamp) -> Result<Vec<Record>> {
    let properties = properties(event)?;
    let mut records = Vec::new();
    for row in measuring {
        let Some(filters) = filters_at(row, ingested_at) else {
            continue;
        };
        let meter: Meter = meters::definition(row)?;
        if !meter_filters_match(&filters, &properties) {
            continue;
        }
        if let Some(quantity) = meter.quantity(Basis::Recorded, &properties) {
            records.push(Record {
                meter: row.clone(),
                quantity: quantity.amount(),
            });
        }
    }
    Ok(records)
}

/// The properties of a stored event.
pub(super) fn properties(event: &Event) -> Result<Properties<'_>> {
    let json = event.properties.as_deref().unwrap_or("null");
    Properties::parse(json).map_err(|error| Error(ApiError::internal(error)))
}

fn filters_at(row: &meter_rows::Model, ingested_at: Timestamp) -> Option<Vec<MeterFilter>> {
    let history = meters::recording(row);
    if history.is_empty() {
        return Some(row.filters.0.clone());
    }
    history
        .into_iter()
        .rev()
        .find(|revision| revision.from <= ingested_at)?
        .filters
}

/// The usage lines of the active and trialing subscriptions of some customers, by customer id; each customer's in the
/// order of its subscriptions, oldest first, and of their lines.
pub(super) async fn lines_of(
    rows: &Scoped<'_>,
    customer_ids: impl IntoIterator<Item = String>,
) -> Result<BTreeMap<String, Vec<Candidate>>> {
    let billed = [SubscriptionStatus::Active, SubscriptionStatus::Trialing];
    let listing = Listing::all()
        .within("customer_id", customer_ids)
        .within("subscription_status", billed.map(SubscriptionStatus::as_str))
        .published()
        .oldest_first();
    let subscribed = rows.list::<subscriptions::Entity>(&listing).await?;
    let lines = UsageLines::of(rows, &subscribed).await?;
    let mut by_customer: BTreeMap<String, Vec<Candidate>> = BTreeMap::new();
    for subscription in subscribed {
        let candidates = lines.lines(&subscription).iter().map(|line| Candidate {
            subscription_id: subscription.id.clone(),
            line: line.clone(),
        });
        by_customer
            .entry(subscription.customer_id.clone())
            .or_default()
            .extend(candidates);
    }
    Ok(by_customer)
}

/// The lines of the customer's active and trialing subscriptions on any of these meters, oldest subscription first.
pub(super) async fn candidates(
    rows: &Scoped<'_>,
    customer: &customers::Model,
    meter_ids: &BTreeSet<&str>,
) -> Result<Vec<Candidate>> {
    let mut lines = lines_of(rows, [customer.id.clone()])
        .await?
        .remove(&customer.id)
        .unwrap_or_default();
    lines.retain(|candidate| {
        let meter_id = candidate.line.meter_id.as_deref();
        meter_id.is_some_and(|id| meter_ids.contains(id))
    });
    Ok(lines)
}

/// The meters among `ids` that the customer's active subscriptions bill.
pub(crate) async fn billed_meters(
    rows: &Scoped<'_>,
    customer: &customers::Model,
    ids: &BTreeSet<&str>,
) -> Result<BTreeSet<String>> {
    let lines = candidates(rows, customer, ids).await?;
    Ok(lines
        .into_iter()
        .filter_map(|candidate| candidate.line.meter_id)
        .collect())
}
