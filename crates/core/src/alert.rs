//! Alerts on balances and spend (spec 06 §4.11).
//!
//! When an alert is evaluated, and which settings apply, is the engine's business.

use jiff::Timestamp;

use crate::vocabulary::{AlertCondition, AlertState, AlertType};
use crate::{BillingError, Decimal};

/// A level of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertThreshold {
    /// The value at which it is reached, inclusive.
    pub threshold: Decimal,
    /// From which side.
    pub condition: AlertCondition,
}

/// The levels of an alert, most severe first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertSettings {
    /// `in_alarm`.
    pub critical: Option<AlertThreshold>,
    /// `warning`.
    pub warning: Option<AlertThreshold>,
    /// `info`.
    pub info: Option<AlertThreshold>,
    /// Whether the alert is evaluated.
    pub alert_enabled: bool,
}

/// The latest log of an alert's stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoggedState {
    /// What it said.
    pub state: AlertState,
    /// When it was written.
    pub created_at: Timestamp,
}

impl AlertSettings {
    fn levels(&self) -> impl Iterator<Item = (AlertState, &AlertThreshold)> {
        let levels = [
            (AlertState::InAlarm, &self.critical),
            (AlertState::Warning, &self.warning),
            (AlertState::Info, &self.info),
        ];
        levels
            .into_iter()
            .filter_map(|(state, level)| level.as_ref().map(|level| (state, level)))
    }

    /// Whether the settings make sense: some level if enabled, no warning without critical, one condition, and levels in
    /// order of severity (equal ones are allowed).
    ///
    /// # Errors
    /// [`BillingError::Invalid`] naming the rule.
    pub fn check(&self) -> Result<(), BillingError> {
        let levels: Vec<&AlertThreshold> = self.levels().map(|(_, level)| level).collect();
        if self.alert_enabled && levels.is_empty() {
            return Err(BillingError::Invalid("an enabled alert needs a threshold"));
        }
        if self.warning.is_some() && self.critical.is_none() {
            return Err(BillingError::Invalid("a warning threshold needs a critical one"));
        }
        for pair in levels.windows(2) {
            let (severe, mild) = (pair[0], pair[1]);
            if severe.condition != mild.condition {
                return Err(BillingError::Invalid("the conditions of an alert must agree"));
            }
            let is_ordered = match severe.condition {
                AlertCondition::Below => severe.threshold <= mild.threshold,
                AlertCondition::Above => severe.threshold >= mild.threshold,
            };
            if !is_ordered {
                return Err(BillingError::Invalid(
                    "the thresholds of an alert are not in order of severity",
                ));
            }
        }
        Ok(())
    }

    /// The most severe level that `value` reaches; the condition of the most severe configured level holds for all.
    #[must_use]
    pub fn state_of(&self, value: &Decimal) -> AlertState {
        let Some(condition) = self.levels().next().map(|(_, level)| level.condition) else {
            return AlertState::Ok;
        };
        let reached = self.levels().find(|(_, level)| match condition {
            AlertCondition::Above => *value >= level.threshold,
            AlertCondition::Below => *value <= level.threshold,
        });
        reached.map_or(AlertState::Ok, |(state, _)| state)
    }
}

/// Whether an evaluation is logged: every change of state, where a stream without logs counts as ok. With a
/// `period_start`, as spend alerts have, logs from before it do not count, so that each period begins silently.
#[must_use]
pub fn should_log(last: Option<LoggedState>, state: AlertState, period_start: Option<Timestamp>) -> bool {
    let counted = last.filter(|last| period_start.is_none_or(|start| last.created_at >= start));
    let before = counted.map_or(AlertState::Ok, |last| last.state);
    before != state
}

/// The event that announces a logged state; `None` where it is only logged.
#[must_use]
pub fn webhook_event(alert_type: AlertType, state: AlertState) -> Option<&'static str> {
    let by_recovery = |reached, recovered| Some(if state == AlertState::Ok { recovered } else { reached });
    match alert_type {
        AlertType::LowOngoingBalance => match state {
            AlertState::InAlarm => Some("wallet.ongoing_balance.dropped"),
            AlertState::Ok => Some("wallet.ongoing_balance.recovered"),
            AlertState::Warning | AlertState::Info => None,
        },
        AlertType::LowCreditBalance => match state {
            AlertState::InAlarm => Some("wallet.credit_balance.dropped"),
            AlertState::Ok => Some("wallet.credit_balance.recovered"),
            AlertState::Warning | AlertState::Info => None,
        },
        AlertType::FeatureWalletBalance => Some("feature.wallet_balance.alert"),
        AlertType::SubscriptionSpend => by_recovery(
            "subscription.spend.threshold_reached",
            "subscription.spend.threshold_recovered",
        ),
        AlertType::SubscriptionLineItemSpend => by_recovery(
            "subscription.line_item_spend.threshold_reached",
            "subscription.line_item_spend.threshold_recovered",
        ),
        AlertType::SubscriptionGroupSpend => by_recovery(
            "subscription.group_spend.threshold_reached",
            "subscription.group_spend.threshold_recovered",
        ),
        AlertType::EntitlementGrantExhausted => (state == AlertState::InAlarm).then_some("entitlement.grant.exhausted"),
        AlertType::EntitlementGrantThreshold => None,
    }
}
