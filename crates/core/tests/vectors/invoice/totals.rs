//! Totals among the invoice vectors.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use tariff_core::Decimal;
use tariff_core::discount::Coupon;
use tariff_core::invoice::{
    InvoiceBalance, InvoiceCalculation, InvoiceStage, InvoiceTotals, LineAmount, PrepaidWallet, computed_status,
    finalized_payment_status,
};
use tariff_core::tax::TaxRate;
use tariff_core::vocabulary::{
    BillingReason, CollectionMethod, InvoiceStatus, InvoiceType, PaymentStatus, PriceType, WalletStatus, WalletType,
};

use crate::pricing::given::{GivenCoupon, GivenTaxRate, currency};
use crate::support::input;

#[derive(Deserialize)]
struct Given {
    invoice_type: InvoiceType,
    stage: String,
    currency: Value,
    line_items: Vec<GivenLine>,
    #[serde(default)]
    line_item_coupons: Vec<LineCoupon>,
    #[serde(default)]
    invoice_coupons: Vec<GivenCoupon>,
    #[serde(default)]
    wallets: Vec<GivenWallet>,
    #[serde(default)]
    tax_rates: Vec<GivenTaxRate>,
    #[serde(default)]
    amount_paid: Decimal,
    billing_reason: Option<BillingReason>,
    collection_method: Option<CollectionMethod>,
}

#[derive(Deserialize)]
struct GivenLine {
    id: String,
    price_type: Option<PriceType>,
    amount: Decimal,
}

#[derive(Deserialize)]
struct LineCoupon {
    line_item_id: String,
    coupon: GivenCoupon,
}

#[derive(Deserialize)]
struct GivenWallet {
    id: String,
    balance: Decimal,
    wallet_type: WalletType,
    wallet_status: Option<WalletStatus>,
    currency: Option<Value>,
}

impl Given {
    fn stage(&self) -> Result<InvoiceStage, String> {
        match self.stage.as_str() {
            "finalized" => Ok(InvoiceStage::Finalized),
            "draft_computed" => Ok(InvoiceStage::DraftComputed),
            "preview" => Ok(InvoiceStage::Preview),
            other => Err(format!("unknown stage {other}")),
        }
    }

    fn line_coupons(&self) -> Result<Vec<(usize, Coupon)>, String> {
        let position = |id: &String| self.line_items.iter().position(|line| line.id == *id);
        let coupons = self.line_item_coupons.iter().map(|given| {
            let line = position(&given.line_item_id).ok_or("the coupon's line is missing")?;
            Ok((line, given.coupon.coupon()?))
        });
        coupons.collect()
    }

    fn wallets(&self) -> Result<Vec<PrepaidWallet>, String> {
        let wallets = self.wallets.iter().map(|wallet| {
            Ok(PrepaidWallet {
                wallet_type: wallet.wallet_type,
                status: wallet.wallet_status.unwrap_or(WalletStatus::Active),
                currency: currency(wallet.currency.as_ref().unwrap_or(&self.currency))?,
                spendable: wallet.balance.clone(),
            })
        });
        wallets.collect()
    }
}

pub fn invoice_total(given: &Value) -> Result<Value, String> {
    let given: Given = input(given)?;
    let currency = currency(&given.currency)?;
    let reason = given.billing_reason.unwrap_or(BillingReason::SubscriptionCycle);
    let lines: Vec<LineAmount> = given
        .line_items
        .iter()
        .map(|line| LineAmount {
            // A line without a type counts as fixed (spec 05 §2.2).
            price_type: line.price_type.unwrap_or(PriceType::Fixed),
            amount: line.amount.clone(),
        })
        .collect();
    let invoice_coupons: Result<Vec<Coupon>, String> = given.invoice_coupons.iter().map(GivenCoupon::coupon).collect();
    let rates: Result<Vec<TaxRate>, String> = given.tax_rates.iter().map(GivenTaxRate::rate).collect();
    let rounded: Decimal = lines.iter().map(|line| currency.round(&line.amount)).sum();
    let subtotal = if reason == BillingReason::SubscriptionTrialStart {
        Decimal::zero()
    } else {
        rounded
    };
    // A skipped invoice is never finalized.
    let stage = match computed_status(given.invoice_type, reason, &subtotal) {
        InvoiceStatus::Skipped => InvoiceStage::DraftComputed,
        _ => given.stage()?,
    };
    let calculation = InvoiceCalculation {
        currency: &currency,
        stage,
        reason,
        lines: &lines,
        line_coupons: &given.line_coupons()?,
        invoice_coupons: &invoice_coupons?,
        wallets: &given.wallets()?,
        tax_rates: &rates?,
    };
    let totals = calculation.totals();
    Ok(answer(&given, calculation.stage, reason, &totals))
}

fn answer(given: &Given, stage: InvoiceStage, reason: BillingReason, totals: &InvoiceTotals) -> Value {
    let collection = given.collection_method.unwrap_or(CollectionMethod::ChargeAutomatically);
    let (status, payment_status) = match (computed_status(given.invoice_type, reason, &totals.subtotal), stage) {
        (InvoiceStatus::Draft, InvoiceStage::Finalized) => (
            InvoiceStatus::Finalized,
            finalized_payment_status(&totals.total, reason, collection),
        ),
        (computed, _) => (computed, PaymentStatus::Pending),
    };
    let balance = InvoiceBalance::new(totals.total.clone(), given.amount_paid.clone());
    let lines: Vec<Value> = given
        .line_items
        .iter()
        .zip(&totals.lines)
        .map(|(line, total)| {
            json!({
                "id": line.id,
                "amount": total.amount,
                "line_item_discount": total.line_item_discount,
                "invoice_level_discount": total.invoice_level_discount,
                "prepaid_credits_applied": total.prepaid_credits_applied,
            })
        })
        .collect();
    let coupon_discounts: Vec<&Decimal> = totals
        .discounts
        .invoice_coupons
        .iter()
        .map(|one| &one.discount)
        .collect();
    let debits: Map<String, Value> = given
        .wallets
        .iter()
        .zip(&totals.credits.wallet_debits)
        .filter(|(_, debit)| !debit.is_zero())
        .map(|(wallet, debit)| (wallet.id.clone(), json!(debit)))
        .collect();
    let taxes: Vec<Value> = given.tax_rates.iter().zip(&totals.taxes.amounts).map(|(rate, amount)| {
        json!({ "code": rate.code, "taxable_amount": totals.taxes.taxable_amount, "tax_amount": amount })
    }).collect();
    json!({
        "subtotal": totals.subtotal,
        "total_discount": totals.discounts.total_discount,
        "line_items": lines,
        "invoice_coupon_discounts": coupon_discounts,
        "total_prepaid_credits_applied": totals.credits.total,
        "wallet_debits": debits,
        "taxes": taxes,
        "total_tax": totals.taxes.total_tax,
        "total": totals.total,
        "amount_due": balance.amount_due,
        "amount_remaining": balance.amount_remaining,
        "invoice_status": status,
        "payment_status": payment_status,
    })
}
