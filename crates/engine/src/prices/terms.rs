//! The terms of a new price: amounts in its currency, converted from a custom unit if it has one (spec 03 §5.5).

use tariff_contract::error::ApiError;
use tariff_contract::prices::{CreatePriceRequest, CreatePriceTier, PriceUnitConfig, TransformQuantityInput};
use tariff_core::Decimal;
use tariff_core::pricing::Tier;
use tariff_core::vocabulary::{BillingModel, PriceUnitType, RoundType};
use tariff_store::Scoped;
use tariff_store::entity::price_units;
use tariff_store::entity::prices::TransformQuantity;

use crate::error::Result;
use crate::price_units as units;

/// Fractional digits of an amount that are kept (spec 03 §2.1).
const AMOUNT_DIGITS: u32 = 15;

/// Integer digits that an amount may have (spec 03 §2.1).
const AMOUNT_INTEGER_DIGITS_MAX: u32 = 10;

/// Amounts of a price, in its currency or in a custom unit.
#[derive(Debug, Clone, Default)]
pub(super) struct Amounts {
    /// Price of a unit or package.
    pub amount: Option<Decimal>,
    /// The ladder.
    pub tiers: Option<Vec<Tier>>,
}

/// What a new price charges.
pub(super) struct Terms {
    /// In the price's currency.
    pub fiat: Amounts,
    /// The custom unit and the amounts in it.
    pub custom: Option<(price_units::Model, Amounts)>,
    /// How units are packed.
    pub transform_quantity: TransformQuantity,
}

impl Terms {
    /// The terms of a request whose field rules were checked.
    ///
    /// # Errors
    /// `not_found` for an unknown unit; `validation_error` if its base currency is not the request's, byte for byte,
    /// or if a converted amount is too large.
    pub(super) async fn of(rows: &Scoped<'_>, request: &CreatePriceRequest) -> Result<Self> {
        let transform_quantity = package(request.billing_model, request.transform_quantity.as_ref());
        let (fiat, custom) = match (request.unit_type(), &request.price_unit_config) {
            (PriceUnitType::Custom, Some(config)) => {
                let (fiat, unit, amounts) = convert(rows, config, request.currency.as_deref()).await?;
                (fiat, Some((unit, amounts)))
            }
            (PriceUnitType::Fiat | PriceUnitType::Custom, _) => {
                (amounts(request.amount.as_ref(), request.tiers.as_deref()), None)
            }
        };
        Ok(Self {
            fiat,
            custom,
            transform_quantity,
        })
    }
}

async fn convert(
    rows: &Scoped<'_>,
    config: &PriceUnitConfig,
    currency: Option<&str>,
) -> Result<(Amounts, price_units::Model, Amounts)> {
    let unit = units::get_by_code(rows, config.price_unit.as_deref().unwrap_or_default()).await?;
    if currency != Some(unit.base_currency.as_str()) {
        let message = format!(
            "The price unit converts to {}, which is not the price's currency",
            unit.base_currency
        );
        return Err(ApiError::validation(message)
            .detail("currency", currency.unwrap_or_default())
            .into());
    }
    let rate = &unit.conversion_rate.0;
    let in_unit = amounts(config.amount.as_ref(), config.price_unit_tiers.as_deref());
    let amount = in_unit
        .amount
        .as_ref()
        .map(|amount| (amount * rate).round(AMOUNT_DIGITS));
    if amount
        .as_ref()
        .is_some_and(|amount| amount.integer_digits() > AMOUNT_INTEGER_DIGITS_MAX)
    {
        let message = "The amount in the price's currency must have at most 10 integer digits";
        return Err(ApiError::validation(message).detail("amount", "is too large").into());
    }
    let tiers = in_unit.tiers.as_ref();
    let tiers = tiers.map(|tiers| tiers.iter().map(|tier| tier.converted(rate)).collect());
    Ok((Amounts { amount, tiers }, unit, in_unit))
}

fn amounts(amount: Option<&Decimal>, tiers: Option<&[CreatePriceTier]>) -> Amounts {
    let tier = |tier: &CreatePriceTier| Tier {
        up_to: tier.up_to,
        unit_amount: tier.unit_amount.clone().unwrap_or_default(),
        flat_amount: tier.flat_amount.clone(),
    };
    Amounts {
        amount: amount.map(|amount| amount.round(AMOUNT_DIGITS)),
        tiers: tiers
            .filter(|tiers| !tiers.is_empty())
            .map(|tiers| tiers.iter().map(tier).collect()),
    }
}

fn package(model: Option<BillingModel>, sent: Option<&TransformQuantityInput>) -> TransformQuantity {
    let divide_by = sent.and_then(|sent| sent.divide_by);
    // It is at least one by the field rules.
    let divide_by = divide_by.and_then(|units| u64::try_from(units).ok());
    let round = sent.and_then(|sent| sent.round);
    TransformQuantity {
        divide_by: divide_by.unwrap_or(1),
        round: if model == Some(BillingModel::Package) {
            round.or(Some(RoundType::Up))
        } else {
            round
        },
    }
}
