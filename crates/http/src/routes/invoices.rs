//! `/v1/invoices` (spec 05 §4.1).

use tariff_contract::common::SuccessResponse;
use tariff_contract::invoices::{GetPreviewInvoiceRequest, InvoiceFilter, InvoiceResponse, ListInvoicesResponse};
use tariff_engine::access::roles::Entity;

use crate::answer::{Answer, Result};
use crate::api::{Api, Call};
use crate::gate::Access::{Open, Write};
use crate::input::{Body, ExpandQuery, Path, Query};

pub(super) fn register(api: Api) -> Api {
    let (open, write) = (Open(Entity::Invoice), Write(Entity::Invoice));
    api.tag("Invoices")
        .get("/v1/invoices", open, "listInvoices", "List invoices", list)
        .post("/v1/invoices/search", open, "queryInvoice", "Search invoices", search)
        .post(
            "/v1/invoices/preview",
            open,
            "getInvoicePreview",
            "Preview a subscription's next invoice",
            preview,
        )
        .get("/v1/invoices/{id}", open, "getInvoice", "Get invoice", get)
        .post(
            "/v1/invoices/{id}/finalize",
            write,
            "finalizeInvoice",
            "Finalize draft invoice",
            finalize,
        )
}

async fn list(call: Call, Query(filter): Query<InvoiceFilter>) -> Result<Answer<ListInvoicesResponse>> {
    Ok(Answer(call.engine.list_invoices(&call.context, filter).await?))
}

async fn search(call: Call, Body(filter): Body<InvoiceFilter>) -> Result<Answer<ListInvoicesResponse>> {
    Ok(Answer(call.engine.list_invoices(&call.context, filter).await?))
}

async fn preview(call: Call, Body(request): Body<GetPreviewInvoiceRequest>) -> Result<Answer<InvoiceResponse>> {
    Ok(Answer(call.engine.preview_invoice(&call.context, request).await?))
}

async fn get(call: Call, Path(id): Path, Query(query): Query<ExpandQuery>) -> Result<Answer<InvoiceResponse>> {
    let expand = query.expand.unwrap_or_default();
    Ok(Answer(call.engine.get_invoice(&call.context, &id, &expand).await?))
}

async fn finalize(call: Call, Path(id): Path) -> Result<Answer<SuccessResponse>> {
    call.engine.finalize_invoice(&call.context, &id).await?;
    Ok(Answer(SuccessResponse {
        message: "invoice finalized successfully".to_owned(),
    }))
}
