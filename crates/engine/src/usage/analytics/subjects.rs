//! Which rows analytics have: the meters, or the subscription lines, whose usage is asked for (spec 02 §4.10).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tariff_contract::analytics::GetUsageAnalyticsRequest;
use tariff_core::Status;
use tariff_core::aggregation::{Meter, Period};
use tariff_core::usage_cost::UsageTerms;
use tariff_core::vocabulary::{LineItemEntityType, SubscriptionStatus};
use tariff_store::entity::{
    customers as customer_rows, features, meters as meter_rows, prices as price_rows, subscription_line_items,
    subscriptions,
};
use tariff_store::{Listing, Scoped};
use tariff_usage::Customers;

use super::lines::{Lines, is_parent};
use super::{Rows, Scope};
use crate::error::Result;
use crate::records::{Narrow, by_ids, filled};
use crate::usage::limits::{QUESTIONS_MAX, too_many_questions};
use crate::usage::lines::children_of;
use crate::{billing, customers, meters};

/// Everything that rows are made of.
pub(super) struct Subjects {
    pub rows: Vec<Subject>,
    /// The oldest published feature of each meter, by meter id.
    pub features: BTreeMap<String, features::Model>,
    /// Currency of the first subscription; empty without one.
    pub currency: String,
    /// Zone of the customer; empty without one.
    pub timezone: String,
}

/// What one row, or one row per combination of the grouping, tells the usage of.
pub(super) struct Subject {
    pub meter_row: meter_rows::Model,
    pub meter: Arc<Meter>,
    pub customers: Customers,
    pub period: Period,
    /// The line that bills it; `None` for usage without a price.
    pub charged: Option<Charged>,
}

/// A subscription line with what it costs.
pub(super) struct Charged {
    pub subscription: Arc<subscriptions::Model>,
    pub line: subscription_line_items::Model,
    pub price: price_rows::Model,
    pub terms: UsageTerms,
}

impl Charged {
    /// The plan whose price it is.
    pub fn plan_id(&self) -> Option<&str> {
        self.owned_by(LineItemEntityType::Plan)
    }

    /// The addon whose price it is.
    pub fn addon_id(&self) -> Option<&str> {
        self.owned_by(LineItemEntityType::Addon)
    }

    fn owned_by(&self, kind: LineItemEntityType) -> Option<&str> {
        (self.line.entity_type.0 == kind).then_some(self.line.entity_id.as_str())
    }
}

impl Subject {
    /// Day of month on which the subscription's periods start.
    pub fn anchor_day(&self) -> Option<i8> {
        let schedule = billing::schedule(&self.charged.as_ref()?.subscription);
        Some(schedule.zone.to_datetime(schedule.anchor).day())
    }
}

impl Subjects {
    pub async fn find(
        rows: &Scoped<'_>,
        request: &GetUsageAnalyticsRequest,
        period: Period,
        scope: &Scope,
    ) -> Result<Self> {
        let external_id = filled(request.external_customer_id.clone());
        let customer = match &external_id {
            Some(external_id) => customers::find_by_external_id(rows, external_id).await?,
            None => None,
        };
        let wanted = wanted_meters(rows, request, scope.meter_ids.as_deref()).await?;
        let subscribed = match &customer {
            Some(customer) => subscriptions_of(rows, customer).await?,
            None => Vec::new(),
        };
        let mut subjects = Self {
            rows: Vec::new(),
            features: BTreeMap::new(),
            currency: subscribed
                .first()
                .map(|subscription| subscription.currency.clone())
                .unwrap_or_default(),
            timezone: customer
                .as_ref()
                .map(|customer| customer.timezone.clone())
                .unwrap_or_default(),
        };
        match customer.filter(|_| !subscribed.is_empty()) {
            Some(customer) => {
                let with_children = request.include_children.unwrap_or_default();
                let parents = subscribed
                    .iter()
                    .filter(|subscription| with_children && is_parent(subscription));
                let children = children_of(rows, parents.map(|parent| parent.id.as_str()).collect()).await?;
                let lines = Lines::load(rows, &subscribed, children, wanted.as_ref()).await?;
                subjects.rows = lines.subjects(&customer, subscribed, period)?;
            }
            None if scope.rows == Rows::Charged => {}
            None => {
                let customers = external_id.map_or(Customers::All, |id| Customers::These(vec![id]));
                subjects.rows = uncharged(rows, &customers, period, wanted.as_ref()).await?;
            }
        }
        let measured = subjects
            .rows
            .iter()
            .map(|subject| subject.meter_row.id.clone())
            .collect();
        subjects.features = features_of(rows, measured).await?;
        Ok(subjects)
    }
}

