//! The work of a clone: features with their meters and groups, then plans with their prices and entitlements.
//!
//! Each feature and each plan is a transaction of its own, so that one that cannot be copied fails alone. What the target
//! has already is skipped: by lookup key or, where there is none, by the metadata that a copy carries. So whoever goes on
//! after a crash copies what is missing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tariff_contract::error::ApiError;
use tariff_core::vocabulary::EntitlementEntityType;
use tariff_core::{IdPrefix, Scope, Status, Timestamp};
use tariff_store::column::{Json, Time, Word};
use tariff_store::entity::{entitlements, environments, features, groups, plans, price_units, prices};
use tariff_store::{Listing, Scoped, ScopedResource, Test};

use crate::context::Context;
use crate::engine::Work;
use crate::error::Result;
use crate::ids::mint;
use crate::jobs::{Halt, Hold};
use crate::records::Narrow;
use crate::{clock, entitlements as allowances, meters, prices as charges};

/// Metadata of a copied feature: where it comes from (spec 01 B4).
const SOURCE_FEATURE: &str = "source_environment_feature_id";
/// Metadata of a copied plan: where it comes from.
const SOURCE_PLAN: &str = "source_environment_plan_id";
/// Metadata of both.
const SOURCE_ENVIRONMENT: &str = "source_environment_id";
/// Most failures that a result names; all are counted.
const FAILURES_NAMED_MAX: usize = 100;

/// What a clone works on.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Input {
    pub source_environment_id: String,
    pub target_environment_id: String,
}

/// What the steps of a clone have copied.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Copied {
    features_copied: u64,
    plans_copied: u64,
}

/// What came of a clone.
#[derive(Debug, Default, Serialize)]
struct Outcome {
    target_environment_id: String,
    features_copied: u64,
    /// The target had them already.
    features_skipped: u64,
    features_failed: u64,
    plans_copied: u64,
    plans_skipped: u64,
    plans_failed: u64,
    failures: Vec<Failure>,
}

/// A record that could not be copied.
#[derive(Debug, Serialize)]
struct Failure {
    entity_type: &'static str,
    entity_id: String,
    error: String,
}

/// A copy while it is made.
struct CatalogCopy<'h> {
    hold: &'h Hold,
    source: Context,
    target: Context,
    copied: Copied,
    failures: Vec<Failure>,
    /// Features of the target by the id of their source.
    features: BTreeMap<String, String>,
    /// Meters of the target by the id of their source.
    meters: BTreeMap<String, String>,
}

/// Does a clone.
pub(crate) async fn copy_catalog(hold: &Hold) -> Result<Value, Halt> {
    let input: Input = hold.input()?;
    let copy = CatalogCopy {
        hold,
        source: inside(hold, &input.source_environment_id).await?,
        target: inside(hold, &input.target_environment_id).await?,
        copied: hold.progress()?,
        failures: Vec::new(),
        features: BTreeMap::new(),
        meters: BTreeMap::new(),
    };
    let outcome = copy.run().await?;
    Ok(serde_json::to_value(outcome).map_err(ApiError::internal)?)
}

/// The asker's context inside an environment, at that environment's time.
async fn inside(hold: &Hold, environment_id: &str) -> Result<Context> {
    let session = hold.engine.read();
    let rows = session.tenant(hold.context.tenant_id());
    let environment = rows.get::<environments::Entity>(environment_id).await?;
    let environment = environment.ok_or_else(|| super::unknown(environment_id))?;
    let test_clock_at = environment.test_clock_at.map(Timestamp::from);
    Ok(Context {
        scope: Scope::new(hold.context.tenant_id(), environment.id),
        clock: clock::of_environment(hold.engine.server_clock(), test_clock_at),
        ..hold.context.clone()
    })
}

