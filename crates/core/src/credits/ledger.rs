//! One wallet with its credits, and the operations on both (spec 06 §4.2-4.5).

use jiff::Timestamp;

use super::credit::{Credit, Draw, draw, eligible_credits};
use super::expiry::is_due_for_expiry;
use super::movement::{CreditSize, Debit, DebitRequest, Movement, NewCredit};
use super::wallet::{CREDIT_DIGITS, Wallet};
use crate::vocabulary::{TransactionReason, TransactionStatus, WalletStatus, WalletType};
use crate::{BillingError, Decimal};

/// A wallet as read under its lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// Balances and rates.
    pub wallet: Wallet,
    /// All credits that are pending or have a rest; used-up ones may be left out.
    pub credits: Vec<Credit>,
}

impl Ledger {
    /// Writes a completed credit. After an overdraft, only what remains once the debt is repaid can be spent (Q5).
    ///
    /// # Errors
    /// [`BillingError::NotAllowed`] for a wallet that is not active; [`BillingError::NotPositive`] for no credits.
    pub fn add(&mut self, new: NewCredit) -> Result<Movement, BillingError> {
        self.wallet.check_active()?;
        check_positive(&new.credits)?;
        let unrounded = new.credits.clone();
        let mut credit = pending_credit(new);
        credit.available = self.available_after_debt(&credit.credit_amount);
        credit.status = TransactionStatus::Completed;
        self.credits.push(credit);
        let rate = self.wallet.topup_conversion_rate.clone();
        Ok(self.shift(&unrounded, &rate))
    }

    /// Writes a completed credit for money returned to the wallet (voids, refund notes, proration credits): so many
    /// credits that the wallet gains exactly `value`, whatever the rate of buying (Q33). `new.credits` is ignored.
    ///
    /// # Errors
    /// As [`Ledger::add`].
    pub fn add_returned(&mut self, new: NewCredit, value: &Decimal) -> Result<Movement, BillingError> {
        let credits = self.wallet.credits_worth(value)?;
        let movement = self.add(NewCredit { credits, ..new })?;
        Ok(Movement {
            amount: value.round(CREDIT_DIGITS),
            ..movement
        })
    }

    /// Writes the credit of a purchase that waits for its payment; the balance stays.
    ///
    /// # Errors
    /// As [`Ledger::add`].
    pub fn add_pending(&mut self, new: NewCredit) -> Result<Movement, BillingError> {
        self.wallet.check_active()?;
        check_positive(&new.credits)?;
        let amount = (&new.credits * &self.wallet.topup_conversion_rate).round(CREDIT_DIGITS);
        let credit = pending_credit(new);
        let credit_amount = credit.credit_amount.clone();
        self.credits.push(credit);
        Ok(Movement {
            credit_amount,
            amount,
            credit_balance_before: self.wallet.credit_balance.clone(),
            credit_balance_after: self.wallet.credit_balance.clone(),
        })
    }

    /// Completes a pending credit on the present balance; `None` if it is completed already, or failed. The balance
    /// grows by the value at the rate of spending (Q3).
    ///
    /// # Errors
    /// [`BillingError::NotAllowed`] for a wallet that is not active; [`BillingError::Invalid`] for an unknown credit.
    pub fn complete(&mut self, credit_id: &str) -> Result<Option<Movement>, BillingError> {
        let position = self.credits.iter().position(|credit| credit.id == credit_id);
        let position = position.ok_or(BillingError::Invalid("the wallet has no such credit"))?;
        if self.credits[position].status != TransactionStatus::Pending {
            return Ok(None);
        }
        self.wallet.check_active()?;
        let credit_amount = self.credits[position].credit_amount.clone();
        let available = self.available_after_debt(&credit_amount);
        let credit = &mut self.credits[position];
        credit.available = available;
        credit.status = TransactionStatus::Completed;
        let rate = self.wallet.topup_conversion_rate.clone();
        Ok(Some(self.shift(&credit_amount, &rate)))
    }

    /// Moves a pending credit here from a wallet that was closed before its payment came: so many credits that they
    /// are worth the same at this wallet's rate (spec 06 §4.2). Complete it afterwards.
    ///
    /// # Errors
    /// [`BillingError::NotAllowed`] for a wallet that is not active; [`BillingError::Invalid`] for an unknown credit or
    /// one that is not pending.
    pub fn adopt_pending(&mut self, closed: &mut Self, credit_id: &str) -> Result<(), BillingError> {
        self.wallet.check_active()?;
        let is_sought = |credit: &Credit| credit.id == credit_id && credit.status == TransactionStatus::Pending;
        let position = closed.credits.iter().position(is_sought);
        let position = position.ok_or(BillingError::Invalid("the wallet has no such pending credit"))?;
        let value = &closed.credits[position].credit_amount * &closed.wallet.conversion_rate;
        let credits = self.wallet.credits_worth(&value)?.round(CREDIT_DIGITS);
        let credit = closed.credits.remove(position);
        self.credits.push(Credit {
            credit_amount: credits.clone(),
            available: credits,
            ..credit
        });
        Ok(())
    }

