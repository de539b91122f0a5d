//! The routes, one module a resource.

mod auth;
mod customers;
mod entitlements;
mod environments;
mod features;
mod groups;
mod integrations;
mod meters;
mod plans;
mod price_units;
mod prices;
mod roles;
mod secrets;
mod settings;
mod tenants;
mod users;

use crate::api::Api;

/// Registers every route.
pub(crate) fn register(api: Api) -> Api {
    let api = auth::register(api);
    let api = users::register(api);
    let api = environments::register(api);
    let api = secrets::register(api);
    let api = roles::register(api);
    let api = tenants::register(api);
    let api = settings::register(api);
    let api = integrations::register(api);
    let api = features::register(api);
    let api = meters::register(api);
    let api = groups::register(api);
    let api = plans::register(api);
    let api = prices::register(api);
    let api = price_units::register(api);
    let api = entitlements::register(api);
    customers::register(api)
}
