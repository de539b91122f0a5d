//! The routes, one module a resource.

mod customers;
mod entitlements;
mod features;
mod groups;
mod meters;
mod plans;
mod price_units;
mod prices;

use crate::api::Api;

/// Registers every route.
pub(crate) fn register(api: Api) -> Api {
    let resources = [
        customers::register,
        entitlements::register,
        features::register,
        groups::register,
        meters::register,
        plans::register,
        price_units::register,
        prices::register,
    ];
    resources.into_iter().fold(api, |api, register| register(api))
}
