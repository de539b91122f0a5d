//! Taxes: rates, what they are attached to, and what they come to on invoices (spec 03 §3.8, §4.6; spec 05 §5.7).
//!
//! Rates are inherited by copying: a new customer gets copies of the tenant's automatic associations, a new
//! subscription those of its customer. What is changed upstream later does not reach the copies. Owns the records; the
//! arithmetic is `tariff_core::tax`, and when an invoice is taxed is the business of `invoices`.

mod applied;
mod associations;
mod attach;
mod due;
mod rates;

pub(crate) use applied::{of_invoices, record, synthesized};
pub(crate) use attach::{Bearer, attach};
pub(crate) use due::{DueTax, due, rates_of};

use tariff_contract::DateTime;
use tariff_contract::error::ApiError;
use tariff_contract::taxes::{TaxAssociationResponse, TaxRateResponse};
use tariff_core::Status;
use tariff_core::vocabulary::TaxRateStatus;
use tariff_store::entity::{tax_associations, tax_rates};
use tariff_store::{Listing, Scoped};

use crate::error::{Error, Result};
use crate::records::{Narrow, metadata_out};

/// The published rate of this code, which must be active.
///
/// # Errors
/// `not_found` for an unknown code, `validation_error` for an inactive rate.
async fn attachable_rate(rows: &Scoped<'_>, code: &str) -> Result<tax_rates::Model> {
    let listing = Listing::all().equal("code", code).published();
    let rate = rows.first::<tax_rates::Entity>(listing).await?;
    let rate = rate.ok_or_else(|| unknown_code(code))?;
    check_attachable(&rate)?;
    Ok(rate)
}

/// Whether a rate may be attached: it must be published and active.
fn check_attachable(rate: &tax_rates::Model) -> Result<()> {
    if rate.status.0 != Status::Published {
        return Err(unknown_code(&rate.code));
    }
    match rate.tax_rate_status.0 {
        TaxRateStatus::Active => Ok(()),
        TaxRateStatus::Inactive => Err(ApiError::validation("The tax rate is not active")
            .detail("tax_rate_code", rate.code.as_str())
            .into()),
    }
}

fn unknown_code(code: &str) -> Error {
    let message = format!("Tax rate with code {code} was not found");
    Error(ApiError::not_found(message).detail("tax_rate_code", code))
}

fn unknown_rate(id: &str) -> Error {
    Error(ApiError::not_found(format!("Tax rate with ID {id} was not found")).detail("tax_rate_id", id))
}

fn unknown_association(id: &str) -> Error {
    let message = format!("Tax association with ID {id} was not found");
    Error(ApiError::not_found(message).detail("tax_association_id", id))
}

/// The wire form of a tax rate.
fn rate_response(rate: tax_rates::Model) -> TaxRateResponse {
    TaxRateResponse {
        id: Some(rate.id),
        code: Some(rate.code),
        name: Some(rate.name),
        description: Some(rate.description),
        percentage_value: rate.percentage_value.map(|value| value.0),
        fixed_value: rate.fixed_value.map(|value| value.0),
        scope: Some(rate.scope.0),
        tax_rate_status: Some(rate.tax_rate_status.0),
        tax_rate_type: Some(rate.tax_rate_type.0),
        metadata: metadata_out(rate.metadata),
        tenant_id: Some(rate.tenant_id),
        environment_id: Some(rate.environment_id),
        status: Some(rate.status.0),
        created_at: Some(DateTime(rate.created_at.0)),
        updated_at: Some(DateTime(rate.updated_at.0)),
        created_by: Some(rate.created_by),
        updated_by: Some(rate.updated_by),
    }
}

/// The wire form of a tax association, with its rate if that is asked for.
fn association_response(
    association: tax_associations::Model,
    rate: Option<tax_rates::Model>,
) -> TaxAssociationResponse {
    TaxAssociationResponse {
        id: association.id,
        auto_apply: association.auto_apply,
        currency: association.currency,
        start_date: Some(DateTime(association.start_date.0)),
        end_date: association.end_date.map(|end| DateTime(end.0)),
        entity_id: association.entity_id,
        entity_type: association.entity_type.0,
        metadata: metadata_out(association.metadata),
        priority: Some(association.priority),
        tax_rate: rate.map(rate_response),
        tax_rate_id: association.tax_rate_id,
        tenant_id: association.tenant_id,
        environment_id: association.environment_id,
        status: association.status.0,
        created_at: DateTime(association.created_at.0),
        updated_at: DateTime(association.updated_at.0),
        created_by: association.created_by,
        updated_by: association.updated_by,
    }
}
