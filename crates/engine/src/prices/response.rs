//! The wire form of a price.

use tariff_contract::DateTime;
use tariff_contract::prices::{Price, PriceResponse, PriceTier, TransformQuantity};
use tariff_core::Currency;
use tariff_core::pricing::{Tier, display_amount, display_price_unit_amount};
use tariff_store::column::Json;
use tariff_store::entity::prices;

use crate::records::{filled, metadata_out};

/// The wire form of a price, without related records.
pub(crate) fn response(price: prices::Model) -> PriceResponse {
    let unit_amount = price.price_unit_amount.map(|amount| amount.0);
    let display_unit_amount = display_price_unit_amount(&price.price_unit_symbol, unit_amount.as_ref());
    PriceResponse {
        id: price.id,
        amount: price.amount.0.clone(),
        display_amount: displayed(&price.currency, &price.amount.0),
        currency: price.currency,
        display_name: price.display_name,
        description: price.description,
        lookup_key: price.lookup_key,
        r#type: price.kind.0,
        entity_type: price.entity_type.0,
        entity_id: price.entity_id,
        billing_model: price.billing_model.0,
        billing_period: price.billing_period.0,
        billing_period_count: price.billing_period_count,
        billing_cadence: price.billing_cadence.0,
        invoice_cadence: price.invoice_cadence.0,
        trial_period_days: price.trial_period_days,
        tier_mode: price.tier_mode.map(|mode| mode.0),
        tiers: tiers_out(price.tiers),
        transform_quantity: Some(TransformQuantity {
            divide_by: i64::try_from(price.transform_quantity.0.divide_by).unwrap_or(i64::MAX),
            round: price.transform_quantity.0.round,
        }),
        min_quantity: price.min_quantity.map(|quantity| quantity.0),
        price_unit_type: price.price_unit_type.0,
        price_unit_id: price.price_unit_id,
        price_unit: price.price_unit,
        price_unit_amount: unit_amount,
        display_price_unit_amount: filled(Some(display_unit_amount)),
        price_unit_tiers: tiers_out(price.price_unit_tiers),
        conversion_rate: price.conversion_rate.map(|rate| rate.0),
        pricing_unit: None,
        meter_id: price.meter_id,
        meter: None,
        group_id: price.group_id,
        group: None,
        plan: None,
        addon: None,
        parent_price_id: filled(Some(price.parent_price_id)),
        start_date: DateTime(price.start_date.0),
        end_date: price.end_date.map(|end| DateTime(end.0)),
        sequence: Some(price.sequence),
        metadata: metadata_out(price.metadata),
        tenant_id: price.tenant_id,
        environment_id: price.environment_id,
        status: price.status.0,
        created_at: DateTime(price.created_at.0),
        updated_at: DateTime(price.updated_at.0),
        created_by: price.created_by,
        updated_by: price.updated_by,
    }
}

fn displayed(currency: &str, amount: &tariff_core::Decimal) -> String {
    // Stored codes were checked when the price was created.
    Currency::parse(currency).map_or_else(
        |_| amount.to_string(),
        |currency| display_amount(&currency, Some(amount)),
    )
}

fn tiers_out(tiers: Option<Json<Vec<Tier>>>) -> Vec<PriceTier> {
    let tier = |tier: Tier| PriceTier {
        up_to: tier.up_to,
        unit_amount: tier.unit_amount,
        flat_amount: tier.flat_amount,
    };
    tiers
        .map(|tiers| tiers.0.into_iter().map(tier).collect())
        .unwrap_or_default()
}

/// A price as it stands inside other answers: without related records.
pub(crate) fn domain_form(price: prices::Model) -> Price {
    let sequence = price.sequence;
    let full = response(price);
    Price {
        start_date: full.start_date,
        id: full.id,
        amount: full.amount,
        billing_cadence: full.billing_cadence,
        billing_model: full.billing_model,
        billing_period: full.billing_period,
        billing_period_count: full.billing_period_count,
        conversion_rate: full.conversion_rate,
        currency: full.currency,
        description: full.description,
        display_amount: full.display_amount,
        display_name: full.display_name,
        display_price_unit_amount: full.display_price_unit_amount,
        end_date: full.end_date,
        entity_id: full.entity_id,
        entity_type: full.entity_type,
        group_id: full.group_id,
        invoice_cadence: full.invoice_cadence,
        lookup_key: full.lookup_key,
        metadata: full.metadata,
        meter_id: full.meter_id,
        min_quantity: full.min_quantity,
        parent_price_id: full.parent_price_id,
        price_unit: full.price_unit,
        price_unit_amount: full.price_unit_amount,
        price_unit_id: full.price_unit_id,
        price_unit_tiers: full.price_unit_tiers,
        price_unit_type: full.price_unit_type,
        sequence,
        tier_mode: full.tier_mode,
        tiers: full.tiers,
        transform_quantity: full.transform_quantity,
        trial_period_days: full.trial_period_days,
        r#type: full.r#type,
        tenant_id: full.tenant_id,
        environment_id: full.environment_id,
        status: full.status,
        created_at: full.created_at,
        updated_at: full.updated_at,
        created_by: full.created_by,
        updated_by: full.updated_by,
    }
}
