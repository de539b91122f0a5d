//! Settings of wallets: alerts, bonus credits, limits of payment mandates (spec 06).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tariff_contract::FieldErrors;
use tariff_core::Decimal;
use tariff_core::vocabulary::{AlertCondition, CreditGrantExpiryDurationUnit};

use super::{SettingKey, SettingValue};

/// One level of an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertLevel {
    /// Credits at which the level is reached.
    pub threshold: Decimal,
    /// On which side of the threshold it is reached.
    pub condition: AlertCondition,
}

/// Alerts of wallets that have no settings of their own (`wallet_balance_alert_config`, spec 06 §4.11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalletBalanceAlertConfig {
    /// Most severe level.
    pub critical: Option<AlertLevel>,
    /// Middle level; needs a critical one.
    pub warning: Option<AlertLevel>,
    /// Mildest level; may stand alone.
    pub info: Option<AlertLevel>,
    /// Whether alerts are raised.
    pub alert_enabled: bool,
}

impl Default for WalletBalanceAlertConfig {
    fn default() -> Self {
        let critical = AlertLevel {
            threshold: Decimal::zero(),
            condition: AlertCondition::Below,
        };
        Self {
            critical: Some(critical),
            warning: None,
            info: None,
            alert_enabled: false,
        }
    }
}

impl SettingValue for WalletBalanceAlertConfig {
    const KEY: SettingKey = SettingKey::WalletBalanceAlertConfig;
    const NULLABLE: &'static [&'static str] = &["critical", "warning", "info"];

    fn check(&self, errors: &mut FieldErrors) {
        let named = [
            ("critical", &self.critical),
            ("warning", &self.warning),
            ("info", &self.info),
        ];
        let levels: Vec<(&str, &AlertLevel)> = named
            .into_iter()
            .filter_map(|(name, level)| Some((name, level.as_ref()?)))
            .collect();
        errors.check(
            !self.alert_enabled || !levels.is_empty(),
            "alert_enabled",
            "needs at least one level",
        );
        errors.check(
            self.warning.is_none() || self.critical.is_some(),
            "warning",
            "needs a critical level",
        );
        for pair in levels.windows(2) {
            let [(_, severe), (name, milder)] = pair else { continue };
            errors.check(
                severe.condition == milder.condition,
                name,
                "must have the condition of the other levels",
            );
            let ordered = match severe.condition {
                AlertCondition::Below => severe.threshold <= milder.threshold,
                AlertCondition::Above => severe.threshold >= milder.threshold,
            };
            errors.check(ordered, name, "must be reached no later than the more severe level");
        }
    }
}

/// How a bonus is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BonusType {
    /// The value, in credits.
    Flat,
    /// The value as a percentage of the credits bought.
    Percentage,
}

/// A bonus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bonus {
    /// How it is computed.
    pub r#type: BonusType,
    /// Credits or percent.
    pub value: Decimal,
}

/// How the credits bought are compared with a slab's threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlabOperator {
    /// At least as many.
    Gte,
}

/// The bonus from a number of credits on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BonusSlab {
    /// Credits bought at once.
    pub threshold: Decimal,
    /// How they are compared.
    pub operator: SlabOperator,
    /// What is added.
    pub bonus: Bonus,
    /// How long the bonus lasts, in units; for ever when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiration_duration: Option<i64>,
    /// Unit of the duration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiration_duration_unit: Option<CreditGrantExpiryDurationUnit>,
}

/// Bonus credits on purchases (`bonus_credits_topup_config`, spec 06 §4.5).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BonusCreditsTopupConfig {
    /// Whether bonuses are added.
    pub enabled: bool,
    /// Thresholds strictly descending; the first that is reached counts.
    pub slabs: Vec<BonusSlab>,
}

impl SettingValue for BonusCreditsTopupConfig {
    const KEY: SettingKey = SettingKey::BonusCreditsTopupConfig;

    fn check(&self, errors: &mut FieldErrors) {
        errors.check(!self.enabled || !self.slabs.is_empty(), "slabs", "must not be empty");
        errors.each("slabs", Some(&self.slabs), |slab, errors| {
            errors.not_negative("threshold", Some(&slab.threshold));
            errors.not_negative("bonus.value", Some(&slab.bonus.value));
            let paired = slab.expiration_duration.is_some() == slab.expiration_duration_unit.is_some();
            errors.check(
                paired,
                "expiration_duration",
                "needs expiration_duration_unit, and the other way round",
            );
            let positive = slab.expiration_duration.is_none_or(|duration| duration > 0);
            errors.check(positive, "expiration_duration", "must be greater than zero");
        });
        let descending = self.slabs.windows(2).all(|pair| pair[0].threshold > pair[1].threshold);
        errors.check(descending, "slabs", "must have strictly descending thresholds");
    }
}

/// Most that may be drawn with one kind of mandate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MandateLimit {
    /// In the major unit of the currency.
    pub max_amount: Decimal,
    /// Three letters, or empty.
    #[serde(default)]
    pub currency: String,
}

/// Limits of payment mandates (`payment_mandate_limits`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentMandateLimits {
    /// By kind of mandate, such as `UPI`.
    pub mandate_limits: BTreeMap<String, MandateLimit>,
}

impl Default for PaymentMandateLimits {
    fn default() -> Self {
        let upi = MandateLimit {
            max_amount: Decimal::from(100_000),
            currency: "INR".to_owned(),
        };
        Self {
            mandate_limits: BTreeMap::from([("UPI".to_owned(), upi)]),
        }
    }
}

impl SettingValue for PaymentMandateLimits {
    const KEY: SettingKey = SettingKey::PaymentMandateLimits;

    fn check(&self, errors: &mut FieldErrors) {
        for (kind, limit) in &self.mandate_limits {
            let field = |member: &str| format!("mandate_limits.{kind}.{member}");
            errors.not_negative(&field("max_amount"), Some(&limit.max_amount));
            let letters = limit.currency.len() == 3 && limit.currency.bytes().all(|byte| byte.is_ascii_alphabetic());
            errors.check(
                limit.currency.is_empty() || letters,
                &field("currency"),
                "must have three letters",
            );
        }
    }
}
