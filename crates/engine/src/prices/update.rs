//! Updating a price: labels change in place, terms make a new version (spec 03 §5.7).

use tariff_contract::DateTime;
use tariff_contract::error::ApiError;
use tariff_contract::prices::{
    CreatePriceRequest, CreatePriceTier, PriceResponse, PriceUnitConfig, TransformQuantityInput, UpdatePriceRequest,
};
use tariff_core::pricing::Tier;
use tariff_core::vocabulary::{BillingModel, PriceUnitType};
use tariff_core::{Decimal, Timestamp};
use tariff_store::column::{Json, Number, Time};
use tariff_store::entity::prices;
use tariff_store::set;

use super::create::{check_group, create};
use super::delete::terminate;
use super::find::complete;
use super::{lookup_key_taken, root_of, unknown_id};
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::{Result, on_duplicate};
use crate::records::{filled, metadata_in, metadata_out};

impl Engine {
    /// Updates a price in place, or ends it and answers its new version.
    ///
    /// # Errors
    /// `validation_error` for field rules, terms of the other kind of unit, a price that is already terminated, or an
    /// `effective_from` before its start; `not_found`; `already_exists` when the lookup key is taken.
    pub async fn update_price(
        &self,
        context: &Context,
        id: &str,
        request: UpdatePriceRequest,
    ) -> Result<PriceResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let current = work
            .rows()
            .lock::<prices::Entity>(id)
            .await?
            .ok_or_else(|| unknown_id(id))?;
        refuse_foreign_terms(&current, &request)?;
        if let Some(group_id) = filled(request.group_id.clone()) {
            check_group(&work, &group_id).await?;
        }
        let price = if request.changes_terms() {
            new_version(&work, current, request).await?
        } else {
            update_in_place(&work, current, request).await?
        };
        let response = complete(&work.rows(), price).await?;
        work.commit().await?;
        Ok(response)
    }
}

pub(super) fn refuse_foreign_terms(current: &prices::Model, request: &UpdatePriceRequest) -> Result<()> {
    let foreign = match current.price_unit_type.0 {
        PriceUnitType::Custom => request.has_fiat_terms(),
        PriceUnitType::Fiat => request.has_unit_terms(),
    };
    if foreign {
        let message = format!(
            "The price is of type {}; send amounts of that type only",
            current.price_unit_type.0
        );
        return Err(ApiError::validation(message).into());
    }
    Ok(())
}

async fn update_in_place(
    work: &Work<'_>,
    current: prices::Model,
    request: UpdatePriceRequest,
) -> Result<prices::Model> {
    let mut changes = prices::ActiveModel {
        updated_at: set(Time(work.now)),
        updated_by: set(work.context.user_id.clone()),
        ..Default::default()
    };
    let lookup_key = filled(request.lookup_key);
    if let Some(lookup_key) = lookup_key.clone() {
        changes.lookup_key = set(lookup_key);
    }
    if let Some(display_name) = filled(request.display_name) {
        changes.display_name = set(display_name);
    }
    if let Some(description) = filled(request.description) {
        changes.description = set(description);
    }
    if request.metadata.is_some() {
        changes.metadata = set(metadata_in(request.metadata));
    }
    if let Some(group_id) = request.group_id {
        changes.group_id = set(filled(Some(group_id)));
    }
    let updated = work.rows().update::<prices::Entity>(&current.id, changes).await;
    let updated = updated.map_err(on_duplicate(lookup_key_taken(&lookup_key.unwrap_or_default())))?;
    updated.ok_or_else(|| unknown_id(&current.id))
}

