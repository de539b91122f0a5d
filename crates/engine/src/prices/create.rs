//! Creating prices, one or many (spec 03 §4.2).

use std::collections::BTreeMap;

use tariff_contract::error::{ApiError, ErrorCode};
use tariff_contract::prices::{CreateBulkPriceRequest, CreateBulkPriceResponse, CreatePriceRequest, PriceResponse};
use tariff_core::pricing::{check_price_amount, check_quantity};
use tariff_core::vocabulary::{BillingCadence, GroupEntityType, PriceEntityType, PriceType};
use tariff_core::{Decimal, IdPrefix, Status};
use tariff_store::Listing;
use tariff_store::column::{Json, Number, Time, Word};
use tariff_store::entity::{meters as meter_rows, prices};

use super::owner::{self, Owner};
use super::terms::Terms;
use super::{Embed, OWNER_PRICES_MAX, embedded, lookup_key_taken, next_sequence, unexpired};
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::{Error, Result, on_duplicate};
use crate::ids::mint;
use crate::records::{Narrow, filled, metadata_in};
use crate::{groups, meters};

impl Engine {
    /// Creates a price.
    ///
    /// # Errors
    /// `validation_error` for field rules, a full owner or a group of another type; `not_found` for an unknown owner,
    /// meter or price unit; `already_exists` when a published price without end has the lookup key.
    pub async fn create_price(&self, context: &Context, request: CreatePriceRequest) -> Result<PriceResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let price = create(&work, request, String::new()).await?;
        let id = price.id.clone();
        let response = embedded(&work.rows(), vec![price], Embed::OWN).await?.pop();
        work.commit().await?;
        response.ok_or_else(|| super::unknown_id(&id))
    }

    /// Creates several prices, or none.
    ///
    /// # Errors
    /// As [`Engine::create_price`]; the `index` of the item at fault is among the details.
    pub async fn create_prices(
        &self,
        context: &Context,
        request: CreateBulkPriceRequest,
    ) -> Result<CreateBulkPriceResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let mut created = Vec::new();
        let mut currencies = Vec::new();
        let mut room = Room::default();
        for (index, item) in request.items.unwrap_or_default().into_iter().enumerate() {
            currencies.push(item.currency.clone().unwrap_or_default());
            let price = create_in(&work, item, String::new(), &mut room).await;
            created.push(price.map_err(|error| Error(error.0.detail("index", index)))?);
        }
        let mut items = embedded(&work.rows(), created, Embed::OWN).await?;
        work.commit().await?;
        // The items echo the request (spec 03 §4.2): the currency as it was sent, and no sequence.
        for (item, currency) in items.iter_mut().zip(currencies) {
            (item.currency, item.sequence) = (currency, None);
        }
        Ok(CreateBulkPriceResponse { items })
    }
}

/// Creates a price from a request whose field rules were checked, in the order of checks of spec 03 §4.2.
pub(crate) async fn create(
    work: &Work<'_>,
    request: CreatePriceRequest,
    parent_price_id: String,
) -> Result<prices::Model> {
    create_in(work, request, parent_price_id, &mut Room::default()).await
}

/// As [`create`], one of several; `room` remembers how full their owners are.
async fn create_in(
    work: &Work<'_>,
    request: CreatePriceRequest,
    parent_price_id: String,
    room: &mut Room,
) -> Result<prices::Model> {
    let rows = work.rows();
    let entity_type = needed("entity_type", request.entity_type)?;
    let entity_id = request.entity_id.clone().unwrap_or_default();
    let owner = owner::get(&rows, entity_type, &entity_id).await?;
    let lasts = request.end_date.is_none_or(|end| end.0 > work.now);
    // Numbers are given one after another, so from here on nobody else adds to the owner's prices.
    let sequence = next_sequence(&rows).await?;
    room.take(work, (entity_type, &entity_id), lasts).await?;
    request.validate_charge()?;
    let meter = match needed("type", request.r#type)? {
        PriceType::Usage => Some(meters::get(&rows, request.meter_id.as_deref().unwrap_or_default()).await?),
        // A meter means nothing to a fixed charge.
        PriceType::Fixed => None,
    };
    let terms = Terms::of(&rows, &request).await?;
    if let Some(group_id) = filled(request.group_id.clone()) {
        check_group(work, &group_id).await?;
    }
    let mut price = assemble(work, request, parent_price_id, (&owner, meter.as_ref()), terms)?;
    price.sequence = sequence;
    insert_numbered(work, price).await
}

/// Inserts a complete price under the next sequence number.
pub(crate) async fn insert(work: &Work<'_>, mut price: prices::Model) -> Result<prices::Model> {
    price.sequence = next_sequence(&work.rows()).await?;
    insert_numbered(work, price).await
}

/// Every new price and version passes here, so amounts and quantities beyond the range that billing is exact for are
/// refused here.
async fn insert_numbered(work: &Work<'_>, price: prices::Model) -> Result<prices::Model> {
    check_price_amount("amount", &price.amount.0)?;
    if let Some(quantity) = &price.min_quantity {
        check_quantity(&quantity.0)?;
    }
    let lookup_key = price.lookup_key.clone();
    let inserted = work.rows().insert::<prices::Entity>(price).await;
    inserted.map_err(on_duplicate(lookup_key_taken(&lookup_key)))
}

