//! Entitlements with the records they refer to.

use std::collections::BTreeMap;

use tariff_contract::entitlements::EntitlementResponse;
use tariff_contract::features::FeatureResponse;
use tariff_core::vocabulary::EntitlementEntityType;
use tariff_store::Scoped;
use tariff_store::entity::{addons, entitlements, features, plans};

use super::response;
use crate::error::Result;
use crate::records::by_ids;

/// Which related records an answer shows.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Embed {
    /// The feature.
    pub features: bool,
    /// The feature's meter.
    pub meters: bool,
    /// The plan that owns it.
    pub plans: bool,
    /// The addon that owns it.
    pub addons: bool,
}

/// The wire forms of entitlements, in the same order.
pub(crate) async fn embedded(
    rows: &Scoped<'_>,
    entitlements: Vec<entitlements::Model>,
    embed: Embed,
) -> Result<Vec<EntitlementResponse>> {
    let mut answers: Vec<EntitlementResponse> = entitlements.into_iter().map(response).collect();
    if embed.features {
        let features = features_by_id(rows, &answers, embed.meters).await?;
        for answer in &mut answers {
            answer.feature = features.get(&answer.feature_id).cloned();
        }
    }
    if embed.plans {
        let plan_ids: Vec<String> = answers.iter().filter_map(|answer| answer.plan_id.clone()).collect();
        let plans = by_ids::<plans::Entity>(rows, plan_ids, |plan| &plan.id).await?;
        for answer in &mut answers {
            let plan = answer.plan_id.as_ref().and_then(|id| plans.get(id)).cloned();
            answer.plan = plan.map(|plan| Box::new(crate::plans::response(plan)));
        }
    }
    if embed.addons {
        let owned = |answer: &EntitlementResponse| answer.entity_type == EntitlementEntityType::Addon;
        let owners = answers.iter().filter(|answer| owned(answer));
        let addon_ids: Vec<String> = owners.map(|answer| answer.entity_id.clone()).collect();
        let addons = by_ids::<addons::Entity>(rows, addon_ids, |addon| &addon.id).await?;
        for answer in answers.iter_mut().filter(|answer| owned(answer)) {
            let addon = addons.get(&answer.entity_id).cloned();
            answer.addon = addon.map(|addon| Box::new(crate::addons::response(addon)));
        }
    }
    Ok(answers)
}

async fn features_by_id(
    rows: &Scoped<'_>,
    answers: &[EntitlementResponse],
    with_meters: bool,
) -> Result<BTreeMap<String, FeatureResponse>> {
    let ids = answers.iter().map(|answer| answer.feature_id.clone());
    let features = by_ids::<features::Entity>(rows, ids, |feature| &feature.id).await?;
    let features = crate::features::embedded(rows, features.into_values().collect(), with_meters).await?;
    Ok(features
        .into_iter()
        .map(|feature| (feature.id.clone(), feature))
        .collect())
}
