//! The numbers of an invoice: lines, totals, number and due date (spec 05 §5).
//!
//! Which lines an invoice has is the engine's business; coupons, taxes, credit notes and payments have modules of
//! their own.

mod due_date;
mod finalization;
mod money;
mod number;
mod prepaid;
mod settlement;
mod totals;
mod void;

pub use due_date::due_date;
pub use finalization::{ComputedInvoice, ComputedLine, FinalTotals};
pub use money::InvoiceMoney;
pub use number::{InvoiceNumbering, NumberFormat};
pub use prepaid::{PrepaidCredits, PrepaidNeed, PrepaidWallet, apply_prepaid_credits};
pub use settlement::{InvoiceBalance, computed_status, finalized_payment_status};
pub use totals::{InvoiceCalculation, InvoiceStage, InvoiceTotals, LineAmount, LineTotals};
pub use void::Void;
