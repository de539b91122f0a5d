//! `/v1/audit-logs`: who changed what. There is no way to change or remove an entry.

use tariff_contract::audit_logs::{AuditLogFilter, ListAuditLogsResponse};
use tariff_engine::access::roles::Entity;

use crate::answer::{Answer, Result};
use crate::api::{Api, Call};
use crate::gate::Access::Read;
use crate::input::{Body, Query};

pub(super) fn register(api: Api) -> Api {
    let read = Read(Entity::AuditLog);
    api.tag("Audit Logs")
        .get("/v1/audit-logs", read, "listAuditLogs", "List changes", list)
        .post("/v1/audit-logs/search", read, "queryAuditLog", "Search changes", search)
}

async fn list(call: Call, Query(filter): Query<AuditLogFilter>) -> Result<Answer<ListAuditLogsResponse>> {
    Ok(Answer(call.engine.list_audit_logs(&call.context, filter).await?))
}

async fn search(call: Call, Body(filter): Body<AuditLogFilter>) -> Result<Answer<ListAuditLogsResponse>> {
    Ok(Answer(call.engine.list_audit_logs(&call.context, filter).await?))
}
