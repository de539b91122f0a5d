//! Layout of the customer portal (`customer_portal_config`).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tariff_contract::FieldErrors;

use super::{SettingKey, SettingValue};

/// A part of a section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalTab {
    /// Unique within the portal.
    pub id: String,
    /// What it shows.
    pub r#type: String,
    /// Heading.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// Whether it is shown.
    #[serde(default)]
    pub enabled: bool,
    /// Place within the section, from 1.
    #[serde(default)]
    pub order: i64,
    /// What this type can be told; absent when nothing.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub config: Map<String, Value>,
}

/// A page of the portal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalSection {
    /// Unique within the portal.
    pub id: String,
    /// Heading.
    #[serde(default)]
    pub label: String,
    /// Whether it is shown.
    #[serde(default)]
    pub enabled: bool,
    /// Place among the sections, from 1.
    #[serde(default)]
    pub order: i64,
    /// Its parts.
    #[serde(default)]
    pub tabs: Vec<PortalTab>,
}

/// The portal's looks and contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerPortalConfig {
    /// Version of this document's form.
    pub version: String,
    /// Colours and the like, by name.
    pub theme: Map<String, Value>,
    /// The pages.
    pub sections: Vec<PortalSection>,
}

impl Default for CustomerPortalConfig {
    fn default() -> Self {
        let week_and_month = ["last_7_days", "last_30_days"];
        let every_range = ["today", "last_7_days", "last_30_days", "current_month", "last_month"];
        let cards = json!({"show_cost_metrics": false, "show_custom_metrics": true, "show_revenue_metric": true});
        let sections = [
            (
                ("usage", "Usage"),
                vec![
                    ("1", "metric_cards", cards),
                    ("2", "usage_graph", graph(&every_range, "inc")),
                    ("4", "current_usage", Value::Null),
                    ("3", "usage_breakdown", Value::Null),
                ],
            ),
            (
                ("credits", "Credits"),
                vec![
                    ("6", "wallet_balance", Value::Null),
                    ("7", "wallet_transactions", Value::Null),
                ],
            ),
            (("invoices", "Invoices"), vec![("8", "invoices", Value::Null)]),
            (
                ("overview", "Overview"),
                vec![
                    ("9", "wallet_balance", Value::Null),
                    ("10", "subscriptions", Value::Null),
                    ("11", "usage_graph", graph(&week_and_month, "all")),
                ],
            ),
        ];
        let sections = (1..).zip(sections).map(|(order, ((id, label), tabs))| PortalSection {
            id: id.to_owned(),
            label: label.to_owned(),
            enabled: true,
            order,
            tabs: (1..).zip(tabs).map(tab).collect(),
        });
        Self {
            version: "1.0".to_owned(),
            theme: Map::new(),
            sections: sections.collect(),
        }
    }
}

fn graph(date_presets: &[&str], feature_filter_mode: &str) -> Value {
    json!({
        "date_presets": date_presets,
        "default_preset": "last_7_days",
        "feature_filter_mode": feature_filter_mode,
        "allow_custom_date_range": true,
    })
}

fn tab((order, (id, kind, config)): (i64, (&str, &str, Value))) -> PortalTab {
    PortalTab {
        id: id.to_owned(),
        r#type: kind.to_owned(),
        label: String::new(),
        enabled: true,
        order,
        config: match config {
            Value::Object(members) => members,
            _ => Map::new(),
        },
    }
}

impl SettingValue for CustomerPortalConfig {
    const KEY: SettingKey = SettingKey::CustomerPortalConfig;

    fn check(&self, errors: &mut FieldErrors) {
        errors.each("sections", Some(&self.sections), |section, errors| {
            errors.required("id", Some(&section.id));
            errors.each("tabs", Some(&section.tabs), |tab, errors| {
                errors.required("id", Some(&tab.id));
                errors.required("type", Some(&tab.r#type));
            });
        });
    }
}
