//! Creating, reading, changing and archiving tax rates.

use tariff_contract::Pagination;
use tariff_contract::error::ApiError;
use tariff_contract::taxes::{
    CreateTaxRateRequest, ListTaxRatesResponse, TAX_VALUE_DIGITS, TaxRateFilter, TaxRateResponse, UpdateTaxRateRequest,
};
use tariff_core::vocabulary::{TaxRateScope, TaxRateStatus};
use tariff_core::{Decimal, IdPrefix, Status};
use tariff_store::column::{Number, Time, Word};
use tariff_store::entity::{tax_associations, tax_rates, taxes_applied};
use tariff_store::{Listing, set};

use super::{rate_response, unknown_rate};
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::{Result, on_duplicate};
use crate::ids::mint;
use crate::listing::{self, DefaultStatus, TimeRange};
use crate::records::{Narrow, metadata_in};

impl Engine {
    /// Creates an active tax rate.
    ///
    /// # Errors
    /// `validation_error` for field rules, `already_exists` when a published rate has the code.
    pub async fn create_tax_rate(&self, context: &Context, request: CreateTaxRateRequest) -> Result<TaxRateResponse> {
        request.validate()?;
        let kind = request
            .tax_rate_type
            .ok_or_else(|| ApiError::validation("tax_rate_type is required"))?;
        let kept = |value: Option<Decimal>| value.map(|value| Number(value.round(TAX_VALUE_DIGITS)));
        let code = request.code.unwrap_or_default();
        let work = self.begin(context).await?;
        let rate = tax_rates::Model {
            id: mint(IdPrefix::TaxRate),
            tenant_id: String::new(),
            environment_id: String::new(),
            name: request.name.unwrap_or_default(),
            code: code.clone(),
            description: request.description.unwrap_or_default(),
            tax_rate_type: Word(kind),
            percentage_value: kept(request.percentage_value),
            fixed_value: kept(request.fixed_value),
            scope: Word(request.scope.unwrap_or(TaxRateScope::Internal)),
            tax_rate_status: Word(TaxRateStatus::Active),
            metadata: metadata_in(request.metadata),
            status: Word(Status::Published),
            created_at: Time(work.now),
            updated_at: Time(work.now),
            created_by: context.user_id.clone(),
            updated_by: context.user_id.clone(),
        };
        let inserted = work.rows().insert::<tax_rates::Entity>(rate).await;
        let rate = inserted.map_err(on_duplicate(code_taken(&code)))?;
        work.commit().await?;
        Ok(rate_response(rate))
    }

    /// The tax rate of this id, whatever its status.
    ///
    /// # Errors
    /// `not_found` (spec 03 Q9).
    pub async fn get_tax_rate(&self, context: &Context, id: &str) -> Result<TaxRateResponse> {
        let rate = self.read().scoped(&context.scope).get::<tax_rates::Entity>(id).await?;
        Ok(rate_response(rate.ok_or_else(|| unknown_rate(id))?))
    }

    /// The tax rates that match.
    ///
    /// # Errors
    /// `validation_error` for bad paging, filters or sort keys.
    pub async fn list_tax_rates(&self, context: &Context, filter: TaxRateFilter) -> Result<ListTaxRatesResponse> {
        let options = filter.list_options()?;
        let listing = listing::of(&options, DefaultStatus::Published, TimeRange::On("created_at"))
            .within_if("id", filter.taxrate_ids)
            .within_if("code", filter.taxrate_codes)
            .equal_if("scope", filter.scope.map(|scope| scope.to_string()));
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let (rates, total) = rows.page::<tax_rates::Entity>(&listing).await?;
        Ok(ListTaxRatesResponse {
            items: rates.into_iter().map(rate_response).collect(),
            pagination: Pagination::next(total, options.limit, options.offset),
        })
    }

    /// Updates the members that are sent. Type and value never change.
    ///
    /// # Errors
    /// `validation_error` for field rules, and once the rate is attached to something or was applied; `not_found`;
    /// `already_exists` when another published rate has the new code.
    pub async fn update_tax_rate(
        &self,
        context: &Context,
        id: &str,
        request: UpdateTaxRateRequest,
    ) -> Result<TaxRateResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let current = lock(&work, id).await?;
        refuse_while_attached(&work, id).await?;
        refuse_once_applied(&work, id).await?;
        let code = request.code.unwrap_or_else(|| current.code.clone());
        let mut changes = tax_rates::ActiveModel {
            code: set(code.clone()),
            ..stamped(&work)
        };
        if let Some(name) = request.name {
            changes.name = set(name);
        }
        if let Some(description) = request.description {
            changes.description = set(description);
        }
        if let Some(status) = request.tax_rate_status {
            changes.tax_rate_status = set(Word(status));
        }
        if request.metadata.is_some() {
            changes.metadata = set(metadata_in(request.metadata));
        }
        let updated = work.rows().update::<tax_rates::Entity>(id, changes).await;
        let updated = updated.map_err(on_duplicate(code_taken(&code)))?;
        work.commit().await?;
        Ok(rate_response(updated.ok_or_else(|| unknown_rate(id))?))
    }

    /// Archives a tax rate; its code becomes free. Repeating it changes nothing.
    ///
    /// # Errors
    /// `not_found`; `validation_error` while the rate is attached to something.
    pub async fn delete_tax_rate(&self, context: &Context, id: &str) -> Result<()> {
        let work = self.begin(context).await?;
        lock(&work, id).await?;
        refuse_while_attached(&work, id).await?;
        let changes = tax_rates::ActiveModel {
            status: set(Word(Status::Archived)),
            ..stamped(&work)
        };
        work.rows().update::<tax_rates::Entity>(id, changes).await?;
        work.commit().await
    }
}

/// Locked, so that nobody attaches the rate while it changes.
async fn lock(work: &Work<'_>, id: &str) -> Result<tax_rates::Model> {
    let rate = work.rows().lock::<tax_rates::Entity>(id).await?;
    rate.ok_or_else(|| unknown_rate(id))
}

fn stamped(work: &Work<'_>) -> tax_rates::ActiveModel {
    tax_rates::ActiveModel {
        updated_at: set(Time(work.now)),
        updated_by: set(work.context.user_id.clone()),
        ..Default::default()
    }
}

async fn refuse_while_attached(work: &Work<'_>, id: &str) -> Result<()> {
    let attached = Listing::all().equal("tax_rate_id", id).published();
    if work.rows().count::<tax_associations::Entity>(&attached).await? > 0 {
        let message = "The tax rate is attached to other records; remove its associations first";
        return Err(ApiError::validation(message).detail("tax_rate_id", id).into());
    }
    Ok(())
}

async fn refuse_once_applied(work: &Work<'_>, id: &str) -> Result<()> {
    let applied = Listing::all().equal("tax_rate_id", id).published();
    if work.rows().count::<taxes_applied::Entity>(&applied).await? > 0 {
        let message = "The tax rate was applied to invoices and does not change any more";
        return Err(ApiError::validation(message).detail("tax_rate_id", id).into());
    }
    Ok(())
}

fn code_taken(code: &str) -> impl FnOnce() -> ApiError + use<> {
    let code = code.to_owned();
    move || ApiError::already_exists("A tax rate with this code already exists").detail("code", code)
}
