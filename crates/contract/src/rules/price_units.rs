//! Custom pricing units (spec 03 §3.3).

use crate::error::ApiError;
use crate::price_units::{CreatePriceUnitRequest, UpdatePriceUnitRequest};
use crate::validate::{FieldErrors, NAME_CHARS_MAX};

/// Longest code of a price unit, in code points.
const CODE_CHARS_MAX: usize = 3;

/// Longest symbol of a price unit, in code points.
const SYMBOL_CHARS_MAX: usize = 10;

impl CreatePriceUnitRequest {
    /// Checks the field rules.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required_text("name", self.name.as_ref(), NAME_CHARS_MAX);
        errors.required_text("code", self.code.as_ref(), CODE_CHARS_MAX);
        errors.required_text("symbol", self.symbol.as_ref(), SYMBOL_CHARS_MAX);
        errors.required("base_currency", self.base_currency.as_ref());
        errors.currency("base_currency", self.base_currency.as_deref());
        errors.present("conversion_rate", self.conversion_rate.as_ref());
        errors.positive("conversion_rate", self.conversion_rate.as_ref());
        errors.finish()
    }
}

impl UpdatePriceUnitRequest {
    /// Checks the field rules.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.length("name", self.name.as_deref(), 1, NAME_CHARS_MAX);
        errors.finish()
    }
}
