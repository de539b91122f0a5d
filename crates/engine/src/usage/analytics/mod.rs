//! Recorded usage with its cost, per meter, source and property over time (spec 02 §3.7, §4.10).
//!
//! One row per meter of customers without a subscription, per subscription line of the others. Which rows there are is
//! told by [`subjects`], what a row says by [`rows`], what coupons take off it by [`discounts`], what is embedded in it
//! by [`embed`]; [`rates`] prices the same rows at the rates of a cost sheet. Lines that ask the same of the log share
//! its answer.

mod discounts;
mod embed;
mod lines;
mod rates;
mod rows;
mod subjects;
mod time_buckets;
mod view;

use std::collections::BTreeMap;

use tariff_contract::analytics::{GetUsageAnalyticsRequest, GetUsageAnalyticsResponse, UsageAnalyticItem};
use tariff_core::aggregation::{UsageAnswer, UsageQuestion};
use tariff_core::{Decimal, SignedDuration};
use tariff_usage::UsageQuery;

use self::discounts::Discounts;
use self::embed::Embedding;
pub(crate) use self::rates::{RatedPoint, RatedUsage};
use self::rows::RowContext;
pub(crate) use self::subjects::features_of;
use self::subjects::{Subject, Subjects};
use self::view::View;
use super::limits::{Budget, PARTS_MAX, too_large};
use super::{RANGE_DEFAULT, range_of};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;

/// What analytics beyond the request's own members are asked for.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    /// How far the range reaches back when the request names no start.
    pub range_default: SignedDuration,
    /// Only these meters; `None` for no condition.
    pub meter_ids: Option<Vec<String>>,
    /// Day on which display windows of a month start, instead of the subscription's own.
    pub anchor_day: Option<i8>,
    /// Which rows there are.
    pub rows: Rows,
}

/// Which usage is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    /// All of it.
    All,
    /// What a subscription line charges for.
    Charged,
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            range_default: RANGE_DEFAULT,
            meter_ids: None,
            anchor_day: None,
            rows: Rows::All,
        }
    }
}

impl Engine {
    /// Usage and cost of one customer, or usage of all.
    ///
    /// # Errors
    /// `validation_error` for a reversed range, a grouping that does not exist, or too large an answer.
    pub async fn usage_analytics(
        &self,
        context: &Context,
        request: GetUsageAnalyticsRequest,
    ) -> Result<GetUsageAnalyticsResponse> {
        self.analytics(context, request, Scope::default()).await
    }

    pub(crate) async fn analytics(
        &self,
        context: &Context,
        request: GetUsageAnalyticsRequest,
        scope: Scope,
    ) -> Result<GetUsageAnalyticsResponse> {
        request.validate()?;
        let period = range_of(context, request.start_time, request.end_time, scope.range_default)?;
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let subjects = Subjects::find(&rows, &request, period, &scope).await?;
        let view = View::of(&request, &subjects, scope.anchor_day);
        let question = |subject: &Subject| view.question(subject);
        let answers = self.answers(context, &subjects, &view, question).await?;
        let row_context = RowContext {
            subjects: &subjects,
            view: &view,
            discounts: Discounts::load(&rows, &subjects, period).await?,
            embedding: Embedding::load(&rows, &subjects, &request).await?,
            now: context.now(),
        };
        let mut items = Vec::new();
        let mut parts = 0;
        for subject in &subjects.rows {
            let Some((query, answer)) = answers.get(&view.key(subject)) else {
                continue;
            };
            for item in row_context.items(subject, &query.question, answer)? {
                parts += 1 + item.points.len();
                items.push(item);
            }
            if parts > PARTS_MAX {
                return Err(too_large().into());
            }
        }
        items.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(response(&subjects, items))
    }

    /// What the log says to each distinct question of the subjects.
    async fn answers(
        &self,
        context: &Context,
        subjects: &Subjects,
        view: &View<'_>,
        question: impl Fn(&Subject) -> UsageQuestion,
    ) -> Result<BTreeMap<view::Key, (UsageQuery, UsageAnswer)>> {
        let mut budget = Budget::new();
        let mut answers = BTreeMap::new();
        for subject in &subjects.rows {
            let key = view.key(subject);
            if answers.contains_key(&key) {
                continue;
            }
            let mut query = UsageQuery {
                question: question(subject),
                customers: subject.customers.clone(),
                customer_id: None,
            };
            let log = self.usage_log().as_ref();
            let answer = budget.ask(log, &context.scope, &mut query).await?;
            answers.insert(key, (query, answer));
        }
        Ok(answers)
    }
}

fn response(subjects: &Subjects, items: Vec<UsageAnalyticItem>) -> GetUsageAnalyticsResponse {
    let subtotal: Decimal = items.iter().map(|item| &item.subtotal).sum();
    let total_discount: Decimal = items.iter().map(|item| &item.total_discount).sum();
    GetUsageAnalyticsResponse {
        currency: subjects.currency.clone(),
        custom_analytics: Vec::new(),
        total_cost: &subtotal - &total_discount,
        items,
        subtotal,
        total_discount,
    }
}
