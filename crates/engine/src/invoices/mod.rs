//! Invoices: drafts, their computation, finalization and reading (spec 05).
//!
//! Owns an invoice's record and its steps. Which lines it has and what they cost comes from `billing`; when a step is
//! due, from `worker`.

mod change;
mod compute;
mod config;
mod draft;
mod finalize;
mod find;
mod preview;
mod response;

pub(crate) use change::invoice_change;
pub(crate) use compute::{compute, currency_of, recompute};
pub(crate) use config::InvoiceConfig;
pub(crate) use draft::{DraftOf, open_draft};
pub(crate) use finalize::finalize;
pub(crate) use find::plain_response;
use response::response;

use tariff_contract::error::ApiError;
use tariff_core::Status;
use tariff_store::entity::{invoice_line_items, invoices};
use tariff_store::{Direction, Listing, Scoped};

use crate::error::{Error, Result};

/// The invoice of this id, whatever its status.
pub(crate) async fn get(rows: &Scoped<'_>, id: &str) -> Result<invoices::Model> {
    rows.get::<invoices::Entity>(id).await?.ok_or_else(|| unknown(id))
}

pub(crate) fn unknown(id: &str) -> Error {
    Error(ApiError::not_found(format!("Invoice with ID {id} was not found")).detail("invoice_id", id))
}

/// The published lines of some invoices, in the order of their creation.
pub(crate) async fn lines_of<I: IntoIterator<Item = String>>(
    rows: &Scoped<'_>,
    invoice_ids: I,
) -> Result<Vec<invoice_line_items::Model>> {
    let listing = Listing {
        sort: vec![("position".to_owned(), Direction::Ascending)],
        ..Listing::all()
    }
    .within("invoice_id", invoice_ids)
    .equal("status", Status::Published.as_str());
    Ok(rows.list::<invoice_line_items::Entity>(&listing).await?)
}
