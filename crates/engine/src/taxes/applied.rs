//! What rates came to on invoices: one record for a rate and an invoice, updated in place (spec 05 §5.7).

use std::collections::HashMap;

use tariff_contract::DateTime;
use tariff_contract::taxes::TaxAppliedResponse;
use tariff_core::tax::Taxes;
use tariff_core::vocabulary::TaxRateEntityType;
use tariff_core::{Decimal, IdPrefix, Status, Timestamp};
use tariff_store::column::{Number, Time, Word};
use tariff_store::entity::{invoices, tax_rates, taxes_applied};
use tariff_store::{Listing, Scoped, set};

use super::{DueTax, rate_response};
use crate::context::Context;
use crate::engine::Work;
use crate::error::Result;
use crate::ids::mint;
use crate::records::{Narrow, by_ids, metadata_out};

/// Brings an invoice's records in step with its taxes; `taxes` has the amounts of `due` in their order, or none at all
/// where the invoice is not taxed. Records of rates that no longer apply are removed.
pub(crate) async fn record(work: &Work<'_>, invoice: &invoices::Model, due: &[DueTax], taxes: &Taxes) -> Result<()> {
    let rows = work.rows();
    let mut old = rows
        .list::<taxes_applied::Entity>(&records_of([invoice.id.clone()]))
        .await?;
    for (tax, amount) in due.iter().zip(&taxes.amounts) {
        match old.iter().position(|record| record.tax_rate_id == tax.rate.id) {
            Some(index) => {
                let kept = old.swap_remove(index);
                let changes = taxes_applied::ActiveModel {
                    tax_association_id: set(Some(tax.association_id.clone())),
                    taxable_amount: set(Number(taxes.taxable_amount.clone())),
                    tax_amount: set(Number(amount.clone())),
                    applied_at: set(Time(work.now)),
                    updated_at: set(Time(work.now)),
                    updated_by: set(work.context.user_id.clone()),
                    ..Default::default()
                };
                rows.update::<taxes_applied::Entity>(&kept.id, changes).await?;
            }
            None => {
                let new = applied(work.context, work.now, invoice, tax, &taxes.taxable_amount, amount);
                rows.insert::<taxes_applied::Entity>(new).await?;
            }
        }
    }
    for vanished in old {
        let changes = taxes_applied::ActiveModel {
            status: set(Word(Status::Deleted)),
            updated_at: set(Time(work.now)),
            updated_by: set(work.context.user_id.clone()),
            ..Default::default()
        };
        rows.update::<taxes_applied::Entity>(&vanished.id, changes).await?;
    }
    Ok(())
}

/// The taxes of an invoice that is not stored: as [`record`] would keep them, without ids.
pub(crate) fn synthesized(
    context: &Context,
    invoice: &invoices::Model,
    due: &[DueTax],
    taxes: &Taxes,
) -> Vec<TaxAppliedResponse> {
    due.iter()
        .zip(&taxes.amounts)
        .map(|(tax, amount)| {
            let record = applied(context, context.now(), invoice, tax, &taxes.taxable_amount, amount);
            TaxAppliedResponse {
                id: String::new(),
                ..response(record, Some(tax.rate.clone()))
            }
        })
        .collect()
}

/// The taxes of some invoices by invoice, in the order in which they were applied, with their rates if asked for.
pub(crate) async fn of_invoices(
    rows: &Scoped<'_>,
    invoice_ids: impl IntoIterator<Item = String>,
    with_rates: bool,
) -> Result<HashMap<String, Vec<TaxAppliedResponse>>> {
    let records = rows.list::<taxes_applied::Entity>(&records_of(invoice_ids)).await?;
    let wanted = records.iter().filter(|_| with_rates);
    let ids: Vec<String> = wanted.map(|record| record.tax_rate_id.clone()).collect();
    let rates = by_ids::<tax_rates::Entity>(rows, ids, |rate| &rate.id).await?;
    let mut by_invoice: HashMap<String, Vec<TaxAppliedResponse>> = HashMap::new();
    for record in records {
        let rate = rates.get(&record.tax_rate_id).cloned();
        let invoice_id = record.entity_id.clone();
        by_invoice.entry(invoice_id).or_default().push(response(record, rate));
    }
    Ok(by_invoice)
}

fn records_of(invoice_ids: impl IntoIterator<Item = String>) -> Listing {
    Listing::all()
        .oldest_first()
        .equal("entity_type", TaxRateEntityType::Invoice.as_str())
        .within("entity_id", invoice_ids)
        .published()
}

fn applied(
    context: &Context,
    now: Timestamp,
    invoice: &invoices::Model,
    tax: &DueTax,
    taxable_amount: &Decimal,
    tax_amount: &Decimal,
) -> taxes_applied::Model {
    taxes_applied::Model {
        id: mint(IdPrefix::TaxApplied),
        tenant_id: context.scope.tenant_id.clone(),
        environment_id: context.scope.environment_id.clone(),
        tax_rate_id: tax.rate.id.clone(),
        tax_association_id: Some(tax.association_id.clone()),
        entity_type: Word(TaxRateEntityType::Invoice),
        entity_id: invoice.id.clone(),
        taxable_amount: Number(taxable_amount.clone()),
        tax_amount: Number(tax_amount.clone()),
        currency: invoice.currency.clone(),
        applied_at: Time(now),
        metadata: None,
        status: Word(Status::Published),
        created_at: Time(now),
        updated_at: Time(now),
        created_by: context.user_id.clone(),
        updated_by: context.user_id.clone(),
    }
}

fn response(record: taxes_applied::Model, rate: Option<tax_rates::Model>) -> TaxAppliedResponse {
    TaxAppliedResponse {
        id: record.id,
        applied_at: Some(DateTime(record.applied_at.0)),
        currency: record.currency,
        entity_id: record.entity_id,
        entity_type: record.entity_type.0,
        idempotency_key: None,
        metadata: metadata_out(record.metadata),
        tax_amount: record.tax_amount.0,
        tax_association_id: record.tax_association_id,
        tax_rate: rate.map(rate_response),
        tax_rate_id: record.tax_rate_id,
        taxable_amount: record.taxable_amount.0,
        tenant_id: record.tenant_id,
        environment_id: record.environment_id,
        status: record.status.0,
        created_at: DateTime(record.created_at.0),
        updated_at: DateTime(record.updated_at.0),
        created_by: record.created_by,
        updated_by: record.updated_by,
    }
}
