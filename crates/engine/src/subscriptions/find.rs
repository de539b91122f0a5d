//! Reading subscriptions and their lines (spec 04 §3.3).

use tariff_contract::line_items::{LINE_ITEM_EXPAND, ListSubscriptionLineItemsResponse, SubscriptionLineItemFilter};
use tariff_contract::subscriptions::{
    ListSubscriptionsResponse, SUBSCRIPTION_EXPAND, SubscriptionFilter, SubscriptionResponse,
};
use tariff_contract::{Expand, Pagination};
use tariff_core::Timestamp;
use tariff_core::vocabulary::SubscriptionStatus;
use tariff_store::entity::{subscription_line_items, subscriptions};
use tariff_store::{Filter, Listing, Scoped, Test};

use super::expand::{embed_customers, embed_in_lines};
use super::get;
use super::response::{complete_response, line_response, plain_responses};
use crate::context::Context;
use crate::customers;
use crate::engine::Engine;
use crate::error::Result;
use crate::listing::{self, DefaultStatus, TimeRange};

impl Engine {
    /// The published subscription of this id.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_subscription(&self, context: &Context, id: &str) -> Result<SubscriptionResponse> {
        let session = self.read();
        let rows = session.scoped(&context.scope);
        complete_response(&rows, get(&rows, id).await?).await
    }

    /// The subscriptions that match; active ones only unless a status is asked for.
    ///
    /// # Errors
    /// `validation_error` for bad paging, filters or sort keys; `not_found` for an unknown external customer id.
    pub async fn list_subscriptions(
        &self,
        context: &Context,
        filter: SubscriptionFilter,
    ) -> Result<ListSubscriptionsResponse> {
        let options = filter.list_options()?;
        let expand = Expand::parse(&options.expand, SUBSCRIPTION_EXPAND)?;
        let range = TimeRange::Spanning("current_period_start", "current_period_end");
        let listing = listing::of(&options, DefaultStatus::Published, range);
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let listing = narrowed(&rows, listing, filter).await?;
        let (page, total) = rows.page::<subscriptions::Entity>(&listing).await?;
        let mut items = plain_responses(&rows, page).await?;
        embed_customers(&rows, &mut items, &expand).await?;
        Ok(ListSubscriptionsResponse {
            items,
            pagination: Pagination::next(total, options.limit, options.offset),
        })
    }

    /// The subscription lines that match.
    ///
    /// # Errors
    /// `validation_error` for bad paging, filters or sort keys.
    pub async fn list_subscription_line_items(
        &self,
        context: &Context,
        filter: SubscriptionLineItemFilter,
    ) -> Result<ListSubscriptionLineItemsResponse> {
        let options = filter.list_options()?;
        let expand = Expand::parse(&options.expand, LINE_ITEM_EXPAND)?;
        let mut listing = listing::of(&options, DefaultStatus::Any, TimeRange::On("created_at"));
        for (field, ids) in [
            ("subscription_id", filter.subscription_ids),
            ("customer_id", filter.customer_ids),
            ("price_id", filter.price_ids),
            ("meter_id", filter.meter_ids),
            ("entity_id", filter.entity_ids),
            ("id", filter.subscription_line_item_ids),
            ("currency", filter.currencies.map(lower_case)),
            ("billing_period", filter.billing_periods),
            ("addon_association_id", filter.addon_association_ids),
        ] {
            if let Some(ids) = ids.filter(|ids| !ids.is_empty()) {
                listing = listing.within(field, ids);
            }
        }
        if let Some(entity_type) = filter.entity_type {
            listing = listing.equal("entity_type", entity_type.as_str());
        }
        if filter.active_filter.unwrap_or_default() {
            let instant = filter.current_period_start.map_or(context.now(), |start| start.0);
            listing = not_ended(listing, instant);
        }
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let (page, total) = rows.page::<subscription_line_items::Entity>(&listing).await?;
        let mut items: Vec<_> = page.into_iter().map(line_response).collect();
        embed_in_lines(&rows, &mut items, &expand).await?;
        let pagination = Pagination::next(total, options.limit, options.offset);
        Ok(ListSubscriptionLineItemsResponse { items, pagination })
    }
}

/// Currencies are compared without regard to case (spec 01 A7).
fn lower_case(currencies: Vec<String>) -> Vec<String> {
    currencies
        .into_iter()
        .map(|currency| currency.to_ascii_lowercase())
        .collect()
}

/// Only what has no end, or one later than the instant.
fn not_ended(mut listing: Listing, instant: Timestamp) -> Listing {
    let open = Filter {
        field: "end_date".to_owned(),
        test: Test::IsNull,
    };
    let later = Filter {
        field: "end_date".to_owned(),
        test: Test::Greater(instant.into()),
    };
    listing.any_of.push(vec![open, later]);
    listing
}

async fn narrowed(rows: &Scoped<'_>, mut listing: Listing, filter: SubscriptionFilter) -> Result<Listing> {
    for (field, text) in [("customer_id", filter.customer_id), ("plan_id", filter.plan_id)] {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            listing = listing.equal(field, text);
        }
    }
    if let Some(external_id) = filter.external_customer_id.filter(|id| !id.is_empty()) {
        let customer = customers::get_by_external_id(rows, &external_id).await?;
        listing = listing.equal("customer_id", customer.id);
    }
    for (field, ids) in [
        ("id", filter.subscription_ids),
        ("customer_id", filter.customer_ids),
        ("invoicing_customer_id", filter.invoicing_customer_ids),
        ("parent_subscription_id", filter.parent_subscription_ids),
    ] {
        if let Some(ids) = ids.filter(|ids| !ids.is_empty()) {
            listing = listing.within(field, ids);
        }
    }
    if let Some(types) = filter.subscription_type.filter(|types| !types.is_empty()) {
        listing = listing.within("subscription_type", types.iter().map(|kind| kind.as_str()));
    }
    if let Some(periods) = filter.billing_period.filter(|periods| !periods.is_empty()) {
        listing = listing.within("billing_period", periods.iter().map(|period| period.as_str()));
    }
    if let Some(active_at) = filter.active_at {
        listing = listing.with("start_date", Test::LessOrEqual(active_at.0.into()));
        listing = not_ended(listing, active_at.0);
    }
    // An empty list switches the default off; a condition of the search on the status replaces it.
    let asked = listing
        .filters
        .iter()
        .any(|filter| filter.field == "subscription_status");
    Ok(match filter.subscription_status {
        Some(statuses) if statuses.is_empty() => listing,
        Some(statuses) => listing.within("subscription_status", statuses.iter().map(|status| status.as_str())),
        None if asked => listing,
        None => listing.equal("subscription_status", SubscriptionStatus::Active.as_str()),
    })
}
