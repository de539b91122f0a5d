//! Where prorated money goes (spec 04 §4.9).

use super::line::LineProration;
use crate::Decimal;

/// Whether charges and credits of one operation meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Netting {
    /// Charges on an invoice, credits to the wallet: addons and lines.
    Separate,
    /// Only the difference moves: plan changes in place, and each line of a quantity change by itself.
    Net,
}

/// Money to move, both parts at least zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Total of a one-off invoice; none is made for zero.
    pub invoice_total: Decimal,
    /// Value to credit to the wallet.
    pub wallet_credit: Decimal,
}

/// Adds up prorated lines.
#[must_use]
pub fn settle<'a>(lines: impl IntoIterator<Item = &'a LineProration>, netting: Netting) -> Settlement {
    let (mut charges, mut credits) = (Decimal::zero(), Decimal::zero());
    for line in lines {
        charges += &line.charge;
        credits -= &line.credit;
    }
    match netting {
        Netting::Separate => Settlement {
            invoice_total: charges,
            wallet_credit: credits,
        },
        Netting::Net => Settlement {
            invoice_total: (&charges - &credits).floor_at_zero(),
            wallet_credit: (credits - charges).floor_at_zero(),
        },
    }
}
