//! What follows the storage of events, where somebody asked for it: reports of events that no meter records, and
//! customers of events that nobody has yet (spec 02 §3.3).
//!
//! By then the events are stored. Whatever goes wrong here is logged and does not touch them.

use std::time::Duration;

use tariff_usage::Event;

use super::measuring::Measuring;
use super::onboarding::Onboarding;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;

/// What is asked for in an environment; most ask for nothing.
pub(super) struct FollowUp {
    onboarding: Option<Onboarding>,
    /// How often a rejected event name may be reported.
    rejection_window: Option<Duration>,
}

impl FollowUp {
    /// Whether nothing follows.
    pub(super) fn is_nothing(&self) -> bool {
        self.onboarding.is_none() && self.rejection_window.is_none()
    }
}

impl Engine {
    /// What follows the storage of this environment's events.
    pub(super) async fn follow_up_of(&self, context: &Context) -> FollowUp {
        FollowUp {
            onboarding: self.onboarding_of(context).await,
            rejection_window: self.config().rejected_event_window,
        }
    }

    /// Does what follows the storage of these events.
    pub(super) async fn follow_up(&self, context: &Context, follow_up: FollowUp, stored: &[Event]) {
        if let Err(error) = self.try_follow_up(context, follow_up, stored).await {
            tracing::warn!(%error, "what follows the storage of events failed");
        }
    }

    async fn try_follow_up(&self, context: &Context, follow_up: FollowUp, stored: &[Event]) -> Result<()> {
        let newcomers = match &follow_up.onboarding {
            Some(_) => self.unknown_customers(context, stored).await?,
            None => Vec::new(),
        };
        let concerned: Vec<&Event> = match follow_up.rejection_window {
            Some(_) => stored.iter().collect(),
            None => newcomers.clone(),
        };
        let session = self.read();
        let measuring = Measuring::of(&session.scoped(&context.scope), &concerned).await?;
        drop(session);
        if let Some(window) = follow_up.rejection_window {
            self.report_rejections(context, window, &measuring, stored).await?;
        }
        if let Some(onboarding) = follow_up.onboarding {
            self.create_customers_of(context, onboarding, &measuring, &newcomers)
                .await?;
        }
        Ok(())
    }
}
