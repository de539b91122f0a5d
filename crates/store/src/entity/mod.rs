//! The tables, one module each; the columns are those of `migration/*.sql`.

pub mod connections;
pub mod counters;
pub mod coupon_applications;
pub mod coupon_associations;
pub mod coupons;
pub mod customers;
pub mod entitlements;
pub mod environments;
pub mod features;
pub mod groups;
pub mod integration_links;
pub mod invoice_line_items;
pub mod invoices;
pub mod meters;
pub mod outbox;
pub mod plans;
pub mod price_units;
pub mod prices;
pub mod secrets;
pub mod settings;
pub mod subscription_line_items;
pub mod subscriptions;
pub mod tenants;
pub mod users;
