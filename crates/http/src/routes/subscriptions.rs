//! `/v1/subscriptions` (spec 04 §3).

use tariff_contract::addons::{
    AddAddonRequest, AddAddonToSubscriptionResponse, ListAddonAssociationsResponse, RemoveAddonRequest,
};
use tariff_contract::common::SuccessResponse;
use tariff_contract::line_items::{ListSubscriptionLineItemsResponse, SubscriptionLineItemFilter};
use tariff_contract::subscription_usage::{GetUsageBySubscriptionRequest, GetUsageBySubscriptionResponse};
use tariff_contract::subscriptions::{
    CancelSubscriptionRequest, CancelSubscriptionResponse, CreateSubscriptionRequest, ListSubscriptionsResponse,
    SubscriptionFilter, SubscriptionResponse, SubscriptionResponseV2,
};
use tariff_engine::access::roles::Entity;

use crate::answer::{Answer, Created, Result};
use crate::api::{Api, Call};
use crate::gate::Access::{Open, Write};
use crate::input::{Body, ExpandQuery, Path, Query};

pub(super) fn register(api: Api) -> Api {
    let (open, write) = (Open(Entity::Subscription), Write(Entity::Subscription));
    api.tag("Subscriptions")
        .post(
            "/v1/subscriptions",
            write,
            "createSubscription",
            "Create subscription",
            create,
        )
        .get(
            "/v1/subscriptions",
            open,
            "listSubscriptions",
            "List subscriptions",
            list,
        )
        .post(
            "/v1/subscriptions/search",
            open,
            "querySubscription",
            "Search subscriptions",
            search,
        )
        .post(
            "/v1/subscriptions/lineitems/search",
            open,
            "querySubscriptionLineItem",
            "Search subscription line items",
            search_line_items,
        )
        .post(
            "/v1/subscriptions/usage",
            open,
            "getSubscriptionUsage",
            "Usage and charges of a subscription",
            usage,
        )
        .get(
            "/v1/subscriptions/{id}",
            open,
            "getSubscription",
            "Get subscription",
            get,
        )
        .get(
            "/v1/subscriptions/{id}/v2",
            open,
            "getSubscriptionV2",
            "Get subscription with what expand asks for",
            get_expanded,
        )
        .post(
            "/v1/subscriptions/{id}/cancel",
            write,
            "cancelSubscription",
            "Cancel subscription",
            cancel,
        )
        .post(
            "/v1/subscriptions/addon",
            write,
            "addSubscriptionAddon",
            "Attach addon to subscription",
            attach_addon,
        )
        .delete(
            "/v1/subscriptions/addon",
            write,
            "removeSubscriptionAddon",
            "Detach addon from subscription",
            detach_addon,
        )
        .get(
            "/v1/subscriptions/{id}/addons/associations",
            open,
            "getSubscriptionAddonAssociations",
            "Active addon associations",
            addon_associations,
        )
}

async fn create(call: Call, Body(request): Body<CreateSubscriptionRequest>) -> Result<Created<SubscriptionResponse>> {
    Ok(Created(call.engine.create_subscription(&call.context, request).await?))
}

async fn list(call: Call, Query(filter): Query<SubscriptionFilter>) -> Result<Answer<ListSubscriptionsResponse>> {
    Ok(Answer(call.engine.list_subscriptions(&call.context, filter).await?))
}

async fn search(call: Call, Body(filter): Body<SubscriptionFilter>) -> Result<Answer<ListSubscriptionsResponse>> {
    Ok(Answer(call.engine.list_subscriptions(&call.context, filter).await?))
}

async fn search_line_items(
    call: Call,
    Body(filter): Body<SubscriptionLineItemFilter>,
) -> Result<Answer<ListSubscriptionLineItemsResponse>> {
    Ok(Answer(
        call.engine.list_subscription_line_items(&call.context, filter).await?,
    ))
}

async fn get(call: Call, Path(id): Path) -> Result<Answer<SubscriptionResponse>> {
    Ok(Answer(call.engine.get_subscription(&call.context, &id).await?))
}

async fn get_expanded(
    call: Call,
    Path(id): Path,
    Query(query): Query<ExpandQuery>,
) -> Result<Answer<SubscriptionResponseV2>> {
    let expand = query.expand.unwrap_or_default();
    Ok(Answer(
        call.engine
            .get_expanded_subscription(&call.context, &id, &expand)
            .await?,
    ))
}

async fn usage(
    call: Call,
    Body(request): Body<GetUsageBySubscriptionRequest>,
) -> Result<Answer<GetUsageBySubscriptionResponse>> {
    Ok(Answer(call.engine.subscription_usage(&call.context, request).await?))
}

async fn cancel(
    call: Call,
    Path(id): Path,
    Body(request): Body<CancelSubscriptionRequest>,
) -> Result<Answer<CancelSubscriptionResponse>> {
    Ok(Answer(
        call.engine.cancel_subscription(&call.context, &id, request).await?,
    ))
}

async fn attach_addon(
    call: Call,
    Body(request): Body<AddAddonRequest>,
) -> Result<Answer<AddAddonToSubscriptionResponse>> {
    Ok(Answer(call.engine.attach_addon(&call.context, request).await?))
}

async fn detach_addon(call: Call, Body(request): Body<RemoveAddonRequest>) -> Result<Answer<SuccessResponse>> {
    call.engine.detach_addon(&call.context, request).await?;
    Ok(Answer(SuccessResponse {
        message: "addon removed from subscription successfully".to_owned(),
    }))
}

async fn addon_associations(
    call: Call,
    Path(id): Path,
    Query(query): Query<ExpandQuery>,
) -> Result<Answer<ListAddonAssociationsResponse>> {
    let expand = query.expand.unwrap_or_default();
    Ok(Answer(
        call.engine.list_addon_associations(&call.context, &id, &expand).await?,
    ))
}
