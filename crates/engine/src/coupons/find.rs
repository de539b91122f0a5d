//! Reading coupons.

use tariff_contract::Pagination;
use tariff_contract::coupons::{CouponFilter, CouponResponse, ListCouponsResponse};
use tariff_store::entity::coupons;

use super::{get, get_by_code, normal_code, response};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::listing::{self, DefaultStatus, TimeRange};
use crate::records::Narrow;

impl Engine {
    /// The coupon of this id, whatever its status.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_coupon(&self, context: &Context, id: &str) -> Result<CouponResponse> {
        Ok(response(get(&self.read().scoped(&context.scope), id).await?))
    }

    /// The published coupon of this code, in any letter case.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_coupon_by_code(&self, context: &Context, code: &str) -> Result<CouponResponse> {
        Ok(response(get_by_code(&self.read().scoped(&context.scope), code).await?))
    }

    /// The coupons that match. The page's offset is the request's (spec 01 A10).
    ///
    /// # Errors
    /// `validation_error` for bad paging, filters or sort keys.
    pub async fn list_coupons(&self, context: &Context, filter: CouponFilter) -> Result<ListCouponsResponse> {
        let options = filter.list_options()?;
        let codes = |codes: Vec<String>| codes.iter().map(|code| normal_code(code)).collect();
        let listing = listing::of(&options, DefaultStatus::Published, TimeRange::On("created_at"))
            .within_if("id", filter.coupon_ids)
            .within_if("coupon_code", filter.coupon_codes.map(codes));
        let (coupons, total) = self
            .read()
            .scoped(&context.scope)
            .page::<coupons::Entity>(&listing)
            .await?;
        Ok(ListCouponsResponse {
            items: coupons.into_iter().map(response).collect(),
            pagination: Pagination::at(total, options.limit, options.offset),
        })
    }
}
