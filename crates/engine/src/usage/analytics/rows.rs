//! What a row says: quantities, their cost, and the names of what they belong to (spec 02 §4.10 steps 4 to 8).

use std::collections::{BTreeMap, BTreeSet};

use tariff_contract::analytics::{CommitmentInfo, UsageAnalyticItem, UsageAnalyticPoint};
use tariff_contract::error::ApiError;
use tariff_contract::{DateTime, Metadata};
use tariff_core::aggregation::{Dimension, Usage, UsageAnswer, UsageGroup, UsageQuestion, WindowUsage};
use tariff_core::usage_cost::UsageCost;
use tariff_core::{Currency, Decimal, Timestamp};

use super::discounts::Discounts;
use super::embed::Embedding;
use super::subjects::{Charged, Subject, Subjects};
use super::time_buckets;
use super::view::View;
use crate::billing::commitments;
use crate::error::{Error, Result};
use crate::features;

/// Fractional digits of a quantity in its reporting unit (spec 02 §2.1).
const DISPLAY_DIGITS: u32 = 2;

/// What rows are made of beside the usage.
pub(super) struct RowContext<'a> {
    pub subjects: &'a Subjects,
    pub view: &'a View<'a>,
    pub discounts: Discounts,
    pub embedding: Embedding,
    pub now: Timestamp,
}

/// A line with what its usage costs.
struct Priced<'a> {
    charged: &'a Charged,
    currency: Currency,
    cost: UsageCost,
}

