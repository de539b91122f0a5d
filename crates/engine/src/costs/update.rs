//! Updating a cost sheet: members that are sent replace, the rest stays.

use tariff_contract::costs::{CostsheetResponse, UpdateCostsheetRequest};
use tariff_store::column::Time;
use tariff_store::entity::costsheets;
use tariff_store::set;

use super::{response, taken, unknown_id};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Result, on_duplicate};
use crate::records::metadata_in;

impl Engine {
    /// Updates the members that are sent.
    ///
    /// # Errors
    /// `validation_error` for field rules; `not_found`; `already_exists` when name or lookup key are taken.
    pub async fn update_costsheet(
        &self,
        context: &Context,
        id: &str,
        request: UpdateCostsheetRequest,
    ) -> Result<CostsheetResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let mut changes = costsheets::ActiveModel {
            updated_at: set(Time(work.now)),
            updated_by: set(context.user_id.clone()),
            ..Default::default()
        };
        let refusal = taken(request.name.as_deref(), request.lookup_key.as_deref());
        macro_rules! apply {
            ($($field:ident),*) => {
                $(if let Some(value) = request.$field {
                    changes.$field = set(value);
                })*
            };
        }
        apply!(name, description, lookup_key);
        if request.metadata.is_some() {
            changes.metadata = set(metadata_in(request.metadata));
        }
        let updated = work.rows().update::<costsheets::Entity>(id, changes).await;
        let updated = updated.map_err(on_duplicate(refusal))?;
        let sheet = updated.ok_or_else(|| unknown_id(id))?;
        work.commit().await?;
        Ok(response(sheet))
    }
}
