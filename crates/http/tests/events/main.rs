//! Events and usage through the router: ingestion, lists, aggregates and the shared vectors (spec 02).

mod ingestion;
mod listing;
mod support;
mod usage;
mod vectors;
