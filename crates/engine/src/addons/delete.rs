//! Archiving an addon; its prices and entitlements stay.

use tariff_contract::error::ApiError;
use tariff_core::Status;
use tariff_core::vocabulary::{AddonStatus, LineItemEntityType};
use tariff_store::column::{Time, Word};
use tariff_store::entity::{addon_associations, addons, subscription_line_items};
use tariff_store::{Listing, Test, set};

use super::unknown_id;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::Narrow;

impl Engine {
    /// Archives an addon.
    ///
    /// # Errors
    /// `not_found`; `validation_error` while it is attached, and once a subscription has a line of it, even an ended
    /// one (spec 03 §4.3).
    pub async fn delete_addon(&self, context: &Context, id: &str) -> Result<()> {
        let work = self.begin(context).await?;
        let rows = work.rows();
        // Attaching holds the same record, so that an attachment is either seen here or finds the addon archived.
        rows.lock::<addons::Entity>(id).await?.ok_or_else(|| unknown_id(id))?;
        let attached = Listing::all()
            .equal("addon_id", id)
            .published()
            .with("addon_status", Test::NotEqual(AddonStatus::Cancelled.as_str().into()));
        let billed = Listing::all()
            .equal("entity_id", id)
            .equal("entity_type", LineItemEntityType::Addon.as_str())
            .published();
        if rows.count::<addon_associations::Entity>(&attached).await? > 0
            || rows.count::<subscription_line_items::Entity>(&billed).await? > 0
        {
            let message = "The addon is or was part of subscriptions";
            return Err(ApiError::validation(message).detail("addon_id", id).into());
        }
        let changes = addons::ActiveModel {
            status: set(Word(Status::Archived)),
            updated_at: set(Time(work.now)),
            updated_by: set(context.user_id.clone()),
            ..Default::default()
        };
        rows.update::<addons::Entity>(id, changes).await?;
        work.commit().await
    }
}
