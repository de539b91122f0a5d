//! What goes into and comes out of a wallet, as its transactions record it (spec 06 §2.2).

use jiff::Timestamp;

use super::credit::Draw;
use crate::Decimal;
use crate::vocabulary::TransactionReason;

/// A credit to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCredit {
    /// Id of its transaction.
    pub id: String,
    /// Why it is written.
    pub reason: TransactionReason,
    /// How much, unrounded.
    pub credits: Decimal,
    /// Order of consumption.
    pub priority: Option<i64>,
    /// Last instant of consumption.
    pub expiry: Option<Timestamp>,
    /// When it is written.
    pub created_at: Timestamp,
}

/// What a transaction row records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// Credits moved, to 9 digits, positive.
    pub credit_amount: Decimal,
    /// Their amount in currency at the rate of buying or spending, to 9 digits, positive.
    pub amount: Decimal,
    /// Credit balance before.
    pub credit_balance_before: Decimal,
    /// Credit balance after.
    pub credit_balance_after: Decimal,
}

/// Size of a debit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreditSize {
    /// Currency, converted at the rate of spending.
    Value(Decimal),
    /// Credits.
    Credits(Decimal),
}

/// A debit to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DebitRequest {
    /// How much.
    pub size: CreditSize,
    /// A manual debit may overdraw.
    pub reason: TransactionReason,
    /// Credits expired before this instant are not spent: now, or the period end of the invoice being paid.
    pub eligible_at: Timestamp,
}

/// A written debit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debit {
    /// The transaction row.
    pub movement: Movement,
    /// The credits it came from, in order.
    pub draws: Vec<Draw>,
}
