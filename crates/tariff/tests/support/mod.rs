//! What all black-box tests need: the real program as a child process, PostgreSQL, and a JSON client.
//!
//! Nothing here looks inside the program; what a test knows, a user could know.

#![allow(dead_code, reason = "each test binary uses its own part of this module")]

pub mod client;
pub mod databases;
pub mod postgres;
pub mod server;
pub mod tenant;
pub mod trouble;
pub mod workflow;
