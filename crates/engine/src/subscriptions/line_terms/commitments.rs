//! Promising usage on a line (spec 03 §5.12, spec 04 §3.6).

use tariff_contract::FieldErrors;
use tariff_contract::error::ApiError;
use tariff_contract::line_items::{CommitmentBucketRequest, TimeOfDay};
use tariff_contract::number::JsonNumber;
use tariff_contract::prices::CreatePriceRequest;
use tariff_contract::subscriptions::LineItemCommitmentConfig;
use tariff_core::commitment::{CommitmentSize, CommitmentTerms, WINDOWS_MAX, WindowedCommitment};
use tariff_core::usage_cost::UsageTerms;
use tariff_core::vocabulary::{CommitmentType, PriceEntityType, PriceType};
use tariff_core::{Decimal, IdPrefix, Period};
use tariff_store::column::{Json, Number, Word};
use tariff_store::entity::subscription_line_items::TimeBucket;
use tariff_store::entity::{meters as meter_rows, prices as price_rows, subscription_line_items, subscriptions};

use crate::billing::{self, commitments};
use crate::engine::Work;
use crate::error::{Error, Result};
use crate::ids::mint;
use crate::records::filled;
use crate::{meters, prices};

/// Decimal places of a promised amount or quantity (spec 04 §2.3).
const SIZE_DIGITS: u32 = 8;

/// Decimal places of an overage factor (spec 04 §2.3).
const FACTOR_DIGITS: u32 = 4;

/// Longest window that a part of the day can consist of.
const DAY_MINUTES: u32 = 24 * 60;

/// Puts a commitment into the line and creates the prices of its time buckets. `price` is what the line is charged by,
/// `field` the JSON name of the commitment.
///
/// # Errors
/// `validation_error` for a line that is not of usage, a window without buckets of the meter, or time buckets that
/// overlap, do not fit the meter's or have an unfit price; `not_implemented` for a duration other than the billing
/// period.
pub(super) async fn apply(
    work: &Work<'_>,
    subscription: &subscriptions::Model,
    (price, meter): (price_rows::Model, Option<&meter_rows::Model>),
    (field, sent): (&str, LineItemCommitmentConfig),
    line: &mut subscription_line_items::Model,
) -> Result<()> {
    if !sent.promises() {
        return Ok(());
    }
    if price.kind.0 != PriceType::Usage {
        return Err(refused(field, "is only for usage lines"));
    }
    if has_commitment(subscription) {
        return Err(refused(field, "excludes a commitment of the subscription"));
    }
    if sent
        .commitment_duration
        .is_some_and(|duration| duration != subscription.billing_period.0)
    {
        // No chapter says how a line's commitment spans several periods; it is never silently charged per period.
        let message = "A commitment of a line lasts a billing period on this server";
        let error = ApiError::not_implemented(message).detail("field", format!("{field}.commitment_duration"));
        return Err(error.into());
    }
    store(line, &sent)?;
    let windowed = sent.is_window_commitment.unwrap_or_default();
    if windowed {
        let minutes = window_minutes(meter, field, &sent)?;
        let buckets = sent.commitment_time_buckets.unwrap_or_default();
        let stored = time_buckets(work, subscription, field, buckets, line).await?;
        let windowed = put_time_buckets(price, stored, line)?;
        let buckets = format!("{field}.commitment_time_buckets");
        let fit = windowed.check_time_buckets(minutes);
        fit.map_err(|error| refused(&buckets, &error.to_string()))?;
        if windowed.has_true_up() {
            check_window_count(subscription, minutes, field)?;
        }
    }
    Ok(())
}

/// Whether a commitment of the subscription as a whole is in force (spec 04 §2.2).
fn has_commitment(subscription: &subscriptions::Model) -> bool {
    let promised = subscription
        .commitment_amount
        .as_ref()
        .is_some_and(|amount| amount.0.is_positive());
    let over_one = subscription
        .overage_factor
        .as_ref()
        .is_some_and(|factor| factor.0 > Decimal::one());
    promised && over_one
}

