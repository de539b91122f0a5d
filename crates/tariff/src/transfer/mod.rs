//! `tariff export` and `tariff import`: raw events between files and a server.
//!
//! Both are clients of the public HTTP API, as a customer's own program would be. Nothing here decides what a valid
//! event is: that is the contract's and the server's business.

mod columns;
mod export;
mod format;
mod import;
mod progress;
mod server;

pub use self::export::run as export_events;
pub use self::format::Format;
pub use self::import::run as import_events;
