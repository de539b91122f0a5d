//! A demand for money (spec 05 §2.1).

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use tariff_core::Status;
use tariff_core::vocabulary::{InvoiceStatus, InvoiceType, PaymentStatus};

use crate::column::{Json, Number, Time, Word};

/// A demand for money (spec 05 §2.1).
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "invoices")]
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
    pub subscription_id: Option<String>,
    pub subscription_customer_id: Option<String>,
    pub invoice_type: Word<InvoiceType>,
    pub invoice_status: Word<InvoiceStatus>,
    pub payment_status: Word<PaymentStatus>,
    pub billing_reason: String,
    pub billing_period: String,
    pub billing_sequence: Option<i64>,
    pub currency: String,
    pub subtotal: Number,
    pub total_discount: Number,
    pub total_prepaid_credits_applied: Number,
    pub total_tax: Number,
    pub total: Number,
    pub adjustment_amount: Number,
    pub refunded_amount: Number,
    pub amount_due: Number,
    pub amount_paid: Number,
    pub amount_remaining: Number,
    pub invoice_number: String,
    pub description: String,
    pub idempotency_key: Option<String>,
    pub issue_date: Time,
    pub due_date: Option<Time>,
    pub period_start: Option<Time>,
    pub period_end: Option<Time>,
    pub last_computed_at: Option<Time>,
    pub finalized_at: Option<Time>,
    pub voided_at: Option<Time>,
    pub paid_at: Option<Time>,
    pub is_manually_edited: bool,
    pub recalculated_invoice_id: Option<String>,
    pub invoice_pdf_url: Option<String>,
    pub process_at: Option<Time>,
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
