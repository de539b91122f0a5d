//! What `expand` puts into the rows (spec 02 §3.7). Unknown entries are ignored.

use std::collections::BTreeMap;

use tariff_contract::DateTime;
use tariff_contract::addons::Addon;
use tariff_contract::analytics::{GetUsageAnalyticsRequest, UsageAnalyticItem};
use tariff_contract::features::Feature;
use tariff_contract::plans::Plan;
use tariff_store::Scoped;
use tariff_store::entity::{addons as addon_rows, features as feature_rows, plans as plan_rows};

use super::subjects::{Subject, Subjects};
use crate::error::Result;
use crate::records::{by_ids, metadata_out};
use crate::{features, meters, prices, subscriptions};

/// Which records are to be embedded.
pub(super) struct Embedding {
    price: bool,
    line: bool,
    meter: bool,
    feature: bool,
    /// Empty unless asked for.
    plans: BTreeMap<String, plan_rows::Model>,
    /// Empty unless asked for.
    addons: BTreeMap<String, addon_rows::Model>,
}

impl Embedding {
    pub async fn load(rows: &Scoped<'_>, subjects: &Subjects, request: &GetUsageAnalyticsRequest) -> Result<Self> {
        let asked = |name: &str| request.expand.iter().flatten().any(|entry| entry == name);
        let charged = || subjects.rows.iter().filter_map(|subject| subject.charged.as_ref());
        let addon_ids = charged()
            .filter(|_| asked("addon"))
            .filter_map(|charged| charged.addon_id().map(str::to_owned));
        let plan_ids = charged()
            .filter(|_| asked("plan"))
            .filter_map(|charged| charged.plan_id().map(str::to_owned));
        Ok(Self {
            price: asked("price"),
            line: asked("subscription_line_item"),
            meter: asked("meter"),
            feature: asked("feature"),
            plans: by_ids::<plan_rows::Entity>(rows, plan_ids, |plan| &plan.id).await?,
            addons: by_ids::<addon_rows::Entity>(rows, addon_ids, |addon| &addon.id).await?,
        })
    }

    pub fn fill(&self, item: &mut UsageAnalyticItem, subject: &Subject, of: Option<&feature_rows::Model>) {
        let charged = subject.charged.as_ref();
        if self.price {
            item.price = charged.map(|charged| prices::response(charged.price.clone()));
        }
        if self.line {
            item.subscription_line_item = charged.map(|charged| subscriptions::line(charged.line.clone()));
        }
        if self.meter {
            item.meter = Some(meters::domain_form(subject.meter_row.clone()));
        }
        if self.feature {
            item.feature = of.cloned().map(feature);
        }
        item.plan = item
            .plan_id
            .as_ref()
            .and_then(|id| self.plans.get(id))
            .cloned()
            .map(plan);
        let addon_row = item.add_on_id.as_ref().and_then(|id| self.addons.get(id));
        item.addon = addon_row.cloned().map(addon);
    }
}

fn feature(row: feature_rows::Model) -> Feature {
    let response = features::response(row, None, None);
    Feature {
        id: response.id,
        name: response.name,
        lookup_key: response.lookup_key,
        description: response.description,
        r#type: response.r#type,
        meter_id: response.meter_id,
        unit_singular: response.unit_singular,
        unit_plural: response.unit_plural,
        reporting_unit: response.reporting_unit,
        alert_settings: response.alert_settings,
        group_id: response.group_id,
        group: None,
        metadata: response.metadata,
        tenant_id: response.tenant_id,
        environment_id: response.environment_id,
        status: response.status,
        created_at: response.created_at,
        updated_at: response.updated_at,
        created_by: response.created_by,
        updated_by: response.updated_by,
    }
}

fn plan(row: plan_rows::Model) -> Plan {
    Plan {
        id: row.id,
        name: row.name,
        lookup_key: row.lookup_key,
        description: row.description,
        display_order: row.display_order,
        metadata: metadata_out(row.metadata),
        tenant_id: row.tenant_id,
        environment_id: row.environment_id,
        status: row.status.0,
        created_at: DateTime(row.created_at.0),
        updated_at: DateTime(row.updated_at.0),
        created_by: row.created_by,
        updated_by: row.updated_by,
    }
}

fn addon(row: addon_rows::Model) -> Addon {
    Addon {
        id: row.id,
        name: row.name,
        lookup_key: row.lookup_key,
        description: row.description,
        metadata: row.metadata.map(|metadata| metadata.0),
        tenant_id: row.tenant_id,
        environment_id: row.environment_id,
        status: row.status.0,
        created_at: DateTime(row.created_at.0),
        updated_at: DateTime(row.updated_at.0),
        created_by: row.created_by,
        updated_by: row.updated_by,
    }
}
