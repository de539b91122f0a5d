//! Which taxes a period is charged with (spec 05 §5.7).

use std::collections::HashSet;

use tariff_core::tax::TaxRate;
use tariff_core::vocabulary::{TaxRateStatus, TaxRateType};
use tariff_core::{Period, Status};
use tariff_store::Scoped;
use tariff_store::column::Number;
use tariff_store::entity::{tax_associations, tax_rates};

use super::Bearer;
use crate::error::Result;
use crate::records::by_ids;

/// A rate that is to be charged.
#[derive(Debug, Clone)]
pub(crate) struct DueTax {
    pub(super) rate: tax_rates::Model,
    /// What attaches it.
    pub(super) association_id: String,
}

/// The active rates that are attached to a record, apply by themselves and overlap the period, each rate once, in the
/// order in which they were attached. Priority and currency influence nothing (spec 03 §3.8).
pub(crate) async fn due(rows: &Scoped<'_>, bearer: Bearer<'_>, period: Period) -> Result<Vec<DueTax>> {
    let mut associations = bearer.automatic(rows).await?;
    associations.retain(|association| overlaps(association, period));
    let ids = associations.iter().map(|association| association.tax_rate_id.clone());
    let mut rates = by_ids::<tax_rates::Entity>(rows, ids, |rate| &rate.id).await?;
    rates.retain(|_, rate| is_charged(rate));
    let mut seen = HashSet::new();
    let due = associations.into_iter().filter_map(|association| {
        let rate = rates.get(&association.tax_rate_id)?.clone();
        seen.insert(association.tax_rate_id).then_some(DueTax {
            rate,
            association_id: association.id,
        })
    });
    Ok(due.collect())
}

/// The rates as the calculation takes them, in the same order.
pub(crate) fn rates_of(due: &[DueTax]) -> Vec<TaxRate> {
    due.iter().map(|tax| definition(&tax.rate)).collect()
}

fn overlaps(association: &tax_associations::Model, period: Period) -> bool {
    association.start_date.0 <= period.end && association.end_date.is_none_or(|end| end.0 > period.start)
}

fn is_charged(rate: &tax_rates::Model) -> bool {
    rate.status.0 == Status::Published && rate.tax_rate_status.0 == TaxRateStatus::Active
}

fn definition(rate: &tax_rates::Model) -> TaxRate {
    let value = |number: &Option<Number>| {
        // Validation lets no rate in without the value of its type.
        number.as_ref().map(|number| number.0.clone()).unwrap_or_default()
    };
    match rate.tax_rate_type.0 {
        TaxRateType::Percentage => TaxRate::Percentage(value(&rate.percentage_value)),
        TaxRateType::Fixed => TaxRate::Fixed(value(&rate.fixed_value)),
    }
}
