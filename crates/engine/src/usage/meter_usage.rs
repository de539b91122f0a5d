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
use tariff_core::aggregation::{Basis, Period, Usage, UsageQuestion, WindowGrid, time_zone_or_utc};
use tariff_core::vocabulary::AggregationType;
use tariff_store::Scoped;
use tariff_store::entity::meters as meter_rows;
use tariff_usage::UsageQuery;

use super::limits::Budget;
use super::{analytics, time_range};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::records::by_ids;
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
        let asking = Asking::of(&rows, context, &request, [meter.id.as_str()].into()).await?;
        self.usage_on(context, &asking, &meter, &mut Budget::new()).await
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
        let mut wanted: Vec<&str> = Vec::new();
        for id in request.meter_ids.iter().flatten() {
            if !wanted.contains(&id.as_str()) {
                wanted.push(id);
            }
        }
        let asking = Asking::of(&rows, context, &request, wanted.iter().copied().collect()).await?;
        let meters = by_ids::<meter_rows::Entity>(&rows, asking.billed.iter().cloned(), |meter| &meter.id).await?;
        let mut budget = Budget::new();
        let mut items = Vec::new();
        for meter in wanted.into_iter().filter_map(|id| meters.get(id)) {
            items.push(self.usage_on(context, &asking, meter, &mut budget).await?);
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
            ..analytics::Scope::default()
        };
        self.analytics(context, request.analytics, scope).await
    }

    /// The usage on a meter; zero when no active subscription bills it.
    async fn usage_on(
        &self,
        context: &Context,
        asking: &Asking<'_>,
        meter: &meter_rows::Model,
        budget: &mut Budget,
    ) -> Result<MeterUsageResponse> {
        let question = asking.question(meter)?;
        let usage = if asking.billed.contains(&meter.id) {
            let mut query = UsageQuery::of_customer(question, asking.external_id());
            let log = self.usage_log().as_ref();
            budget.ask(log, &context.scope, &mut query).await?.into_total()
        } else {
            Usage::default()
        };
        Ok(asking.answer(meter, usage))
    }
}

/// A request about one or several meters, with what is known of its customer.
struct Asking<'a> {
    request: &'a MeterUsageRequest,
    period: Period,
    timezone: String,
    /// The meters that active subscriptions of the customer bill.
    billed: BTreeSet<String>,
}

impl<'a> Asking<'a> {
    async fn of(
        rows: &Scoped<'_>,
        context: &Context,
        request: &'a MeterUsageRequest,
        meter_ids: BTreeSet<&str>,
    ) -> Result<Self> {
        let external_id = request.external_customer_id.as_deref().unwrap_or_default();
        let customer = customers::find_by_external_id(rows, external_id).await?;
        let billed = match &customer {
            Some(customer) => events::billed_meters(rows, customer, &meter_ids).await?,
            None => BTreeSet::new(),
        };
        Ok(Self {
            request,
            period: time_range(context, request.start_time, request.end_time)?,
            timezone: customer.map(|customer| customer.timezone).unwrap_or_default(),
            billed,
        })
    }

    fn external_id(&self) -> &str {
        self.request.external_customer_id.as_deref().unwrap_or_default()
    }

    fn kind(&self, meter: &meter_rows::Model) -> AggregationType {
        self.request.aggregation_type.unwrap_or(meter.aggregation.0.kind)
    }

    fn question(&self, row: &meter_rows::Model) -> Result<UsageQuestion> {
        let kind = self.kind(row);
        let meter = meters::measuring_by(row, kind).map_err(|error| {
            Error(
                ApiError::validation(format!("The meter cannot be aggregated so: {error}"))
                    .detail("aggregation_type", kind.as_str()),
            )
        })?;
        let anchor_day = self.request.billing_anchor.map(|anchor| anchor.day);
        let grid = |size| WindowGrid::new(size, time_zone_or_utc(&self.timezone), anchor_day);
        Ok(UsageQuestion {
            recording: meters::recording(row),
            filters: self.request.property_filters.clone().unwrap_or_default(),
            sources: self.request.sources.clone().unwrap_or_default(),
            windows: self.request.window_size.map(grid),
            bucket_anchor_day: anchor_day,
            ..UsageQuestion::new(Arc::new(meter), Basis::Recorded, self.period)
        })
    }

    fn answer(&self, meter: &meter_rows::Model, usage: Usage) -> MeterUsageResponse {
        let points = usage.windows.into_iter().map(|window| MeterUsagePoint {
            timestamp: DateTime(window.start),
            value: window.value,
            event_count: window.event_count,
        });
        MeterUsageResponse {
            meter_id: meter.id.clone(),
            external_customer_id: self.external_id().to_owned(),
            aggregation_type: self.kind(meter),
            start_time: DateTime(self.period.start),
            end_time: DateTime(self.period.end),
            window_size: self.request.window_size,
            total_value: usage.value,
            event_count: usage.event_count,
            points: points.collect(),
        }
    }
}
