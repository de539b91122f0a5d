//! Billing with entitlement grants, which take the place of the plain allowance (spec 03 §5.11).
//!
//! Owns which windows there are in a period, what was used in them, and what of it a line charges. All of that follows
//! from the events and the windows opened before, so that an invoice does not depend on when somebody looked. Keeping the
//! windows is the business of `entitlement_grants`.

mod measure;
mod overage;
mod timeline;
mod windows;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tariff_core::Period;
use tariff_core::entitlement::{GrantConfiguration, GrantSlot, GrantWindowTerms, grant_slots};
use tariff_core::vocabulary::{EntitlementAggregationMode, EntitlementGrantAllocationBehavior};
use tariff_store::entity::{entitlement_grants, entitlements, meters as meter_rows, subscriptions};
use tariff_store::{Direction, Filter, Listing, Scoped, Test};

use super::facts::MeteredBy;
use crate::entitlements::GrantConfig;
use crate::error::Result;
use crate::meters;
use crate::records::{Narrow, by_ids};

pub(crate) use measure::Measuring;
pub(super) use overage::overage;
pub(super) use timeline::Timeline;
pub(crate) use timeline::WINDOWS_READ_MIN;
pub(super) use windows::{GrantWindow, windows};

/// The grants of a subscription.
#[derive(Default)]
pub(crate) struct Grants {
    /// What opens windows.
    pub slots: Vec<Slot>,
    /// The windows opened so far that are not closed or touch the period looked at, by start.
    pub stored: Vec<entitlement_grants::Model>,
    /// The meters of both, by id.
    meters: BTreeMap<String, MeteredBy>,
}

/// A slot, and what it measures.
pub(crate) struct Slot {
    pub slot: GrantSlot,
    pub meter_id: String,
}

impl Grants {
    /// Whether there is nothing to open, to measure or to bill.
    pub(crate) fn is_empty(&self) -> bool {
        self.slots.is_empty() && self.stored.is_empty()
    }

    fn measures(&self, meter_id: &str) -> bool {
        let stored = self.stored.iter().any(|grant| grant.meter_id == meter_id);
        stored || self.slots.iter().any(|slot| slot.meter_id == meter_id)
    }
}

/// Loads the grants of a subscription around a period. `configured` are its live entitlements by meter.
pub(super) async fn load(
    rows: &Scoped<'_>,
    subscription: &subscriptions::Model,
    period: Period,
    configured: &HashMap<String, Vec<entitlements::Model>>,
) -> Result<Grants> {
    let current = Period::new(subscription.current_period_start.0, subscription.current_period_end.0);
    // Whoever looks at a part of the current period needs what was opened in all of it.
    let reach = match period.intersection(&current) {
        Some(_) => Period::new(period.start.min(current.start), period.end.max(current.end)),
        None => period,
    };
    let stored = stored(rows, &subscription.id, reach).await?;
    let slots = slots(configured);
    let ids = slots.iter().map(|slot| slot.meter_id.clone());
    let ids: Vec<String> = ids.chain(stored.iter().map(|grant| grant.meter_id.clone())).collect();
    let mut metered = BTreeMap::new();
    for (id, row) in by_ids::<meter_rows::Entity>(rows, ids, |meter| &meter.id).await? {
        let measuring = MeteredBy {
            meter: Arc::new(meters::definition(&row)?),
            allowance: None,
            row,
        };
        metered.insert(id, measuring);
    }
    Ok(Grants {
        slots,
        stored,
        meters: metered,
    })
}

/// The windows of a subscription that are not closed or touch a period, by start.
pub(crate) async fn stored(
    rows: &Scoped<'_>,
    subscription_id: &str,
    period: Period,
) -> Result<Vec<entitlement_grants::Model>> {
    let field = |name: &str, test| Filter {
        field: name.to_owned(),
        test,
    };
    let mut listing = Listing {
        sort: vec![("valid_from".to_owned(), Direction::Ascending)],
        ..Listing::all()
    }
    .oldest_first()
    .equal("subscription_id", subscription_id)
    .published();
    for bound in [
        field("valid_to", Test::Greater(period.start.into())),
        field("valid_from", Test::Less(period.end.into())),
    ] {
        listing.any_of.push(vec![field("closed_at", Test::IsNull), bound]);
    }
    Ok(rows.list::<entitlement_grants::Entity>(&listing).await?)
}

fn slots(configured: &HashMap<String, Vec<entitlements::Model>>) -> Vec<Slot> {
    let rows = configured.iter().flat_map(|(meter_id, rows)| {
        let configuration = move |row: &entitlements::Model| Some((configuration(row)?, meter_id));
        rows.iter().filter_map(configuration)
    });
    let (configurations, meter_ids): (Vec<_>, Vec<_>) = rows.unzip();
    let of_feature: BTreeMap<String, &String> = configurations
        .iter()
        .map(|configuration: &GrantConfiguration| configuration.feature_id.clone())
        .zip(meter_ids)
        .collect();
    grant_slots(&configurations)
        .into_iter()
        .filter_map(|slot| {
            let meter_id = of_feature.get(&slot.configuration.feature_id)?;
            Some(Slot {
                meter_id: (*meter_id).clone(),
                slot,
            })
        })
        .collect()
}

/// The grant configuration of an entitlement in the vocabulary of billing, if it has one.
fn configuration(row: &entitlements::Model) -> Option<GrantConfiguration> {
    let config = GrantConfig::of(row)?;
    Some(GrantConfiguration {
        entitlement_id: row.id.clone(),
        feature_id: row.feature_id.clone(),
        mode: row
            .aggregation_mode
            .map_or(EntitlementAggregationMode::Additive, |mode| mode.0),
        measure: config.measure,
        quota: config.quota,
        terms: GrantWindowTerms {
            unit: config.duration_unit,
            value: config.duration_value.unwrap_or(1),
            allocation: config
                .allocation_behavior
                .unwrap_or(EntitlementGrantAllocationBehavior::FirstUsage),
        },
    })
}
