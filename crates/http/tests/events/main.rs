//! Events and usage through the router: ingestion, lists, aggregates, analytics and the shared vectors (spec 02).

#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, to panic is to fail")]

mod addons;
mod aggregation_case;
mod analytics;
mod entitlement_grants;
mod ingestion;
mod listing;
mod lookup;
mod pressure;
mod rejected;
mod support;
mod usage;
mod vectors;
