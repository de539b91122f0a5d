//! `/v1/meter-usage` (spec 02 §3.9).

use tariff_contract::analytics::GetUsageAnalyticsResponse;
use tariff_contract::meter_usage::{
    DetailedMeterUsageRequest, MeterUsageAnalyticsResponse, MeterUsageRequest, MeterUsageResponse,
};
use tariff_engine::access::roles::Entity;

use crate::answer::{Answer, Result};
use crate::api::{Api, Call};
use crate::gate::Access::Open;
use crate::input::Body;

pub(super) fn register(api: Api) -> Api {
    let open = Open(Entity::Event);
    api.tag("Meter Usage")
        .post(
            "/v1/meter-usage/query",
            open,
            "queryMeterUsage",
            "Usage of a customer on a meter",
            query,
        )
        .post(
            "/v1/meter-usage/analytics",
            open,
            "getMeterUsageAnalytics",
            "Usage of a customer on several meters",
            analytics,
        )
        .post(
            "/v1/meter-usage/detailed-analytics",
            open,
            "getDetailedMeterUsageAnalytics",
            "Usage and cost by meter",
            detailed,
        )
}

async fn query(call: Call, Body(request): Body<MeterUsageRequest>) -> Result<Answer<MeterUsageResponse>> {
    Ok(Answer(call.engine.meter_usage(&call.context, request).await?))
}

async fn analytics(call: Call, Body(request): Body<MeterUsageRequest>) -> Result<Answer<MeterUsageAnalyticsResponse>> {
    Ok(Answer(call.engine.meter_usage_analytics(&call.context, request).await?))
}

async fn detailed(
    call: Call,
    Body(request): Body<DetailedMeterUsageRequest>,
) -> Result<Answer<GetUsageAnalyticsResponse>> {
    Ok(Answer(call.engine.detailed_meter_usage(&call.context, request).await?))
}
