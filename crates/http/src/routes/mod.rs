//! The routes, one module a resource.

mod addons;
mod audit_logs;
mod auth;
mod connections;
mod costs;
mod coupons;
mod customers;
mod entitlements;
mod environments;
mod events;
mod features;
mod groups;
mod integrations;
mod invoices;
mod meter_usage;
mod meters;
mod plans;
mod portal;
mod price_units;
mod prices;
mod raw_events;
mod roles;
mod secrets;
mod settings;
mod subscriptions;
mod taxes;
mod tenants;
mod test_clock;
mod users;
mod workflows;

use crate::api::Api;

/// Registers every route.
pub(crate) fn register(api: Api) -> Api {
    let resources = [
        auth::register,
        users::register,
        environments::register,
        test_clock::register,
        secrets::register,
        roles::register,
        tenants::register,
        settings::register,
        connections::register,
        integrations::register,
        customers::register,
        portal::register,
        features::register,
        meters::register,
        groups::register,
        plans::register,
        addons::register,
        prices::register,
        price_units::register,
        entitlements::register,
        coupons::register,
        costs::register,
        events::register,
        raw_events::register,
        meter_usage::register,
        subscriptions::register,
        invoices::register,
        taxes::register,
        workflows::register,
        audit_logs::register,
    ];
    resources.into_iter().fold(api, |api, register| register(api))
}
