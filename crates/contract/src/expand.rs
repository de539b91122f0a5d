//! The `expand` parameter: which related records an answer embeds (spec 01 A12).

use std::collections::BTreeMap;

use crate::error::ApiError;

/// What a resource allows in `expand`: each field, and the fields that may be nested under it.
pub type Allowed = &'static [(&'static str, &'static [&'static str])];

/// The parsed fields of an `expand` parameter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expand {
    nested: BTreeMap<String, Vec<String>>,
}

impl Expand {
    /// Reads comma-separated names; `a.b` asks for `b` inside `a`, `a.b.c` for `b` and `c` inside `a`.
    /// Of two entries with the same root the later one that nests something wins.
    ///
    /// # Errors
    /// `validation_error` with `details.field` on a name that `allowed` does not list, also on an empty one.
    pub fn parse(text: &str, allowed: Allowed) -> Result<Self, ApiError> {
        let expand = Self::split(text);
        for (field, nested) in &expand.nested {
            let Some((_, allowed_nested)) = allowed.iter().find(|(name, _)| name == field) else {
                return Err(unknown_field(field));
            };
            for inner in nested {
                if !allowed_nested.contains(&inner.as_str()) {
                    return Err(unknown_field(&format!("{field}.{inner}")));
                }
            }
        }
        Ok(expand)
    }

    /// Like [`Expand::parse`] for the resources that ignore unknown names.
    #[must_use]
    pub fn parse_known(text: &str, allowed: Allowed) -> Self {
        let mut expand = Self::split(text);
        expand.nested.retain(|field, nested| {
            let known = allowed.iter().find(|(name, _)| name == field);
            nested.retain(|inner| known.is_some_and(|(_, names)| names.contains(&inner.as_str())));
            known.is_some()
        });
        expand
    }

    fn split(text: &str) -> Self {
        let mut expand = Self::default();
        if text.is_empty() {
            return expand;
        }
        for entry in text.split(',') {
            let mut names = entry.split('.').map(str::trim);
            let root = names.next().unwrap_or_default().to_owned();
            let inner: Vec<String> = names.map(str::to_owned).collect();
            let nested = expand.nested.entry(root).or_default();
            if !inner.is_empty() {
                *nested = inner;
            }
        }
        expand
    }

    /// Whether `path` is asked for: `prices`, or `prices.meters` for a nested field.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        match path.split_once('.') {
            None => self.nested.contains_key(path),
            Some((root, inner)) => self
                .nested
                .get(root)
                .is_some_and(|nested| nested.iter().any(|name| name == inner)),
        }
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nested.is_empty()
    }
}

fn unknown_field(field: &str) -> ApiError {
    ApiError::validation(format!("Field '{field}' cannot be expanded")).detail("field", field)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBSCRIPTION: Allowed = &[
        ("plan", &["prices"]),
        ("prices", &["meters", "plan"]),
        ("customer", &[]),
    ];

    #[test]
    fn reads_roots_and_nested_fields() {
        let expand = Expand::parse(" prices.meters , customer", SUBSCRIPTION).unwrap();
        for (path, asked) in [
            ("prices", true),
            ("prices.meters", true),
            ("prices.plan", false),
            ("customer", true),
            ("plan", false),
        ] {
            assert_eq!(expand.has(path), asked, "{path}");
        }
        let flattened = Expand::parse("prices.meters.plan", SUBSCRIPTION).unwrap();
        assert!(flattened.has("prices.meters") && flattened.has("prices.plan"));
        let later_wins = Expand::parse("prices.meters,prices.plan,prices", SUBSCRIPTION).unwrap();
        assert!(!later_wins.has("prices.meters") && later_wins.has("prices.plan"));
        assert!(Expand::parse("", SUBSCRIPTION).unwrap().is_empty());
    }

    #[test]
    fn names_the_unknown_field() {
        for (text, field) in [
            ("bogus", "bogus"),
            ("customer,", ""),
            ("plan.meters", "plan.meters"),
            ("customer.plan", "customer.plan"),
        ] {
            let error = Expand::parse(text, SUBSCRIPTION).unwrap_err();
            assert_eq!(error.details["field"], field, "{text}");
        }
        assert_eq!(
            Expand::parse_known("bogus,plan.meters,customer", SUBSCRIPTION),
            Expand::parse("plan,customer", SUBSCRIPTION).unwrap()
        );
    }
}
