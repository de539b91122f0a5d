//! `/v1/events` (spec 02 §3.3 to §3.9).

use serde::Deserialize;
use tariff_contract::DateTime;
use tariff_contract::analytics::{GetUsageAnalyticsRequest, GetUsageAnalyticsResponse};
use tariff_contract::event_export::ExportEventsRequest;
use tariff_contract::event_lookup::GetEventByIDResponse;
use tariff_contract::event_monitoring::{MonitoringRequest, MonitoringResponse};
use tariff_contract::events::{
    BulkIngestEventRequest, GetEventsRequest, GetEventsResponse, GetHuggingFaceBillingDataRequest,
    GetHuggingFaceBillingDataResponse, IngestEventRequest, IngestEventResponse, parse_property_filters,
};
use tariff_contract::usage::{GetUsageByMeterRequest, GetUsageRequest, GetUsageResponse};
use tariff_engine::access::roles::Entity;
use tariff_engine::events::{EventExport, ListPage};
use tariff_engine::idempotency;
use utoipa::ToSchema;

use crate::answer::{Accepted, Answer, NoContent, Result};
use crate::api::{Api, Call};
use crate::gate::Access::{Open, Read, Write};
use crate::input::{Body, Path, Query};
use crate::lines::{LineSource, Lines};

pub(super) fn register(api: Api) -> Api {
    let (open, write) = (Open(Entity::Event), Write(Entity::Event));
    api.tag("Events")
        .post("/v1/events", write, "ingestEvent", "Ingest one usage event", ingest)
        .post(
            "/v1/events/bulk",
            write,
            "ingestEventsBulk",
            "Ingest a batch of usage events",
            ingest_batch,
        )
        .get(
            "/v1/events",
            open,
            "listEvents",
            "List raw events by query parameters",
            list,
        )
        .post("/v1/events/query", open, "listRawEvents", "List raw events", query)
        .post(
            "/v1/events/usage",
            open,
            "getUsageStatistics",
            "Usage of an event name over a window",
            usage,
        )
        .post(
            "/v1/events/usage/meter",
            open,
            "getUsageByMeter",
            "Usage of a meter over a window",
            usage_by_meter,
        )
        .post(
            "/v1/events/analytics",
            open,
            "getUsageAnalytics",
            "Usage and cost by feature, source and property",
            analytics,
        )
        .get(
            "/v1/events/lookup",
            open,
            "getEvent",
            "One event and what became of it",
            look_up,
        )
        .get(
            "/v1/events/monitoring",
            open,
            "monitorEvents",
            "Counts and backlog of ingestion",
            monitor,
        )
        .get(
            "/v1/events/export",
            Read(Entity::Event),
            "exportEvents",
            "All raw events that match, one JSON object a line",
            export,
        )
        .get(
            "/v1/events/{id}",
            open,
            "getEventById",
            "One event and what became of it (path form)",
            look_up_by_path,
        )
        .delete(
            "/v1/events/{id}",
            write,
            "deleteEvent",
            "Take one event out",
            remove_by_path,
        )
        .delete(
            "/v1/events/lookup",
            write,
            "deleteEventByQuery",
            "Take one event out (id in the query)",
            remove,
        )
        .post(
            "/v1/events/huggingface-inference",
            open,
            "getHuggingfaceInferenceData",
            "Cost of single requests",
            costs,
        )
        .post(
            "/v1/events/huggingface-billing",
            open,
            "getHuggingfaceBillingData",
            "Cost of single requests (older path)",
            costs,
        )
}

/// Which raw events to list, in the form of a query string.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
struct ListQuery {
    end_time: Option<DateTime>,
    event_id: Option<String>,
    event_name: Option<String>,
    external_customer_id: Option<String>,
    iter_first_key: Option<String>,
    iter_last_key: Option<String>,
    offset: Option<i64>,
    order: Option<String>,
    page_size: Option<i64>,
    /// `key1:v1,v2;key2:v3`.
    property_filters: Option<String>,
    sort: Option<String>,
    source: Option<String>,
    start_time: Option<DateTime>,
}

impl From<ListQuery> for GetEventsRequest {
    fn from(query: ListQuery) -> Self {
        Self {
            property_filters: query.property_filters.as_deref().map(parse_property_filters),
            end_time: query.end_time,
            event_id: query.event_id,
            event_name: query.event_name,
            external_customer_id: query.external_customer_id,
            iter_first_key: query.iter_first_key,
            iter_last_key: query.iter_last_key,
            offset: query.offset,
            order: query.order,
            page_size: query.page_size,
            sort: query.sort,
            source: query.source,
            start_time: query.start_time,
        }
    }
}