/// The ids of the meters that the request is limited to; `None` for no limit.
async fn wanted_meters(
    rows: &Scoped<'_>,
    request: &GetUsageAnalyticsRequest,
    meter_ids: Option<&[String]>,
) -> Result<Option<BTreeSet<String>>> {
    let named = meter_ids.map(|ids| ids.iter().cloned().collect::<BTreeSet<_>>());
    let Some(feature_ids) = request.feature_ids.clone().filter(|ids| !ids.is_empty()) else {
        return Ok(named);
    };
    let features = by_ids::<features::Entity>(rows, feature_ids, |feature| &feature.id).await?;
    let measured = features.into_values().filter_map(|feature| feature.meter_id);
    Ok(Some(
        measured
            .filter(|id| named.as_ref().is_none_or(|named| named.contains(id)))
            .collect(),
    ))
}

/// The customer's subscriptions whose usage counts, oldest first.
async fn subscriptions_of(rows: &Scoped<'_>, customer: &customer_rows::Model) -> Result<Vec<subscriptions::Model>> {
    let counting = [
        SubscriptionStatus::Active,
        SubscriptionStatus::Trialing,
        SubscriptionStatus::Paused,
        SubscriptionStatus::Cancelled,
    ];
    let listing = Listing::all()
        .equal("customer_id", customer.id.as_str())
        .within("subscription_status", counting.map(SubscriptionStatus::as_str))
        .published()
        .oldest_first();
    Ok(rows.list::<subscriptions::Entity>(&listing).await?)
}

async fn uncharged(
    rows: &Scoped<'_>,
    customers: &Customers,
    period: Period,
    wanted: Option<&BTreeSet<String>>,
) -> Result<Vec<Subject>> {
    let mut listing = Listing::all().oldest_first();
    if let Some(ids) = wanted {
        listing = listing.within("id", ids.iter().cloned());
    }
    listing.limit = u64::try_from(QUESTIONS_MAX).ok().map(|limit| limit + 1);
    // Archived meters too: what they recorded stays.
    let found = rows.list::<meter_rows::Entity>(&listing).await?;
    if found.len() > QUESTIONS_MAX {
        return Err(too_many_questions().into());
    }
    let subject = |meter_row: meter_rows::Model| {
        Ok(Subject {
            meter: Arc::new(meters::definition(&meter_row)?),
            meter_row,
            customers: customers.clone(),
            period,
            charged: None,
        })
    };
    found.into_iter().map(subject).collect()
}

/// The oldest published feature of each meter, by meter id.
pub(crate) async fn features_of(
    rows: &Scoped<'_>,
    meter_ids: BTreeSet<String>,
) -> Result<BTreeMap<String, features::Model>> {
    let listing = Listing::all()
        .within("meter_id", meter_ids)
        .equal("status", Status::Published.as_str())
        .oldest_first();
    let mut by_meter = BTreeMap::new();
    for feature in rows.list::<features::Entity>(&listing).await? {
        if let Some(meter_id) = feature.meter_id.clone() {
            by_meter.entry(meter_id).or_insert(feature);
        }
    }
    Ok(by_meter)
}
