//! From the grant configurations of a subscription to the slots that open one window after the other (spec 03 §5.11).

use std::collections::BTreeMap;

use super::GrantWindowTerms;
use crate::Decimal;
use crate::vocabulary::{EntitlementAggregationMode, EntitlementGrantMeasure};

/// An entitlement with a grant configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantConfiguration {
    /// The entitlement.
    pub entitlement_id: String,
    /// Its feature.
    pub feature_id: String,
    /// How several of the feature combine.
    pub mode: EntitlementAggregationMode,
    /// What the quota counts.
    pub measure: EntitlementGrantMeasure,
    /// What each window allows.
    pub quota: Decimal,
    /// How long a window lasts and where it begins.
    pub terms: GrantWindowTerms,
}

/// What opens one window after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantSlot {
    /// The configuration: of an additive feature the quota is that of all its entitlements, and the id the lowest.
    pub configuration: GrantConfiguration,
}

impl GrantSlot {
    /// Whether a window that was opened for this entitlement of this feature is one of the slot's. The slot of an additive
    /// feature goes on when another of its entitlements takes over.
    #[must_use]
    pub fn owns(&self, entitlement_id: &str, feature_id: &str) -> bool {
        match self.configuration.mode {
            EntitlementAggregationMode::Additive => self.configuration.feature_id == feature_id,
            EntitlementAggregationMode::Parallel => self.configuration.entitlement_id == entitlement_id,
        }
    }
}

/// The slots of a subscription, by entitlement id. An entitlement that counts twice, as one of an addon attached twice
/// does, doubles an additive quota; two parallel slots with the same windows and quotas would be one.
#[must_use]
pub fn grant_slots(configurations: &[GrantConfiguration]) -> Vec<GrantSlot> {
    let mut parallel: BTreeMap<&str, GrantSlot> = BTreeMap::new();
    let mut additive: BTreeMap<&str, GrantSlot> = BTreeMap::new();
    for configuration in configurations {
        let slot = || GrantSlot {
            configuration: configuration.clone(),
        };
        match configuration.mode {
            EntitlementAggregationMode::Parallel => {
                parallel.entry(&configuration.entitlement_id).or_insert_with(slot);
            }
            EntitlementAggregationMode::Additive => {
                additive
                    .entry(&configuration.feature_id)
                    .and_modify(|slot| add(&mut slot.configuration, configuration))
                    .or_insert_with(slot);
            }
        }
    }
    let mut slots: Vec<GrantSlot> = parallel.into_values().chain(additive.into_values()).collect();
    slots.sort_by(|a, b| a.configuration.entitlement_id.cmp(&b.configuration.entitlement_id));
    slots
}

fn add(sum: &mut GrantConfiguration, configuration: &GrantConfiguration) {
    let quota = &sum.quota + &configuration.quota;
    if configuration.entitlement_id < sum.entitlement_id {
        *sum = configuration.clone();
    }
    sum.quota = quota;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::{EntitlementGrantAllocationBehavior, EntitlementGrantDurationUnit};

    fn configuration(id: &str, feature: &str, mode: EntitlementAggregationMode, quota: i64) -> GrantConfiguration {
        GrantConfiguration {
            entitlement_id: id.to_owned(),
            feature_id: feature.to_owned(),
            mode,
            measure: EntitlementGrantMeasure::Quantity,
            quota: Decimal::from(quota),
            terms: GrantWindowTerms {
                unit: EntitlementGrantDurationUnit::Day,
                value: quota,
                allocation: EntitlementGrantAllocationBehavior::FirstUsage,
            },
        }
    }

    fn slots(configurations: &[GrantConfiguration]) -> Vec<(String, Decimal, i64)> {
        grant_slots(configurations)
            .into_iter()
            .map(|slot| slot.configuration)
            .map(|slot| (slot.entitlement_id, slot.quota, slot.terms.value))
            .collect()
    }

    #[test]
    fn additive_grants_share_the_slot_of_the_lowest_id() {
        use EntitlementAggregationMode::Additive;
        let given = [
            configuration("e2", "calls", Additive, 5),
            configuration("e1", "calls", Additive, 7),
            configuration("e1", "calls", Additive, 7),
            configuration("e0", "tokens", Additive, 1),
        ];
        assert_eq!(
            slots(&given),
            [
                ("e0".to_owned(), Decimal::from(1), 1),
                ("e1".to_owned(), Decimal::from(19), 7)
            ]
        );
        let slot = &grant_slots(&given)[1];
        assert!(slot.owns("e2", "calls") && slot.owns("gone", "calls") && !slot.owns("e1", "tokens"));
    }

    #[test]
    fn parallel_grants_have_a_slot_each() {
        use EntitlementAggregationMode::Parallel;
        let given = [
            configuration("e2", "calls", Parallel, 5),
            configuration("e1", "calls", Parallel, 7),
            configuration("e1", "calls", Parallel, 7),
        ];
        assert_eq!(
            slots(&given),
            [
                ("e1".to_owned(), Decimal::from(7), 7),
                ("e2".to_owned(), Decimal::from(5), 5)
            ]
        );
        assert!(!grant_slots(&given)[0].owns("e2", "calls"));
    }
}
