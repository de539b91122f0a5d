//! One page of a price sync: some subscriptions that lie behind, in the caller's transaction.

use std::collections::{BTreeMap, BTreeSet};

use tariff_core::Status;
use tariff_core::vocabulary::BillingPeriod;
use tariff_core::vocabulary::{LineItemEntityType, PriceEntityType, SubscriptionStatus, SubscriptionType};
use tariff_store::column::{Json, Time};
use tariff_store::entity::{meters, plans, prices, subscription_line_items, subscriptions};
use tariff_store::{Direction, Listing, Operand, Test, set};

use super::Counts;
use super::decide::{Changes, Creation, Ending, PlanLine, PlanPrice, Rule, Subscriber, decide};
use crate::engine::Work;
use crate::error::{Error, Result};
use crate::prices::root_of;
use crate::records::{self, Narrow};
use crate::subscriptions::lines::{NewLine, line};

/// Subscriptions of one transaction. Whoever changes one of them waits for its end.
const SUBSCRIPTIONS_PER_PAGE: u64 = 50;
/// The states in which a subscription takes part.
const SYNCED_STATES: [SubscriptionStatus; 4] = [
    SubscriptionStatus::Active,
    SubscriptionStatus::Trialing,
    SubscriptionStatus::Draft,
    SubscriptionStatus::Incomplete,
];
/// Metadata of a line that a sync has added (spec 03 §5.9).
const MARKS: [(&str, &str); 2] = [("added_by", "plan_sync_api"), ("sync_version", "4.0")];

/// What the pages of one sync have in common.
pub(super) struct Page<'a> {
    pub plan: &'a plans::Model,
    pub rule: Rule,
    /// Up to which sequence subscriptions are brought.
    pub target: i64,
    pub prices: &'a [PlanPrice],
    /// The same prices as stored, by id.
    pub rows_of_prices: &'a BTreeMap<&'a str, &'a prices::Model>,
}

/// A plan's price as the decision sees it.
pub(super) fn plan_price(price: &prices::Model) -> PlanPrice {
    PlanPrice {
        id: price.id.clone(),
        root_id: root_of(price).to_owned(),
        kind: price.kind.0,
        sequence: price.sequence,
        currency: price.currency.clone(),
        period: price.billing_period.0,
        count: price.billing_period_count,
        start: price.start_date.0,
        end: price.end_date.map(|end| end.0),
    }
}

