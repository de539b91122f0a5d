//! Events and usage through the router: ingestion, lists, aggregates, analytics and the shared vectors (spec 02).

mod analytics;
mod ingestion;
mod listing;
mod lookup;
mod support;
mod usage;
mod vectors;
