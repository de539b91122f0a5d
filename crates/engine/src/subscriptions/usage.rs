//! What a subscription has used and what that costs so far (spec 04 §3.5).

use tariff_contract::error::ApiError;
use tariff_contract::subscription_usage::{
    GetUsageBySubscriptionRequest, GetUsageBySubscriptionResponse, SubscriptionUsageByMetersResponse,
};
use tariff_contract::{DateTime, JsonNumber};
use tariff_core::{Currency, Decimal, Period};
use tariff_store::entity::subscriptions;

use super::get;
use crate::billing::{self, Billable, ChargedLine, InvoiceWindow, ReferencePoint};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::{meters, prices};

impl Engine {
    /// One charge per usage line over the current period or the range asked for.
    ///
    /// # Errors
    /// `validation_error` without an id or for a reversed range; `not_found`.
    pub async fn subscription_usage(
        &self,
        context: &Context,
        request: GetUsageBySubscriptionRequest,
    ) -> Result<GetUsageBySubscriptionResponse> {
        let id = request.subscription_id.clone().filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| ApiError::validation("subscription_id is required"))?;
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let subscription = get(&rows, &id).await?;
        let period = range(context, &subscription, &request)?;
        billing::check_range(period)?;
        let billable = billing::load(&rows, subscription, period, context.now()).await?;
        let mut planned = billing::plan(
            &billable,
            InvoiceWindow {
                current: period,
                next: None,
            },
            ReferencePoint::PeriodEnd,
        )?;
        planned.retain(|line| billable.items.get(line.item).is_some_and(|item| item.meter.is_some()));
        let charged = billing::charge(self.usage_log().as_ref(), &context.scope, &billable, planned).await?;
        let currency = Currency::parse(&billable.subscription.currency)
            .map_err(|error| ApiError::internal(std::io::Error::other(error.to_string())))?;
        let mut charges = charged
            .into_iter()
            .map(|line| charge(&billable, &currency, line))
            .collect::<Result<Vec<_>>>()?;
        charges.sort_by(|a, b| a.meter_display_name.cmp(&b.meter_display_name));
        let amount: Decimal = charges.iter().map(|charge| &charge.amount.0).sum();
        Ok(GetUsageBySubscriptionResponse {
            display_amount: currency.display(&amount),
            amount: JsonNumber(amount),
            charges,
            commitment_amount: None,
            commitment_utilized: JsonNumber(Decimal::zero()),
            currency: currency.code().to_owned(),
            has_overage: false,
            overage_amount: JsonNumber(Decimal::zero()),
            overage_factor: None,
            start_time: Some(DateTime(period.start)),
            end_time: Some(DateTime(period.end)),
        })
    }
}

fn range(
    context: &Context,
    subscription: &subscriptions::Model,
    request: &GetUsageBySubscriptionRequest,
) -> Result<Period> {
    if request.lifetime_usage.unwrap_or_default() {
        let start = subscription.start_date.0;
        return Ok(Period::new(start, context.now().max(start)));
    }
    let start = request
        .start_time
        .map_or(subscription.current_period_start.0, |start| start.0);
    let end = request.end_time.map_or(subscription.current_period_end.0, |end| end.0);
    if end < start {
        return Err(ApiError::validation("end_time must not be before start_time").into());
    }
    Ok(Period::new(start, end))
}

fn charge(billable: &Billable, currency: &Currency, line: ChargedLine) -> Result<SubscriptionUsageByMetersResponse> {
    let billed = billable.items.get(line.item);
    let billed = billed.ok_or_else(|| ApiError::internal(std::io::Error::other("a charged line without item")))?;
    let amount = currency.round(&line.amount);
    let filters = billed.meter.as_ref().map(|metered| meters::filter_values(&metered.row));
    Ok(SubscriptionUsageByMetersResponse {
        display_amount: currency.display(&amount),
        amount: JsonNumber(amount),
        currency: currency.code().to_owned(),
        filter_values: filters.unwrap_or_default(),
        is_overage: false,
        meter_display_name: billed.item.meter_display_name.clone(),
        meter_id: billed.item.meter_id.clone(),
        overage_factor: None,
        price: Some(prices::domain_form(billed.price.clone())),
        quantity: JsonNumber(line.quantity),
        subscription_line_item_id: Some(billed.item.id.clone()),
    })
}
