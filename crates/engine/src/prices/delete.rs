//! Ending a price; its record stays published (spec 03 §4.2).

use tariff_contract::error::ApiError;
use tariff_contract::prices::DeletePriceRequest;
use tariff_core::Timestamp;
use tariff_store::column::Time;
use tariff_store::entity::prices;
use tariff_store::set;

use super::{next_sequence, unknown_id};
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::Result;

impl Engine {
    /// Ends a price at the date sent, or now.
    ///
    /// # Errors
    /// `not_found`; `validation_error` if it has an end already, or would end before it starts.
    pub async fn delete_price(&self, context: &Context, id: &str, request: DeletePriceRequest) -> Result<()> {
        let work = self.begin(context).await?;
        let price = work
            .rows()
            .lock::<prices::Entity>(id)
            .await?
            .ok_or_else(|| unknown_id(id))?;
        let end = request.end_date.map_or(work.now, |end| end.0);
        terminate(&work, &price, ("end_date", end), prices::ActiveModel::default()).await?;
        work.commit().await
    }
}

/// Gives a price an end, which the request names `member`, a new sequence number and any other changes.
///
/// # Errors
/// `validation_error` if it has an end already, or would end before it starts.
pub(super) async fn terminate(
    work: &Work<'_>,
    price: &prices::Model,
    (member, end): (&str, Timestamp),
    mut changes: prices::ActiveModel,
) -> Result<()> {
    if price.end_date.is_some() {
        return Err(ApiError::validation("The price is already terminated")
            .detail("price_id", price.id.clone())
            .into());
    }
    if end < price.start_date.0 {
        let message = "The price cannot end before it starts";
        let reason = format!("must not be before the price's start, {}", price.start_date.0);
        return Err(ApiError::validation(message).detail(member, reason).into());
    }
    changes.end_date = set(Some(Time(end)));
    changes.sequence = set(next_sequence(&work.rows()).await?);
    changes.updated_at = set(Time(work.now));
    changes.updated_by = set(work.context.user_id.clone());
    work.rows().update::<prices::Entity>(&price.id, changes).await?;
    Ok(())
}
