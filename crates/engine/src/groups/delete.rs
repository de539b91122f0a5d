//! Archiving a group.

use tariff_core::Status;
use tariff_store::column::{Time, Word};
use tariff_store::entity::{features, groups, prices};
use tariff_store::{Listing, set};

use super::unknown_id;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;

impl Engine {
    /// Archives a group and takes its label off every member. Repeating it changes nothing.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn delete_group(&self, context: &Context, id: &str) -> Result<()> {
        let work = self.begin(context).await?;
        let rows = work.rows();
        let group = rows.lock::<groups::Entity>(id).await?.ok_or_else(|| unknown_id(id))?;
        if group.status.0 == Status::Archived {
            return Ok(());
        }
        let members = Listing::all().equal("group_id", id);
        let unlabelled = prices::ActiveModel {
            group_id: set(None),
            updated_at: set(Time(work.now)),
            updated_by: set(context.user_id.clone()),
            ..Default::default()
        };
        rows.update_where::<prices::Entity>(&members, unlabelled).await?;
        let unlabelled = features::ActiveModel {
            group_id: set(None),
            updated_at: set(Time(work.now)),
            updated_by: set(context.user_id.clone()),
            ..Default::default()
        };
        rows.update_where::<features::Entity>(&members, unlabelled).await?;
        let changes = groups::ActiveModel {
            status: set(Word(Status::Archived)),
            updated_at: set(Time(work.now)),
            updated_by: set(context.user_id.clone()),
            ..Default::default()
        };
        rows.update::<groups::Entity>(id, changes).await?;
        work.commit().await
    }
}
