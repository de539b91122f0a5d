//! Creating a plan.

use tariff_contract::plans::{CreatePlanRequest, PlanResponse};
use tariff_core::{IdPrefix, Status};
use tariff_store::column::{Time, Word};
use tariff_store::entity::plans;

use super::{lookup_key_taken, response};
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::{Result, on_duplicate};
use crate::ids::mint;
use crate::records::metadata_in;

impl Engine {
    /// Creates a plan without prices.
    ///
    /// # Errors
    /// `validation_error` for field rules, `already_exists` when a published plan has the lookup key.
    pub async fn create_plan(&self, context: &Context, request: CreatePlanRequest) -> Result<PlanResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let plan = plans::Model {
            id: mint(IdPrefix::Plan),
            tenant_id: String::new(),
            environment_id: String::new(),
            name: request.name.unwrap_or_default(),
            lookup_key: request.lookup_key.unwrap_or_default(),
            description: request.description.unwrap_or_default(),
            display_order: request.display_order.unwrap_or_default(),
            metadata: metadata_in(request.metadata),
            status: Word(Status::Published),
            created_at: Time(work.now),
            updated_at: Time(work.now),
            created_by: context.user_id.clone(),
            updated_by: context.user_id.clone(),
        };
        let plan = insert(&work, plan).await?;
        work.commit().await?;
        Ok(response(plan))
    }
}

/// Inserts a plan.
///
/// # Errors
/// `already_exists` when a published plan has the lookup key.
pub(super) async fn insert(work: &Work<'_>, plan: plans::Model) -> Result<plans::Model> {
    let lookup_key = plan.lookup_key.clone();
    work.rows()
        .insert::<plans::Entity>(plan)
        .await
        .map_err(on_duplicate(lookup_key_taken(&lookup_key)))
}
