//! Cancelling a subscription (spec 04 §4.10).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::{ProrationBehavior, SubscriptionStatus};
use tariff_core::{Decimal, wire_enum};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::invoices::InvoiceResponse;
use crate::time::DateTime;
use crate::validate::FieldErrors;
use crate::wire::blank_as_none;

pub use tariff_core::vocabulary::CancellationType;

/// Ends a subscription.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CancelSubscriptionRequest {
    /// When the subscription ends.
    pub cancel_at: Option<DateTime>,
    /// Cancel immediately inovice policy.
    #[serde(deserialize_with = "blank_as_none")]
    pub cancel_immediately_inovice_policy: Option<CancelImmediatelyInvoicePolicy>,
    /// Cancellation type.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub cancellation_type: Option<CancellationType>,
    /// Whether a change inside a period is prorated.
    #[serde(deserialize_with = "blank_as_none")]
    pub proration_behavior: Option<ProrationBehavior>,
    /// Why.
    pub reason: Option<String>,
}

/// What a cancellation did.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CancelSubscriptionResponse {
    /// Cancellation type.
    pub cancellation_type: CancellationType,
    /// When it takes effect.
    pub effective_date: Option<DateTime>,
    /// What happened.
    pub message: String,
    /// When the quantity was recorded.
    pub processed_at: Option<DateTime>,
    /// Proration details.
    pub proration_details: Vec<ProrationDetail>,
    /// Proration invoice.
    pub proration_invoice: Option<InvoiceResponse>,
    /// Why.
    pub reason: String,
    /// Id of the subscription.
    pub subscription_id: String,
    /// Total credit amount.
    pub total_credit_amount: Decimal,
    /// Lifecycle state of the record.
    pub status: SubscriptionStatus,
}

/// What one line contributes to a proration.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProrationDetail {
    /// Charge amount.
    pub charge_amount: Decimal,
    /// Credit amount.
    pub credit_amount: Decimal,
    /// Text shown to people.
    pub description: String,
    /// Id of the line item.
    pub line_item_id: Option<String>,
    /// Original amount.
    pub original_amount: Decimal,
    /// Plan name.
    pub plan_name: String,
    /// Id of the price.
    pub price_id: String,
    /// Proration days.
    pub proration_days: i64,
}

/// What one line contributes to a proration.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProrationDetails {
    /// Charge amount.
    pub charge_amount: Decimal,
    /// Charge description.
    pub charge_description: String,
    /// Credit amount.
    pub credit_amount: Decimal,
    /// Credit description.
    pub credit_description: String,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// End of the current period, exclusive.
    pub current_period_end: Option<DateTime>,
    /// Start of the current period, inclusive.
    pub current_period_start: Option<DateTime>,
    /// Days remaining.
    pub days_remaining: i64,
    /// Days used.
    pub days_used: i64,
    /// Net amount.
    pub net_amount: Decimal,
    /// Proration date.
    pub proration_date: Option<DateTime>,
}

wire_enum! {
    /// Whether an immediate cancellation invoices what is open.
    CancelImmediatelyInvoicePolicy, "types.CancelImmediatelyInvoicePolicy" {
        /// `generate_invoice`.
        GenerateInvoice = "generate_invoice",
        /// `skip`.
        Skip = "skip",
    }
}

impl CancelSubscriptionRequest {
    /// Checks the field rules (spec 04 §4.10).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.present("cancellation_type", self.cancellation_type.as_ref());
        if self.cancellation_type == Some(CancellationType::ScheduledDate) {
            errors.present("cancel_at", self.cancel_at.as_ref());
        }
        errors.finish()
    }
}
