//! What a subscription or customer may use, all its entitlements combined (spec 03 §5.10).

use std::collections::BTreeMap;

use tariff_contract::aggregated_entitlements::{
    AggregatedEntitlement, AggregatedEntitlementBucket, AggregatedFeature, CustomerEntitlementsResponse,
    EntitlementSource, EntitlementSourceEntityType, SubscriptionEntitlementsResponse,
};
use tariff_contract::features::FeatureResponse;
use tariff_core::Timestamp;
use tariff_core::entitlement::{EntitlementRow, FeatureEntitlement, MeteredEntitlement, aggregate};
use tariff_core::vocabulary::{EntitlementEntityType, SubscriptionStatus, SubscriptionType};
use tariff_store::entity::{
    addons as addon_rows, entitlements, features as feature_rows, plans as plan_rows, subscriptions,
};
use tariff_store::{Listing, Scoped, Test};

use super::{GrantConfig, of_subscription};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::{Narrow, by_ids, filled};
use crate::{customers, features, subscriptions as subscribed};

/// Which part of a view is asked for; empty lists ask for everything.
#[derive(Debug, Clone, Default)]
pub struct ViewFilter {
    /// Only these features.
    pub feature_ids: Vec<String>,
    /// Only features with these lookup keys.
    pub feature_lookup_keys: Vec<String>,
    /// Only from these subscriptions.
    pub subscription_ids: Vec<String>,
}

/// An entitlement and the subscription it reaches the customer through.
struct Granted {
    entitlement: entitlements::Model,
    subscription_id: String,
    plan_id: String,
}

impl Engine {
    /// What a subscription may use.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn subscription_entitlements(
        &self,
        context: &Context,
        subscription_id: &str,
        filter: &ViewFilter,
    ) -> Result<SubscriptionEntitlementsResponse> {
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let subscription = subscribed::get(&rows, subscription_id).await?;
        let granted = granted(&rows, std::slice::from_ref(&subscription), context.now()).await?;
        Ok(SubscriptionEntitlementsResponse {
            subscription_id: subscription.id,
            plan_id: Some(subscription.plan_id),
            features: combined(&rows, granted, filter).await?,
        })
    }

    /// What a customer may use through all active and trialing subscriptions. Nothing, for an unknown id.
    ///
    /// # Errors
    /// Storage failures only.
    pub async fn customer_entitlements(
        &self,
        context: &Context,
        customer_id: &str,
        filter: &ViewFilter,
    ) -> Result<CustomerEntitlementsResponse> {
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let live = [
            SubscriptionStatus::Active.as_str(),
            SubscriptionStatus::Trialing.as_str(),
        ];
        let listing = Listing::all()
            .equal("customer_id", customer_id)
            .published()
            .within("subscription_status", live)
            .with(
                "subscription_type",
                Test::NotEqual(SubscriptionType::Inherited.as_str().into()),
            )
            .within_if("id", Some(filter.subscription_ids.clone()));
        let found = rows.list::<subscriptions::Entity>(&listing).await?;
        let granted = granted(&rows, &found, context.now()).await?;
        let features = combined(&rows, granted, filter).await?;
        Ok(CustomerEntitlementsResponse {
            customer_id: customer_id.to_owned(),
            features,
            subscriptions: subscribed::plain_responses(&rows, found).await?,
        })
    }

    /// As [`Engine::customer_entitlements`], for the published customer of this external id.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn customer_entitlements_by_external_id(
        &self,
        context: &Context,
        external_id: &str,
        filter: &ViewFilter,
    ) -> Result<CustomerEntitlementsResponse> {
        let customer = customers::get_by_external_id(&self.read().scoped(&context.scope), external_id).await?;
        self.customer_entitlements(context, &customer.id, filter).await
    }
}