impl RowContext<'_> {
    /// The rows of a subject. Those without any usage are left out, unless a commitment charges them all the same.
    pub fn items(
        &self,
        subject: &Subject,
        question: &UsageQuestion,
        answer: &UsageAnswer,
    ) -> Result<Vec<UsageAnalyticItem>> {
        let committed = subject
            .charged
            .as_ref()
            .is_some_and(|charged| charged.terms.has_commitment());
        let is_kept = |group: &&UsageGroup| {
            let usage = &group.usage;
            !usage.value.is_zero()
                || usage.event_count > 0
                || !usage.windows.is_empty()
                || (committed && !self.view.is_filtered())
        };
        answer
            .groups
            .iter()
            .filter(is_kept)
            .map(|group| self.item(subject, question, group))
            .collect()
    }

    fn item(&self, subject: &Subject, question: &UsageQuestion, group: &UsageGroup) -> Result<UsageAnalyticItem> {
        let usage = &group.usage;
        let priced = match &subject.charged {
            Some(charged) => Some(self.priced(charged, question, usage)?),
            None => None,
        };
        let points = self.points(question, usage, priced.as_ref());
        let (subtotal, total_discount) = match &priced {
            Some(priced) => (priced.cost.subtotal.clone(), self.total_discount(priced, &points)),
            None => (Decimal::zero(), Decimal::zero()),
        };
        let (source, properties) = dimensions_out(question, &group.dimensions);
        let feature = self.subjects.features.get(&subject.meter_row.id);
        let reporting_unit = feature.and_then(features::reporting_unit);
        let rate = reporting_unit.as_ref().and_then(|unit| unit.conversion_rate.as_ref());
        let displayed = rate.and_then(|rate| usage.value.div_rounded(&rate.0, DISPLAY_DIGITS).ok());
        let charged = subject.charged.as_ref();
        let mut item = UsageAnalyticItem {
            aggregation_type: subject.meter.aggregation().kind(),
            event_name: subject.meter_row.event_name.clone(),
            meter_id: subject.meter_row.id.clone(),
            feature_id: feature.map(|feature| feature.id.clone()).unwrap_or_default(),
            name: feature.map_or(&subject.meter_row.name, |feature| &feature.name).clone(),
            unit: feature.map(|feature| feature.unit_singular.clone()).unwrap_or_default(),
            unit_plural: feature.map(|feature| feature.unit_plural.clone()).unwrap_or_default(),
            total_usage_display: displayed.map(|usage| usage.to_string()).unwrap_or_default(),
            reporting_unit,
            source,
            properties,
            sources: usage.sources.iter().cloned().collect(),
            event_count: count(usage.event_count),
            window_size: question.effective_window_size(),
            points,
            currency: charged.map(|charged| charged.line.currency.clone()).unwrap_or_default(),
            price_id: charged.map(|charged| charged.line.price_id.clone()).unwrap_or_default(),
            plan_id: charged.and_then(Charged::plan_id).map(str::to_owned),
            add_on_id: charged.and_then(Charged::addon_id).map(str::to_owned),
            subscription_id: charged.map(|charged| charged.subscription.id.clone()),
            sub_line_item_id: charged.map(|charged| charged.line.id.clone()),
            total_cost: &subtotal - &total_discount,
            subtotal,
            total_discount,
            total_usage: usage.value.clone(),
            commitment_info: priced.as_ref().and_then(commitment_info),
            bucket_summaries: match &priced {
                Some(priced) if self.view.has_time_buckets() => time_buckets::summaries(priced.charged, &priced.cost),
                _ => Vec::new(),
            },
            addon: None,
            feature: None,
            group: None,
            meter: None,
            plan: None,
            price: None,
            subscription_line_item: None,
        };
        self.embedding.fill(&mut item, subject, feature);
        Ok(item)
    }

    fn priced<'c>(&self, charged: &'c Charged, question: &UsageQuestion, usage: &Usage) -> Result<Priced<'c>> {
        let currency = Currency::parse(&charged.line.currency).map_err(|error| Error(ApiError::internal(error)))?;
        let cost = if self.view.is_partial() {
            let price = charged.terms.without_commitment();
            price.cost(question, usage, &currency, self.now)?
        } else {
            charged.terms.cost(question, usage, &currency, self.now)?
        };
        Ok(Priced {
            charged,
            currency,
            cost,
        })
    }

    /// One point per window with usage, or with a charge although there is none.
    fn points(&self, question: &UsageQuestion, usage: &Usage, priced: Option<&Priced<'_>>) -> Vec<UsageAnalyticPoint> {
        if !self.view.has_windows() {
            return Vec::new();
        }
        let used: BTreeMap<Timestamp, &WindowUsage> =
            usage.windows.iter().map(|window| (window.start, window)).collect();
        let charged = priced
            .into_iter()
            .flat_map(|priced| priced.cost.windows.keys().copied());
        let starts: BTreeSet<Timestamp> = used.keys().copied().chain(charged).collect();
        let point = |start: Timestamp| self.point(question, start, used.get(&start).copied(), priced);
        starts.into_iter().map(point).collect()
    }

    fn point(
        &self,
        question: &UsageQuestion,
        start: Timestamp,
        used: Option<&WindowUsage>,
        priced: Option<&Priced<'_>>,
    ) -> UsageAnalyticPoint {
        let cost = priced
            .and_then(|priced| priced.cost.windows.get(&start))
            .cloned()
            .unwrap_or_default();
        let discount = priced
            .map(|priced| self.discount(priced, Some(start), &cost.subtotal))
            .unwrap_or_default();
        UsageAnalyticPoint {
            timestamp: DateTime(start),
            usage: used.map(|window| window.value.clone()).unwrap_or_default(),
            event_count: used.map(|window| count(window.event_count)).unwrap_or_default(),
            cost: &cost.subtotal - &discount,
            subtotal: cost.subtotal,
            discount,
            computed_commitment_utilized_amount: cost.commitment.utilized,
            computed_overage_amount: cost.commitment.overage,
            computed_true_up_amount: cost.commitment.true_up,
            buckets: match priced {
                Some(priced) if self.view.has_time_buckets() => {
                    time_buckets::of_point(priced.charged, start, question.display_window_end(start))
                }
                _ => Vec::new(),
            },
        }
    }

    fn total_discount(&self, priced: &Priced<'_>, points: &[UsageAnalyticPoint]) -> Decimal {
        if points.is_empty() {
            return self.discount(priced, None, &priced.cost.subtotal);
        }
        points.iter().map(|point| &point.discount).sum()
    }

    fn discount(&self, priced: &Priced<'_>, at: Option<Timestamp>, amount: &Decimal) -> Decimal {
        self.discounts.on(&priced.charged.line, at, amount, &priced.currency)
    }
}

/// What the line's commitment made of the cost of a row.
fn commitment_info(priced: &Priced<'_>) -> Option<CommitmentInfo> {
    let charge = priced.cost.commitment.as_ref()?;
    Some(commitments::info(&priced.charged.line, &priced.charged.terms, charge))
}

pub(super) fn count(events: u64) -> i64 {
    i64::try_from(events).unwrap_or(i64::MAX)
}

/// The source, and the properties that are present.
fn dimensions_out(question: &UsageQuestion, texts: &[Option<String>]) -> (String, Option<Metadata>) {
    let mut source = String::new();
    let mut properties = BTreeMap::new();
    for (dimension, text) in question.group_by.iter().zip(texts) {
        match (dimension, text) {
            (Dimension::Source, text) => source = text.clone().unwrap_or_default(),
            (Dimension::Property(key), Some(text)) => {
                properties.insert(key.clone(), text.clone());
            }
            (Dimension::Property(_), None) => {}
        }
    }
    (source, (!properties.is_empty()).then_some(Metadata(properties)))
}
