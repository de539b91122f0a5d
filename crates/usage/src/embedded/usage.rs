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

/// Fewest pieces whose sum is worth remembering beside their own.
const RUN_PIECES_MIN: usize = 4;
/// Most pieces of a run; bounds what a question about all customers keeps at a time.
const RUN_PIECES_MAX: usize = 4_096;

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
        let mut runs = Runs::default();
        for chunk in self.view.packed.chunks(bounds) {
            let chunk = chunk?;
            let head = chunk.head;
            if head.last_ms < self.from_ms || head.first_ms >= self.to_ms {
                continue;
            }
            let dead = self.view.dead_of(&chunk, &dead_on_disk);
            match self.place(head.first_ms, head.last_ms) {
                Some(place) => {
                    if let Some(full) = runs.push(place, Whole::Chunk(chunk, dead)) {
                        self.run(&full, place)?;
                    }
                }
                None => {
                    let (view, query, fold) = (self.view, self.query, &mut self.fold);
                    view.each_row(&chunk, &dead, |row| add(fold, query, row))?;
                }
            }
        }
        self.rest(runs)
    }

    fn slice(&mut self, slice: &SeriesSlice) -> Result<(), UsageError> {
        let visible = self.view.visible;
        let mut runs = Runs::default();
        for block in &slice.sealed {
            if block.last_ms < self.from_ms || block.first_ms >= self.to_ms {
                continue;
            }
            // A block that is not wholly visible yet has fewer rows for this question than for later ones.
            let visible_whole = block.rows.last().is_some_and(|row| row.sequence < visible);
            match self.place(block.first_ms, block.last_ms).filter(|_| visible_whole) {
                Some(place) => {
                    if let Some(full) = runs.push(place, Whole::Block(Arc::clone(block), slice.dead_in(block))) {
                        self.run(&full, place)?;
                    }
                }
                None => self.rows(&block.rows)?,
            }
        }
        self.rest(runs)?;
        self.rows(&slice.open)
    }

    fn rest(&mut self, runs: Runs) -> Result<(), UsageError> {
        self.run(&runs.in_period, Place::InPeriod)?;
        self.run(&runs.before_period, Place::BeforePeriod)
    }

    /// Merges whole pieces: what all of them amount to together, as long as they are the same as the last time.
    fn run(&mut self, pieces: &[Whole], place: Place) -> Result<(), UsageError> {
        if pieces.len() < RUN_PIECES_MIN {
            for whole in pieces {
                let partial = self.partial_of(whole)?;
                self.fold.merge_partial(&partial, place);
            }
            return Ok(());
        }
        let run = Piece::run(pieces.iter().map(Whole::piece));
        let partial = self.memo.partial(run, self.fingerprint, || {
            let mut fold = UsageFold::new(&self.timeless);
            for whole in pieces {
                fold.merge_partial(&*self.partial_of(whole)?, Place::InPeriod);
            }
            Ok::<_, UsageError>(fold.into_partial())
        })?;
        self.fold.merge_partial(&partial, place);
        Ok(())
    }

    /// What one piece amounts to.
    fn partial_of(&self, whole: &Whole) -> Result<Arc<UsagePartial>, UsageError> {
        let (query, visible) = (self.query, self.view.visible);
        self.memo.partial(whole.piece(), self.fingerprint, || {
            let mut fold = UsageFold::new(&self.timeless);
            match whole {
                Whole::Chunk(chunk, dead) => self.view.each_row(chunk, dead, |row| add(&mut fold, query, row))?,
                Whole::Block(block, _) => {
                    let live = block.rows.iter().filter(|row| row.is_live(visible));
                    live.map(|row| row.view())
                        .try_for_each(|row| add(&mut fold, query, row))?;
                }
            }
            Ok(fold.into_partial())
        })
    }

    fn rows(&mut self, rows: &[Arc<Row>]) -> Result<(), UsageError> {
        let visible = self.view.visible;
        for row in rows.iter().filter(|row| row.is_live(visible)) {
            add(&mut self.fold, self.query, row.view())?;
        }
        Ok(())
    }

    /// Where a piece with those times lies as a whole; `None` if the period cuts it, or if what it amounts to is no shorter
    /// than its events and so not worth remembering.
    fn place(&self, first_ms: i64, last_ms: i64) -> Option<Place> {
        if self.query.question.by_instant {
            return None;
        }
        if first_ms >= self.start_ms && last_ms < self.to_ms {
            Some(Place::InPeriod)
        } else if last_ms < self.start_ms && last_ms < self.to_ms {
            Some(Place::BeforePeriod)
        } else {
            None
        }
    }
}

/// A piece that the period does not cut.
enum Whole {
    /// A chunk and its dead.
    Chunk(FoundChunk, Vec<u64>),
    /// A block and the number of its dead.
    Block(Arc<Block>, u32),
}

impl Whole {
    /// What it is remembered as: the piece, its rows, its dead.
    fn piece(&self) -> (Piece, usize, u32) {
        match self {
            Self::Chunk(chunk, dead) => (
                Piece::chunk(chunk.head.locator),
                usize::try_from(chunk.head.rows).unwrap_or(usize::MAX),
                u32::try_from(dead.len()).unwrap_or(u32::MAX),
            ),
            Self::Block(block, dead) => (Piece::Block(block.id), block.rows.len(), *dead),
        }
    }
}

/// Whole pieces in the order of the walk, by where they lie.
#[derive(Default)]
struct Runs {
    in_period: Vec<Whole>,
    before_period: Vec<Whole>,
}

impl Runs {
    /// Adds a piece; gives the run back when it is as long as a run may be.
    fn push(&mut self, place: Place, whole: Whole) -> Option<Vec<Whole>> {
        let run = match place {
            Place::InPeriod => &mut self.in_period,
            Place::BeforePeriod => &mut self.before_period,
        };
        run.push(whole);
        (run.len() >= RUN_PIECES_MAX).then(|| std::mem::take(run))
    }
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
