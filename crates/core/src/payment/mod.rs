//! Payments of an invoice: what is accepted, what it leaves owed, and how automatic collection is split
//! (spec 05 §3, §5.16-5.17).

mod posting;
mod split;
mod transitions;

pub use posting::{check_payment, post_paid, set_payment_status};
pub use split::{PaymentSplit, PostpaidWallet, SplitLine, split_payment};
pub use transitions::payment_may_become;
