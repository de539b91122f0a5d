//! Attaching an addon: an association and its lines (spec 04 §3.7).

use std::collections::BTreeSet;

use tariff_contract::FieldErrors;
use tariff_contract::addons::{
    ADDONS_MAX, AddAddonRequest, AddAddonToSubscriptionRequest, AddAddonToSubscriptionResponse, AddonCadence,
};
use tariff_contract::error::ApiError;
use tariff_core::pricing::is_period_accepted;
use tariff_core::vocabulary::{
    AddonStatus, EntitlementEntityType, FeatureType, PriceEntityType, ProrationBehavior, SubscriptionStatus,
};
use tariff_core::{IdPrefix, Status, Timestamp};
use tariff_store::column::{Json, Time, Word};
use tariff_store::entity::{
    addon_associations, addons as addon_rows, entitlements as entitlement_rows, prices, subscription_line_items,
    subscriptions,
};
use tariff_store::{Direction, Listing};

use super::charge::charge_rest_of_period;
use super::response::attached;
use crate::billing;
use crate::context::Context;
use crate::coupons::Overridden;
use crate::engine::{Engine, Work};
use crate::error::Result;
use crate::ids::mint;
use crate::records::Narrow;
use crate::subscriptions::line_terms::LineTerms;
use crate::subscriptions::lines::{NewLine, insert_lines};
use crate::subscriptions::lock;
use crate::{addons, entitlements};

/// Addons that a subscription may have at a time, each counted as often as it is attached.
const ATTACHED_MAX: usize = 1000;

impl Engine {
    /// Attaches an addon to an active or draft subscription.
    ///
    /// # Errors
    /// `validation_error` for field rules, an addon or a subscription that is not open to it, an addon without a
    /// fitting price, and a reset period that contradicts the subscription's; `not_found`; `not_implemented` for parts
    /// of the request that this server does not offer.
    pub async fn attach_addon(
        &self,
        context: &Context,
        request: AddAddonRequest,
    ) -> Result<AddAddonToSubscriptionResponse> {
        request.validate()?;
        if request.checkout.is_some() {
            let message = "checkout is not available on addons of this server";
            return Err(ApiError::not_implemented(message).detail("field", "checkout").into());
        }
        let subscription_id = request.subscription_id.clone().unwrap_or_default();
        let request = request.attachment();
        // An overdue renewal comes first, so that the current period is the one that the caller sees.
        self.renew_subscription(context, &subscription_id).await?;
        let work = self.begin(context).await?;
        let subscription = lock(&work, &subscription_id).await?;
        let status = subscription.subscription_status.0;
        if !matches!(status, SubscriptionStatus::Active | SubscriptionStatus::Draft) {
            let message = format!("Addons cannot be attached to a subscription that is {status}");
            return Err(ApiError::validation(message)
                .detail("subscription_id", subscription_id)
                .into());
        }
        let Attachment { association, lines, .. } = attach(&work, &subscription, &request, work.now, "").await?;
        let prorated = request.proration_behavior == Some(ProrationBehavior::CreateProrations);
        // The opening invoice of a draft bills the lines instead (spec 04 Q28).
        if prorated && status == SubscriptionStatus::Active {
            charge_rest_of_period(&work, &subscription, &lines).await?;
        }
        work.publish("subscription.updated", "subscription", &subscription.id)
            .await?;
        work.commit().await?;
        Ok(attached(association))
    }
}

/// Checks the addons of a new subscription as far as no stored record is needed.
///
/// # Errors
/// `validation_error` with every failing field.
pub(in crate::subscriptions) fn check(requests: Option<&[AddAddonToSubscriptionRequest]>) -> Result<(), ApiError> {
    let mut errors = FieldErrors::new();
    errors.at_most("addons", requests, ADDONS_MAX);
    errors.each("addons", requests, AddAddonToSubscriptionRequest::check);
    errors.finish()
}

/// What attaching an addon has made.
struct Attachment {
    association: addon_associations::Model,
    lines: Vec<subscription_line_items::Model>,
    /// The lines with prices of the subscription's own.
    overridden: Overridden,
}

