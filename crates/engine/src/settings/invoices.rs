//! Settings of invoices and of the subscriptions behind them (spec 05 §2.5).

use serde::{Deserialize, Serialize};
use tariff_contract::FieldErrors;
use tariff_contract::validate::is_timezone;
use tariff_core::calendar::is_zone_abbreviation;
use tariff_core::invoice::NumberFormat;

use super::{SettingKey, SettingValue};

/// Most digits to which a sequence is padded.
const SUFFIX_LENGTH_MAX: u32 = 10;
/// Highest first sequence: the numbers after it stay exact wherever they are read.
const START_SEQUENCE_MAX: i64 = 1_000_000_000_000_000;
/// Most characters of a prefix or separator: databases bound what a unique index takes.
const NUMBER_PART_CHARS_MAX: usize = 100;
/// Most days that can be set: a hundred years, which no calendar of ours leaves.
const DAYS_MAX: u32 = 36_500;
/// The only template there is.
const TEMPLATE: &str = "invoice.typ";

/// Numbers, due dates and finalization of invoices (`invoice_config`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceConfig {
    /// First part of an invoice number, 1 to 100 characters.
    pub prefix: String,
    /// Date part of an invoice number.
    pub format: NumberFormat,
    /// First sequence of each date string, from 1 to 10^15.
    pub start_sequence: i64,
    /// IANA zone or abbreviation, in which the date of finalization is taken.
    pub timezone: String,
    /// Between the parts of an invoice number, at most 100 characters; may be empty.
    pub separator: String,
    /// Digits to which the sequence is padded, 1 to 10.
    pub suffix_length: u32,
    /// Days from finalization to the due date, at most 36,500.
    pub due_date_days: u32,
    /// Seconds from the last computation of a draft to its finalization; 0 means at once.
    pub finalization_delay_seconds: u32,
    /// Whether purchased credits are there before they are paid (spec 06).
    #[serde(default, skip_serializing_if = "is_false")]
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
        errors.length("prefix", Some(&self.prefix), 0, NUMBER_PART_CHARS_MAX);
        errors.length("separator", Some(&self.separator), 0, NUMBER_PART_CHARS_MAX);
        let countable = (1..=START_SEQUENCE_MAX).contains(&self.start_sequence);
        errors.check(countable, "start_sequence", "must be between 1 and 1000000000000000");
        let known = is_timezone(&self.timezone) || is_zone_abbreviation(&self.timezone);
        errors.check(known, "timezone", "must be the name or abbreviation of a time zone");
        let fits = (1..=SUFFIX_LENGTH_MAX).contains(&self.suffix_length);
        errors.check(fits, "suffix_length", "must be between 1 and 10");
        let payable = self.due_date_days <= DAYS_MAX;
        errors.check(payable, "due_date_days", "must be at most 36500");
    }
}

fn is_false(truth: &bool) -> bool {
    !truth
}

/// What happens to subscriptions whose invoices stay unpaid (`subscription_config`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionConfig {
    /// Calendar days after the due date, from 1 to 36,500.
    pub grace_period_days: u32,
    /// Whether subscriptions are cancelled after the grace period.
    pub auto_cancellation_enabled: bool,
}

impl Default for SubscriptionConfig {
    fn default() -> Self {
        Self {
            grace_period_days: 3,
            auto_cancellation_enabled: false,
        }
    }
}

impl SettingValue for SubscriptionConfig {
    const KEY: SettingKey = SettingKey::SubscriptionConfig;

    fn check(&self, errors: &mut FieldErrors) {
        let countable = (1..=DAYS_MAX).contains(&self.grace_period_days);
        errors.check(countable, "grace_period_days", "must be between 1 and 36500");
    }
}

/// How invoices are printed (`invoice_pdf_config`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoicePdfConfig {
    /// Name of the template.
    pub template_name: String,
    /// What lines are grouped by, outermost first.
    pub group_by: Vec<String>,
}

impl Default for InvoicePdfConfig {
    fn default() -> Self {
        Self {
            template_name: TEMPLATE.to_owned(),
            group_by: Vec::new(),
        }
    }
}

impl SettingValue for InvoicePdfConfig {
    const KEY: SettingKey = SettingKey::InvoicePdfConfig;

    fn check(&self, errors: &mut FieldErrors) {
        errors.check(self.template_name == TEMPLATE, "template_name", "must be invoice.typ");
        let filled = self.group_by.iter().all(|name| !name.is_empty());
        errors.check(filled, "group_by", "must not contain an empty name");
    }
}

/// Whether running drafts are computed anew each day (`draft_invoice_recompute_config`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftInvoiceRecomputeConfig {
    /// Whether they are.
    pub enabled: bool,
}

impl SettingValue for DraftInvoiceRecomputeConfig {
    const KEY: SettingKey = SettingKey::DraftInvoiceRecomputeConfig;

    fn check(&self, _: &mut FieldErrors) {}
}
