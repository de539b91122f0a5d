//! Sequences of wallet operations among the credit vectors.
//!
//! The bench holds what the store holds for the engine: the wallets, the idempotency keys (a unique index there) and the
//! rule of one active wallet per currency and type. Everything else is asked of the ledger.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;
use serde_json::{Map, Value, json};
use tariff_core::credits::{
    Bonus, BonusSlab, BonusSlabs, CreditLife, CreditSize, Debit, DebitRequest, Ledger, Movement, NewCredit,
    TopUpRequest, Wallet, invoice_holds_credit, is_due_for_expiry,
};
use tariff_core::vocabulary::{CreditGrantExpiryDurationUnit, TransactionReason, WalletType};
use tariff_core::{BillingError, Decimal, Period, Timestamp};

use crate::commitment::http_status;
use crate::support::{input, text};

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
enum Operation {
    TopUp(TopUpGiven),
    PaymentSucceeded {
        r#for: String,
    },
    DebitManual {
        credits: Decimal,
        idempotency_key: Option<String>,
    },
    DebitInvoice {
        amount: Decimal,
        invoice_period_end: Option<Timestamp>,
    },
    ExpirySweep {
        #[serde(default)]
        unpaid_invoice_covers: Vec<String>,
        #[serde(default)]
        elapsed_active_subscription: bool,
    },
    Terminate {},
    Modify {
        modification_type: String,
        new_wallet: String,
    },
    CreateWallet {
        wallet_type: WalletType,
    },
}

#[derive(Deserialize)]
struct TopUpGiven {
    #[serde(default)]
    id: String,
    amount: Option<Decimal>,
    credits_to_add: Option<Decimal>,
    transaction_reason: TransactionReason,
    expiry_date_utc: Option<Timestamp>,
    priority: Option<i64>,
    bonus_credits_to_add: Option<Decimal>,
    bonus_credits_expiry_date_utc: Option<Timestamp>,
    idempotency_key: Option<String>,
}

/// The state of one case.
struct Bench {
    wallets: BTreeMap<String, Ledger>,
    slabs: Option<BonusSlabs>,
    keys: HashSet<String>,
    completions: u32,
}

fn open_wallet(given: &Value) -> Result<Ledger, String> {
    let wallet = Wallet::open(
        input(&given["wallet_type"])?,
        input(&given["conversion_rate"])?,
        input(&given["topup_conversion_rate"])?,
    );
    Ok(Ledger {
        wallet: wallet.map_err(text)?,
        credits: Vec::new(),
    })
}

impl Bench {
    fn new(given: &Value) -> Result<Self, String> {
        let mut wallets = BTreeMap::new();
        if let Some(given_wallets) = given["wallets"].as_object() {
            for (label, wallet) in given_wallets {
                wallets.insert(label.clone(), open_wallet(wallet)?);
            }
        } else if !given["wallet"].is_null() {
            wallets.insert("w1".to_owned(), open_wallet(&given["wallet"])?);
        }
        Ok(Self {
            wallets,
            slabs: bonus_slabs(&given["bonus_credits_topup_config"])?,
            keys: HashSet::new(),
            completions: 0,
        })
    }

    fn claim_key(&mut self, key: Option<&String>) -> Result<(), BillingError> {
        match key {
            Some(key) if !self.keys.insert(key.clone()) => {
                Err(BillingError::AlreadyDone("the idempotency key was already used"))
            }
            _ => Ok(()),
        }
    }

    /// Runs an operation as a transaction: a refusal leaves everything as it was, keys included.
    fn run(&mut self, label: &str, operation: Operation, at: Timestamp) -> Result<Value, BillingError> {
        let (wallets, keys) = (self.wallets.clone(), self.keys.clone());
        let outcome = self.apply(label, operation, at);
        if outcome.is_err() {
            (self.wallets, self.keys) = (wallets, keys);
        }
        outcome
    }