/// Attaches the addons of a new subscription, from its start on unless they say otherwise, and adds their lines with
/// overridden prices to those known. Whatever its status, its opening invoice bills their lines; nothing is prorated
/// apart from it (spec 04 Q9, Q28).
pub(in crate::subscriptions) async fn attach_all(
    work: &Work<'_>,
    subscription: &subscriptions::Model,
    requests: &[AddAddonToSubscriptionRequest],
    overridden: &mut Overridden,
) -> Result<()> {
    // Held in one order, so that two creations with the same addons never wait for each other.
    let ids: BTreeSet<&str> = requests
        .iter()
        .filter_map(|request| request.addon_id.as_deref())
        .collect();
    for id in ids {
        work.rows().lock::<addon_rows::Entity>(id).await?;
    }
    for (index, request) in requests.iter().enumerate() {
        let path = format!("addons[{index}].");
        let attached = attach(work, subscription, request, subscription.start_date.0, &path).await?;
        for (price_id, lines) in attached.overridden {
            overridden.entry(price_id).or_default().extend(lines);
        }
    }
    Ok(())
}

/// `path` leads to the request inside of the caller's, for errors.
async fn attach(
    work: &Work<'_>,
    subscription: &subscriptions::Model,
    request: &AddAddonToSubscriptionRequest,
    default_start: Timestamp,
    path: &str,
) -> Result<Attachment> {
    let id = request.addon_id.as_deref().unwrap_or_default();
    // Archiving an addon holds the same record: of the two, whoever is second sees what the first has done.
    let addon = work.rows().lock::<addon_rows::Entity>(id).await?;
    let addon = addon.ok_or_else(|| addons::unknown_id(id))?;
    if addon.status.0 != Status::Published {
        let error = ApiError::validation("The addon is not published");
        return Err(error.detail("addon_id", addon.id).into());
    }
    refuse_when_full(work, subscription).await?;
    let (start, end) = term(subscription, request, default_start)?;
    let prices = qualifying_prices(work, subscription, &addon, (start, end)).await?;
    check_resets(work, subscription, &addon).await?;
    let association = association(work, subscription, request, (start, end));
    let association = work.rows().insert::<addon_associations::Entity>(association).await?;
    let mut terms = LineTerms::of(
        &work.rows(),
        request.override_line_items.clone(),
        request.line_item_commitments.clone(),
        &prices,
        path,
    )
    .await?;
    let new = NewLine::of_addon(subscription, &addon, &association);
    let first = next_position(work, &subscription.id).await?;
    let lines = insert_lines(work, new, prices, first, &mut terms).await?;
    Ok(Attachment {
        association,
        lines,
        overridden: terms.into_overridden(),
    })
}

async fn refuse_when_full(work: &Work<'_>, subscription: &subscriptions::Model) -> Result<()> {
    let attached = addons::not_over(&work.rows(), &subscription.id, work.now).await?;
    if attached.len() >= ATTACHED_MAX {
        let message = format!("A subscription has at most {ATTACHED_MAX} addons at a time");
        return Err(ApiError::validation(message)
            .detail("subscription_id", subscription.id.as_str())
            .into());
    }
    Ok(())
}

/// From when to when an addon is attached. Of one-time cadence it is until the end of the period that contains the
/// start.
fn term(
    subscription: &subscriptions::Model,
    request: &AddAddonToSubscriptionRequest,
    default_start: Timestamp,
) -> Result<(Timestamp, Option<Timestamp>)> {
    let start = request.start_date.map_or(default_start, |start| start.0);
    let start = start.max(subscription.start_date.0);
    let refuse = |reason: &str| {
        let message = format!("start_date {reason}");
        ApiError::validation(message).detail("start_date", reason)
    };
    if subscription.end_date.is_some_and(|end| end.0 <= start) {
        return Err(refuse("must lie before the end of the subscription").into());
    }
    match request.cadence.unwrap_or(AddonCadence::Recurring) {
        AddonCadence::Recurring => Ok((start, None)),
        AddonCadence::Onetime => {
            let current = subscription.current_period_start.0;
            let period = billing::schedule(subscription).period_containing(current, start);
            let period = period.map_err(|_| refuse("must lie in the current period or in one of the next 240"))?;
            let period = period.ok_or_else(|| refuse("must lie before the end of the subscription"))?;
            Ok((start, Some(period.end)))
        }
    }
}

