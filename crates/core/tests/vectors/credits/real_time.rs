//! Real-time balances among the credit vectors.

use serde::Deserialize;
use serde_json::{Value, json};
use tariff_core::credits::{SubscriptionUsage, UnpaidInvoice, UnpaidLine, Wallet, WalletFacts, real_time_balance};
use tariff_core::vocabulary::{
    InvoiceStatus, PaymentStatus, PriceType, SubscriptionStatus, SubscriptionType, WalletConfigPriceType, WalletStatus,
};
use tariff_core::{Currency, Decimal, Timestamp};

use crate::pricing::given::currency;
use crate::support::{input, text};

#[derive(Deserialize)]
struct GivenSubscription {
    currency: String,
    subscription_status: SubscriptionStatus,
    subscription_type: SubscriptionType,
    current_period_usage_charges: Decimal,
}

#[derive(Deserialize)]
struct GivenInvoice {
    currency: String,
    invoice_status: InvoiceStatus,
    payment_status: PaymentStatus,
    period_end: Option<Timestamp>,
    amount_remaining: Decimal,
    amount_paid: Decimal,
    line_items: Vec<GivenLine>,
}

#[derive(Deserialize)]
struct GivenLine {
    price_type: PriceType,
    amount: Decimal,
    #[serde(default)]
    prepaid_credits_applied: Decimal,
    #[serde(default)]
    line_item_discount: Decimal,
}

pub fn real_time(given: &Value) -> Result<Value, String> {
    let given_wallet = &given["wallet"];
    let rate: Decimal = input(&given_wallet["conversion_rate"])?;
    let mut wallet = Wallet::open(input(&given_wallet["wallet_type"])?, rate.clone(), rate).map_err(text)?;
    wallet.balance = input(&given_wallet["balance"])?;
    if let Some(status) = input::<Option<WalletStatus>>(&given_wallet["wallet_status"])? {
        wallet.status = status;
    }
    let allowed: Vec<WalletConfigPriceType> = input(&given_wallet["config"]["allowed_price_types"])?;
    let facts = WalletFacts {
        wallet: &wallet,
        currency: &currency(&given_wallet["currency"])?,
        allowed_price_types: &allowed,
    };
    let subscriptions: Result<Vec<SubscriptionUsage>, String> =
        input::<Vec<GivenSubscription>>(&given["subscriptions"])?
            .into_iter()
            .map(subscription)
            .collect();
    let invoices: Result<Vec<UnpaidInvoice>, String> = input::<Vec<GivenInvoice>>(&given["invoices"])?
        .into_iter()
        .map(invoice)
        .collect();
    let answer = real_time_balance(&facts, &subscriptions?, &invoices?, input(&given["now"])?).map_err(text)?;
    Ok(json!({
        "real_time_balance": answer.balance,
        "real_time_credit_balance": answer.credit_balance,
        "current_period_usage": answer.current_period_usage,
        "unpaid_invoices_amount": answer.unpaid_invoices_amount,
    }))
}

fn subscription(given: GivenSubscription) -> Result<SubscriptionUsage, String> {
    Ok(SubscriptionUsage {
        currency: Currency::parse(&given.currency).map_err(text)?,
        status: given.subscription_status,
        subscription_type: given.subscription_type,
        usage_charges: given.current_period_usage_charges,
    })
}

fn invoice(given: GivenInvoice) -> Result<UnpaidInvoice, String> {
    let lines = given.line_items.into_iter().map(|line| UnpaidLine {
        price_type: line.price_type,
        amount: line.amount,
        prepaid_credits_applied: line.prepaid_credits_applied,
        line_item_discount: line.line_item_discount,
    });
    Ok(UnpaidInvoice {
        currency: Currency::parse(&given.currency).map_err(text)?,
        status: given.invoice_status,
        payment_status: given.payment_status,
        period_end: given.period_end,
        amount_remaining: given.amount_remaining,
        amount_paid: given.amount_paid,
        lines: lines.collect(),
    })
}
