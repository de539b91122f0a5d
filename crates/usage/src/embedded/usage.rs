//! Answers usage questions: walks the pieces of the log that can matter, and merges what they amount to.

use std::sync::Arc;
use tariff_core::Timestamp;

use tariff_core::aggregation::{EventView, Period, Place, UsageAnswer, UsageFold, UsagePartial, UsageQuestion};

use super::entry::{RowView, ingested_at, instant};
use super::files::FoundChunk;
use super::keys::{self, ScopeId};
use super::memo::{Fingerprint, Memo, Piece};
use super::state::View;
use super::tail::{Block, Row, SeriesSlice};
use crate::event::ceil_ms;
use crate::{Customers, UsageError, UsageQuery};

pub(super) fn usage(
    view: &View,
    memo: &Memo,
    scope: Option<ScopeId>,
    query: &UsageQuery,
) -> Result<UsageAnswer, UsageError> {
    let mut walk = Walk::new(view, memo, query);
    let Some(scope) = scope.filter(|_| walk.from_ms < walk.to_ms) else {
        return Ok(walk.fold.finish());
    };
    let event_name = query.question.meter.event_name();
    match &query.customers {
        Customers::These(customers) => {
            let mut customers: Vec<&String> = customers.iter().collect();
            customers.sort_unstable();
            customers.dedup();
            for customer in customers {
                walk.one_series(&keys::series(scope, event_name, customer))?;
            }
        }
        Customers::All => walk.all_series(scope, event_name)?,
    }
    Ok(walk.fold.finish())
}

/// An answer in the making.
struct Walk<'q> {
    view: &'q View,
    memo: &'q Memo,
    query: &'q UsageQuery,
    /// The question over all time, which is what pieces are remembered under.
    timeless: UsageQuestion,
    fingerprint: Fingerprint,
    fold: UsageFold<'q>,
    /// Times that matter: `from_ms ≤ t < to_ms`.
    from_ms: i64,
    to_ms: i64,
    /// The period itself starts here; what is earlier is history.
    start_ms: i64,
}

impl<'q> Walk<'q> {
    fn new(view: &'q View, memo: &'q Memo, query: &'q UsageQuery) -> Self {
        let question = &query.question;
        let start_ms = ceil_ms(question.period.start);
        Self {
            view,
            memo,
            query,
            timeless: UsageQuestion {
                period: Period {
                    start: Timestamp::MIN,
                    end: Timestamp::MAX,
                },
                // A piece is small; what is remembered of it must not depend on who asked.
                cells_max: usize::MAX,
                ..question.clone()
            },
            fingerprint: Fingerprint::of(question, query.customer_id.as_deref()),
            fold: UsageFold::new(question),
            from_ms: if question.needs_history() { i64::MIN } else { start_ms },
            to_ms: ceil_ms(question.period.end),
            start_ms,
        }
    }

    /// The events of one customer.
    fn one_series(&mut self, series: &[u8]) -> Result<(), UsageError> {
        let bounds = keys::chunk_bounds(series, keys::day_of(self.from_ms), keys::day_of(self.to_ms - 1));
        self.chunks(bounds)?;
        for slice in self.view.one_series(series) {
            self.slice(&slice)?;
        }
        Ok(())
    }

    /// The events of all customers.
    fn all_series(&mut self, scope: ScopeId, event_name: &str) -> Result<(), UsageError> {
        let mut prefix = scope.to_be_bytes().to_vec();
        keys::push_text(&mut prefix, event_name);
        self.chunks((prefix.clone(), keys::after_prefix(&prefix)))?;
        for (_, slice) in self.view.series(|series| series.starts_with(&prefix)) {
            self.slice(&slice)?;
        }
        Ok(())
    }

