//! Archiving a feature and its meter (spec 02 §3.1).

use tariff_contract::error::ApiError;
use tariff_core::Status;
use tariff_store::column::{Time, Word};
use tariff_store::entity::{entitlements, features};
use tariff_store::{Listing, set};

use super::unknown_id;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::meters;
use crate::records::Narrow;

impl Engine {
    /// Archives a feature and, if it is metered, its meter. Usage that is recorded stays billable. Repeating it changes
    /// nothing.
    ///
    /// # Errors
    /// `not_found`; `invalid_operation` while a published entitlement refers to it.
    pub async fn delete_feature(&self, context: &Context, id: &str) -> Result<()> {
        let work = self.begin(context).await?;
        let rows = work.rows();
        let feature = rows.lock::<features::Entity>(id).await?.ok_or_else(|| unknown_id(id))?;
        if feature.status.0 == Status::Archived {
            return Ok(());
        }
        let entitlements = Listing::all().equal("feature_id", id).published();
        if rows.count::<entitlements::Entity>(&entitlements).await? > 0 {
            let message = "The feature is part of published entitlements";
            return Err(ApiError::invalid_operation(message).detail("feature_id", id).into());
        }
        if let Some(meter_id) = &feature.meter_id {
            meters::archive(&work, meter_id).await?;
        }
        let changes = features::ActiveModel {
            status: set(Word(Status::Archived)),
            updated_at: set(Time(work.now)),
            updated_by: set(context.user_id.clone()),
            ..Default::default()
        };
        rows.update::<features::Entity>(id, changes).await?;
        work.publish("feature.deleted", "feature", id).await?;
        work.commit().await
    }
}
