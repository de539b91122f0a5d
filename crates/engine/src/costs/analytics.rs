//! What usage costs the seller, against what it brings in (spec 03 §5.14).

use std::collections::BTreeMap;

use tariff_contract::DateTime;
use tariff_contract::analytics::GetUsageAnalyticsRequest;
use tariff_contract::costs::{CostAnalyticItem, CostPoint, GetCostAnalyticsRequest, GetDetailedCostAnalyticsResponse};
use tariff_contract::list::{resolve_limit, resolve_offset};
use tariff_core::aggregation::Period;
use tariff_core::cost::Margin;
use tariff_core::vocabulary::PriceType;
use tariff_core::{Decimal, Timestamp};
use tariff_store::Scoped;
use tariff_store::entity::{customers as customer_rows, prices as price_rows};

use super::{active, rates_of};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::filled;
use crate::usage::{RatedPoint, RatedUsage, time_range};
use crate::{customers, meters, prices};

/// The cost sheet that counts, with its rates by meter.
struct Rates {
    costsheet_id: String,
    by_meter: BTreeMap<String, price_rows::Model>,
    /// Of the newest rate; empty without rates.
    currency: String,
}

/// Both sides of the comparison. One that cannot be told is `None`.
struct Sides {
    costs: Option<Vec<CostAnalyticItem>>,
    revenue: Option<Decimal>,
    currency: String,
}

impl Engine {
    /// What usage cost at the rates of the active cost sheet, what it brought in, and what is left.
    ///
    /// # Errors
    /// `validation_error` for field rules, a reversed range, or too large a question. A cost sheet or customer that does
    /// not exist is no error: the figures that need it are zero.
    pub async fn cost_analytics(
        &self,
        context: &Context,
        request: GetCostAnalyticsRequest,
    ) -> Result<GetDetailedCostAnalyticsResponse> {
        request.validate()?;
        let period = time_range(context, request.start_time, request.end_time)?;
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let external_id = filled(request.external_customer_id.clone());
        let customer = match &external_id {
            Some(external_id) => customers::find_by_external_id(&rows, external_id).await?,
            None => None,
        };
        let is_known = external_id.is_none() || customer.is_some();
        let asked = asked_usage(&request, period);
        let revenue = self.revenue(context, asked.clone()).await?;
        let rates = rates(&rows, context.now()).await?;
        let costs = match &rates {
            Some(rates) if is_known => {
                let rated = self.usage_at_rates(context, &asked, period, &rates.by_meter).await?;
                Some(items(&request, rates, customer.as_ref(), rated))
            }
            Some(_) | None => None,
        };
        let sides = Sides {
            currency: Some(revenue.currency)
                .filter(|currency| !currency.is_empty())
                .unwrap_or_else(|| rates.map(|rates| rates.currency).unwrap_or_default()),
            revenue: is_known.then_some(revenue.total_cost),
            costs,
        };
        sides.answer(&request, period)
    }
}

impl Sides {
    fn answer(self, request: &GetCostAnalyticsRequest, period: Period) -> Result<GetDetailedCostAnalyticsResponse> {
        let has_costs = self.costs.is_some();
        let items = self.costs.unwrap_or_default();
        // Money of several currencies does not add up, and cannot be compared.
        let in_currency = |item: &&CostAnalyticItem| item.currency == self.currency;
        let total_cost: Decimal = items.iter().filter(in_currency).map(|item| &item.total_cost).sum();
        let is_comparable = has_costs && items.iter().all(|item| in_currency(&item));
        let margin = Margin::of_sides(self.revenue.as_ref(), is_comparable.then_some(&total_cost));
        Ok(GetDetailedCostAnalyticsResponse {
            cost_analytics: page(request, items)?,
            currency: self.currency,
            start_time: Some(DateTime(period.start)),
            end_time: Some(DateTime(period.end)),
            total_cost,
            total_revenue: self.revenue.unwrap_or_default(),
            margin: margin.margin,
            margin_percent: margin.margin_percent,
            roi: margin.roi,
            roi_percent: margin.roi_percent,
        })
    }
}

/// The part of the items that the request asks for; all of them without a limit.
fn page(request: &GetCostAnalyticsRequest, items: Vec<CostAnalyticItem>) -> Result<Vec<CostAnalyticItem>> {
    let offset = usize::try_from(resolve_offset(request.offset)?).unwrap_or(usize::MAX);
    let limit = match request.limit {
        None | Some(0) => usize::MAX,
        limit => usize::try_from(resolve_limit(limit)?).unwrap_or(usize::MAX),
    };
    Ok(items.into_iter().skip(offset).take(limit).collect())
}

/// The rates of the active cost sheet: its usage prices that run at `now`, of each meter the newest.
async fn rates(rows: &Scoped<'_>, now: Timestamp) -> Result<Option<Rates>> {
    let Some(sheet) = active(rows).await? else {
        return Ok(None);
    };
    let mut running = rates_of(rows, [sheet.id.clone()], now).await?;
    running.retain(|price| price.kind.0 == PriceType::Usage && price.start_date.0 <= now);
    let currency = running.first().map(|price| price.currency.clone()).unwrap_or_default();
    let mut by_meter = BTreeMap::new();
    for price in running {
        if let Some(meter_id) = price.meter_id.clone() {
            by_meter.entry(meter_id).or_insert(price);
        }
    }
    Ok(Some(Rates {
        costsheet_id: sheet.id,
        by_meter,
        currency,
    }))
}

fn asked_usage(request: &GetCostAnalyticsRequest, period: Period) -> GetUsageAnalyticsRequest {
    GetUsageAnalyticsRequest {
        external_customer_id: request.external_customer_id.clone(),
        feature_ids: request.feature_ids.clone(),
        include_children: request.include_children,
        property_filters: request.property_filters.clone(),
        start_time: Some(DateTime(period.start)),
        end_time: Some(DateTime(period.end)),
        ..GetUsageAnalyticsRequest::default()
    }
}

/// One item per rated row, by the name of the meter.
fn items(
    request: &GetCostAnalyticsRequest,
    rates: &Rates,
    customer: Option<&customer_rows::Model>,
    rated: Vec<RatedUsage>,
) -> Vec<CostAnalyticItem> {
    let item = |rated: RatedUsage| CostAnalyticItem {
        costsheet_id: Some(rates.costsheet_id.clone()),
        customer_id: customer.map(|customer| customer.id.clone()).unwrap_or_default(),
        external_customer_id: request.external_customer_id.clone().unwrap_or_default(),
        currency: rated.price.currency.clone(),
        price_id: rated.price.id.clone(),
        price: request
            .expands("price")
            .then(|| prices::domain_form(rated.price.clone())),
        meter_id: Some(rated.meter.id.clone()),
        meter_name: rated.meter.name.clone(),
        meter: request
            .expands("meter")
            .then(|| meters::domain_form(rated.meter.clone())),
        cost_by_period: rated.points.into_iter().map(point).collect(),
        properties: None,
        source: String::new(),
        total_cost: rated.cost,
        total_events: rated.event_count,
        total_quantity: rated.quantity,
    };
    let mut items: Vec<CostAnalyticItem> = rated.into_iter().map(item).collect();
    items.sort_by(|a, b| a.meter_name.cmp(&b.meter_name));
    items
}

fn point(point: RatedPoint) -> CostPoint {
    CostPoint {
        timestamp: DateTime(point.start),
        cost: point.cost,
        quantity: point.quantity,
        event_count: point.event_count,
    }
}
