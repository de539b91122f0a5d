//! What the usage of a line costs as analytics show it: as a whole, per window, and per time of day (spec 02 §4.10).
//!
//! Unlike on an invoice, a plain cost stays unrounded here. Allowances, discounts and taxes are not part of it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::aggregation::{Usage, UsageQuestion, WindowGrid};
use crate::commitment::{
    Commitment, CommitmentCharge, TimeBucket, UsageWindow, WindowedCharge, WindowedCommitment, window_starts,
};
use crate::pricing::Pricing;
use crate::{BillingError, Currency, Decimal};

/// How a line turns usage into money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UsageTerms {
    /// The price alone.
    Price(Pricing),
    /// The price, and a promise on the cost of the whole range.
    Committed(Pricing, Commitment),
    /// A promise in every bucket of the meter, perhaps with prices that depend on the time of day.
    Windowed(WindowedCommitment),
}

/// The cost of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageCost {
    /// Before discounts.
    pub subtotal: Decimal,
    /// The parts of a charge under a commitment, unrounded.
    pub commitment: Option<CommitmentCharge>,
    /// The cost of each window, by its start. Windows without usage are there only where a true-up is charged.
    pub windows: BTreeMap<Timestamp, WindowCost>,
    /// One per time bucket of a windowed commitment, in their order.
    pub time_buckets: Vec<TimeBucketCost>,
}

/// The cost of a display window, unrounded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WindowCost {
    /// Before discounts.
    pub subtotal: Decimal,
    /// Its parts under a windowed commitment; nothing without one.
    pub commitment: CommitmentCharge,
}

/// What was used and charged in the windows of one time bucket, unrounded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TimeBucketCost {
    /// Sum of the values.
    pub usage: Decimal,
    /// Their cost at the bucket's price.
    pub base_charge: Decimal,
    /// What the bucket's commitment made of it.
    pub commitment: CommitmentCharge,
}

impl UsageTerms {
    /// The cost of `usage`, the answer to `question`. True-ups reach up to `now`.
    ///
    /// # Errors
    /// [`BillingError::OutOfRange`] when a true-up has too many windows to fill.
    pub fn cost(
        &self,
        question: &UsageQuestion,
        usage: &Usage,
        currency: &Currency,
        now: Timestamp,
    ) -> Result<UsageCost, BillingError> {
        Ok(match (self, question.bucket_grid()) {
            (Self::Price(pricing), None) => UsageCost {
                subtotal: pricing.cost(&usage.value),
                windows: windows_on_their_own(pricing, usage),
                ..UsageCost::default()
            },
            (Self::Price(pricing), Some(_)) => of_buckets(pricing, question, usage, currency),
            (Self::Committed(pricing, commitment), grid) => {
                let mut cost = match grid {
                    None => UsageCost {
                        subtotal: currency.round(&pricing.cost(&usage.value)),
                        windows: windows_on_their_own(pricing, usage),
                        ..UsageCost::default()
                    },
                    Some(_) => of_buckets(pricing, question, usage, currency),
                };
                let charge = commitment.charge(&cost.subtotal);
                cost.subtotal = currency.round(&charge.charge());
                cost.commitment = Some(charge);
                cost
            }
            (Self::Windowed(commitment), Some(grid)) => {
                of_windowed(commitment, question, usage, currency, (&grid, now))?
            }
            // Only bucketed meters take a windowed commitment (spec 03 §5.12); without buckets the price alone is left.
            (Self::Windowed(commitment), None) => UsageCost {
                subtotal: commitment.line.pricing.cost(&usage.value),
                windows: windows_on_their_own(&commitment.line.pricing, usage),
                ..UsageCost::default()
            },
        })
    }

    /// The price without any promise, which is what a part of the usage costs (spec 02 §4.10 step 7).
    #[must_use]
    pub fn without_commitment(&self) -> Self {
        match self {
            Self::Price(pricing) | Self::Committed(pricing, _) => Self::Price(pricing.clone()),
            Self::Windowed(windowed) => Self::Price(windowed.line.pricing.clone()),
        }
    }

    /// Whether anything was promised.
    #[must_use]
    pub const fn has_commitment(&self) -> bool {
        !matches!(self, Self::Price(_))
    }
}

