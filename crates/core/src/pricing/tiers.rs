//! Ladders of tiers and the parts of a quantity that fall on each.

use serde::{Deserialize, Serialize};

use super::explanation::TierCharge;
use crate::Decimal;

/// One step of a ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// Largest quantity of this tier, inclusive; `None` for the open-ended one.
    pub up_to: Option<u64>,
    /// Price of one unit.
    #[serde(default)]
    pub unit_amount: Decimal,
    /// Charged once when the tier applies.
    #[serde(default)]
    pub flat_amount: Option<Decimal>,
}

impl Tier {
    fn charge(&self, index: usize, quantity: Decimal) -> TierCharge {
        let flat_amount = self.flat_amount.clone().unwrap_or_default();
        TierCharge {
            amount: &(&self.unit_amount * &quantity) + &flat_amount,
            index,
            quantity,
            unit_amount: self.unit_amount.clone(),
            flat_amount,
        }
    }

    /// The same tier in another unit of account: its amounts multiplied by `rate`, unrounded (spec 03 §5.5).
    #[must_use]
    pub fn converted(&self, rate: &Decimal) -> Self {
        Self {
            up_to: self.up_to,
            unit_amount: &self.unit_amount * rate,
            flat_amount: self.flat_amount.as_ref().map(|flat_amount| flat_amount * rate),
        }
    }

    fn covers(&self, quantity: &Decimal) -> bool {
        self.up_to.is_none_or(|up_to| *quantity <= Decimal::from(up_to))
    }
}

/// Tiers in ascending order of `up_to`, the open-ended one last; equal bounds keep the order they were given in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Tier>", into = "Vec<Tier>")]
pub struct Tiers(Vec<Tier>);

impl From<Vec<Tier>> for Tiers {
    fn from(tiers: Vec<Tier>) -> Self {
        Self::new(tiers)
    }
}

impl From<Tiers> for Vec<Tier> {
    fn from(tiers: Tiers) -> Self {
        tiers.0
    }
}

impl Tiers {
    /// Sorts; any order and a bounded last tier are accepted (spec 03 Q1).
    #[must_use]
    pub fn new(mut tiers: Vec<Tier>) -> Self {
        tiers.sort_by_key(|tier| (tier.up_to.is_none(), tier.up_to));
        Self(tiers)
    }

    /// The tiers, sorted.
    #[must_use]
    pub fn as_slice(&self) -> &[Tier] {
        &self.0
    }

    /// VOLUME: the first tier that covers `quantity`, else the last one, prices all of it (spec 03 §5.1). `None`
    /// without tiers.
    pub(super) fn volume_charge(&self, quantity: &Decimal) -> Option<TierCharge> {
        let covering = self.0.partition_point(|tier| !tier.covers(quantity));
        let index = covering.min(self.0.len().checked_sub(1)?);
        let tier = self.0.get(index)?;
        Some(tier.charge(index, quantity.clone()))
    }

    /// SLAB: each entered tier prices the part of `quantity` between its bounds. A tier is entered only by a
    /// quantity above its lower bound, so its flat amount is not due at exact equality; what exceeds a bounded last
    /// tier costs nothing (spec 03 §5.1, Q3).
    pub(super) fn slab_charges<'a>(&'a self, quantity: &'a Decimal) -> impl Iterator<Item = TierCharge> + 'a {
        let mut lower = Some(Decimal::zero());
        self.0.iter().enumerate().map_while(move |(index, tier)| {
            let from = lower.take()?;
            if index > 0 && *quantity <= from {
                return None;
            }
            let bound = tier.up_to.map(Decimal::from);
            let part = match &bound {
                Some(bound) => quantity.min(bound) - &from,
                None => quantity - &from,
            };
            lower = bound;
            Some(tier.charge(index, part))
        })
    }

    pub(super) fn converted(&self, rate: &Decimal) -> Self {
        Self(self.0.iter().map(|tier| tier.converted(rate)).collect())
    }
}
