//! How a request wants usage shown: its windows, groups and filters (spec 02 §3.7).

use tariff_contract::analytics::GetUsageAnalyticsRequest;
use tariff_core::Timestamp;
use tariff_core::aggregation::{Basis, Dimension, QueryFilters, UsageQuestion, WindowGrid, time_zone_or_utc};
use tariff_core::vocabulary::WindowSize;
use tariff_usage::Customers;

use super::subjects::{Subject, Subjects};

/// How usage is shown.
pub(super) struct View<'a> {
    window_size: Option<WindowSize>,
    /// The customer's own zone; display windows follow it, buckets do not.
    timezone: &'a str,
    /// Day on which display windows of a month start, if the request says so.
    anchor_day: Option<i8>,
    filters: QueryFilters,
    sources: Vec<String>,
    group_by: Vec<Dimension>,
    collect_sources: bool,
    breakdown_bucket: bool,
}

/// What tells one question of a request from another. Subjects of one key have the same usage.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    meter_id: String,
    /// `None` for all.
    customers: Option<Vec<String>>,
    period: (Timestamp, Timestamp),
    anchor_day: Option<i8>,
    is_grouped: bool,
}

impl<'a> View<'a> {
    pub fn of(request: &GetUsageAnalyticsRequest, subjects: &'a Subjects, anchor_day: Option<i8>) -> Self {
        let group_by = dimensions(request);
        let expand_source = request.expand.iter().flatten().any(|entry| entry == "source");
        let mut filters = request.property_filters.clone().unwrap_or_default();
        filters.retain(|_, values| !values.is_empty());
        Self {
            window_size: request.window_size,
            timezone: &subjects.timezone,
            anchor_day,
            filters,
            sources: request.sources.clone().unwrap_or_default(),
            collect_sources: expand_source && !group_by.contains(&Dimension::Source),
            group_by,
            breakdown_bucket: request.breakdown_bucket.unwrap_or_default(),
        }
    }

    /// Whether only a part of the usage is looked at.
    pub fn is_filtered(&self) -> bool {
        !self.filters.is_empty() || !self.sources.is_empty()
    }

    /// Whether rows tell of a part of a line's usage, to which no commitment applies (spec 02 §4.10 step 7).
    pub fn is_partial(&self) -> bool {
        self.is_filtered() || !self.group_by.is_empty()
    }

    /// Whether points are wanted.
    pub const fn has_windows(&self) -> bool {
        self.window_size.is_some()
    }

    /// Whether rows tell the time buckets of their line. They belong to its commitment, which no partial row has.
    pub fn has_time_buckets(&self) -> bool {
        self.breakdown_bucket && self.has_windows() && !self.is_partial()
    }

    pub fn key(&self, subject: &Subject) -> Key {
        Key {
            meter_id: subject.meter_row.id.clone(),
            customers: match &subject.customers {
                Customers::All => None,
                Customers::These(ids) => Some(ids.clone()),
            },
            period: (subject.period.start, subject.period.end),
            anchor_day: subject.anchor_day(),
            is_grouped: is_grouped(subject),
        }
    }

    pub fn question(&self, subject: &Subject) -> UsageQuestion {
        // Buckets are what is billed, so that only the subscription decides where they start.
        let bucket_anchor_day = subject.anchor_day();
        let anchor_day = self.anchor_day.or(bucket_anchor_day);
        let grid = |size| WindowGrid::new(size, time_zone_or_utc(self.timezone), anchor_day);
        UsageQuestion {
            recording: crate::meters::recording(&subject.meter_row),
            filters: self.filters.clone(),
            sources: self.sources.clone(),
            group_by: if is_grouped(subject) {
                self.group_by.clone()
            } else {
                Vec::new()
            },
            windows: self.window_size.map(grid),
            bucket_anchor_day,
            collect_sources: self.collect_sources,
            ..UsageQuestion::new(subject.meter.clone(), Basis::Recorded, subject.period)
        }
    }
}

/// A line with a commitment on a meter without buckets is one row, whatever the grouping (spec 02 §4.10 step 4).
fn is_grouped(subject: &Subject) -> bool {
    let committed = subject
        .charged
        .as_ref()
        .is_some_and(|charged| charged.terms.has_commitment());
    !committed || subject.meter.aggregation().bucket_size().is_some()
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
