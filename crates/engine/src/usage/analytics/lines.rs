//! The rows of a customer with subscriptions: one per usage line, over the part of the range in which it is active
//! (spec 02 §4.10 steps 2 and 3).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tariff_core::Timestamp;
use tariff_core::aggregation::{Meter, Period};
use tariff_core::vocabulary::{SubscriptionStatus, SubscriptionType};
use tariff_store::Scoped;
use tariff_store::entity::{customers as customer_rows, meters as meter_rows, prices as price_rows, subscriptions};
use tariff_usage::Customers;

use super::subjects::{Charged, Subject};
use crate::billing::commitments;
use crate::error::Result;
use crate::records::by_ids;
use crate::usage::lines::UsageLines;
use crate::{meters, prices};

/// The records behind the lines of a customer's subscriptions.
pub(super) struct Lines {
    lines: UsageLines,
    children: BTreeMap<String, Vec<String>>,
    prices: BTreeMap<String, price_rows::Model>,
    /// Only those that the request is limited to.
    meters: BTreeMap<String, (meter_rows::Model, Arc<Meter>)>,
}

impl Lines {
    pub async fn load(
        rows: &Scoped<'_>,
        subscribed: &[subscriptions::Model],
        children: BTreeMap<String, Vec<String>>,
        wanted: Option<&BTreeSet<String>>,
    ) -> Result<Self> {
        let lines = UsageLines::of(rows, subscribed).await?;
        let price_ids = lines.all().flat_map(commitments::price_ids);
        let prices = by_ids::<price_rows::Entity>(rows, price_ids, |price| &price.id).await?;
        let meter_ids = lines.all().filter_map(|line| line.meter_id.clone());
        let meter_ids = meter_ids.filter(|id| wanted.is_none_or(|wanted| wanted.contains(id)));
        let found = by_ids::<meter_rows::Entity>(rows, meter_ids, |meter| &meter.id).await?;
        let measured = |(id, row): (String, meter_rows::Model)| {
            let meter = Arc::new(meters::definition(&row)?);
            Ok((id, (row, meter)))
        };
        Ok(Self {
            lines,
            children,
            prices,
            meters: found.into_iter().map(measured).collect::<Result<_>>()?,
        })
    }

    /// One per line that is active in the period, in the order of subscriptions and lines.
    pub fn subjects(
        &self,
        customer: &customer_rows::Model,
        subscribed: Vec<subscriptions::Model>,
        period: Period,
    ) -> Result<Vec<Subject>> {
        let mut subjects = Vec::new();
        for subscription in subscribed {
            let Some(period) = counted(&subscription, period) else {
                continue;
            };
            let mut users = vec![customer.external_id.clone()];
            users.extend(self.children.get(&subscription.id).into_iter().flatten().cloned());
            let subscription = Arc::new(subscription);
            for line in self.lines.lines(&subscription) {
                let active = overlap(period, line.start_date.0, line.end_date.map(|end| end.0));
                let measured = line.meter_id.as_ref().and_then(|id| self.meters.get(id));
                let (Some(period), Some((meter_row, meter)), Some(price)) =
                    (active, measured, self.prices.get(&line.price_id))
                else {
                    continue;
                };
                subjects.push(Subject {
                    meter_row: meter_row.clone(),
                    meter: Arc::clone(meter),
                    customers: Customers::These(users.clone()),
                    period,
                    charged: Some(Charged {
                        subscription: Arc::clone(&subscription),
                        terms: commitments::terms(line, prices::pricing_of(price)?, |id| self.prices.get(id))?,
                        price: price.clone(),
                        line: line.clone(),
                    }),
                });
            }
        }
        Ok(subjects)
    }
}

/// Whether other subscriptions may inherit from it.
pub(super) fn is_parent(subscription: &subscriptions::Model) -> bool {
    subscription.subscription_type.0 == SubscriptionType::Parent
}

/// The part of the period in which a subscription counts: a cancelled one up to its cancellation.
fn counted(subscription: &subscriptions::Model, period: Period) -> Option<Period> {
    let cancelled = subscription.subscription_status.0 == SubscriptionStatus::Cancelled;
    let end = subscription.cancelled_at.filter(|_| cancelled).map(|end| end.0);
    end.map_or(Some(period), |_| overlap(period, Timestamp::MIN, end))
}

/// The part of `period` in which something with these bounds is active; `None` if there is none.
fn overlap(period: Period, start: Timestamp, end: Option<Timestamp>) -> Option<Period> {
    period.intersection(&Period::new(start, end.unwrap_or(Timestamp::MAX)))
}
