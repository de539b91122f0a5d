//! Creating a coupon.

use tariff_contract::coupons::{CouponResponse, CreateCouponRequest};
use tariff_contract::error::ApiError;
use tariff_core::vocabulary::CouponType;
use tariff_core::{IdPrefix, Status};
use tariff_store::column::{Json, Number, Time, Word};
use tariff_store::entity::coupons;

use super::{discount_of, normal_code, response};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Result, on_duplicate};
use crate::ids::mint;
use crate::records::metadata_in;

/// Fractional digits of an amount that are kept (spec 03 §2.1).
const AMOUNT_DIGITS: u32 = 8;
/// Fractional digits of a percentage that are kept.
const PERCENTAGE_DIGITS: u32 = 4;

impl Engine {
    /// Creates a coupon.
    ///
    /// # Errors
    /// `validation_error` for field rules, `already_exists` when a published coupon has the code.
    pub async fn create_coupon(&self, context: &Context, request: CreateCouponRequest) -> Result<CouponResponse> {
        request.validate()?;
        let missing = |field: &str| ApiError::validation(format!("{field} is required")).detail(field, "is required");
        let kind = request.r#type.ok_or_else(|| missing("type"))?;
        let cadence = request.cadence.ok_or_else(|| missing("cadence"))?;
        let fixed = kind == CouponType::Fixed;
        let code = normal_code(&request.coupon_code.unwrap_or_default());
        let work = self.begin(context).await?;
        let coupon = coupons::Model {
            id: mint(IdPrefix::Coupon),
            tenant_id: String::new(),
            environment_id: String::new(),
            name: request.name.unwrap_or_default(),
            coupon_code: code.clone(),
            kind: Word(kind),
            amount_off: request
                .amount_off
                .filter(|_| fixed)
                .map(|amount| Number(amount.round(AMOUNT_DIGITS))),
            percentage_off: request
                .percentage_off
                .filter(|_| !fixed)
                .map(|percentage| Number(percentage.round(PERCENTAGE_DIGITS))),
            // Only an amount is in a currency.
            currency: request.currency.filter(|_| fixed).unwrap_or_default().to_lowercase(),
            cadence: Word(cadence),
            duration_in_periods: request.duration_in_periods,
            redeem_after: request.redeem_after.map(|instant| Time(instant.0)),
            redeem_before: request.redeem_before.map(|instant| Time(instant.0)),
            max_redemptions: request.max_redemptions,
            total_redemptions: 0,
            rules: request.rules.map(|rules| Json(serde_json::Value::Object(rules))),
            metadata: metadata_in(request.metadata),
            status: Word(Status::Published),
            created_at: Time(work.now),
            updated_at: Time(work.now),
            created_by: context.user_id.clone(),
            updated_by: context.user_id.clone(),
        };
        // Rounding must not have left nothing to take off.
        discount_of(&coupon).check()?;
        let inserted = work.rows().insert::<coupons::Entity>(coupon).await;
        let coupon = inserted.map_err(on_duplicate(|| {
            ApiError::already_exists("A coupon with this code already exists").detail("coupon_code", code)
        }))?;
        work.commit().await?;
        Ok(response(coupon))
    }
}
