//! How invoices are numbered, when they are due and how long drafts wait (spec 01 B8 `invoice_config`).

use serde::{Deserialize, Serialize};
use tariff_contract::FieldErrors;
use tariff_core::calendar::{is_timezone_name, zone};
use tariff_core::invoice::{InvoiceNumbering, NumberFormat};
use tariff_core::{BillingError, SignedDuration, Timestamp};

use crate::settings::{SettingKey, SettingValue};

/// The setting `invoice_config`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InvoiceConfig {
    pub prefix: String,
    pub format: NumberFormat,
    pub start_sequence: i64,
    pub timezone: String,
    pub separator: String,
    pub suffix_length: u32,
    pub due_date_days: u32,
    pub finalization_delay_seconds: u32,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub auto_complete_purchased_credit_transaction: bool,
}

impl Default for InvoiceConfig {
    fn default() -> Self {
        Self {
            prefix: "INV".to_owned(),
            format: NumberFormat::YearMonth,
            start_sequence: 1,
            timezone: "UTC".to_owned(),
            separator: "-".to_owned(),
            suffix_length: 5,
            due_date_days: 1,
            finalization_delay_seconds: 7200,
            auto_complete_purchased_credit_transaction: false,
        }
    }
}

impl SettingValue for InvoiceConfig {
    const KEY: SettingKey = SettingKey::InvoiceConfig;

    fn check(&self, errors: &mut FieldErrors) {
        errors.check(!self.prefix.is_empty(), "prefix", "must not be empty");
        errors.check(self.start_sequence >= 1, "start_sequence", "must be at least 1");
        errors.check(
            (1..=10).contains(&self.suffix_length),
            "suffix_length",
            "must lie between 1 and 10",
        );
        errors.check(
            is_timezone_name(&self.timezone),
            "timezone",
            "must be the name of a time zone",
        );
    }
}

impl InvoiceConfig {
    /// The form of invoice numbers.
    pub(crate) fn numbering(&self) -> InvoiceNumbering {
        InvoiceNumbering {
            prefix: self.prefix.clone(),
            separator: self.separator.clone(),
            format: self.format,
            zone: zone(&self.timezone),
            start_sequence: self.start_sequence,
            suffix_length: self.suffix_length as usize,
        }
    }

    /// When a draft computed at `computed_at` is finalized.
    pub(crate) fn finalization_due(&self, computed_at: Timestamp) -> Result<Timestamp, BillingError> {
        computed_at
            .checked_add(SignedDuration::from_secs(i64::from(self.finalization_delay_seconds)))
            .map_err(|_| BillingError::OutOfRange("finalization_delay_seconds"))
    }
}
