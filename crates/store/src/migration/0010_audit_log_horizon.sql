-- Entries of the audit log may be taken out once they are older than the deployment keeps them. The one row tells before
-- when; without it none may.

CREATE TABLE audit_log_horizon (
    id TEXT PRIMARY KEY CHECK (id = 'horizon'),
    removable_before {time} NOT NULL
);
-- The worker asks for the oldest entries of all tenants.
CREATE INDEX audit_logs_age ON audit_logs (created_at, id);

{removable_before_horizon audit_logs}
