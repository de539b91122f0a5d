//! Prices: how a quantity becomes money (spec 03 §3.2, §4.2, §5.5-5.7).
//!
//! Owns their records and versions. What a quantity costs is `tariff_core::pricing`'s; which prices a subscription
//! takes is the business of subscriptions.

mod create;
mod delete;
mod embed;
mod find;
mod overrides;
mod owner;
mod response;
mod terms;
mod update;

use std::num::NonZeroU64;

use tariff_contract::error::ApiError;
use tariff_core::Timestamp;
use tariff_core::pricing::{Pricing, Tiers};
use tariff_core::vocabulary::{BillingModel, PriceEntityType, RoundType, TierMode};
use tariff_store::entity::prices;
use tariff_store::search::{Filter, Test};
use tariff_store::{Direction, Listing, Scoped, counter};

pub(crate) use create::{create, insert};
pub(crate) use embed::{Embed, embedded};
pub(crate) use overrides::overriding;
pub(crate) use response::{domain_form, response};

use crate::error::{Error, Result};
use crate::records::Narrow;

/// Published, unexpired prices that one owner may have (spec 03 §3.2).
const OWNER_PRICES_MAX: u64 = 5000;

/// The price of this id, whatever its status.
///
/// # Errors
/// `not_found`.
pub(crate) async fn get(rows: &Scoped<'_>, id: &str) -> Result<prices::Model> {
    rows.get::<prices::Entity>(id).await?.ok_or_else(|| unknown_id(id))
}

pub(crate) fn unknown_id(id: &str) -> Error {
    Error(ApiError::not_found(format!("Price with ID {id} was not found")).detail("price_id", id))
}

/// The published prices of a plan that have not ended by `now`, those of the future included; newest first.
pub(crate) async fn of_plan(rows: &Scoped<'_>, plan_id: &str, now: Timestamp) -> Result<Vec<prices::Model>> {
    of_owners(rows, PriceEntityType::Plan, [plan_id.to_owned()], Some(now)).await
}

/// The published prices of several owners of one kind, newest first; with an instant only those not ended by then.
pub(crate) async fn of_owners(
    rows: &Scoped<'_>,
    entity_type: PriceEntityType,
    entity_ids: impl IntoIterator<Item = String>,
    unexpired_at: Option<Timestamp>,
) -> Result<Vec<prices::Model>> {
    let mut listing = Listing::all()
        .equal("entity_type", entity_type.as_str())
        .within("entity_id", entity_ids)
        .published();
    if let Some(now) = unexpired_at {
        listing = unexpired(listing, now);
    }
    Ok(rows.list::<prices::Entity>(&listing).await?)
}

/// Hides prices that have ended by `now` (spec 03 §3.2).
fn unexpired(mut listing: Listing, now: Timestamp) -> Listing {
    let end_date = |test| Filter {
        field: "end_date".to_owned(),
        test,
    };
    listing
        .any_of
        .push(vec![end_date(Test::IsNull), end_date(Test::Greater(now.into()))]);
    listing
}

/// What a quantity costs at a stored price, in units of its currency.
///
/// # Errors
/// `internal_error` for a row that no creation could have written.
pub(crate) fn pricing_of(price: &prices::Model) -> Result<Pricing> {
    let corrupt = || {
        Error(ApiError::internal(format!(
            "price {} has no usable package size",
            price.id
        )))
    };
    Ok(match price.billing_model.0 {
        BillingModel::FlatFee => Pricing::FlatFee {
            amount: price.amount.0.clone(),
        },
        BillingModel::Package => Pricing::Package {
            amount: price.amount.0.clone(),
            divide_by: NonZeroU64::new(price.transform_quantity.0.divide_by).ok_or_else(corrupt)?,
            round: price.transform_quantity.0.round.unwrap_or(RoundType::Up),
        },
        BillingModel::Tiered => Pricing::Tiered {
            mode: price.tier_mode.map_or(TierMode::Volume, |mode| mode.0),
            tiers: Tiers::new(price.tiers.clone().map(|tiers| tiers.0).unwrap_or_default()),
        },
    })
}

/// The first price of this price's chain of versions (spec 03 §3.2 `parent_price_id`).
pub(crate) fn root_of(price: &prices::Model) -> &str {
    if price.parent_price_id.is_empty() {
        &price.id
    } else {
        &price.parent_price_id
    }
}

/// The next number of the order in which prices are created and ended (spec 03 §3.2 `sequence`).
pub(crate) async fn next_sequence(rows: &Scoped<'_>) -> Result<i64> {
    Ok(counter::next(rows, "price_sequence", 1).await?)
}

/// The sequence of the plan's newest published price, whatever its type or end; zero without any (spec 03 §5.9).
pub(crate) async fn newest_sequence(rows: &Scoped<'_>, plan_id: &str) -> Result<i64> {
    let listing = Listing {
        sort: vec![("sequence".to_owned(), Direction::Descending)],
        ..Listing::all()
    };
    let listing = listing
        .equal("entity_type", PriceEntityType::Plan.as_str())
        .equal("entity_id", plan_id)
        .published();
    let newest = rows.first::<prices::Entity>(listing).await?;
    Ok(newest.map_or(0, |price| price.sequence))
}

fn lookup_key_taken(lookup_key: &str) -> impl FnOnce() -> ApiError + use<> {
    let lookup_key = lookup_key.to_owned();
    move || ApiError::already_exists("A price with this lookup key already exists").detail("lookup_key", lookup_key)
}
