//! Ad-hoc aggregates over raw events (spec 02 §3.6).

use std::sync::Arc;

use tariff_contract::DateTime;
use tariff_contract::JsonNumber;
use tariff_contract::error::ApiError;
use tariff_contract::usage::{GetUsageByMeterRequest, GetUsageRequest, GetUsageResponse, UsageResult};
use tariff_core::aggregation::{Basis, Meter, RawAggregation, UsageQuestion, WindowGrid, time_zone_or_utc};
use tariff_usage::{Customers, UsageQuery};

use super::limits::Budget;
use super::time_range;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::meters;

impl Engine {
    /// An aggregate over the raw events of one name.
    ///
    /// # Errors
    /// `validation_error` for a missing name or type, a reversed range, or a multiplier that does not belong there.
    pub async fn usage_of_event(&self, context: &Context, request: GetUsageRequest) -> Result<GetUsageResponse> {
        request.validate()?;
        let meter = ad_hoc_meter(&request)?;
        let request = GetUsageByMeterRequest {
            billing_anchor: request.billing_anchor,
            customer_id: request.customer_id,
            end_time: request.end_time,
            external_customer_id: request.external_customer_id,
            filters: request.filters,
            start_time: request.start_time,
            timezone: request.timezone,
            window_size: request.window_size,
            ..GetUsageByMeterRequest::default()
        };
        self.raw_usage(context, meter, request).await
    }

    /// An aggregate over the raw events that a meter measures.
    ///
    /// # Errors
    /// `validation_error` without a meter or for a reversed range; `not_found`.
    pub async fn usage_of_meter(&self, context: &Context, request: GetUsageByMeterRequest) -> Result<GetUsageResponse> {
        request.validate()?;
        let id = request.meter_id.as_deref().unwrap_or_default();
        let meter = meters::definition(self.recent_meter(context, id).await?.as_ref())?;
        self.raw_usage(context, meter, request).await
    }

    async fn raw_usage(
        &self,
        context: &Context,
        meter: Meter,
        request: GetUsageByMeterRequest,
    ) -> Result<GetUsageResponse> {
        let mut query = query(context, meter, request)?;
        let log = self.usage_log().as_ref();
        let usage = Budget::new().ask(log, &context.scope, &mut query).await?.into_total();
        let (value, results) = usage.raw_results(&query.question);
        let meter = &query.question.meter;
        Ok(GetUsageResponse {
            event_name: meter.event_name().to_owned(),
            r#type: meter.aggregation().kind(),
            value: Some(JsonNumber(value)).filter(|value| !value.0.is_zero()),
            results: results
                .into_iter()
                .map(|result| UsageResult {
                    window_size: DateTime(result.start).to_string(),
                    value: JsonNumber(result.value),
                })
                .collect(),
        })
    }
}

fn query(context: &Context, meter: Meter, request: GetUsageByMeterRequest) -> Result<UsageQuery> {
    let period = time_range(context, request.start_time, request.end_time)?;
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let zone = time_zone_or_utc(request.timezone.as_deref().unwrap_or_default());
    let anchor_day = request.billing_anchor.map(|anchor| anchor.day);
    let bucketed = meter.aggregation().bucket_size().is_some();
    let window_size = request.window_size.filter(|_| !bucketed);
    let question = UsageQuestion {
        filters: request.filters.unwrap_or_default(),
        windows: window_size.map(|size| WindowGrid::new(size, zone.clone(), anchor_day)),
        bucket_zone: zone,
        bucket_anchor_day: anchor_day,
        ..UsageQuestion::new(Arc::new(meter), Basis::Raw, period)
    };
    Ok(UsageQuery {
        question,
        customers: filled(request.external_customer_id).map_or(Customers::All, |id| Customers::These(vec![id])),
        customer_id: filled(request.customer_id),
    })
}

fn ad_hoc_meter(request: &GetUsageRequest) -> Result<Meter> {
    let kind = request.aggregation_type.ok_or_else(|| {
        ApiError::validation("aggregation_type is required").detail("aggregation_type", "is required")
    })?;
    let aggregation = RawAggregation {
        kind,
        property_name: request.property_name.clone().unwrap_or_default(),
        multiplier: request.multiplier.clone(),
        bucket_size: request.bucket_size,
        group_by: group_by(request),
    };
    Meter::ad_hoc(request.event_name.as_deref().unwrap_or_default(), &aggregation).map_err(|error| {
        let field = error.field().trim_start_matches("aggregation.");
        Error(ApiError::validation(error.to_string()).detail(field, error.to_string()))
    })
}

/// The property to group a bucketed maximum by: the first entry only, and only a plain name; anything else is ignored.
fn group_by(request: &GetUsageRequest) -> Option<String> {
    let named = |name: &str| super::is_property_name(name).then(|| name.to_owned());
    match request.group_by.as_deref() {
        Some([first, ..]) => first.strip_prefix("properties.").and_then(named),
        Some([]) | None => {
            let name = request.group_by_property.as_deref()?;
            named(name.strip_prefix("properties.").unwrap_or(name))
        }
    }
}
