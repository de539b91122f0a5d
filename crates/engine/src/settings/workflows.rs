//! Settings that name actions to run when something happens (spec 02 §3.3, spec 01 B1).

use std::collections::BTreeMap;

use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tariff_contract::{DateTime, FieldErrors};
use tariff_core::Decimal;
use tariff_core::vocabulary::{BillingCycle, CreditGrantExpiryDurationUnit, FeatureType, WalletType};

use super::{SettingKey, SettingValue};

/// Creates the customer of an event whose external id nobody has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateCustomerAction {
    /// On whose behalf; the system's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_user_id: Option<String>,
}

/// Creates a wallet of the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateWalletAction {
    /// Three-letter code.
    pub currency: String,
    /// Money for one credit.
    #[serde(default = "one")]
    pub conversion_rate: Decimal,
    /// Kind of the wallet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wallet_type: Option<WalletType>,
    /// Credits it begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_credits_to_load: Option<Decimal>,
    /// How long those credits last, in units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_credits_expiration_duration: Option<i64>,
    /// Unit of the duration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_credits_expiration_duration_unit: Option<CreditGrantExpiryDurationUnit>,
}

/// Subscribes the customer: monthly, count 1, recurring, in the currency of the wallet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateSubscriptionAction {
    /// The plan.
    pub plan_id: String,
    /// Anniversary when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_cycle: Option<BillingCycle>,
    /// When absent, the time of the event, else now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_date: Option<DateTime>,
}

/// Makes a feature and its price of events that no meter matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateFeatureAndPriceAction {
    /// The plan that gets the price.
    pub plan_id: String,
    /// Kind of the feature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature_type: Option<FeatureType>,
    /// From when the price holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_start_date_time: Option<DateTime>,
}

/// Brings new prices of a plan to its subscriptions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloutToSubscriptionsAction {
    /// The plan.
    pub plan_id: String,
}

/// One step of a workflow; `action` tells which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "action", rename_all = "snake_case")]
#[allow(missing_docs, reason = "each variant is described at the type it holds")]
pub enum WorkflowAction {
    CreateCustomer(CreateCustomerAction),
    CreateWallet(CreateWalletAction),
    CreateSubscription(CreateSubscriptionAction),
    CreateFeatureAndPrice(CreateFeatureAndPriceAction),
    RolloutToSubscriptions(RolloutToSubscriptionsAction),
}

impl<'de> Deserialize<'de> for WorkflowAction {
    /// By hand, because the derived form for tagged variants cannot read exact numbers.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let action = value
            .get("action")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let decoded = match action.as_str() {
            "create_customer" => serde_json::from_value(value).map(Self::CreateCustomer),
            "create_wallet" => serde_json::from_value(value).map(Self::CreateWallet),
            "create_subscription" => serde_json::from_value(value).map(Self::CreateSubscription),
            "create_feature_and_price" => serde_json::from_value(value).map(Self::CreateFeatureAndPrice),
            "rollout_to_subscriptions" => serde_json::from_value(value).map(Self::RolloutToSubscriptions),
            unknown => return Err(D::Error::custom(format!("unknown action {unknown:?}"))),
        };
        decoded.map_err(D::Error::custom)
    }
}

impl WorkflowAction {
    fn check(&self, errors: &mut FieldErrors) {
        match self {
            Self::CreateCustomer(_) => {}
            Self::CreateWallet(wallet) => check_wallet(wallet, errors),
            Self::CreateSubscription(CreateSubscriptionAction { plan_id, .. })
            | Self::CreateFeatureAndPrice(CreateFeatureAndPriceAction { plan_id, .. })
            | Self::RolloutToSubscriptions(RolloutToSubscriptionsAction { plan_id }) => {
                errors.required("plan_id", Some(plan_id));
            }
        }
    }
}

fn check_wallet(wallet: &CreateWalletAction, errors: &mut FieldErrors) {
    errors.currency("currency", Some(&wallet.currency));
    errors.positive("conversion_rate", Some(&wallet.conversion_rate));
    errors.not_negative("initial_credits_to_load", wallet.initial_credits_to_load.as_ref());
    let duration = wallet.initial_credits_expiration_duration;
    let paired = duration.is_some() == wallet.initial_credits_expiration_duration_unit.is_some();
    let field = "initial_credits_expiration_duration";
    errors.check(paired, field, "needs its unit, and the other way round");
    errors.check(
        duration.is_none_or(|duration| duration > 0),
        field,
        "must be greater than zero",
    );
    let credited = wallet
        .initial_credits_to_load
        .as_ref()
        .is_some_and(Decimal::is_positive);
    errors.check(duration.is_none() || credited, field, "needs initial_credits_to_load");
}

fn one() -> Decimal {
    Decimal::one()
}

fn check_actions(field: &str, actions: &[WorkflowAction], errors: &mut FieldErrors) {
    errors.each(field, Some(actions), WorkflowAction::check);
    let later = actions
        .iter()
        .skip(1)
        .any(|action| matches!(action, WorkflowAction::CreateCustomer(_)));
    errors.check(!later, field, "must begin with create_customer, if they contain it");
}

/// Declares a setting that lists actions.
macro_rules! workflow_setting {
    ($(#[$doc:meta])* $name:ident at $key:ident called $word:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// Always the name of the setting's workflow.
            pub workflow_type: String,
            /// What is done, in this order.
            pub actions: Vec<WorkflowAction>,
            /// Other lists of actions, for callers that ask for them by name.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub custom_workflows: Option<BTreeMap<String, Vec<WorkflowAction>>>,
        }

        impl Default for $name {
            fn default() -> Self {
                Self { workflow_type: $word.to_owned(), actions: Vec::new(), custom_workflows: None }
            }
        }

        impl SettingValue for $name {
            const KEY: SettingKey = SettingKey::$key;

            fn check(&self, errors: &mut FieldErrors) {
                errors.check(self.workflow_type == $word, "workflow_type", concat!("must be ", $word));
                check_actions("actions", &self.actions, errors);
                for (name, actions) in self.custom_workflows.iter().flatten() {
                    check_actions(&format!("custom_workflows.{name}"), actions, errors);
                }
            }
        }
    };
}

workflow_setting! {
    /// What happens for a new customer (`customer_onboarding`).
    CustomerOnboarding at CustomerOnboarding called "customer_onboarding"
}

workflow_setting! {
    /// What happens for events that were prepared for billing (`prepare_processed_events_config`).
    PrepareProcessedEventsConfig at PrepareProcessedEventsConfig called "prepare_processed_events"
}
