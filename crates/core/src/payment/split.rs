//! Automatic collection: postpaid wallets first, the rest by card (spec 05 §5.17, Q16).

use crate::vocabulary::{PriceType, WalletConfigPriceType, WalletStatus, WalletType};
use crate::{Currency, Decimal};

/// A wallet that may pay an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostpaidWallet {
    /// Only postpaid wallets pay invoices.
    pub wallet_type: WalletType,
    /// Only active ones do.
    pub status: WalletStatus,
    /// Must be the invoice's.
    pub currency: Currency,
    /// Value of its credits.
    pub balance: Decimal,
    /// What it may pay; empty means anything.
    pub allowed_price_types: Vec<WalletConfigPriceType>,
}

/// A line's gross amount; its price type decides who may pay it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitLine {
    /// Any other type counts as FIXED.
    pub price_type: PriceType,
    /// Gross.
    pub amount: Decimal,
}

/// Who pays what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentSplit {
    /// What each wallet pays, in the order given.
    pub per_wallet: Vec<Decimal>,
    /// Positions of the paying wallets in the order of payment.
    pub order: Vec<usize>,
    /// Sum of the wallets' parts.
    pub wallet_amount: Decimal,
    /// What is left for the card.
    pub card_amount: Decimal,
}

/// What a wallet may pay; the order is that of payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    UsageOnly,
    FixedOnly,
    /// Usage and fixed lines by name: both buckets, hence not the tax.
    Both,
    Anything,
}

impl Reach {
    fn of(allowed: &[WalletConfigPriceType]) -> Self {
        let allows = |price_type| allowed.contains(&price_type);
        if allowed.is_empty() || allows(WalletConfigPriceType::All) {
            return Self::Anything;
        }
        match (
            allows(WalletConfigPriceType::Usage),
            allows(WalletConfigPriceType::Fixed),
        ) {
            (true, false) => Self::UsageOnly,
            (false, true) => Self::FixedOnly,
            (true, true) | (false, false) => Self::Both,
        }
    }

    /// Wallets that reach everything are one class.
    fn class(self) -> Self {
        match self {
            Self::UsageOnly => Self::UsageOnly,
            Self::FixedOnly => Self::FixedOnly,
            Self::Both | Self::Anything => Self::Anything,
        }
    }
}

/// Line amounts not yet paid by a wallet.
struct Buckets {
    usage: Decimal,
    fixed: Decimal,
}

impl Buckets {
    fn within(&self, reach: Reach, remaining: &Decimal) -> Decimal {
        match reach {
            Reach::UsageOnly => self.usage.clone(),
            Reach::FixedOnly => self.fixed.clone(),
            Reach::Both => &self.usage + &self.fixed,
            Reach::Anything => remaining.clone(),
        }
    }

    fn deduct(&mut self, reach: Reach, paid: &Decimal) {
        let mut left = paid.clone();
        if reach != Reach::FixedOnly {
            let usage = left.clone().min(self.usage.clone());
            self.usage -= &usage;
            left -= &usage;
        }
        if reach != Reach::UsageOnly {
            let fixed = left.min(self.fixed.clone());
            self.fixed -= &fixed;
        }
    }
}

/// Plans the payment of `remaining`: usage-only wallets, fixed-only ones, then the rest, in each class the largest
/// balance first. A wallet pays at most its balance, rounded down to the currency, what it may, and what remains.
#[must_use]
pub fn split_payment(
    lines: &[SplitLine],
    remaining: &Decimal,
    wallets: &[PostpaidWallet],
    currency: &Currency,
) -> PaymentSplit {
    let mut buckets = Buckets {
        usage: bucket(lines, PriceType::Usage),
        fixed: bucket(lines, PriceType::Fixed),
    };
    let mut candidates: Vec<(usize, Reach)> = wallets
        .iter()
        .enumerate()
        .filter(|(_, wallet)| may_pay(wallet, currency))
        .map(|(index, wallet)| (index, Reach::of(&wallet.allowed_price_types)))
        .collect();
    candidates.sort_by(|(left, left_reach), (right, right_reach)| {
        let by_class = left_reach.class().cmp(&right_reach.class());
        by_class.then_with(|| wallets[*right].balance.cmp(&wallets[*left].balance))
    });
    let mut left = remaining.clone();
    let mut per_wallet = vec![Decimal::zero(); wallets.len()];
    let mut order = Vec::new();
    for (index, reach) in candidates {
        let allowed = buckets.within(reach, &left).min(left.clone());
        let paid = wallets[index].balance.clone().min(allowed).floor(currency.digits());
        if paid.is_positive() {
            buckets.deduct(reach, &paid);
            left -= &paid;
            per_wallet[index] = paid;
            order.push(index);
        }
    }
    PaymentSplit {
        wallet_amount: remaining - &left,
        card_amount: left,
        per_wallet,
        order,
    }
}

fn may_pay(wallet: &PostpaidWallet, currency: &Currency) -> bool {
    wallet.wallet_type == WalletType::PostPaid
        && wallet.status == WalletStatus::Active
        && wallet.currency == *currency
        && wallet.balance.is_positive()
}

fn bucket(lines: &[SplitLine], price_type: PriceType) -> Decimal {
    let of_type = lines.iter().filter(|line| line.price_type == price_type);
    of_type.map(|line| &line.amount).sum()
}
