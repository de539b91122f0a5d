//! The routes, one module a resource.

mod auth;
mod customers;
mod environments;
mod events;
mod roles;
mod secrets;
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
    let api = customers::register(api);
    events::register(api)
}