    fn apply(&mut self, label: &str, operation: Operation, at: Timestamp) -> Result<Value, BillingError> {
        match operation {
            Operation::TopUp(given) => self.top_up(label, given, at),
            Operation::PaymentSucceeded { r#for } => self.complete(label, &r#for),
            Operation::DebitManual {
                credits,
                idempotency_key,
            } => {
                let size = CreditSize::Credits(credits);
                let debit = self.debit(label, size, TransactionReason::ManualBalanceDebit, at)?;
                self.claim_key(idempotency_key.as_ref())?;
                Ok(debit)
            }
            Operation::DebitInvoice {
                amount,
                invoice_period_end,
            } => {
                let eligible_at = invoice_period_end.unwrap_or(at);
                let size = CreditSize::Value(amount);
                self.debit(label, size, TransactionReason::InvoicePayment, eligible_at)
            }
            Operation::ExpirySweep {
                unpaid_invoice_covers,
                elapsed_active_subscription,
            } => self.sweep(label, at, &unpaid_invoice_covers, elapsed_active_subscription),
            Operation::Terminate {} => {
                let debit = self.wallet(label)?.close()?;
                Ok(json!({ "consumed": debit.map_or_else(Vec::new, consumed) }))
            }
            Operation::Modify {
                modification_type,
                new_wallet,
            } => self.modify(label, &modification_type, new_wallet, at),
            Operation::CreateWallet { wallet_type } => self.create_wallet(wallet_type),
        }
    }

    fn wallet(&mut self, label: &str) -> Result<&mut Ledger, BillingError> {
        self.wallets
            .get_mut(label)
            .ok_or(BillingError::Invalid("there is no such wallet"))
    }

    fn top_up(&mut self, label: &str, given: TopUpGiven, at: Timestamp) -> Result<Value, BillingError> {
        let slabs = self.slabs.clone();
        let request = TopUpRequest {
            amount: given.amount,
            credits_to_add: given.credits_to_add,
            reason: given.transaction_reason,
            expiry: given.expiry_date_utc,
            priority: given.priority,
            bonus_credits: given.bonus_credits_to_add,
            bonus_expiry: given.bonus_credits_expiry_date_utc,
            has_checkout: false,
        };
        let wallet = self.wallet(label)?;
        let plan = request.plan(&wallet.wallet, slabs.as_ref(), at)?;
        wallet.wallet.check_active()?;
        self.claim_key(given.idempotency_key.as_ref())?;
        let purchase = NewCredit {
            id: given.id.clone(),
            reason: request.reason,
            credits: plan.credits,
            priority: request.priority,
            expiry: request.expiry,
            created_at: at,
        };
        let is_pending = request.reason == TransactionReason::PurchasedCreditInvoiced;
        let wallet = self.wallet(label)?;
        let write = |wallet: &mut Ledger, new| {
            if is_pending {
                wallet.add_pending(new)
            } else {
                wallet.add(new)
            }
        };
        let movement = write(wallet, purchase)?;
        let mut answer = moved(&movement);
        if let Some(bonus) = plan.bonus {
            let expiry = bonus.expiry;
            let bonus = NewCredit {
                id: format!("{}:bonus", given.id),
                reason: TransactionReason::PurchasedCreditBonus,
                credits: bonus.credits,
                priority: None,
                expiry,
                created_at: at,
            };
            let movement = write(wallet, bonus)?;
            answer["bonus"] = json!({ "credit_amount": movement.credit_amount, "expiry_date": expiry });
        }
        Ok(answer)
    }

    fn complete(&mut self, label: &str, credit_id: &str) -> Result<Value, BillingError> {
        let wallet = self.wallet(label)?;
        if wallet.complete(credit_id)?.is_none() {
            return Ok(json!({ "already_completed": true }));
        }
        let bonus_id = format!("{credit_id}:bonus");
        if wallet.credits.iter().any(|credit| credit.id == bonus_id) {
            wallet.complete(&bonus_id)?;
        }
        self.completions += 1;
        Ok(json!({}))
    }

    fn debit(
        &mut self,
        label: &str,
        size: CreditSize,
        reason: TransactionReason,
        eligible_at: Timestamp,
    ) -> Result<Value, BillingError> {
        let debit = self.wallet(label)?.debit(&DebitRequest {
            size,
            reason,
            eligible_at,
        })?;
        let mut answer = moved(&debit.movement);
        answer["consumed"] = json!(consumed(debit));
        Ok(answer)
    }

    fn sweep(
        &mut self,
        label: &str,
        now: Timestamp,
        covered: &[String],
        is_billing_behind: bool,
    ) -> Result<Value, BillingError> {
        let wallet = self.wallet(label)?;
        let mut due: Vec<_> = wallet
            .credits
            .iter()
            .filter(|credit| is_due_for_expiry(credit, now))
            .cloned()
            .collect();
        due.sort_by_key(|credit| credit.expiry);
        let (mut expired, mut skipped) = (Vec::new(), Vec::new());
        for credit in due {
            // An unpaid invoice whose period contains the credit's creation and ends at its expiry.
            let invoice = credit.expiry.map(|expiry| Period::new(credit.created_at, expiry));
            let is_held =
                covered.contains(&credit.id) && invoice.is_some_and(|period| invoice_holds_credit(&credit, period));
            if is_held || is_billing_behind {
                skipped.push(credit.id);
            } else if wallet.expire(&credit.id, now)?.is_some() {
                expired.push(credit.id);
            }
        }
        Ok(json!({ "expired": expired, "skipped": skipped }))
    }

    fn modify(&mut self, label: &str, kind: &str, new: String, at: Timestamp) -> Result<Value, BillingError> {
        if kind != "prepaid_to_postpaid" {
            return Err(BillingError::Invalid("unknown modification_type"));
        }
        let (debit, target) = self.wallet(label)?.convert_to_postpaid(format!("{new}:transfer"), at)?;
        self.wallets.insert(new, target);
        let transferred = debit.map_or_else(Decimal::zero, |debit| debit.movement.credit_amount);
        Ok(json!({ "credits_transferred": transferred }))
    }

    fn create_wallet(&mut self, wallet_type: WalletType) -> Result<Value, BillingError> {
        if self
            .wallets
            .values()
            .any(|ledger| ledger.wallet.wallet_type == wallet_type)
        {
            return Err(BillingError::AlreadyDone(
                "there is an active wallet of this currency and type",
            ));
        }
        let wallet = Wallet::open(wallet_type, Decimal::one(), Decimal::one())?;
        let credits = Vec::new();
        self.wallets.insert("w1".to_owned(), Ledger { wallet, credits });
        Ok(json!({}))
    }

    fn state(&self) -> Value {
        let wallets: Map<String, Value> = self
            .wallets
            .iter()
            .map(|(label, ledger)| (label.clone(), wallet_fields(ledger)))
            .collect();
        let credits: Map<String, Value> = self
            .wallets
            .values()
            .flat_map(|ledger| &ledger.credits)
            .map(|credit| {
                let fields = json!({ "credits_available": credit.available, "transaction_status": credit.status });
                (credit.id.clone(), fields)
            })
            .collect();
        let available: Decimal = self
            .wallets
            .values()
            .flat_map(|ledger| &ledger.credits)
            .map(|credit| &credit.available)
            .sum();
        json!({
            "wallet": wallets.get("w1"),
            "wallets": wallets,
            "credits": credits,
            "sum_credits_available": available,
        })
    }
}

fn wallet_fields(ledger: &Ledger) -> Value {
    json!({
        "credit_balance": ledger.wallet.credit_balance,
        "balance": ledger.wallet.balance,
        "wallet_status": ledger.wallet.status,
    })
}

fn moved(movement: &Movement) -> Value {
    json!({ "credit_amount": movement.credit_amount, "amount": movement.amount })
}

fn consumed(debit: Debit) -> Vec<String> {
    debit.draws.into_iter().map(|draw| draw.credit_id).collect()
}

#[derive(Deserialize)]
struct GivenSlab {
    threshold: Decimal,
    bonus: GivenBonus,
    expiration_duration: Option<i64>,
    expiration_duration_unit: Option<CreditGrantExpiryDurationUnit>,
}

#[derive(Deserialize)]
struct GivenBonus {
    r#type: String,
    value: Decimal,
}

fn bonus_slabs(given: &Value) -> Result<Option<BonusSlabs>, String> {
    if given.is_null() || given["enabled"] == json!(false) {
        return Ok(None);
    }
    let slabs: Result<Vec<BonusSlab>, String> = input::<Vec<GivenSlab>>(&given["slabs"])?
        .into_iter()
        .map(|slab| {
            Ok(BonusSlab {
                threshold: slab.threshold,
                bonus: match slab.bonus.r#type.as_str() {
                    "flat" => Bonus::Flat(slab.bonus.value),
                    "percentage" => Bonus::Percentage(slab.bonus.value),
                    other => return Err(format!("unknown bonus {other}")),
                },
                life: slab
                    .expiration_duration
                    .zip(slab.expiration_duration_unit)
                    .map(|(count, unit)| CreditLife { count, unit }),
            })
        })
        .collect();
    BonusSlabs::new(slabs?).map(Some).map_err(text)
}

