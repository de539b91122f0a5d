//! Writing what an evaluation found.

use serde_json::json;
use tariff_contract::DateTime;
use tariff_core::vocabulary::{AlertState, AlertType, EntitlementGrantScope, EntitlementGrantStatus};
use tariff_core::{Decimal, IdPrefix, Status};
use tariff_store::column::{Number, Time, Word};
use tariff_store::entity::{entitlement_grants, subscriptions};
use tariff_store::set;

use super::evaluate::{Findings, Opened, Outcome};
use crate::engine::Work;
use crate::error::Result;
use crate::ids::mint;

/// The event that a quota is used up.
const EXHAUSTED: &str = "entitlement.grant.exhausted";
/// Fractional digits of quota and usage that are kept (spec 03 §2.1).
const FRACTION_DIGITS: u32 = 15;

/// Opens and changes grants of a locked subscription. Whatever is exhausted was not so before, which is why the event
/// comes once.
pub(super) async fn write(work: &Work<'_>, subscription: &subscriptions::Model, findings: Findings) -> Result<()> {
    for changed in findings.changed {
        let outcome = changed.outcome;
        let mut changes = entitlement_grants::ActiveModel {
            usage: set(Number(outcome.usage.round(FRACTION_DIGITS))),
            updated_at: set(Time(work.now)),
            updated_by: set(work.context.user_id.clone()),
            ..Default::default()
        };
        if let Some(crossed_at) = outcome.crossed_at {
            changes.grant_status = set(Word(EntitlementGrantStatus::Exhausted));
            changes.quota_crossed_at = set(Some(Time(crossed_at)));
        }
        if outcome.closes {
            changes.closed_at = set(Some(Time(work.now)));
        }
        let rows = work.rows();
        rows.update::<entitlement_grants::Entity>(&changed.grant.id, changes)
            .await?;
        announce(work, &changed.grant, &outcome).await?;
    }
    for opened in findings.opened {
        let outcome = &opened.outcome;
        let grant = new_grant(work, subscription, &opened, outcome);
        let grant = work.rows().insert::<entitlement_grants::Entity>(grant).await?;
        announce(work, &grant, outcome).await?;
    }
    Ok(())
}

fn new_grant(
    work: &Work<'_>,
    subscription: &subscriptions::Model,
    opened: &Opened,
    outcome: &Outcome,
) -> entitlement_grants::Model {
    let user_id = &work.context.user_id;
    entitlement_grants::Model {
        id: mint(IdPrefix::EntitlementGrant),
        tenant_id: String::new(),
        environment_id: String::new(),
        entitlement_id: opened.entitlement_id.clone(),
        customer_id: subscription.customer_id.clone(),
        subscription_id: subscription.id.clone(),
        scope: Word(EntitlementGrantScope::Feature),
        feature_id: opened.feature_id.clone(),
        meter_id: opened.meter_id.clone(),
        measure: Word(opened.measure),
        quota: Number(opened.progress.quota.clone()),
        usage: Number(outcome.usage.round(FRACTION_DIGITS)),
        valid_from: Time(opened.progress.window.start),
        valid_to: Time(opened.progress.window.end),
        grant_status: Word(match outcome.crossed_at {
            Some(_) => EntitlementGrantStatus::Exhausted,
            None => EntitlementGrantStatus::Active,
        }),
        quota_crossed_at: outcome.crossed_at.map(Time),
        closed_at: outcome.closes.then_some(Time(work.now)),
        status: Word(Status::Published),
        created_at: Time(work.now),
        updated_at: Time(work.now),
        created_by: user_id.clone(),
        updated_by: user_id.clone(),
    }
}

/// Tells that a grant is used up, if this evaluation is the one that saw it (spec 07 §4.2: a flat body).
async fn announce(work: &Work<'_>, grant: &entitlement_grants::Model, outcome: &Outcome) -> Result<()> {
    if outcome.crossed_at.is_none() {
        return Ok(());
    }
    let ratio: Decimal = outcome.usage.div(&grant.quota.0).unwrap_or_default();
    let body = json!({
        "event_type": EXHAUSTED,
        "subscription_id": grant.subscription_id,
        "customer_id": grant.customer_id,
        "entitlement_id": grant.entitlement_id,
        "entitlement_grant_id": grant.id,
        "alert_type": AlertType::EntitlementGrantExhausted.as_str(),
        "alert_status": AlertState::InAlarm.as_str(),
        "usage_ratio": ratio,
        "triggered_at": DateTime(work.now),
    });
    work.publish_with(EXHAUSTED, "entitlement_grant", &grant.id, body).await
}