/// What a subscription may use, for answers that embed it.
///
/// # Errors
/// Storage failures only.
pub(crate) async fn features_of(
    rows: &Scoped<'_>,
    subscription: &subscriptions::Model,
    now: Timestamp,
) -> Result<Vec<AggregatedFeature>> {
    let granted = granted(rows, std::slice::from_ref(subscription), now).await?;
    combined(rows, granted, &ViewFilter::default()).await
}

async fn granted(rows: &Scoped<'_>, subscriptions: &[subscriptions::Model], now: Timestamp) -> Result<Vec<Granted>> {
    let mut granted = Vec::new();
    for subscription in subscriptions {
        let entitlements = of_subscription(rows, subscription, now).await?;
        granted.extend(entitlements.into_iter().map(|entitlement| Granted {
            entitlement,
            subscription_id: subscription.id.clone(),
            plan_id: subscription.plan_id.clone(),
        }));
    }
    Ok(granted)
}

/// The features in the order in which they first occur, each with its entitlements combined. A feature without an
/// enabled entitlement is left out.
async fn combined(rows: &Scoped<'_>, mut granted: Vec<Granted>, filter: &ViewFilter) -> Result<Vec<AggregatedFeature>> {
    granted.retain(|granted| granted.entitlement.is_enabled);
    if !filter.feature_ids.is_empty() {
        granted.retain(|granted| filter.feature_ids.contains(&granted.entitlement.feature_id));
    }
    let plan_ids = granted.iter().map(|granted| granted.plan_id.clone());
    let plans = by_ids::<plan_rows::Entity>(rows, plan_ids, |plan| &plan.id).await?;
    let addon_ids = granted.iter().filter_map(|granted| addon_of(&granted.entitlement));
    let addon_ids = addon_ids.map(str::to_owned).collect::<Vec<_>>();
    let addons = by_ids::<addon_rows::Entity>(rows, addon_ids, |addon| &addon.id).await?;
    let name = |granted: &Granted| match addon_of(&granted.entitlement) {
        Some(addon_id) => addons.get(addon_id).map(|addon| addon.name.clone()),
        // A subscription has no name of its own; it is known by its plan's.
        None => plans.get(&granted.plan_id).map(|plan| plan.name.clone()),
    };
    let feature_ids = granted.iter().map(|granted| granted.entitlement.feature_id.clone());
    let known = by_ids::<feature_rows::Entity>(rows, feature_ids, |feature| &feature.id).await?;
    let known = features::embedded(rows, known.into_values().collect(), true).await?;
    let mut known: BTreeMap<String, FeatureResponse> =
        known.into_iter().map(|feature| (feature.id.clone(), feature)).collect();
    if !filter.feature_lookup_keys.is_empty() {
        known.retain(|_, feature| filter.feature_lookup_keys.contains(&feature.lookup_key));
        granted.retain(|granted| known.contains_key(&granted.entitlement.feature_id));
    }
    let mut by_feature: Vec<(String, Vec<Granted>)> = Vec::new();
    for granted in granted {
        let feature_id = &granted.entitlement.feature_id;
        match by_feature.iter_mut().find(|(id, _)| id == feature_id) {
            Some((_, group)) => group.push(granted),
            None => by_feature.push((feature_id.clone(), vec![granted])),
        }
    }
    let mut answer = Vec::with_capacity(by_feature.len());
    for (feature_id, group) in by_feature {
        let Some(entitlement) = combine(&group)? else { continue };
        let named = group.into_iter().map(|granted| (name(&granted), granted));
        let sources = named.map(|(name, granted)| source(granted, name.unwrap_or_default()));
        let sources = sources.collect();
        answer.push(AggregatedFeature {
            feature: known.remove(&feature_id),
            entitlement: Some(entitlement),
            sources,
        });
    }
    Ok(answer)
}

