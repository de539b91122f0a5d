//! `/v1/tenants` (spec 01 B5).

use tariff_contract::tenants::{TenantBillingUsage, TenantResponse, UpdateTenantRequest};
use tariff_engine::access::roles::Entity;

use crate::answer::{Answer, Result};
use crate::api::{Api, Call};
use crate::gate::Access::{Open, Write};
use crate::input::{Body, Path};

pub(super) fn register(api: Api) -> Api {
    let (open, write) = (Open(Entity::Tenant), Write(Entity::Tenant));
    api.tag("Tenants")
        .put(
            "/v1/tenants/update",
            write,
            "updateTenant",
            "Update the caller's tenant",
            update,
        )
        .get(
            "/v1/tenants/billing",
            open,
            "getTenantBilling",
            "Get what the caller's tenant uses of the platform",
            billing,
        )
        .get(
            "/v1/tenant/billing",
            open,
            "getTenantBillingUsage",
            "As /v1/tenants/billing",
            billing,
        )
        .get(
            "/v1/tenants/{id}",
            open,
            "getTenantById",
            "Get the caller's tenant",
            get,
        )
}

async fn get(call: Call, Path(id): Path) -> Result<Answer<TenantResponse>> {
    Ok(Answer(call.engine.get_tenant(&call.context, &id).await?))
}

async fn update(call: Call, Body(request): Body<UpdateTenantRequest>) -> Result<Answer<TenantResponse>> {
    Ok(Answer(call.engine.update_tenant(&call.context, request).await?))
}

async fn billing(call: Call) -> Result<Answer<TenantBillingUsage>> {
    Ok(Answer(call.engine.get_tenant_billing()))
}
