//! Single credits, and the order in which they are spent (spec 06 §4.3).

use std::cmp::{Ordering, Reverse};

use jiff::Timestamp;

use crate::Decimal;
use crate::vocabulary::{TransactionReason, TransactionStatus};

/// A credit transaction of a wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    /// Id of its transaction.
    pub id: String,
    /// Only completed credits can be spent.
    pub status: TransactionStatus,
    /// Why it was written.
    pub reason: TransactionReason,
    /// Its original size in credits.
    pub credit_amount: Decimal,
    /// What of it can still be spent; on a pending credit the whole amount, though it cannot be spent yet.
    pub available: Decimal,
    /// Lower is spent earlier; `None` last.
    pub priority: Option<i64>,
    /// Last instant at which it can be spent; `None` never ends.
    pub expiry: Option<Timestamp>,
    /// When it was written.
    pub created_at: Timestamp,
}

/// A part of a debit that came from one credit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draw {
    /// Id of the credit.
    pub credit_id: String,
    /// Credits taken from it.
    pub credits: Decimal,
}

impl Credit {
    /// Whether anything of it can be spent at `instant`; its last instant counts.
    #[must_use]
    pub fn is_eligible(&self, instant: Timestamp) -> bool {
        self.has_rest() && self.expiry.is_none_or(|expiry| expiry >= instant)
    }

    /// Whether it is completed and not used up, expired or not.
    #[must_use]
    pub fn has_rest(&self) -> bool {
        self.status == TransactionStatus::Completed && self.available.is_positive()
    }
}

/// Which of two credits is spent first: the lower priority, then the earlier expiry (none is last in either), then the
/// larger original size, then the older one, then the lower id (Q1).
#[must_use]
pub fn consumption_order(left: &Credit, right: &Credit) -> Ordering {
    let key = |credit: &Credit| {
        (
            credit.priority.is_none(),
            credit.priority,
            credit.expiry.is_none(),
            credit.expiry,
        )
    };
    key(left)
        .cmp(&key(right))
        .then_with(|| Reverse(&left.credit_amount).cmp(&Reverse(&right.credit_amount)))
        .then_with(|| left.created_at.cmp(&right.created_at))
        .then_with(|| left.id.cmp(&right.id))
}

/// Sum of what can be spent at `instant`.
#[must_use]
pub fn eligible_credits(credits: &[Credit], instant: Timestamp) -> Decimal {
    let eligible = credits.iter().filter(|credit| credit.is_eligible(instant));
    eligible.map(|credit| &credit.available).sum()
}

/// What can still be spent of a wallet's credits, by where it came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AvailableCredits {
    /// Bought ones.
    pub purchased: Decimal,
    /// Given ones: free and subscription grants.
    pub free: Decimal,
}

/// Adds up what is available of completed credits; bonuses and returned money count as neither (spec 06 §4.6, Q16).
#[must_use]
pub fn available_credits(credits: &[Credit]) -> AvailableCredits {
    let mut available = AvailableCredits::default();
    for credit in credits.iter().filter(|credit| credit.has_rest()) {
        match credit.reason {
            TransactionReason::PurchasedCreditInvoiced | TransactionReason::PurchasedCreditDirect => {
                available.purchased += &credit.available;
            }
            TransactionReason::FreeCreditGrant | TransactionReason::SubscriptionCreditGrant => {
                available.free += &credit.available;
            }
            TransactionReason::PurchasedCreditBonus
            | TransactionReason::CreditNote
            | TransactionReason::InvoiceVoidRefund
            | TransactionReason::InvoicePayment
            | TransactionReason::CreditExpired
            | TransactionReason::WalletTermination
            | TransactionReason::ManualBalanceDebit
            | TransactionReason::CreditAdjustment => {}
        }
    }
    available
}

/// Takes up to `need` from the credits that `may_use` accepts, in order, and returns what was taken from each.
pub(super) fn draw(credits: &mut [Credit], need: &Decimal, may_use: impl Fn(&Credit) -> bool) -> Vec<Draw> {
    let mut order: Vec<usize> = (0..credits.len()).filter(|index| may_use(&credits[*index])).collect();
    order.sort_by(|left, right| consumption_order(&credits[*left], &credits[*right]));
    let mut left = need.clone();
    let mut draws = Vec::new();
    for index in order {
        if !left.is_positive() {
            break;
        }
        let credit = &mut credits[index];
        let take = left.clone().min(credit.available.clone());
        credit.available -= &take;
        left -= &take;
        draws.push(Draw {
            credit_id: credit.id.clone(),
            credits: take,
        });
    }
    draws
}
