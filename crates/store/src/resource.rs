//! Which columns scope a table, and which of its fields may be searched and sorted by (spec 01 A11).

use sea_orm::EntityTrait;
use sea_orm::sea_query::IntoColumnRef;

use crate::entity;
use crate::search::{Field, FieldKind};

/// A table whose rows belong to a tenant.
pub trait TenantResource: EntityTrait<Column: Copy + IntoColumnRef + Send + Sync + 'static> {
    /// The id column.
    const ID: Self::Column;
    /// The tenant column.
    const TENANT: Self::Column;
    /// The creation time column, which orders every list.
    const CREATED_AT: Self::Column;

    /// The closed allow-list of searchable fields.
    fn fields() -> &'static [Field<Self::Column>];
}

/// A table whose rows belong to an environment of a tenant.
pub trait ScopedResource: TenantResource {
    /// The environment column.
    const ENVIRONMENT: Self::Column;
}

/// Declares the scope columns and the searchable fields of a table: `name: Column Kind`.
macro_rules! resource {
    ($table:ident $(, $scoped:ident)?; $($name:literal $column:ident $kind:ident),* $(,)?) => {
        impl TenantResource for entity::$table::Entity {
            const ID: Self::Column = entity::$table::Column::Id;
            const TENANT: Self::Column = entity::$table::Column::TenantId;
            const CREATED_AT: Self::Column = entity::$table::Column::CreatedAt;

            fn fields() -> &'static [Field<Self::Column>] {
                use entity::$table::Column;
                &[
                    ("id", Column::Id, FieldKind::Text),
                    ("created_at", Column::CreatedAt, FieldKind::Time),
                    $(($name, Column::$column, FieldKind::$kind)),*
                ]
            }
        }
        $(resource!(@$scoped $table);)?
    };
    (@scoped $table:ident) => {
        impl ScopedResource for entity::$table::Entity {
            const ENVIRONMENT: Self::Column = entity::$table::Column::EnvironmentId;
        }
    };
}

