-- The foundation: who may touch what, customers, the catalog, subscriptions, invoices, the outbox.
--
-- {time}, {decimal} and {json} stand for TIMESTAMPTZ, NUMERIC and JSONB on PostgreSQL; SQLite keeps all three as text,
-- because it has no exact decimal type.

CREATE TABLE tenants (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    operational_state TEXT NOT NULL,
    billing_details {json},
    metadata {json},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL
);

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    type TEXT NOT NULL,
    email TEXT NOT NULL,
    -- What uniqueness and login compare. Made by the server: databases disagree about letters outside ASCII.
    email_lowercase TEXT NOT NULL,
    name TEXT NOT NULL,
    roles {json} NOT NULL,
    metadata {json},
    password_hash TEXT,
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
-- E-mail is unique over all tenants, whatever its letter case (spec 01 B6).
CREATE UNIQUE INDEX users_email ON users (email_lowercase) WHERE status = 'published' AND email_lowercase <> '';
CREATE INDEX users_tenant ON users (tenant_id, created_at, id);

CREATE TABLE environments (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    test_clock_at {time},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE INDEX environments_tenant ON environments (tenant_id, created_at, id);

CREATE TABLE secrets (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    key_hash TEXT NOT NULL UNIQUE,
    display_id TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    user_type TEXT NOT NULL,
    roles {json} NOT NULL,
    expires_at {time},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE INDEX secrets_listing ON secrets (tenant_id, environment_id, created_at, id);
CREATE INDEX secrets_owner ON secrets (tenant_id, user_id);

CREATE TABLE settings (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    -- Empty for settings of the whole tenant.
    environment_id TEXT NOT NULL,
    key TEXT NOT NULL,
    value {json} NOT NULL,
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE UNIQUE INDEX settings_key ON settings (tenant_id, environment_id, key) WHERE status = 'published';

CREATE TABLE customers (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    external_id TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    contact TEXT,
    address_line1 TEXT NOT NULL,
    address_line2 TEXT NOT NULL,
    address_city TEXT NOT NULL,
    address_state TEXT NOT NULL,
    address_postal_code TEXT NOT NULL,
    address_country TEXT NOT NULL,
    timezone TEXT NOT NULL,
    metadata {json},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE UNIQUE INDEX customers_external_id ON customers (tenant_id, environment_id, external_id) WHERE status = 'published';
CREATE INDEX customers_listing ON customers (tenant_id, environment_id, created_at, id);
CREATE INDEX customers_email ON customers (tenant_id, environment_id, email);

CREATE TABLE connections (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    name TEXT NOT NULL,
    provider_type TEXT NOT NULL,
    metadata {json},
    sync_config {json},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
-- One live connection per provider; storage may have many (spec 07 §2.6).
CREATE UNIQUE INDEX connections_provider ON connections (tenant_id, environment_id, provider_type) WHERE status = 'published' AND provider_type <> 's3';
CREATE INDEX connections_listing ON connections (tenant_id, environment_id, created_at, id);

CREATE TABLE integration_links (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    entity_type TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    provider_type TEXT NOT NULL,
    provider_entity_id TEXT NOT NULL,
    metadata {json},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE UNIQUE INDEX integration_links_provider ON integration_links (tenant_id, environment_id, entity_type, entity_id, provider_type) WHERE status = 'published';

CREATE TABLE groups (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    name TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    lookup_key TEXT NOT NULL,
    metadata {json},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE UNIQUE INDEX groups_lookup_key ON groups (tenant_id, environment_id, lookup_key) WHERE status = 'published' AND lookup_key <> '';

CREATE TABLE meters (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    name TEXT NOT NULL,
    event_name TEXT NOT NULL,
    aggregation {json} NOT NULL,
    filters {json} NOT NULL,
    -- What the meter recorded from which moment of the server on; recording is not retroactive (spec 02 §4.1).
    recording {json} NOT NULL,
    reset_usage TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE INDEX meters_listing ON meters (tenant_id, environment_id, created_at, id);
CREATE INDEX meters_event_name ON meters (tenant_id, environment_id, event_name);

CREATE TABLE features (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    name TEXT NOT NULL,
    lookup_key TEXT NOT NULL,
    description TEXT NOT NULL,
    type TEXT NOT NULL,
    meter_id TEXT REFERENCES meters (id),
    unit_singular TEXT NOT NULL,
    unit_plural TEXT NOT NULL,
    reporting_unit {json},
    alert_settings {json},
    group_id TEXT REFERENCES groups (id),
    metadata {json},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE UNIQUE INDEX features_lookup_key ON features (tenant_id, environment_id, lookup_key) WHERE status = 'published' AND lookup_key <> '';
CREATE INDEX features_listing ON features (tenant_id, environment_id, created_at, id);
CREATE INDEX features_meter ON features (meter_id);

CREATE TABLE plans (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    name TEXT NOT NULL,
    lookup_key TEXT NOT NULL,
    description TEXT NOT NULL,
    display_order BIGINT NOT NULL,
    metadata {json},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE UNIQUE INDEX plans_lookup_key ON plans (tenant_id, environment_id, lookup_key) WHERE status = 'published' AND lookup_key <> '';
CREATE INDEX plans_listing ON plans (tenant_id, environment_id, created_at, id);

CREATE TABLE price_units (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    name TEXT NOT NULL,
    code TEXT NOT NULL,
    symbol TEXT NOT NULL,
    base_currency TEXT NOT NULL,
    conversion_rate {decimal} NOT NULL,
    metadata {json},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE UNIQUE INDEX price_units_code ON price_units (tenant_id, environment_id, code) WHERE status = 'published';
CREATE INDEX price_units_listing ON price_units (tenant_id, environment_id, created_at, id);

CREATE TABLE prices (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    entity_type TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    amount {decimal} NOT NULL,
    currency TEXT NOT NULL,
    display_name TEXT NOT NULL,
    description TEXT NOT NULL,
    lookup_key TEXT NOT NULL,
    type TEXT NOT NULL,
    price_unit_type TEXT NOT NULL,
    price_unit_id TEXT REFERENCES price_units (id),
    price_unit TEXT,
    price_unit_symbol TEXT NOT NULL,
    price_unit_amount {decimal},
    price_unit_tiers {json},
    conversion_rate {decimal},
    billing_period TEXT NOT NULL,
    billing_period_count BIGINT NOT NULL,
    billing_model TEXT NOT NULL,
    billing_cadence TEXT NOT NULL,
    invoice_cadence TEXT NOT NULL,
    trial_period_days BIGINT NOT NULL,
    tier_mode TEXT,
    tiers {json},
    transform_quantity {json} NOT NULL,
    meter_id TEXT REFERENCES meters (id),
    min_quantity {decimal},
    group_id TEXT REFERENCES groups (id),
    parent_price_id TEXT NOT NULL,
    start_date {time} NOT NULL,
    end_date {time},
    sequence BIGINT NOT NULL,
    metadata {json},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE UNIQUE INDEX prices_lookup_key ON prices (tenant_id, environment_id, lookup_key) WHERE status = 'published' AND lookup_key <> '' AND end_date IS NULL;
CREATE INDEX prices_listing ON prices (tenant_id, environment_id, created_at, id);
CREATE INDEX prices_entity ON prices (tenant_id, environment_id, entity_id, entity_type);
CREATE INDEX prices_meter ON prices (tenant_id, environment_id, meter_id);

CREATE TABLE entitlements (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    entity_type TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    feature_id TEXT NOT NULL REFERENCES features (id),
    feature_type TEXT NOT NULL,
    is_enabled BOOLEAN NOT NULL,
    usage_limit BIGINT,
    usage_reset_period TEXT,
    is_soft_limit BOOLEAN NOT NULL,
    static_value TEXT NOT NULL,
    config_value {json},
    display_order BIGINT NOT NULL,
    parent_entitlement_id TEXT,
    start_date {time},
    end_date {time},
    aggregation_mode TEXT,
    grant_config {json},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE UNIQUE INDEX entitlements_feature ON entitlements (tenant_id, environment_id, entity_type, entity_id, feature_id)
    WHERE status = 'published' AND entity_type <> 'SUBSCRIPTION' AND (aggregation_mode IS NULL OR aggregation_mode <> 'parallel');
CREATE INDEX entitlements_listing ON entitlements (tenant_id, environment_id, created_at, id);
CREATE INDEX entitlements_entity ON entitlements (tenant_id, environment_id, entity_id);
CREATE INDEX entitlements_of_feature ON entitlements (tenant_id, environment_id, feature_id);

CREATE TABLE coupons (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    name TEXT NOT NULL,
    coupon_code TEXT NOT NULL,
    type TEXT NOT NULL,
    amount_off {decimal},
    percentage_off {decimal},
    currency TEXT NOT NULL,
    cadence TEXT NOT NULL,
    duration_in_periods BIGINT,
    redeem_after {time},
    redeem_before {time},
    max_redemptions BIGINT,
    total_redemptions BIGINT NOT NULL,
    rules {json},
    metadata {json},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE UNIQUE INDEX coupons_code ON coupons (tenant_id, environment_id, coupon_code) WHERE status = 'published' AND coupon_code <> '';
CREATE INDEX coupons_listing ON coupons (tenant_id, environment_id, created_at, id);

CREATE TABLE subscriptions (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    plan_id TEXT NOT NULL REFERENCES plans (id),
    invoicing_customer_id TEXT REFERENCES customers (id),
    parent_subscription_id TEXT REFERENCES subscriptions (id),
    lookup_key TEXT NOT NULL,
    subscription_status TEXT NOT NULL,
    subscription_type TEXT NOT NULL,
    currency TEXT NOT NULL,
    billing_period TEXT NOT NULL,
    billing_period_count BIGINT NOT NULL,
    billing_cycle TEXT NOT NULL,
    billing_anchor {time} NOT NULL,
    start_date {time} NOT NULL,
    end_date {time},
    current_period_start {time} NOT NULL,
    current_period_end {time} NOT NULL,
    timezone TEXT NOT NULL,
    collection_method TEXT NOT NULL,
    payment_behavior TEXT NOT NULL,
    payment_terms TEXT,
    proration_behavior TEXT NOT NULL,
    commitment_amount {decimal},
    overage_factor {decimal},
    commitment_duration TEXT,
    enable_true_up BOOLEAN NOT NULL,
    auto_invoice_threshold {decimal},
    cancel_at {time},
    cancel_at_period_end BOOLEAN NOT NULL,
    cancelled_at {time},
    trial_start {time},
    trial_end {time},
    pause_status TEXT NOT NULL,
    active_pause_id TEXT,
    synced_price_sequence BIGINT NOT NULL,
    gateway_payment_method_id TEXT,
    metadata {json},
    version BIGINT NOT NULL,
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE INDEX subscriptions_listing ON subscriptions (tenant_id, environment_id, created_at, id);
CREATE INDEX subscriptions_customer ON subscriptions (tenant_id, environment_id, customer_id);
CREATE INDEX subscriptions_plan ON subscriptions (tenant_id, environment_id, plan_id);
-- The renewal job asks for active subscriptions whose period has ended.
CREATE INDEX subscriptions_due ON subscriptions (current_period_end) WHERE status = 'published' AND subscription_status = 'active';

CREATE TABLE subscription_line_items (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    entity_type TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    plan_display_name TEXT NOT NULL,
    price_id TEXT NOT NULL REFERENCES prices (id),
    price_type TEXT NOT NULL,
    price_unit_id TEXT,
    price_unit TEXT,
    meter_id TEXT REFERENCES meters (id),
    meter_display_name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    quantity {decimal} NOT NULL,
    currency TEXT NOT NULL,
    billing_period TEXT NOT NULL,
    billing_period_count BIGINT NOT NULL,
    invoice_cadence TEXT NOT NULL,
    trial_period_days BIGINT NOT NULL,
    start_date {time} NOT NULL,
    end_date {time},
    -- Creation order inside the subscription; invoices keep it.
    position BIGINT NOT NULL,
    metadata {json},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE INDEX subscription_line_items_subscription ON subscription_line_items (subscription_id, position);
CREATE INDEX subscription_line_items_listing ON subscription_line_items (tenant_id, environment_id, created_at, id);

CREATE TABLE coupon_associations (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    coupon_id TEXT NOT NULL REFERENCES coupons (id),
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    subscription_line_item_id TEXT REFERENCES subscription_line_items (id),
    subscription_phase_id TEXT,
    start_date {time} NOT NULL,
    end_date {time},
    metadata {json},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE INDEX coupon_associations_listing ON coupon_associations (tenant_id, environment_id, created_at, id);
CREATE INDEX coupon_associations_subscription ON coupon_associations (subscription_id, start_date, id);

CREATE TABLE invoices (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    subscription_id TEXT REFERENCES subscriptions (id),
    subscription_customer_id TEXT REFERENCES customers (id),
    invoice_type TEXT NOT NULL,
    invoice_status TEXT NOT NULL,
    payment_status TEXT NOT NULL,
    billing_reason TEXT NOT NULL,
    billing_period TEXT NOT NULL,
    billing_sequence BIGINT,
    currency TEXT NOT NULL,
    subtotal {decimal} NOT NULL,
    total_discount {decimal} NOT NULL,
    total_prepaid_credits_applied {decimal} NOT NULL,
    total_tax {decimal} NOT NULL,
    total {decimal} NOT NULL,
    adjustment_amount {decimal} NOT NULL,
    refunded_amount {decimal} NOT NULL,
    amount_due {decimal} NOT NULL,
    amount_paid {decimal} NOT NULL,
    amount_remaining {decimal} NOT NULL,
    invoice_number TEXT NOT NULL,
    description TEXT NOT NULL,
    idempotency_key TEXT,
    issue_date {time} NOT NULL,
    due_date {time},
    period_start {time},
    period_end {time},
    last_computed_at {time},
    finalized_at {time},
    voided_at {time},
    paid_at {time},
    is_manually_edited BOOLEAN NOT NULL,
    recalculated_invoice_id TEXT,
    invoice_pdf_url TEXT,
    -- When the worker takes the next step (compute, then finalize) with a draft; NULL when nothing waits.
    process_at {time},
    metadata {json},
    version BIGINT NOT NULL,
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE UNIQUE INDEX invoices_number ON invoices (tenant_id, environment_id, invoice_number) WHERE invoice_number <> '';
CREATE UNIQUE INDEX invoices_idempotency ON invoices (tenant_id, environment_id, idempotency_key) WHERE status = 'published' AND invoice_status <> 'VOIDED' AND idempotency_key IS NOT NULL;
-- At most one living invoice for a subscription, period and reason (spec 05 §5.10).
CREATE UNIQUE INDEX invoices_period ON invoices (subscription_id, period_start, period_end, billing_reason)
    WHERE status = 'published' AND invoice_status <> 'VOIDED' AND invoice_type = 'SUBSCRIPTION';
CREATE INDEX invoices_listing ON invoices (tenant_id, environment_id, created_at, id);
-- Computing an invoice looks at the others of its subscription.
CREATE INDEX invoices_subscription ON invoices (tenant_id, environment_id, subscription_id);
CREATE INDEX invoices_customer ON invoices (tenant_id, environment_id, customer_id);
-- The worker asks for drafts whose next step is due.
CREATE INDEX invoices_due ON invoices (process_at) WHERE process_at IS NOT NULL;

CREATE TABLE invoice_line_items (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    invoice_id TEXT NOT NULL REFERENCES invoices (id),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    subscription_id TEXT REFERENCES subscriptions (id),
    subscription_line_item_id TEXT REFERENCES subscription_line_items (id),
    entity_type TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    plan_display_name TEXT NOT NULL,
    price_id TEXT,
    price_type TEXT,
    meter_id TEXT,
    meter_display_name TEXT NOT NULL,
    price_unit_id TEXT,
    price_unit TEXT,
    price_unit_amount {decimal},
    display_name TEXT NOT NULL,
    amount {decimal} NOT NULL,
    quantity {decimal} NOT NULL,
    adjusted_entitlement_quantity {decimal},
    currency TEXT NOT NULL,
    line_item_discount {decimal} NOT NULL,
    invoice_level_discount {decimal} NOT NULL,
    prepaid_credits_applied {decimal} NOT NULL,
    commitment_info {json},
    period_start {time},
    period_end {time},
    parent_line_item_id TEXT,
    -- Creation order inside the invoice (spec 05 Q23).
    position BIGINT NOT NULL,
    metadata {json},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE INDEX invoice_line_items_invoice ON invoice_line_items (invoice_id, position);
CREATE INDEX invoice_line_items_billed ON invoice_line_items (subscription_id, price_id, period_start);

CREATE TABLE coupon_applications (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    coupon_id TEXT NOT NULL REFERENCES coupons (id),
    coupon_association_id TEXT REFERENCES coupon_associations (id),
    invoice_id TEXT NOT NULL REFERENCES invoices (id),
    invoice_line_item_id TEXT REFERENCES invoice_line_items (id),
    subscription_id TEXT REFERENCES subscriptions (id),
    currency TEXT NOT NULL,
    discount_type TEXT NOT NULL,
    discount_percentage {decimal} NOT NULL,
    original_price {decimal} NOT NULL,
    discounted_amount {decimal} NOT NULL,
    final_price {decimal} NOT NULL,
    coupon_snapshot {json} NOT NULL,
    applied_at {time} NOT NULL,
    -- Order of application on the invoice.
    position BIGINT NOT NULL,
    metadata {json},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE INDEX coupon_applications_invoice ON coupon_applications (invoice_id, position);
CREATE INDEX coupon_applications_association ON coupon_applications (coupon_association_id);

CREATE TABLE tax_rates (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    name TEXT NOT NULL,
    code TEXT NOT NULL,
    description TEXT NOT NULL,
    tax_rate_type TEXT NOT NULL,
    -- The one that the type asks for.
    percentage_value {decimal},
    fixed_value {decimal},
    scope TEXT NOT NULL,
    tax_rate_status TEXT NOT NULL,
    metadata {json},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE UNIQUE INDEX tax_rates_code ON tax_rates (tenant_id, environment_id, code) WHERE status = 'published';
CREATE INDEX tax_rates_listing ON tax_rates (tenant_id, environment_id, created_at, id);

CREATE TABLE tax_associations (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    tax_rate_id TEXT NOT NULL REFERENCES tax_rates (id),
    entity_type TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    priority BIGINT NOT NULL,
    auto_apply BOOLEAN NOT NULL,
    currency TEXT NOT NULL,
    start_date {time} NOT NULL,
    end_date {time},
    metadata {json},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE INDEX tax_associations_listing ON tax_associations (tenant_id, environment_id, created_at, id);
CREATE INDEX tax_associations_entity ON tax_associations (tenant_id, environment_id, entity_id, entity_type);
CREATE INDEX tax_associations_rate ON tax_associations (tax_rate_id);

CREATE TABLE taxes_applied (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    tax_rate_id TEXT NOT NULL REFERENCES tax_rates (id),
    tax_association_id TEXT REFERENCES tax_associations (id),
    entity_type TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    taxable_amount {decimal} NOT NULL,
    tax_amount {decimal} NOT NULL,
    currency TEXT NOT NULL,
    applied_at {time} NOT NULL,
    metadata {json},
    status TEXT NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    created_by TEXT NOT NULL,
    updated_by TEXT NOT NULL
);
-- One record for a rate and an invoice, updated in place (spec 05 §5.7).
CREATE UNIQUE INDEX taxes_applied_once ON taxes_applied (entity_id, entity_type, tax_rate_id) WHERE status = 'published';
CREATE INDEX taxes_applied_rate ON taxes_applied (tax_rate_id);

-- Counters that never go back: invoice numbers per date, billing sequences per subscription, price sequences.
CREATE TABLE counters (
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    name TEXT NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, environment_id, name)
);

-- State changes and the events they cause commit together; delivery reads from here.
CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL,
    event_name TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    payload {json} NOT NULL,
    user_id TEXT NOT NULL,
    created_at {time} NOT NULL,
    published_at {time}
);
CREATE INDEX outbox_pending ON outbox (created_at, id) WHERE published_at IS NULL;
CREATE INDEX outbox_entity ON outbox (tenant_id, environment_id, entity_id);
