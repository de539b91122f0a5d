//! What a customer has used of what it may use (spec 01 B1, spec 03 §5.10 "Usage summary").

use std::collections::BTreeMap;
use std::sync::Arc;

use tariff_contract::aggregated_entitlements::{
    AggregatedEntitlement, AggregatedFeature, BillingPeriodInfo, CustomerUsageSummaryResponse, FeatureUsageSummary,
};
use tariff_contract::error::ApiError;
use tariff_contract::subscriptions::SubscriptionResponse;
use tariff_contract::{DateTime, Pagination};
use tariff_core::aggregation::{Basis, UsageQuestion};
use tariff_core::calendar::zone;
use tariff_core::entitlement::{NextReset, UsageViewSubscription, usage_ratio};
use tariff_core::vocabulary::{FeatureType, SubscriptionType};
use tariff_core::{Decimal, Period, Timestamp};
use tariff_store::Scoped;
use tariff_store::entity::{customers, meters};
use tariff_usage::{Customers, UsageLog, UsageQuery};

use super::{get, get_by_external_id};
use crate::context::Context;
use crate::engine::Engine;
use crate::entitlements::ViewFilter;
use crate::error::Result;
use crate::meters::{definition, recording};
use crate::records::by_ids;
use crate::usage::{Budget, children_of};

/// The zero timestamp: an allowance that never starts again, a period that is not there (spec 01 A7).
const ZERO_SECOND: i64 = -62_135_596_800;

/// Whose usage is asked for. Empty texts count as absent.
#[derive(Debug, Clone, Default)]
pub struct UsageOf {
    /// By id.
    pub customer_id: Option<String>,
    /// By external id; published customers only.
    pub customer_lookup_key: Option<String>,
}

impl Engine {
    /// Every feature the customer may use, with its present usage: metered first, then static, boolean and config,
    /// each by name.
    ///
    /// # Errors
    /// `validation_error` without an identifier or for contradicting ones; `not_found`.
    pub async fn customer_usage(
        &self,
        context: &Context,
        of: UsageOf,
        filter: &ViewFilter,
    ) -> Result<CustomerUsageSummaryResponse> {
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let customer = resolve(&rows, of).await?;
        let view = self.customer_entitlements(context, &customer.id, filter).await?;
        let meter_ids = view.features.iter().filter_map(meter_of).map(str::to_owned);
        let is_parent =
            |subscription: &&SubscriptionResponse| subscription.subscription_type == SubscriptionType::Parent;
        let parents = view.subscriptions.iter().filter(is_parent);
        let parents = parents.map(|parent| parent.id.as_str());
        let mut asking = Asking {
            context,
            log: self.usage_log().as_ref(),
            customer: &customer,
            meters: by_ids::<meters::Entity>(&rows, meter_ids, |meter| &meter.id).await?,
            subscriptions: &view.subscriptions,
            children: children_of(&rows, parents.collect()).await?,
            budget: Budget::new(),
        };
        let mut features = Vec::with_capacity(view.features.len());
        for feature in view.features {
            features.push(asking.feature_usage(feature).await?);
        }
        features.sort_by_cached_key(order);
        Ok(CustomerUsageSummaryResponse {
            customer_id: customer.id,
            pagination: Pagination::unlimited(features.len() as u64),
            features,
            period: period_of(view.subscriptions.first()),
        })
    }
}

/// What the usage of features is read with.
struct Asking<'a> {
    context: &'a Context,
    log: &'a dyn UsageLog,
    customer: &'a customers::Model,
    meters: BTreeMap<String, meters::Model>,
    subscriptions: &'a [SubscriptionResponse],
    /// External ids of inheriting customers, by the parent subscription.
    children: BTreeMap<String, Vec<String>>,
    budget: Budget,
}

impl Asking<'_> {
    async fn feature_usage(&mut self, aggregated: AggregatedFeature) -> Result<FeatureUsageSummary> {
        let through = aggregated
            .sources
            .first()
            .and_then(|source| source.subscription_id.as_ref());
        let subscription = self
            .subscriptions
            .iter()
            .find(|subscription| Some(&subscription.id) == through);
        let meter = meter_of(&aggregated).and_then(|id| self.meters.get(id)).cloned();
        let (mut current_usage, mut next_reset) = (Decimal::zero(), None);
        let reset = aggregated
            .entitlement
            .as_ref()
            .and_then(|entitlement| entitlement.usage_reset_period);
        if let (Some(meter), Some(subscription)) = (meter, subscription) {
            let seen = usage_view(subscription);
            let window = seen.usage_window(reset, self.context.now())?;
            current_usage = self.metered_usage(&meter, subscription, window).await?;
            next_reset = wire_reset(seen.next_reset(reset, self.context.now())?);
        }
        Ok(summary(aggregated, current_usage, next_reset))
    }

    async fn metered_usage(
        &mut self,
        meter: &meters::Model,
        subscription: &SubscriptionResponse,
        window: Period,
    ) -> Result<Decimal> {
        let mut question = UsageQuestion::new(Arc::new(definition(meter)?), Basis::Recorded, window);
        question.recording = recording(meter);
        let anchor = zone(&subscription.timezone).to_datetime(subscription.billing_anchor.0);
        question.bucket_anchor_day = Some(anchor.day());
        let mut users = vec![self.customer.external_id.clone()];
        users.extend(self.children.get(&subscription.id).into_iter().flatten().cloned());
        let mut query = UsageQuery {
            question,
            customers: Customers::These(users),
            customer_id: None,
        };
        let answer = self.budget.ask(self.log, &self.context.scope, &mut query).await?;
        Ok(answer.into_total().value)
    }
}

