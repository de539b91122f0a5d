//! The black-box tests: the real program, over HTTP, on every database.
//!
//! A test takes the place where it runs and signs up a tenant of its own there.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed expectation is how a test reports"
)]

mod access;
mod addons;
#[path = "../../../http/tests/events/aggregation_case.rs"]
mod aggregation_case;
mod aggregation_vectors;
mod allowances;
mod audit;
mod audit_retention;
mod bad_input;
mod billing;
mod catalog;
mod catalog_acceptance;
mod catalog_input;
mod chapter_01;
mod concurrency;
mod connections;
mod conventions;
mod costs;
mod coupons;
mod customer_vectors;
mod customers;
mod entitlements;
mod idempotency;
mod invoice_numbers;
mod line_terms;
mod metering;
mod metering_input;
mod plan_sync;
mod price_rules;
mod prices;
mod questions;
mod removed_events;
mod search;
#[path = "../support/mod.rs"]
mod support;
mod tax_overrides;
mod taxes;
mod tenant_state;
mod walks;
mod workflows;

use std::process::ExitCode;

use support::databases::{Database, Test, run};

fn main() -> ExitCode {
    let suites: &[&[Test]] = &[
        access::TESTS,
        addons::attached::TESTS,
        addons::billed::TESTS,
        addons::line_terms::TESTS,
        addons::overrides::TESTS,
        addons::records::TESTS,
        aggregation_vectors::TESTS,
        allowances::busy::TESTS,
        allowances::grants::TESTS,
        allowances::plain::TESTS,
        allowances::windows::TESTS,
        audit::TESTS,
        audit_retention::TESTS,
        bad_input::TESTS,
        billing::TESTS,
        catalog::TESTS,
        catalog_acceptance::TESTS,
        catalog_input::decimals::TESTS,
        catalog_input::limits::TESTS,
        catalog_input::lists::TESTS,
        catalog_input::refusals::TESTS,
        catalog_input::types::TESTS,
        chapter_01::acceptance::TESTS,
        chapter_01::expansion::TESTS,
        chapter_01::groups::TESTS,
        chapter_01::passwords::TESTS,
        chapter_01::rules::TESTS,
        chapter_01::sync::TESTS,
        concurrency::admins::TESTS,
        concurrency::customers::TESTS,
        concurrency::deadlock::TESTS,
        concurrency::groups::TESTS,
        concurrency::plans::TESTS,
        concurrency::prices::TESTS,
        concurrency::quotas::TESTS,
        concurrency::rates::TESTS,
        concurrency::settings::TESTS,
        concurrency::unique::TESTS,
        connections::TESTS,
        conventions::TESTS,
        costs::TESTS,
        coupons::discounts::TESTS,
        coupons::records::TESTS,
        customer_vectors::TESTS,
        customers::TESTS,
        entitlements::TESTS,
        idempotency::TESTS,
        invoice_numbers::TESTS,
        line_terms::commitments::TESTS,
        line_terms::examples::TESTS,
        line_terms::overrides::TESTS,
        line_terms::refusals::TESTS,
        line_terms::windows::TESTS,
        metering::TESTS,
        metering_input::TESTS,
        plan_sync::TESTS,
        price_rules::TESTS,
        prices::TESTS,
        questions::acceptance::TESTS,
        questions::analytics::TESTS,
        questions::costs::TESTS,
        questions::events::TESTS,
        questions::examples::TESTS,
        questions::meters::TESTS,
        questions::portal::TESTS,
        questions::refusals::TESTS,
        removed_events::TESTS,
        search::TESTS,
        tax_overrides::TESTS,
        taxes::TESTS,
        tenant_state::TESTS,
        walks::isolation::TESTS,
        walks::roles::TESTS,
        workflows::TESTS,
    ];
    run(Database::ALL, &suites.concat())
}

/// Names each test after its module and function.
macro_rules! tests {
    ($($test:ident),+ $(,)?) => {
        /// The tests of this module.
        pub const TESTS: &[crate::support::databases::Test] = &[
            $((concat!(module_path!(), "::", stringify!($test)), $test)),+
        ];
    };
}
use tests;
