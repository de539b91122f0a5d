//! Reading prices (spec 03 §4.2).

use tariff_contract::error::ApiError;
use tariff_contract::prices::{ListPricesResponse, PRICE_EXPAND, PriceFilter, PriceResponse};
use tariff_contract::{Expand, Pagination};
use tariff_core::Timestamp;
use tariff_core::vocabulary::{BillingPeriod, PriceEntityType};
use tariff_store::entity::prices;
use tariff_store::{Listing, Scoped, Test};

use super::{Embed, embedded, get, unexpired, unknown_id};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::listing::{self, DefaultStatus, TimeRange};
use crate::meters;
use crate::records::{Narrow, filled};

impl Engine {
    /// The price of this id with meter, group and unit, whatever its status.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_price(&self, context: &Context, id: &str) -> Result<PriceResponse> {
        let session = self.read();
        let rows = session.scoped(&context.scope);
        complete(&rows, get(&rows, id).await?).await
    }

    /// The published price without any end that has this lookup key.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_price_by_lookup_key(&self, context: &Context, lookup_key: &str) -> Result<PriceResponse> {
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let listing = Listing::all()
            .equal("lookup_key", lookup_key)
            .published()
            .with("end_date", Test::IsNull);
        let price = rows
            .first::<prices::Entity>(listing)
            .await?
            .filter(|price| !price.lookup_key.is_empty());
        let price = price.ok_or_else(|| {
            let message = format!("Price with lookup key {lookup_key} was not found");
            Error(ApiError::not_found(message).detail("lookup_key", lookup_key))
        })?;
        complete(&rows, price).await
    }

    /// The prices that match. Those that have ended are hidden unless `allow_expired_prices` is set.
    ///
    /// # Errors
    /// `validation_error` for bad paging, filters, sort keys or `expand`.
    pub async fn list_prices(&self, context: &Context, filter: PriceFilter) -> Result<ListPricesResponse> {
        let options = filter.list_options()?;
        let expand = Expand::parse(&options.expand, PRICE_EXPAND)?;
        let listing = listing::of(&options, DefaultStatus::Published, TimeRange::On("created_at"));
        let listing = narrowed(listing, filter, context.now());
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let (prices, total) = rows.page::<prices::Entity>(&listing).await?;
        let embed = Embed {
            meters: expand.has("meters"),
            groups: expand.has("groups"),
            price_units: expand.has("priceunit"),
            plans: expand.has("plan"),
            addons: expand.has("addons"),
        };
        Ok(ListPricesResponse {
            items: embedded(&rows, prices, embed).await?,
            pagination: Pagination::next(total, options.limit, options.offset),
        })
    }
}

/// One price with everything around it; a meter that is gone is an error here (spec 03 §4.2).
pub(super) async fn complete(rows: &Scoped<'_>, price: prices::Model) -> Result<PriceResponse> {
    if let Some(meter_id) = &price.meter_id {
        meters::get(rows, meter_id).await?;
    }
    let id = price.id.clone();
    embedded(rows, vec![price], Embed::OWN)
        .await?
        .pop()
        .ok_or_else(|| unknown_id(&id))
}

fn narrowed(listing: Listing, filter: PriceFilter, now: Timestamp) -> Listing {
    let owner = |listing: Listing, kind: PriceEntityType, ids: Option<Vec<String>>| match ids {
        Some(ids) if !ids.is_empty() => listing.equal("entity_type", kind.as_str()).within("entity_id", ids),
        _ => listing,
    };
    let words = |periods: Vec<BillingPeriod>| periods.into_iter().map(|period| period.to_string()).collect();
    let mut listing = listing
        .within_if("id", filter.price_ids)
        .equal_if("entity_type", filter.entity_type.map(|kind| kind.to_string()))
        .within_if("entity_id", filter.entity_ids)
        .within_if("meter_id", filter.meter_ids)
        .within_if("billing_period", filter.billing_periods.map(words))
        .equal_if("parent_price_id", filter.parent_price_id);
    listing = owner(listing, PriceEntityType::Plan, filter.plan_ids);
    listing = owner(
        listing,
        PriceEntityType::Subscription,
        filled(filter.subscription_id).map(|id| vec![id]),
    );
    if let Some(before) = filter.start_date_lt {
        listing = listing.with("start_date", Test::Less(before.0.into()));
    }
    if filter.allow_expired_prices.unwrap_or_default() {
        listing
    } else {
        unexpired(listing, now)
    }
}
