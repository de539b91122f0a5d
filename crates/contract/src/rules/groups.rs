//! Groups (spec 01 B3).

use tariff_core::vocabulary::GroupEntityType;

use crate::error::ApiError;
use crate::groups::{CreateGroupRequest, GroupFilter};
use crate::validate::{FieldErrors, NAME_CHARS_MAX};

impl CreateGroupRequest {
    /// Checks the field rules.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required_text("name", self.name.as_ref(), NAME_CHARS_MAX);
        errors.required_text("lookup_key", self.lookup_key.as_ref(), NAME_CHARS_MAX);
        errors.required("entity_type", self.entity_type.as_ref());
        check_entity_type(&mut errors, self.entity_type.as_deref());
        errors.finish()
    }
}

impl GroupFilter {
    /// Checks the field rules.
    ///
    /// # Errors
    /// `validation_error` for an unknown `entity_type`.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        check_entity_type(&mut errors, self.entity_type.as_deref());
        errors.finish()
    }
}

fn check_entity_type(errors: &mut FieldErrors, word: Option<&str>) {
    let holds = word.is_none_or(|word| word.is_empty() || word.parse::<GroupEntityType>().is_ok());
    errors.check(holds, "entity_type", "must be price or feature");
}
