//! Credit notes, payments and voids among the invoice vectors.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use tariff_core::credit_note::{self, NoteLine};
use tariff_core::invoice::InvoiceMoney;
use tariff_core::payment::{PostpaidWallet, SplitLine, check_payment, post_paid, set_payment_status, split_payment};
use tariff_core::vocabulary::{
    CreditNoteStatus, CreditNoteType, InvoiceStatus, PaymentStatus, PriceType, WalletConfigPriceType, WalletStatus,
    WalletType,
};
use tariff_core::{BillingError, Currency, Decimal};

use crate::commitment::http_status;
use crate::support::{input, text};

#[derive(Deserialize)]
struct GivenMoney {
    invoice_status: InvoiceStatus,
    payment_status: PaymentStatus,
    #[serde(default)]
    total: Decimal,
    #[serde(default)]
    amount_due: Decimal,
    #[serde(default)]
    amount_paid: Decimal,
    #[serde(default)]
    amount_remaining: Decimal,
    #[serde(default)]
    adjustment_amount: Decimal,
    #[serde(default)]
    refunded_amount: Decimal,
    #[serde(default)]
    total_prepaid_credits_applied: Decimal,
}

fn money(given: &Value) -> Result<InvoiceMoney, String> {
    let given: GivenMoney = input(&given["invoice"])?;
    Ok(InvoiceMoney {
        invoice_status: given.invoice_status,
        payment_status: given.payment_status,
        total: given.total,
        amount_due: given.amount_due,
        amount_paid: given.amount_paid,
        amount_remaining: given.amount_remaining,
        adjustment_amount: given.adjustment_amount,
        refunded_amount: given.refunded_amount,
        total_prepaid_credits_applied: given.total_prepaid_credits_applied,
    })
}

fn money_fields(money: &InvoiceMoney) -> Value {
    json!({
        "invoice_status": money.invoice_status,
        "payment_status": money.payment_status,
        "amount_due": money.amount_due,
        "amount_paid": money.amount_paid,
        "amount_remaining": money.amount_remaining,
        "adjustment_amount": money.adjustment_amount,
        "refunded_amount": money.refunded_amount,
        "overpaid_amount": money.overpaid_amount(),
    })
}

fn refusal(error: &BillingError) -> Value {
    json!({ "code": error.kind().code(), "http_status": http_status(error.kind()) })
}

fn note_lines(given: &Value) -> Result<Vec<NoteLine>, String> {
    let invoice_lines = given["invoice"]["line_items"]
        .as_array()
        .ok_or("line_items are missing")?;
    let lines = given["credit_note"]["line_items"]
        .as_array()
        .ok_or("line_items are missing")?;
    let credited = lines.iter().map(|line| {
        let id = &line["invoice_line_item_id"];
        let of_invoice = invoice_lines.iter().find(|invoice_line| invoice_line["id"] == *id);
        Ok(NoteLine {
            amount: input(&line["amount"])?,
            invoice_line_amount: input(&of_invoice.ok_or("the invoice has no such line")?["amount"])?,
            already_credited: Decimal::zero(),
        })
    });
    credited.collect()
}

/// A note, the invoice after the action, and what went to the wallet.
type NoteOutcome = Result<(Value, InvoiceMoney, Option<Decimal>), BillingError>;

pub fn credit_note(given: &Value) -> Result<Value, String> {
    let money = money(given)?;
    let limit = credit_note::note_type(money.payment_status)
        .map(|kind| credit_note::creditable(kind, &money))
        .ok();
    let outcome = match given["action"].as_str() {
        Some("create_and_finalize") => {
            let note = credit_note::create(&money, &note_lines(given)?);
            note.and_then(|note| finalize(&money, CreditNoteStatus::Draft, note.note_type, note.total_amount))
        }
        Some("finalize") => {
            let (status, kind, total) = existing_note(given)?;
            finalize(&money, status, kind, total)
        }
        Some("void") => {
            let (status, kind, total) = existing_note(given)?;
            let others = &money.adjustment_amount - &total;
            credit_note::void(&money, status, kind, &others).map(|money| {
                let fields = json!({
                    "credit_note_type": kind,
                    "credit_note_status": CreditNoteStatus::Voided,
                    "total_amount": total,
                });
                (fields, money, None)
            })
        }
        _ => return Err("unknown action".to_owned()),
    };
    Ok(match outcome {
        Ok((note, money, wallet_top_up)) => json!({
            "credit_note": note,
            "max_creditable_before": limit,
            "invoice": money_fields(&money),
            "wallet_top_up": wallet_top_up,
        }),
        Err(error) => json!({ "error": refusal(&error), "max_creditable_before": limit }),
    })
}

