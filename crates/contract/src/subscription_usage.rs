//! The metered charges of a subscription (spec 04 §3.5).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::number::JsonNumber;
use crate::prices::Price;
use crate::time::DateTime;
use crate::validate::FieldErrors;

/// Of which subscription, and for which range, to compute metered charges.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct GetUsageBySubscriptionRequest {
    /// End of the range.
    pub end_time: Option<DateTime>,
    /// Lifetime usage.
    pub lifetime_usage: Option<bool>,
    /// Start of the range, inclusive.
    pub start_time: Option<DateTime>,
    /// Id of the subscription.
    #[schema(required = true)]
    pub subscription_id: Option<String>,
}

/// The metered charges of a subscription.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GetUsageBySubscriptionResponse {
    /// Money in units of the currency.
    pub amount: JsonNumber,
    /// Charges.
    pub charges: Vec<SubscriptionUsageByMetersResponse>,
    /// Money promised per commitment period.
    pub commitment_amount: Option<JsonNumber>,
    /// Commitment utilized.
    pub commitment_utilized: JsonNumber,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Currency symbol and amount, such as `$12.5`.
    pub display_amount: String,
    /// End of the range.
    pub end_time: Option<DateTime>,
    /// Has overage.
    pub has_overage: bool,
    /// Overage amount.
    pub overage_amount: JsonNumber,
    /// Factor of what exceeds the commitment, at least 1.
    pub overage_factor: Option<JsonNumber>,
    /// Start of the range, inclusive.
    pub start_time: Option<DateTime>,
}

/// The metered charge of one price.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SubscriptionUsageByMetersResponse {
    /// Money in units of the currency.
    pub amount: JsonNumber,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Currency symbol and amount, such as `$12.5`.
    pub display_amount: String,
    /// Accepted and not used; filtering belongs to the meter.
    pub filter_values: BTreeMap<String, Vec<String>>,
    /// Whether the line charges what exceeds a commitment.
    pub is_overage: bool,
    /// Meter display name.
    pub meter_display_name: String,
    /// Id of the meter.
    pub meter_id: Option<String>,
    /// Factor of what exceeds the commitment, at least 1.
    pub overage_factor: Option<JsonNumber>,
    /// The price.
    pub price: Option<Price>,
    /// Number of units.
    pub quantity: JsonNumber,
    /// Id of the subscription line item.
    pub subscription_line_item_id: Option<String>,
}

impl GetUsageBySubscriptionRequest {
    /// Checks the field rules (spec 04 §3.5).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required("subscription_id", self.subscription_id.as_ref());
        errors.time_range(self.start_time, self.end_time);
        errors.finish()
    }
}
