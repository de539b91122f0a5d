//! Entitlements: what a plan, addon or subscription includes of a feature (spec 03 §3.5, §4.4).
//!
//! Owns their records. What they add up to for a subscription is `tariff_core::entitlement`'s.

mod create;
mod delete;
mod embed;
mod find;
mod first_period;
mod grant;
mod overrides;
mod owner;
mod resolve;
mod response;
mod rules;
mod update;
mod view;

use tariff_contract::error::ApiError;
use tariff_core::vocabulary::EntitlementEntityType;
use tariff_store::entity::entitlements;
use tariff_store::{Listing, Scoped};

pub(crate) use create::insert;
pub(crate) use embed::{Embed, embedded};
pub(crate) use first_period::prorate_limits;
pub(crate) use grant::GrantConfig;
pub(crate) use overrides::override_for;
pub(crate) use resolve::{of_billed_period, of_subscription, of_subscription_from_now};
pub(crate) use response::response;
pub use view::ViewFilter;
pub(crate) use view::features_of;

use crate::error::{Error, Result};
use crate::records::Narrow;

pub(crate) fn unknown_id(id: &str) -> Error {
    Error(ApiError::not_found(format!("Entitlement with ID {id} was not found")).detail("entitlement_id", id))
}

/// The published entitlements of a plan, newest first.
pub(crate) async fn of_plan(rows: &Scoped<'_>, plan_id: &str) -> Result<Vec<entitlements::Model>> {
    of_owners(rows, EntitlementEntityType::Plan, [plan_id.to_owned()]).await
}

/// The published entitlements of several owners of one kind, newest first.
pub(crate) async fn of_owners(
    rows: &Scoped<'_>,
    entity_type: EntitlementEntityType,
    entity_ids: impl IntoIterator<Item = String>,
) -> Result<Vec<entitlements::Model>> {
    let listing = Listing::all()
        .equal("entity_type", entity_type.as_str())
        .within("entity_id", entity_ids)
        .published();
    Ok(rows.list::<entitlements::Entity>(&listing).await?)
}

fn feature_taken(feature_id: &str) -> impl FnOnce() -> ApiError + use<> {
    let feature_id = feature_id.to_owned();
    move || {
        ApiError::already_exists("The owner already has an entitlement of this feature")
            .detail("feature_id", feature_id)
    }
}
