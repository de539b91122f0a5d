//! Wallets of prepaid and postpaid credits: top-ups, consumption, expiry, grants and balances (spec 06 §4).
//!
//! [`Ledger`] is one wallet with its credits as read under the wallet's lock; each operation either changes it as a whole
//! or refuses and changes nothing. Idempotency keys, locks and events are the engine's business.

mod auto_top_up;
mod bonus;
mod credit;
mod expiry;
mod grant;
mod grant_policy;
mod ledger;
mod life;
mod movement;
mod real_time;
mod top_up;
mod wallet;

pub use auto_top_up::{AUTO_TOP_UPS_MAX, AutoTopUp, LastAutoTopUp};
pub use bonus::{Bonus, BonusSlab, BonusSlabs};
pub use credit::{AvailableCredits, Credit, Draw, available_credits, consumption_order, eligible_credits};
pub use expiry::{EXPIRY_GRACE_HOURS, invoice_holds_credit, is_due_for_expiry};
pub use grant::{GRANT_CHAIN_MAX, Grant, GrantApplication, GrantSchedule};
pub use grant_policy::{BillingPeriods, GrantDecision, GrantExpiry, decide, deferral_minutes, granted_credit_expiry};
pub use ledger::Ledger;
pub use life::{CreditLife, add_life};
pub use movement::{CreditSize, Debit, DebitRequest, Movement, NewCredit};
pub use real_time::{RealTimeBalance, SubscriptionUsage, UnpaidInvoice, UnpaidLine, WalletFacts, real_time_balance};
pub use top_up::{BonusCredit, TopUp, TopUpRequest};
pub use wallet::{CREDIT_DIGITS, Wallet};
