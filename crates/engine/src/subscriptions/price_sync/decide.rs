//! What a price sync does to one subscription (spec 03 §5.9): which prices get a line, which lines end. No storage here.

use std::collections::{BTreeMap, BTreeSet};

use tariff_core::Timestamp;
use tariff_core::vocabulary::{BillingPeriod, PriceType};

/// Which prices a sync brings to subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Usage prices of the subscription's period and count.
    UsageOnly,
    /// Prices of every type, by the rule of a subscription's creation: the same period or charged once, whatever the
    /// count (spec 03 §5.6, Q14).
    AsCreated,
}

/// A published price of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlanPrice {
    pub id: String,
    /// The first price of its chain of versions; its own id for that one.
    pub root_id: String,
    pub kind: PriceType,
    pub sequence: i64,
    pub currency: String,
    pub period: BillingPeriod,
    pub count: i64,
    pub start: Timestamp,
    pub end: Option<Timestamp>,
}

/// A subscription of the plan, with what it has of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subscriber {
    /// Prices up to this sequence were looked at before.
    pub synced: i64,
    pub currency: String,
    pub period: BillingPeriod,
    pub count: i64,
    pub start: Timestamp,
    /// No line lasts longer.
    pub end: Option<Timestamp>,
    /// Its lines of the plan.
    pub lines: Vec<PlanLine>,
    /// The parents of its own published prices, which stand in the place of the plan's.
    pub overridden: BTreeSet<String>,
}

/// A line of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlanLine {
    pub id: String,
    pub price_id: String,
    pub start: Timestamp,
    /// Of a subscription that has an end, every line has one.
    pub end: Option<Timestamp>,
    /// Whether it is live and lasts as long as its price.
    pub follows_price: bool,
}

/// What is to be done.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub create: Vec<Creation>,
    pub end: Vec<Ending>,
}

/// A line to be made.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Creation {
    pub price_id: String,
    pub start: Timestamp,
    pub end: Option<Timestamp>,
}

/// A line that ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ending {
    pub line_id: String,
    pub end: Timestamp,
}

impl Rule {
    /// Up to which sequence a sync looks; zero when there is nothing to bring.
    pub(super) fn target(self, prices: &[PlanPrice]) -> i64 {
        let brought = prices.iter().filter(|price| self.brings(price.kind));
        brought.map(|price| price.sequence).max().unwrap_or_default()
    }

    fn brings(self, kind: PriceType) -> bool {
        match self {
            Self::UsageOnly => kind == PriceType::Usage,
            Self::AsCreated => true,
        }
    }

    fn fits(self, price: &PlanPrice, subscriber: &Subscriber) -> bool {
        let same_period = price.period == subscriber.period;
        match self {
            Self::UsageOnly => same_period && price.count == subscriber.count,
            Self::AsCreated => same_period || price.period == BillingPeriod::Onetime,
        }
    }
}

