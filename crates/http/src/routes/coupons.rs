//! `/v1/coupons` (spec 03 §4.5).

use tariff_contract::common::SuccessResponse;
use tariff_contract::coupons::{
    CouponAssociationFilter, CouponAssociationResponse, CouponFilter, CouponResponse, CreateCouponRequest,
    ListCouponAssociationsResponse, ListCouponsResponse, UpdateCouponRequest,
};
use tariff_engine::access::roles::Entity;

use crate::answer::{Answer, Created, Result};
use crate::api::{Api, Call};
use crate::gate::Access::{Open, Write};
use crate::input::{Body, Path, Query};

pub(super) fn register(api: Api) -> Api {
    let (open, write) = (Open(Entity::Coupon), Write(Entity::Coupon));
    api.tag("Coupons")
        .post("/v1/coupons", write, "createCoupon", "Create coupon", create)
        .get("/v1/coupons", open, "listCoupons", "List coupons", list)
        .post("/v1/coupons/search", open, "queryCoupon", "Search coupons", search)
        .get("/v1/coupons/{id}", open, "getCoupon", "Get coupon", get)
        .get(
            "/v1/coupons/code/{code}",
            open,
            "getCouponByCode",
            "Get coupon by code",
            get_by_code,
        )
        .put("/v1/coupons/{id}", write, "updateCoupon", "Update coupon", update)
        .delete("/v1/coupons/{id}", write, "deleteCoupon", "Archive coupon", delete)
        .tag("Coupon Associations")
        .get(
            "/v1/coupons/associations",
            open,
            "listCouponAssociations",
            "List coupon associations",
            list_associations,
        )
        .get(
            "/v1/coupons/associations/{id}",
            open,
            "getCouponAssociation",
            "Get coupon association",
            get_association,
        )
}

async fn create(call: Call, Body(request): Body<CreateCouponRequest>) -> Result<Created<CouponResponse>> {
    Ok(Created(call.engine.create_coupon(&call.context, request).await?))
}

async fn list(call: Call, Query(filter): Query<CouponFilter>) -> Result<Answer<ListCouponsResponse>> {
    Ok(Answer(call.engine.list_coupons(&call.context, filter).await?))
}

async fn search(call: Call, Body(filter): Body<CouponFilter>) -> Result<Answer<ListCouponsResponse>> {
    Ok(Answer(call.engine.list_coupons(&call.context, filter).await?))
}

async fn get(call: Call, Path(id): Path) -> Result<Answer<CouponResponse>> {
    Ok(Answer(call.engine.get_coupon(&call.context, &id).await?))
}

async fn get_by_code(call: Call, Path(code): Path) -> Result<Answer<CouponResponse>> {
    Ok(Answer(call.engine.get_coupon_by_code(&call.context, &code).await?))
}

async fn update(
    call: Call,
    Path(id): Path,
    Body(request): Body<UpdateCouponRequest>,
) -> Result<Answer<CouponResponse>> {
    Ok(Answer(call.engine.update_coupon(&call.context, &id, request).await?))
}

async fn delete(call: Call, Path(id): Path) -> Result<Answer<SuccessResponse>> {
    call.engine.delete_coupon(&call.context, &id).await?;
    let message = "Coupon deleted successfully".to_owned();
    Ok(Answer(SuccessResponse { message }))
}

async fn list_associations(
    call: Call,
    Query(filter): Query<CouponAssociationFilter>,
) -> Result<Answer<ListCouponAssociationsResponse>> {
    Ok(Answer(
        call.engine.list_coupon_associations(&call.context, filter).await?,
    ))
}

async fn get_association(call: Call, Path(id): Path) -> Result<Answer<CouponAssociationResponse>> {
    Ok(Answer(call.engine.get_coupon_association(&call.context, &id).await?))
}
