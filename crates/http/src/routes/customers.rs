//! `/v1/customers` (spec 01 B1).

use serde::Deserialize;
use tariff_contract::aggregated_entitlements::CustomerUsageSummaryResponse;
use tariff_contract::customers::{
    CreateCustomerRequest, CustomerFilter, CustomerPortalResponse, CustomerResponse, ListCustomersResponse,
    UpdateCustomerRequest,
};
use tariff_contract::error::ApiError;
use tariff_contract::subscriptions::ListSubscriptionsResponse;
use tariff_engine::access::roles::Entity;
use tariff_engine::customers::{Target, UsageOf};
use tariff_engine::entitlements::ViewFilter;
use utoipa::ToSchema;

use crate::answer::{Answer, Created, NoContent, Result};
use crate::api::{Api, Call};
use crate::gate::Access::{Open, Write};
use crate::input::{Body, ExpandQuery, Path, Query};

pub(super) fn register(api: Api) -> Api {
    let (open, write) = (Open(Entity::Customer), Write(Entity::Customer));
    api.tag("Customers")
        .post("/v1/customers", write, "createCustomer", "Create customer", create)
        .get("/v1/customers", open, "listCustomers", "List customers", list)
        .put(
            "/v1/customers",
            write,
            "updateCustomer",
            "Update customer by id or external id",
            update,
        )
        .post(
            "/v1/customers/search",
            open,
            "queryCustomer",
            "Search customers",
            search,
        )
        .get(
            "/v1/customers/usage",
            open,
            "getCustomerUsageSummary",
            "Usage summary by customer id or lookup key",
            usage,
        )
        .get(
            "/v1/customers/{id}/usage",
            open,
            "getCustomerUsageById",
            "Usage summary (legacy path form)",
            usage_by_path,
        )
        .get("/v1/customers/{id}", open, "getCustomer", "Get customer", get)
        .put(
            "/v1/customers/{id}",
            write,
            "updateCustomerById",
            "Update customer (legacy path form)",
            update_by_path,
        )
        .delete(
            "/v1/customers/{id}",
            write,
            "deleteCustomer",
            "Archive customer",
            delete,
        )
        .get(
            "/v1/customers/external/{external_id}",
            open,
            "getCustomerByExternalId",
            "Get customer by external id",
            get_by_external_id,
        )
        .get(
            "/v1/customers/external/{external_id}/subscriptions",
            open,
            "getSubscriptionsForCustomer",
            "Subscriptions of a customer by external id",
            list_subscriptions,
        )
        .get(
            "/v1/customers/lookup/{lookup_key}",
            open,
            "getCustomerByLookupKey",
            "Get customer by external id (legacy path)",
            get_by_external_id,
        )
        .get(
            "/v1/customers/portal/{external_id}",
            open,
            "createCustomerPortalSession",
            "Create a customer-portal session",
            open_portal_session,
        )
}

/// Which customer to update.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
struct TargetQuery {
    id: Option<String>,
    external_customer_id: Option<String>,
}

async fn create(call: Call, Body(request): Body<CreateCustomerRequest>) -> Result<Created<CustomerResponse>> {
    Ok(Created(call.engine.create_customer(&call.context, request).await?))
}

async fn update(
    call: Call,
    Body(request): Body<UpdateCustomerRequest>,
    Query(query): Query<TargetQuery>,
) -> Result<Answer<CustomerResponse>> {
    let target = Target {
        id: query.id,
        external_id: query.external_customer_id,
    };
    Ok(Answer(
        call.engine.update_customer(&call.context, target, request).await?,
    ))
}

async fn update_by_path(
    call: Call,
    Path(id): Path,
    Body(request): Body<UpdateCustomerRequest>,
    Query(query): Query<TargetQuery>,
) -> Result<Answer<CustomerResponse>> {
    // The path's id hides the query's.
    let target = Target {
        id: Some(id),
        external_id: query.external_customer_id,
    };
    Ok(Answer(
        call.engine.update_customer(&call.context, target, request).await?,
    ))
}

async fn get(call: Call, Path(id): Path, Query(query): Query<ExpandQuery>) -> Result<Answer<CustomerResponse>> {
    let expand = query.expand.unwrap_or_default();
    Ok(Answer(call.engine.get_customer(&call.context, &id, &expand).await?))
}

async fn get_by_external_id(
    call: Call,
    Path(external_id): Path,
    Query(query): Query<ExpandQuery>,
) -> Result<Answer<CustomerResponse>> {
    let expand = query.expand.unwrap_or_default();
    Ok(Answer(
        call.engine
            .get_customer_by_external_id(&call.context, &external_id, &expand)
            .await?,
    ))
}

async fn list_subscriptions(
    call: Call,
    Path(external_id): Path,
    Query(query): Query<ExpandQuery>,
) -> Result<Answer<ListSubscriptionsResponse>> {
    let expand = query.expand.unwrap_or_default();
    Ok(Answer(
        call.engine
            .list_customer_subscriptions(&call.context, &external_id, &expand)
            .await?,
    ))
}

async fn list(call: Call, Query(filter): Query<CustomerFilter>) -> Result<Answer<ListCustomersResponse>> {
    Ok(Answer(call.engine.list_customers(&call.context, filter).await?))
}

async fn search(call: Call, Body(filter): Body<CustomerFilter>) -> Result<Answer<ListCustomersResponse>> {
    Ok(Answer(call.engine.list_customers(&call.context, filter).await?))
}

async fn delete(call: Call, Path(id): Path) -> Result<NoContent> {
    call.engine.delete_customer(&call.context, &id).await?;
    Ok(NoContent)
}

async fn open_portal_session(call: Call, Path(external_id): Path) -> Result<Answer<CustomerPortalResponse>> {
    Ok(Answer(
        call.engine.open_portal_session(&call.context, &external_id).await?,
    ))
}

/// Whose usage, and which part of it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
struct UsageParameters {
    customer_id: Option<String>,
    customer_lookup_key: Option<String>,
    feature_ids: Option<Vec<String>>,
    feature_lookup_keys: Option<Vec<String>>,
    subscription_ids: Option<Vec<String>>,
}

impl UsageParameters {
    fn split(self) -> (UsageOf, ViewFilter) {
        let of = UsageOf {
            customer_id: self.customer_id,
            customer_lookup_key: self.customer_lookup_key,
        };
        let filter = ViewFilter {
            feature_ids: self.feature_ids.unwrap_or_default(),
            feature_lookup_keys: self.feature_lookup_keys.unwrap_or_default(),
            subscription_ids: self.subscription_ids.unwrap_or_default(),
        };
        (of, filter)
    }
}

async fn usage(call: Call, Query(parameters): Query<UsageParameters>) -> Result<Answer<CustomerUsageSummaryResponse>> {
    let (of, filter) = parameters.split();
    Ok(Answer(call.engine.customer_usage(&call.context, of, &filter).await?))
}

async fn usage_by_path(
    call: Call,
    Path(id): Path,
    Query(parameters): Query<UsageParameters>,
) -> Result<Answer<CustomerUsageSummaryResponse>> {
    let (mut of, filter) = parameters.split();
    if of
        .customer_id
        .as_ref()
        .is_some_and(|asked| !asked.is_empty() && *asked != id)
    {
        return Err(ApiError::validation("customer_id differs from the path").into());
    }
    of.customer_id = Some(id);
    Ok(Answer(call.engine.customer_usage(&call.context, of, &filter).await?))
}
