//! What the setting `invoice_config` means for invoices: their numbers and how long drafts wait (spec 01 B8).

use tariff_core::calendar::zone;
use tariff_core::invoice::InvoiceNumbering;
use tariff_core::{BillingError, SignedDuration, Timestamp};

pub(crate) use crate::settings::InvoiceConfig;

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
