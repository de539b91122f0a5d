//! Archiving a customer (spec 01 B1 "Delete").

use tariff_contract::error::ApiError;
use tariff_core::Status;
use tariff_core::vocabulary::SubscriptionStatus;
use tariff_store::column::{Time, Word};
use tariff_store::entity::{customers, subscriptions};
use tariff_store::{Listing, Test, set};

use super::{lock, unknown_id};
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::Result;

impl Engine {
    /// Archives a customer; its external id becomes free. Invoices, events and links remain.
    ///
    /// # Errors
    /// `not_found` when unknown or not published; `invalid_operation` while a subscription is not cancelled.
    pub async fn delete_customer(&self, context: &Context, id: &str) -> Result<()> {
        let work = self.begin(context).await?;
        let customer = lock(&work.rows(), id).await?;
        if customer.status.0 != Status::Published {
            return Err(unknown_id(id));
        }
        refuse_while_subscribed(&work, id).await?;
        let changes = customers::ActiveModel {
            status: set(Word(Status::Archived)),
            updated_at: set(Time(work.now)),
            updated_by: set(context.user_id.clone()),
            ..Default::default()
        };
        work.rows().update::<customers::Entity>(id, changes).await?;
        work.publish("customer.deleted", "customer", id).await?;
        work.commit().await
    }
}

async fn refuse_while_subscribed(work: &Work<'_>, customer_id: &str) -> Result<()> {
    let listing = Listing::all()
        .equal("customer_id", customer_id)
        .equal("status", Status::Published.as_str())
        .with(
            "subscription_status",
            Test::NotEqual(SubscriptionStatus::Cancelled.as_str().into()),
        );
    let subscriptions = work.rows().count::<subscriptions::Entity>(&listing).await?;
    if subscriptions > 0 {
        let message = "The customer has subscriptions that are not cancelled";
        return Err(ApiError::invalid_operation(message)
            .detail("customer_id", customer_id)
            .into());
    }
    Ok(())
}
