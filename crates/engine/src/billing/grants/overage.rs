//! What a line charges beyond its grants (spec 03 §5.11, last paragraph).

use std::collections::BTreeSet;

use tariff_core::Decimal;
use tariff_core::calendar::Period;
use tariff_core::entitlement::{GrantUsage, InstantSearch, grant_overage, overage_periods};
use tariff_core::pricing::Pricing;
use tariff_core::usage_cost::UsageTerms;
use tariff_core::vocabulary::EntitlementGrantMeasure;

use super::super::facts::BillableItem;
use super::super::plan::PlannedLine;
use super::super::turns::Consumed;
use super::{GrantWindow, Timeline, WINDOWS_READ_MIN};
use crate::error::Result;

/// What a line charges beyond its grants.
pub(crate) struct Overage {
    /// Billable units; none where the grants count money.
    pub quantity: Decimal,
    /// Units that are not billed as such.
    pub covered_quantity: Decimal,
    /// Cost in the currency's units, unrounded.
    pub amount: Decimal,
}

/// What the line charges beyond the grants of its meter; `None` when they do not count for it, so that the plain
/// allowance does.
pub(crate) async fn overage(
    timeline: &mut Timeline<'_>,
    item: &BillableItem,
    line: &PlannedLine,
    granted: &[GrantWindow],
    consumed: &mut Consumed,
) -> Result<Option<Overage>> {
    if granted.is_empty() || is_tiered(item) || !timeline.adds_up() {
        return Ok(None);
    }
    let mut granted: Vec<Part<'_>> = granted
        .iter()
        .filter(|grant| grant.measure == EntitlementGrantMeasure::Quantity || counts_money(item))
        .filter_map(|grant| {
            let part = grant.window.intersection(&line.period)?;
            Some(Part { grant, part })
        })
        .collect();
    if granted.is_empty() {
        return Ok(None);
    }
    // In the order in which the usage is read.
    granted.sort_by_key(|part| part.grant.window.start);
    let mut charging = Charging {
        timeline,
        item,
        line,
        reads_on: granted.len() >= WINDOWS_READ_MIN,
    };
    let contributors: BTreeSet<&str> = granted.iter().map(|part| part.grant.entitlement_id.as_str()).collect();
    // All grants of a feature have one measure; of two features on a meter the one that counts units decides.
    let counts_money = granted
        .iter()
        .all(|part| part.grant.measure == EntitlementGrantMeasure::Amount);
    // Money spent and a commitment on the line's whole cost do not go together (spec 03 §5.11).
    if counts_money && !matches!(item.terms, UsageTerms::Price(_)) {
        return Ok(None);
    }
    let mut uses = Vec::with_capacity(granted.len());
    for part in &granted {
        uses.push(charging.used(part, contributors.len() > 1, consumed).await?);
    }
    let raw = charging.timeline.used(line.period).await?;
    let (quantity, amount) = match (contributors.len(), counts_money) {
        (1, true) => (Decimal::zero(), grant_overage(&uses)),
        (1, false) => {
            let quantity = grant_overage(&uses);
            let amount = item.pricing.cost(&quantity);
            (quantity, amount)
        }
        (_, counts_money) => {
            let used = charging.inside(&overage_periods(&uses)).await?;
            let amount = item.pricing.cost(&used);
            (if counts_money { Decimal::zero() } else { used }, amount)
        }
    };
    Ok(Some(Overage {
        covered_quantity: (&raw - &quantity).floor_at_zero(),
        quantity,
        amount,
    }))
}

/// Grants are ignored on tiered prices.
fn is_tiered(item: &BillableItem) -> bool {
    matches!(item.pricing, Pricing::Tiered { .. })
}

/// Whether grants that count money count for the line: on those with a commitment they are ignored, too.
pub(super) fn counts_money(item: &BillableItem) -> bool {
    !is_tiered(item) && !item.terms.has_commitment()
}

/// A grant, and the part of its window in which the line is charged.
struct Part<'a> {
    grant: &'a GrantWindow,
    part: Period,
}

/// Reads what one line used.
struct Charging<'a, 't> {
    timeline: &'a mut Timeline<'t>,
    item: &'a BillableItem,
    line: &'a PlannedLine,
    /// Whether there are so many windows that their events are read rather than asked about.
    reads_on: bool,
}

impl Charging<'_, '_> {
    /// What was used of a grant, and for several contributors also from when on its quota was reached.
    async fn used(&mut self, part: &Part<'_>, with_crossing: bool, consumed: &mut Consumed) -> Result<GrantUsage> {
        let Part { grant, part } = part;
        if self.reads_on {
            let whole = Period::new(grant.window.start, part.end);
            self.timeline.read_on(whole, self.line.period.end).await?;
        }
        let own = self.cost_or_quantity(grant, *part).await?;
        let before = match grant.measure {
            // Whatever was used of the meter uses the quota up, billed or not.
            EntitlementGrantMeasure::Quantity => {
                let earlier = Period::new(grant.window.start, part.start);
                self.timeline.used(earlier).await?
            }
            EntitlementGrantMeasure::Amount => {
                let spent = consumed
                    .money
                    .entry((grant.entitlement_id.clone(), grant.window.start))
                    .or_default();
                let before = spent.clone();
                *spent += &own;
                before
            }
        };
        let mut usage = GrantUsage {
            window: grant.window,
            quota: grant.quota.clone(),
            through: &before + &own,
            before,
            quota_crossed_at: None,
        };
        if with_crossing && usage.before >= usage.quota {
            usage.quota_crossed_at = Some(part.start);
        } else if with_crossing && usage.through >= usage.quota {
            self.timeline.read_on(*part, part.end).await?;
            let mut search = InstantSearch::within(*part);
            while let Some(probe) = search.probe() {
                let past = self.cost_or_quantity(grant, Period::new(part.start, probe)).await?;
                search.narrow(probe, &usage.before + &past >= usage.quota);
            }
            usage.quota_crossed_at = Some(search.found());
        }
        Ok(usage)
    }

    async fn cost_or_quantity(&self, grant: &GrantWindow, period: Period) -> Result<Decimal> {
        let quantity = self.timeline.used(period).await?;
        Ok(match grant.measure {
            EntitlementGrantMeasure::Quantity => quantity,
            EntitlementGrantMeasure::Amount => self.item.pricing.cost(&quantity),
        })
    }

    /// The line's usage inside some periods that do not overlap.
    async fn inside(&self, periods: &[Period]) -> Result<Decimal> {
        let mut used = Decimal::zero();
        for part in periods
            .iter()
            .filter_map(|period| period.intersection(&self.line.period))
        {
            used += &self.timeline.used(part).await?;
        }
        Ok(used)
    }
}
