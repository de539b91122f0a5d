//! What an event left behind: its usage records, and the subscription lines that bill them (spec 02 §4.1, §3.5).

use std::collections::BTreeSet;

use tariff_contract::error::ApiError;
use tariff_core::aggregation::{Basis, Meter, MeterFilter, Properties, meter_filters_match};
use tariff_core::vocabulary::SubscriptionStatus;
use tariff_core::{Decimal, Timestamp};
use tariff_store::entity::{customers, meters as meter_rows, subscription_line_items, subscriptions};
use tariff_store::{Listing, Scoped};
use tariff_usage::Event;

use crate::error::{Error, Result};
use crate::records::Narrow;
use crate::{meters, usage};

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
    let listing = Listing::all()
        .equal("event_name", event.event_name.as_str())
        .oldest_first();
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

/// The lines of the customer's active and trialing subscriptions on any of these meters, oldest subscription first.
pub(super) async fn candidates(
    rows: &Scoped<'_>,
    customer: &customers::Model,
    meter_ids: &BTreeSet<&str>,
) -> Result<Vec<Candidate>> {
    let billed = [SubscriptionStatus::Active, SubscriptionStatus::Trialing];
    let listing = Listing::all()
        .equal("customer_id", customer.id.as_str())
        .within("subscription_status", billed.map(SubscriptionStatus::as_str))
        .published()
        .oldest_first();
    let mut candidates = Vec::new();
    for subscription in rows.list::<subscriptions::Entity>(&listing).await? {
        for line in usage::usage_lines(rows, &subscription).await? {
            if line.meter_id.as_deref().is_some_and(|id| meter_ids.contains(id)) {
                candidates.push(Candidate {
                    subscription_id: subscription.id.clone(),
                    line,
                });
            }
        }
    }
    Ok(candidates)
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
