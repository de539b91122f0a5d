//! Field rules of addons and their attachments (spec 03 §3.4, spec 04 §3.7).

use crate::addons::{
    AddAddonRequest, AddAddonToSubscriptionRequest, CreateAddonRequest, RemoveAddonRequest, UpdateAddonRequest,
};
use crate::error::ApiError;
use crate::subscriptions::{check_commitments, check_overrides};
use crate::validate::{FieldErrors, NAME_CHARS_MAX};

/// Most addons that a new subscription attaches.
pub const ADDONS_MAX: usize = 100;

impl CreateAddonRequest {
    /// Checks the field rules (spec 03 §3.4).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required_text("name", self.name.as_ref(), NAME_CHARS_MAX);
        errors.required_text("lookup_key", self.lookup_key.as_ref(), NAME_CHARS_MAX);
        errors.finish()
    }
}

impl UpdateAddonRequest {
    /// Checks the field rules (spec 03 §3.4).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.length("name", self.name.as_deref(), 1, NAME_CHARS_MAX);
        errors.finish()
    }
}

impl AddAddonRequest {
    /// Checks the field rules (spec 04 §3.7).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required("subscription_id", self.subscription_id.as_ref());
        errors.required("addon_id", self.addon_id.as_ref());
        check_overrides(self.override_line_items.as_deref(), &mut errors);
        check_commitments(self.line_item_commitments.as_ref(), &mut errors);
        if self.checkout.is_some() {
            let overridden = self.override_line_items.as_ref().is_some_and(|list| !list.is_empty());
            errors.check(!overridden, "override_line_items", "exclude checkout");
            let committed = self.line_item_commitments.as_ref().is_some_and(|map| !map.is_empty());
            errors.check(!committed, "line_item_commitments", "exclude checkout");
        }
        errors.finish()
    }

    /// The part that a new subscription's request has too.
    #[must_use]
    pub fn attachment(self) -> AddAddonToSubscriptionRequest {
        AddAddonToSubscriptionRequest {
            addon_id: self.addon_id,
            cadence: self.cadence,
            line_item_commitments: self.line_item_commitments,
            metadata: self.metadata,
            override_line_items: self.override_line_items,
            proration_behavior: self.proration_behavior,
            start_date: self.start_date,
        }
    }
}

impl AddAddonToSubscriptionRequest {
    /// Records the members that break a rule.
    pub fn check(&self, errors: &mut FieldErrors) {
        errors.required("addon_id", self.addon_id.as_ref());
        check_overrides(self.override_line_items.as_deref(), errors);
        check_commitments(self.line_item_commitments.as_ref(), errors);
    }
}

impl RemoveAddonRequest {
    /// Checks the field rules (spec 04 §3.7).
    ///
    /// # Errors
    /// `validation_error` without `addon_association_id`.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required("addon_association_id", self.addon_association_id.as_ref());
        errors.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_addon_needs_a_name_and_a_key() {
        for (body, expected) in [
            (r#"{"name":"Seats","lookup_key":"seats"}"#.to_owned(), vec![]),
            (r#"{"name":"","lookup_key":""}"#.to_owned(), vec!["lookup_key", "name"]),
            (
                format!(r#"{{"name":"{0}","lookup_key":"{0}"}}"#, "x".repeat(NAME_CHARS_MAX)),
                vec![],
            ),
            (
                format!(r#"{{"name":"{0}","lookup_key":"{0}"}}"#, "x".repeat(NAME_CHARS_MAX + 1)),
                vec!["lookup_key", "name"],
            ),
        ] {
            let request: CreateAddonRequest = serde_json::from_str(&body).unwrap();
            let failing = request
                .validate()
                .err()
                .map_or_else(Vec::new, |error| error.details.into_keys().collect::<Vec<_>>());
            assert_eq!(failing, expected, "{body}");
        }
    }

    #[test]
    fn checkout_excludes_other_terms() {
        let body = r#"{
            "subscription_id": "s", "addon_id": "a", "checkout": {},
            "override_line_items": [{ "price_id": "p", "amount": "1" }], "line_item_commitments": { "p": {} }
        }"#;
        let request: AddAddonRequest = serde_json::from_str(body).unwrap();
        let details = request.validate().unwrap_err().details;
        let fields: Vec<_> = details.into_keys().collect();
        assert_eq!(fields, ["line_item_commitments", "override_line_items"]);
    }
}
