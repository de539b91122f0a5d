//! Usage priced at rates that no subscription carries: those of a cost sheet (spec 03 §5.14).

use std::collections::BTreeMap;

use tariff_contract::analytics::{GetUsageAnalyticsRequest, GetUsageAnalyticsResponse};
use tariff_contract::error::ApiError;
use tariff_core::aggregation::{Period, Usage, UsageQuestion};
use tariff_core::usage_cost::UsageTerms;
use tariff_core::{Currency, Decimal, Timestamp};
use tariff_store::entity::{meters, prices};

use super::rows::count;
use super::subjects::{Subject, Subjects};
use super::view::View;
use super::{Rows, Scope};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};

/// What one row of usage costs at a rate.
pub(crate) struct RatedUsage {
    pub meter: meters::Model,
    pub price: prices::Model,
    pub quantity: Decimal,
    pub event_count: i64,
    /// Rounded to the currency for bucketed meters only (spec 03 §5.3).
    pub cost: Decimal,
    /// One per bucket of a bucketed meter, in order.
    pub points: Vec<RatedPoint>,
}

/// What one bucket costs, unrounded.
pub(crate) struct RatedPoint {
    pub start: Timestamp,
    pub quantity: Decimal,
    pub event_count: i64,
    pub cost: Decimal,
}

impl Engine {
    /// The usage of the request at the rate of each meter. The rows are those of usage analytics, limited to the meters
    /// that have a rate: one per line of a customer with subscriptions, one per meter of the others.
    ///
    /// # Errors
    /// `validation_error` for too large a question.
    pub(crate) async fn usage_at_rates(
        &self,
        context: &Context,
        request: &GetUsageAnalyticsRequest,
        period: Period,
        rates: &BTreeMap<String, prices::Model>,
    ) -> Result<Vec<RatedUsage>> {
        if rates.is_empty() {
            return Ok(Vec::new());
        }
        let scope = Scope {
            meter_ids: Some(rates.keys().cloned().collect()),
            ..Scope::default()
        };
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let subjects = Subjects::find(&rows, request, period, &scope).await?;
        let view = View::of(request, &subjects, scope.anchor_day);
        let question = |subject: &Subject| {
            let question = view.question(subject);
            // A window per bucket, so that the answer tells what each of them cost.
            UsageQuestion {
                windows: question.bucket_grid(),
                ..question
            }
        };
        let answers = self.answers(context, &subjects, &view, question).await?;
        let mut rated = Vec::new();
        for subject in &subjects.rows {
            let answer = answers.get(&view.key(subject));
            let (Some((query, answer)), Some(price)) = (answer, rates.get(&subject.meter_row.id)) else {
                continue;
            };
            let usage = answer.clone().into_total();
            if usage.event_count > 0 || !usage.value.is_zero() {
                rated.push(at_rate(subject, price, &query.question, usage, context.now())?);
            }
        }
        Ok(rated)
    }

    /// What subscriptions charge for the usage of the request.
    ///
    /// # Errors
    /// As [`Engine::usage_analytics`].
    pub(crate) async fn revenue(
        &self,
        context: &Context,
        request: GetUsageAnalyticsRequest,
    ) -> Result<GetUsageAnalyticsResponse> {
        let scope = Scope {
            rows: Rows::Charged,
            ..Scope::default()
        };
        self.analytics(context, request, scope).await
    }
}

fn at_rate(
    subject: &Subject,
    price: &prices::Model,
    question: &UsageQuestion,
    usage: Usage,
    now: Timestamp,
) -> Result<RatedUsage> {
    let currency = Currency::parse(&price.currency).map_err(|error| Error(ApiError::internal(error)))?;
    let terms = UsageTerms::Price(crate::prices::pricing_of(price)?);
    let mut cost = terms.cost(question, &usage, &currency, now)?;
    let points = usage.windows.iter().map(|window| RatedPoint {
        start: window.start,
        quantity: window.value.clone(),
        event_count: count(window.event_count),
        cost: cost.windows.remove(&window.start).unwrap_or_default().subtotal,
    });
    Ok(RatedUsage {
        points: points.collect(),
        meter: subject.meter_row.clone(),
        price: price.clone(),
        event_count: count(usage.event_count),
        quantity: usage.value,
        cost: cost.subtotal,
    })
}
