//! Commitments: what a customer promised to spend, and what that does to usage charges (spec 03 §5.12, spec 04 §4.14).
//!
//! A minimum is a commitment with true-up. Allowances and rounding of the plain usage charge come before; see the two
//! chapters for the order.

mod cumulative;
mod grid;
mod line;
mod subscription;
mod terms;
mod windowed;

pub use cumulative::{CumulativeCharges, CumulativeCommitment, commitment_window};
pub use grid::{WINDOWS_MAX, window_grid, window_starts};
pub use line::{Commitment, CommitmentCharge};
pub use subscription::{CommittedCharge, SubscriptionCharges, SubscriptionCommitment, UsageCharge};
pub use terms::{CommitmentSize, CommitmentTerms};
pub use windowed::{TimeBucket, UsageWindow, WindowCharge, WindowTerms, WindowedCharge, WindowedCommitment};