impl WindowedCommitment {
    /// Charges every bucket of `usage`, the answer to `question`, by itself. True-ups reach up to `now`. `None` when the
    /// meter has no buckets.
    ///
    /// # Errors
    /// [`BillingError::OutOfRange`] when a true-up has too many windows to fill.
    pub fn charge_usage(
        &self,
        question: &UsageQuestion,
        usage: &Usage,
        now: Timestamp,
    ) -> Result<Option<WindowedCharge>, BillingError> {
        let Some(grid) = question.bucket_grid() else {
            return Ok(None);
        };
        let grid = self.windows_to_fill(&grid, question, now)?;
        Ok(Some(self.charge(&used_windows(&values_by_bucket(usage)), &grid)))
    }

    /// The windows that a true-up fills; without one no window needs to be found.
    fn windows_to_fill(
        &self,
        grid: &WindowGrid,
        question: &UsageQuestion,
        now: Timestamp,
    ) -> Result<Vec<Timestamp>, BillingError> {
        if self.has_true_up() {
            window_starts(grid, question.period, now)
        } else {
            Ok(Vec::new())
        }
    }
}

impl TimeBucket {
    /// Whether a part of the bucket lies in the stretch from `start` to `end`; a whole day contains every bucket.
    #[must_use]
    pub fn overlaps(&self, start: Timestamp, end: Timestamp) -> bool {
        const DAY_MINUTES: i64 = 24 * 60;
        let minute = |instant: Timestamp| instant.as_second().div_euclid(60);
        // The last minute that the stretch touches.
        let last = minute(end) - i64::from(end.as_second().rem_euclid(60) == 0 && end.subsec_nanosecond() == 0);
        if last - minute(start) + 1 >= DAY_MINUTES {
            return true;
        }
        let of_day = |minute: i64| u32::try_from(minute.rem_euclid(DAY_MINUTES)).unwrap_or_default();
        (minute(start)..=last).any(|minute| self.covers(of_day(minute)))
    }
}

/// A window of a plain meter is priced on its own, so that with tiers or packages the windows may not add up to the row.
fn windows_on_their_own(pricing: &Pricing, usage: &Usage) -> BTreeMap<Timestamp, WindowCost> {
    let windows = usage.windows.iter().map(|window| {
        let cost = WindowCost {
            subtotal: pricing.cost(&window.value),
            ..WindowCost::default()
        };
        (window.start, cost)
    });
    windows.collect()
}

/// Every bucket is priced on its own; the sum is rounded once (spec 02 §4.8).
fn of_buckets(pricing: &Pricing, question: &UsageQuestion, usage: &Usage, currency: &Currency) -> UsageCost {
    let values: Vec<Decimal> = usage.buckets.iter().map(|bucket| bucket.value.clone()).collect();
    let cost = pricing.bucketed_cost(&values);
    let mut windows: BTreeMap<Timestamp, WindowCost> = BTreeMap::new();
    if question.windows.is_some() {
        for (bucket, amount) in usage.buckets.iter().zip(&cost.bucket_amounts) {
            windows
                .entry(question.display_window(bucket.start))
                .or_default()
                .subtotal += amount;
        }
    }
    UsageCost {
        subtotal: currency.round(&cost.amount),
        windows,
        ..UsageCost::default()
    }
}

fn of_windowed(
    commitment: &WindowedCommitment,
    question: &UsageQuestion,
    usage: &Usage,
    currency: &Currency,
    (grid, now): (&WindowGrid, Timestamp),
) -> Result<UsageCost, BillingError> {
    let values = values_by_bucket(usage);
    let empty = commitment.windows_to_fill(grid, question, now)?;
    let charged = commitment.charge(&used_windows(&values), &empty);
    let mut windows: BTreeMap<Timestamp, WindowCost> = BTreeMap::new();
    if question.windows.is_some() {
        for window in &charged.windows {
            let cost = windows.entry(question.display_window(window.start)).or_default();
            cost.subtotal += &window.charge.charge();
            cost.commitment = [&cost.commitment, &window.charge].into_iter().sum();
        }
    }
    Ok(UsageCost {
        subtotal: currency.round(&charged.total.charge()),
        time_buckets: of_time_buckets(commitment, &values, &charged),
        commitment: Some(charged.total),
        windows,
    })
}

