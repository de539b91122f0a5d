//! Invoice numbers (spec 05 §5.11).

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::BillingError;
use crate::vocabulary::wire_enum;

wire_enum! {
    /// The date part of an invoice number.
    NumberFormat, "types.InvoiceNumberFormat" {
        /// `YYYYMM`.
        YearMonth = "YYYYMM",
        /// `YYYYMMDD`.
        YearMonthDay = "YYYYMMDD",
        /// `YYMMDD`.
        ShortYearMonthDay = "YYMMDD",
        /// `YY`.
        ShortYear = "YY",
        /// `YYYY`.
        Year = "YYYY",
    }
}

impl NumberFormat {
    const fn strftime(self) -> &'static str {
        match self {
            Self::YearMonth => "%Y%m",
            Self::YearMonthDay => "%Y%m%d",
            Self::ShortYearMonthDay => "%y%m%d",
            Self::ShortYear => "%y",
            Self::Year => "%Y",
        }
    }
}

/// How the numbers of one environment look.
#[derive(Debug, Clone, PartialEq)]
pub struct InvoiceNumbering {
    /// First part.
    pub prefix: String,
    /// Between the parts; may be empty.
    pub separator: String,
    /// Second part.
    pub format: NumberFormat,
    /// Zone in which the date of finalization is taken.
    pub zone: TimeZone,
    /// First sequence of each date string, at least 1.
    pub start_sequence: i64,
    /// Digits to which the sequence is padded with zeros; longer ones are never cut.
    pub suffix_length: usize,
}

impl InvoiceNumbering {
    /// The date part for an instant of finalization; it names the counter that [`InvoiceNumbering::next_sequence`]
    /// continues.
    #[must_use]
    pub fn date_string(&self, finalized_at: Timestamp) -> String {
        let local = self.zone.to_datetime(finalized_at);
        local.strftime(self.format.strftime()).to_string()
    }

    /// The sequence after `last`, the last one issued for the same date string.
    ///
    /// # Errors
    /// [`BillingError::OutOfRange`] when the counter is exhausted.
    pub fn next_sequence(&self, last: Option<i64>) -> Result<i64, BillingError> {
        match last {
            None => Ok(self.start_sequence),
            Some(last) => last.checked_add(1).ok_or(BillingError::OutOfRange("invoice sequence")),
        }
    }

    /// The whole number.
    #[must_use]
    pub fn number(&self, finalized_at: Timestamp, sequence: i64) -> String {
        let Self {
            prefix,
            separator,
            suffix_length: width,
            ..
        } = self;
        let date = self.date_string(finalized_at);
        format!("{prefix}{separator}{date}{separator}{sequence:0width$}")
    }
}
