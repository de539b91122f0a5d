//! `/v1/events/raw`: events as collectors send them (spec 02 §3.9).

use tariff_contract::common::WorkflowStarted;
use tariff_contract::raw_events::{RawEventsRequest, RawEventsResponse, ReprocessRawEventsRequest};
use tariff_engine::access::roles::Entity;
use tariff_engine::events::Reprocess;

use crate::answer::{Accepted, Answer, Result};
use crate::api::{Api, Call};
use crate::gate::Access::Write;
use crate::input::Body;

pub(super) fn register(api: Api) -> Api {
    let write = Write(Entity::Event);
    api.tag("Events")
        .post(
            "/v1/events/raw/bulk",
            write,
            "ingestRawEventsBulk",
            "Ingest a batch of events of a collector",
            ingest,
        )
        .post(
            "/v1/events/raw/reprocess/all",
            write,
            "reprocessRawEvents",
            "Feed raw events again",
            reprocess_all,
        )
        .post(
            "/v1/events/raw/reprocess/pending",
            write,
            "reprocessPendingRawEvents",
            "Feed raw events again that are not processed",
            reprocess_pending,
        )
}

async fn ingest(call: Call, Body(request): Body<RawEventsRequest>) -> Result<Accepted<RawEventsResponse>> {
    Ok(Accepted(call.engine.ingest_raw_events(&call.context, request).await?))
}

async fn reprocess_all(call: Call, Body(request): Body<ReprocessRawEventsRequest>) -> Result<Answer<WorkflowStarted>> {
    reprocess(&call, Reprocess::All, &request)
}

async fn reprocess_pending(
    call: Call,
    Body(request): Body<ReprocessRawEventsRequest>,
) -> Result<Answer<WorkflowStarted>> {
    reprocess(&call, Reprocess::Pending, &request)
}

fn reprocess(call: &Call, which: Reprocess, request: &ReprocessRawEventsRequest) -> Result<Answer<WorkflowStarted>> {
    Ok(Answer(call.engine.reprocess_raw_events(
        &call.context,
        which,
        request,
    )?))
}