/// The addon's prices that the subscription takes, oldest first (spec 03 §5.6).
async fn qualifying_prices(
    work: &Work<'_>,
    subscription: &subscriptions::Model,
    addon: &addon_rows::Model,
    (start, end): (Timestamp, Option<Timestamp>),
) -> Result<Vec<prices::Model>> {
    let listing = Listing::all()
        .oldest_first()
        .equal("entity_type", PriceEntityType::Addon.as_str())
        .equal("entity_id", addon.id.as_str())
        .equal("currency", subscription.currency.as_str())
        .published();
    let fits = |price: &prices::Model| {
        let from = start.max(price.start_date.0);
        let ends = [price.end_date, subscription.end_date, end.map(Time)];
        let over = ends.into_iter().flatten().any(|end| end.0 <= from);
        !over && is_period_accepted(price.billing_period.0, subscription.billing_period.0, true)
    };
    let found = work.rows().list::<prices::Entity>(&listing).await?;
    let qualifying: Vec<_> = found.into_iter().filter(fits).collect();
    if qualifying.is_empty() {
        let message = "The addon has no price that fits the subscription's currency and billing period";
        return Err(ApiError::validation(message)
            .detail("addon_id", addon.id.as_str())
            .into());
    }
    Ok(qualifying)
}

/// One feature has one reset period on a subscription (spec 03 §4.3).
async fn check_resets(work: &Work<'_>, subscription: &subscriptions::Model, addon: &addon_rows::Model) -> Result<()> {
    let rows = work.rows();
    let reset = |row: &entitlement_rows::Model| {
        let counts = row.is_enabled && row.feature_type.0 == FeatureType::Metered;
        row.usage_reset_period.filter(|_| counts).map(|period| period.0)
    };
    let brought = entitlements::of_owners(&rows, EntitlementEntityType::Addon, [addon.id.clone()]).await?;
    let present = entitlements::of_subscription_from_now(&rows, subscription, work.now).await?;
    for row in &brought {
        let Some(period) = reset(row) else { continue };
        let other = present
            .iter()
            .filter(|present| present.feature_id == row.feature_id)
            .find_map(|present| reset(present).filter(|present| *present != period));
        if let Some(other) = other {
            let message = format!("The addon resets a feature {period} that the subscription resets {other}");
            let error = ApiError::validation(message).detail("addon_id", addon.id.as_str());
            return Err(error.detail("feature_id", row.feature_id.as_str()).into());
        }
    }
    Ok(())
}

fn association(
    work: &Work<'_>,
    subscription: &subscriptions::Model,
    request: &AddAddonToSubscriptionRequest,
    (start, end): (Timestamp, Option<Timestamp>),
) -> addon_associations::Model {
    let user_id = &work.context.user_id;
    addon_associations::Model {
        id: mint(IdPrefix::AddonAssociation),
        tenant_id: String::new(),
        environment_id: String::new(),
        addon_id: request.addon_id.clone().unwrap_or_default(),
        subscription_id: subscription.id.clone(),
        addon_status: Word(AddonStatus::Active),
        start_date: Time(start),
        end_date: end.map(Time),
        cancelled_at: None,
        cancellation_reason: String::new(),
        metadata: request.metadata.clone().map(Json),
        status: Word(Status::Published),
        created_at: Time(work.now),
        updated_at: Time(work.now),
        created_by: user_id.clone(),
        updated_by: user_id.clone(),
    }
}

/// The place after the subscription's last line.
async fn next_position(work: &Work<'_>, subscription_id: &str) -> Result<i64> {
    let last_first = Listing {
        sort: vec![("position".to_owned(), Direction::Descending)],
        ..Listing::all()
    }
    .equal("subscription_id", subscription_id);
    let last = work.rows().first::<subscription_line_items::Entity>(last_first).await?;
    Ok(last.map_or(0, |line| line.position + 1))
}
