//! `/v1/customer/portal`: what customers see and change of themselves (spec 01 A2, Q14).

use axum::http::Method;
use tariff_contract::customers::{CustomerResponse, UpdateCustomerRequest};
use tariff_contract::settings::SettingResponse;

use crate::answer::{Answer, Result};
use crate::api::{Api, Operation, PortalCall};
use crate::input::Body;

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
    api.tag("Customer Portal")
        .portal(Method::GET, "/v1/customer/portal/info", false, get, get_info)
        .portal(Method::PUT, "/v1/customer/portal/info", true, update, update_info)
        .portal(Method::GET, "/v1/customer/portal/config", false, config, get_config)
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
