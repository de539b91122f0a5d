//! The commitment time buckets of a line, where a request asks for their breakdown (spec 02 §4.10 step 10).

use tariff_contract::analytics::{BucketSummary, PointBucket};
use tariff_core::Timestamp;
use tariff_core::usage_cost::{UsageCost, UsageTerms};

use super::subjects::Charged;
use crate::subscriptions::time_of_day;

/// One row per time bucket: what was used and charged in its windows.
pub(super) fn summaries(charged: &Charged, cost: &UsageCost) -> Vec<BucketSummary> {
    let buckets = charged.line.time_buckets().iter().zip(&cost.time_buckets);
    let summary = buckets.map(|(bucket, cost)| BucketSummary {
        base_charge: cost.base_charge.clone(),
        bucket_id: Some(bucket.id.clone()),
        commitment_type: bucket.commitment_type.as_str().to_owned(),
        commitment_value: Some(bucket.commitment_value.clone()),
        computed_overage: cost.commitment.overage.clone(),
        computed_true_up: cost.commitment.true_up.clone(),
        computed_utilized: cost.commitment.utilized.clone(),
        end: Some(time_of_day(bucket.end_minute)),
        price_id: bucket.price_id.clone(),
        start: Some(time_of_day(bucket.start_minute)),
        subscription_line_item_id: Some(charged.line.id.clone()),
        total_usage: cost.usage.clone(),
    });
    summary.collect()
}

/// The time buckets that a point's span overlaps.
pub(super) fn of_point(charged: &Charged, start: Timestamp, end: Timestamp) -> Vec<PointBucket> {
    let UsageTerms::Windowed(windowed) = &charged.terms else {
        return Vec::new();
    };
    let buckets = charged.line.time_buckets().iter().zip(&windowed.time_buckets);
    let overlapping = buckets.filter(|(_, terms)| terms.overlaps(start, end));
    let of_point = overlapping.map(|(bucket, _)| PointBucket {
        bucket_id: Some(bucket.id.clone()),
        price_id: bucket.price_id.clone(),
    });
    of_point.collect()
}
