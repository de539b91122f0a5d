//! The work of a clone: features with their meters and groups, then plans with their prices and entitlements.
//!
//! Each feature and each plan is a transaction of its own, so that one that cannot be copied fails alone. What the target
//! has already, by lookup key, is skipped.

use std::collections::BTreeMap;

use tariff_contract::error::ApiError;
use tariff_core::vocabulary::EntitlementEntityType;
use tariff_core::{IdPrefix, Status};
use tariff_store::column::{Json, Time, Word};
use tariff_store::entity::{entitlements, features, groups, plans, price_units, prices};
use tariff_store::{Listing, Scoped, ScopedResource};

use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::Result;
use crate::ids::mint;
use crate::records::Narrow;
use crate::{entitlements as allowances, meters, prices as charges};

/// Metadata of a copied feature: where it comes from.
const SOURCE_FEATURE: &str = "source_environment_feature_id";
const SOURCE_ENVIRONMENT: &str = "source_environment_id";

/// A copy while it is made.
pub(super) struct CatalogCopy {
    source: Context,
    target: Context,
    /// Features of the target by the id of their source.
    features: BTreeMap<String, String>,
    /// Meters of the target by the id of their source.
    meters: BTreeMap<String, String>,
}

impl CatalogCopy {
    pub(super) fn new(source: Context, target: Context) -> Self {
        Self {
            source,
            target,
            features: BTreeMap::new(),
            meters: BTreeMap::new(),
        }
    }

    /// Copies everything that is missing.
    ///
    /// # Errors
    /// `database_error` when the source cannot be read; a record that cannot be copied is logged and left out.
    pub(super) async fn run(mut self, engine: &Engine) -> Result<()> {
        let session = engine.read();
        let scope = self.source.scope.clone();
        let rows = session.scoped(&scope);
        let everything = Listing::all().published().oldest_first();
        for feature in rows.list::<features::Entity>(&everything).await? {
            let id = feature.id.clone();
            if let Err(error) = self.copy_feature(engine, &rows, feature).await {
                tracing::warn!(feature_id = id, %error, "a feature was not copied into the other environment");
            }
        }
        for plan in rows.list::<plans::Entity>(&everything).await? {
            let id = plan.id.clone();
            if let Err(error) = self.copy_plan(engine, &rows, plan).await {
                tracing::warn!(plan_id = id, %error, "a plan was not copied into the other environment");
            }
        }
        Ok(())
    }

    async fn copy_feature(&mut self, engine: &Engine, source: &Scoped<'_>, feature: features::Model) -> Result<()> {
        let work = engine.begin(&self.target).await?;
        let present = by_lookup_key::<features::Entity>(&work.rows(), &feature.lookup_key).await?;
        if let Some(present) = present {
            self.remember(&feature, present.id, present.meter_id);
            return Ok(());
        }
        let meter_id = match &feature.meter_id {
            None => None,
            Some(id) => match self.meters.get(id) {
                Some(copied) => Some(copied.clone()),
                None => Some(meters::copy(&work, meters::get(source, id).await?).await?.id),
            },
        };
        let group_id = self.group_for(&work, source, feature.group_id.as_deref()).await?;
        let mut metadata = feature.metadata.clone().map(|metadata| metadata.0).unwrap_or_default();
        metadata.insert(SOURCE_FEATURE.to_owned(), feature.id.clone());
        metadata.insert(SOURCE_ENVIRONMENT.to_owned(), self.source.scope.environment_id.clone());
        let copy = features::Model {
            id: mint(IdPrefix::Feature),
            meter_id: meter_id.clone(),
            group_id,
            metadata: Some(Json(metadata)),
            created_at: Time(work.now),
            updated_at: Time(work.now),
            created_by: work.context.user_id.clone(),
            updated_by: work.context.user_id.clone(),
            ..feature.clone()
        };
        let copy = work.rows().insert::<features::Entity>(copy).await?;
        work.publish("feature.created", "feature", &copy.id).await?;
        work.commit().await?;
        self.remember(&feature, copy.id, meter_id);
        Ok(())
    }

    fn remember(&mut self, source: &features::Model, id: String, meter_id: Option<String>) {
        self.features.insert(source.id.clone(), id);
        if let (Some(source), Some(target)) = (&source.meter_id, meter_id) {
            self.meters.insert(source.clone(), target);
        }
    }

    async fn copy_plan(&self, engine: &Engine, source: &Scoped<'_>, plan: plans::Model) -> Result<()> {
        let work = engine.begin(&self.target).await?;
        if by_lookup_key::<plans::Entity>(&work.rows(), &plan.lookup_key)
            .await?
            .is_some()
        {
            return Ok(());
        }
        let source_id = plan.id.clone();
        let copy = plans::Model {
            id: mint(IdPrefix::Plan),
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
            let price = self.price_for(&work, source, price, &copy.id).await?;
            charges::insert(&work, price).await?;
        }
        let owners = [source_id];
        let granted = allowances::of_owners(source, EntitlementEntityType::Plan, owners).await?;
        for entitlement in granted.into_iter().rev() {
            allowances::insert(&work, self.entitlement_for(&work, entitlement, &copy.id)?).await?;
        }
        work.commit().await
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
