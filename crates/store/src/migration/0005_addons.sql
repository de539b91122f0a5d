-- Addons, and their attachments to subscriptions.

CREATE TABLE addons (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    name TEXT NOT NULL,
    lookup_key TEXT NOT NULL,
    description TEXT NOT NULL,
    metadata {json},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE UNIQUE INDEX addons_lookup_key ON addons (tenant_id, environment_id, lookup_key) WHERE status = 'published' AND lookup_key <> '';
CREATE INDEX addons_listing ON addons (tenant_id, environment_id, created_at, id);

CREATE TABLE addon_associations (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    addon_id TEXT NOT NULL REFERENCES addons (id),
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    addon_status TEXT NOT NULL,
    start_date {time} NOT NULL,
    end_date {time},
    cancelled_at {time},
    cancellation_reason TEXT NOT NULL,
    metadata {json},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE INDEX addon_associations_subscription ON addon_associations (subscription_id, start_date, id);
-- An addon that is attached cannot be archived.
CREATE INDEX addon_associations_addon ON addon_associations (addon_id);

-- The attachment a line comes from; NULL on lines of a plan.
ALTER TABLE subscription_line_items ADD COLUMN addon_association_id TEXT REFERENCES addon_associations (id);
CREATE INDEX subscription_line_items_association ON subscription_line_items (addon_association_id) WHERE addon_association_id IS NOT NULL;
CREATE INDEX subscription_line_items_entity ON subscription_line_items (tenant_id, environment_id, entity_id);
