//! Meters (spec 02 §2.3). How an aggregation's members fit together is `tariff_core::aggregation`'s to say.

use crate::error::ApiError;
use crate::meter_listing::UpdateMeterRequest;
use crate::meters::CreateMeterRequest;
use crate::validate::{FieldErrors, NAME_CHARS_MAX};

impl CreateMeterRequest {
    /// Checks the field rules.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        self.check(&mut errors);
        errors.finish()
    }

    /// Records the members that break a rule.
    pub fn check(&self, errors: &mut FieldErrors) {
        errors.required_text("name", self.name.as_ref(), NAME_CHARS_MAX);
        errors.required("event_name", self.event_name.as_ref());
        let kind = self.aggregation.as_ref().and_then(|aggregation| aggregation.r#type);
        errors.present("aggregation.type", kind.as_ref());
        errors.present("reset_usage", self.reset_usage.as_ref());
    }
}

impl UpdateMeterRequest {
    /// Checks the field rules.
    ///
    /// # Errors
    /// `validation_error` without filters.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required("filters", self.filters.as_ref());
        errors.finish()
    }
}
