//! Creating a cost sheet.

use tariff_contract::costs::{CostsheetResponse, CreateCostsheetRequest};
use tariff_core::{IdPrefix, Status};
use tariff_store::column::{Time, Word};
use tariff_store::entity::costsheets;

use super::{response, taken};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Result, on_duplicate};
use crate::ids::mint;
use crate::records::metadata_in;

impl Engine {
    /// Creates a cost sheet without rates.
    ///
    /// # Errors
    /// `validation_error` for field rules, `already_exists` when a published one has the name or lookup key.
    pub async fn create_costsheet(
        &self,
        context: &Context,
        request: CreateCostsheetRequest,
    ) -> Result<CostsheetResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let sheet = costsheets::Model {
            id: mint(IdPrefix::CostSheet),
            tenant_id: String::new(),
            environment_id: String::new(),
            name: request.name.unwrap_or_default(),
            description: request.description.unwrap_or_default(),
            lookup_key: request.lookup_key.unwrap_or_default(),
            metadata: metadata_in(request.metadata),
            status: Word(Status::Published),
            created_at: Time(work.now),
            updated_at: Time(work.now),
            created_by: context.user_id.clone(),
            updated_by: context.user_id.clone(),
        };
        let refusal = taken(Some(&sheet.name), Some(&sheet.lookup_key));
        let inserted = work.rows().insert::<costsheets::Entity>(sheet).await;
        let sheet = inserted.map_err(on_duplicate(refusal))?;
        work.commit().await?;
        Ok(response(sheet))
    }
}
