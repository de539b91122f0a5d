//! What the records of each table are called in the audit log, and which columns are nobody's business.

use sea_orm::EntityTrait;

use crate::entity;

/// A table whose changes are audited. A table that is not listed here cannot be written to.
pub trait Audited: EntityTrait<Column: Send + Sync, Model: Send + Sync> {
    /// The kind of record, as the outbox calls it.
    const ENTITY_TYPE: &'static str;
    /// The id column.
    const KEY: Self::Column;
    /// Whether the records are computed from another record, whose entry stands for them too: they have none of their
    /// own. They come and go with each computation, and nobody changes them by themselves.
    const DERIVED: bool;
    /// Columns that the API does not show. Secrets need not be named: see [`super::state`].
    const INTERNAL: &'static [&'static str];
}

/// Names the records of tables: `table "entity_type" [internal columns], derived`.
macro_rules! audited {
    ($($table:ident $name:literal [$($internal:literal),*] $(, $derived:ident)?;)*) => {$(
        impl Audited for entity::$table::Entity {
            const ENTITY_TYPE: &'static str = $name;
            const KEY: Self::Column = entity::$table::Column::Id;
            const DERIVED: bool = audited!(@ $($derived)?);
            const INTERNAL: &'static [&'static str] = &[$($internal),*];
        }
    )*};
    (@) => { false };
    (@ derived) => { true };
}

audited! {
    addon_associations "addon_association" [];
    addons "addon" [];
    connections "connection" [];
    costsheets "costsheet" [];
    coupon_applications "coupon_application" [], derived;
    coupon_associations "coupon_association" [];
    coupons "coupon" [];
    customers "customer" [];
    entitlement_grants "entitlement_grant" [];
    entitlements "entitlement" [];
    environments "environment" [];
    features "feature" [];
    groups "group" [];
    integration_links "entity_integration_mapping" [];
    invoice_line_items "invoice_line_item" [], derived;
    invoices "invoice" ["process_at"];
    job_runs "workflow" ["lock_key", "progress", "attempts", "lease_holder", "lease_until", "started_at"];
    meters "meter" ["recording"];
    plans "plan" [];
    price_units "price_unit" [];
    prices "price" ["sequence"];
    secrets "secret" [];
    settings "setting" [];
    subscription_line_items "subscription_line_item" ["position"];
    subscriptions "subscription" ["synced_price_sequence"];
    tax_associations "tax_association" [];
    tax_rates "tax_rate" [];
    taxes_applied "tax_applied" [], derived;
    tenants "tenant" ["operational_state"];
    users "user" ["email_lowercase"];
}
