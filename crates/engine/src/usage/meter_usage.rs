//! Recorded usage by meter (spec 02 §3.9).

use std::collections::BTreeSet;
use std::sync::Arc;

use tariff_contract::DateTime;
use tariff_contract::analytics::GetUsageAnalyticsResponse;
use tariff_contract::error::ApiError;
use tariff_contract::meter_usage::{
    DetailedMeterUsageRequest, MeterUsageAnalyticsResponse, MeterUsagePoint, MeterUsageRequest, MeterUsageResponse,
};
use tariff_core::SignedDuration;
use tariff_core::aggregation::{Basis, Usage, UsageQuestion, WindowGrid};
use tariff_core::vocabulary::AggregationType;
use tariff_store::Scoped;
use tariff_store::entity::{customers as customer_rows, meters as meter_rows};
use tariff_usage::UsageQuery;

use super::{analytics, time_range};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::{customers, events, meters};

/// How far detailed analytics reach back when the request names no start.
const DETAILED_RANGE_DEFAULT: SignedDuration = SignedDuration::from_hours(6);

impl Engine {
    /// The usage of a customer on one meter; zero when no active subscription bills it.
    ///
    /// # Errors
    /// `validation_error` for missing fields, a reversed range, or an aggregation that the meter has no field for;
    /// `not_found`.
    pub async fn meter_usage(&self, context: &Context, request: MeterUsageRequest) -> Result<MeterUsageResponse> {
        request.validate_one()?;
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let meter = meters::get(&rows, request.meter_id.as_deref().unwrap_or_default()).await?;
        let ids = BTreeSet::from([meter.id.as_str()]);
        if billed(&rows, &request, &ids).await?.is_empty() {
            return answer(context, &request, &meter, Usage::default());
        }
        self.usage_on(context, &request, &meter).await
    }

    /// The usage of a customer on several meters; those that no active subscription bills are left out.
    ///
    /// # Errors
    /// As [`Engine::meter_usage`].
    pub async fn meter_usage_analytics(
        &self,
        context: &Context,
        request: MeterUsageRequest,
    ) -> Result<MeterUsageAnalyticsResponse> {
        request.validate_several()?;
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let asked: BTreeSet<&str> = request.meter_ids.iter().flatten().map(String::as_str).collect();
        let billed = billed(&rows, &request, &asked).await?;
        let mut items = Vec::new();
        for id in asked.into_iter().filter(|id| billed.contains(*id)) {
            let meter = meters::get(&rows, id).await?;
            items.push(self.usage_on(context, &request, &meter).await?);
        }
        Ok(MeterUsageAnalyticsResponse { items })
    }

    /// Usage and cost of a customer on some meters.
    ///
    /// # Errors
    /// As [`Engine::usage_analytics`]; `validation_error` without a customer.
    pub async fn detailed_meter_usage(
        &self,
        context: &Context,
        request: DetailedMeterUsageRequest,
    ) -> Result<GetUsageAnalyticsResponse> {
        request.validate()?;
        let scope = analytics::Scope {
            range_default: DETAILED_RANGE_DEFAULT,
            meter_ids: request.meter_ids.filter(|ids| !ids.is_empty()),
            anchor_day: request.billing_anchor.map(|anchor| anchor.day),
        };
        self.analytics(context, request.analytics, scope).await
    }

    async fn usage_on(
        &self,
        context: &Context,
        request: &MeterUsageRequest,
        meter: &meter_rows::Model,
    ) -> Result<MeterUsageResponse> {
        let session = self.read();
        let external_id = request.external_customer_id.as_deref().unwrap_or_default();
        let customer = customers::find_by_external_id(&session.scoped(&context.scope), external_id).await?;
        let question = question(context, request, meter, customer.as_ref())?;
        let query = UsageQuery::of_customer(question, external_id);
        let usage = self.usage_log().usage(&context.scope, &query).await?.into_total();
        answer(context, request, meter, usage)
    }
}

/// The meters among `ids` that active subscriptions of the customer bill.
async fn billed(rows: &Scoped<'_>, request: &MeterUsageRequest, ids: &BTreeSet<&str>) -> Result<BTreeSet<String>> {
    let external_id = request.external_customer_id.as_deref().unwrap_or_default();
    match customers::find_by_external_id(rows, external_id).await? {
        Some(customer) => events::billed_meters(rows, &customer, ids).await,
        None => Ok(BTreeSet::new()),
    }
}

fn question(
    context: &Context,
    request: &MeterUsageRequest,
    row: &meter_rows::Model,
    customer: Option<&customer_rows::Model>,
) -> Result<UsageQuestion> {
    let period = time_range(context, request.start_time, request.end_time)?;
    let kind = request.aggregation_type.unwrap_or(row.aggregation.0.kind);
    let meter = meters::measuring_by(row, kind).map_err(|error| {
        Error(
            ApiError::validation(format!("The meter cannot be aggregated so: {error}"))
                .detail("aggregation_type", kind.as_str()),
        )
    })?;
    let zone = customer.map(|customer| customer.timezone.as_str()).unwrap_or_default();
    let anchor_day = request.billing_anchor.map(|anchor| anchor.day);
    let grid = |size| WindowGrid::new(size, tariff_core::aggregation::time_zone_or_utc(zone), anchor_day);
    Ok(UsageQuestion {
        recording: meters::recording(row),
        filters: request.property_filters.clone().unwrap_or_default(),
        sources: request.sources.clone().unwrap_or_default(),
        windows: request.window_size.map(grid),
        bucket_anchor_day: anchor_day,
        ..UsageQuestion::new(Arc::new(meter), Basis::Recorded, period)
    })
}

fn answer(
    context: &Context,
    request: &MeterUsageRequest,
    meter: &meter_rows::Model,
    usage: Usage,
) -> Result<MeterUsageResponse> {
    let period = time_range(context, request.start_time, request.end_time)?;
    let points = usage.windows.into_iter().map(|window| MeterUsagePoint {
        timestamp: DateTime(window.start),
        value: window.value,
        event_count: window.event_count,
    });
    let kind: AggregationType = request.aggregation_type.unwrap_or(meter.aggregation.0.kind);
    Ok(MeterUsageResponse {
        meter_id: meter.id.clone(),
        external_customer_id: request.external_customer_id.clone().unwrap_or_default(),
        aggregation_type: kind,
        start_time: DateTime(period.start),
        end_time: DateTime(period.end),
        window_size: request.window_size,
        total_value: usage.value,
        event_count: usage.event_count,
        points: points.collect(),
    })
}
