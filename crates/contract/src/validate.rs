//! Field rules: collects every failing field of a request, then answers with one error (spec 01 A5).

mod country;
mod email;
mod timezone;

use std::collections::BTreeMap;

use tariff_core::{Currency, Decimal};

use crate::error::{ApiError, VALIDATION_MESSAGE};
use crate::time::DateTime;

pub use country::is_country;
pub use email::is_email;
pub use timezone::is_timezone;

/// Longest name, external id, lookup key, e-mail and address line, in code points.
pub const NAME_CHARS_MAX: usize = 255;

/// Most properties that one question about events may filter by.
pub const FILTER_KEYS_MAX: usize = 50;

/// Most accepted values of one question's filters, over all properties.
pub const FILTER_VALUES_MAX: usize = 1_000;

/// Failing fields by JSON name, each with a short English reason. The first reason of a field stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldErrors {
    reasons: BTreeMap<String, String>,
}

impl FieldErrors {
    /// No failures yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Records that `field` breaks a rule.
    pub fn add(&mut self, field: impl Into<String>, reason: impl Into<String>) {
        self.reasons.entry(field.into()).or_insert_with(|| reason.into());
    }

    /// Records `reason` for `field` unless `holds`.
    pub fn check(&mut self, holds: bool, field: &str, reason: &str) {
        if !holds {
            self.add(field, reason);
        }
    }

    /// Demands that `value` is present.
    pub fn present<T>(&mut self, field: &str, value: Option<&T>) {
        self.check(value.is_some(), field, "is required");
    }

    /// Demands that a text or list is present and not empty.
    pub fn required<T: MaybeEmpty>(&mut self, field: &str, value: Option<&T>) {
        self.check(value.is_some_and(|value| !value.is_empty_value()), field, "is required");
    }

    /// Demands between `min` and `max` code points, if the text is present.
    pub fn length(&mut self, field: &str, value: Option<&str>, min: usize, max: usize) {
        let Some(value) = value else { return };
        let count = value.chars().count();
        if count < min {
            self.add(field, format!("must have at least {min} characters"));
        } else if count > max {
            self.add(field, format!("must have at most {max} characters"));
        }
    }

    /// Demands a present text of 1 to `max` code points.
    pub fn required_text(&mut self, field: &str, value: Option<&String>, max: usize) {
        self.required(field, value);
        self.length(field, value.map(String::as_str), 1, max);
    }

    /// Demands an e-mail address of at most 255 characters, if present (spec 01 B1).
    pub fn email(&mut self, field: &str, value: Option<&str>) {
        self.length(field, value, 0, NAME_CHARS_MAX);
        self.check(value.is_none_or(is_email), field, "must be an e-mail address");
    }

    /// Demands an upper-case country code, if present (spec 01 B1).
    pub fn country(&mut self, field: &str, value: Option<&str>) {
        let holds = value.is_none_or(is_country);
        self.check(holds, field, "must be an upper-case ISO 3166-1 alpha-2 code");
    }

    /// Demands `UTC` or the name of an IANA zone, if present (spec 01 B1).
    pub fn timezone(&mut self, field: &str, value: Option<&str>) {
        let holds = value.is_none_or(is_timezone);
        self.check(holds, field, "must be the name of an IANA time zone");
    }

    /// Demands a three-character currency code in any letter case, if present (spec 03 §2.2).
    pub fn currency(&mut self, field: &str, value: Option<&str>) {
        let holds = value.is_none_or(|code| Currency::parse(code).is_ok());
        self.check(holds, field, "must be a three-letter currency code");
    }

    /// Demands at most `max` items, if the list is present.
    pub fn at_most<T>(&mut self, field: &str, items: Option<&[T]>, max: usize) {
        if items.is_some_and(|items| items.len() > max) {
            self.add(field, format!("must have at most {max} items"));
        }
    }

