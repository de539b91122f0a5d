//! Settings of events and of what is computed from them.

use serde::{Deserialize, Serialize};
use tariff_contract::FieldErrors;

use super::{SettingKey, SettingValue};

/// Which customers' events collectors may send (`event_ingestion_filter`, spec 02 §3).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventIngestionFilter {
    /// Whether events of other customers are dropped.
    pub enabled: bool,
    /// Customers whose events are kept, by external id.
    pub allowed_external_customer_ids: Vec<String>,
}

impl SettingValue for EventIngestionFilter {
    const KEY: SettingKey = SettingKey::EventIngestionFilter;

    fn check(&self, errors: &mut FieldErrors) {
        let holds = !self.enabled || !self.allowed_external_customer_ids.is_empty();
        errors.check(holds, "allowed_external_customer_ids", "must not be empty");
    }
}

/// What a rule of analytics looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnalyticsTarget {
    /// A feature, by id.
    Feature,
    /// A meter, by id.
    Meter,
    /// Events, by name.
    EventName,
}

/// A figure to compute. Of the ids, `revenue-per-minute` is known: cost ÷ (usage ÷ 60000).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalyticsRule {
    /// Which figure.
    pub id: String,
    /// What kind of thing it looks at.
    pub target_type: AnalyticsTarget,
    /// Which one.
    pub target_id: String,
}

/// Figures besides the standard ones (`custom_analytics_config`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomAnalyticsConfig {
    /// The figures.
    pub rules: Vec<AnalyticsRule>,
}

impl SettingValue for CustomAnalyticsConfig {
    const KEY: SettingKey = SettingKey::CustomAnalyticsConfig;

    fn check(&self, errors: &mut FieldErrors) {
        errors.each("rules", Some(&self.rules), |rule, errors| {
            errors.required("id", Some(&rule.id));
            errors.required("target_id", Some(&rule.target_id));
        });
    }
}
