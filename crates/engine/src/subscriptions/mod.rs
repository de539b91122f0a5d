//! Subscriptions: customers bound to plans for a sequence of billing periods (spec 04).
//!
//! Owns their record and lines, the addons on them, creation, reading, cancellation and usage view. Rolling periods over is the business
//! of `worker`, charging them that of `billing` and `invoices`.

mod addons;
mod cancel;
mod create;
mod expand;
mod expanded;
mod find;
mod line_terms;
mod lines;
mod of_customer;
mod price_sync;
mod response;
mod status;
mod usage;
mod validate;

pub(crate) use cancel::end_now;
pub(crate) use price_sync::sync_prices;
pub(crate) use response::{line, line_response, plain_response, plain_responses, time_of_day};

use tariff_contract::error::ApiError;
use tariff_core::Status;
use tariff_store::Scoped;
use tariff_store::entity::subscriptions;

use crate::engine::Work;
use crate::error::{Error, Result};

/// The published subscription of this id (spec 01 A8).
pub(crate) async fn get(rows: &Scoped<'_>, id: &str) -> Result<subscriptions::Model> {
    let found = rows.get::<subscriptions::Entity>(id).await?;
    found
        .filter(|subscription| subscription.status.0 == Status::Published)
        .ok_or_else(|| unknown(id))
}

/// As [`get`], held until the transaction ends.
async fn lock(work: &Work<'_>, id: &str) -> Result<subscriptions::Model> {
    let found = work.rows().lock::<subscriptions::Entity>(id).await?;
    found
        .filter(|subscription| subscription.status.0 == Status::Published)
        .ok_or_else(|| unknown(id))
}

pub(crate) fn unknown(id: &str) -> Error {
    Error(ApiError::not_found(format!("Subscription with ID {id} was not found")).detail("subscription_id", id))
}