fn combine(group: &[Granted]) -> Result<Option<AggregatedEntitlement>> {
    let Some(first) = group.first() else { return Ok(None) };
    let contributions: Vec<EntitlementRow> = group.iter().map(|granted| contribution(&granted.entitlement)).collect();
    let combined = aggregate(first.entitlement.feature_type.0, &contributions)?;
    Ok(combined.map(|combined| match combined {
        FeatureEntitlement::Metered(metered) => metered_entitlement(metered, group),
        FeatureEntitlement::Boolean => enabled(),
        FeatureEntitlement::Static(static_values) => AggregatedEntitlement {
            static_values,
            ..enabled()
        },
        FeatureEntitlement::Config(config_values) => AggregatedEntitlement {
            config_values,
            ..enabled()
        },
    }))
}

fn enabled() -> AggregatedEntitlement {
    AggregatedEntitlement {
        is_enabled: true,
        is_soft_limit: false,
        usage_limit: None,
        usage_reset_period: None,
        aggregation_mode: None,
        buckets: Vec::new(),
        static_values: Vec::new(),
        config_values: Vec::new(),
    }
}

fn metered_entitlement(metered: MeteredEntitlement, group: &[Granted]) -> AggregatedEntitlement {
    let bucket = |(granted, usage_limit): (&Granted, Option<i64>)| {
        let grant = GrantConfig::of(&granted.entitlement);
        AggregatedEntitlementBucket {
            entitlement_id: granted.entitlement.id.clone(),
            source_entity_id: Some(granted.entitlement.entity_id.clone()),
            usage_limit,
            grant_measure: grant.as_ref().map(|grant| grant.measure),
            grant_quota: grant.as_ref().map(|grant| grant.quota.clone()),
            grant_duration_unit: grant.as_ref().map(|grant| grant.duration_unit),
            grant_duration_value: grant.and_then(|grant| grant.duration_value),
        }
    };
    AggregatedEntitlement {
        is_soft_limit: metered.is_soft_limit,
        usage_limit: metered.usage_limit,
        usage_reset_period: metered.usage_reset_period,
        aggregation_mode: Some(metered.aggregation_mode),
        buckets: group.iter().zip(metered.buckets).map(bucket).collect(),
        ..enabled()
    }
}

fn contribution(entitlement: &entitlements::Model) -> EntitlementRow {
    let object = entitlement
        .config_value
        .as_ref()
        .and_then(|value| value.0.as_object().cloned());
    EntitlementRow {
        is_enabled: entitlement.is_enabled,
        usage_limit: entitlement.usage_limit,
        usage_reset_period: entitlement.usage_reset_period.map(|period| period.0),
        is_soft_limit: entitlement.is_soft_limit,
        aggregation_mode: entitlement.aggregation_mode.map(|mode| mode.0),
        static_value: entitlement.static_value.clone(),
        config_value: object.unwrap_or_default(),
    }
}

/// The addon that brings an entitlement along.
fn addon_of(entitlement: &entitlements::Model) -> Option<&str> {
    (entitlement.entity_type.0 == EntitlementEntityType::Addon).then_some(entitlement.entity_id.as_str())
}

fn source(granted: Granted, entity_name: String) -> EntitlementSource {
    let entitlement = granted.entitlement;
    let object = entitlement
        .config_value
        .as_ref()
        .and_then(|value| value.0.as_object().cloned());
    EntitlementSource {
        entity_type: match entitlement.entity_type.0 {
            EntitlementEntityType::Plan => EntitlementSourceEntityType::Plan,
            EntitlementEntityType::Addon => EntitlementSourceEntityType::Addon,
            EntitlementEntityType::Subscription => EntitlementSourceEntityType::Subscription,
        },
        entity_id: entitlement.entity_id,
        entity_name,
        entitlement_id: entitlement.id,
        subscription_id: Some(granted.subscription_id),
        is_enabled: entitlement.is_enabled,
        quantity: Some(1),
        usage_limit: entitlement.usage_limit,
        // The contract's word list for sources lacks NEVER.
        usage_reset_period: entitlement
            .usage_reset_period
            .and_then(|period| period.0.as_str().parse().ok()),
        static_value: filled(Some(entitlement.static_value)),
        config_value: object,
    }
}
