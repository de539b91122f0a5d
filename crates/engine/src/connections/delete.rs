//! Ending a connection (spec 07 §3.4).

use tariff_core::Status;
use tariff_store::column::{Time, Word};
use tariff_store::entity::connections;
use tariff_store::set;

use super::unknown_id;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;

impl Engine {
    /// Archives a connection and forgets its credentials. Links to the provider's records stay.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn delete_connection(&self, context: &Context, id: &str) -> Result<()> {
        let work = self.begin(context).await?;
        let rows = work.rows();
        let current = rows.lock::<connections::Entity>(id).await?;
        current
            .filter(super::find::is_published)
            .ok_or_else(|| unknown_id(id))?;
        let changes = connections::ActiveModel {
            encrypted_secret_data: set(String::new()),
            status: set(Word(Status::Archived)),
            updated_at: set(Time(work.now)),
            updated_by: set(context.user_id.clone()),
            ..Default::default()
        };
        rows.update::<connections::Entity>(id, changes).await?;
        work.commit().await
    }
}
