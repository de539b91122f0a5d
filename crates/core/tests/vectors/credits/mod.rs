//! `credits.json`: wallets, grants, alerts and balances (spec 06 §5).

use serde::Deserialize;
use serde_json::{Map, Value, json};
use tariff_core::alert::{AlertSettings, AlertThreshold, LoggedState, should_log, webhook_event};
use tariff_core::credits::{AUTO_TOP_UPS_MAX, AutoTopUp, LastAutoTopUp, deferral_minutes};
use tariff_core::invoice::{PrepaidNeed, PrepaidWallet, apply_prepaid_credits};
use tariff_core::proration::{elapsed_ratio, prorated_credits};
use tariff_core::vocabulary::{AlertCondition, AlertType, PriceType, WalletStatus, WalletType};
use tariff_core::{Currency, Decimal, Period, Timestamp};

use crate::pricing::given::currency;
use crate::support::{Case, Failure, input, run_each, text, unknown};

mod grants;
mod real_time;
mod wallets;

pub fn run(cases: &[Case]) -> Vec<Failure> {
    run_each(cases, "kind", calculate)
}

fn calculate(kind: &str, given: &Value) -> Result<Value, String> {
    match kind {
        "wallet_ops" => wallets::wallet_ops(given),
        "concurrent" => wallets::concurrent(given),
        "grant" => grants::grant(given),
        "grant_proration" => grant_proration(given),
        "defer_backoff" => defer_backoff(given),
        "alert" => alert(given),
        "auto_topup" => auto_topup(given),
        "real_time_balance" => real_time::real_time(given),
        "credit_adjustment" => credit_adjustment(given),
        _ => unknown(kind),
    }
}

fn grant_proration(given: &Value) -> Result<Value, String> {
    let period = Period::new(input(&given["period_start"])?, input(&given["period_end"])?);
    let coefficient = elapsed_ratio(period, input(&given["proration_date"])?).map_err(text)?;
    let credits = prorated_credits(&input(&given["credits"])?, &coefficient);
    Ok(json!({ "proration_coefficient": coefficient, "prorated_credits": credits }))
}

fn defer_backoff(given: &Value) -> Result<Value, String> {
    let mut at: Timestamp = input(&given["first_attempt_at"])?;
    let attempts: u32 = input(&given["attempts"])?;
    let mut deferrals = Vec::new();
    for retry_count in 0..attempts {
        let minutes = deferral_minutes(retry_count);
        at += jiff::SignedDuration::from_mins(minutes);
        deferrals.push(json!({ "backoff_minutes": minutes, "scheduled_for": at }));
    }
    Ok(json!({ "deferrals": deferrals, "retry_count": attempts }))
}

#[derive(Deserialize)]
struct Level {
    threshold: Decimal,
    condition: AlertCondition,
}

#[derive(Deserialize)]
struct GivenSettings {
    critical: Option<Level>,
    warning: Option<Level>,
    info: Option<Level>,
    alert_enabled: bool,
}

fn alert(given: &Value) -> Result<Value, String> {
    let alert_type: AlertType = input(&given["alert_type"])?;
    let settings: GivenSettings = input(&given["alert_settings"])?;
    let level = |level: Option<Level>| {
        level.map(|level| AlertThreshold {
            threshold: level.threshold,
            condition: level.condition,
        })
    };
    let settings = AlertSettings {
        critical: level(settings.critical),
        warning: level(settings.warning),
        info: level(settings.info),
        alert_enabled: settings.alert_enabled,
    };
    settings.check().map_err(text)?;
    let mut last: Option<LoggedState> = None;
    let mut answers = Vec::new();
    for observation in given["observations"].as_array().ok_or("observations are missing")? {
        let period_start: Option<Timestamp> = input(&observation["current_period_start"])?;
        let state = settings.state_of(&input(&observation["value"])?);
        let is_logged = should_log(last, state, period_start);
        if is_logged {
            last = Some(LoggedState {
                state,
                created_at: period_start.unwrap_or_default(),
            });
        }
        answers.push(json!({
            "alert_status": state,
            "log_created": is_logged,
            "webhook_event": is_logged.then(|| webhook_event(alert_type, state)).flatten(),
        }));
    }
    Ok(json!({ "observations": answers }))
}

