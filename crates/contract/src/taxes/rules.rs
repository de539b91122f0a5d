//! Field rules of taxes (spec 03 §3.8).

use tariff_core::tax::TaxRate;
use tariff_core::vocabulary::TaxRateType;

use crate::error::ApiError;
use crate::taxes::{
    CreateTaxAssociationRequest, CreateTaxRateRequest, TaxAssociationUpdateRequest, TaxRateOverride,
    UpdateTaxRateRequest,
};
use crate::validate::{FieldErrors, NAME_CHARS_MAX};

/// Fractional digits of a rate's value that are kept (spec 03 §2.1).
pub const TAX_VALUE_DIGITS: u32 = 6;

/// Most tax rates that one request attaches to a new record.
pub const TAX_OVERRIDES_MAX: usize = 100;

/// Most taxes of one record that apply by themselves.
pub const AUTOMATIC_TAXES_MAX: u64 = 100;

impl CreateTaxRateRequest {
    /// Checks the field rules (spec 03 §3.8).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required_text("name", self.name.as_ref(), NAME_CHARS_MAX);
        errors.required_text("code", self.code.as_ref(), NAME_CHARS_MAX);
        errors.present("tax_rate_type", self.tax_rate_type.as_ref());
        let both = self.percentage_value.is_some() && self.fixed_value.is_some();
        errors.check(!both, "fixed_value", "excludes percentage_value");
        let checked = match self.tax_rate_type {
            Some(TaxRateType::Percentage) => {
                errors.present("percentage_value", self.percentage_value.as_ref());
                self.percentage_value.clone().map(TaxRate::Percentage)
            }
            Some(TaxRateType::Fixed) => {
                errors.present("fixed_value", self.fixed_value.as_ref());
                self.fixed_value.clone().map(TaxRate::Fixed)
            }
            None => None,
        };
        match checked.as_ref().map(|rate| (rate, rate.check())) {
            Some((TaxRate::Percentage(_), Err(_))) => errors.add("percentage_value", "must be between 0 and 100"),
            Some((TaxRate::Fixed(_), Err(_))) => errors.add("fixed_value", "must not be negative"),
            Some((_, Ok(()))) | None => {}
        }
        errors.finish()
    }
}

impl UpdateTaxRateRequest {
    /// Checks the field rules (spec 03 §4.6).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.length("name", self.name.as_deref(), 1, NAME_CHARS_MAX);
        errors.length("code", self.code.as_deref(), 1, NAME_CHARS_MAX);
        errors.finish()
    }
}

impl CreateTaxAssociationRequest {
    /// Checks the field rules (spec 03 §3.8, Q22). The order of the dates depends on the present moment, so it is
    /// checked where the association is made.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required("tax_rate_code", self.tax_rate_code.as_ref());
        let names_customer = self.external_customer_id.as_deref().is_some_and(|id| !id.is_empty());
        if !names_customer {
            errors.present("entity_type", self.entity_type.as_ref());
            errors.required("entity_id", self.entity_id.as_ref());
        }
        errors.length("entity_id", self.entity_id.as_deref(), 0, NAME_CHARS_MAX);
        errors.check(is_priority(self.priority), "priority", NEGATIVE);
        errors.currency("currency", self.currency.as_deref().filter(|code| !code.is_empty()));
        errors.finish()
    }
}

impl TaxAssociationUpdateRequest {
    /// Checks the field rules (spec 03 §3.8).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.check(is_priority(self.priority), "priority", NEGATIVE);
        errors.finish()
    }
}

impl TaxRateOverride {
    /// Records the members of `tax_rate_overrides` that break a rule.
    pub fn check_all(overrides: Option<&[Self]>, errors: &mut FieldErrors) {
        errors.at_most("tax_rate_overrides", overrides, TAX_OVERRIDES_MAX);
        errors.each("tax_rate_overrides", overrides, Self::check);
    }

    fn check(&self, errors: &mut FieldErrors) {
        errors.required("tax_rate_code", self.tax_rate_code.as_ref());
        errors.required("currency", self.currency.as_ref());
        errors.currency("currency", self.currency.as_deref());
        errors.check(is_priority(self.priority), "priority", NEGATIVE);
    }
}

const NEGATIVE: &str = "must not be negative";

fn is_priority(priority: Option<i64>) -> bool {
    priority.is_none_or(|priority| priority >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failing(result: Result<(), ApiError>) -> Vec<String> {
        result.map_or_else(|error| error.details.into_keys().collect(), |()| Vec::new())
    }

    #[test]
    fn a_rate_has_the_one_value_of_its_type() {
        let base = r#""name":"VAT","code":"vat""#;
        for (members, fields) in [
            (r#""tax_rate_type":"percentage","percentage_value":"18""#, vec![]),
            (r#""tax_rate_type":"percentage","percentage_value":100"#, vec![]),
            (r#""tax_rate_type":"fixed","fixed_value":"2500.5""#, vec![]),
            (r#""percentage_value":"18""#, vec!["tax_rate_type"]),
            (r#""tax_rate_type":"percentage""#, vec!["percentage_value"]),
            (
                r#""tax_rate_type":"percentage","fixed_value":"1""#,
                vec!["percentage_value"],
            ),
            (
                r#""tax_rate_type":"percentage","percentage_value":"100.01""#,
                vec!["percentage_value"],
            ),
            (
                r#""tax_rate_type":"percentage","percentage_value":"-1""#,
                vec!["percentage_value"],
            ),
            (r#""tax_rate_type":"fixed","fixed_value":"-0.01""#, vec!["fixed_value"]),
            (
                r#""tax_rate_type":"fixed","fixed_value":"1","percentage_value":"1""#,
                vec!["fixed_value"],
            ),
        ] {
            let request: CreateTaxRateRequest = serde_json::from_str(&format!("{{{base},{members}}}")).unwrap();
            assert_eq!(failing(request.validate()), fields, "{members}");
        }
    }

    #[test]
    fn an_association_says_what_it_belongs_to() {
        for (body, fields) in [
            (
                r#"{"tax_rate_code":"vat","entity_type":"tenant","entity_id":"t"}"#,
                vec![],
            ),
            (r#"{"tax_rate_code":"vat","external_customer_id":"acme"}"#, vec![]),
            (r#"{"tax_rate_code":"vat"}"#, vec!["entity_id", "entity_type"]),
            (
                r#"{"entity_type":"tenant","entity_id":"t","priority":-1}"#,
                vec!["priority", "tax_rate_code"],
            ),
            (
                r#"{"tax_rate_code":"vat","external_customer_id":"acme","currency":"us"}"#,
                vec!["currency"],
            ),
        ] {
            let request: CreateTaxAssociationRequest = serde_json::from_str(body).unwrap();
            assert_eq!(failing(request.validate()), fields, "{body}");
        }
    }
}