/// Ends the price and creates its successor, which takes over its lookup key.
async fn new_version(work: &Work<'_>, current: prices::Model, request: UpdatePriceRequest) -> Result<prices::Model> {
    let effective_from = request
        .effective_from
        .map_or(work.now, |effective_from| effective_from.0);
    let mut changes = prices::ActiveModel::default();
    if let Some(group_id) = request.group_id.clone() {
        changes.group_id = set(filled(Some(group_id)));
    }
    terminate(work, &current, ("effective_from", effective_from), changes).await?;
    let root = root_of(&current).to_owned();
    let successor = successor(current, request, effective_from);
    successor.validate()?;
    create(work, successor, root).await
}

/// The request that would create the next version: what is sent, laid over what is stored.
pub(super) fn successor(current: prices::Model, request: UpdatePriceRequest, start: Timestamp) -> CreatePriceRequest {
    let model = request.billing_model.unwrap_or(current.billing_model.0);
    let custom = current.price_unit_type.0 == PriceUnitType::Custom;
    // A price that was tiered has no amount to keep; zero stands in until one is sent.
    let was_tiered = current.billing_model.0 == BillingModel::Tiered;
    let kept = |sent: Option<Decimal>, stored: Option<Decimal>| match model {
        BillingModel::FlatFee | BillingModel::Package => {
            Some(sent.or(stored.filter(|_| !was_tiered)).unwrap_or_default())
        }
        // The tiers tell what a tiered price charges; the amount of another model is not carried along.
        BillingModel::Tiered => sent.or(stored.filter(|_| was_tiered)),
    };
    let package = request.transform_quantity.unwrap_or(TransformQuantityInput {
        divide_by: i64::try_from(current.transform_quantity.0.divide_by).ok(),
        round: current.transform_quantity.0.round,
    });
    let config = custom.then(|| PriceUnitConfig {
        amount: kept(
            request.price_unit_amount,
            current.price_unit_amount.map(|Number(amount)| amount),
        ),
        price_unit: current.price_unit,
        price_unit_tiers: tiers_of(model, request.price_unit_tiers, current.price_unit_tiers),
    });
    let tiers = tiers_of(model, request.tiers, current.tiers).filter(|_| !custom);
    CreatePriceRequest {
        amount: if custom {
            None
        } else {
            kept(request.amount, Some(current.amount.0))
        },
        tiers,
        tier_mode: request
            .tier_mode
            .or(current.tier_mode.map(|mode| mode.0))
            .filter(|_| model == BillingModel::Tiered),
        transform_quantity: Some(package),
        price_unit_config: config,
        price_unit_type: Some(current.price_unit_type.0),
        billing_model: Some(model),
        billing_period: Some(current.billing_period.0),
        billing_period_count: Some(current.billing_period_count),
        invoice_cadence: Some(current.invoice_cadence.0),
        trial_period_days: Some(current.trial_period_days),
        r#type: Some(current.kind.0),
        currency: Some(current.currency),
        entity_type: Some(current.entity_type.0),
        entity_id: Some(current.entity_id),
        meter_id: current.meter_id,
        min_quantity: current
            .min_quantity
            .and_then(|quantity| quantity.0.to_plain_string().parse().ok()),
        group_id: request.group_id.or(current.group_id),
        lookup_key: filled(request.lookup_key).or(Some(current.lookup_key)),
        display_name: filled(request.display_name).or(Some(current.display_name)),
        description: filled(request.description).or(Some(current.description)),
        metadata: request.metadata.or(metadata_out(current.metadata)),
        start_date: Some(DateTime(start)),
        end_date: None,
        filter_values: None,
    }
}

fn tiers_of(
    model: BillingModel,
    sent: Option<Vec<CreatePriceTier>>,
    stored: Option<Json<Vec<Tier>>>,
) -> Option<Vec<CreatePriceTier>> {
    let tier = |tier: Tier| CreatePriceTier {
        up_to: tier.up_to,
        unit_amount: Some(tier.unit_amount),
        flat_amount: tier.flat_amount,
    };
    let stored = stored.map(|tiers| tiers.0.into_iter().map(tier).collect());
    sent.or(stored).filter(|_| model == BillingModel::Tiered)
}