/// The members of the commitment outside of all time buckets.
fn store(line: &mut subscription_line_items::Model, sent: &LineItemCommitmentConfig) -> Result<()> {
    let size = |size: &Option<JsonNumber>| size.as_ref().filter(|size| !size.is_zero()).map(|size| size.0.clone());
    let terms = CommitmentTerms::from_fields(
        sent.commitment_type,
        size(&sent.commitment_amount),
        size(&sent.commitment_quantity),
        sent.overage_factor.as_ref().map(|factor| factor.0.clone()),
        sent.enable_true_up.unwrap_or_default(),
    )?;
    line.commitment_windowed = sent.is_window_commitment.unwrap_or_default();
    line.commitment_duration = sent.commitment_duration.map(Word);
    let Some(terms) = terms else { return Ok(()) };
    let kept = |size: Decimal| Some(Number(size.round(SIZE_DIGITS)));
    match terms.size {
        CommitmentSize::Amount(amount) => {
            line.commitment_type = Some(Word(CommitmentType::Amount));
            line.commitment_amount = kept(amount);
        }
        CommitmentSize::Quantity(quantity) => {
            line.commitment_type = Some(Word(CommitmentType::Quantity));
            line.commitment_quantity = kept(quantity);
        }
    }
    line.commitment_overage_factor = Some(Number(terms.overage_factor.round(FACTOR_DIGITS)));
    line.commitment_true_up_enabled = terms.true_up;
    Ok(())
}

/// Length of the meter's buckets; 0 for months, of which no part of a day consists.
fn window_minutes(meter: Option<&meter_rows::Model>, field: &str, sent: &LineItemCommitmentConfig) -> Result<u32> {
    let size = match meter {
        Some(meter) => meters::definition(meter)?.aggregation().bucket_size(),
        None => None,
    };
    let Some(size) = size else {
        let field = format!("{field}.is_window_commitment");
        return Err(refused(&field, "needs a meter with a bucket_size"));
    };
    let minutes = size.minutes().unwrap_or_default();
    let bucketed = sent
        .commitment_time_buckets
        .as_ref()
        .is_some_and(|buckets| !buckets.is_empty());
    if bucketed && !(1..=DAY_MINUTES).contains(&minutes) {
        let field = format!("{field}.commitment_time_buckets");
        return Err(refused(&field, "need a meter whose buckets last at most a day"));
    }
    Ok(minutes)
}

/// The time buckets as they are stored, each with the price it has in the answer's second half.
async fn time_buckets(
    work: &Work<'_>,
    subscription: &subscriptions::Model,
    field: &str,
    sent: Vec<CommitmentBucketRequest>,
    line: &subscription_line_items::Model,
) -> Result<Vec<(TimeBucket, Option<price_rows::Model>)>> {
    let mut stored = Vec::with_capacity(sent.len());
    for (index, bucket) in sent.into_iter().enumerate() {
        let field = format!("{field}.commitment_time_buckets[{index}].price");
        // Without a price of its own a bucket has that of the line.
        let price = match bucket.price {
            Some(price) => {
                Some(prices::create(work, own_price(price, subscription, line, &field)?, String::new()).await?)
            }
            None => None,
        };
        let number = |number: Option<Decimal>, digits: u32| number.unwrap_or_default().round(digits);
        let stored_bucket = TimeBucket {
            id: mint(IdPrefix::CommitmentBucket),
            start_minute: minute_of(bucket.start.as_ref()),
            end_minute: minute_of(bucket.end.as_ref()),
            price_id: price.as_ref().map_or(&line.price_id, |price| &price.id).clone(),
            commitment_type: bucket.commitment_type.unwrap_or(CommitmentType::Amount),
            commitment_value: number(bucket.commitment_value, SIZE_DIGITS),
            overage_factor: number(bucket.overage_factor, FACTOR_DIGITS),
            true_up_enabled: bucket.true_up_enabled.unwrap_or_default(),
        };
        stored.push((stored_bucket, price));
    }
    Ok(stored)
}

