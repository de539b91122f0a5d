//! `/v1/taxes` (spec 03 §3.8, §4.6).

use serde::Serialize;
use tariff_contract::taxes::{
    CreateTaxAssociationRequest, CreateTaxRateRequest, ListTaxAssociationsResponse, ListTaxRatesResponse,
    TaxAssociationFilter, TaxAssociationResponse, TaxAssociationUpdateRequest, TaxRateFilter, TaxRateResponse,
    UpdateTaxRateRequest,
};
use tariff_engine::access::roles::Entity;
use utoipa::ToSchema;

use crate::answer::{Answer, Created, NoContent, Result};
use crate::api::{Api, Call};
use crate::gate::Access::{Open, Write};
use crate::input::{Body, ExpandQuery, Path, Query};

/// The answer to a removal: an empty object, because the official clients fail on an empty body.
#[derive(Debug, Serialize, ToSchema)]
struct Removed {}

pub(super) fn register(api: Api) -> Api {
    associations(rates(api))
}

fn rates(api: Api) -> Api {
    let (open, write) = (Open(Entity::Tax), Write(Entity::Tax));
    api.tag("Tax Rates")
        .post(
            "/v1/taxes/rates",
            write,
            "createTaxRate",
            "Create tax rate",
            create_rate,
        )
        .get("/v1/taxes/rates", open, "getTaxRates", "List tax rates", list_rates)
        .get("/v1/taxes/rates/{id}", open, "getTaxRate", "Get tax rate", get_rate)
        .put(
            "/v1/taxes/rates/{id}",
            write,
            "updateTaxRate",
            "Update tax rate",
            update_rate,
        )
        .delete(
            "/v1/taxes/rates/{id}",
            write,
            "deleteTaxRate",
            "Archive tax rate",
            delete_rate,
        )
}

fn associations(api: Api) -> Api {
    let (open, write) = (Open(Entity::Tax), Write(Entity::Tax));
    api.tag("Tax Associations")
        .post(
            "/v1/taxes/associations",
            write,
            "createTaxAssociation",
            "Create tax association",
            create_association,
        )
        .get(
            "/v1/taxes/associations",
            open,
            "listTaxAssociations",
            "List tax associations",
            list_associations,
        )
        .get(
            "/v1/taxes/associations/{id}",
            open,
            "getTaxAssociation",
            "Get tax association",
            get_association,
        )
        .put(
            "/v1/taxes/associations/{id}",
            write,
            "updateTaxAssociation",
            "Update tax association",
            update_association,
        )
        .delete(
            "/v1/taxes/associations/{id}",
            write,
            "deleteTaxAssociation",
            "Remove tax association",
            delete_association,
        )
}

async fn create_rate(call: Call, Body(request): Body<CreateTaxRateRequest>) -> Result<Created<TaxRateResponse>> {
    Ok(Created(call.engine.create_tax_rate(&call.context, request).await?))
}

async fn list_rates(call: Call, Query(filter): Query<TaxRateFilter>) -> Result<Answer<ListTaxRatesResponse>> {
    Ok(Answer(call.engine.list_tax_rates(&call.context, filter).await?))
}

async fn get_rate(call: Call, Path(id): Path) -> Result<Answer<TaxRateResponse>> {
    Ok(Answer(call.engine.get_tax_rate(&call.context, &id).await?))
}

async fn update_rate(
    call: Call,
    Path(id): Path,
    Body(request): Body<UpdateTaxRateRequest>,
) -> Result<Answer<TaxRateResponse>> {
    Ok(Answer(call.engine.update_tax_rate(&call.context, &id, request).await?))
}

async fn delete_rate(call: Call, Path(id): Path) -> Result<NoContent> {
    call.engine.delete_tax_rate(&call.context, &id).await?;
    Ok(NoContent)
}

/// 200, not 201 (spec 03 §4.6).
async fn create_association(
    call: Call,
    Body(request): Body<CreateTaxAssociationRequest>,
) -> Result<Answer<TaxAssociationResponse>> {
    Ok(Answer(
        call.engine.create_tax_association(&call.context, request).await?,
    ))
}

async fn list_associations(
    call: Call,
    Query(filter): Query<TaxAssociationFilter>,
) -> Result<Answer<ListTaxAssociationsResponse>> {
    Ok(Answer(call.engine.list_tax_associations(&call.context, filter).await?))
}

async fn get_association(
    call: Call,
    Path(id): Path,
    Query(query): Query<ExpandQuery>,
) -> Result<Answer<TaxAssociationResponse>> {
    let expand = query.expand.unwrap_or_default();
    Ok(Answer(
        call.engine.get_tax_association(&call.context, &id, &expand).await?,
    ))
}

async fn update_association(
    call: Call,
    Path(id): Path,
    Body(request): Body<TaxAssociationUpdateRequest>,
) -> Result<Answer<TaxAssociationResponse>> {
    Ok(Answer(
        call.engine.update_tax_association(&call.context, &id, request).await?,
    ))
}

async fn delete_association(call: Call, Path(id): Path) -> Result<Answer<Removed>> {
    call.engine.delete_tax_association(&call.context, &id).await?;
    Ok(Answer(Removed {}))
}
