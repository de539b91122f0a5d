//! A run in the hands of this process, and the steps it is done in.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tariff_contract::error::ApiError;
use tariff_core::vocabulary::WorkflowStatus;
use tariff_store::StoreError;
use tariff_store::column::{Json, Time};
use tariff_store::entity::job_runs;
use tariff_store::set;
use tokio::sync::watch;

use super::{ATTEMPTS_MAX, LEASE, deadline, later};
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::Error;

/// A run that this process has.
pub(crate) struct Hold {
    pub(crate) engine: Arc<Engine>,
    /// On behalf of whoever asked, in the environment of the run and by its clock.
    pub(crate) context: Context,
    pub(super) run: job_runs::Model,
    /// Tells this holder from all others.
    pub(super) holder: String,
    /// When the lease was last renewed, in milliseconds since the epoch.
    pub(super) renewed_ms: AtomicI64,
    pub(super) stop: watch::Receiver<bool>,
}

/// Why a run does not go on.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The process is to stop; another one goes on.
    Stopping,
    /// Another worker has it.
    Lost,
    /// Its time is over.
    OutOfTime,
    /// It is tried again later.
    Failed(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<ApiError> for Halt {
    fn from(error: ApiError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl Hold {
    /// What is to be done, as it was written when the run was started.
    ///
    /// # Errors
    /// `internal_error` for a row that no start could have written.
    pub(crate) fn input<T: DeserializeOwned>(&self) -> Result<T, Halt> {
        let input = serde_json::from_value(self.run.input.0.clone());
        Ok(input.map_err(ApiError::internal)?)
    }

    /// What is done so far; nothing at the beginning.
    ///
    /// # Errors
    /// As [`Hold::input`].
    pub(crate) fn progress<T: DeserializeOwned + Default>(&self) -> Result<T, Halt> {
        match &self.run.progress {
            None => Ok(T::default()),
            Some(progress) => Ok(serde_json::from_value(progress.0.clone()).map_err(ApiError::internal)?),
        }
    }

    /// Whether the run is given up if it does not get on this time.
    pub(crate) fn is_last_attempt(&self) -> bool {
        self.run.attempts >= ATTEMPTS_MAX
    }

    /// Begins a step: one transaction, which no other worker has beside it.
    ///
    /// # Errors
    /// When the run does not go on.
    pub(crate) async fn step<'a>(&self, context: &'a Context) -> Result<Work<'a>, Halt> {
        if *self.stop.borrow() {
            return Err(Halt::Stopping);
        }
        if deadline(&self.run) <= self.engine.server_now() {
            return Err(Halt::OutOfTime);
        }
        let work = self.engine.begin(context).await?;
        let rows = work.session.scoped(&self.context.scope);
        // Held to the end of the step: whoever wants to take the run over waits, and finds the lease renewed.
        let run = rows.lock::<job_runs::Entity>(&self.run.id).await?;
        if run.is_some_and(|run| self.holds(&run)) {
            Ok(work)
        } else {
            Err(Halt::Lost)
        }
    }

    /// Ends a step: what it has done, what is done so far, and the renewed lease commit together.
    ///
    /// # Errors
    /// `database_error`; then nothing was done.
    pub(crate) async fn advance(&self, work: Work<'_>, progress: &impl Serialize) -> Result<(), Halt> {
        let progress = serde_json::to_value(progress).map_err(ApiError::internal)?;
        let changes = job_runs::ActiveModel {
            progress: set(Some(Json(progress))),
            attempts: set(0),
            ..Default::default()
        };
        self.renew(work, changes).await
    }

    /// Ends a step that found nothing to do. A long row of them renews the lease now and then.
    ///
    /// # Errors
    /// As [`Hold::advance`].
    pub(crate) async fn pass(&self, work: Work<'_>) -> Result<(), Halt> {
        let age_ms = self.engine.server_now().as_millisecond() - self.renewed_ms.load(Ordering::Relaxed);
        if i128::from(age_ms) * 3 < LEASE.as_millis() {
            return Ok(());
        }
        self.renew(work, job_runs::ActiveModel::default()).await
    }

    async fn renew(&self, work: Work<'_>, mut changes: job_runs::ActiveModel) -> Result<(), Halt> {
        // Not the time of the step's beginning, which may lie far back.
        let now = self.engine.server_now();
        changes.lease_until = set(Time(later(now, LEASE)));
        let rows = work.session.scoped(&self.context.scope);
        rows.update::<job_runs::Entity>(&self.run.id, changes).await?;
        work.commit().await?;
        self.renewed_ms.store(now.as_millisecond(), Ordering::Relaxed);
        Ok(())
    }

    /// Whether the row says that this holder has it.
    pub(super) fn holds(&self, run: &job_runs::Model) -> bool {
        run.run_status.0 == WorkflowStatus::Running && run.lease_holder.as_ref() == Some(&self.holder)
    }
}