/// Field rules have seen to it that times lie within the day.
fn minute_of(time: Option<&TimeOfDay>) -> u32 {
    time.and_then(|time| u32::try_from(time.minutes()).ok())
        .unwrap_or_default()
}

/// The request for a time bucket's price: the terms that are sent; whatever else a price has, the line decides.
fn own_price(
    sent: CreatePriceRequest,
    subscription: &subscriptions::Model,
    line: &subscription_line_items::Model,
    field: &str,
) -> Result<CreatePriceRequest> {
    let mut errors = FieldErrors::new();
    let mut agrees = |holds: bool, member: &str| errors.check(holds, member, "must be that of the line");
    agrees(sent.r#type.is_none_or(|kind| kind == PriceType::Usage), "type");
    let meter_id = filled(sent.meter_id.clone());
    agrees(meter_id.is_none() || meter_id == line.meter_id, "meter_id");
    let currency = filled(sent.currency.clone());
    agrees(
        currency.is_none_or(|currency| currency.eq_ignore_ascii_case(&line.currency)),
        "currency",
    );
    agrees(
        sent.billing_period.is_none_or(|period| period == line.billing_period.0),
        "billing_period",
    );
    let count = sent.billing_period_count;
    agrees(
        count.is_none_or(|count| count == line.billing_period_count),
        "billing_period_count",
    );
    agrees(
        sent.invoice_cadence
            .is_none_or(|cadence| cadence == line.invoice_cadence.0),
        "invoice_cadence",
    );
    errors.check(sent.end_date.is_none(), "end_date", "is that of the line");
    let price = CreatePriceRequest {
        entity_type: Some(PriceEntityType::Subscription),
        entity_id: Some(subscription.id.clone()),
        r#type: Some(PriceType::Usage),
        meter_id: line.meter_id.clone(),
        currency: Some(line.currency.clone()),
        billing_period: Some(line.billing_period.0),
        billing_period_count: Some(line.billing_period_count),
        invoice_cadence: Some(line.invoice_cadence.0),
        display_name: filled(sent.display_name.clone()).or_else(|| Some("Usage".to_owned())),
        start_date: None,
        ..sent
    };
    price.check(&mut errors);
    let mut nested = FieldErrors::new();
    nested.nested(field, errors);
    nested.finish()?;
    Ok(price)
}

/// Puts the buckets into the line and answers the windowed terms that it has now.
fn put_time_buckets(
    price: price_rows::Model,
    buckets: Vec<(TimeBucket, Option<price_rows::Model>)>,
    line: &mut subscription_line_items::Model,
) -> Result<WindowedCommitment> {
    let pricing = prices::pricing_of(&price)?;
    let (stored, own): (Vec<_>, Vec<_>) = buckets.into_iter().unzip();
    let known: Vec<price_rows::Model> = own.into_iter().flatten().chain([price]).collect();
    line.commitment_time_buckets = (!stored.is_empty()).then_some(Json(stored));
    match commitments::terms(line, pricing, |id| known.iter().find(|price| price.id == id))? {
        UsageTerms::Windowed(windowed) => Ok(windowed),
        UsageTerms::Price(_) | UsageTerms::Committed(..) => {
            let cause = "a windowed commitment was not stored as one";
            Err(Error(ApiError::internal(std::io::Error::other(cause))))
        }
    }
}

/// A true-up fills every window of a billing period; one that could never be invoiced is refused at once.
fn check_window_count(subscription: &subscriptions::Model, minutes: u32, field: &str) -> Result<()> {
    let start = subscription.current_period_end.0;
    let end = billing::schedule(subscription).unclipped_next_boundary(start)?;
    let length = Period::new(start, end).seconds() / 60;
    let windows = length.checked_div(i64::from(minutes)).unwrap_or_default();
    if usize::try_from(windows).is_ok_and(|windows| windows >= WINDOWS_MAX) {
        let field = format!("{field}.is_window_commitment");
        return Err(refused(
            &field,
            "has too many windows in a billing period for a true-up",
        ));
    }
    Ok(())
}

fn refused(field: &str, reason: &str) -> Error {
    Error(ApiError::validation(format!("{field} {reason}")).detail(field, reason))
}
