//! Slows down whoever guesses passwords (spec 01 A1, B9).
//!
//! Failures are counted in this process, per e-mail and overall, in windows that begin with their first failure. The time
//! comes from the caller.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tariff_contract::error::ApiError;
use tariff_core::Timestamp;

use crate::error::{Error, Result};

/// Failures of one e-mail before its logins are refused.
const FAILURES_PER_EMAIL_MAX: u32 = 10;
/// How long failures of one e-mail count, in seconds.
const EMAIL_WINDOW_SECONDS: i64 = 15 * 60;
/// Failures of all e-mails before all logins are refused.
const FAILURES_OVERALL_MAX: u32 = 300;
/// How long failures of all e-mails count, in seconds.
const OVERALL_WINDOW_SECONDS: i64 = 60;

/// Attempts in a row, since an instant.
#[derive(Debug, Clone, Copy)]
struct Window {
    begun_at: i64,
    attempts: u32,
}

impl Window {
    fn ended(self, now: i64, seconds: i64) -> bool {
        // A clock that was set back must not lock anybody out.
        now >= self.begun_at + seconds || now < self.begun_at
    }
}

#[derive(Debug, Default)]
struct Attempts {
    /// Bounded by the overall limit: at most 300 new ones a minute, for fifteen minutes.
    by_email: HashMap<String, Window>,
    overall: Option<Window>,
}

/// Counts attempts to log in.
#[derive(Debug, Default)]
pub(crate) struct LoginThrottle(Mutex<Attempts>);

impl LoginThrottle {
    /// Counts an attempt before the password is looked at, so that parallel guesses count too.
    ///
    /// # Errors
    /// `too_many_requests`, with `details.retry_after_seconds`.
    pub(crate) fn admit(&self, email: &str, now: Timestamp) -> Result<()> {
        let now = now.as_second();
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.forget_ended(now);
        let overall = attempts.overall.unwrap_or(Window {
            begun_at: now,
            attempts: 0,
        });
        if overall.attempts >= FAILURES_OVERALL_MAX {
            return Err(refusal(overall.begun_at + OVERALL_WINDOW_SECONDS - now));
        }
        let of_email = attempts.by_email.get(email).copied().unwrap_or(Window {
            begun_at: now,
            attempts: 0,
        });
        if of_email.attempts >= FAILURES_PER_EMAIL_MAX {
            return Err(refusal(of_email.begun_at + EMAIL_WINDOW_SECONDS - now));
        }
        attempts.overall = Some(Window {
            attempts: overall.attempts + 1,
            ..overall
        });
        attempts.by_email.insert(
            email.to_owned(),
            Window {
                attempts: of_email.attempts + 1,
                ..of_email
            },
        );
        Ok(())
    }

    /// Takes an attempt back that turned out to be no guess.
    pub(crate) fn succeeded(&self, email: &str) {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.by_email.remove(email);
        if let Some(overall) = &mut attempts.overall {
            overall.attempts = overall.attempts.saturating_sub(1);
        }
    }
}

impl Attempts {
    fn forget_ended(&mut self, now: i64) {
        self.overall = self.overall.filter(|window| !window.ended(now, OVERALL_WINDOW_SECONDS));
        // Looking through all of them is cheap next to hashing one password.
        self.by_email
            .retain(|_, window| !window.ended(now, EMAIL_WINDOW_SECONDS));
    }
}

fn refusal(seconds: i64) -> Error {
    let error = ApiError::too_many_requests("Too many attempts to log in; try again later");
    Error(error.detail("retry_after_seconds", seconds.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    #[test]
    fn guesses_at_one_email_are_cut_off_until_its_window_ends() {
        let throttle = LoginThrottle::default();
        for _ in 0..FAILURES_PER_EMAIL_MAX {
            throttle.admit("a@example.com", at(0)).unwrap();
        }
        let refused = throttle.admit("a@example.com", at(60)).unwrap_err();
        assert_eq!(refused.0.http_status(), 429);
        assert_eq!(refused.0.details["retry_after_seconds"], EMAIL_WINDOW_SECONDS - 60);
        throttle.admit("b@example.com", at(60)).unwrap();
        throttle.admit("a@example.com", at(EMAIL_WINDOW_SECONDS)).unwrap();
    }

    #[test]
    fn guesses_at_many_emails_are_cut_off_together() {
        let throttle = LoginThrottle::default();
        for guess in 0..FAILURES_OVERALL_MAX {
            throttle.admit(&format!("user{guess}@example.com"), at(0)).unwrap();
        }
        assert!(throttle.admit("another@example.com", at(59)).is_err());
        throttle.admit("another@example.com", at(60)).unwrap();
    }

    #[test]
    fn logins_that_succeed_do_not_count() {
        let throttle = LoginThrottle::default();
        for _ in 0..3 * FAILURES_OVERALL_MAX {
            throttle.admit("a@example.com", at(0)).unwrap();
            throttle.succeeded("a@example.com");
        }
    }
}
