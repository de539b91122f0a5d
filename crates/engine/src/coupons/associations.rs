//! Reading coupon associations: which coupons discount which subscription (spec 03 §4.5, §5.13).

use std::collections::{BTreeMap, BTreeSet};

use tariff_contract::coupons::{CouponAssociationFilter, CouponAssociationResponse, ListCouponAssociationsResponse};
use tariff_contract::error::ApiError;
use tariff_contract::expand::Allowed;
use tariff_contract::line_items::SubscriptionLineItemResponse;
use tariff_contract::{DateTime, Expand, Pagination};
use tariff_core::Period;
use tariff_store::entity::{coupon_associations, coupons, prices as price_rows, subscription_line_items};
use tariff_store::{Filter, Listing, Scoped, Test};

use super::response;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::listing::{self, DefaultStatus, TimeRange};
use crate::records::{Narrow, by_ids, metadata_out};
use crate::{prices, subscriptions};

/// What `expand` allows on coupon associations (spec 01 A12).
const ASSOCIATION_EXPAND: Allowed = &[("coupon", &[]), ("subscription_line_items", &["prices"])];

/// The published associations of a subscription that overlap a period, with their coupons, by start and id.
pub(crate) async fn running(
    rows: &Scoped<'_>,
    subscription_id: &str,
    period: Period,
) -> Result<Vec<(coupon_associations::Model, coupons::Model)>> {
    running_on(rows, BTreeSet::from([subscription_id.to_owned()]), period).await
}

/// As [`running`], of several subscriptions.
pub(crate) async fn running_on(
    rows: &Scoped<'_>,
    subscription_ids: BTreeSet<String>,
    period: Period,
) -> Result<Vec<(coupon_associations::Model, coupons::Model)>> {
    if subscription_ids.is_empty() {
        return Ok(Vec::new());
    }
    let listing = overlapping(
        Listing::all().within("subscription_id", subscription_ids).published(),
        period,
    );
    let mut found = rows.list::<coupon_associations::Entity>(&listing).await?;
    found.sort_by(|left, right| (left.start_date, &left.id).cmp(&(right.start_date, &right.id)));
    let coupon_ids = found.iter().map(|association| association.coupon_id.clone());
    let coupons = by_ids::<coupons::Entity>(rows, coupon_ids, |coupon| &coupon.id).await?;
    let paired = |association: coupon_associations::Model| {
        let coupon = coupons.get(&association.coupon_id)?.clone();
        Some((association, coupon))
    };
    Ok(found.into_iter().filter_map(paired).collect())
}

/// The published associations of a subscription with their coupons, newest first, as the wire shows them.
pub(crate) async fn of_subscription(rows: &Scoped<'_>, id: &str) -> Result<Vec<CouponAssociationResponse>> {
    let listing = Listing::all().equal("subscription_id", id).published();
    let found = rows.list::<coupon_associations::Entity>(&listing).await?;
    let coupon_ids = found.iter().map(|association| association.coupon_id.clone());
    let coupons = by_ids::<coupons::Entity>(rows, coupon_ids, |coupon| &coupon.id).await?;
    let answer = |association: coupon_associations::Model| {
        let coupon = coupons.get(&association.coupon_id).cloned();
        association_response(association, coupon)
    };
    Ok(found.into_iter().map(answer).collect())
}

/// Associations with an instant in common with the period, both bounds included; those that start and end at the same
/// instant never count (spec 03 §4.5).
fn overlapping(mut listing: Listing, period: Period) -> Listing {
    let end_date = |test| Filter {
        field: "end_date".to_owned(),
        test,
    };
    listing.any_of.push(vec![
        end_date(Test::IsNull),
        end_date(Test::GreaterOrEqual(period.start.into())),
    ]);
    listing
        .any_of
        .push(vec![end_date(Test::IsNull), end_date(Test::DiffersFrom("start_date"))]);
    listing.with("start_date", Test::LessOrEqual(period.end.into()))
}

