//! Credit and charge of one changed line (spec 04 §4.9).

use jiff::Timestamp;

use crate::calendar::Period;
use crate::vocabulary::{CancellationType, InvoiceCadence, wire_enum};
use crate::{BillingError, Currency, Decimal};

use super::second_based;

wire_enum! {
    /// What happens to a line.
    ProrationAction, "types.ProrationAction" {
        /// `add_item`.
        AddItem = "add_item",
        /// `remove_item`.
        RemoveItem = "remove_item",
        /// `upgrade`.
        Upgrade = "upgrade",
        /// `downgrade`.
        Downgrade = "downgrade",
        /// `quantity_change`.
        QuantityChange = "quantity_change",
        /// `cancellation`.
        Cancellation = "cancellation",
    }
}

/// Sums over the invoice lines of a subscription line whose period contains the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Billed {
    /// Sum of the positive amounts.
    pub billed: Decimal,
    /// Sum of the negative amounts, as a positive number.
    pub credited: Decimal,
}

/// A change of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineChange {
    /// What happens.
    pub action: ProrationAction,
    /// Only lines billed in advance are credited; see [`prorate_line`] for charges.
    pub invoice_cadence: InvoiceCadence,
    /// Cost of a full period before the change, unrounded; zero for an added line.
    pub old_cost: Decimal,
    /// Cost of a full period after the change, unrounded; zero for a removed line.
    pub new_cost: Decimal,
    /// What was invoiced so far; `None` without any invoice line counts as `old_cost` billed in full.
    pub billed: Option<Billed>,
}

/// The money of one changed line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineProration {
    /// At most zero, rounded.
    pub credit: Decimal,
    /// At least zero, rounded.
    pub charge: Decimal,
    /// Sum of both.
    pub net: Decimal,
}

/// Credit and charge of `change` for the share `coefficient` of its period, each rounded by itself.
///
/// Credits go to lines billed in ADVANCE only and are capped by what was billed and not credited yet, except on quantity
/// changes (Q17). Added lines and changed quantities are charged in ADVANCE only: in arrears the coming invoice bills
/// them (Q16).
#[must_use]
pub fn prorate_line(change: &LineChange, coefficient: &Decimal, currency: &Currency) -> LineProration {
    let is_advance = change.invoice_cadence == InvoiceCadence::Advance;
    let capped = |change| capped_credit(change, coefficient);
    let charge = || &change.new_cost * coefficient;
    let none = Decimal::zero;
    let (credit, charge) = match change.action {
        ProrationAction::AddItem if is_advance => (none(), charge()),
        ProrationAction::QuantityChange if is_advance => (&change.old_cost * coefficient, charge()),
        ProrationAction::AddItem | ProrationAction::QuantityChange => (none(), none()),
        ProrationAction::Upgrade | ProrationAction::Downgrade if is_advance => (capped(change), charge()),
        ProrationAction::Upgrade | ProrationAction::Downgrade => (none(), charge()),
        ProrationAction::RemoveItem | ProrationAction::Cancellation if is_advance => (capped(change), none()),
        ProrationAction::RemoveItem | ProrationAction::Cancellation => (none(), none()),
    };
    let credit = -currency.round(&credit);
    let charge = currency.round(&charge);
    LineProration {
        net: &credit + &charge,
        credit,
        charge,
    }
}

fn capped_credit(change: &LineChange, coefficient: &Decimal) -> Decimal {
    let potential = &change.old_cost * coefficient;
    let cap = match &change.billed {
        Some(Billed { billed, credited }) => billed.clone().min(billed - credited),
        None => change.old_cost.clone(),
    };
    potential.min(cap).floor_at_zero()
}

/// When a cancellation happens inside a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CancellationTiming {
    /// Only immediate cancellations are credited.
    pub cancellation_type: CancellationType,
    /// The current period.
    pub period: Period,
    /// The instant of effect.
    pub effective: Timestamp,
}

impl CancellationTiming {
    /// The coefficient for the credits of a cancellation: zero unless it is immediate and inside the period; an instant
    /// before the period counts as its start (spec 04 §4.9).
    ///
    /// # Errors
    /// [`BillingError::Invalid`] for a period of at most one second.
    pub fn coefficient(&self) -> Result<Decimal, BillingError> {
        match self.cancellation_type {
            CancellationType::Immediate if self.effective < self.period.end => {
                second_based(self.period, self.effective.max(self.period.start))
            }
            CancellationType::Immediate | CancellationType::EndOfPeriod | CancellationType::ScheduledDate => {
                Ok(Decimal::zero())
            }
        }
    }
}