#[derive(Deserialize)]
struct GivenAutoTopUp {
    enabled: bool,
    threshold: Decimal,
    amount: Decimal,
    invoicing: bool,
    cooldown: Option<Cooldown>,
}

#[derive(Deserialize)]
struct Cooldown {
    value: i64,
    unit: String,
}

impl Cooldown {
    fn length(&self) -> Result<jiff::SignedDuration, String> {
        let seconds = match self.unit.as_str() {
            "second" => 1,
            "minute" => 60,
            "hour" => 60 * 60,
            "day" => 24 * 60 * 60,
            other => return Err(format!("unknown unit {other}")),
        };
        Ok(jiff::SignedDuration::from_secs(self.value * seconds))
    }
}

fn auto_topup(given: &Value) -> Result<Value, String> {
    let config: GivenAutoTopUp = input(&given["auto_topup"])?;
    let auto_top_up = AutoTopUp {
        enabled: config.enabled,
        threshold: config.threshold,
        amount: config.amount,
        invoicing: config.invoicing,
        cooldown: config.cooldown.as_ref().map(Cooldown::length).transpose()?,
    };
    auto_top_up.check().map_err(text)?;
    let pending: Option<Decimal> = input(&given["pending_charges_credits"])?;
    let pending = pending.unwrap_or_default();
    let mut balance: Decimal = input(&given["credit_balance"])?;
    let mut last: Option<LastAutoTopUp> = None;
    let mut counts = Vec::new();
    for now in input::<Vec<Timestamp>>(&given["evaluations"])? {
        let mut count = 0;
        while count < AUTO_TOP_UPS_MAX {
            let is_waiting = last.is_some_and(|last| last.is_pending);
            if !auto_top_up.is_due(&(&balance - &pending), now, last, is_waiting) {
                break;
            }
            last = Some(LastAutoTopUp {
                created_at: now,
                is_pending: auto_top_up.invoicing,
            });
            if !auto_top_up.invoicing {
                balance += &auto_top_up.amount;
            }
            count += 1;
        }
        counts.push(count);
    }
    Ok(json!({ "top_ups_per_evaluation": counts, "credit_balance": balance }))
}

#[derive(Deserialize)]
struct AdjustedWallet {
    id: String,
    wallet_type: WalletType,
    currency: String,
    spendable: Decimal,
}

#[derive(Deserialize)]
struct AdjustedLine {
    price_type: PriceType,
    amount: Decimal,
    #[serde(default)]
    line_item_discount: Decimal,
    #[serde(default)]
    invoice_level_discount: Decimal,
}

fn credit_adjustment(given: &Value) -> Result<Value, String> {
    let given_wallets: Vec<AdjustedWallet> = input(&given["wallets"])?;
    let lines: Vec<AdjustedLine> = input(&given["line_items"])?;
    let wallets: Result<Vec<PrepaidWallet>, String> = given_wallets
        .iter()
        .map(|wallet| {
            Ok(PrepaidWallet {
                wallet_type: wallet.wallet_type,
                status: WalletStatus::Active,
                currency: Currency::parse(&wallet.currency).map_err(text)?,
                spendable: wallet.spendable.clone(),
            })
        })
        .collect();
    let needs: Vec<PrepaidNeed> = lines
        .iter()
        .map(|line| PrepaidNeed {
            price_type: line.price_type,
            amount: &(&line.amount - &line.line_item_discount) - &line.invoice_level_discount,
        })
        .collect();
    let credits = apply_prepaid_credits(&needs, &wallets?, &currency(&given["currency"])?);
    let debits: Map<String, Value> = given_wallets
        .iter()
        .zip(&credits.wallet_debits)
        .filter(|(_, debit)| !debit.is_zero())
        .map(|(wallet, debit)| (wallet.id.clone(), json!(debit)))
        .collect();
    Ok(json!({ "prepaid_credits_applied": credits.applied, "wallet_debits": debits }))
}