fn existing_note(given: &Value) -> Result<(CreditNoteStatus, CreditNoteType, Decimal), String> {
    let note = &given["existing_credit_note"];
    Ok((
        input(&note["credit_note_status"])?,
        input(&note["credit_note_type"])?,
        input(&note["total_amount"])?,
    ))
}

fn finalize(money: &InvoiceMoney, status: CreditNoteStatus, kind: CreditNoteType, total: Decimal) -> NoteOutcome {
    let finalized = credit_note::finalize(money, status, kind, &total)?;
    let fields = json!({
        "credit_note_type": kind,
        "credit_note_status": CreditNoteStatus::Finalized,
        "total_amount": total,
    });
    Ok((fields, finalized.money, finalized.wallet_top_up))
}

pub fn payment_sequence(given: &Value) -> Result<Value, String> {
    let mut money = money(given)?;
    // Processing counts all succeeded payments; a gateway's notice adds to what stands on the invoice.
    let mut succeeded = match given["path"].as_str() {
        Some("processed_payment") => Decimal::zero(),
        Some("gateway_reconcile") => money.amount_paid.clone(),
        _ => return Err("unknown path".to_owned()),
    };
    let mut steps = Vec::new();
    for payment in given["payments"].as_array().ok_or("payments are missing")? {
        let amount: Decimal = input(&payment["amount"])?;
        steps.push(match check_payment(&money, &amount) {
            Ok(()) => {
                succeeded += &amount;
                money = post_paid(&money, succeeded.clone());
                money_fields(&money)
            }
            Err(error) => json!({ "error": refusal(&error) }),
        });
    }
    Ok(json!({ "steps": steps }))
}

pub fn payment_status_update(given: &Value) -> Result<Value, String> {
    let target: PaymentStatus = input(&given["request"]["payment_status"])?;
    let amount: Option<Decimal> = input(&given["request"]["amount"])?;
    Ok(match set_payment_status(&money(given)?, target, amount.as_ref()) {
        Ok(money) => money_fields(&money),
        Err(error) => json!({ "error": refusal(&error) }),
    })
}

pub fn void(given: &Value) -> Result<Value, String> {
    Ok(match money(given)?.void() {
        Ok(void) => {
            let mut answer = money_fields(&void.money);
            answer["wallet_top_up"] = json!(void.wallet_top_up);
            answer
        }
        Err(error) => json!({ "error": refusal(&error) }),
    })
}

#[derive(Deserialize)]
struct GivenWallet {
    id: String,
    balance: Decimal,
    wallet_type: WalletType,
    wallet_status: Option<WalletStatus>,
    currency: Option<String>,
    allowed_price_types: Vec<WalletConfigPriceType>,
}

#[derive(Deserialize)]
struct GivenLine {
    price_type: PriceType,
    amount: Decimal,
}

pub fn payment_split(given: &Value) -> Result<Value, String> {
    let code: Option<String> = input(&given["currency"])?;
    let currency = Currency::parse(code.as_deref().unwrap_or("usd")).map_err(text)?;
    let given_wallets: Vec<GivenWallet> = input(&given["wallets"])?;
    let lines: Vec<GivenLine> = input(&given["line_items"])?;
    let lines: Vec<SplitLine> = lines
        .into_iter()
        .map(|line| SplitLine {
            price_type: line.price_type,
            amount: line.amount,
        })
        .collect();
    let wallets: Result<Vec<PostpaidWallet>, String> = given_wallets
        .iter()
        .map(|wallet| {
            let code = wallet.currency.as_deref().unwrap_or(currency.code());
            Ok(PostpaidWallet {
                wallet_type: wallet.wallet_type,
                status: wallet.wallet_status.unwrap_or(WalletStatus::Active),
                currency: Currency::parse(code).map_err(text)?,
                balance: wallet.balance.clone(),
                allowed_price_types: wallet.allowed_price_types.clone(),
            })
        })
        .collect();
    let split = split_payment(&lines, &input(&given["amount_remaining"])?, &wallets?, &currency);
    let per_wallet: Map<String, Value> = given_wallets
        .iter()
        .zip(&split.per_wallet)
        .map(|(wallet, paid)| (wallet.id.clone(), json!(paid)))
        .collect();
    Ok(json!({
        "wallet_amount": split.wallet_amount,
        "card_amount": split.card_amount,
        "per_wallet": per_wallet,
    }))
}