/// The values of each bucket: one, or one per group of the meter.
fn values_by_bucket(usage: &Usage) -> BTreeMap<Timestamp, Vec<Decimal>> {
    let mut values: BTreeMap<Timestamp, Vec<Decimal>> = BTreeMap::new();
    for bucket in &usage.buckets {
        values.entry(bucket.start).or_default().push(bucket.value.clone());
    }
    values
}

fn used_windows(values: &BTreeMap<Timestamp, Vec<Decimal>>) -> Vec<UsageWindow> {
    let window = |(start, values): (&Timestamp, &Vec<Decimal>)| UsageWindow {
        start: *start,
        values: values.clone(),
    };
    values.iter().map(window).collect()
}

fn of_time_buckets(
    commitment: &WindowedCommitment,
    values: &BTreeMap<Timestamp, Vec<Decimal>>,
    charged: &WindowedCharge,
) -> Vec<TimeBucketCost> {
    let mut costs = vec![TimeBucketCost::default(); commitment.time_buckets.len()];
    for window in &charged.windows {
        let bucket = window.time_bucket.and_then(|index| {
            let terms = &commitment.time_buckets.get(index)?.terms;
            Some((costs.get_mut(index)?, terms))
        });
        let Some((cost, terms)) = bucket else { continue };
        if let Some(values) = values.get(&window.start) {
            let base = terms.pricing.bucketed_cost(values);
            cost.usage += &base.quantity;
            cost.base_charge += &base.amount;
        }
        cost.commitment = [&cost.commitment, &window.charge].into_iter().sum();
    }
    costs
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::aggregation::{Basis, EventView, Meter, UsageFold};
    use crate::calendar::Period;
    use crate::commitment::WindowTerms;
    use crate::vocabulary::WindowSize;

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn number(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn question(aggregation: &str, windows: Option<WindowSize>) -> UsageQuestion {
        let json =
            format!(r#"{{"event_name":"e","aggregation":{aggregation},"filters":[],"reset_usage":"BILLING_PERIOD"}}"#);
        let meter = Meter::new(&serde_json::from_str(&json).unwrap()).unwrap();
        let period = Period::new(instant("2026-01-05T00:00:00Z"), instant("2026-01-06T00:00:00Z"));
        UsageQuestion {
            windows: windows.map(WindowGrid::utc),
            ..UsageQuestion::new(Arc::new(meter), Basis::Recorded, period)
        }
    }

    fn usage(question: &UsageQuestion, events: &[(&str, i64)]) -> Usage {
        let mut fold = UsageFold::new(question);
        for (order, (at, value)) in (0..).zip(events) {
            let properties = format!(r#"{{"v":{value}}}"#);
            fold.add(EventView {
                timestamp: instant(at),
                ingested_at: instant(at),
                order,
                source: "",
                properties: Some(&properties),
            })
            .unwrap();
        }
        fold.finish().into_total()
    }

    fn flat(amount: &str) -> Pricing {
        Pricing::FlatFee { amount: number(amount) }
    }

    fn promise(amount: &str, true_up: bool) -> Commitment {
        Commitment {
            amount: number(amount),
            overage_factor: number("2"),
            true_up,
        }
    }

    fn cost(terms: &UsageTerms, question: &UsageQuestion, events: &[(&str, i64)]) -> UsageCost {
        let usd = Currency::parse("usd").unwrap();
        let now = instant("2026-02-01T00:00:00Z");
        terms.cost(question, &usage(question, events), &usd, now).unwrap()
    }

    #[test]
    fn a_plain_price_is_not_rounded_and_a_commitment_is() {
        let question = question(r#"{"type":"SUM","field":"v"}"#, Some(WindowSize::Hour));
        let events = [("2026-01-05T10:00:00Z", 100), ("2026-01-05T11:00:00Z", 50)];
        let plain = cost(&UsageTerms::Price(flat("0.00011")), &question, &events);
        assert_eq!((plain.subtotal, plain.commitment), (number("0.0165"), None));
        let subtotals: Vec<_> = plain.windows.values().map(|window| window.subtotal.clone()).collect();
        assert_eq!(subtotals, [number("0.011"), number("0.0055")]);

        let committed = UsageTerms::Committed(flat("0.0111"), promise("1", false));
        let over = cost(&committed, &question, &events);
        // 1.67 at list price: one promised, the rest twice as dear.
        assert_eq!(over.subtotal, number("2.34"));
        assert_eq!(over.commitment.unwrap().overage, number("1.34"));
        let partial = cost(&committed.without_commitment(), &question, &events);
        assert_eq!(partial.subtotal, number("1.665"));
    }

    #[test]
    fn a_windowed_commitment_fills_its_empty_windows_and_is_told_by_time_of_day() {
        let question = question(
            r#"{"type":"SUM","field":"v","bucket_size":"12HOUR"}"#,
            Some(WindowSize::Day),
        );
        let morning = TimeBucket {
            start_minute: 0,
            end_minute: 720,
            terms: WindowTerms {
                pricing: flat("1"),
                commitment: Some(promise("10", true)),
            },
        };
        let terms = UsageTerms::Windowed(WindowedCommitment {
            line: WindowTerms {
                pricing: flat("2"),
                commitment: None,
            },
            time_buckets: vec![morning],
        });
        let cost = cost(&terms, &question, &[("2026-01-05T13:00:00Z", 3)]);
        // The morning is empty and trued up to 10, the afternoon costs twice three.
        assert_eq!(cost.subtotal, number("16"));
        let day = &cost.windows[&instant("2026-01-05T00:00:00Z")];
        assert_eq!((&day.subtotal, &day.commitment.true_up), (&number("16"), &number("10")));
        let bucket = &cost.time_buckets[0];
        assert_eq!(
            (&bucket.usage, &bucket.commitment.true_up),
            (&number("0"), &number("10"))
        );
    }

    #[test]
    fn an_invoice_charges_what_analytics_show() {
        let plain = question(r#"{"type":"SUM","field":"v"}"#, None);
        let question = question(r#"{"type":"SUM","field":"v","bucket_size":"6HOUR"}"#, None);
        let windowed = WindowedCommitment {
            line: WindowTerms {
                pricing: flat("1"),
                commitment: Some(promise("10", true)),
            },
            time_buckets: Vec::new(),
        };
        let events = [("2026-01-05T01:00:00Z", 5), ("2026-01-05T13:00:00Z", 12)];
        let noon = instant("2026-01-05T12:00:00Z");
        let charged = windowed
            .charge_usage(&question, &usage(&question, &events), noon)
            .unwrap()
            .unwrap();
        // Two windows have begun by noon, and the one with usage that lies ahead counts too: 10, 10, 14.
        assert_eq!(charged.total.charge(), number("34"));
        assert_eq!(charged.total.true_up, number("15"));
        let shown = cost(&UsageTerms::Windowed(windowed.clone()), &question, &events);
        let whole = instant("2026-02-01T00:00:00Z");
        let billed = windowed.charge_usage(&question, &usage(&question, &events), whole);
        assert_eq!(shown.commitment, billed.unwrap().map(|charge| charge.total));
        let nothing = windowed.charge_usage(&plain, &usage(&plain, &events), noon);
        assert_eq!(nothing.unwrap(), None);
    }

    #[test]
    fn a_time_bucket_overlaps_the_stretches_that_it_covers_a_part_of() {
        let night = |start_minute, end_minute| TimeBucket {
            start_minute,
            end_minute,
            terms: WindowTerms {
                pricing: flat("1"),
                commitment: None,
            },
        };
        for (start_minute, end_minute, start, end, expected) in [
            (22 * 60, 6 * 60, "2026-01-05T05:00:00Z", "2026-01-05T07:00:00Z", true),
            (22 * 60, 6 * 60, "2026-01-05T06:00:00Z", "2026-01-05T22:00:00Z", false),
            (22 * 60, 6 * 60, "2026-01-05T21:00:00Z", "2026-01-05T22:00:01Z", true),
            (0, 60, "2026-01-05T23:00:00Z", "2026-01-06T00:00:00Z", false),
            (0, 60, "2026-01-05T12:00:00Z", "2026-01-06T12:00:00Z", true),
            (23 * 60, 24 * 60, "2026-01-05T23:00:00Z", "2026-01-06T00:00:00Z", true),
        ] {
            let bucket = night(start_minute, end_minute);
            assert_eq!(
                bucket.overlaps(instant(start), instant(end)),
                expected,
                "{start_minute} {start}"
            );
        }
    }
}