/// What the plan's prices up to `target` do to a subscription.
pub(super) fn decide(rule: Rule, prices: &[PlanPrice], target: i64, subscriber: &Subscriber) -> Changes {
    let present: BTreeSet<&str> = subscriber.lines.iter().map(|line| line.price_id.as_str()).collect();
    let overridden = |price: &PlanPrice| {
        [&price.id, &price.root_id]
            .into_iter()
            .any(|id| subscriber.overridden.contains(id))
    };
    let wanted = prices.iter().filter(|price| {
        rule.brings(price.kind)
            && (subscriber.synced < price.sequence && price.sequence <= target)
            && price.currency == subscriber.currency
            && rule.fits(price, subscriber)
            && price.end.is_none_or(|end| subscriber.start <= end)
            && !present.contains(price.id.as_str())
            && !overridden(price)
    });
    let create = wanted.map(|price| {
        let start = subscriber.start.max(price.start);
        Creation {
            price_id: price.id.clone(),
            start,
            end: [price.end, subscriber.end]
                .into_iter()
                .flatten()
                .min()
                .map(|end| end.max(start)),
        }
    });
    // A line is open as far as it goes on after its price: beside the price's next version it would charge the same
    // usage again (as in spec 04 Q30, "has an end" does not mean that it is settled).
    let ends: BTreeMap<&str, Timestamp> = prices
        .iter()
        .filter_map(|price| Some((price.id.as_str(), price.end?)))
        .collect();
    let following = subscriber.lines.iter().filter(|line| line.follows_price);
    let end = following.filter_map(|line| {
        let end = ends.get(line.price_id.as_str())?.max(&line.start).to_owned();
        line.end.is_none_or(|own| end < own).then(|| Ending {
            line_id: line.id.clone(),
            end,
        })
    });
    Changes {
        create: create.collect(),
        end: end.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_second(day * 24 * 60 * 60).unwrap()
    }

    fn price(id: &str, sequence: i64) -> PlanPrice {
        PlanPrice {
            id: id.to_owned(),
            root_id: id.to_owned(),
            kind: PriceType::Usage,
            sequence,
            currency: "usd".to_owned(),
            period: BillingPeriod::Monthly,
            count: 1,
            start: day(10),
            end: None,
        }
    }

    fn subscriber() -> Subscriber {
        Subscriber {
            synced: 1,
            currency: "usd".to_owned(),
            period: BillingPeriod::Monthly,
            count: 1,
            start: day(20),
            end: None,
            lines: Vec::new(),
            overridden: BTreeSet::new(),
        }
    }

    fn created(rule: Rule, prices: &[PlanPrice], subscriber: &Subscriber) -> Vec<String> {
        let changes = decide(rule, prices, rule.target(prices), subscriber);
        changes.create.into_iter().map(|line| line.price_id).collect()
    }

    #[test]
    fn prices_since_the_last_sync_get_a_line() {
        let prices = [price("old", 1), price("new", 2)];
        let changes = decide(Rule::UsageOnly, &prices, 2, &subscriber());
        let line = Creation {
            price_id: "new".to_owned(),
            start: day(20),
            end: None,
        };
        assert_eq!(changes.create, [line]);
        // What came after the sync began is the next one's.
        assert!(decide(Rule::UsageOnly, &prices, 1, &subscriber()).create.is_empty());
    }

    #[test]
    fn only_prices_of_the_same_currency_period_and_count_fit() {
        let mut euro = price("euro", 2);
        euro.currency = "eur".to_owned();
        let mut annual = price("annual", 3);
        annual.period = BillingPeriod::Annual;
        let mut bimonthly = price("bimonthly", 4);
        bimonthly.count = 2;
        let mut fee = price("fee", 5);
        fee.kind = PriceType::Fixed;
        let mut setup = price("setup", 6);
        (setup.kind, setup.period) = (PriceType::Fixed, BillingPeriod::Onetime);
        let prices = [euro, annual, bimonthly, fee, setup];
        assert_eq!(Rule::UsageOnly.target(&prices), 4);
        assert_eq!(Rule::AsCreated.target(&prices), 6);
        assert!(created(Rule::UsageOnly, &prices, &subscriber()).is_empty());
        assert_eq!(
            created(Rule::AsCreated, &prices, &subscriber()),
            ["bimonthly", "fee", "setup"]
        );
    }

    #[test]
    fn a_plan_of_fixed_prices_has_nothing_to_bring() {
        let mut fee = price("fee", 5);
        fee.kind = PriceType::Fixed;
        assert_eq!(Rule::UsageOnly.target(&[fee]), 0);
        assert_eq!(Rule::AsCreated.target(&[]), 0);
    }

    #[test]
    fn a_price_that_has_a_line_or_is_overridden_gets_none() {
        let mut version = price("v2", 3);
        version.root_id = "v1".to_owned();
        let prices = [price("present", 2), version, price("own", 4)];
        let mut subscriber = subscriber();
        subscriber.lines.push(PlanLine {
            id: "line".to_owned(),
            price_id: "present".to_owned(),
            start: day(20),
            end: Some(day(25)),
            follows_price: true,
        });
        subscriber.overridden = ["v1".to_owned(), "own".to_owned()].into();
        assert!(created(Rule::UsageOnly, &prices, &subscriber).is_empty());
    }

    #[test]
    fn an_ended_price_is_brought_to_those_who_began_before_its_end() {
        for (end, lines) in [(25, Some(day(25))), (20, Some(day(20))), (19, None)] {
            let mut ended = price("ended", 2);
            ended.end = Some(day(end));
            let changes = decide(Rule::UsageOnly, &[ended], 2, &subscriber());
            assert_eq!(
                changes.create.first().and_then(|line| line.end),
                lines,
                "end on day {end}"
            );
            assert_eq!(changes.create.len(), usize::from(lines.is_some()));
        }
        // A price that ended before it began still makes no line of negative length.
        let mut reversed = price("reversed", 2);
        (reversed.start, reversed.end) = (day(40), Some(day(30)));
        let changes = decide(Rule::UsageOnly, &[reversed], 2, &subscriber());
        assert_eq!(
            (changes.create[0].start, changes.create[0].end),
            (day(40), Some(day(40)))
        );
    }

    #[test]
    fn open_lines_end_with_their_price_but_not_before_their_start() {
        let mut early = price("early", 2);
        early.end = Some(day(15));
        let mut late = price("late", 3);
        (late.kind, late.end) = (PriceType::Fixed, Some(day(30)));
        let prices = [early, late, price("running", 4)];
        let line = |id: &str, price_id: &str, end: Option<i64>| PlanLine {
            id: id.to_owned(),
            price_id: price_id.to_owned(),
            start: day(20),
            end: end.map(day),
            follows_price: true,
        };
        let withdrawn = PlanLine {
            follows_price: false,
            ..line("l4", "early", None)
        };
        let mut subscriber = subscriber();
        subscriber.lines = vec![
            line("l1", "early", None),
            line("l2", "late", None),
            line("l3", "running", None),
            withdrawn,
            line("l5", "of another plan", None),
            line("l6", "late", Some(40)),
            line("l7", "late", Some(30)),
            line("l8", "late", Some(25)),
        ];
        let changes = decide(Rule::UsageOnly, &prices, 4, &subscriber);
        let ends: Vec<_> = changes
            .end
            .iter()
            .map(|ending| (ending.line_id.as_str(), ending.end))
            .collect();
        assert_eq!(ends, [("l1", day(20)), ("l2", day(30)), ("l6", day(30))]);
    }

    #[test]
    fn no_line_outlasts_its_subscription() {
        let mut subscriber = subscriber();
        subscriber.end = Some(day(30));
        let mut ended = price("ended", 3);
        ended.end = Some(day(25));
        let mut later = price("later", 4);
        later.start = day(40);
        let changes = decide(Rule::UsageOnly, &[price("new", 2), ended, later], 4, &subscriber);
        let windows: Vec<_> = changes.create.iter().map(|line| (line.start, line.end)).collect();
        let window = |start, end| (day(start), Some(day(end)));
        assert_eq!(windows, [window(20, 30), window(20, 25), window(40, 40)]);
    }
}
