//! The worker: what happens because time passes (spec 05 §5.22).
//!
//! Due work is derived from state, so a job may die anywhere and run again. Each step is one transaction that locks
//! its record and looks again whether the work is still to be done; two workers never do it twice. What happens because
//! somebody asked for it is the business of `jobs`, and runs beside it.

mod background;
mod drafts;
mod grants;
mod renewal;
mod test_clock;

pub use background::run;

use std::sync::Arc;

use tariff_core::{Clock, Scope, SignedDuration};

use crate::context::{Context, Credential, UserKind};

/// How long a draft waits after its period's end for late events, before it is computed (spec 05 §5.22).
pub(crate) const LATE_EVENTS_WAIT: SignedDuration = SignedDuration::from_mins(15);

/// The user that the worker acts as.
const WORKER_USER_ID: &str = "system";

/// The worker's context in a scope.
pub(crate) fn context(scope: Scope, clock: Arc<dyn Clock>) -> Context {
    Context {
        scope,
        user_id: WORKER_USER_ID.to_owned(),
        user_kind: UserKind::ServiceAccount,
        roles: Vec::new(),
        origin: Credential::Worker.into(),
        clock,
    }
}