resource! { addon_associations, scoped;
    "addon_id" AddonId Text,
    "subscription_id" SubscriptionId Text,
    "addon_status" AddonStatus Text,
    "start_date" StartDate Time,
    "end_date" EndDate Time,
    "cancelled_at" CancelledAt Time,
    "metadata" Metadata Map,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { addons, scoped;
    "name" Name Text,
    "lookup_key" LookupKey Text,
    "description" Description Text,
    "metadata" Metadata Map,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { audit_logs, scoped;
    "action" Action Text,
    "entity_type" EntityType Text,
    "entity_id" EntityId Text,
    "actor_type" ActorType Text,
    "user_id" UserId Text,
    "api_key_id" ApiKeyId Text,
    "request_id" RequestId Text,
    "effective_at" EffectiveAt Time,
}

resource! { coupon_applications, scoped;
    "coupon_id" CouponId Text,
    "coupon_association_id" CouponAssociationId Text,
    "invoice_id" InvoiceId Text,
    "invoice_line_item_id" InvoiceLineItemId Text,
    "subscription_id" SubscriptionId Text,
    "position" Position Integer,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { coupon_associations, scoped;
    "coupon_id" CouponId Text,
    "subscription_id" SubscriptionId Text,
    "subscription_line_item_id" SubscriptionLineItemId Text,
    "subscription_phase_id" SubscriptionPhaseId Text,
    "start_date" StartDate Time,
    "end_date" EndDate Time,
    "metadata" Metadata Map,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { coupons, scoped;
    "name" Name Text,
    "coupon_code" CouponCode Text,
    "type" Kind Text,
    "amount_off" AmountOff Decimal,
    "percentage_off" PercentageOff Decimal,
    "currency" Currency Text,
    "cadence" Cadence Text,
    "duration_in_periods" DurationInPeriods Integer,
    "redeem_after" RedeemAfter Time,
    "redeem_before" RedeemBefore Time,
    "max_redemptions" MaxRedemptions Integer,
    "total_redemptions" TotalRedemptions Integer,
    "metadata" Metadata Map,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { customers, scoped;
    "external_id" ExternalId Text,
    "name" Name Text,
    "email" Email Text,
    "contact" Contact Text,
    "address_line1" AddressLine1 Text,
    "address_line2" AddressLine2 Text,
    "address_city" AddressCity Text,
    "address_state" AddressState Text,
    "address_postal_code" AddressPostalCode Text,
    "address_country" AddressCountry Text,
    "timezone" Timezone Text,
    "metadata" Metadata Map,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { connections, scoped;
    "name" Name Text,
    "provider_type" ProviderType Text,
    "metadata" Metadata Map,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { costsheets, scoped;
    "name" Name Text,
    "description" Description Text,
    "lookup_key" LookupKey Text,
    "metadata" Metadata Map,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { entitlement_grants, scoped;
    "entitlement_id" EntitlementId Text,
    "customer_id" CustomerId Text,
    "subscription_id" SubscriptionId Text,
    "feature_id" FeatureId Text,
    "meter_id" MeterId Text,
    "grant_status" GrantStatus Text,
    "valid_from" ValidFrom Time,
    "valid_to" ValidTo Time,
    "closed_at" ClosedAt Time,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
}

resource! { entitlements, scoped;
    "entity_type" EntityType Text,
    "entity_id" EntityId Text,
    "feature_id" FeatureId Text,
    "feature_type" FeatureType Text,
    "is_enabled" IsEnabled Boolean,
    "usage_limit" UsageLimit Integer,
    "usage_reset_period" UsageResetPeriod Text,
    "is_soft_limit" IsSoftLimit Boolean,
    "static_value" StaticValue Text,
    "display_order" DisplayOrder Integer,
    "parent_entitlement_id" ParentEntitlementId Text,
    "start_date" StartDate Time,
    "end_date" EndDate Time,
    "aggregation_mode" AggregationMode Text,
    "grant_config" GrantConfig Map,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { environments;
    "name" Name Text,
    "type" Kind Text,
    "test_clock_at" TestClockAt Time,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { features, scoped;
    "name" Name Text,
    "lookup_key" LookupKey Text,
    "description" Description Text,
    "type" Kind Text,
    "meter_id" MeterId Text,
    "unit_singular" UnitSingular Text,
    "unit_plural" UnitPlural Text,
    "group_id" GroupId Text,
    "metadata" Metadata Map,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { groups, scoped;
    "name" Name Text,
    "entity_type" EntityType Text,
    "lookup_key" LookupKey Text,
    "metadata" Metadata Map,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { integration_links, scoped;
    "entity_type" EntityType Text,
    "entity_id" EntityId Text,
    "provider_type" ProviderType Text,
    "provider_entity_id" ProviderEntityId Text,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { invoice_line_items, scoped;
    "invoice_id" InvoiceId Text,
    "customer_id" CustomerId Text,
    "subscription_id" SubscriptionId Text,
    "subscription_line_item_id" SubscriptionLineItemId Text,
    "entity_type" EntityType Text,
    "entity_id" EntityId Text,
    "plan_display_name" PlanDisplayName Text,
    "price_id" PriceId Text,
    "price_type" PriceType Text,
    "meter_id" MeterId Text,
    "meter_display_name" MeterDisplayName Text,
    "price_unit_id" PriceUnitId Text,
    "price_unit" PriceUnit Text,
    "price_unit_amount" PriceUnitAmount Decimal,
    "display_name" DisplayName Text,
    "amount" Amount Decimal,
    "quantity" Quantity Decimal,
    "adjusted_entitlement_quantity" AdjustedEntitlementQuantity Decimal,
    "currency" Currency Text,
    "line_item_discount" LineItemDiscount Decimal,
    "invoice_level_discount" InvoiceLevelDiscount Decimal,
    "prepaid_credits_applied" PrepaidCreditsApplied Decimal,
    "period_start" PeriodStart Time,
    "period_end" PeriodEnd Time,
    "parent_line_item_id" ParentLineItemId Text,
    "position" Position Integer,
    "metadata" Metadata Map,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { invoices, scoped;
    "customer_id" CustomerId Text,
    "subscription_id" SubscriptionId Text,
    "subscription_customer_id" SubscriptionCustomerId Text,
    "invoice_type" InvoiceType Text,
    "invoice_status" InvoiceStatus Text,
    "payment_status" PaymentStatus Text,
    "billing_reason" BillingReason Text,
    "billing_period" BillingPeriod Text,
    "billing_sequence" BillingSequence Integer,
    "currency" Currency Text,
    "subtotal" Subtotal Decimal,
    "total_discount" TotalDiscount Decimal,
    "total_prepaid_credits_applied" TotalPrepaidCreditsApplied Decimal,
    "total_tax" TotalTax Decimal,
    "total" Total Decimal,
    "adjustment_amount" AdjustmentAmount Decimal,
    "refunded_amount" RefundedAmount Decimal,
    "amount_due" AmountDue Decimal,
    "amount_paid" AmountPaid Decimal,
    "amount_remaining" AmountRemaining Decimal,
    "invoice_number" InvoiceNumber Text,
    "description" Description Text,
    "idempotency_key" IdempotencyKey Text,
    "issue_date" IssueDate Time,
    "due_date" DueDate Time,
    "period_start" PeriodStart Time,
    "period_end" PeriodEnd Time,
    "last_computed_at" LastComputedAt Time,
    "finalized_at" FinalizedAt Time,
    "voided_at" VoidedAt Time,
    "paid_at" PaidAt Time,
    "is_manually_edited" IsManuallyEdited Boolean,
    "recalculated_invoice_id" RecalculatedInvoiceId Text,
    "invoice_pdf_url" InvoicePdfUrl Text,
    "process_at" ProcessAt Time,
    "metadata" Metadata Map,
    "version" Version Integer,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { job_runs, scoped;
    "run_id" Id Text,
    "workflow_id" WorkflowId Text,
    "workflow_type" WorkflowType Text,
    "workflow_status" RunStatus Text,
    "task_queue" TaskQueue Text,
    "entity" EntityType Text,
    "entity_type" EntityType Text,
    "entity_id" EntityId Text,
    "start_time" CreatedAt Time,
    "close_time" ClosedAt Time,
    "created_by" CreatedBy Text,
}

resource! { meters, scoped;
    "name" Name Text,
    "event_name" EventName Text,
    "reset_usage" ResetUsage Text,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { outbox, scoped;
    "event_name" EventName Text,
    "entity_type" EntityType Text,
    "entity_id" EntityId Text,
    "user_id" UserId Text,
    "published_at" PublishedAt Time,
}

resource! { plans, scoped;
    "name" Name Text,
    "lookup_key" LookupKey Text,
    "description" Description Text,
    "display_order" DisplayOrder Integer,
    "metadata" Metadata Map,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { price_units, scoped;
    "name" Name Text,
    "code" Code Text,
    "symbol" Symbol Text,
    "base_currency" BaseCurrency Text,
    "conversion_rate" ConversionRate Decimal,
    "metadata" Metadata Map,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { prices, scoped;
    "entity_type" EntityType Text,
    "entity_id" EntityId Text,
    "amount" Amount Decimal,
    "value" Amount Decimal,
    "currency" Currency Text,
    "display_name" DisplayName Text,
    "description" Description Text,
    "lookup_key" LookupKey Text,
    "type" Kind Text,
    "price_unit_type" PriceUnitType Text,
    "price_unit_id" PriceUnitId Text,
    "price_unit" PriceUnit Text,
    "price_unit_amount" PriceUnitAmount Decimal,
    "conversion_rate" ConversionRate Decimal,
    "billing_period" BillingPeriod Text,
    "billing_period_count" BillingPeriodCount Integer,
    "billing_model" BillingModel Text,
    "billing_cadence" BillingCadence Text,
    "invoice_cadence" InvoiceCadence Text,
    "trial_period_days" TrialPeriodDays Integer,
    "tier_mode" TierMode Text,
    "meter_id" MeterId Text,
    "min_quantity" MinQuantity Decimal,
    "group_id" GroupId Text,
    "parent_price_id" ParentPriceId Text,
    "start_date" StartDate Time,
    "end_date" EndDate Time,
    "sequence" Sequence Integer,
    "metadata" Metadata Map,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { secrets, scoped;
    "name" Name Text,
    "type" Kind Text,
    "display_id" DisplayId Text,
    "user_id" UserId Text,
    "user_type" UserType Text,
    "expires_at" ExpiresAt Time,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { settings, scoped;
    "key" Key Text,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { subscription_line_items, scoped;
    "subscription_id" SubscriptionId Text,
    "customer_id" CustomerId Text,
    "entity_type" EntityType Text,
    "entity_id" EntityId Text,
    "plan_display_name" PlanDisplayName Text,
    "price_id" PriceId Text,
    "price_type" PriceType Text,
    "price_unit_id" PriceUnitId Text,
    "price_unit" PriceUnit Text,
    "meter_id" MeterId Text,
    "meter_display_name" MeterDisplayName Text,
    "display_name" DisplayName Text,
    "quantity" Quantity Decimal,
    "currency" Currency Text,
    "billing_period" BillingPeriod Text,
    "billing_period_count" BillingPeriodCount Integer,
    "invoice_cadence" InvoiceCadence Text,
    "trial_period_days" TrialPeriodDays Integer,
    "start_date" StartDate Time,
    "end_date" EndDate Time,
    "addon_association_id" AddonAssociationId Text,
    "position" Position Integer,
    "metadata" Metadata Map,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { subscriptions, scoped;
    "customer_id" CustomerId Text,
    "plan_id" PlanId Text,
    "invoicing_customer_id" InvoicingCustomerId Text,
    "parent_subscription_id" ParentSubscriptionId Text,
    "lookup_key" LookupKey Text,
    "subscription_status" SubscriptionStatus Text,
    "subscription_type" SubscriptionType Text,
    "currency" Currency Text,
    "billing_period" BillingPeriod Text,
    "billing_period_count" BillingPeriodCount Integer,
    "billing_cycle" BillingCycle Text,
    "billing_anchor" BillingAnchor Time,
    "start_date" StartDate Time,
    "end_date" EndDate Time,
    "current_period_start" CurrentPeriodStart Time,
    "current_period_end" CurrentPeriodEnd Time,
    "timezone" Timezone Text,
    "collection_method" CollectionMethod Text,
    "payment_behavior" PaymentBehavior Text,
    "payment_terms" PaymentTerms Text,
    "proration_behavior" ProrationBehavior Text,
    "commitment_amount" CommitmentAmount Decimal,
    "overage_factor" OverageFactor Decimal,
    "commitment_duration" CommitmentDuration Text,
    "enable_true_up" EnableTrueUp Boolean,
    "auto_invoice_threshold" AutoInvoiceThreshold Decimal,
    "cancel_at" CancelAt Time,
    "cancel_at_period_end" CancelAtPeriodEnd Boolean,
    "cancelled_at" CancelledAt Time,
    "trial_start" TrialStart Time,
    "trial_end" TrialEnd Time,
    "pause_status" PauseStatus Text,
    "active_pause_id" ActivePauseId Text,
    "synced_price_sequence" SyncedPriceSequence Integer,
    "gateway_payment_method_id" GatewayPaymentMethodId Text,
    "metadata" Metadata Map,
    "version" Version Integer,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { tax_associations, scoped;
    "tax_rate_id" TaxRateId Text,
    "entity_type" EntityType Text,
    "entity_id" EntityId Text,
    "priority" Priority Integer,
    "auto_apply" AutoApply Boolean,
    "currency" Currency Text,
    "start_date" StartDate Time,
    "end_date" EndDate Time,
    "metadata" Metadata Map,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { tax_rates, scoped;
    "name" Name Text,
    "code" Code Text,
    "description" Description Text,
    "tax_rate_type" TaxRateType Text,
    "percentage_value" PercentageValue Decimal,
    "fixed_value" FixedValue Decimal,
    "scope" Scope Text,
    "tax_rate_status" TaxRateStatus Text,
    "metadata" Metadata Map,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { taxes_applied, scoped;
    "tax_rate_id" TaxRateId Text,
    "tax_association_id" TaxAssociationId Text,
    "entity_type" EntityType Text,
    "entity_id" EntityId Text,
    "taxable_amount" TaxableAmount Decimal,
    "tax_amount" TaxAmount Decimal,
    "currency" Currency Text,
    "applied_at" AppliedAt Time,
    "metadata" Metadata Map,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}

resource! { users;
    "type" Kind Text,
    "email" Email Text,
    "name" Name Text,
    "roles" Roles List,
    "metadata" Metadata Map,
    "status" Status Text,
    "updated_at" UpdatedAt Time,
    "created_by" CreatedBy Text,
    "updated_by" UpdatedBy Text,
}
