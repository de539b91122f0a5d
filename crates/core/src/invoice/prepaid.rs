//! Prepaid credits on invoice lines (spec 05 §5.6, spec 06 §4.6).

use crate::vocabulary::{PriceType, WalletStatus, WalletType};
use crate::{Currency, Decimal};

/// A wallet that may pay usage lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrepaidWallet {
    /// Only prepaid wallets pay lines.
    pub wallet_type: WalletType,
    /// Only active ones do.
    pub status: WalletStatus,
    /// Must be the invoice's.
    pub currency: Currency,
    /// Value of the credits that may pay this invoice: those eligible at its period end (spec 06 Q10).
    pub spendable: Decimal,
}

/// What a line still asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrepaidNeed {
    /// Only usage lines are covered; wallets' allowed price types are ignored.
    pub price_type: PriceType,
    /// Line amount less both discounts.
    pub amount: Decimal,
}

/// Which credits went where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrepaidCredits {
    /// Credits on each line.
    pub applied: Vec<Decimal>,
    /// What each wallet pays in all, in the order given; one debit each.
    pub wallet_debits: Vec<Decimal>,
    /// Sum of either.
    pub total: Decimal,
}

/// Pays usage lines in their order from the wallets, the one with the highest value first, equal ones in the order given
/// (that of creation). What is taken is rounded *down* to the currency, so that no unit finer than the currency ever
/// leaves a wallet (spec 05 Q5, spec 06 Q9).
#[must_use]
pub fn apply_prepaid_credits(needs: &[PrepaidNeed], wallets: &[PrepaidWallet], currency: &Currency) -> PrepaidCredits {
    let mut order: Vec<usize> = (0..wallets.len())
        .filter(|index| may_pay(&wallets[*index], currency))
        .collect();
    // A stable sort keeps the order of creation among equals.
    order.sort_by(|left, right| wallets[*right].spendable.cmp(&wallets[*left].spendable));
    let mut balances: Vec<Decimal> = wallets.iter().map(|wallet| wallet.spendable.clone()).collect();
    let mut wallet_debits = vec![Decimal::zero(); wallets.len()];
    let applied: Vec<Decimal> = needs
        .iter()
        .map(|need| {
            let mut left = match need.price_type {
                PriceType::Usage => need.amount.clone().floor_at_zero(),
                PriceType::Fixed => Decimal::zero(),
            };
            let mut paid = Decimal::zero();
            for &wallet in &order {
                let take = balances[wallet].clone().min(left.clone()).floor(currency.digits());
                balances[wallet] -= &take;
                wallet_debits[wallet] += &take;
                left -= &take;
                paid += &take;
            }
            paid
        })
        .collect();
    PrepaidCredits {
        total: applied.iter().sum(),
        applied,
        wallet_debits,
    }
}

fn may_pay(wallet: &PrepaidWallet, currency: &Currency) -> bool {
    wallet.wallet_type == WalletType::PrePaid
        && wallet.status == WalletStatus::Active
        && wallet.currency == *currency
        && wallet.spendable.is_positive()
}
