//! What a top-up request buys (spec 06 §4.2).

use jiff::Timestamp;

use super::bonus::BonusSlabs;
use super::life::add_life;
use super::wallet::{CREDIT_DIGITS, Wallet};
use crate::vocabulary::TransactionReason;
use crate::{BillingError, Decimal};

/// A top-up as requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopUpRequest {
    /// Currency to pay; used when no credits are given.
    pub amount: Option<Decimal>,
    /// Credits to add; wins over the amount.
    pub credits_to_add: Option<Decimal>,
    /// Why.
    pub reason: TransactionReason,
    /// Last instant of consumption.
    pub expiry: Option<Timestamp>,
    /// Order of consumption.
    pub priority: Option<i64>,
    /// Explicit bonus; wins over slabs.
    pub bonus_credits: Option<Decimal>,
    /// Expiry of the bonus; wins over the slab's.
    pub bonus_expiry: Option<Timestamp>,
    /// Whether the request wants a checkout session.
    pub has_checkout: bool,
}

/// What to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopUp {
    /// Credits, unrounded.
    pub credits: Decimal,
    /// A separate credit with its own expiry and no priority.
    pub bonus: Option<BonusCredit>,
}

/// The bonus of a top-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BonusCredit {
    /// Credits, unrounded.
    pub credits: Decimal,
    /// Last instant of consumption.
    pub expiry: Option<Timestamp>,
}

impl TopUpRequest {
    /// Checks the request and works out its credits and bonus. `slabs` are those of an enabled bonus configuration; they
    /// count for purchases only.
    ///
    /// # Errors
    /// [`BillingError::Invalid`], [`BillingError::NotPositive`] or [`BillingError::Negative`] naming the field.
    pub fn plan(&self, wallet: &Wallet, slabs: Option<&BonusSlabs>, now: Timestamp) -> Result<TopUp, BillingError> {
        let credits = self.credits(wallet)?;
        if !credits.is_positive() {
            return Err(BillingError::NotPositive("credits_to_add"));
        }
        let is_purchase = self.check_reason()?;
        check_expiry(self.expiry, now, "expiry_date_utc lies in the past")?;
        if self.priority.is_some_and(|priority| priority < 0) {
            return Err(BillingError::Negative("priority"));
        }
        if self.bonus_credits.as_ref().is_some_and(|bonus| !bonus.is_positive()) {
            return Err(BillingError::NotPositive("bonus_credits_to_add"));
        }
        check_expiry(self.bonus_expiry, now, "bonus_credits_expiry_date_utc lies in the past")?;
        let bonus = match (&self.bonus_credits, slabs) {
            (Some(bonus), _) => Some(BonusCredit {
                credits: bonus.round(CREDIT_DIGITS),
                expiry: self.bonus_expiry,
            }),
            (None, Some(slabs)) if is_purchase => self.slab_bonus(slabs, &credits, now)?,
            (None, _) => None,
        };
        Ok(TopUp { credits, bonus })
    }

    fn credits(&self, wallet: &Wallet) -> Result<Decimal, BillingError> {
        match (&self.credits_to_add, &self.amount) {
            (Some(credits), _) if !credits.is_zero() => Ok(credits.round(CREDIT_DIGITS)),
            (_, Some(amount)) => wallet.credits_bought_for(amount),
            (_, None) => Ok(Decimal::zero()),
        }
    }

    /// Whether the reason is a purchase.
    fn check_reason(&self) -> Result<bool, BillingError> {
        if self.has_checkout && self.reason != TransactionReason::PurchasedCreditInvoiced {
            return Err(BillingError::Invalid(
                "checkout needs the reason PURCHASED_CREDIT_INVOICED",
            ));
        }
        match self.reason {
            TransactionReason::PurchasedCreditInvoiced | TransactionReason::PurchasedCreditDirect => Ok(true),
            TransactionReason::FreeCreditGrant
            | TransactionReason::SubscriptionCreditGrant
            | TransactionReason::CreditNote
            | TransactionReason::InvoiceVoidRefund => Ok(false),
            TransactionReason::InvoicePayment
            | TransactionReason::CreditExpired
            | TransactionReason::WalletTermination
            | TransactionReason::ManualBalanceDebit
            | TransactionReason::CreditAdjustment
            | TransactionReason::PurchasedCreditBonus => {
                Err(BillingError::Invalid("this transaction_reason is not one of a top-up"))
            }
        }
    }

    fn slab_bonus(
        &self,
        slabs: &BonusSlabs,
        credits: &Decimal,
        now: Timestamp,
    ) -> Result<Option<BonusCredit>, BillingError> {
        let Some((credits, life)) = slabs.bonus_for(credits) else {
            return Ok(None);
        };
        let slab_expiry = life.map(|life| add_life(now, life)).transpose()?;
        Ok(Some(BonusCredit {
            credits,
            expiry: self.bonus_expiry.or(slab_expiry),
        }))
    }
}

fn check_expiry(expiry: Option<Timestamp>, now: Timestamp, message: &'static str) -> Result<(), BillingError> {
    if expiry.is_some_and(|expiry| expiry < now) {
        return Err(BillingError::Invalid(message));
    }
    Ok(())
}
