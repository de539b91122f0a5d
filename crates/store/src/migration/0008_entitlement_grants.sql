-- Time-boxed allowances that grant-configured entitlements opened (spec 03 §3.6).

CREATE TABLE entitlement_grants (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    -- The configuration; the meter and the measure are those of the time when the window was opened.
    entitlement_id TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    scope TEXT NOT NULL,
    feature_id TEXT NOT NULL,
    meter_id TEXT NOT NULL,
    measure TEXT NOT NULL,
    quota {decimal} NOT NULL,
    -- As of the last evaluation that changed the record.
    usage {decimal} NOT NULL,
    valid_from {time} NOT NULL,
    valid_to {time} NOT NULL,
    grant_status TEXT NOT NULL,
    quota_crossed_at {time},
    -- When the usage of the whole window was measured.
    closed_at {time},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE UNIQUE INDEX entitlement_grants_window ON entitlement_grants (entitlement_id, customer_id, subscription_id, valid_from);
CREATE INDEX entitlement_grants_subscription ON entitlement_grants (subscription_id, valid_to);
CREATE INDEX entitlement_grants_open ON entitlement_grants (tenant_id, environment_id, valid_to) WHERE closed_at IS NULL;
CREATE INDEX entitlements_grant_owner ON entitlements (entity_id) WHERE grant_config IS NOT NULL;