    /// Spends credits.
    ///
    /// # Errors
    /// [`BillingError::NotPositive`] for nothing to spend; [`BillingError::NotAllowed`] for a wallet that is not active,
    /// and for too few credits unless the reason is a manual debit, which spends what it can and overdraws the rest.
    pub fn debit(&mut self, request: &DebitRequest) -> Result<Debit, BillingError> {
        let credits = match &request.size {
            CreditSize::Value(value) => self.wallet.credits_worth(value)?,
            CreditSize::Credits(credits) => credits.round(CREDIT_DIGITS),
        };
        check_positive(&credits)?;
        self.wallet.check_active()?;
        // Needs and rests are compared at the precision of storage (Q2).
        let need = credits.round(CREDIT_DIGITS);
        let may_overdraw = request.reason == TransactionReason::ManualBalanceDebit;
        if !may_overdraw && eligible_credits(&self.credits, request.eligible_at) < need {
            return Err(BillingError::NotAllowed("the wallet's credits are insufficient"));
        }
        let draws = draw(&mut self.credits, &need, |credit| {
            credit.is_eligible(request.eligible_at)
        });
        Ok(self.write_debit(&credits, draws))
    }

    /// Takes the rest of one expired credit out of the wallet; `None` if it is not due at `now` or has no rest.
    ///
    /// # Errors
    /// [`BillingError::Invalid`] for an unknown credit.
    pub fn expire(&mut self, credit_id: &str, now: Timestamp) -> Result<Option<Debit>, BillingError> {
        let credit = self.credits.iter_mut().find(|credit| credit.id == credit_id);
        let credit = credit.ok_or(BillingError::Invalid("the wallet has no such credit"))?;
        if !is_due_for_expiry(credit, now) {
            return Ok(None);
        }
        let rest = std::mem::take(&mut credit.available);
        let draws = vec![Draw {
            credit_id: credit.id.clone(),
            credits: rest.clone(),
        }];
        Ok(Some(self.write_debit(&rest, draws)))
    }

    /// Closes the wallet for good, spending a positive balance whatever its credits' expiry (Q6); `None` without one.
    ///
    /// # Errors
    /// [`BillingError::NotAllowed`] for a wallet that is not active.
    pub fn close(&mut self) -> Result<Option<Debit>, BillingError> {
        self.wallet.check_active()?;
        let rest = self.wallet.credit_balance.clone();
        let debit = rest.is_positive().then(|| {
            let draws = draw(&mut self.credits, &rest, Credit::has_rest);
            self.write_debit(&rest, draws)
        });
        self.wallet.status = WalletStatus::Closed;
        Ok(debit)
    }

    /// Closes a prepaid wallet and opens a postpaid one with its rates and its whole positive balance as a single credit
    /// without expiry or priority (Q6).
    ///
    /// # Errors
    /// [`BillingError::NotAllowed`] for a wallet that is not prepaid or not active.
    pub fn convert_to_postpaid(
        &mut self,
        transfer_id: String,
        now: Timestamp,
    ) -> Result<(Option<Debit>, Self), BillingError> {
        self.wallet.check_active()?;
        match self.wallet.wallet_type {
            WalletType::PrePaid => {}
            WalletType::PostPaid => return Err(BillingError::NotAllowed("the wallet is not prepaid")),
        }
        let rates = (
            self.wallet.conversion_rate.clone(),
            self.wallet.topup_conversion_rate.clone(),
        );
        let mut target = Self {
            wallet: Wallet::open(WalletType::PostPaid, rates.0, rates.1)?,
            credits: Vec::new(),
        };
        let debit = self.close()?;
        if let Some(debit) = &debit {
            target.add(NewCredit {
                id: transfer_id,
                reason: TransactionReason::FreeCreditGrant,
                credits: debit.movement.credit_amount.clone(),
                priority: None,
                expiry: None,
                created_at: now,
            })?;
        }
        Ok((debit, target))
    }

    /// `clamp(balance + credits - available, 0, credits)`: all of a new credit without debt, less what repays it.
    fn available_after_debt(&self, credits: &Decimal) -> Decimal {
        let completed = self
            .credits
            .iter()
            .filter(|credit| credit.status == TransactionStatus::Completed);
        let available: Decimal = completed.map(|credit| &credit.available).sum();
        let free = &(&self.wallet.credit_balance + credits) - &available;
        free.floor_at_zero().min(credits.clone())
    }

    fn write_debit(&mut self, credits: &Decimal, draws: Vec<Draw>) -> Debit {
        let rate = self.wallet.conversion_rate.clone();
        Debit {
            movement: self.shift(&-credits.clone(), &rate),
            draws,
        }
    }

    /// Moves the balance by unrounded credits and records it at `rate`.
    fn shift(&mut self, credits: &Decimal, rate: &Decimal) -> Movement {
        let moved = self.wallet.moved(credits);
        let before = std::mem::replace(&mut self.wallet, moved);
        Movement {
            credit_amount: credits.abs().round(CREDIT_DIGITS),
            amount: (&credits.abs() * rate).round(CREDIT_DIGITS),
            credit_balance_before: before.credit_balance,
            credit_balance_after: self.wallet.credit_balance.clone(),
        }
    }
}

fn pending_credit(new: NewCredit) -> Credit {
    let credit_amount = new.credits.round(CREDIT_DIGITS);
    Credit {
        id: new.id,
        status: TransactionStatus::Pending,
        reason: new.reason,
        available: credit_amount.clone(),
        credit_amount,
        priority: new.priority,
        expiry: new.expiry,
        created_at: new.created_at,
    }
}

fn check_positive(credits: &Decimal) -> Result<(), BillingError> {
    if credits.is_positive() {
        Ok(())
    } else {
        Err(BillingError::NotPositive("credits"))
    }
}
