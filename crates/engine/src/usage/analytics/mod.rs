//! Recorded usage with its cost, per meter, source and property over time (spec 02 §3.7, §4.10).
//!
//! One row per meter of customers without a subscription, per subscription line of the others. Which rows there are is
//! told by [`subjects`], what a row says by [`rows`], what is embedded in it by [`embed`].

mod embed;
mod rows;
mod subjects;

use tariff_contract::analytics::{GetUsageAnalyticsRequest, GetUsageAnalyticsResponse, UsageAnalyticItem};
use tariff_core::aggregation::{Basis, Dimension, Period, UsageQuestion, WindowGrid, time_zone_or_utc};
use tariff_core::vocabulary::WindowSize;
use tariff_core::{Decimal, SignedDuration};
use tariff_usage::UsageQuery;

use self::subjects::{Subject, Subjects};
pub(crate) use self::subjects::{features_of, usage_lines};
use super::{RANGE_DEFAULT, range_of};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;

/// What analytics beyond the request's own members are asked for.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    /// How far the range reaches back when the request names no start.
    pub range_default: SignedDuration,
    /// Only these meters; `None` for no condition.
    pub meter_ids: Option<Vec<String>>,
    /// Day on which windows of a month start, instead of the subscription's own.
    pub anchor_day: Option<i8>,
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            range_default: RANGE_DEFAULT,
            meter_ids: None,
            anchor_day: None,
        }
    }
}

impl Engine {
    /// Usage and cost of one customer, or usage of all.
    ///
    /// # Errors
    /// `validation_error` for a reversed range or a grouping that does not exist.
    pub async fn usage_analytics(
        &self,
        context: &Context,
        request: GetUsageAnalyticsRequest,
    ) -> Result<GetUsageAnalyticsResponse> {
        self.analytics(context, request, Scope::default()).await
    }

    pub(crate) async fn analytics(
        &self,
        context: &Context,
        request: GetUsageAnalyticsRequest,
        scope: Scope,
    ) -> Result<GetUsageAnalyticsResponse> {
        request.validate()?;
        let period = range_of(context, request.start_time, request.end_time, scope.range_default)?;
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let subjects = Subjects::find(&rows, &request, period, scope.meter_ids.as_deref()).await?;
        let view = View::of(&request, &subjects, scope.anchor_day);
        let mut items = Vec::new();
        for subject in &subjects.rows {
            let query = UsageQuery {
                question: view.question(subject),
                customers: subject.customers.clone(),
                customer_id: None,
            };
            let answer = self.usage_log().usage(&context.scope, &query).await?;
            items.extend(rows::items(&subjects, subject, &query.question, answer)?);
        }
        items.sort_by(|a, b| a.name.cmp(&b.name));
        embed::embed(&rows, &subjects, &request, &mut items).await?;
        Ok(response(&subjects, items))
    }
}

fn response(subjects: &Subjects, items: Vec<UsageAnalyticItem>) -> GetUsageAnalyticsResponse {
    let subtotal: Decimal = items.iter().map(|item| &item.subtotal).sum();
    let total_discount: Decimal = items.iter().map(|item| &item.total_discount).sum();
    GetUsageAnalyticsResponse {
        currency: subjects.currency.clone(),
        custom_analytics: Vec::new(),
        total_cost: &subtotal - &total_discount,
        items,
        subtotal,
        total_discount,
    }
}

/// How the request wants usage shown.
struct View<'a> {
    request: &'a GetUsageAnalyticsRequest,
    window_size: Option<WindowSize>,
    /// The customer's own zone; display windows follow it, buckets do not.
    timezone: &'a str,
    anchor_day: Option<i8>,
    group_by: Vec<Dimension>,
    collect_sources: bool,
}

impl<'a> View<'a> {
    fn of(request: &'a GetUsageAnalyticsRequest, subjects: &'a Subjects, anchor_day: Option<i8>) -> Self {
        let group_by = dimensions(request);
        let expand_source = request.expand.iter().flatten().any(|entry| entry == "source");
        Self {
            request,
            window_size: request.window_size,
            timezone: &subjects.timezone,
            anchor_day,
            collect_sources: expand_source && !group_by.contains(&Dimension::Source),
            group_by,
        }
    }

    fn question(&self, subject: &Subject) -> UsageQuestion {
        let anchor_day = self.anchor_day.or_else(|| subject.anchor_day());
        let grid = |size| WindowGrid::new(size, time_zone_or_utc(self.timezone), anchor_day);
        UsageQuestion {
            recording: crate::meters::recording(&subject.meter_row),
            filters: self.request.property_filters.clone().unwrap_or_default(),
            sources: self.request.sources.clone().unwrap_or_default(),
            group_by: self.group_by.clone(),
            windows: self.window_size.map(grid),
            bucket_anchor_day: anchor_day,
            collect_sources: self.collect_sources,
            ..UsageQuestion::new(subject.meter.clone(), Basis::Recorded, subject.period)
        }
    }
}

/// What rows are told apart by; grouping by feature or meter changes nothing, because rows are per meter anyway.
fn dimensions(request: &GetUsageAnalyticsRequest) -> Vec<Dimension> {
    let mut dimensions = Vec::new();
    for entry in request.group_by.iter().flatten() {
        let dimension = match entry.strip_prefix("properties.") {
            Some(key) => Dimension::Property(key.to_owned()),
            None if entry == "source" => Dimension::Source,
            None => continue,
        };
        if !dimensions.contains(&dimension) {
            dimensions.push(dimension);
        }
    }
    dimensions
}

/// The part of `period` in which something with these bounds is active; `None` if there is none.
fn overlap(period: Period, start: tariff_core::Timestamp, end: Option<tariff_core::Timestamp>) -> Option<Period> {
    let start = start.max(period.start);
    let end = end.map_or(period.end, |end| end.min(period.end));
    (start < end).then_some(Period { start, end })
}
