//! `/v1/entitlements` (spec 03 §4.4).

use serde::Deserialize;
use tariff_contract::aggregated_entitlements::{CustomerEntitlementsResponse, SubscriptionEntitlementsResponse};
use tariff_contract::common::SuccessResponse;
use tariff_contract::entitlements::{
    CreateBulkEntitlementRequest, CreateBulkEntitlementResponse, CreateEntitlementRequest, EntitlementFilter,
    EntitlementResponse, ListEntitlementsResponse, UpdateEntitlementRequest,
};
use tariff_engine::access::roles::Entity;
use tariff_engine::entitlements::ViewFilter;
use utoipa::ToSchema;

use crate::answer::{Answer, Created, Result};
use crate::api::{Api, Call};
use crate::gate::Access::{Open, Write};
use crate::input::{Body, Path, Query};

pub(super) fn register(api: Api) -> Api {
    let (open, write) = (Open(Entity::Entitlement), Write(Entity::Entitlement));
    api.tag("Entitlements")
        .post(
            "/v1/entitlements",
            write,
            "createEntitlement",
            "Create entitlement",
            create,
        )
        .post(
            "/v1/entitlements/bulk",
            write,
            "createEntitlementsBulk",
            "Create several entitlements",
            create_bulk,
        )
        .get("/v1/entitlements", open, "listEntitlements", "List entitlements", list)
        .post(
            "/v1/entitlements/search",
            open,
            "queryEntitlement",
            "Search entitlements",
            search,
        )
        .get("/v1/entitlements/{id}", open, "getEntitlement", "Get entitlement", get)
        .put(
            "/v1/entitlements/{id}",
            write,
            "updateEntitlement",
            "Update entitlement",
            update,
        )
        .delete(
            "/v1/entitlements/{id}",
            write,
            "deleteEntitlement",
            "Archive entitlement",
            delete,
        )
        .tag("Subscriptions")
        .get(
            "/v1/subscriptions/{id}/entitlements",
            Open(Entity::Subscription),
            "getSubscriptionEntitlements",
            "Aggregated entitlements of a subscription",
            of_subscription,
        )
        .tag("Customers")
        .get(
            "/v1/customers/{id}/entitlements",
            Open(Entity::Customer),
            "getCustomerEntitlements",
            "Aggregated entitlements of a customer",
            of_customer,
        )
        .get(
            "/v1/customers/external/{external_id}/entitlements",
            Open(Entity::Customer),
            "getCustomerEntitlementsByExternalID",
            "Aggregated entitlements by external id",
            of_external_customer,
        )
}

/// Which part of an aggregated view to answer.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
struct ViewQuery {
    feature_ids: Option<Vec<String>>,
    subscription_ids: Option<Vec<String>>,
}

impl From<ViewQuery> for ViewFilter {
    fn from(query: ViewQuery) -> Self {
        Self {
            feature_ids: query.feature_ids.unwrap_or_default(),
            feature_lookup_keys: Vec::new(),
            subscription_ids: query.subscription_ids.unwrap_or_default(),
        }
    }
}

async fn of_subscription(
    call: Call,
    Path(id): Path,
    Query(query): Query<ViewQuery>,
) -> Result<Answer<SubscriptionEntitlementsResponse>> {
    let filter = query.into();
    Ok(Answer(
        call.engine
            .subscription_entitlements(&call.context, &id, &filter)
            .await?,
    ))
}

async fn of_customer(
    call: Call,
    Path(id): Path,
    Query(query): Query<ViewQuery>,
) -> Result<Answer<CustomerEntitlementsResponse>> {
    let filter = query.into();
    Ok(Answer(
        call.engine.customer_entitlements(&call.context, &id, &filter).await?,
    ))
}

async fn of_external_customer(
    call: Call,
    Path(external_id): Path,
    Query(query): Query<ViewQuery>,
) -> Result<Answer<CustomerEntitlementsResponse>> {
    let filter = query.into();
    let view = call
        .engine
        .customer_entitlements_by_external_id(&call.context, &external_id, &filter);
    Ok(Answer(view.await?))
}

async fn create(call: Call, Body(request): Body<CreateEntitlementRequest>) -> Result<Created<EntitlementResponse>> {
    Ok(Created(call.engine.create_entitlement(&call.context, request).await?))
}

async fn create_bulk(
    call: Call,
    Body(request): Body<CreateBulkEntitlementRequest>,
) -> Result<Created<CreateBulkEntitlementResponse>> {
    Ok(Created(call.engine.create_entitlements(&call.context, request).await?))
}

async fn list(call: Call, Query(filter): Query<EntitlementFilter>) -> Result<Answer<ListEntitlementsResponse>> {
    Ok(Answer(call.engine.list_entitlements(&call.context, filter).await?))
}

async fn search(call: Call, Body(filter): Body<EntitlementFilter>) -> Result<Answer<ListEntitlementsResponse>> {
    Ok(Answer(call.engine.list_entitlements(&call.context, filter).await?))
}

async fn get(call: Call, Path(id): Path) -> Result<Answer<EntitlementResponse>> {
    Ok(Answer(call.engine.get_entitlement(&call.context, &id).await?))
}

async fn update(
    call: Call,
    Path(id): Path,
    Body(request): Body<UpdateEntitlementRequest>,
) -> Result<Answer<EntitlementResponse>> {
    Ok(Answer(
        call.engine.update_entitlement(&call.context, &id, request).await?,
    ))
}

async fn delete(call: Call, Path(id): Path) -> Result<Answer<SuccessResponse>> {
    call.engine.delete_entitlement(&call.context, &id).await?;
    Ok(Answer(SuccessResponse {
        message: "entitlement deleted successfully".to_owned(),
    }))
}
