//! The steps from an event to a bill, up to the first that fails (spec 02 §3.5).

use std::collections::BTreeSet;

use tariff_contract::DateTime;
use tariff_contract::error::{ApiError, ErrorResponse};
use tariff_contract::event_lookup::{
    AttributedToCustomerResult, Customer, CustomerLookupResult, DebugTracker, DebugTrackerStatus, FailurePoint,
    FailurePointType, MatchedMeter, MatchedPrice, MatchedSubscriptionLineItem, MeterMatchingResult, PriceLookupResult,
    SubscriptionLineItemLookupResult,
};
use tariff_core::Status;
use tariff_core::aggregation::meter_filters_match;
use tariff_core::vocabulary::PriceType;
use tariff_store::entity::{customers, meters as meter_rows, prices as price_rows};
use tariff_store::{Listing, Scoped};
use tariff_usage::Event;

use super::attribution::{Candidate, candidates, properties};
use crate::error::Result;
use crate::records::{Narrow, by_ids, metadata_out};
use crate::{meters, prices, subscriptions};

/// Most prices shown; every subscription may have some of its own.
const PRICES_SHOWN_MAX: u64 = 1_000;

/// Follows an event that no line bills.
pub(super) async fn track(
    rows: &Scoped<'_>,
    customer: Option<customers::Model>,
    event: &Event,
    measuring: &[meter_rows::Model],
) -> Result<DebugTracker> {
    let mut tracker = untracked();
    let Some(customer) = customer else {
        let message = format!("Customer with external ID {} was not found", event.external_customer_id);
        let error = ApiError::not_found(message).detail("external_customer_id", event.external_customer_id.as_str());
        tracker.customer_lookup = Some(CustomerLookupResult {
            customer: None,
            error: Some(error.to_body()),
            status: DebugTrackerStatus::Error,
        });
        return Ok(failed(tracker, FailurePointType::CustomerLookup, error.to_body()));
    };
    tracker.customer_lookup = Some(CustomerLookupResult {
        customer: Some(customer_out(customer.clone())),
        error: None,
        status: DebugTrackerStatus::Found,
    });
    let matched = matching(event, measuring)?;
    tracker.meter_matching = Some(meter_matching(&matched));
    if matched.is_empty() {
        return Ok(failed(
            tracker,
            FailurePointType::MeterLookup,
            missing("No meter measures this event"),
        ));
    }
    let priced = prices_on(rows, &matched).await?;
    tracker.price_lookup = Some(price_lookup(&priced));
    if priced.is_empty() {
        return Ok(failed(
            tracker,
            FailurePointType::PriceLookup,
            missing("No price is on the event's meters"),
        ));
    }
    let lines = priced_lines(rows, &customer, &matched).await?;
    let found = lines.iter().any(|candidate| candidate.covers(event.timestamp));
    tracker.subscription_line_item_lookup = Some(line_lookup(lines, found, event));
    if !found {
        let error = missing("No active subscription line bills the event's meters at its time");
        return Ok(failed(tracker, FailurePointType::SubscriptionLineItemLookup, error));
    }
    // A record on one of these lines would have made the event a processed one, so that none is there yet.
    tracker.attributed_to_customer = Some(AttributedToCustomerResult {
        error: None,
        meter_usage: None,
        status: DebugTrackerStatus::Processing,
    });
    Ok(tracker)
}

/// The customer's lines of published usage prices on the meters.
async fn priced_lines(
    rows: &Scoped<'_>,
    customer: &customers::Model,
    matched: &[meter_rows::Model],
) -> Result<Vec<Candidate>> {
    let meter_ids: BTreeSet<&str> = matched.iter().map(|meter| meter.id.as_str()).collect();
    let mut lines = candidates(rows, customer, &meter_ids).await?;
    let price_ids = lines.iter().map(|candidate| candidate.line.price_id.clone());
    let priced = by_ids::<price_rows::Entity>(rows, price_ids, |price| &price.id).await?;
    lines.retain(|candidate| {
        let price = priced.get(&candidate.line.price_id);
        price.is_some_and(|price| price.status.0 == Status::Published && price.kind.0 == PriceType::Usage)
    });
    Ok(lines)
}

