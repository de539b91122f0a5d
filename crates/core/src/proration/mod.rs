//! Proration: what a change inside a period credits and charges (spec 04 §4.9-4.15).
//!
//! Costs come in unrounded, as [`Pricing::cost`](crate::Pricing::cost) of price and quantity (Q16); amounts go out
//! rounded to the currency. Which lines change, and where the money goes, is the engine's business.

mod coefficient;
mod line;
mod opening;
mod settlement;
mod window;

pub use coefficient::{ProrationStrategy, day_based, elapsed_ratio, prorated_credits, second_based};
pub use line::{Billed, CancellationTiming, LineChange, LineProration, ProrationAction, prorate_line};
pub use opening::{FirstPeriod, OpeningAdjustment, adjust_opening_invoice, first_period_proration};
pub use settlement::{Netting, Settlement, settle};
pub use window::{LineWindow, line_window};
