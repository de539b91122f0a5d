//! The use cases of billing: one module a resource, plus the jobs of the worker.
//!
//! All business decisions are here and only here. A use case takes a [`Context`], asks storage and the event log for
//! facts and `core` for numbers, and writes state and events in one transaction.

pub mod access;
mod addons;
mod audit_logs;
mod auth;
mod belongings;
mod billing;
pub mod clock;
mod config;
mod connections;
mod context;
mod costs;
mod coupons;
pub mod customers;
mod engine;
mod entitlement_grants;
pub mod entitlements;
mod environments;
mod error;
pub mod events;
mod features;
mod groups;
pub mod idempotency;
pub mod ids;
pub mod integrations;
mod invoices;
mod jobs;
mod listing;
mod meters;
pub mod operators;
mod plans;
mod price_units;
mod prices;
mod recent;
mod records;
mod roles;
mod secrets;
pub mod settings;
mod subscriptions;
mod taxes;
mod tenants;
mod usage;
mod users;
pub mod worker;

pub use config::{EngineConfig, StaticKey};
pub use context::{Context, Credential, Origin, UserKind};
pub use engine::Engine;
pub use error::{Error, Result};
