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
    /// Archives an entitlement; the owner may then have another one of the feature. Repeating it changes nothing.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn delete_entitlement(&self, context: &Context, id: &str) -> Result<()> {
        let work = self.begin(context).await?;
        let rows = work.rows();
        let entitlement = rows.lock::<entitlements::Entity>(id).await?;
        if entitlement.ok_or_else(|| unknown_id(id))?.status.0 == Status::Archived {
            return Ok(());
        }
        let changes = entitlements::ActiveModel {
            status: set(Word(Status::Archived)),
            updated_at: set(Time(work.now)),
            updated_by: set(context.user_id.clone()),
            ..Default::default()
        };
        rows.update::<entitlements::Entity>(id, changes).await?;
        work.publish("entitlement.deleted", "entitlement", id).await?;
        work.commit().await
    }
}
