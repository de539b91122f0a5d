//! The routes, one module a resource.

mod customers;

use crate::api::Api;

/// Registers every route.
pub(crate) fn register(api: Api) -> Api {
    customers::register(api)
}
