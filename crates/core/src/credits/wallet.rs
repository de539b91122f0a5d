//! A wallet's balances and rates (spec 06 §2.1, §4.1).

use crate::vocabulary::{WalletStatus, WalletType};
use crate::{BillingError, Decimal};

/// Fractional digits of stored credits and balances.
pub const CREDIT_DIGITS: u32 = 9;

/// A wallet's money state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wallet {
    /// Whether it is filled before or after use.
    pub wallet_type: WalletType,
    /// Only active wallets move credits.
    pub status: WalletStatus,
    /// Currency per credit when credits are spent; above zero.
    pub conversion_rate: Decimal,
    /// Currency per credit when credits are bought; above zero.
    pub topup_conversion_rate: Decimal,
    /// Credits, to 9 digits; negative after an overdraft.
    pub credit_balance: Decimal,
    /// Their value in currency, to 9 digits.
    pub balance: Decimal,
}

impl Wallet {
    /// An active, empty wallet.
    ///
    /// # Errors
    /// [`BillingError::NotPositive`] unless both rates are above zero.
    pub fn open(
        wallet_type: WalletType,
        conversion_rate: Decimal,
        topup_conversion_rate: Decimal,
    ) -> Result<Self, BillingError> {
        if !conversion_rate.is_positive() {
            return Err(BillingError::NotPositive("conversion_rate"));
        }
        if !topup_conversion_rate.is_positive() {
            return Err(BillingError::NotPositive("topup_conversion_rate"));
        }
        Ok(Self {
            wallet_type,
            status: WalletStatus::Active,
            conversion_rate,
            topup_conversion_rate,
            credit_balance: Decimal::zero(),
            balance: Decimal::zero(),
        })
    }

    /// Credits bought for `amount`, to 16 digits.
    ///
    /// # Errors
    /// [`BillingError::NotPositive`] for a rate of zero.
    pub fn credits_bought_for(&self, amount: &Decimal) -> Result<Decimal, BillingError> {
        amount
            .div(&self.topup_conversion_rate)
            .map_err(|_| BillingError::NotPositive("topup_conversion_rate"))
    }

    /// Credits worth `value`, to 16 digits. Money returned to a wallet is converted this way, so that the wallet gains
    /// exactly that value (Q33).
    ///
    /// # Errors
    /// [`BillingError::NotPositive`] for a rate of zero.
    pub fn credits_worth(&self, value: &Decimal) -> Result<Decimal, BillingError> {
        value
            .div(&self.conversion_rate)
            .map_err(|_| BillingError::NotPositive("conversion_rate"))
    }

    /// Refuses unless the wallet is active.
    ///
    /// # Errors
    /// [`BillingError::NotAllowed`].
    pub fn check_active(&self) -> Result<(), BillingError> {
        match self.status {
            WalletStatus::Active => Ok(()),
            WalletStatus::Frozen | WalletStatus::Closed => Err(BillingError::NotAllowed("the wallet is not active")),
        }
    }

    /// The wallet with `credits` more (fewer if negative). The credits come in unrounded: what the wallet is worth is
    /// rounded from their sum, and without credits it is worth nothing (spec 06 §4.1). The credits themselves are rounded
    /// as those that are added to or drawn from, so that the balance is always the sum of what is left of them; to round
    /// their sum would differ from that where exactly half a digit is moved.
    pub(super) fn moved(&self, credits: &Decimal) -> Self {
        let credit_balance = &self.credit_balance + &credits.round(CREDIT_DIGITS);
        let balance = if credit_balance.is_zero() {
            Decimal::zero()
        } else {
            (&(&self.credit_balance + credits) * &self.conversion_rate).round(CREDIT_DIGITS)
        };
        Self {
            balance,
            credit_balance,
            ..self.clone()
        }
    }
}
