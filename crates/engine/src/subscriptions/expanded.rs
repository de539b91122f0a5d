//! One subscription with what `expand` asks for (spec 04 §3.3).

use tariff_contract::Expand;
use tariff_contract::line_items::SubscriptionLineItemResponse;
use tariff_contract::plans::PlanResponse;
use tariff_contract::subscriptions::{SUBSCRIPTION_EXPAND, SubscriptionResponseV2};
use tariff_store::Scoped;
use tariff_store::entity::subscriptions;

use super::expand::embed_in_lines;
use super::get;
use super::response::{current_lines, line_response, response};
use crate::belongings::Belongings;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::prices::{Embed, newest_sequence};
use crate::{coupons, customers, plans};

impl Engine {
    /// The published subscription of this id; of other records only what `expand` names. Lines are there if they, their
    /// prices or their meters are asked for.
    ///
    /// # Errors
    /// `validation_error` for an unknown name in `expand`; `not_found`.
    pub async fn get_expanded_subscription(
        &self,
        context: &Context,
        id: &str,
        expand: &str,
    ) -> Result<SubscriptionResponseV2> {
        let expand = Expand::parse(expand, SUBSCRIPTION_EXPAND)?;
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let subscription = get(&rows, id).await?;
        let mut answer = SubscriptionResponseV2::from(response(subscription.clone()));
        let newest = newest_sequence(&rows, &subscription.plan_id).await?;
        answer.plan_prices_out_of_sync = newest > subscription.synced_price_sequence;
        if expand.has("plan") {
            answer.plan = Some(plan_of(&rows, &subscription.plan_id, &expand, context).await?);
        }
        if expand.has("customer") {
            let customer = customers::get(&rows, &subscription.customer_id).await?;
            answer.customer = Some(customers::response(customer, Vec::new()));
        }
        if expand.has("coupon_associations") {
            answer.coupon_associations = coupons::of_subscription(&rows, id).await?;
            if !expand.has("coupon") && !expand.has("coupon_associations.coupon") {
                for association in &mut answer.coupon_associations {
                    association.coupon = None;
                }
            }
        }
        if ["subscription_line_items", "prices", "meters"]
            .map(|name| expand.has(name))
            .contains(&true)
        {
            answer.line_items = lines_of(&rows, subscription, &expand).await?;
        }
        Ok(answer)
    }
}

async fn plan_of(rows: &Scoped<'_>, id: &str, expand: &Expand, context: &Context) -> Result<PlanResponse> {
    let plan = plans::get(rows, id).await?;
    let belongings = Belongings {
        prices: expand.has("plan.prices").then(Embed::default),
        unexpired_at: Some(context.now()),
        entitlements: None,
    };
    let answer = plans::with_belongings(rows, vec![plan], &belongings).await?.pop();
    answer.ok_or_else(|| plans::unknown_id(id))
}

async fn lines_of(
    rows: &Scoped<'_>,
    subscription: subscriptions::Model,
    expand: &Expand,
) -> Result<Vec<SubscriptionLineItemResponse>> {
    let found = current_lines(rows, &[subscription]).await?;
    let mut lines: Vec<_> = found.into_values().flatten().map(line_response).collect();
    embed_in_lines(rows, &mut lines, expand).await?;
    Ok(lines)
}
