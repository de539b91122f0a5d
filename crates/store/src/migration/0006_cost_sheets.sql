-- Cost sheets: the seller's own rates (spec 03 §3.9). The rates are prices whose owner is the cost sheet.

CREATE TABLE costsheets (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    lookup_key TEXT NOT NULL,
    metadata {json},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE UNIQUE INDEX costsheets_name ON costsheets (tenant_id, environment_id, name) WHERE status = 'published';
CREATE UNIQUE INDEX costsheets_lookup_key ON costsheets (tenant_id, environment_id, lookup_key) WHERE status = 'published' AND lookup_key <> '';
CREATE INDEX costsheets_listing ON costsheets (tenant_id, environment_id, created_at, id);
