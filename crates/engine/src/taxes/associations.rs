//! Creating, reading, changing and removing tax associations.

use tariff_contract::error::ApiError;
use tariff_contract::taxes::{
    AUTOMATIC_TAXES_MAX, CreateTaxAssociationRequest, ListTaxAssociationsResponse, TAX_EXPAND, TaxAssociationFilter,
    TaxAssociationResponse, TaxAssociationUpdateRequest,
};
use tariff_contract::{Expand, Pagination};
use tariff_core::vocabulary::TaxRateEntityType;
use tariff_core::{IdPrefix, Status};
use tariff_store::column::{Time, Word};
use tariff_store::entity::{tax_associations, tax_rates};
use tariff_store::{Listing, Operand, Scoped, Test, set};

use super::{Bearer, association_response, attachable_rate, unknown_association};
use crate::context::Context;
use crate::customers;
use crate::engine::{Engine, Work};
use crate::error::Result;
use crate::ids::mint;
use crate::listing::{self, DefaultStatus, TimeRange};
use crate::records::{Narrow, by_ids, filled, metadata_in};

impl Engine {
    /// Attaches a tax rate to a tenant, customer, subscription or invoice. Whether that exists is not checked.
    ///
    /// # Errors
    /// `validation_error` for field rules, an inactive rate, an `entity_id` that contradicts the customer, or more
    /// automatic taxes than one record may have; `not_found` for an unknown rate or customer.
    pub async fn create_tax_association(
        &self,
        context: &Context,
        request: CreateTaxAssociationRequest,
    ) -> Result<TaxAssociationResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let code = request.tax_rate_code.clone().unwrap_or_default();
        let rate = attachable_rate(&work.rows(), &code).await?;
        // Locked, so that the rate is not changed or archived from here on; asked for again, lest it was before.
        work.rows().lock::<tax_rates::Entity>(&rate.id).await?;
        let rate = attachable_rate(&work.rows(), &code).await?;
        let association = new_association(&work, rate.id, request).await?;
        if association.auto_apply {
            refuse_one_too_many(&work.rows(), &association).await?;
        }
        let association = work.rows().insert::<tax_associations::Entity>(association).await?;
        work.commit().await?;
        Ok(association_response(association, None))
    }

    /// The tax association of this id, whatever its status.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_tax_association(
        &self,
        context: &Context,
        id: &str,
        expand: &str,
    ) -> Result<TaxAssociationResponse> {
        let expand = Expand::parse_known(expand, TAX_EXPAND);
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let association = rows.get::<tax_associations::Entity>(id).await?;
        let association = association.ok_or_else(|| unknown_association(id))?;
        let mut found = expanded(&rows, vec![association], &expand).await?;
        found.pop().ok_or_else(|| unknown_association(id))
    }

    /// The tax associations that match.
    ///
    /// # Errors
    /// `validation_error` for bad paging, filters or sort keys; `not_found` for an unknown external customer id.
    pub async fn list_tax_associations(
        &self,
        context: &Context,
        filter: TaxAssociationFilter,
    ) -> Result<ListTaxAssociationsResponse> {
        let options = filter.list_options()?;
        let expand = Expand::parse_known(&options.expand, TAX_EXPAND);
        let listing = listing::of(&options, DefaultStatus::Published, TimeRange::On("created_at"));
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let listing = narrowed(&rows, listing, filter).await?;
        let (found, total) = rows.page::<tax_associations::Entity>(&listing).await?;
        Ok(ListTaxAssociationsResponse {
            items: expanded(&rows, found, &expand).await?,
            pagination: Pagination::next(total, options.limit, options.offset),
        })
    }

    /// Updates priority, automatic application and metadata; nothing else of an association ever changes.
    ///
    /// # Errors
    /// `validation_error` for field rules, or more automatic taxes than one record may have; `not_found`.
    pub async fn update_tax_association(
        &self,
        context: &Context,
        id: &str,
        request: TaxAssociationUpdateRequest,
    ) -> Result<TaxAssociationResponse> {
        request.validate()?;
        let mut changes = tax_associations::ActiveModel::default();
        if let Some(priority) = request.priority {
            changes.priority = set(priority);
        }
        if let Some(auto_apply) = request.auto_apply {
            changes.auto_apply = set(auto_apply);
        }
        if request.metadata.is_some() {
            changes.metadata = set(metadata_in(request.metadata));
        }
        let work = self.begin(context).await?;
        if request.auto_apply == Some(true) {
            let rows = work.rows();
            let current = rows.lock::<tax_associations::Entity>(id).await?;
            let current = current.ok_or_else(|| unknown_association(id))?;
            if !current.auto_apply {
                refuse_one_too_many(&rows, &current).await?;
            }
        }
        let updated = write(&work, id, changes).await?;
        work.commit().await?;
        Ok(association_response(updated, None))
    }

    /// Removes a tax association; invoices that were taxed by it stay as they are. Repeating it changes nothing.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn delete_tax_association(&self, context: &Context, id: &str) -> Result<()> {
        let changes = tax_associations::ActiveModel {
            status: set(Word(Status::Archived)),
            ..Default::default()
        };
        let work = self.begin(context).await?;
        write(&work, id, changes).await?;
        work.commit().await
    }
}

