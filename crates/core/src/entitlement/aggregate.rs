//! Several entitlements of one feature, seen as one.

use serde_json::{Map, Value};

use crate::BillingError;
use crate::vocabulary::{EntitlementAggregationMode, FeatureType, UsageResetPeriod};

/// What one entitlement contributes. Fields that do not belong to the feature's type are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntitlementRow {
    /// Disabled rows count for nothing.
    pub is_enabled: bool,
    /// Metered: units per reset period; `None` is unlimited.
    pub usage_limit: Option<i64>,
    /// Metered: when the allowance starts again.
    pub usage_reset_period: Option<UsageResetPeriod>,
    /// Metered: information only.
    pub is_soft_limit: bool,
    /// Metered: `None` is additive.
    pub aggregation_mode: Option<EntitlementAggregationMode>,
    /// Static: the value.
    pub static_value: String,
    /// Config: the object.
    pub config_value: Map<String, Value>,
}

/// Several entitlements of one feature, combined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeatureEntitlement {
    /// A measured allowance.
    Metered(MeteredEntitlement),
    /// A switch that is on.
    Boolean,
    /// Distinct values in order of appearance.
    Static(Vec<String>),
    /// Non-empty objects, not merged.
    Config(Vec<Map<String, Value>>),
}

/// A combined metered allowance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeteredEntitlement {
    /// Sum of the limits; `None` as soon as one is unlimited.
    pub usage_limit: Option<i64>,
    /// Whether any contributing row is a soft limit.
    pub is_soft_limit: bool,
    /// The most frequent one; of equally frequent ones the first seen.
    pub usage_reset_period: Option<UsageResetPeriod>,
    /// Parallel as soon as one row is.
    pub aggregation_mode: EntitlementAggregationMode,
    /// The single limits of a parallel feature, one per row; empty for an additive one.
    pub buckets: Vec<Option<i64>>,
}

/// Combines the rows of one feature after dropping disabled ones; `None` when none is left (spec 03 §5.10).
///
/// # Errors
/// [`BillingError::OutOfRange`] if the summed limits exceed 64 bits.
pub fn aggregate(
    feature_type: FeatureType,
    rows: &[EntitlementRow],
) -> Result<Option<FeatureEntitlement>, BillingError> {
    let enabled: Vec<&EntitlementRow> = rows.iter().filter(|row| row.is_enabled).collect();
    if enabled.is_empty() {
        return Ok(None);
    }
    Ok(Some(match feature_type {
        FeatureType::Metered => FeatureEntitlement::Metered(aggregate_metered(&enabled)?),
        FeatureType::Boolean => FeatureEntitlement::Boolean,
        FeatureType::Static => FeatureEntitlement::Static(distinct_values(&enabled)),
        FeatureType::Config => {
            let objects = enabled.iter().map(|row| row.config_value.clone());
            FeatureEntitlement::Config(objects.filter(|object| !object.is_empty()).collect())
        }
    }))
}

fn aggregate_metered(rows: &[&EntitlementRow]) -> Result<MeteredEntitlement, BillingError> {
    let is_parallel = |row: &&EntitlementRow| row.aggregation_mode == Some(EntitlementAggregationMode::Parallel);
    let (aggregation_mode, buckets) = if rows.iter().any(is_parallel) {
        let limits = rows.iter().map(|row| row.usage_limit).collect();
        (EntitlementAggregationMode::Parallel, limits)
    } else {
        (EntitlementAggregationMode::Additive, Vec::new())
    };
    Ok(MeteredEntitlement {
        usage_limit: summed_limit(rows)?,
        is_soft_limit: rows.iter().any(|row| row.is_soft_limit),
        usage_reset_period: most_frequent_reset(rows.iter().map(|row| row.usage_reset_period)),
        aggregation_mode,
        buckets,
    })
}

fn summed_limit(rows: &[&EntitlementRow]) -> Result<Option<i64>, BillingError> {
    let mut sum = 0_i64;
    for row in rows {
        let Some(limit) = row.usage_limit else {
            return Ok(None);
        };
        sum = sum.checked_add(limit).ok_or(BillingError::OutOfRange("usage_limit"))?;
    }
    Ok(Some(sum))
}

/// When the allowance of several entitlements starts again: as most of them say; of equally frequent ones the first seen.
pub fn most_frequent_reset(resets: impl IntoIterator<Item = Option<UsageResetPeriod>>) -> Option<UsageResetPeriod> {
    let mut counts: Vec<(UsageResetPeriod, usize)> = Vec::new();
    for period in resets.into_iter().flatten() {
        match counts.iter_mut().find(|(counted, _)| *counted == period) {
            Some((_, count)) => *count += 1,
            None => counts.push((period, 1)),
        }
    }
    let highest = counts.iter().map(|(_, count)| *count).max()?;
    counts
        .iter()
        .find(|(_, count)| *count == highest)
        .map(|(period, _)| *period)
}

fn distinct_values(rows: &[&EntitlementRow]) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for value in rows.iter().map(|row| &row.static_value) {
        if !values.contains(value) {
            values.push(value.clone());
        }
    }
    values
}
