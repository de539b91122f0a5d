//! What goes over the wire: requests, answers, error codes, filters, and the rules that concern a single field.
//!
//! One file a resource, named as on every other floor. Nothing here asks a database or a clock; whatever needs one is the
//! engine's. Member names, types and word lists follow `contract/openapi.json`, which a test compares with every type here.
//!
//! - A request's members are all `Option`: JSON `null` means absent. Its `validate` checks the field rules.
//! - An answer's members are plain, or `Option` where the specification lets them be null or absent.

pub mod customers;
pub mod error;
pub mod expand;
pub mod filter;
pub mod integrations;
pub mod list;
pub mod metadata;
pub mod number;
pub mod openapi;
pub mod query;
pub mod registry;
pub mod taxes;
pub mod time;
pub mod validate;
pub mod wire;

pub use error::{ApiError, ErrorCode, ErrorResponse};
pub use expand::Expand;
pub use filter::{FilterCondition, SortCondition};
pub use list::{ListOptions, ListQuery, Pagination};
pub use metadata::Metadata;
pub use number::JsonNumber;
pub use time::DateTime;
pub use validate::FieldErrors;