fn untracked() -> DebugTracker {
    let unprocessed = DebugTrackerStatus::Unprocessed;
    DebugTracker {
        customer_lookup: Some(CustomerLookupResult {
            customer: None,
            error: None,
            status: unprocessed,
        }),
        meter_matching: Some(MeterMatchingResult {
            error: None,
            matched_meters: Vec::new(),
            status: unprocessed,
        }),
        price_lookup: Some(PriceLookupResult {
            error: None,
            matched_prices: Vec::new(),
            status: unprocessed,
        }),
        subscription_line_item_lookup: Some(SubscriptionLineItemLookupResult {
            error: None,
            matched_line_items: Vec::new(),
            status: unprocessed,
        }),
        attributed_to_customer: Some(AttributedToCustomerResult {
            error: None,
            meter_usage: None,
            status: unprocessed,
        }),
        failure_point: None,
    }
}

fn failed(mut tracker: DebugTracker, failure_point_type: FailurePointType, error: ErrorResponse) -> DebugTracker {
    tracker.failure_point = Some(FailurePoint {
        error: Some(error),
        failure_point_type,
    });
    tracker
}

fn missing(message: &str) -> ErrorResponse {
    ApiError::not_found(message).to_body()
}

fn found_if(found: bool) -> DebugTrackerStatus {
    if found {
        DebugTrackerStatus::Found
    } else {
        DebugTrackerStatus::NotFound
    }
}

/// The published meters whose filters the event passes.
fn matching(event: &Event, measuring: &[meter_rows::Model]) -> Result<Vec<meter_rows::Model>> {
    let properties = properties(event)?;
    let matches = |meter: &&meter_rows::Model| {
        meter.status.0 == Status::Published && meter_filters_match(&meter.filters.0, &properties)
    };
    Ok(measuring.iter().filter(matches).cloned().collect())
}

fn meter_matching(matched: &[meter_rows::Model]) -> MeterMatchingResult {
    let matched_meters = matched.iter().map(|meter| MatchedMeter {
        event_name: meter.event_name.clone(),
        meter_id: meter.id.clone(),
        meter: Some(meters::domain_form(meter.clone())),
    });
    MeterMatchingResult {
        error: None,
        matched_meters: matched_meters.collect(),
        status: found_if(!matched.is_empty()),
    }
}

async fn prices_on(rows: &Scoped<'_>, matched: &[meter_rows::Model]) -> Result<Vec<price_rows::Model>> {
    let listing = Listing {
        limit: Some(PRICES_SHOWN_MAX),
        ..Listing::all()
    };
    let listing = listing
        .within("meter_id", matched.iter().map(|meter| meter.id.clone()))
        .equal("type", PriceType::Usage.as_str())
        .published();
    Ok(rows.list::<price_rows::Entity>(&listing).await?)
}

fn price_lookup(priced: &[price_rows::Model]) -> PriceLookupResult {
    let matched_prices = priced.iter().map(|price| MatchedPrice {
        meter_id: price.meter_id.clone().unwrap_or_default(),
        price_id: price.id.clone(),
        status: price.status.0.as_str().to_owned(),
        price: Some(prices::domain_form(price.clone())),
    });
    PriceLookupResult {
        error: None,
        matched_prices: matched_prices.collect(),
        status: found_if(!priced.is_empty()),
    }
}

fn line_lookup(lines: Vec<Candidate>, found: bool, event: &Event) -> SubscriptionLineItemLookupResult {
    let matched = |candidate: Candidate| {
        let in_range = candidate.covers(event.timestamp);
        MatchedSubscriptionLineItem {
            start_date: Some(DateTime(candidate.line.start_date.0)),
            end_date: candidate.line.end_date.map(|end| DateTime(end.0)),
            is_active_for_event: in_range,
            timestamp_within_range: in_range,
            price_id: candidate.line.price_id.clone(),
            sub_line_item_id: Some(candidate.line.id.clone()),
            subscription_id: candidate.subscription_id,
            subscription_line_item: Some(subscriptions::line(candidate.line)),
        }
    };
    SubscriptionLineItemLookupResult {
        error: None,
        matched_line_items: lines.into_iter().map(matched).collect(),
        status: found_if(found),
    }
}

fn customer_out(customer: customers::Model) -> Customer {
    Customer {
        id: customer.id,
        external_id: customer.external_id,
        name: customer.name,
        email: customer.email,
        contact: customer.contact,
        address_line1: customer.address_line1,
        address_line2: customer.address_line2,
        address_city: customer.address_city,
        address_state: customer.address_state,
        address_postal_code: customer.address_postal_code,
        address_country: customer.address_country,
        timezone: customer.timezone,
        metadata: metadata_out(customer.metadata),
        tenant_id: customer.tenant_id,
        environment_id: customer.environment_id,
        status: customer.status.0,
        created_at: DateTime(customer.created_at.0),
        updated_at: DateTime(customer.updated_at.0),
        created_by: customer.created_by,
        updated_by: customer.updated_by,
    }
}
