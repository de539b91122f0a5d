//! Plans (spec 03 §3.1).

use crate::error::ApiError;
use crate::plans::{ClonePlanRequest, CreatePlanRequest, UpdatePlanRequest};
use crate::validate::{FieldErrors, NAME_CHARS_MAX};

impl CreatePlanRequest {
    /// Checks the field rules.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required_text("name", self.name.as_ref(), NAME_CHARS_MAX);
        errors.length("lookup_key", self.lookup_key.as_deref(), 0, NAME_CHARS_MAX);
        errors.finish()
    }
}

impl UpdatePlanRequest {
    /// Checks the field rules.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.length("name", self.name.as_deref(), 1, NAME_CHARS_MAX);
        errors.length("lookup_key", self.lookup_key.as_deref(), 0, NAME_CHARS_MAX);
        errors.finish()
    }
}

impl ClonePlanRequest {
    /// Checks the field rules.
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
