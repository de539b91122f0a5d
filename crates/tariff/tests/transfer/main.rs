//! `tariff export events` and `tariff import events`, against the real server: what leaves comes back, in every format
//! and however often a run is interrupted. Events are in the event log whatever the database, so one database is enough.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed expectation is how a test reports"
)]

mod commands;
mod large;
mod rejected;
mod resume;
mod round_trip;
mod route;
#[path = "../support/mod.rs"]
mod support;

use std::process::ExitCode;

use support::databases::{Database, Test, run};

fn main() -> ExitCode {
    let suites: &[&[Test]] = &[
        large::TESTS,
        rejected::TESTS,
        resume::TESTS,
        round_trip::TESTS,
        route::TESTS,
    ];
    run(Database::EMBEDDED, &suites.concat())
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
