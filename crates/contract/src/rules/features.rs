//! Features and their alert settings (spec 02 §2.1, §2.2).

use tariff_core::vocabulary::FeatureType;

use crate::alerts::{AlertCondition, AlertSettings, AlertThreshold};
use crate::error::ApiError;
use crate::features::{CloneFeatureRequest, CreateFeatureRequest, ReportingUnit, UpdateFeatureRequest};
use crate::validate::{FieldErrors, NAME_CHARS_MAX};

/// Longest name of a unit, in code points.
const UNIT_CHARS_MAX: usize = 50;

impl CreateFeatureRequest {
    /// Checks the field rules.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required_text("name", self.name.as_ref(), NAME_CHARS_MAX);
        errors.present("type", self.r#type.as_ref());
        errors.length("lookup_key", self.lookup_key.as_deref(), 0, NAME_CHARS_MAX);
        check_units(&mut errors, self.unit_singular.as_deref(), self.unit_plural.as_deref());
        if let Some(unit) = &self.reporting_unit {
            unit.check(&mut errors);
        }
        if let Some(settings) = &self.alert_settings {
            settings.check(&mut errors);
        }
        if self.r#type == Some(FeatureType::Metered) && self.meter_id.as_deref().unwrap_or_default().is_empty() {
            match &self.meter {
                Some(meter) => {
                    let mut inner = FieldErrors::new();
                    meter.check(&mut inner);
                    errors.nested("meter", inner);
                }
                None => errors.add("meter_id", "a metered feature needs meter_id or meter"),
            }
        }
        errors.finish()
    }
}

impl UpdateFeatureRequest {
    /// Checks the rules of the members that are sent; units and alert settings are checked after merging.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.length("name", self.name.as_deref(), 1, NAME_CHARS_MAX);
        if let Some(unit) = &self.reporting_unit {
            unit.check(&mut errors);
        }
        errors.finish()
    }
}

impl CloneFeatureRequest {
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

/// Records when only one unit is named, or one is too long.
pub(crate) fn check_units(errors: &mut FieldErrors, singular: Option<&str>, plural: Option<&str>) {
    let (singular, plural) = (singular.unwrap_or_default(), plural.unwrap_or_default());
    errors.check(
        singular.is_empty() == plural.is_empty(),
        "unit_singular",
        "goes together with unit_plural",
    );
    errors.length("unit_singular", Some(singular), 0, UNIT_CHARS_MAX);
    errors.length("unit_plural", Some(plural), 0, UNIT_CHARS_MAX);
}

/// Checks the units of a feature after an update was merged in.
///
/// # Errors
/// `validation_error` when only one is named, or one is too long.
pub fn validate_units(singular: &str, plural: &str) -> Result<(), ApiError> {
    let mut errors = FieldErrors::new();
    check_units(&mut errors, Some(singular), Some(plural));
    errors.finish()
}

impl ReportingUnit {
    fn check(&self, errors: &mut FieldErrors) {
        errors.required_text(
            "reporting_unit.unit_singular",
            self.unit_singular.as_ref(),
            UNIT_CHARS_MAX,
        );
        errors.required_text("reporting_unit.unit_plural", self.unit_plural.as_ref(), UNIT_CHARS_MAX);
        let rate = self.conversion_rate.as_ref().map(|rate| &rate.0);
        errors.present("reporting_unit.conversion_rate", rate);
        errors.positive("reporting_unit.conversion_rate", rate);
    }
}

impl AlertSettings {
    /// Checks the settings as a whole.
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
        let levels = [
            ("critical", &self.critical),
            ("warning", &self.warning),
            ("info", &self.info),
        ];
        for (name, level) in levels {
            if let Some(level) = level {
                let complete = level.threshold.is_some() && level.condition.is_some();
                errors.check(
                    complete,
                    &format!("alert_settings.{name}"),
                    "needs a threshold and a condition",
                );
            }
        }
        let any = levels.iter().any(|(_, level)| level.is_some());
        let enabled = self.alert_enabled.unwrap_or_default();
        errors.check(
            any || !enabled,
            "alert_settings.alert_enabled",
            "needs at least one threshold",
        );
        let orphan = self.warning.is_some() && self.critical.is_none();
        errors.check(!orphan, "alert_settings.warning", "needs a critical threshold");
        check_milder(
            errors,
            "alert_settings.warning",
            self.warning.as_ref(),
            self.critical.as_ref(),
        );
        let severer = self.warning.as_ref().or(self.critical.as_ref());
        check_milder(errors, "alert_settings.info", self.info.as_ref(), severer);
    }

    /// The stored settings with those of a request laid over them, member by member.
    #[must_use]
    pub fn merged_over(self, stored: Option<Self>) -> Self {
        let stored = stored.unwrap_or_default();
        Self {
            alert_enabled: self.alert_enabled.or(stored.alert_enabled).or(Some(false)),
            critical: self.critical.or(stored.critical),
            info: self.info.or(stored.info),
            warning: self.warning.or(stored.warning),
        }
    }
}

/// A milder level watches the same side as the severer one and is reached no later.
fn check_milder(
    errors: &mut FieldErrors,
    field: &str,
    milder: Option<&AlertThreshold>,
    severer: Option<&AlertThreshold>,
) {
    let (Some(milder), Some(severer)) = (milder, severer) else {
        return;
    };
    errors.check(
        milder.condition == severer.condition,
        field,
        "must have the condition of the severer level",
    );
    let in_order = match severer.condition {
        Some(AlertCondition::Above) => milder.threshold <= severer.threshold,
        Some(AlertCondition::Below) => milder.threshold >= severer.threshold,
        None => true,
    };
    errors.check(in_order, field, "must be reached no later than the severer level");
}
