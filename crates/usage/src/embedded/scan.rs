//! Answers usage questions: walks the stretches of `events` that can matter and folds them.

use tariff_core::aggregation::{EventView, UsageAnswer, UsageFold};

use super::database::View;
use super::keys::{self, ScopeId};
use super::record::{Record, timestamp};
use crate::event::ceil_ms;
use crate::{Customers, UsageError, UsageQuery};

/// How many rows outside the period are stepped over before a seek is cheaper.
const STEPS_BEFORE_SEEK: u32 = 16;

/// Times of a key: `from ≤ t < to`, in milliseconds.
#[derive(Clone, Copy)]
struct Span {
    from: i64,
    to: i64,
}

pub(super) fn usage(view: &View<'_>, scope: Option<ScopeId>, query: &UsageQuery) -> Result<UsageAnswer, UsageError> {
    let question = &query.question;
    let mut fold = UsageFold::new(question);
    let Some(scope) = scope else { return Ok(fold.finish()) };
    let from = if question.needs_history() {
        i64::MIN
    } else {
        ceil_ms(question.period.start)
    };
    let span = Span {
        from,
        to: ceil_ms(question.period.end),
    };
    if span.from >= span.to {
        return Ok(fold.finish());
    }
    let mut prefix = scope.to_be_bytes().to_vec();
    keys::push_text(&mut prefix, question.meter.event_name());
    match &query.customers {
        Customers::These(customers) => {
            let mut customers: Vec<&String> = customers.iter().collect();
            customers.sort_unstable();
            customers.dedup();
            for customer in customers {
                let mut series = prefix.clone();
                keys::push_text(&mut series, customer);
                one_series(view, &series, span, query, &mut fold)?;
            }
        }
        Customers::All => all_series(view, &prefix, span, query, &mut fold)?,
    }
    Ok(fold.finish())
}

/// One customer's events: a single contiguous stretch.
fn one_series(
    view: &View<'_>,
    series: &[u8],
    span: Span,
    query: &UsageQuery,
    fold: &mut UsageFold<'_>,
) -> Result<(), UsageError> {
    let start = keys::join(&[series, &keys::time_bytes(span.from)]);
    let end = keys::join(&[series, &keys::time_bytes(span.to)]);
    for entry in view.events(&start, &end) {
        let (key, value) = entry.into_inner().map_err(UsageError::read)?;
        let (ms, _) = key
            .get(series.len()..)
            .and_then(keys::take_time)
            .ok_or(UsageError::Corrupt("event key"))?;
        add(fold, query, ms, &value)?;
    }
    Ok(())
}

/// All customers of one event name. Rows outside the span are stepped over, or jumped over where they are many.
fn all_series(
    view: &View<'_>,
    prefix: &[u8],
    span: Span,
    query: &UsageQuery,
    fold: &mut UsageFold<'_>,
) -> Result<(), UsageError> {
    let Some(end) = keys::after_prefix(prefix) else {
        return Ok(());
    };
    let mut start = Some(prefix.to_vec());
    while let Some(from) = start.take() {
        let mut outside = 0;
        for entry in view.events(&from, &end) {
            let (key, value) = entry.into_inner().map_err(UsageError::read)?;
            let (series, ms) = split(&key, prefix.len()).ok_or(UsageError::Corrupt("event key"))?;
            if span.from <= ms && ms < span.to {
                add(fold, query, ms, &value)?;
                outside = 0;
                continue;
            }
            outside += 1;
            if outside >= STEPS_BEFORE_SEEK {
                start = if ms < span.from {
                    Some(keys::join(&[series, &keys::time_bytes(span.from)]))
                } else {
                    keys::after_prefix(series)
                };
                break;
            }
        }
    }
    Ok(())
}

/// The series and the time of an event key whose name ends at `name_end`.
fn split(key: &[u8], name_end: usize) -> Option<(&[u8], i64)> {
    let customer = keys::text_length(key.get(name_end..)?)?;
    let (series, rest) = key.split_at_checked(name_end + customer)?;
    Some((series, keys::take_time(rest)?.0))
}

fn add(fold: &mut UsageFold<'_>, query: &UsageQuery, ms: i64, value: &[u8]) -> Result<(), UsageError> {
    let (order, record) = Record::read(value)?;
    if query
        .customer_id
        .as_ref()
        .is_some_and(|customer_id| customer_id != record.customer_id)
    {
        return Ok(());
    }
    let view = EventView {
        timestamp: timestamp(ms)?,
        ingested_at: record.ingested_at(),
        order,
        source: record.source,
        properties: record.properties,
    };
    fold.add(view).map_err(|_| UsageError::Corrupt("event properties"))
}
