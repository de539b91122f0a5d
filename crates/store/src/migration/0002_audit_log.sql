-- Who changed what: one entry for each record that a transaction changes, written by that transaction.

CREATE TABLE audit_logs (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    -- Empty for records of the whole tenant.
    environment_id TEXT NOT NULL,
    action TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    actor_type TEXT NOT NULL,
    user_id TEXT NOT NULL,
    api_key_id TEXT,
    request_id TEXT,
    before {json},
    after {json},
    -- The environment's time, which a test clock may set.
    effective_at {time} NOT NULL,
    -- The server's time.
    created_at {time} NOT NULL
);
CREATE INDEX audit_logs_listing ON audit_logs (tenant_id, environment_id, created_at, id);
CREATE INDEX audit_logs_entity ON audit_logs (tenant_id, environment_id, entity_type, entity_id, created_at, id);
CREATE INDEX audit_logs_entity_id ON audit_logs (tenant_id, environment_id, entity_id, created_at, id);
CREATE INDEX audit_logs_user ON audit_logs (tenant_id, environment_id, user_id, created_at, id);

{append_only audit_logs}
