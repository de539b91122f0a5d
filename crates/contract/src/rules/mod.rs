//! Field rules of the catalog's requests, one file a resource: what can be told from the request alone.
//!
//! Rules that need other records (does the meter exist, is the key taken) are the engine's.

mod entitlements;
mod features;
mod groups;
mod meters;
mod plans;
mod price_units;
mod prices;
mod tiers;

pub use entitlements::{GrantTerms, validate_grant};
pub use features::validate_units;

use crate::error::ApiError;
use crate::validate::FieldErrors;

/// Most items of a bulk request (spec 03 §4.2, §4.4).
pub const BULK_ITEMS_MAX: usize = 100;

/// Checks that a bulk request has 1 to [`BULK_ITEMS_MAX`] items.
fn check_bulk_size(items: usize) -> Result<(), ApiError> {
    let mut errors = FieldErrors::new();
    errors.check(
        (1..=BULK_ITEMS_MAX).contains(&items),
        "items",
        "must have 1 to 100 items",
    );
    errors.finish()
}

/// Says which item of a bulk request is at fault.
#[must_use]
pub fn at_index(error: ApiError, index: usize) -> ApiError {
    error.detail("index", index)
}
