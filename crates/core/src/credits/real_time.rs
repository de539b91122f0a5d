//! What a wallet would hold if everything used so far were paid (spec 06 §4.6).

use jiff::Timestamp;

use super::wallet::Wallet;
use crate::vocabulary::{
    InvoiceStatus, PaymentStatus, PriceType, SubscriptionStatus, SubscriptionType, WalletConfigPriceType, WalletStatus,
    WalletType,
};
use crate::{BillingError, Currency, Decimal};

/// The wallet asked about.
#[derive(Debug, Clone)]
pub struct WalletFacts<'a> {
    /// Balances and rates.
    pub wallet: &'a Wallet,
    /// Its currency.
    pub currency: &'a Currency,
    /// What it may pay; empty counts as usage.
    pub allowed_price_types: &'a [WalletConfigPriceType],
}

/// Usage of a subscription that the wallet's customer pays for.
#[derive(Debug, Clone)]
pub struct SubscriptionUsage {
    /// Its currency.
    pub currency: Currency,
    /// Only active and trialing ones count.
    pub status: SubscriptionStatus,
    /// Only those invoiced themselves count.
    pub subscription_type: SubscriptionType,
    /// Usage charges of the current period, after entitlements.
    pub usage_charges: Decimal,
}

/// An invoice of the wallet's customer, drafts computed.
#[derive(Debug, Clone)]
pub struct UnpaidInvoice {
    /// Its currency.
    pub currency: Currency,
    /// Only drafts and finalized ones count.
    pub status: InvoiceStatus,
    /// Settled ones do not count.
    pub payment_status: PaymentStatus,
    /// Drafts of a period still running do not count.
    pub period_end: Option<Timestamp>,
    /// What is left to pay.
    pub amount_remaining: Decimal,
    /// What was paid.
    pub amount_paid: Decimal,
    /// Its lines.
    pub lines: Vec<UnpaidLine>,
}

/// A line of an unpaid invoice.
#[derive(Debug, Clone)]
pub struct UnpaidLine {
    /// Only usage lines count for wallets restricted to usage.
    pub price_type: PriceType,
    /// Gross.
    pub amount: Decimal,
    /// Paid by prepaid credits.
    pub prepaid_credits_applied: Decimal,
    /// Line discounts.
    pub line_item_discount: Decimal,
}

/// The answer; unrounded, since it may be negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RealTimeBalance {
    /// Balance less what is pending.
    pub balance: Decimal,
    /// The same in credits, to 16 digits.
    pub credit_balance: Decimal,
    /// All that is pending.
    pub current_period_usage: Decimal,
    /// Usage on unpaid invoices; `None` for a wallet that is not active.
    pub unpaid_invoices_amount: Option<Decimal>,
}

/// The balance of a wallet after everything its customer owes at `now`.
///
/// # Errors
/// [`BillingError::NotPositive`] for a conversion rate of zero.
pub fn real_time_balance(
    facts: &WalletFacts<'_>,
    subscriptions: &[SubscriptionUsage],
    invoices: &[UnpaidInvoice],
    now: Timestamp,
) -> Result<RealTimeBalance, BillingError> {
    let wallet = facts.wallet;
    match (wallet.status, wallet.wallet_type) {
        (WalletStatus::Frozen | WalletStatus::Closed, _) => Ok(RealTimeBalance {
            balance: Decimal::zero(),
            credit_balance: Decimal::zero(),
            current_period_usage: Decimal::zero(),
            unpaid_invoices_amount: None,
        }),
        (WalletStatus::Active, WalletType::PostPaid) => after_pending(wallet, Decimal::zero(), Decimal::zero()),
        (WalletStatus::Active, WalletType::PrePaid) => {
            let counted: Vec<&UnpaidInvoice> = invoices.iter().filter(|invoice| counts(invoice, facts, now)).collect();
            let unpaid_usage: Decimal = counted
                .iter()
                .flat_map(|invoice| &invoice.lines)
                .map(usage_of_line)
                .sum();
            let pending = usage_charges(facts, subscriptions) + unpaid(facts, &counted, &unpaid_usage);
            after_pending(wallet, pending, unpaid_usage)
        }
    }
}

fn after_pending(wallet: &Wallet, pending: Decimal, unpaid_usage: Decimal) -> Result<RealTimeBalance, BillingError> {
    let balance = &wallet.balance - &pending;
    Ok(RealTimeBalance {
        credit_balance: wallet.credits_worth(&balance)?,
        balance,
        current_period_usage: pending,
        unpaid_invoices_amount: Some(unpaid_usage),
    })
}

fn allows(facts: &WalletFacts<'_>, price_type: WalletConfigPriceType) -> bool {
    facts.allowed_price_types.contains(&price_type) || facts.allowed_price_types.contains(&WalletConfigPriceType::All)
}

fn usage_charges(facts: &WalletFacts<'_>, subscriptions: &[SubscriptionUsage]) -> Decimal {
    if !facts.allowed_price_types.is_empty() && !allows(facts, WalletConfigPriceType::Usage) {
        return Decimal::zero();
    }
    let counted = subscriptions.iter().filter(|subscription| {
        let is_running = matches!(
            subscription.status,
            SubscriptionStatus::Active | SubscriptionStatus::Trialing
        );
        let is_invoiced = matches!(
            subscription.subscription_type,
            SubscriptionType::Standalone | SubscriptionType::Parent
        );
        is_running && is_invoiced && subscription.currency == *facts.currency
    });
    counted.map(|subscription| &subscription.usage_charges).sum()
}

fn counts(invoice: &UnpaidInvoice, facts: &WalletFacts<'_>, now: Timestamp) -> bool {
    let is_open = match invoice.status {
        InvoiceStatus::Finalized => true,
        InvoiceStatus::Draft => invoice.period_end.is_none_or(|end| end <= now),
        InvoiceStatus::Voided | InvoiceStatus::Skipped => false,
    };
    is_open
        && invoice.currency == *facts.currency
        && !invoice.amount_remaining.is_zero()
        && invoice.payment_status != PaymentStatus::Succeeded
}

/// A wallet that pays everything owes all that remains; one for usage owes the usage less all payments, also those made
/// for fixed charges (Q28).
fn unpaid(facts: &WalletFacts<'_>, invoices: &[&UnpaidInvoice], unpaid_usage: &Decimal) -> Decimal {
    if allows(facts, WalletConfigPriceType::Fixed) {
        invoices.iter().map(|invoice| &invoice.amount_remaining).sum()
    } else {
        let paid: Decimal = invoices.iter().map(|invoice| &invoice.amount_paid).sum();
        unpaid_usage - &paid
    }
}

fn usage_of_line(line: &UnpaidLine) -> Decimal {
    match line.price_type {
        PriceType::Usage => &(&line.amount - &line.prepaid_credits_applied) - &line.line_item_discount,
        PriceType::Fixed => Decimal::zero(),
    }
}
