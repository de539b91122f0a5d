//! Reading the audit log, and forgetting what is older than the deployment keeps. It is written by the store itself, with
//! every change: nothing here can forget to.

use tariff_contract::audit_logs::{AuditLogFilter, AuditLogResponse, ListAuditLogsResponse};
use tariff_contract::{DateTime, Pagination};
use tariff_core::{Scope, SignedDuration};
use tariff_store::audit::retention;
use tariff_store::entity::audit_logs;

use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::listing::{self, DefaultStatus, TimeRange};
use crate::records::Narrow;

impl Engine {
    /// The changes that match, newest first: of records of the caller's environment or, when the filter asks for that
    /// level, of those of the whole tenant.
    ///
    /// # Errors
    /// `validation_error` for bad paging, filters or sort keys.
    pub async fn list_audit_logs(&self, context: &Context, filter: AuditLogFilter) -> Result<ListAuditLogsResponse> {
        filter.validate()?;
        let options = filter.list_options()?;
        let scope = match filter.level.as_deref() {
            Some("tenant") => Scope::new(context.tenant_id(), ""),
            _ => context.scope.clone(),
        };
        let listing = listing::of(&options, DefaultStatus::Any, TimeRange::On("created_at"))
            .equal_if("action", filter.action)
            .equal_if("actor_type", filter.actor_type)
            .equal_if("api_key_id", filter.api_key_id)
            .equal_if("entity_id", filter.entity_id)
            .equal_if("entity_type", filter.entity_type)
            .equal_if("request_id", filter.request_id)
            .equal_if("user_id", filter.user_id);
        let session = self.read();
        let (entries, total) = session.scoped(&scope).page::<audit_logs::Entity>(&listing).await?;
        Ok(ListAuditLogsResponse {
            items: entries.into_iter().map(response).collect(),
            pagination: Pagination::next(total, options.limit, options.offset),
        })
    }

    /// Removes at most `limit` entries that are older than the deployment keeps them, of all tenants, the oldest first.
    ///
    /// # Errors
    /// `database_error`.
    pub async fn forget_old_changes(&self, limit: u64) -> Result<u64> {
        let kept_for = self.config().audit_log_retention;
        let kept_for = kept_for.and_then(|kept_for| SignedDuration::try_from(kept_for).ok());
        // Longer than the calendar goes back is for ever.
        let horizon = kept_for.and_then(|kept_for| self.server_now().checked_sub(kept_for).ok());
        let Some(horizon) = horizon else { return Ok(0) };
        if !retention::any_before(&self.read(), horizon).await? {
            return Ok(0);
        }
        let unit = self.store().begin_unit().await?;
        let forgotten = retention::forget_before(&unit.read(), horizon, limit).await?;
        unit.commit().await?;
        Ok(forgotten)
    }
}

fn response(entry: audit_logs::Model) -> AuditLogResponse {
    AuditLogResponse {
        id: entry.id,
        action: entry.action.0,
        entity_type: entry.entity_type,
        entity_id: entry.entity_id,
        actor_type: entry.actor_type.0,
        user_id: entry.user_id,
        api_key_id: entry.api_key_id,
        request_id: entry.request_id,
        before: entry.before.map(|state| state.0),
        after: entry.after.map(|state| state.0),
        tenant_id: entry.tenant_id,
        environment_id: Some(entry.environment_id).filter(|id| !id.is_empty()),
        effective_at: DateTime(entry.effective_at.0),
        created_at: DateTime(entry.created_at.0),
    }
}
