//! Detaching an addon: its association and lines end (spec 04 §3.7).

use tariff_contract::addons::RemoveAddonRequest;
use tariff_contract::error::ApiError;
use tariff_core::vocabulary::{AddonStatus, InvoiceCadence, PriceType, ProrationBehavior};
use tariff_core::{Status, Timestamp};
use tariff_store::column::{Time, Word};
use tariff_store::entity::{addon_associations, subscription_line_items, subscriptions};
use tariff_store::{Listing, Scoped, set};

use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::{Error, Result};
use crate::records::Narrow;
use crate::subscriptions::lock;

impl Engine {
    /// Ends an attachment at the date sent, or with the current period. It is cancelled at once, and what it grants lasts
    /// until that date (spec 04 Q18).
    ///
    /// # Errors
    /// `validation_error` for field rules, a date outside the current period, and an attachment that is pending or has
    /// an end already; `not_found`; `not_implemented` for a credit, which this server does not offer.
    pub async fn detach_addon(&self, context: &Context, request: RemoveAddonRequest) -> Result<()> {
        request.validate()?;
        let id = request.addon_association_id.as_deref().unwrap_or_default();
        let subscription_id = {
            let session = self.read();
            get(&session.scoped(&context.scope), id).await?.subscription_id
        };
        // An overdue renewal comes first, so that the current period is the one that the caller sees.
        self.renew_subscription(context, &subscription_id).await?;
        let work = self.begin(context).await?;
        let subscription = lock(&work, &subscription_id).await?;
        let association = get(&work.rows(), id).await?;
        check_open(&association)?;
        let effective = effective_date(&subscription, &request)?;
        let lines = running_lines(&work.rows(), id, effective).await?;
        if lines.is_empty() {
            return Err(refusal(id, "All lines of the addon have ended").into());
        }
        refuse_credit(&subscription, &request, &lines, effective)?;
        end_lines(&work, &lines, effective).await?;
        cancel(&work, &association, request, effective).await?;
        work.publish("subscription.updated", "subscription", &subscription.id)
            .await?;
        work.commit().await
    }
}

/// The published association of this id.
async fn get(rows: &Scoped<'_>, id: &str) -> Result<addon_associations::Model> {
    let found = rows.get::<addon_associations::Entity>(id).await?;
    found
        .filter(|association| association.status.0 == Status::Published)
        .ok_or_else(|| {
            let message = format!("Addon association with ID {id} was not found");
            Error(ApiError::not_found(message).detail("addon_association_id", id))
        })
}

fn refusal(id: &str, message: &str) -> ApiError {
    ApiError::validation(message).detail("addon_association_id", id)
}

fn check_open(association: &addon_associations::Model) -> Result<(), ApiError> {
    match association.addon_status.0 {
        AddonStatus::Pending => Err(refusal(&association.id, "The addon is not paid yet")),
        AddonStatus::Cancelled => Err(refusal(&association.id, "The addon is detached already")),
        AddonStatus::Active if association.end_date.is_some() => {
            Err(refusal(&association.id, "The addon has an end already"))
        }
        AddonStatus::Active => Ok(()),
    }
}

fn effective_date(subscription: &subscriptions::Model, request: &RemoveAddonRequest) -> Result<Timestamp, ApiError> {
    let (start, end) = (subscription.current_period_start.0, subscription.current_period_end.0);
    let effective = request.effective_date.map_or(end, |date| date.0);
    if effective < start || effective > end {
        let message = "effective_date must lie in the current period";
        return Err(ApiError::validation(message).detail("effective_date", "is outside the current period"));
    }
    Ok(effective)
}

/// The lines of an attachment that run past an instant.
async fn running_lines(
    rows: &Scoped<'_>,
    association_id: &str,
    effective: Timestamp,
) -> Result<Vec<subscription_line_items::Model>> {
    let listing = Listing::all().equal("addon_association_id", association_id).published();
    let mut lines = rows.list::<subscription_line_items::Entity>(&listing).await?;
    lines.retain(|line| line.end_date.is_none_or(|end| end.0 > effective));
    Ok(lines)
}

/// Credits go to a wallet, which this server does not keep: a detachment that asks for one is refused rather than
/// carried out without it. What ends with its period, or has not begun, leaves nothing to credit (spec 04 Q30).
fn refuse_credit(
    subscription: &subscriptions::Model,
    request: &RemoveAddonRequest,
    lines: &[subscription_line_items::Model],
    effective: Timestamp,
) -> Result<(), ApiError> {
    let paid_ahead = |line: &subscription_line_items::Model| {
        line.price_type.0 == PriceType::Fixed
            && line.invoice_cadence.0 == InvoiceCadence::Advance
            && line.start_date.0 <= effective
    };
    let asked = request.proration_behavior == Some(ProrationBehavior::CreateProrations);
    if asked && effective < subscription.current_period_end.0 && lines.iter().any(paid_ahead) {
        let message = "Credits for detached addons are not available on this server";
        return Err(ApiError::not_implemented(message).detail("field", "proration_behavior"));
    }
    Ok(())
}

async fn end_lines(work: &Work<'_>, lines: &[subscription_line_items::Model], effective: Timestamp) -> Result<()> {
    for line in lines {
        let changes = subscription_line_items::ActiveModel {
            end_date: set(Some(Time(effective.max(line.start_date.0)))),
            updated_at: set(Time(work.now)),
            updated_by: set(work.context.user_id.clone()),
            ..Default::default()
        };
        work.rows()
            .update::<subscription_line_items::Entity>(&line.id, changes)
            .await?;
    }
    Ok(())
}

async fn cancel(
    work: &Work<'_>,
    association: &addon_associations::Model,
    request: RemoveAddonRequest,
    effective: Timestamp,
) -> Result<()> {
    let changes = addon_associations::ActiveModel {
        addon_status: set(Word(AddonStatus::Cancelled)),
        end_date: set(Some(Time(effective.max(association.start_date.0)))),
        cancelled_at: set(Some(Time(work.now))),
        cancellation_reason: set(request.reason.unwrap_or_default()),
        updated_at: set(Time(work.now)),
        updated_by: set(work.context.user_id.clone()),
        ..Default::default()
    };
    work.rows()
        .update::<addon_associations::Entity>(&association.id, changes)
        .await?;
    Ok(())
}