/// Refuses a group that is unknown, withdrawn or not for prices.
pub(super) async fn check_group(work: &Work<'_>, group_id: &str) -> Result<()> {
    match groups::get_for(&work.rows(), group_id, GroupEntityType::Price).await {
        // Unlike for features, an unknown group is a fault of the request (spec 03 §3.2).
        Err(Error(error)) if error.code == ErrorCode::NotFound => {
            Err(ApiError::validation(error.message).detail("group_id", group_id).into())
        }
        other => other.map(drop),
    }
}

/// How many published, unexpired prices the owners have that a request adds prices to; each is counted once.
#[derive(Debug, Default)]
struct Room {
    taken: BTreeMap<String, u64>,
}

impl Room {
    /// Makes room for one more price of an owner; it counts from then on if it `lasts`.
    ///
    /// # Errors
    /// `validation_error` when the owner has as many as it may have (spec 03 §3.2).
    async fn take(
        &mut self,
        work: &Work<'_>,
        (entity_type, entity_id): (PriceEntityType, &str),
        lasts: bool,
    ) -> Result<()> {
        let known = self.taken.get(entity_id).copied();
        let taken = match known {
            Some(taken) => taken,
            None => {
                let listing = Listing::all()
                    .equal("entity_type", entity_type.as_str())
                    .equal("entity_id", entity_id)
                    .published();
                let listing = unexpired(listing, work.now);
                work.rows().count::<prices::Entity>(&listing).await?
            }
        };
        if taken >= OWNER_PRICES_MAX {
            let message = format!("An owner has at most {OWNER_PRICES_MAX} prices");
            return Err(ApiError::validation(message).detail("entity_id", entity_id).into());
        }
        self.taken.insert(entity_id.to_owned(), taken + u64::from(lasts));
        Ok(())
    }
}

fn needed<T>(field: &str, value: Option<T>) -> Result<T> {
    Ok(value.ok_or_else(|| ApiError::validation(format!("{field} is required")).detail(field, "is required"))?)
}

fn assemble(
    work: &Work<'_>,
    request: CreatePriceRequest,
    parent_price_id: String,
    (owner, meter): (&Owner, Option<&meter_rows::Model>),
    terms: Terms,
) -> Result<prices::Model> {
    let default_name = meter.map_or(&owner.fixed_display_name, |meter| &meter.name);
    let price_unit_type = request.unit_type();
    let mut price = prices::Model {
        id: mint(IdPrefix::Price),
        tenant_id: String::new(),
        environment_id: String::new(),
        entity_type: Word(needed("entity_type", request.entity_type)?),
        entity_id: request.entity_id.unwrap_or_default(),
        amount: Number(terms.fiat.amount.unwrap_or_default()),
        currency: request.currency.unwrap_or_default().to_lowercase(),
        display_name: filled(request.display_name).unwrap_or_else(|| default_name.clone()),
        description: request.description.unwrap_or_default(),
        lookup_key: request.lookup_key.unwrap_or_default(),
        kind: Word(needed("type", request.r#type)?),
        price_unit_type: Word(price_unit_type),
        price_unit_id: None,
        price_unit: None,
        price_unit_symbol: String::new(),
        price_unit_amount: None,
        price_unit_tiers: None,
        conversion_rate: None,
        billing_period: Word(needed("billing_period", request.billing_period)?),
        billing_period_count: needed("billing_period_count", request.billing_period_count)?,
        billing_model: Word(needed("billing_model", request.billing_model)?),
        billing_cadence: Word(BillingCadence::Recurring),
        invoice_cadence: Word(needed("invoice_cadence", request.invoice_cadence)?),
        trial_period_days: request.trial_period_days.unwrap_or_default(),
        tier_mode: request.tier_mode.map(Word),
        tiers: terms.fiat.tiers.map(Json),
        transform_quantity: Json(terms.transform_quantity),
        meter_id: meter.map(|meter| meter.id.clone()),
        min_quantity: request.min_quantity.map(|quantity| Number(Decimal::from(quantity))),
        group_id: filled(request.group_id),
        parent_price_id,
        start_date: Time(request.start_date.map_or(work.now, |start| start.0)),
        end_date: request.end_date.map(|end| Time(end.0)),
        sequence: 0,
        metadata: metadata_in(Some(request.metadata.unwrap_or_default())),
        status: Word(Status::Published),
        created_at: Time(work.now),
        updated_at: Time(work.now),
        created_by: work.context.user_id.clone(),
        updated_by: work.context.user_id.clone(),
    };
    if let Some((unit, amounts)) = terms.custom {
        price.price_unit_id = Some(unit.id);
        price.price_unit = Some(unit.code);
        price.price_unit_symbol = unit.symbol;
        price.price_unit_amount = amounts.amount.map(Number);
        price.price_unit_tiers = amounts.tiers.map(Json);
        price.conversion_rate = Some(unit.conversion_rate);
    }
    Ok(price)
}
