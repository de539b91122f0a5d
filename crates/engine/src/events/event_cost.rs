//! What single events cost, as inference providers ask for it (spec 02 §3.8).

use std::collections::{BTreeMap, BTreeSet};

use tariff_contract::error::ApiError;
use tariff_contract::events::{EventCostInfo, GetHuggingFaceBillingDataRequest, GetHuggingFaceBillingDataResponse};
use tariff_core::Decimal;
use tariff_store::Scoped;
use tariff_store::entity::{meters as meter_rows, prices as price_rows, subscription_line_items};
use tariff_usage::Event;

use super::attribution::{Candidate, Record, lines_of, meters_of_names, records};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::by_ids;
use crate::{customers, prices};

/// Most requests priced at once.
const REQUESTS_MAX: usize = 1_000;

/// Billionths in one unit of a currency.
const NANOS: i64 = 1_000_000_000;

impl Engine {
    /// The price of each request as if its event were all the usage there is, in billionths of the currency's unit;
    /// zero when nothing bills it.
    ///
    /// # Errors
    /// `validation_error` for no ids or too many.
    pub async fn event_costs(
        &self,
        context: &Context,
        request: GetHuggingFaceBillingDataRequest,
    ) -> Result<GetHuggingFaceBillingDataResponse> {
        let ids = request.request_ids.unwrap_or_default();
        if ids.is_empty() || ids.len() > REQUESTS_MAX {
            let reason = format!("must have 1 to {REQUESTS_MAX} items");
            return Err(ApiError::validation("Request validation failed")
                .detail("requestIds", reason)
                .into());
        }
        let mut events = BTreeMap::new();
        for id in &ids {
            if !events.contains_key(id)
                && let Some(stored) = self.usage_log().event(&context.scope, id).await?
            {
                events.insert(id.clone(), stored.event);
            }
        }
        let session = self.read();
        let costs = costs(&session.scoped(&context.scope), &events).await?;
        let requests = ids.into_iter().map(|id| EventCostInfo {
            cost_nano_usd: costs
                .get(&id)
                .map(|cost| cost * &Decimal::from(NANOS))
                .unwrap_or_default(),
            request_id: id,
        });
        Ok(GetHuggingFaceBillingDataResponse {
            requests: requests.collect(),
        })
    }
}

/// What the first line that bills a record of each event charges for it, by the event's id.
async fn costs(rows: &Scoped<'_>, events: &BTreeMap<String, Event>) -> Result<BTreeMap<String, Decimal>> {
    let names: BTreeSet<String> = events.values().map(|event| event.event_name.clone()).collect();
    let mut measuring: BTreeMap<String, Vec<meter_rows::Model>> = BTreeMap::new();
    for meter in meters_of_names(rows, names).await? {
        measuring.entry(meter.event_name.clone()).or_default().push(meter);
    }
    let customers =
        customers::published_by_external_id(rows, events.values().map(|event| event.external_customer_id.clone()));
    let customers = customers.await?;
    let lines = lines_of(rows, customers.values().map(|customer| customer.id.clone())).await?;
    let mut billed = Vec::new();
    for (id, event) in events {
        let of_name = measuring.get(&event.event_name).map_or(&[][..], Vec::as_slice);
        let records = records(of_name, event, event.ingested_at)?;
        let lines = customers
            .get(&event.external_customer_id)
            .and_then(|customer| lines.get(&customer.id));
        if let Some((line, record)) = billing_line(lines.into_iter().flatten(), &records, event) {
            billed.push((id, line.price_id.clone(), record.quantity.clone()));
        }
    }
    let price_ids = billed.iter().map(|(_, price_id, _)| price_id.clone());
    let priced = by_ids::<price_rows::Entity>(rows, price_ids, |price| &price.id).await?;
    let mut costs = BTreeMap::new();
    for (id, price_id, quantity) in billed {
        if let Some(price) = priced.get(&price_id) {
            costs.insert(id.clone(), prices::pricing_of(price)?.cost(&quantity));
        }
    }
    Ok(costs)
}

/// The first of a customer's lines that bills a record of the event.
fn billing_line<'r>(
    mut lines: impl Iterator<Item = &'r Candidate>,
    records: &'r [Record],
    event: &Event,
) -> Option<(&'r subscription_line_items::Model, &'r Record)> {
    lines.find_map(|candidate| {
        let line = &candidate.line;
        let measures = |record: &&Record| line.meter_id.as_ref() == Some(&record.meter.id);
        let record = records.iter().find(measures)?;
        candidate.covers(event.timestamp).then_some((line, record))
    })
}