    /// Demands a bounded number of accepted values, over all properties together, if filters are present.
    pub fn property_filters(&mut self, field: &str, filters: Option<&BTreeMap<String, Vec<String>>>) {
        let values = |filters: &BTreeMap<String, Vec<String>>| filters.values().map(Vec::len).sum::<usize>();
        if filters.is_some_and(|filters| filters.len() > FILTER_KEYS_MAX || values(filters) > FILTER_VALUES_MAX) {
            self.add(
                field,
                format!("must have at most {FILTER_KEYS_MAX} properties and {FILTER_VALUES_MAX} values"),
            );
        }
    }

    /// Demands a decimal of zero or more, if present.
    pub fn not_negative(&mut self, field: &str, value: Option<&Decimal>) {
        let holds = value.is_none_or(|value| !value.is_negative());
        self.check(holds, field, "must not be negative");
    }

    /// Demands at most `max` digits before the point, if present.
    pub fn integer_digits(&mut self, field: &str, value: Option<&Decimal>, max: u32) {
        if value.is_some_and(|value| value.integer_digits() > max) {
            self.add(field, format!("must have at most {max} integer digits"));
        }
    }

    /// Demands a decimal above zero, if present.
    pub fn positive(&mut self, field: &str, value: Option<&Decimal>) {
        let holds = value.is_none_or(Decimal::is_positive);
        self.check(holds, field, "must be greater than zero");
    }

    /// Demands that the range does not end before it starts; equal bounds are fine.
    pub fn time_range(&mut self, start: Option<DateTime>, end: Option<DateTime>) {
        let ordered = start.zip(end).is_none_or(|(start, end)| start <= end);
        self.check(ordered, "end_time", "must not be before start_time");
    }

    /// Takes over the failures of a nested object; `prefix` precedes their names, such as `line_items[2]`.
    pub fn nested(&mut self, prefix: &str, inner: FieldErrors) {
        for (field, reason) in inner.reasons {
            self.add(format!("{prefix}.{field}"), reason);
        }
    }

    /// Checks each item of a list with `rule`; failures are named `field[index].member`.
    pub fn each<T>(&mut self, field: &str, items: Option<&[T]>, rule: impl Fn(&T, &mut FieldErrors)) {
        for (index, item) in items.unwrap_or_default().iter().enumerate() {
            let mut inner = FieldErrors::new();
            rule(item, &mut inner);
            self.nested(&format!("{field}[{index}]"), inner);
        }
    }

    /// Whether every rule held so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.reasons.is_empty()
    }

    /// The failing fields, by name.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.reasons.keys().map(String::as_str)
    }

    /// The verdict.
    ///
    /// # Errors
    /// `validation_error` with one detail per failing field, if there is any.
    pub fn finish(self) -> Result<(), ApiError> {
        if self.is_empty() {
            return Ok(());
        }
        let error = ApiError::validation(VALIDATION_MESSAGE);
        Err(self
            .reasons
            .into_iter()
            .fold(error, |error, (field, reason)| error.detail(field, reason)))
    }
}

/// Values whose empty form does not satisfy [`FieldErrors::required`].
pub trait MaybeEmpty {
    /// Whether this is the empty form.
    fn is_empty_value(&self) -> bool;
}

impl MaybeEmpty for String {
    fn is_empty_value(&self) -> bool {
        self.is_empty()
    }
}

impl<T> MaybeEmpty for Vec<T> {
    fn is_empty_value(&self) -> bool {
        self.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failing_field_is_reported() {
        let mut errors = FieldErrors::new();
        errors.required_text("name", None, 255);
        errors.length("contact", Some("é".repeat(21).as_str()), 0, 20);
        errors.length("line", Some("é".repeat(20).as_str()), 0, 20);
        errors.currency("currency", Some("US"));
        errors.each("items", Some(&["", "x"]), |item, errors| {
            errors.check(!item.is_empty(), "id", "is required");
        });
        let body = serde_json::to_value(errors.finish().unwrap_err().to_body()).unwrap();
        assert_eq!(
            body["details"],
            serde_json::json!({
                "name": "is required",
                "contact": "must have at most 20 characters",
                "currency": "must be a three-letter currency code",
                "items[0].id": "is required",
            })
        );
        assert_eq!(body["message"], "Request validation failed");
    }
}
