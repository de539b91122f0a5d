//! A customer bound to a plan (spec 04 §2.2).

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use tariff_core::Status;
use tariff_core::vocabulary::{
    BillingCycle, BillingPeriod, CollectionMethod, PauseStatus, PaymentBehavior, PaymentTerms, ProrationBehavior,
    SubscriptionStatus, SubscriptionType,
};

use crate::column::{Json, Number, Time, Word};

/// A customer bound to a plan (spec 04 §2.2).
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "subscriptions")]
#[allow(
    missing_docs,
    reason = "the columns are described where the chapter named above describes the fields"
)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub tenant_id: String,
    pub environment_id: String,
    pub customer_id: String,
    pub plan_id: String,
    pub invoicing_customer_id: Option<String>,
    pub parent_subscription_id: Option<String>,
    pub lookup_key: String,
    pub subscription_status: Word<SubscriptionStatus>,
    pub subscription_type: Word<SubscriptionType>,
    pub currency: String,
    pub billing_period: Word<BillingPeriod>,
    pub billing_period_count: i64,
    pub billing_cycle: Word<BillingCycle>,
    pub billing_anchor: Time,
    pub start_date: Time,
    pub end_date: Option<Time>,
    pub current_period_start: Time,
    pub current_period_end: Time,
    pub timezone: String,
    pub collection_method: Word<CollectionMethod>,
    pub payment_behavior: Word<PaymentBehavior>,
    pub payment_terms: Option<Word<PaymentTerms>>,
    pub proration_behavior: Word<ProrationBehavior>,
    pub commitment_amount: Option<Number>,
    pub overage_factor: Option<Number>,
    pub commitment_duration: Option<Word<BillingPeriod>>,
    pub enable_true_up: bool,
    pub auto_invoice_threshold: Option<Number>,
    pub cancel_at: Option<Time>,
    pub cancel_at_period_end: bool,
    pub cancelled_at: Option<Time>,
    pub trial_start: Option<Time>,
    pub trial_end: Option<Time>,
    pub pause_status: Word<PauseStatus>,
    pub active_pause_id: Option<String>,
    pub synced_price_sequence: i64,
    pub gateway_payment_method_id: Option<String>,
    pub metadata: Option<Json<BTreeMap<String, String>>>,
    pub version: i64,
    pub status: Word<Status>,
    pub created_at: Time,
    pub updated_at: Time,
    pub created_by: String,
    pub updated_by: String,
}

/// Joins are written where they are needed.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
