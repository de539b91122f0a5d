//! Line commitments among the pricing vectors.

use serde::Deserialize;
use serde_json::{Value, json};
use tariff_core::commitment::{
    Commitment, CommitmentCharge, CommitmentTerms, TimeBucket, UsageWindow, WindowTerms, WindowedCommitment,
};
use tariff_core::vocabulary::CommitmentType;
use tariff_core::{Decimal, Pricing, Timestamp};

use super::given::{self, GivenPrice};
use crate::support::{input, text};

/// The commitment fields as they stand beside a price; `None` without a commitment.
pub fn commitment(given: &Value, pricing: &Pricing) -> Result<Option<Commitment>, String> {
    let commitment_type: Option<CommitmentType> = input(&given["commitment_type"])?;
    let terms = CommitmentTerms::from_fields(
        commitment_type,
        input(&given["commitment_amount"])?,
        input(&given["commitment_quantity"])?,
        input(&given["commitment_overage_factor"])?,
        input::<Option<bool>>(&given["commitment_true_up_enabled"])?.unwrap_or(false),
    );
    Ok(terms.map_err(text)?.map(|terms| terms.commitment(pricing)))
}

#[derive(Deserialize)]
pub struct GivenTimeBucket {
    pub id: Option<String>,
    start: TimeOfDay,
    end: TimeOfDay,
    price: GivenPrice,
    commitment_type: CommitmentType,
    commitment_value: Decimal,
    overage_factor: Decimal,
    true_up_enabled: bool,
}

#[derive(Deserialize)]
struct TimeOfDay {
    hour: u32,
    minute: u32,
}

impl GivenTimeBucket {
    pub fn bucket(&self) -> Result<TimeBucket, String> {
        let value = Some(self.commitment_value.clone());
        let (amount, quantity) = match self.commitment_type {
            CommitmentType::Amount => (value, None),
            CommitmentType::Quantity => (None, value),
        };
        let factor = Some(self.overage_factor.clone());
        let kind = Some(self.commitment_type);
        let terms = CommitmentTerms::from_fields(kind, amount, quantity, factor, self.true_up_enabled);
        let pricing = self.price.pricing()?;
        Ok(TimeBucket {
            start_minute: self.start.hour * 60 + self.start.minute,
            end_minute: self.end.hour * 60 + self.end.minute,
            terms: WindowTerms {
                commitment: terms.map_err(text)?.map(|terms| terms.commitment(&pricing)),
                pricing,
            },
        })
    }
}

#[derive(Deserialize)]
pub struct GivenWindow {
    start: Timestamp,
    quantity: Decimal,
}

impl GivenWindow {
    pub fn window(&self) -> UsageWindow {
        UsageWindow {
            start: self.start,
            values: vec![self.quantity.clone()],
        }
    }
}

fn components(total: &CommitmentCharge, price: &GivenPrice) -> Result<Value, String> {
    Ok(json!({
        "amount": total.charge(),
        "amount_rounded": price.currency()?.round(&total.charge()),
        "computed_commitment_utilized_amount": total.utilized,
        "computed_overage_amount": total.overage,
        "computed_true_up_amount": total.true_up,
    }))
}

pub fn plain(given: &Value) -> Result<Value, String> {
    let (price, pricing) = given::price(&given["price"])?;
    let quantity: Decimal = input(&given["quantity"])?;
    let commitment = commitment(given, &pricing)?.ok_or("the commitment is missing")?;
    let usage = price.currency()?.round(&pricing.cost(&quantity));
    let mut answer = components(&commitment.charge(&usage), &price)?;
    answer["usage_amount"] = json!(usage);
    answer["commitment_amount"] = json!(commitment.amount);
    Ok(answer)
}

pub fn windowed(given: &Value) -> Result<Value, String> {
    let (price, pricing) = given::price(&given["price"])?;
    let quantities: Vec<Decimal> = input(&given["window_quantities"])?;
    let terms = WindowTerms {
        commitment: commitment(given, &pricing)?,
        pricing,
    };
    let windows: Vec<CommitmentCharge> = quantities
        .into_iter()
        .map(|quantity| terms.charge(&[quantity]))
        .collect();
    let amounts: Vec<Decimal> = windows.iter().map(CommitmentCharge::charge).collect();
    let mut answer = components(&windows.iter().sum(), &price)?;
    answer["window_amounts"] = json!(amounts);
    Ok(answer)
}

pub fn time_of_day(given: &Value) -> Result<Value, String> {
    let (price, pricing) = given::price(&given["line_item"]["price"])?;
    let given_buckets: Vec<GivenTimeBucket> = input(&given["commitment_time_buckets"])?;
    let windows: Vec<GivenWindow> = input(&given["windows"])?;
    let buckets: Result<Vec<TimeBucket>, String> = given_buckets.iter().map(GivenTimeBucket::bucket).collect();
    let terms = WindowedCommitment {
        line: WindowTerms {
            commitment: commitment(&given["line_item"], &pricing)?,
            pricing,
        },
        time_buckets: buckets?,
    };
    let usage: Vec<UsageWindow> = windows.iter().map(GivenWindow::window).collect();
    let charged = terms.charge(&usage, &[]);
    let ids: Vec<Option<&String>> = charged
        .windows
        .iter()
        .map(|window| window.time_bucket.and_then(|index| given_buckets[index].id.as_ref()))
        .collect();
    let amounts: Vec<Decimal> = charged.windows.iter().map(|window| window.charge.charge()).collect();
    let mut answer = components(&charged.total, &price)?;
    answer["window_bucket_ids"] = json!(ids);
    answer["window_amounts"] = json!(amounts);
    Ok(answer)
}
