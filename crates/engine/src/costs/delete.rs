//! Deleting a cost sheet: its record is kept, and hidden from lists.

use tariff_contract::costs::DeleteCostsheetResponse;
use tariff_contract::error::ApiError;
use tariff_core::Status;
use tariff_store::column::{Time, Word};
use tariff_store::entity::costsheets;
use tariff_store::set;

use super::unknown_id;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;

impl Engine {
    /// Deletes a cost sheet. Its rates stay as they are; nothing reads them any more.
    ///
    /// # Errors
    /// `not_found`; `validation_error` if it is deleted already.
    pub async fn delete_costsheet(&self, context: &Context, id: &str) -> Result<DeleteCostsheetResponse> {
        let work = self.begin(context).await?;
        let rows = work.rows();
        let sheet = rows
            .lock::<costsheets::Entity>(id)
            .await?
            .ok_or_else(|| unknown_id(id))?;
        if sheet.status.0 == Status::Deleted {
            let message = "The cost sheet is already deleted";
            return Err(ApiError::validation(message).detail("costsheet_id", id).into());
        }
        let changes = costsheets::ActiveModel {
            status: set(Word(Status::Deleted)),
            updated_at: set(Time(work.now)),
            updated_by: set(context.user_id.clone()),
            ..Default::default()
        };
        rows.update::<costsheets::Entity>(id, changes).await?;
        work.commit().await?;
        Ok(DeleteCostsheetResponse {
            id: sheet.id,
            message: "Cost sheet deleted successfully".to_owned(),
        })
    }
}
