//! Field rules of alert settings (spec 02 §2.2).

use crate::alerts::{AlertCondition, AlertSettings, AlertThreshold};
use crate::validate::FieldErrors;

impl AlertSettings {
    /// Records the rules that the settings break as a whole (spec 02 §2.2). On update, merge with what is stored first.
    pub fn check(&self, errors: &mut FieldErrors) {
        const FIELD: &str = "alert_settings";
        let levels = [&self.critical, &self.warning, &self.info];
        if self.alert_enabled == Some(true) && levels.iter().all(|level| level.is_none()) {
            errors.add(FIELD, "need at least one threshold when enabled");
        }
        for level in levels.into_iter().flatten() {
            let complete = level.threshold.is_some() && level.condition.is_some();
            errors.check(complete, FIELD, "need a threshold and a condition on each level");
        }
        if self.warning.is_some() && self.critical.is_none() {
            errors.add(FIELD, "need a critical level below a warning level");
        }
        let more_severe = self.warning.as_ref().or(self.critical.as_ref());
        for (severe, mild) in [
            (self.critical.as_ref(), self.warning.as_ref()),
            (more_severe, self.info.as_ref()),
        ] {
            if let Some((severe, mild)) = severe.zip(mild) {
                let ordered = mild.is_milder_than(severe);
                errors.check(ordered, FIELD, "need equal conditions and ordered thresholds");
            }
        }
    }
}

impl AlertThreshold {
    /// Whether a value reaches this level no later than `severe`, on the same side.
    fn is_milder_than(&self, severe: &Self) -> bool {
        self.condition == severe.condition
            && match severe.condition {
                Some(AlertCondition::Above) => self.threshold <= severe.threshold,
                Some(AlertCondition::Below) => self.threshold >= severe.threshold,
                None => true,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_by_severity() {
        let level =
            |threshold: &str, condition: &str| format!(r#"{{"threshold":"{threshold}","condition":"{condition}"}}"#);
        for (critical, warning, info, valid) in [
            (
                Some(("10", "below")),
                Some(("20", "below")),
                Some(("30", "below")),
                true,
            ),
            (Some(("10", "below")), Some(("5", "below")), None, false),
            (
                Some(("30", "above")),
                Some(("20", "above")),
                Some(("10", "above")),
                true,
            ),
            (Some(("30", "above")), None, Some(("40", "above")), false),
            (Some(("10", "below")), Some(("20", "above")), None, false),
            (None, Some(("20", "below")), None, false),
            (None, None, Some(("20", "below")), true),
        ] {
            let text = [("critical", critical), ("warning", warning), ("info", info)]
                .into_iter()
                .filter_map(|(name, found)| found.map(|(value, side)| format!(r#""{name}":{}"#, level(value, side))))
                .collect::<Vec<_>>()
                .join(",");
            let settings: AlertSettings = serde_json::from_str(&format!("{{{text}}}")).unwrap();
            let mut errors = FieldErrors::new();
            settings.check(&mut errors);
            assert_eq!(errors.is_empty(), valid, "{text}");
        }
    }
}