impl Page<'_> {
    /// Brings the next subscriptions up to date; `None` when none is behind.
    pub(super) async fn apply(&self, work: &Work<'_>) -> Result<Option<Counts>> {
        let found = work.rows().list::<subscriptions::Entity>(&self.behind()).await?;
        if found.is_empty() {
            return Ok(None);
        }
        let held = self.hold(work, found).await?;
        let ids: Vec<String> = held.iter().map(|subscription| subscription.id.clone()).collect();
        let mut lines = self.lines(work, &ids).await?;
        let mut overridden = overridden(work, &ids).await?;
        let mut counts = Counts::default();
        let mut decided = Vec::with_capacity(held.len());
        for subscription in held {
            let lines = lines.remove(&subscription.id).unwrap_or_default();
            let position = lines.iter().map(|line| line.position + 1).max().unwrap_or_default();
            let overridden = overridden.remove(&subscription.id).unwrap_or_default();
            let changes = decide(
                self.rule,
                self.prices,
                self.target,
                &subscriber(&subscription, &lines, overridden),
            );
            counts.line_items_found_for_creation += count(changes.create.len());
            decided.push((subscription, position, changes));
        }
        let meter_names = self
            .meter_names(work, decided.iter().map(|(_, _, changes)| changes))
            .await?;
        for (subscription, position, changes) in decided {
            counts.subscriptions_synced += 1;
            counts.line_items_created += count(changes.create.len());
            counts.line_items_terminated += count(changes.end.len());
            self.write(work, &subscription, position, changes, &meter_names).await?;
        }
        Ok(Some(counts))
    }

    /// The subscriptions that lie behind, those that lie the furthest first.
    fn behind(&self) -> Listing {
        let listing = Listing {
            sort: vec![("synced_price_sequence".to_owned(), Direction::Ascending)],
            limit: Some(SUBSCRIPTIONS_PER_PAGE),
            ..Listing::all()
        };
        listing
            .oldest_first()
            .published()
            .equal("plan_id", self.plan.id.as_str())
            .within("subscription_status", SYNCED_STATES.map(SubscriptionStatus::as_str))
            .with(
                "subscription_type",
                Test::NotEqual(SubscriptionType::Inherited.as_str().into()),
            )
            .with(
                "synced_price_sequence",
                Test::Less(Operand::Text(self.target.to_string())),
            )
    }

    /// Locks the subscriptions, always in the order of their ids, and leaves out those that have changed meanwhile.
    async fn hold(&self, work: &Work<'_>, mut found: Vec<subscriptions::Model>) -> Result<Vec<subscriptions::Model>> {
        found.sort_by(|one, other| one.id.cmp(&other.id));
        let mut held = Vec::with_capacity(found.len());
        for subscription in found {
            let locked = work.rows().lock::<subscriptions::Entity>(&subscription.id).await?;
            held.extend(locked.filter(|row| self.takes_part(row)));
        }
        Ok(held)
    }

    fn takes_part(&self, subscription: &subscriptions::Model) -> bool {
        subscription.status.0 == Status::Published
            && SYNCED_STATES.contains(&subscription.subscription_status.0)
            && subscription.plan_id == self.plan.id
            && subscription.subscription_type.0 != SubscriptionType::Inherited
            && subscription.synced_price_sequence < self.target
    }

    /// The lines of the plan, by subscription; those that were withdrawn too, for they are not to come back.
    async fn lines(
        &self,
        work: &Work<'_>,
        subscription_ids: &[String],
    ) -> Result<BTreeMap<String, Vec<subscription_line_items::Model>>> {
        let listing = Listing::all()
            .oldest_first()
            .within("subscription_id", subscription_ids.to_vec());
        let mut by_subscription = BTreeMap::<_, Vec<_>>::new();
        for line in work.rows().list::<subscription_line_items::Entity>(&listing).await? {
            by_subscription
                .entry(line.subscription_id.clone())
                .or_default()
                .push(line);
        }
        Ok(by_subscription)
    }

    async fn meter_names<'c>(
        &self,
        work: &Work<'_>,
        changes: impl Iterator<Item = &'c Changes>,
    ) -> Result<BTreeMap<String, String>> {
        let created = changes.flat_map(|changes| &changes.create);
        let ids = created.filter_map(|creation| self.row(&creation.price_id)?.meter_id.clone());
        let found = records::by_ids::<meters::Entity>(&work.rows(), ids, |meter| &meter.id).await?;
        Ok(found.into_iter().map(|(id, meter)| (id, meter.name)).collect())
    }

    fn row(&self, price_id: &str) -> Option<&prices::Model> {
        self.rows_of_prices.get(price_id).copied()
    }

    async fn write(
        &self,
        work: &Work<'_>,
        subscription: &subscriptions::Model,
        position: i64,
        changes: Changes,
        meter_names: &BTreeMap<String, String>,
    ) -> Result<()> {
        let changed = !changes.create.is_empty() || !changes.end.is_empty();
        for (position, creation) in (position..).zip(&changes.create) {
            self.create(work, subscription, position, creation, meter_names).await?;
        }
        for ending in &changes.end {
            end(work, ending).await?;
        }
        let stamp = subscriptions::ActiveModel {
            synced_price_sequence: set(subscription.synced_price_sequence.max(self.target)),
            ..Default::default()
        };
        work.rows()
            .update::<subscriptions::Entity>(&subscription.id, stamp)
            .await?;
        if changed {
            work.publish("subscription.updated", "subscription", &subscription.id)
                .await?;
        }
        Ok(())
    }

    async fn create(
        &self,
        work: &Work<'_>,
        subscription: &subscriptions::Model,
        position: i64,
        creation: &Creation,
        meter_names: &BTreeMap<String, String>,
    ) -> Result<()> {
        let gone = || {
            Error(tariff_contract::error::ApiError::internal(format!(
                "no price {}",
                creation.price_id
            )))
        };
        let price = self.row(&creation.price_id).ok_or_else(gone)?.clone();
        let charged_once = price.billing_period.0 == BillingPeriod::Onetime;
        let meter_name = price.meter_id.as_ref().and_then(|id| meter_names.get(id)).cloned();
        let new = NewLine::of_plan(subscription, self.plan);
        let mut row = line(work, new, price, meter_name.unwrap_or_default(), position);
        row.start_date = Time(creation.start);
        // A charge made once has an end of its own.
        if !charged_once {
            row.end_date = creation.end.map(Time);
        }
        let mut metadata = row.metadata.map(|metadata| metadata.0).unwrap_or_default();
        metadata.extend(MARKS.map(|(key, value)| (key.to_owned(), value.to_owned())));
        row.metadata = Some(Json(metadata));
        work.rows().insert::<subscription_line_items::Entity>(row).await?;
        Ok(())
    }
}

async fn end(work: &Work<'_>, ending: &Ending) -> Result<()> {
    let changes = subscription_line_items::ActiveModel {
        end_date: set(Some(Time(ending.end))),
        updated_at: set(Time(work.now)),
        updated_by: set(work.context.user_id.clone()),
        ..Default::default()
    };
    work.rows()
        .update::<subscription_line_items::Entity>(&ending.line_id, changes)
        .await?;
    Ok(())
}

/// The parents of the subscriptions' own published prices, by subscription.
async fn overridden(work: &Work<'_>, subscription_ids: &[String]) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let listing = Listing::all()
        .equal("entity_type", PriceEntityType::Subscription.as_str())
        .within("entity_id", subscription_ids.to_vec())
        .published();
    let mut by_subscription = BTreeMap::<_, BTreeSet<_>>::new();
    for price in work.rows().list::<prices::Entity>(&listing).await? {
        if !price.parent_price_id.is_empty() {
            by_subscription
                .entry(price.entity_id)
                .or_default()
                .insert(price.parent_price_id);
        }
    }
    Ok(by_subscription)
}

fn subscriber(
    subscription: &subscriptions::Model,
    lines: &[subscription_line_items::Model],
    overridden: BTreeSet<String>,
) -> Subscriber {
    let of_plan = lines
        .iter()
        .filter(|line| line.entity_type.0 == LineItemEntityType::Plan && line.entity_id == subscription.plan_id);
    let lines = of_plan.map(|line| PlanLine {
        id: line.id.clone(),
        price_id: line.price_id.clone(),
        start: line.start_date.0,
        end: line.end_date.map(|end| end.0),
        // What is charged once has an end of its own.
        follows_price: line.status.0 == Status::Published && line.billing_period.0 != BillingPeriod::Onetime,
    });
    Subscriber {
        synced: subscription.synced_price_sequence,
        currency: subscription.currency.clone(),
        period: subscription.billing_period.0,
        count: subscription.billing_period_count,
        start: subscription.start_date.0,
        end: subscription.end_date.map(|end| end.0),
        lines: lines.collect(),
        overridden,
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
