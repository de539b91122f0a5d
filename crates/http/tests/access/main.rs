//! Who may do what where, through the router: credentials, environments, keys, users, roles, settings (spec 01 A2–A4, B4–B9).

#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, to panic is to fail")]

mod audit;
mod audit_retention;
mod audit_walk;
mod credentials;
mod environments;
mod idempotency;
mod integrations;
mod keys;
mod portal;
mod roles;
mod settings;
mod sign_up;
mod support;
mod tenants;
mod users;
mod workflows;
