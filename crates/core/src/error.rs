//! Why a calculation refuses its input.
//!
//! One enum for the crate, so that the engine maps it to the wire in one place: [`BillingError::kind`] says which
//! of the contract's two refusals applies.

/// A refusal by one of the calculations of this crate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BillingError {
    /// A period count below one (spec 04 §4.3).
    #[error("billing period count must be at least 1")]
    InvalidPeriodCount,
    /// A one-time price has no next period.
    #[error("a ONETIME billing period does not recur")]
    NotRecurring,
    /// An instant, count or amount beyond what the calculation covers.
    #[error("{0} is out of range")]
    OutOfRange(&'static str),
    /// A number that must be positive is zero or negative.
    #[error("{0} must be greater than zero")]
    NotPositive(&'static str),
    /// A number that must not be negative is.
    #[error("{0} must not be negative")]
    Negative(&'static str),
    /// Any other input that a rule of the specification excludes; the text names the rule.
    #[error("{0}")]
    Invalid(&'static str),
    /// The input is sound, but the present state of the record or wallet excludes the operation.
    #[error("{0}")]
    NotAllowed(&'static str),
    /// The record or entry was already written; repeating it changes nothing.
    #[error("{0}")]
    AlreadyDone(&'static str),
}

/// The contract's class of a refusal (spec 03 §1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// 400 `validation_error`.
    Validation,
    /// 400 `invalid_operation`.
    InvalidOperation,
    /// 409 `already_exists`.
    AlreadyExists,
}

impl ErrorKind {
    /// The error code on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Validation => "validation_error",
            Self::InvalidOperation => "invalid_operation",
            Self::AlreadyExists => "already_exists",
        }
    }
}

impl BillingError {
    /// How the refusal appears on the wire.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::InvalidPeriodCount
            | Self::NotRecurring
            | Self::OutOfRange(_)
            | Self::NotPositive(_)
            | Self::Negative(_)
            | Self::Invalid(_) => ErrorKind::Validation,
            Self::NotAllowed(_) => ErrorKind::InvalidOperation,
            Self::AlreadyDone(_) => ErrorKind::AlreadyExists,
        }
    }
}