impl Engine {
    /// The coupon association of this id, whatever its status.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_coupon_association(&self, context: &Context, id: &str) -> Result<CouponAssociationResponse> {
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let found = rows.get::<coupon_associations::Entity>(id).await?.ok_or_else(|| {
            let message = format!("Coupon association with ID {id} was not found");
            Error(ApiError::not_found(message).detail("coupon_association_id", id))
        })?;
        let coupon = rows.get::<coupons::Entity>(&found.coupon_id).await?;
        Ok(association_response(found, coupon))
    }

    /// The coupon associations that match; with `active_only` those in force at some moment of the period given.
    ///
    /// # Errors
    /// `validation_error` for too many ids, bad paging, filters or `expand`.
    pub async fn list_coupon_associations(
        &self,
        context: &Context,
        filter: CouponAssociationFilter,
    ) -> Result<ListCouponAssociationsResponse> {
        filter.validate()?;
        let options = filter.list_options()?;
        let expand = Expand::parse(&options.expand, ASSOCIATION_EXPAND)?;
        let mut listing = listing::of(&options, DefaultStatus::Published, TimeRange::On("created_at"))
            .within_if("subscription_id", filter.subscription_ids)
            .within_if("coupon_id", filter.coupon_ids)
            .within_if("subscription_line_item_id", filter.subscription_line_item_ids)
            .within_if("subscription_phase_id", filter.subscription_phase_ids);
        if filter.active_only.unwrap_or_default() {
            let now = context.now();
            let start = filter.period_start.map_or(now, |start| start.0);
            let end = filter.period_end.map_or(now, |end| end.0);
            listing = overlapping(listing, Period { start, end });
        }
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let (found, total) = rows.page::<coupon_associations::Entity>(&listing).await?;
        let wanted = found
            .iter()
            .filter(|_| expand.has("coupon"))
            .map(|association| association.coupon_id.clone());
        let coupons = by_ids::<coupons::Entity>(&rows, wanted, |coupon| &coupon.id).await?;
        let lines = lines_of(&rows, &found, &expand).await?;
        let answer = |association: coupon_associations::Model| {
            let coupon = coupons.get(&association.coupon_id).cloned();
            let line_id = association.subscription_line_item_id.clone();
            let mut answer = association_response(association, coupon);
            // A line may carry several coupons.
            answer.subscription_line_item = line_id.and_then(|id| lines.get(&id).cloned());
            answer
        };
        Ok(ListCouponAssociationsResponse {
            items: found.into_iter().map(answer).collect(),
            pagination: Pagination::next(total, options.limit, options.offset),
        })
    }
}

/// The lines that `expand` asks for, by id, with their prices if it asks for those too.
async fn lines_of(
    rows: &Scoped<'_>,
    associations: &[coupon_associations::Model],
    expand: &Expand,
) -> Result<BTreeMap<String, SubscriptionLineItemResponse>> {
    let ids = associations
        .iter()
        .filter(|_| expand.has("subscription_line_items"))
        .filter_map(|association| association.subscription_line_item_id.clone());
    let found = by_ids::<subscription_line_items::Entity>(rows, ids, |line| &line.id).await?;
    let price_ids = found
        .values()
        .filter(|_| expand.has("subscription_line_items.prices"))
        .map(|line| line.price_id.clone());
    let priced = by_ids::<price_rows::Entity>(rows, price_ids, |price| &price.id).await?;
    let answer = |(id, line): (String, subscription_line_items::Model)| {
        let price = priced.get(&line.price_id).cloned();
        let mut line = subscriptions::line_response(line);
        line.price = price.map(prices::response);
        (id, line)
    };
    Ok(found.into_iter().map(answer).collect())
}

fn association_response(
    association: coupon_associations::Model,
    coupon: Option<coupons::Model>,
) -> CouponAssociationResponse {
    CouponAssociationResponse {
        id: association.id,
        coupon_id: association.coupon_id,
        coupon: coupon.map(response),
        subscription_id: association.subscription_id,
        subscription_line_item_id: association.subscription_line_item_id,
        subscription_line_item: None,
        subscription_phase_id: association.subscription_phase_id,
        start_date: Some(DateTime(association.start_date.0)),
        end_date: association.end_date.map(|end| DateTime(end.0)),
        metadata: metadata_out(association.metadata),
        tenant_id: association.tenant_id,
        environment_id: association.environment_id,
        status: association.status.0,
        created_at: DateTime(association.created_at.0),
        updated_at: DateTime(association.updated_at.0),
        created_by: association.created_by,
        updated_by: association.updated_by,
    }
}