impl CatalogCopy<'_> {
    /// Copies everything that is missing. A record that cannot be copied is logged, counted and left out.
    async fn run(mut self) -> Result<Outcome, Halt> {
        let session = self.hold.engine.read();
        let scope = self.source.scope.clone();
        let rows = session.scoped(&scope);
        let everything = Listing::all().published().oldest_first();
        let features = rows.list::<features::Entity>(&everything).await?;
        let plans = rows.list::<plans::Entity>(&everything).await?;
        let mut outcome = Outcome {
            target_environment_id: self.target.scope.environment_id.clone(),
            features_skipped: count(features.len()),
            plans_skipped: count(plans.len()),
            ..Outcome::default()
        };
        for feature in features {
            let id = feature.id.clone();
            let copied = self.copy_feature(&rows, feature).await;
            outcome.features_failed += self.noted("feature", id, copied)?;
        }
        for plan in plans {
            let id = plan.id.clone();
            let copied = self.copy_plan(&rows, plan).await;
            outcome.plans_failed += self.noted("plan", id, copied)?;
        }
        // Over all attempts: what was neither copied nor failed was there before.
        outcome.features_copied = self.copied.features_copied;
        outcome.plans_copied = self.copied.plans_copied;
        let skipped = |all: u64, copied: u64, failed: u64| all.saturating_sub(copied).saturating_sub(failed);
        outcome.features_skipped = skipped(
            outcome.features_skipped,
            outcome.features_copied,
            outcome.features_failed,
        );
        outcome.plans_skipped = skipped(outcome.plans_skipped, outcome.plans_copied, outcome.plans_failed);
        outcome.failures = self.failures;
        Ok(outcome)
    }

    /// One failure, if it was one of the record alone. What may pass (the server's fault, somebody in the way) is tried
    /// again, and put down to the record only when all else is tried.
    fn noted(&mut self, entity_type: &'static str, entity_id: String, copied: Result<(), Halt>) -> Result<u64, Halt> {
        let error = match copied {
            Ok(()) => return Ok(0),
            Err(Halt::Failed(error)) if !error.may_pass() || self.hold.is_last_attempt() => error,
            Err(halt) => return Err(halt),
        };
        tracing::warn!(entity_type, entity_id, %error, "a record was not copied into the other environment");
        if self.failures.len() < FAILURES_NAMED_MAX {
            self.failures.push(Failure {
                entity_type,
                entity_id,
                error: error.0.message,
            });
        }
        Ok(1)
    }

    async fn copy_feature(&mut self, source: &Scoped<'_>, feature: features::Model) -> Result<(), Halt> {
        let target = self.target.clone();
        let work = self.hold.step(&target).await?;
        let present =
            present::<features::Entity>(&work.rows(), &feature.lookup_key, (SOURCE_FEATURE, &feature.id)).await?;
        if let Some(present) = present {
            self.remember(&feature, present.id, present.meter_id);
            return self.hold.pass(work).await;
        }
        let (copy, meter_id) = self.feature_for(&work, source, &feature).await?;
        let copy = work.rows().insert::<features::Entity>(copy).await?;
        work.publish("feature.created", "feature", &copy.id).await?;
        self.copied.features_copied += 1;
        let advanced = self.hold.advance(work, &self.copied).await;
        if advanced.is_err() {
            self.copied.features_copied -= 1;
        }
        advanced?;
        self.remember(&feature, copy.id, meter_id);
        Ok(())
    }

    async fn feature_for(
        &self,
        work: &Work<'_>,
        source: &Scoped<'_>,
        feature: &features::Model,
    ) -> Result<(features::Model, Option<String>)> {
        let meter_id = match &feature.meter_id {
            None => None,
            Some(id) => match self.meters.get(id) {
                Some(copied) => Some(copied.clone()),
                None => Some(meters::copy(work, meters::get(source, id).await?).await?.id),
            },
        };
        let copy = features::Model {
            id: mint(IdPrefix::Feature),
            meter_id: meter_id.clone(),
            group_id: self.group_for(work, source, feature.group_id.as_deref()).await?,
            metadata: self.marked(feature.metadata.clone(), SOURCE_FEATURE, &feature.id),
            created_at: Time(work.now),
            updated_at: Time(work.now),
            created_by: work.context.user_id.clone(),
            updated_by: work.context.user_id.clone(),
            ..feature.clone()
        };
        Ok((copy, meter_id))
    }

    /// The metadata of a copy, which also tells where it comes from.
    fn marked(
        &self,
        metadata: Option<Json<BTreeMap<String, String>>>,
        mark: &str,
        source_id: &str,
    ) -> Option<Json<BTreeMap<String, String>>> {
        let mut metadata = metadata.map(|metadata| metadata.0).unwrap_or_default();
        metadata.insert(mark.to_owned(), source_id.to_owned());
        let environment_id = self.source.scope.environment_id.clone();
        metadata.insert(SOURCE_ENVIRONMENT.to_owned(), environment_id);
        Some(Json(metadata))
    }

    fn remember(&mut self, source: &features::Model, id: String, meter_id: Option<String>) {
        self.features.insert(source.id.clone(), id);
        if let (Some(source), Some(target)) = (&source.meter_id, meter_id) {
            self.meters.insert(source.clone(), target);
        }
    }

    async fn copy_plan(&mut self, source: &Scoped<'_>, plan: plans::Model) -> Result<(), Halt> {
        let target = self.target.clone();
        let work = self.hold.step(&target).await?;
        let present = present::<plans::Entity>(&work.rows(), &plan.lookup_key, (SOURCE_PLAN, &plan.id)).await?;
        if present.is_some() {
            return self.hold.pass(work).await;
        }
        self.insert_plan(&work, source, plan).await?;
        self.copied.plans_copied += 1;
        let advanced = self.hold.advance(work, &self.copied).await;
        if advanced.is_err() {
            self.copied.plans_copied -= 1;
        }
        advanced
    }

    async fn insert_plan(&self, work: &Work<'_>, source: &Scoped<'_>, plan: plans::Model) -> Result<()> {
        let source_id = plan.id.clone();
        let copy = plans::Model {
            id: mint(IdPrefix::Plan),
            metadata: self.marked(plan.metadata.clone(), SOURCE_PLAN, &source_id),
            created_at: Time(work.now),
            updated_at: Time(work.now),
            created_by: work.context.user_id.clone(),
            updated_by: work.context.user_id.clone(),
            ..plan
        };
        let copy = work.rows().insert::<plans::Entity>(copy).await?;
        // Oldest first, so that the copies keep the order of their sources.
        for price in charges::of_plan(source, &source_id, self.source.now())
            .await?
            .into_iter()
            .rev()
        {
            let price = self.price_for(work, source, price, &copy.id).await?;
            charges::insert(work, price).await?;
        }
        let owners = [source_id];
        let granted = allowances::of_owners(source, EntitlementEntityType::Plan, owners).await?;
        for entitlement in granted.into_iter().rev() {
            allowances::insert(work, self.entitlement_for(work, entitlement, &copy.id)?).await?;
        }
        Ok(())
    }

    async fn price_for(
        &self,
        work: &Work<'_>,
        source: &Scoped<'_>,
        price: prices::Model,
        plan_id: &str,
    ) -> Result<prices::Model> {
        let meter_id = match &price.meter_id {
            None => None,
            Some(id) => Some(self.meters.get(id).ok_or_else(|| missing("meter", id))?.clone()),
        };
        let price_unit_id = match &price.price_unit {
            Some(code) if price.price_unit_id.is_some() => {
                let listing = Listing::all().published().equal("code", code.as_str());
                let unit = work.rows().first::<price_units::Entity>(listing).await?;
                Some(unit.ok_or_else(|| missing("price unit", code))?.id)
            }
            _ => None,
        };
        Ok(prices::Model {
            id: mint(IdPrefix::Price),
            entity_id: plan_id.to_owned(),
            meter_id,
            price_unit_id,
            group_id: self.group_for(work, source, price.group_id.as_deref()).await?,
            parent_price_id: String::new(),
            created_at: Time(work.now),
            updated_at: Time(work.now),
            created_by: work.context.user_id.clone(),
            updated_by: work.context.user_id.clone(),
            ..price
        })
    }

    fn entitlement_for(
        &self,
        work: &Work<'_>,
        entitlement: entitlements::Model,
        plan_id: &str,
    ) -> Result<entitlements::Model> {
        let feature_id = self.features.get(&entitlement.feature_id);
        let feature_id = feature_id
            .ok_or_else(|| missing("feature", &entitlement.feature_id))?
            .clone();
        Ok(entitlements::Model {
            id: mint(IdPrefix::Entitlement),
            entity_id: plan_id.to_owned(),
            feature_id,
            parent_entitlement_id: None,
            created_at: Time(work.now),
            updated_at: Time(work.now),
            created_by: work.context.user_id.clone(),
            updated_by: work.context.user_id.clone(),
            ..entitlement
        })
    }

    /// The target's group of the same lookup key, copied if there is none yet.
    async fn group_for(&self, work: &Work<'_>, source: &Scoped<'_>, id: Option<&str>) -> Result<Option<String>> {
        let Some(id) = id else { return Ok(None) };
        let Some(group) = source.get::<groups::Entity>(id).await? else {
            return Ok(None);
        };
        if let Some(present) = by_lookup_key::<groups::Entity>(&work.rows(), &group.lookup_key).await? {
            return Ok(Some(present.id));
        }
        let copy = groups::Model {
            id: mint(IdPrefix::Group),
            status: Word(Status::Published),
            created_at: Time(work.now),
            updated_at: Time(work.now),
            created_by: work.context.user_id.clone(),
            updated_by: work.context.user_id.clone(),
            ..group
        };
        Ok(Some(work.rows().insert::<groups::Entity>(copy).await?.id))
    }
}

/// What the target has of a record already: the published record of its lookup key or, where it has none, the published
/// copy that this metadata tells of.
async fn present<E: ScopedResource>(
    rows: &Scoped<'_>,
    lookup_key: &str,
    (mark, source_id): (&str, &str),
) -> Result<Option<E::Model>> {
    if !lookup_key.is_empty() {
        return by_lookup_key::<E>(rows, lookup_key).await;
    }
    let pair = Test::HasPair(mark.to_owned(), source_id.to_owned());
    Ok(rows
        .first::<E>(Listing::all().published().with("metadata", pair))
        .await?)
}

/// The published record of this lookup key; records without a key are never the same.
async fn by_lookup_key<E: ScopedResource>(rows: &Scoped<'_>, lookup_key: &str) -> Result<Option<E::Model>> {
    if lookup_key.is_empty() {
        return Ok(None);
    }
    Ok(rows
        .first::<E>(Listing::all().published().equal("lookup_key", lookup_key))
        .await?)
}

fn missing(what: &str, id: &str) -> ApiError {
    ApiError::not_found(format!("The target has no copy of {what} {id}"))
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
