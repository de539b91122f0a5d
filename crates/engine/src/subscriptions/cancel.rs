//! Cancelling a subscription: now, at the end of its period, or on a date (spec 04 §4.10).

use tariff_contract::error::ApiError;
use tariff_contract::subscriptions::{
    CancelImmediatelyInvoicePolicy, CancelSubscriptionRequest, CancelSubscriptionResponse, CancellationType,
};
use tariff_contract::{DateTime, Metadata};
use tariff_core::vocabulary::{ProrationBehavior, SubscriptionStatus, SubscriptionType};
use tariff_core::{Decimal, Status, Timestamp};
use tariff_store::column::{Json, Time, Word};
use tariff_store::entity::{subscription_line_items, subscriptions};
use tariff_store::{Filter, Listing, Test, set};

use super::{lock, unknown};
use crate::addons;
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::Result;

impl Engine {
    /// Cancels a subscription.
    ///
    /// # Errors
    /// `validation_error` when its state or the date forbids it; `not_found`; `not_implemented` for a final invoice
    /// or credits, which this server does not offer.
    pub async fn cancel_subscription(
        &self,
        context: &Context,
        id: &str,
        request: CancelSubscriptionRequest,
    ) -> Result<CancelSubscriptionResponse> {
        let kind = request
            .cancellation_type
            .ok_or_else(|| ApiError::validation("cancellation_type is required"))?;
        refuse_unavailable(&request)?;
        if kind == CancellationType::Immediate {
            // An overdue renewal comes first, so that its period is billed.
            self.renew_subscription(context, id).await?;
        }
        let work = self.begin(context).await?;
        let subscription = lock(&work, id).await?;
        let effective = effective_date(&work, &subscription, kind, &request)?;
        let mut changes = scheduled(&subscription, kind, effective);
        if kind == CancellationType::Immediate {
            end_now(&work, &subscription, effective).await?;
            changes.subscription_status = set(Word(SubscriptionStatus::Cancelled));
            work.publish("subscription.cancelled", "subscription", id).await?;
        }
        let mut metadata = subscription
            .metadata
            .as_ref()
            .map(|metadata| metadata.0.clone())
            .unwrap_or_default();
        metadata.insert("cancellation_type".to_owned(), kind.as_str().to_owned());
        metadata.insert(
            "cancellation_reason".to_owned(),
            request.reason.clone().unwrap_or_default(),
        );
        metadata.insert("effective_date".to_owned(), effective.to_string());
        changes.metadata = set(Some(Json(Metadata(metadata).0)));
        changes.cancelled_at = set(Some(Time(work.now)));
        changes.updated_at = set(Time(work.now));
        changes.updated_by = set(context.user_id.clone());
        let updated = work
            .rows()
            .update::<subscriptions::Entity>(id, changes)
            .await?
            .ok_or_else(|| unknown(id))?;
        work.publish("subscription.updated", "subscription", id).await?;
        let processed_at = work.now;
        work.commit().await?;
        Ok(CancelSubscriptionResponse {
            subscription_id: updated.id,
            cancellation_type: kind,
            effective_date: Some(DateTime(effective)),
            status: updated.subscription_status.0,
            reason: request.reason.unwrap_or_default(),
            proration_invoice: None,
            proration_details: Vec::new(),
            total_credit_amount: Decimal::zero(),
            message: message(kind).to_owned(),
            processed_at: Some(DateTime(processed_at)),
        })
    }
}

fn message(kind: CancellationType) -> &'static str {
    match kind {
        CancellationType::Immediate => "Subscription cancelled",
        CancellationType::EndOfPeriod => "Subscription will be cancelled at the end of its period",
        CancellationType::ScheduledDate => "Subscription will be cancelled on the date given",
    }
}

fn refuse_unavailable(request: &CancelSubscriptionRequest) -> Result<()> {
    let refused = if request.proration_behavior == Some(ProrationBehavior::CreateProrations) {
        Some("proration_behavior")
    } else if request.cancel_immediately_inovice_policy == Some(CancelImmediatelyInvoicePolicy::GenerateInvoice) {
        Some("cancel_immediately_inovice_policy")
    } else {
        None
    };
    match refused {
        Some(field) => {
            let message = format!("This value of {field} is not available on this server");
            Err(ApiError::not_implemented(message).detail("field", field).into())
        }
        None => Ok(()),
    }
}

fn effective_date(
    work: &Work<'_>,
    subscription: &subscriptions::Model,
    kind: CancellationType,
    request: &CancelSubscriptionRequest,
) -> Result<Timestamp> {
    let refuse = |reason: &str| {
        Err(ApiError::validation(reason)
            .detail("subscription_id", subscription.id.as_str())
            .into())
    };
    match subscription.subscription_status.0 {
        SubscriptionStatus::Draft => return refuse("A draft subscription cannot be cancelled"),
        SubscriptionStatus::Cancelled => return refuse("The subscription is cancelled already"),
        SubscriptionStatus::Active
        | SubscriptionStatus::Paused
        | SubscriptionStatus::Incomplete
        | SubscriptionStatus::Trialing => {}
    }
    if subscription.subscription_type.0 == SubscriptionType::Inherited {
        return refuse("An inherited subscription is cancelled with its parent");
    }
    let asked = request.cancel_at.map(|at| at.0);
    match kind {
        CancellationType::Immediate => match asked {
            Some(at) if at > work.now => refuse("cancel_at must not lie in the future for an immediate cancellation"),
            Some(at) if at <= subscription.current_period_start.0 => refuse("cancel_at must lie in the current period"),
            Some(at) => Ok(at),
            None => Ok(work.now),
        },
        CancellationType::EndOfPeriod | CancellationType::ScheduledDate if subscription.cancel_at.is_some() => {
            refuse("A cancellation is scheduled already")
        }
        CancellationType::EndOfPeriod => Ok(subscription.current_period_end.0),
        CancellationType::ScheduledDate => match asked {
            Some(at) => Ok(at),
            None => refuse("cancel_at is required for a scheduled cancellation"),
        },
    }
}

fn scheduled(
    subscription: &subscriptions::Model,
    kind: CancellationType,
    effective: Timestamp,
) -> subscriptions::ActiveModel {
    let mut changes = subscriptions::ActiveModel {
        cancel_at: set(Some(Time(effective))),
        cancel_at_period_end: set(kind != CancellationType::Immediate),
        ..Default::default()
    };
    match kind {
        CancellationType::EndOfPeriod => {}
        CancellationType::Immediate => changes.end_date = set(Some(Time(effective))),
        CancellationType::ScheduledDate => {
            changes.end_date = set(Some(Time(effective)));
            let shortened = subscription.current_period_end.0.min(effective);
            changes.current_period_end = set(Time(shortened.max(subscription.current_period_start.0)));
        }
    }
    changes
}

/// Ends the lines that run past the effective date, and the attachments of addons.
pub(crate) async fn end_now(work: &Work<'_>, subscription: &subscriptions::Model, effective: Timestamp) -> Result<()> {
    let mut listing = Listing::all()
        .equal("subscription_id", subscription.id.as_str())
        .equal("status", Status::Published.as_str());
    let open = |test| Filter {
        field: "end_date".to_owned(),
        test,
    };
    listing
        .any_of
        .push(vec![open(Test::IsNull), open(Test::Greater(effective.into()))]);
    for line in work.rows().list::<subscription_line_items::Entity>(&listing).await? {
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
    addons::end_with_subscription(work, &subscription.id, effective).await
}