/// Which event to look up.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
struct LookupQuery {
    id: Option<String>,
}

async fn ingest(call: Call, Body(mut request): Body<IngestEventRequest>) -> Result<Accepted<IngestEventResponse>> {
    name_after_key(&call, 0, &mut request);
    Ok(Accepted(call.engine.ingest_event(&call.context, request).await?))
}

async fn ingest_batch(
    call: Call,
    Body(mut request): Body<BulkIngestEventRequest>,
) -> Result<Accepted<IngestEventResponse>> {
    for (position, event) in request.events.iter_mut().flatten().enumerate() {
        if let Some(event) = event {
            name_after_key(&call, position, event);
        }
    }
    Ok(Accepted(call.engine.ingest_events(&call.context, request).await?))
}

/// An event is told from others by its id. One without gets an id from the request's idempotency key, so that sending
/// it again does not count it again.
fn name_after_key(call: &Call, position: usize, event: &mut IngestEventRequest) {
    if let Some(key) = &call.idempotency_key
        && event.event_id.as_ref().is_none_or(String::is_empty)
    {
        event.event_id = Some(idempotency::event_id(&call.context, key, position));
    }
}

async fn list(call: Call, Query(query): Query<ListQuery>) -> Result<Answer<GetEventsResponse>> {
    Ok(Answer(
        call.engine
            .list_events(&call.context, query.into(), ListPage::Short)
            .await?,
    ))
}

async fn query(call: Call, Body(request): Body<GetEventsRequest>) -> Result<Answer<GetEventsResponse>> {
    Ok(Answer(
        call.engine.list_events(&call.context, request, ListPage::Long).await?,
    ))
}

async fn export(call: Call, Query(request): Query<ExportEventsRequest>) -> Result<Lines<EventExport>> {
    Ok(Lines(call.engine.export_events(&call.context, request).await?))
}

impl LineSource for EventExport {
    type Line = IngestEventRequest;

    async fn next(&mut self) -> Option<Result<Vec<IngestEventRequest>>> {
        Some(EventExport::next(self).await?.map_err(Into::into))
    }
}

async fn usage(call: Call, Body(request): Body<GetUsageRequest>) -> Result<Answer<GetUsageResponse>> {
    Ok(Answer(call.engine.usage_of_event(&call.context, request).await?))
}

async fn usage_by_meter(call: Call, Body(request): Body<GetUsageByMeterRequest>) -> Result<Answer<GetUsageResponse>> {
    Ok(Answer(call.engine.usage_of_meter(&call.context, request).await?))
}

async fn analytics(
    call: Call,
    Body(request): Body<GetUsageAnalyticsRequest>,
) -> Result<Answer<GetUsageAnalyticsResponse>> {
    Ok(Answer(call.engine.usage_analytics(&call.context, request).await?))
}

async fn look_up(call: Call, Query(query): Query<LookupQuery>) -> Result<Answer<GetEventByIDResponse>> {
    let id = query.id.unwrap_or_default();
    Ok(Answer(call.engine.look_up_event(&call.context, &id).await?))
}

async fn look_up_by_path(call: Call, Path(id): Path) -> Result<Answer<GetEventByIDResponse>> {
    Ok(Answer(call.engine.look_up_event(&call.context, &id).await?))
}

async fn remove(call: Call, Query(query): Query<LookupQuery>) -> Result<NoContent> {
    let id = query.id.unwrap_or_default();
    call.engine.remove_event(&call.context, &id).await?;
    Ok(NoContent)
}

async fn remove_by_path(call: Call, Path(id): Path) -> Result<NoContent> {
    call.engine.remove_event(&call.context, &id).await?;
    Ok(NoContent)
}

async fn monitor(call: Call, Query(request): Query<MonitoringRequest>) -> Result<Answer<MonitoringResponse>> {
    Ok(Answer(call.engine.monitor_events(&call.context, request).await?))
}

async fn costs(
    call: Call,
    Body(request): Body<GetHuggingFaceBillingDataRequest>,
) -> Result<Answer<GetHuggingFaceBillingDataResponse>> {
    Ok(Answer(call.engine.event_costs(&call.context, request).await?))
}