    fn chunks(&mut self, bounds: (Vec<u8>, Option<Vec<u8>>)) -> Result<(), UsageError> {
        let dead_on_disk = self.view.packed.dead(bounds.clone())?;
        for chunk in self.view.packed.chunks(bounds) {
            let chunk = chunk?;
            let head = chunk.head;
            if head.last_ms < self.from_ms || head.first_ms >= self.to_ms {
                continue;
            }
            let dead = self.view.dead_of(&chunk, &dead_on_disk);
            match self.place(head.first_ms, head.last_ms) {
                Some(place) => self.whole_chunk(&chunk, &dead, place)?,
                None => {
                    let (view, query, fold) = (self.view, self.query, &mut self.fold);
                    view.each_row(&chunk, &dead, |row| add(fold, query, row))?;
                }
            }
        }
        Ok(())
    }

    fn whole_chunk(&mut self, chunk: &FoundChunk, dead: &[u64], place: Place) -> Result<(), UsageError> {
        let rows = usize::try_from(chunk.head.rows).unwrap_or(usize::MAX);
        let dead_count = u32::try_from(dead.len()).unwrap_or(u32::MAX);
        let piece = (Piece::chunk(chunk.head.locator), rows, dead_count);
        let (view, query, timeless) = (self.view, self.query, &self.timeless);
        let partial = self.memo.partial(piece, self.fingerprint, || {
            partial(timeless, |fold| view.each_row(chunk, dead, |row| add(fold, query, row)))
        })?;
        self.fold.merge_partial(&partial, place);
        Ok(())
    }

    fn slice(&mut self, slice: &SeriesSlice) -> Result<(), UsageError> {
        let visible = self.view.visible;
        for block in &slice.sealed {
            if block.last_ms < self.from_ms || block.first_ms >= self.to_ms {
                continue;
            }
            // A block that is not wholly visible yet has fewer rows for this question than for later ones.
            let visible_whole = block.rows.last().is_some_and(|row| row.sequence < visible);
            match self.place(block.first_ms, block.last_ms).filter(|_| visible_whole) {
                Some(place) => self.whole_block(slice, block, place)?,
                None => self.rows(&block.rows)?,
            }
        }
        self.rows(&slice.open)
    }

    fn whole_block(&mut self, slice: &SeriesSlice, block: &Block, place: Place) -> Result<(), UsageError> {
        let (query, timeless, visible) = (self.query, &self.timeless, self.view.visible);
        let piece = (Piece::Block(block.id), block.rows.len(), slice.dead_in(block));
        let partial = self.memo.partial(piece, self.fingerprint, || {
            partial(timeless, |fold| {
                let live = block.rows.iter().filter(|row| row.is_live(visible));
                live.map(|row| row.view()).try_for_each(|row| add(fold, query, row))
            })
        })?;
        self.fold.merge_partial(&partial, place);
        Ok(())
    }

    fn rows(&mut self, rows: &[Arc<Row>]) -> Result<(), UsageError> {
        let visible = self.view.visible;
        for row in rows.iter().filter(|row| row.is_live(visible)) {
            add(&mut self.fold, self.query, row.view())?;
        }
        Ok(())
    }

    /// Where a piece with those times lies as a whole; `None` if the period cuts it.
    fn place(&self, first_ms: i64, last_ms: i64) -> Option<Place> {
        if first_ms >= self.start_ms && last_ms < self.to_ms {
            Some(Place::InPeriod)
        } else if last_ms < self.start_ms && last_ms < self.to_ms {
            Some(Place::BeforePeriod)
        } else {
            None
        }
    }
}

fn partial(
    timeless: &UsageQuestion,
    rows: impl FnOnce(&mut UsageFold<'_>) -> Result<(), UsageError>,
) -> Result<UsagePartial, UsageError> {
    let mut fold = UsageFold::new(timeless);
    rows(&mut fold)?;
    Ok(fold.into_partial())
}

fn add(fold: &mut UsageFold<'_>, query: &UsageQuery, row: RowView<'_>) -> Result<(), UsageError> {
    let other_customer_id = |wanted: &String| wanted != row.fields.customer_id;
    if query.customer_id.as_ref().is_some_and(other_customer_id) {
        return Ok(());
    }
    let event = EventView {
        timestamp: instant(row.time_ms)?,
        ingested_at: ingested_at(row.ingested_us),
        order: row.sequence,
        source: row.fields.source,
        properties: row.fields.properties,
    };
    fold.add(event).map_err(|_| UsageError::Corrupt("event properties"))
}
