//! Identifiers: `<prefix>_<ULID>` (spec 01 A6).
//!
//! This module knows the prefixes only. Ids are minted where a clock and randomness are at hand.

/// The kind of record an id names; its prefix on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdPrefix {
    /// `cust_…`: customer.
    Customer,
    /// `env_…`: environment.
    Environment,
    /// `tenant_…`: tenant.
    Tenant,
    /// `user_…`: user or service account.
    User,
    /// `secret_…`: API key record.
    Secret,
    /// `eim_…`: integration link.
    IntegrationLink,
    /// `group_…`: group.
    Group,
    /// `setting_…`: setting.
    Setting,
    /// `conn_…`: connection.
    Connection,
    /// `meter_…`: meter.
    Meter,
    /// `feat_…`: feature.
    Feature,
    /// `event_…`: event whose id the server made.
    Event,
    /// `plan_…`: plan.
    Plan,
    /// `price_…`: price.
    Price,
    /// `price_unit_…`: price unit.
    PriceUnit,
    /// `bucket_…`: commitment bucket.
    CommitmentBucket,
    /// `audit_…`: entry of the audit log.
    AuditLog,
    /// `alert_…`: alert log.
    Alert,
    /// `sys_event_…`: system (outbound webhook) event.
    SystemEvent,
    /// `subs_…`: subscription.
    Subscription,
    /// `subs_line_…`: subscription line item.
    SubscriptionLineItem,
    /// `phase_…`: subscription phase.
    SubscriptionPhase,
    /// `sched_…`: subscription schedule.
    SubscriptionSchedule,
    /// `pause_…`: subscription pause.
    SubscriptionPause,
    /// `subsc_…`: subscription change.
    SubscriptionChange,
    /// `sub_ent_…`: subscription entitlement.
    SubscriptionEntitlement,
    /// `ent_…`: entitlement.
    Entitlement,
    /// `eg_…`: entitlement grant.
    EntitlementGrant,
    /// `addon_…`: addon.
    Addon,
    /// `addon_assoc_…`: addon association.
    AddonAssociation,
    /// `coupon_…`: coupon.
    Coupon,
    /// `coupon_assoc_…`: coupon association.
    CouponAssociation,
    /// `coupon_app_…`: coupon application.
    CouponApplication,
    /// `cost_…`: cost sheet.
    CostSheet,
    /// `task_…`: task.
    Task,
    /// `schtask_…`: scheduled task.
    ScheduledTask,
    /// `alert_set_…`: alert setting.
    AlertSetting,
    /// `fp_webhook_…`: stored inbound webhook.
    InboundWebhook,
    /// `wallet_…`: wallet.
    Wallet,
    /// `wtxn_…`: wallet transaction.
    WalletTransaction,
    /// `walert_…`: wallet alert.
    WalletAlert,
    /// `cg_…`: credit grant.
    CreditGrant,
    /// `cga_…`: credit grant application.
    CreditGrantApplication,
    /// `inv_…`: invoice.
    Invoice,
    /// `inv_line_…`: invoice line item.
    InvoiceLineItem,
    /// `cn_…`: credit note.
    CreditNote,
    /// `cn_line_…`: credit note line item.
    CreditNoteLineItem,
    /// `pay_…`: payment.
    Payment,
    /// `attempt_…`: payment attempt.
    PaymentAttempt,
    /// `pm_…`: payment method.
    PaymentMethod,
    /// `cs_…`: checkout session.
    CheckoutSession,
    /// `taxrate_…`: tax rate.
    TaxRate,
    /// `ta_…`: tax association.
    TaxAssociation,
    /// `taxapp_…`: applied tax.
    TaxApplied,
    /// `usg_rec_…`: marketplace usage record.
    UsageRecord,
    /// `wf_…`: workflow.
    Workflow,
    /// `run_…`: workflow run.
    WorkflowRun,
}

impl IdPrefix {
    /// The text before the underscore that separates prefix and ULID.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "cust",
            Self::Environment => "env",
            Self::Tenant => "tenant",
            Self::User => "user",
            Self::Secret => "secret",
            Self::IntegrationLink => "eim",
            Self::Group => "group",
            Self::Setting => "setting",
            Self::Connection => "conn",
            Self::Meter => "meter",
            Self::Feature => "feat",
            Self::Event => "event",
            Self::Plan => "plan",
            Self::Price => "price",
            Self::PriceUnit => "price_unit",
            Self::CommitmentBucket => "bucket",
            Self::AuditLog => "audit",
            Self::Alert => "alert",
            Self::SystemEvent => "sys_event",
            Self::Subscription => "subs",
            Self::SubscriptionLineItem => "subs_line",
            Self::SubscriptionPhase => "phase",
            Self::SubscriptionSchedule => "sched",
            Self::SubscriptionPause => "pause",
            Self::SubscriptionChange => "subsc",
            Self::SubscriptionEntitlement => "sub_ent",
            Self::Entitlement => "ent",
            Self::EntitlementGrant => "eg",
            Self::Addon => "addon",
            Self::AddonAssociation => "addon_assoc",
            Self::Coupon => "coupon",
            Self::CouponAssociation => "coupon_assoc",
            Self::CouponApplication => "coupon_app",
            Self::CostSheet => "cost",
            Self::Task => "task",
            Self::ScheduledTask => "schtask",
            Self::AlertSetting => "alert_set",
            Self::InboundWebhook => "fp_webhook",
            Self::Wallet => "wallet",
            Self::WalletTransaction => "wtxn",
            Self::WalletAlert => "walert",
            Self::CreditGrant => "cg",
            Self::CreditGrantApplication => "cga",
            Self::Invoice => "inv",
            Self::InvoiceLineItem => "inv_line",
            Self::CreditNote => "cn",
            Self::CreditNoteLineItem => "cn_line",
            Self::Payment => "pay",
            Self::PaymentAttempt => "attempt",
            Self::PaymentMethod => "pm",
            Self::CheckoutSession => "cs",
            Self::TaxRate => "taxrate",
            Self::TaxAssociation => "ta",
            Self::TaxApplied => "taxapp",
            Self::UsageRecord => "usg_rec",
            Self::Workflow => "wf",
            Self::WorkflowRun => "run",
        }
    }
}
