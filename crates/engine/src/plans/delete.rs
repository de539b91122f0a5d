//! Archiving a plan; its prices, entitlements and credit grants stay (spec 03 §3.1).

use tariff_contract::error::ApiError;
use tariff_core::Status;
use tariff_core::vocabulary::SubscriptionStatus;
use tariff_store::column::{Time, Word};
use tariff_store::entity::{plans, subscriptions};
use tariff_store::{Listing, Test, set};

use super::unknown_id;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::Narrow;

impl Engine {
    /// Archives a plan.
    ///
    /// # Errors
    /// `not_found`; `invalid_operation` while a subscription to it is not cancelled (spec 03 Q25).
    pub async fn delete_plan(&self, context: &Context, id: &str) -> Result<()> {
        let work = self.begin(context).await?;
        let rows = work.rows();
        rows.lock::<plans::Entity>(id).await?.ok_or_else(|| unknown_id(id))?;
        let subscribed = Listing::all().equal("plan_id", id).published().with(
            "subscription_status",
            Test::NotEqual(SubscriptionStatus::Cancelled.as_str().into()),
        );
        if rows.count::<subscriptions::Entity>(&subscribed).await? > 0 {
            let message = "The plan has subscriptions that are not cancelled";
            return Err(ApiError::invalid_operation(message).detail("plan_id", id).into());
        }
        let changes = plans::ActiveModel {
            status: set(Word(Status::Archived)),
            updated_at: set(Time(work.now)),
            updated_by: set(context.user_id.clone()),
            ..Default::default()
        };
        rows.update::<plans::Entity>(id, changes).await?;
        work.commit().await
    }
}