async fn new_association(
    work: &Work<'_>,
    tax_rate_id: String,
    request: CreateTaxAssociationRequest,
) -> Result<tax_associations::Model> {
    let start = request.start_date.map_or(work.now, |start| start.0);
    if request.end_date.is_some_and(|end| end.0 <= start) {
        let error = ApiError::validation("end_date must be after start_date, or after now without one");
        return Err(error.detail("end_date", "must be after start_date").into());
    }
    let (entity_type, entity_id) = bearer(work, &request).await?;
    let user_id = &work.context.user_id;
    Ok(tax_associations::Model {
        id: mint(IdPrefix::TaxAssociation),
        tenant_id: String::new(),
        environment_id: String::new(),
        tax_rate_id,
        entity_type: Word(entity_type),
        entity_id,
        priority: request.priority.unwrap_or_default(),
        auto_apply: request.auto_apply.unwrap_or_default(),
        currency: request.currency.unwrap_or_default().to_lowercase(),
        start_date: Time(start),
        end_date: request.end_date.map(|end| Time(end.0)),
        metadata: metadata_in(request.metadata),
        status: Word(Status::Published),
        created_at: Time(work.now),
        updated_at: Time(work.now),
        created_by: user_id.clone(),
        updated_by: user_id.clone(),
    })
}

/// Every invoice is charged with all automatic taxes, and every copy inherits them; so there is an end to their number.
async fn refuse_one_too_many(rows: &Scoped<'_>, association: &tax_associations::Model) -> Result<()> {
    let bearer = Bearer::of(association);
    if rows
        .count::<tax_associations::Entity>(&bearer.automatic_listing())
        .await?
        < AUTOMATIC_TAXES_MAX
    {
        return Ok(());
    }
    let message = format!("A record has at most {AUTOMATIC_TAXES_MAX} taxes that apply by themselves");
    Err(ApiError::validation(message)
        .detail("entity_id", association.entity_id.as_str())
        .into())
}

/// What the rate is attached to; an external customer id decides.
async fn bearer(work: &Work<'_>, request: &CreateTaxAssociationRequest) -> Result<(TaxRateEntityType, String)> {
    let entity_id = filled(request.entity_id.clone());
    if let Some(external_id) = filled(request.external_customer_id.clone()) {
        let customer = customers::get_by_external_id(&work.rows(), &external_id).await?;
        if entity_id.is_some_and(|entity_id| entity_id != customer.id) {
            let error = ApiError::validation("entity_id and external_customer_id name different customers");
            return Err(error.detail("entity_id", "contradicts external_customer_id").into());
        }
        return Ok((TaxRateEntityType::Customer, customer.id));
    }
    let named = request.entity_type.zip(entity_id);
    Ok(named.ok_or_else(|| ApiError::validation("entity_type and entity_id are required"))?)
}

async fn narrowed(rows: &Scoped<'_>, listing: Listing, filter: TaxAssociationFilter) -> Result<Listing> {
    let mut listing = listing
        .within_if("id", filter.tax_association_ids)
        .equal_if("entity_type", filter.entity_type.map(|kind| kind.to_string()))
        .equal_if("entity_id", filter.entity_id)
        .equal_if("tax_rate_id", filter.tax_rate_id)
        .within_if("tax_rate_id", filter.tax_rate_ids)
        .equal_if("currency", filter.currency.map(|currency| currency.to_lowercase()));
    if let Some(auto_apply) = filter.auto_apply {
        listing = listing.with("auto_apply", Test::Equal(Operand::Boolean(auto_apply)));
    }
    if let Some(external_id) = filled(filter.external_customer_id) {
        let customer = customers::get_by_external_id(rows, &external_id).await?;
        listing = listing
            .equal("entity_type", TaxRateEntityType::Customer.as_str())
            .equal("entity_id", customer.id);
    }
    Ok(listing)
}

async fn expanded(
    rows: &Scoped<'_>,
    associations: Vec<tax_associations::Model>,
    expand: &Expand,
) -> Result<Vec<TaxAssociationResponse>> {
    let wanted = associations.iter().filter(|_| expand.has("tax_rate"));
    let ids: Vec<String> = wanted.map(|association| association.tax_rate_id.clone()).collect();
    let rates = by_ids::<tax_rates::Entity>(rows, ids, |rate| &rate.id).await?;
    let complete = |association: tax_associations::Model| {
        let rate = rates.get(&association.tax_rate_id).cloned();
        association_response(association, rate)
    };
    Ok(associations.into_iter().map(complete).collect())
}

async fn write(
    work: &Work<'_>,
    id: &str,
    mut changes: tax_associations::ActiveModel,
) -> Result<tax_associations::Model> {
    changes.updated_at = set(Time(work.now));
    changes.updated_by = set(work.context.user_id.clone());
    let written = work.rows().update::<tax_associations::Entity>(id, changes).await?;
    written.ok_or_else(|| unknown_association(id))
}
