//! Taxes on the wire: rates that a request attaches to a customer, subscription or invoice (spec 05 §4).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::metadata::Metadata;
use crate::validate::FieldErrors;

/// A tax rate to attach, instead of those that apply by default.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct TaxRateOverride {
    /// Code of a published tax rate.
    #[schema(required = true)]
    pub tax_rate_code: Option<String>,
    /// Order of application, lowest first.
    pub priority: Option<i64>,
    /// Whether the rate applies to every invoice from now on.
    #[schema(default = true)]
    pub auto_apply: Option<bool>,
    /// Lower-case ISO 4217 code; the rate applies to amounts in this currency only.
    #[schema(required = true)]
    pub currency: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
}

impl TaxRateOverride {
    /// Records the members that break a rule.
    pub fn check(&self, errors: &mut FieldErrors) {
        errors.required("tax_rate_code", self.tax_rate_code.as_ref());
        errors.required("currency", self.currency.as_ref());
        errors.currency("currency", self.currency.as_deref());
    }
}
