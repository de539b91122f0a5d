-- Requests that were carried out under an idempotency key, with their answers. A row commits with what its request
-- changed, so a key without a row has changed nothing.

CREATE TABLE idempotency_keys (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    -- Empty for requests without an environment.
    environment_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    key TEXT NOT NULL,
    -- Hash of method, path, query and body.
    fingerprint TEXT NOT NULL,
    -- HTTP status; 0 while the request is carried out, which only its own transaction sees.
    status BIGINT NOT NULL,
    -- NULL when the answer may not be kept.
    body TEXT,
    created_at {time} NOT NULL,
    expires_at {time} NOT NULL
);
CREATE UNIQUE INDEX idempotency_keys_key ON idempotency_keys (tenant_id, environment_id, user_id, key);
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at, id);
