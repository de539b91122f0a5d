//! What single events cost, as inference providers ask for it (spec 02 §3.8).

use std::collections::BTreeSet;

use tariff_contract::error::ApiError;
use tariff_contract::events::{EventCostInfo, GetHuggingFaceBillingDataRequest, GetHuggingFaceBillingDataResponse};
use tariff_core::Decimal;
use tariff_store::Scoped;
use tariff_usage::StoredEvent;

use super::attribution::{candidates, meters_of, records};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
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
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let mut requests = Vec::with_capacity(ids.len());
        for id in ids {
            let cost = match self.usage_log().event(&context.scope, &id).await? {
                Some(stored) => cost(&rows, &stored).await?.unwrap_or_default(),
                None => Decimal::zero(),
            };
            requests.push(EventCostInfo {
                cost_nano_usd: &cost * &Decimal::from(NANOS),
                request_id: id,
            });
        }
        Ok(GetHuggingFaceBillingDataResponse { requests })
    }
}

/// What the first line that bills a record of the event charges for it.
async fn cost(rows: &Scoped<'_>, stored: &StoredEvent) -> Result<Option<Decimal>> {
    let event = &stored.event;
    let records = records(&meters_of(rows, event).await?, event, event.ingested_at)?;
    let Some(customer) = customers::find_by_external_id(rows, &event.external_customer_id).await? else {
        return Ok(None);
    };
    let meter_ids: BTreeSet<&str> = records.iter().map(|record| record.meter.id.as_str()).collect();
    let lines = candidates(rows, &customer, &meter_ids).await?;
    let Some(billing) = lines.iter().find(|candidate| candidate.covers(event.timestamp)) else {
        return Ok(None);
    };
    let record = records
        .iter()
        .find(|record| billing.line.meter_id.as_ref() == Some(&record.meter.id));
    let Some(record) = record else { return Ok(None) };
    let price = prices::get(rows, &billing.line.price_id).await?;
    Ok(Some(prices::pricing_of(&price)?.cost(&record.quantity)))
}
