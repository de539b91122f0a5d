//! How large a question about usage may be. Every answer is held in memory while it is made.

use tariff_contract::error::ApiError;
use tariff_core::Scope;
use tariff_core::aggregation::{Period, UsageAnswer};
use tariff_core::vocabulary::WindowSize;
use tariff_usage::{UsageLog, UsageQuery};

use crate::error::Result;

/// Most rows, windows and buckets that one answer may have, all together: 100 days of minutes.
pub(crate) const PARTS_MAX: usize = 150_000;

/// Most questions that one request may put to the event log.
pub(crate) const QUESTIONS_MAX: usize = 1_000;

/// What a request may still ask for.
pub(crate) struct Budget {
    parts: usize,
    questions: usize,
}

impl Budget {
    /// That of a new request.
    pub(crate) const fn new() -> Self {
        Self {
            parts: PARTS_MAX,
            questions: QUESTIONS_MAX,
        }
    }

    /// Puts a question to the log.
    ///
    /// # Errors
    /// `validation_error` when the request asks for too much; failures of the log.
    pub(crate) async fn ask(
        &mut self,
        log: &dyn UsageLog,
        scope: &Scope,
        query: &mut UsageQuery,
    ) -> Result<UsageAnswer> {
        self.questions = self.questions.checked_sub(1).ok_or_else(too_many_questions)?;
        query.question.cells_max = self.parts;
        let answer = log.usage(scope, query).await?;
        if answer.is_too_large {
            return Err(too_large().into());
        }
        let parts =
            |group: &tariff_core::aggregation::UsageGroup| 1 + group.usage.windows.len() + group.usage.buckets.len();
        self.parts = self.parts.saturating_sub(answer.groups.iter().map(parts).sum());
        Ok(answer)
    }
}

/// The refusal of an answer with too many parts.
pub(crate) fn too_large() -> ApiError {
    let message = format!(
        "The answer would have more than {PARTS_MAX} rows, windows and buckets; ask for a shorter range, wider windows \
         or fewer groups"
    );
    ApiError::validation(message).detail("parts_max", PARTS_MAX)
}

/// The refusal of a request that asks for the usage of too many meters or lines.
pub(crate) fn too_many_questions() -> ApiError {
    let message = format!("The request asks for more than {QUESTIONS_MAX} meters or lines; name some of them");
    ApiError::validation(message).detail("questions_max", QUESTIONS_MAX)
}

/// Refuses windows of which the period could hold too many.
pub(crate) fn check_windows(period: Period, size: WindowSize) -> Result<()> {
    let windows_max = i64::try_from(PARTS_MAX).unwrap_or(i64::MAX);
    if period.seconds() / shortest_seconds(size) > windows_max {
        return Err(too_large().into());
    }
    Ok(())
}

const fn shortest_seconds(size: WindowSize) -> i64 {
    const MINUTE: i64 = 60;
    match size {
        WindowSize::Minute => MINUTE,
        WindowSize::FifteenMinutes => 15 * MINUTE,
        WindowSize::ThirtyMinutes => 30 * MINUTE,
        WindowSize::Hour => 60 * MINUTE,
        WindowSize::ThreeHours => 3 * 60 * MINUTE,
        WindowSize::SixHours => 6 * 60 * MINUTE,
        WindowSize::TwelveHours => 12 * 60 * MINUTE,
        WindowSize::Day => 24 * 60 * MINUTE,
        WindowSize::Week => 7 * 24 * 60 * MINUTE,
        WindowSize::Month => 28 * 24 * 60 * MINUTE,
    }
}
