//! The routes, one module a resource.

mod auth;
mod customers;
mod environments;
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
    customers::register(api)
}
