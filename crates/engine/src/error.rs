//! One error for every use case: the contract's error, with storage failures folded in.

use std::fmt;

use tariff_contract::error::{ApiError, ErrorCode};
use tariff_core::{BillingError, ErrorKind};
use tariff_store::StoreError;
use tariff_usage::UsageError;

/// The result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a use case was refused or failed. A code, a public message and a private cause (spec 01 A5).
#[derive(Debug)]
pub struct Error(pub ApiError);

impl Error {
    /// Whether the same may succeed if it is tried again: the server failed, or somebody else was in the way.
    pub(crate) fn may_pass(&self) -> bool {
        self.0.http_status() >= 500 || self.0.code == ErrorCode::VersionConflict
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.0)
    }
}

impl std::error::Error for Error {}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self(match error {
            StoreError::UnknownField(field) => {
                ApiError::validation(format!("{field} is not a field that can be filtered or sorted by"))
                    .detail("field", field)
            }
            StoreError::Unfit { field, expected } => {
                ApiError::validation(format!("The filter on {field} needs {expected}")).detail("field", field)
            }
            StoreError::TooManyConditions { max } => {
                ApiError::validation(format!("A list takes at most {max} conditions")).detail("filters_max", max)
            }
            error @ StoreError::Conflict(_) => {
                ApiError::version_conflict("Somebody else changed the same records at the same time; try again")
                    .detail("retry_after_seconds", 1)
                    .caused_by(error)
            }
            error @ (StoreError::Duplicate(_)
            | StoreError::LockTimeout(_)
            | StoreError::StillRead
            | StoreError::Database(_)) => ApiError::database(error),
        })
    }
}

impl From<BillingError> for Error {
    fn from(error: BillingError) -> Self {
        let message = error.to_string();
        Self(match error.kind() {
            ErrorKind::Validation => ApiError::validation(message),
            ErrorKind::InvalidOperation => ApiError::invalid_operation(message),
            ErrorKind::AlreadyExists => ApiError::already_exists(message),
        })
    }
}

impl From<UsageError> for Error {
    fn from(error: UsageError) -> Self {
        Self(match error {
            UsageError::TooLong { field, .. } => ApiError::validation(error.to_string()).detail("field", field),
            UsageError::OffsetTooLarge { .. } => ApiError::validation(error.to_string()),
            error if error.is_unavailable() => {
                ApiError::service_unavailable("The events could not be stored; send them again").caused_by(error)
            }
            error => ApiError::database(error),
        })
    }
}

/// Turns a refused duplicate into a refusal of the caller's making; every other failure stays what it is.
pub(crate) fn on_duplicate(refusal: impl FnOnce() -> ApiError) -> impl FnOnce(StoreError) -> Error {
    move |error| match error {
        StoreError::Duplicate(_) => Error(refusal()),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nobodys_fault_may_pass() {
        let passing = [
            ApiError::database(fmt::Error),
            ApiError::service_unavailable("busy"),
            ApiError::version_conflict("undone in favour of another transaction"),
        ];
        assert!(passing.into_iter().all(|error| Error(error).may_pass()));
        let lasting = [
            ApiError::validation("bad"),
            ApiError::not_found("gone"),
            ApiError::already_exists("taken"),
        ];
        assert!(!lasting.into_iter().any(|error| Error(error).may_pass()));
    }
}
