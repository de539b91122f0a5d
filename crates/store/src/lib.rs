//! Relational state on SQLite or PostgreSQL: tables, migrations, scoped queries, the search DSL, the outbox,
//! the audit log.
//!
//! This crate decides nothing. It keeps rows, finds them again inside one tenant and environment, and makes a
//! transaction of several writes. Rows of other tenants cannot be reached: [`Session::scoped`] and
//! [`Session::tenant`] are the only ways to them, except for the few look-ups of [`access`] that precede a scope.

pub mod access;
pub mod audit;
pub mod column;
mod connect;
pub mod counter;
pub mod due;
pub mod entity;
mod error;
pub mod idempotency;
mod migration;
pub mod outbox;
mod resource;
mod scoped;
pub mod search;
mod select;
mod session;
mod tenant_rows;
mod unit;

pub use audit::{Audited, Author, Removal};
pub use column::set;
pub use connect::{LOCK_WAIT_DEFAULT, Store, StoreLocation};
pub use error::StoreError;
pub use resource::{ScopedResource, TenantResource};
pub use scoped::Scoped;
pub use search::{Direction, Filter, Listing, Operand, Test};
pub use session::Session;
pub use tenant_rows::TenantRows;
pub use unit::Unit;
