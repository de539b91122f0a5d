//! Archiving an entitlement.

use tariff_core::Status;
use tariff_store::column::{Time, Word};
use tariff_store::entity::entitlements;
use tariff_store::set;

use super::unknown_id;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;

impl Engine {
    /// Archives an entitlement; the owner may then have another one of the feature.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn delete_entitlement(&self, context: &Context, id: &str) -> Result<()> {
        let work = self.begin(context).await?;
        let changes = entitlements::ActiveModel {
            status: set(Word(Status::Archived)),
            updated_at: set(Time(work.now)),
            updated_by: set(context.user_id.clone()),
            ..Default::default()
        };
        work.rows()
            .update::<entitlements::Entity>(id, changes)
            .await?
            .ok_or_else(|| unknown_id(id))?;
        work.publish("entitlement.deleted", "entitlement", id).await?;
        work.commit().await
    }
}
