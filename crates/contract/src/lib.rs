//! What goes over the wire: requests, answers, error codes, filters, and the rules that concern a single field.
//!
//! One file a resource, named as on every other floor. Nothing here asks a database or a clock; whatever needs one is the
//! engine's. Member names, types and word lists follow `contract/openapi.json`, which a test compares with every type here.
//!
//! - A request's members are all `Option`: JSON `null` means absent. Its `validate` checks the field rules.
//! - An answer's members are plain, or `Option` where the specification lets them be null or absent.

pub mod addons;
pub mod aggregated_entitlements;
pub mod alerts;
pub mod analytics;
pub mod audit_logs;
pub mod auth;
pub mod checkout;
pub mod common;
pub mod connections;
pub mod costs;
pub mod coupons;
pub mod credit_grants;
pub mod credit_notes;
pub mod customers;
pub mod entitlements;
pub mod environments;
pub mod error;
pub mod event_export;
pub mod event_lookup;
pub mod event_monitoring;
pub mod events;
pub mod expand;
pub mod features;
pub mod filter;
pub mod groups;
pub mod integration_config;
pub mod integration_sync;
pub mod integrations;
pub mod invoices;
pub mod line_items;
pub mod list;
pub mod marketplaces;
pub mod metadata;
pub mod meter_usage;
pub mod meters;
pub mod number;
pub mod openapi;
pub mod payments;
pub mod plans;
mod price_terms;
pub mod price_units;
pub mod prices;
pub mod query;
pub mod raw_events;
pub mod registry;
pub mod roles;
pub mod schedules;
pub mod secrets;
pub mod settings;
pub mod subscription_changes;
pub mod subscription_modifications;
pub mod subscription_usage;
pub mod subscriptions;
pub mod tasks;
pub mod taxes;
pub mod tenants;
pub mod time;
pub mod usage;
pub mod users;
pub mod validate;
pub mod wallets;
pub mod webhooks;
pub mod wire;
pub mod workflows;

pub use error::{ApiError, ErrorCode, ErrorResponse};
pub use expand::Expand;
pub use filter::{FilterCondition, SortCondition};
pub use list::{ListOptions, ListQuery, Pagination};
pub use metadata::Metadata;
pub use number::JsonNumber;
pub use time::DateTime;
pub use validate::FieldErrors;