pub fn wallet_ops(given: &Value) -> Result<Value, String> {
    let mut bench = Bench::new(given)?;
    let mut results = Vec::new();
    for given_operation in given["operations"].as_array().ok_or("operations are missing")? {
        let at: Timestamp = input(&given_operation["at"])?;
        let label = given_operation["wallet"].as_str().unwrap_or("w1");
        results.push(match bench.run(label, input(given_operation)?, at) {
            Ok(mut answer) => {
                answer["ok"] = json!(true);
                answer
            }
            Err(error) => json!({
                "ok": false,
                "code": error.kind().code(),
                "http_status_code": http_status(error.kind()),
            }),
        });
    }
    let mut answer = bench.state();
    answer["results"] = json!(results);
    Ok(answer)
}

/// The wallet's lock makes simultaneous operations one after the other; equal ones give the same in any order.
pub fn concurrent(given: &Value) -> Result<Value, String> {
    let mut bench = Bench::new(given)?;
    let mut at = Timestamp::UNIX_EPOCH;
    for given_operation in given["initial_operations"]
        .as_array()
        .ok_or("initial_operations are missing")?
    {
        at = input(&given_operation["at"])?;
        bench.run("w1", input(given_operation)?, at).map_err(text)?;
    }
    let (mut succeeded, mut failed) = (0, BTreeMap::new());
    for given_operation in given["parallel"].as_array().ok_or("parallel is missing")? {
        for _ in 0..input::<u32>(&given_operation["count"])? {
            match bench.run("w1", input(given_operation)?, at) {
                Ok(_) => succeeded += 1,
                Err(error) => *failed.entry(error.kind().code()).or_insert(0) += 1,
            }
        }
    }
    let mut answer = bench.state();
    answer["succeeded"] = json!(succeeded);
    answer["failed"] = json!(failed);
    answer["webhook_counts"] = json!({ "wallet.transaction.updated": bench.completions });
    Ok(answer)
}
