//! What a row says: quantities, their cost, and the names of what they belong to (spec 02 §4.10 steps 4 to 6).

use std::collections::BTreeMap;

use tariff_contract::analytics::{UsageAnalyticItem, UsageAnalyticPoint};
use tariff_contract::error::ApiError;
use tariff_contract::{DateTime, Metadata};
use tariff_core::aggregation::{Dimension, Usage, UsageAnswer, UsageGroup, UsageQuestion};
use tariff_core::vocabulary::LineItemEntityType;
use tariff_core::{Currency, Decimal, Timestamp};

use super::subjects::{Charged, Subject, Subjects};
use crate::error::{Error, Result};
use crate::features;

/// Fractional digits of a quantity in its reporting unit (spec 02 §2.1).
const DISPLAY_DIGITS: u32 = 2;

/// The rows of a subject; those without any usage are left out.
pub(super) fn items(
    subjects: &Subjects,
    subject: &Subject,
    question: &UsageQuestion,
    answer: UsageAnswer,
) -> Result<Vec<UsageAnalyticItem>> {
    let used = |group: &UsageGroup| {
        !group.usage.value.is_zero() || group.usage.event_count > 0 || !group.usage.windows.is_empty()
    };
    answer
        .groups
        .into_iter()
        .filter(used)
        .map(|group| item(subjects, subject, question, group))
        .collect()
}

fn item(
    subjects: &Subjects,
    subject: &Subject,
    question: &UsageQuestion,
    group: UsageGroup,
) -> Result<UsageAnalyticItem> {
    let cost = Cost::of(subject, question, &group.usage)?;
    let (source, properties) = dimensions_out(question, &group.dimensions);
    let UsageGroup { usage, .. } = group;
    let feature = subjects.features.get(&subject.meter_row.id);
    let reporting_unit = feature.and_then(features::reporting_unit);
    let rate = reporting_unit.as_ref().and_then(|unit| unit.conversion_rate.as_ref());
    let displayed = rate.and_then(|rate| usage.value.div(&rate.0).ok());
    let charged = subject.charged.as_ref();
    let line = charged.map(|charged| &charged.line);
    let owned_by = |kind| {
        line.filter(|line| line.entity_type.0 == kind)
            .map(|line| line.entity_id.clone())
    };
    Ok(UsageAnalyticItem {
        aggregation_type: subject.meter.aggregation().kind(),
        event_name: subject.meter_row.event_name.clone(),
        meter_id: subject.meter_row.id.clone(),
        feature_id: feature.map(|feature| feature.id.clone()).unwrap_or_default(),
        name: feature.map_or(&subject.meter_row.name, |feature| &feature.name).clone(),
        unit: feature.map(|feature| feature.unit_singular.clone()).unwrap_or_default(),
        unit_plural: feature.map(|feature| feature.unit_plural.clone()).unwrap_or_default(),
        total_usage_display: displayed
            .map(|usage| usage.round(DISPLAY_DIGITS).to_string())
            .unwrap_or_default(),
        reporting_unit,
        source,
        properties,
        sources: usage.sources.iter().cloned().collect(),
        event_count: count(usage.event_count),
        window_size: question.effective_window_size(),
        points: points(&usage, &cost),
        currency: charged.map(|charged| charged.line.currency.clone()).unwrap_or_default(),
        price_id: line.map(|line| line.price_id.clone()).unwrap_or_default(),
        plan_id: owned_by(LineItemEntityType::Plan),
        add_on_id: owned_by(LineItemEntityType::Addon),
        subscription_id: charged.map(|charged| charged.subscription.id.clone()),
        sub_line_item_id: line.map(|line| line.id.clone()),
        total_cost: cost.subtotal.clone(),
        subtotal: cost.subtotal,
        total_discount: Decimal::zero(),
        total_usage: usage.value,
        commitment_info: None,
        bucket_summaries: Vec::new(),
        addon: None,
        feature: None,
        group: None,
        meter: None,
        plan: None,
        price: None,
        subscription_line_item: None,
    })
}

fn points(usage: &Usage, cost: &Cost) -> Vec<UsageAnalyticPoint> {
    let point = |window: &tariff_core::aggregation::WindowUsage| {
        let subtotal = cost.windows.get(&window.start).cloned().unwrap_or_default();
        UsageAnalyticPoint {
            timestamp: DateTime(window.start),
            usage: window.value.clone(),
            event_count: count(window.event_count),
            cost: subtotal.clone(),
            subtotal,
            discount: Decimal::zero(),
            computed_commitment_utilized_amount: Decimal::zero(),
            computed_overage_amount: Decimal::zero(),
            computed_true_up_amount: Decimal::zero(),
            buckets: Vec::new(),
        }
    };
    usage.windows.iter().map(point).collect()
}

fn count(events: u64) -> i64 {
    i64::try_from(events).unwrap_or(i64::MAX)
}

/// The source, and the properties that are present.
fn dimensions_out(question: &UsageQuestion, texts: &[Option<String>]) -> (String, Option<Metadata>) {
    let mut source = String::new();
    let mut properties = BTreeMap::new();
    for (dimension, text) in question.group_by.iter().zip(texts) {
        match (dimension, text) {
            (Dimension::Source, text) => source = text.clone().unwrap_or_default(),
            (Dimension::Property(key), Some(text)) => {
                properties.insert(key.clone(), text.clone());
            }
            (Dimension::Property(_), None) => {}
        }
    }
    (source, (!properties.is_empty()).then_some(Metadata(properties)))
}

/// The cost of a row and of its windows.
#[derive(Default)]
struct Cost {
    subtotal: Decimal,
    windows: BTreeMap<Timestamp, Decimal>,
}

impl Cost {
    fn of(subject: &Subject, question: &UsageQuestion, usage: &Usage) -> Result<Self> {
        let Some(charged) = &subject.charged else {
            return Ok(Self::default());
        };
        if question.bucket_grid().is_some() {
            Self::of_buckets(charged, question, usage)
        } else {
            Ok(Self::of_total(charged, usage))
        }
    }

    /// A point is priced on its own, so that with tiers or packages the points may not add up to the row.
    fn of_total(charged: &Charged, usage: &Usage) -> Self {
        let windows = usage
            .windows
            .iter()
            .map(|window| (window.start, charged.pricing.cost(&window.value)));
        Self {
            subtotal: charged.pricing.cost(&usage.value),
            windows: windows.collect(),
        }
    }

    /// Every bucket is priced on its own; the sum is rounded once (spec 02 §4.8).
    fn of_buckets(charged: &Charged, question: &UsageQuestion, usage: &Usage) -> Result<Self> {
        let currency = Currency::parse(&charged.line.currency).map_err(|error| Error(ApiError::internal(error)))?;
        let values: Vec<Decimal> = usage.buckets.iter().map(|bucket| bucket.value.clone()).collect();
        let cost = charged.pricing.bucketed_cost(&values);
        let mut windows: BTreeMap<Timestamp, Decimal> = BTreeMap::new();
        for (bucket, amount) in usage.buckets.iter().zip(&cost.bucket_amounts) {
            *windows.entry(window_of(question, bucket.start)).or_default() += amount;
        }
        Ok(Self {
            subtotal: currency.round(&cost.amount),
            windows,
        })
    }
}

/// The display window that a bucket is shown in: the bucket itself unless windows are wider.
fn window_of(question: &UsageQuestion, bucket: Timestamp) -> Timestamp {
    match (&question.windows, question.meter.aggregation().bucket_size()) {
        (Some(grid), Some(size)) if grid.size() > size => grid.start_of(bucket),
        _ => bucket,
    }
}
