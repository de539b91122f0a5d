//! From a subscription and a window of time to the lines of an invoice (spec 05 §5.2, §5.3).
//!
//! Owns which lines a window bills, and what each costs. Where the lines are kept, numbered and collected is the
//! business of `invoices`; when a window is due, that of `worker`.

mod amounts;
mod facts;
mod plan;

pub(crate) use amounts::{ChargedLine, charge};
pub(crate) use facts::{Billable, load, schedule};
pub(crate) use plan::{InvoiceWindow, PlannedLine, ReferencePoint, plan};
