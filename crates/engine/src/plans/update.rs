//! Updating a plan: members that are sent replace, the rest stays.

use tariff_contract::plans::{PlanResponse, UpdatePlanRequest};
use tariff_store::column::Time;
use tariff_store::entity::plans;
use tariff_store::set;

use super::{lookup_key_taken, response, unknown_id};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Result, on_duplicate};
use crate::records::metadata_in;

impl Engine {
    /// Updates the members that are sent; an empty lookup key clears it.
    ///
    /// # Errors
    /// `validation_error` for field rules; `not_found`; `already_exists` when the lookup key is taken.
    pub async fn update_plan(&self, context: &Context, id: &str, request: UpdatePlanRequest) -> Result<PlanResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let mut changes = plans::ActiveModel {
            updated_at: set(Time(work.now)),
            updated_by: set(context.user_id.clone()),
            ..Default::default()
        };
        let lookup_key = request.lookup_key.clone().unwrap_or_default();
        macro_rules! apply {
            ($($field:ident),*) => {
                $(if let Some(value) = request.$field {
                    changes.$field = set(value);
                })*
            };
        }
        apply!(name, lookup_key, description, display_order);
        if request.metadata.is_some() {
            changes.metadata = set(metadata_in(request.metadata));
        }
        let updated = work.rows().update::<plans::Entity>(id, changes).await;
        let updated = updated.map_err(on_duplicate(lookup_key_taken(&lookup_key)))?;
        let plan = updated.ok_or_else(|| unknown_id(id))?;
        work.commit().await?;
        Ok(response(plan))
    }
}
