//! `/v1/customer/portal`: what customers see and change of themselves (spec 01 A2, Q14).

use axum::http::Method;
use serde::Deserialize;
use tariff_contract::aggregated_entitlements::CustomerUsageSummaryResponse;
use tariff_contract::analytics::{GetUsageAnalyticsRequest, GetUsageAnalyticsResponse};
use tariff_contract::costs::{GetCostAnalyticsRequest, GetDetailedCostAnalyticsResponse};
use tariff_contract::customers::{CustomerResponse, UpdateCustomerRequest};
use tariff_contract::settings::SettingResponse;
use tariff_engine::entitlements::ViewFilter;
use utoipa::ToSchema;

use crate::answer::{Answer, Result};
use crate::api::{Api, Operation, PortalCall};
use crate::input::{Body, Query};

pub(super) fn register(api: Api) -> Api {
    let get = Operation {
        id: "getPortalCustomer",
        summary: "Get the own customer record",
    };
    let update = Operation {
        id: "updatePortalCustomer",
        summary: "Update the own customer record",
    };
    let config = Operation {
        id: "getPortalConfig",
        summary: "Get the layout of the portal",
    };
    let usage = Operation {
        id: "getPortalUsage",
        summary: "Get the own usage summary",
    };
    let analytics = Operation {
        id: "getPortalUsageAnalytics",
        summary: "Get the own usage and its cost over time",
    };
    let costs = Operation {
        id: "getPortalCostAnalytics",
        summary: "Get cost and revenue of the own usage",
    };
    api.tag("Customer Portal")
        .portal(Method::GET, "/v1/customer/portal/info", false, get, get_info)
        .portal(Method::PUT, "/v1/customer/portal/info", true, update, update_info)
        .portal(Method::GET, "/v1/customer/portal/config", false, config, get_config)
        .portal(Method::GET, "/v1/customer/portal/usage", false, usage, get_usage)
        .portal(
            Method::POST,
            "/v1/customer/portal/analytics/revenue",
            false,
            analytics,
            get_analytics,
        )
        .portal(
            Method::POST,
            "/v1/customer/portal/analytics/cost",
            false,
            costs,
            get_cost_analytics,
        )
}

/// Which part of the usage.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
struct UsageParameters {
    feature_ids: Option<Vec<String>>,
    feature_lookup_keys: Option<Vec<String>>,
    subscription_ids: Option<Vec<String>>,
}

async fn get_usage(
    call: PortalCall,
    Query(parameters): Query<UsageParameters>,
) -> Result<Answer<CustomerUsageSummaryResponse>> {
    let filter = ViewFilter {
        feature_ids: parameters.feature_ids.unwrap_or_default(),
        feature_lookup_keys: parameters.feature_lookup_keys.unwrap_or_default(),
        subscription_ids: parameters.subscription_ids.unwrap_or_default(),
    };
    Ok(Answer(call.engine.portal_usage(&call.visitor, &filter).await?))
}

async fn get_analytics(
    call: PortalCall,
    Body(request): Body<GetUsageAnalyticsRequest>,
) -> Result<Answer<GetUsageAnalyticsResponse>> {
    Ok(Answer(call.engine.portal_analytics(&call.visitor, request).await?))
}

async fn get_cost_analytics(
    call: PortalCall,
    Body(request): Body<GetCostAnalyticsRequest>,
) -> Result<Answer<GetDetailedCostAnalyticsResponse>> {
    Ok(Answer(call.engine.portal_cost_analytics(&call.visitor, request).await?))
}

async fn get_info(call: PortalCall) -> Result<Answer<CustomerResponse>> {
    Ok(Answer(call.engine.get_portal_customer(&call.visitor).await?))
}

async fn update_info(call: PortalCall, Body(request): Body<UpdateCustomerRequest>) -> Result<Answer<CustomerResponse>> {
    Ok(Answer(
        call.engine.update_portal_customer(&call.visitor, request).await?,
    ))
}

async fn get_config(call: PortalCall) -> Result<Answer<SettingResponse>> {
    Ok(Answer(
        call.engine
            .get_setting(&call.visitor.context, "customer_portal_config")
            .await?,
    ))
}
