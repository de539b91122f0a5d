//! Filters on event properties (spec 02 §4.4): those of a meter and those of a query differ in how they see absence.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Properties;

/// One filter of a meter: the property must be present and its text one of the values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeterFilter {
    /// Literal top-level property key, not empty.
    pub key: String,
    /// Accepted texts, at least one; `""` accepts a present empty string.
    pub values: Vec<String>,
}

/// Filters of a query: property key to accepted texts. An absent property compares as `""`; an empty list is ignored.
pub type QueryFilters = BTreeMap<String, Vec<String>>;

/// Most bytes that the keys and values of a meter's filters have together: every event is compared with them.
pub const FILTERS_BYTES_MAX: usize = 64 * 1024;

/// How many bytes the keys and values of these filters have together.
pub(super) fn filters_bytes(filters: &[MeterFilter]) -> usize {
    let bytes = |filter: &MeterFilter| filter.key.len() + filter.values.iter().map(String::len).sum::<usize>();
    filters.iter().map(bytes).sum()
}

/// Whether all of a meter's filters match; also two entries of the same key must both match.
#[must_use]
pub fn meter_filters_match(filters: &[MeterFilter], properties: &Properties<'_>) -> bool {
    filters.iter().all(|filter| {
        let text = properties.get(&filter.key).text();
        text.is_some_and(|text| filter.values.iter().any(|value| *value == text))
    })
}

/// Whether all filters of a query match.
#[must_use]
pub fn query_filters_match(filters: &QueryFilters, properties: &Properties<'_>) -> bool {
    filters
        .iter()
        .filter(|(_, values)| !values.is_empty())
        .all(|(key, values)| {
            let text = properties.get(key).text().unwrap_or_default();
            values.iter().any(|value| *value == text)
        })
}

/// The filters of a meter after more are merged in: values are only ever added, and entries of one key become one
/// (spec 02 §3.2).
#[must_use]
pub fn merge_meter_filters(current: &[MeterFilter], added: &[MeterFilter]) -> Vec<MeterFilter> {
    let mut merged: Vec<MeterFilter> = Vec::new();
    for filter in current.iter().chain(added) {
        let position = merged
            .iter()
            .position(|entry| entry.key == filter.key)
            .unwrap_or_else(|| {
                merged.push(MeterFilter {
                    key: filter.key.clone(),
                    values: Vec::new(),
                });
                merged.len() - 1
            });
        let Some(entry) = merged.get_mut(position) else {
            continue;
        };
        for value in &filter.values {
            if !entry.values.contains(value) {
                entry.values.push(value.clone());
            }
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(key: &str, values: &[&str]) -> MeterFilter {
        MeterFilter {
            key: key.into(),
            values: values.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn absence_never_matches_a_meter_but_equals_empty_in_a_query() {
        let properties = Properties::parse(r#"{"present":""}"#).unwrap();
        assert!(meter_filters_match(&[filter("present", &[""])], &properties));
        assert!(!meter_filters_match(&[filter("absent", &[""])], &properties));
        let query = |key: &str, values: &[&str]| {
            let values = values.iter().map(ToString::to_string).collect();
            query_filters_match(&QueryFilters::from([(key.to_string(), values)]), &properties)
        };
        assert!(query("absent", &[""]));
        assert!(!query("absent", &["x"]));
        assert!(query("absent", &[]));
    }

    #[test]
    fn entries_of_one_key_must_all_match() {
        let properties = Properties::parse(r#"{"model":"b"}"#).unwrap();
        assert!(!meter_filters_match(
            &[filter("model", &["a", "b"]), filter("model", &["a"])],
            &properties
        ));
    }

    #[test]
    fn merging_adds_values_and_joins_keys() {
        let current = [filter("model", &["a"]), filter("model", &["b"])];
        let merged = merge_meter_filters(&current, &[filter("model", &["b", "c"]), filter("region", &["eu"])]);
        assert_eq!(merged, [filter("model", &["a", "b", "c"]), filter("region", &["eu"])]);
    }
}
