//! The commitment of a usage line: its terms as the record has them, and what they make of a charge (spec 03 §5.12).

use tariff_contract::analytics::CommitmentInfo;
use tariff_contract::error::ApiError;
use tariff_core::aggregation::{Usage, UsageQuestion};
use tariff_core::commitment::{
    Commitment, CommitmentCharge, CommitmentTerms, TimeBucket, WindowTerms, WindowedCommitment,
};
use tariff_core::pricing::Pricing;
use tariff_core::usage_cost::UsageTerms;
use tariff_core::vocabulary::CommitmentType;
use tariff_core::{BillingError, Currency, Decimal, Timestamp};
use tariff_store::entity::{prices as price_rows, subscription_line_items};

use crate::error::{Error, Result};
use crate::prices;

/// The prices that a line refers to: its own and those of its time buckets.
pub(crate) fn price_ids(line: &subscription_line_items::Model) -> impl Iterator<Item = String> + '_ {
    let buckets = line.time_buckets().iter().map(|bucket| bucket.price_id.clone());
    std::iter::once(line.price_id.clone()).chain(buckets)
}

/// How a line turns usage into money. `pricing` is that of its own price, `price_of` finds those of its time buckets.
///
/// # Errors
/// `internal_error` for a record that no creation could have written.
pub(crate) fn terms<'a>(
    line: &subscription_line_items::Model,
    pricing: Pricing,
    price_of: impl Fn(&str) -> Option<&'a price_rows::Model>,
) -> Result<UsageTerms> {
    let commitment = stored(line).map_err(corrupt)?;
    let commitment = commitment.map(|terms| terms.commitment(&pricing));
    Ok(match commitment {
        None if !line.commitment_windowed => UsageTerms::Price(pricing),
        Some(commitment) if !line.commitment_windowed => UsageTerms::Committed(pricing, commitment),
        commitment => UsageTerms::Windowed(WindowedCommitment {
            time_buckets: time_buckets(line, price_of)?,
            line: WindowTerms { pricing, commitment },
        }),
    })
}

fn stored(line: &subscription_line_items::Model) -> Result<Option<CommitmentTerms>, BillingError> {
    let number = |number: &Option<tariff_store::column::Number>| number.as_ref().map(|number| number.0.clone());
    CommitmentTerms::from_fields(
        line.commitment_type.map(|kind| kind.0),
        number(&line.commitment_amount),
        number(&line.commitment_quantity),
        number(&line.commitment_overage_factor),
        line.commitment_true_up_enabled,
    )
}

fn time_buckets<'a>(
    line: &subscription_line_items::Model,
    price_of: impl Fn(&str) -> Option<&'a price_rows::Model>,
) -> Result<Vec<TimeBucket>> {
    let bucket = |stored: &subscription_line_items::TimeBucket| {
        let price = price_of(&stored.price_id).ok_or_else(|| corrupt("the price of a time bucket is missing"))?;
        let pricing = prices::pricing_of(price)?;
        let value = Some(stored.commitment_value.clone());
        let (amount, quantity) = match stored.commitment_type {
            CommitmentType::Amount => (value, None),
            CommitmentType::Quantity => (None, value),
        };
        let factor = Some(stored.overage_factor.clone());
        let kind = Some(stored.commitment_type);
        let terms = CommitmentTerms::from_fields(kind, amount, quantity, factor, stored.true_up_enabled);
        let terms = terms.map_err(corrupt)?;
        Ok(TimeBucket {
            start_minute: stored.start_minute,
            end_minute: stored.end_minute,
            terms: WindowTerms {
                commitment: terms.map(|terms| terms.commitment(&pricing)),
                pricing,
            },
        })
    };
    line.time_buckets().iter().map(bucket).collect()
}

fn corrupt(cause: impl ToString) -> Error {
    Error(ApiError::internal(std::io::Error::other(cause.to_string())))
}

/// A plain commitment on the whole cost of a line, after its allowance: the charge, and its parts if there is one.
pub(super) fn on_whole(terms: &UsageTerms, cost: Decimal, currency: &Currency) -> (Decimal, Option<CommitmentCharge>) {
    match terms {
        UsageTerms::Price(_) | UsageTerms::Windowed(_) => (cost, None),
        // The plain charge is rounded first (spec 05 §5.3 step 2).
        UsageTerms::Committed(_, commitment) => {
            let charge = commitment.charge(&currency.round(&cost));
            (charge.charge(), Some(charge))
        }
    }
}

/// A windowed commitment on the buckets of a line; `None` without one. What was used in a bucket is charged there; an
/// allowance changes only the quantities that the line shows (spec 03 §5.10).
pub(super) fn on_windows(
    terms: &UsageTerms,
    question: &UsageQuestion,
    usage: &Usage,
    now: Timestamp,
) -> Result<Option<CommitmentCharge>> {
    let UsageTerms::Windowed(windowed) = terms else {
        return Ok(None);
    };
    Ok(windowed
        .charge_usage(question, usage, now)?
        .map(|charged| charged.total))
}

/// A commitment and what it made of a charge, as invoices and analytics show it. The parts are unrounded.
pub(crate) fn info(
    line: &subscription_line_items::Model,
    terms: &UsageTerms,
    charge: &CommitmentCharge,
) -> CommitmentInfo {
    CommitmentInfo {
        amount: of_line(terms).map(|commitment| commitment.amount.clone()),
        computed_commitment_utilized_amount: Some(charge.utilized.clone()),
        computed_overage_amount: Some(charge.overage.clone()),
        computed_true_up_amount: Some(charge.true_up.clone()),
        duration: line.commitment_duration.map(|duration| duration.0),
        is_windowed: Some(line.commitment_windowed),
        overage_factor: line.commitment_overage_factor.as_ref().map(|factor| factor.0.clone()),
        quantity: line.commitment_quantity.as_ref().map(|quantity| quantity.0.clone()),
        true_up_enabled: Some(line.commitment_true_up_enabled),
        r#type: line.commitment_type.map(|kind| kind.0),
    }
}

/// The commitment outside of all time buckets, in money.
const fn of_line(terms: &UsageTerms) -> Option<&Commitment> {
    match terms {
        UsageTerms::Price(_) => None,
        UsageTerms::Committed(_, commitment) => Some(commitment),
        UsageTerms::Windowed(windowed) => windowed.line.commitment.as_ref(),
    }
}