/// The meter of a feature's usage.
fn meter_of(aggregated: &AggregatedFeature) -> Option<&str> {
    let meter_id = aggregated.feature.as_ref()?.meter_id.as_deref();
    meter_id.filter(|id| !id.is_empty())
}

async fn resolve(rows: &Scoped<'_>, of: UsageOf) -> Result<customers::Model> {
    let id = of.customer_id.filter(|id| !id.is_empty());
    let lookup_key = of.customer_lookup_key.filter(|key| !key.is_empty());
    match (id, lookup_key) {
        (None, None) => Err(ApiError::validation("customer_id or customer_lookup_key is required").into()),
        (Some(id), None) => get(rows, &id).await,
        (None, Some(lookup_key)) => get_by_external_id(rows, &lookup_key).await,
        (Some(id), Some(lookup_key)) => {
            let customer = get_by_external_id(rows, &lookup_key).await?;
            if customer.id != id {
                let message = "customer_id and customer_lookup_key name different customers";
                return Err(ApiError::validation(message).into());
            }
            Ok(customer)
        }
    }
}

fn usage_view(subscription: &SubscriptionResponse) -> UsageViewSubscription {
    UsageViewSubscription {
        start: subscription.start_date.0,
        end: subscription.end_date.map(|end| end.0),
        anchor: subscription.billing_anchor.0,
        billing_period: subscription.billing_period,
        billing_period_count: subscription.billing_period_count,
        current_period: Period::new(subscription.current_period_start.0, subscription.current_period_end.0),
        zone: zone(&subscription.timezone),
    }
}

fn zero() -> DateTime {
    DateTime(Timestamp::from_second(ZERO_SECOND).unwrap_or(Timestamp::MIN))
}

fn wire_reset(reset: NextReset) -> Option<DateTime> {
    match reset {
        NextReset::At(instant) => Some(DateTime(instant)),
        NextReset::Never => Some(zero()),
        NextReset::WithBillingPeriod => None,
    }
}

fn summary(
    aggregated: AggregatedFeature,
    current_usage: Decimal,
    next_usage_reset_at: Option<DateTime>,
) -> FeatureUsageSummary {
    let entitlement = aggregated.entitlement;
    let limit = entitlement.as_ref().and_then(|entitlement| entitlement.usage_limit);
    let metered = is_metered(aggregated.feature.as_ref().map(|feature| feature.r#type));
    let holds = |flag: fn(&AggregatedEntitlement) -> bool| entitlement.as_ref().is_some_and(flag);
    FeatureUsageSummary {
        usage_percent: usage_ratio(&current_usage, limit.map(Decimal::from).as_ref()),
        current_usage,
        is_enabled: holds(|entitlement| entitlement.is_enabled),
        is_soft_limit: holds(|entitlement| entitlement.is_soft_limit),
        is_unlimited: metered && limit.is_none(),
        next_usage_reset_at,
        total_limit: limit,
        feature: aggregated.feature,
        sources: aggregated.sources,
    }
}

fn is_metered(kind: Option<FeatureType>) -> bool {
    kind == Some(FeatureType::Metered)
}

/// Rank of the feature's type, then its name.
fn order(summary: &FeatureUsageSummary) -> (u8, String) {
    let Some(feature) = &summary.feature else {
        return (u8::MAX, String::new());
    };
    let rank = match feature.r#type {
        FeatureType::Metered => 0,
        FeatureType::Static => 1,
        FeatureType::Boolean => 2,
        FeatureType::Config => 3,
    };
    (rank, feature.name.clone())
}

fn period_of(subscription: Option<&SubscriptionResponse>) -> BillingPeriodInfo {
    match subscription {
        Some(subscription) => BillingPeriodInfo {
            start_time: subscription.current_period_start,
            end_time: subscription.current_period_end,
            period: subscription.billing_period.as_str().to_owned(),
        },
        None => BillingPeriodInfo {
            start_time: zero(),
            end_time: zero(),
            period: String::new(),
        },
    }
}
