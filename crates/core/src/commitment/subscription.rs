//! A commitment over all usage of one billing period of a subscription (spec 04 §4.14).

use crate::{Currency, Decimal};

/// A promise on the usage charges of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionCommitment {
    /// What was promised.
    pub amount: Decimal,
    /// What usage beyond it costs, as a multiple of its list price. Exactly one switches everything off, true-up
    /// included.
    pub overage_factor: Decimal,
    /// Whether an unused rest is charged.
    pub true_up: bool,
}

/// A usage charge before the split: gross, without any allowance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageCharge {
    /// Units used.
    pub quantity: Decimal,
    /// Price of one unit of a flat price; `None` takes the average, `amount / quantity`.
    pub unit_amount: Option<Decimal>,
    /// The charge, rounded.
    pub amount: Decimal,
}

/// A charge, or one of the two parts into which the commitment split it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommittedCharge {
    /// Position of the charge it comes from.
    pub index: usize,
    /// Units of this part.
    pub quantity: Decimal,
    /// Rounded.
    pub amount: Decimal,
    /// Whether it lies beyond the commitment.
    pub is_overage: bool,
    /// Unit amount of a split charge; `None` for a charge that stayed whole.
    pub split_unit_amount: Option<Decimal>,
}

/// All charges of a period under the commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionCharges {
    /// Whether the commitment had any effect.
    pub applies: bool,
    /// In the order of the charges, the normal part of each before its overage.
    pub charges: Vec<CommittedCharge>,
    /// Part of the commitment that was used, unrounded.
    pub utilized: Decimal,
    /// Sum of what lies beyond it, unrounded.
    pub overage: Decimal,
    /// Rounded; zero with any overage.
    pub true_up: Decimal,
}

impl SubscriptionCharges {
    /// Sum of the rounded charges and the true-up.
    #[must_use]
    pub fn usage_total(&self) -> Decimal {
        self.charges.iter().map(|charge| &charge.amount).sum::<Decimal>() + &self.true_up
    }

    /// Whether anything lies beyond the commitment.
    #[must_use]
    pub fn has_overage(&self) -> bool {
        self.charges.iter().any(|charge| charge.is_overage)
    }
}

impl CommittedCharge {
    /// The normal part of a split charge after an allowance of `free_quantity` units: `max(0, n - free) · unit`, rounded
    /// (Q32). `None` for overage, which allowances never lower, and for whole charges, whose billable quantity is priced
    /// anew.
    #[must_use]
    pub fn after_allowance(&self, free_quantity: &Decimal, currency: &Currency) -> Option<Decimal> {
        let unit = self.split_unit_amount.as_ref()?;
        if self.is_overage {
            return None;
        }
        let billable = (&self.quantity - free_quantity).floor_at_zero();
        Some(currency.round(&(&billable * unit)))
    }
}

impl SubscriptionCommitment {
    /// Whether the commitment has any effect: a promise above zero and a factor above one.
    #[must_use]
    pub fn applies(&self) -> bool {
        self.amount.is_positive() && self.overage_factor > Decimal::one()
    }

    /// Splits `charges`, in the order of the subscription's lines, at the commitment.
    #[must_use]
    pub fn split(&self, charges: &[UsageCharge], currency: &Currency) -> SubscriptionCharges {
        let mut split = Split {
            commitment: self,
            currency,
            remaining: self.amount.clone(),
            parts: Vec::with_capacity(charges.len() + 1),
            overage: Decimal::zero(),
        };
        let applies = self.applies();
        for (index, charge) in charges.iter().enumerate() {
            if !applies || split.remaining >= charge.amount {
                split.keep_whole(index, charge);
            } else if split.remaining.is_positive() {
                split.divide(index, charge);
            } else {
                split.exceed(index, charge);
            }
        }
        let has_overage = split.parts.iter().any(|part| part.is_overage);
        let true_up = if applies && self.true_up && !has_overage {
            currency.round(&split.remaining).floor_at_zero()
        } else {
            Decimal::zero()
        };
        SubscriptionCharges {
            applies,
            utilized: if applies {
                &self.amount - &split.remaining
            } else {
                Decimal::zero()
            },
            charges: split.parts,
            overage: split.overage,
            true_up,
        }
    }
}

struct Split<'a> {
    commitment: &'a SubscriptionCommitment,
    currency: &'a Currency,
    remaining: Decimal,
    parts: Vec<CommittedCharge>,
    overage: Decimal,
}

impl Split<'_> {
    fn keep_whole(&mut self, index: usize, charge: &UsageCharge) {
        self.remaining -= &charge.amount;
        self.push(index, charge.quantity.clone(), &charge.amount, None, false);
    }

    fn exceed(&mut self, index: usize, charge: &UsageCharge) {
        let amount = &charge.amount * &self.commitment.overage_factor;
        self.push(index, charge.quantity.clone(), &amount, None, true);
    }

    /// The charge crosses the commitment: as many whole units as fit stay normal; a rest smaller than one unit is left
    /// for later charges.
    fn divide(&mut self, index: usize, charge: &UsageCharge) {
        let average = || charge.amount.div(&charge.quantity).ok();
        let unit = charge.unit_amount.clone().or_else(average).filter(Decimal::is_positive);
        let Some(unit) = unit else {
            return self.divide_money(index, charge);
        };
        let fitting = self
            .remaining
            .div(&unit)
            .map(|units| units.floor(0))
            .unwrap_or_default();
        // A rounded charge may be worth more than its units; it never has more units than it has.
        let normal = fitting.min(charge.quantity.clone());
        let over = &charge.quantity - &normal;
        if normal.is_positive() {
            let amount = &normal * &unit;
            self.remaining -= &amount;
            self.push(index, normal, &amount, Some(&unit), false);
        }
        if over.is_positive() {
            let amount = &(&over * &unit) * &self.commitment.overage_factor;
            self.push(index, over, &amount, Some(&unit), true);
        }
    }

    /// A charge without units, such as money beyond a grant measured in money, is divided as money.
    fn divide_money(&mut self, index: usize, charge: &UsageCharge) {
        let normal = self.remaining.clone();
        let over = &(&charge.amount - &normal) * &self.commitment.overage_factor;
        self.remaining = Decimal::zero();
        self.push(index, charge.quantity.clone(), &normal, None, false);
        self.push(index, Decimal::zero(), &over, None, true);
    }

    fn push(&mut self, index: usize, quantity: Decimal, amount: &Decimal, unit: Option<&Decimal>, is_overage: bool) {
        if is_overage {
            self.overage += amount;
        }
        self.parts.push(CommittedCharge {
            index,
            quantity,
            amount: self.currency.round(amount),
            is_overage,
            split_unit_amount: unit.cloned(),
        });
    }
}
