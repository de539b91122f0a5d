//! Renaming and archiving a coupon.

use tariff_contract::coupons::{CouponResponse, UpdateCouponRequest};
use tariff_contract::validate::{FieldErrors, NAME_CHARS_MAX};
use tariff_core::Status;
use tariff_store::column::{Time, Word};
use tariff_store::entity::coupons;
use tariff_store::set;

use super::{get, response};
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::Result;
use crate::records::metadata_in;

impl Engine {
    /// Updates name and metadata.
    ///
    /// # Errors
    /// `validation_error` for field rules; `not_found`.
    pub async fn update_coupon(
        &self,
        context: &Context,
        id: &str,
        request: UpdateCouponRequest,
    ) -> Result<CouponResponse> {
        let mut errors = FieldErrors::new();
        errors.length("name", request.name.as_deref(), 1, NAME_CHARS_MAX);
        errors.finish()?;
        let work = self.begin(context).await?;
        let mut changes = stamped(&work);
        if let Some(name) = request.name {
            changes.name = set(name);
        }
        if request.metadata.is_some() {
            changes.metadata = set(metadata_in(request.metadata));
        }
        let updated = work.rows().update::<coupons::Entity>(id, changes).await?;
        let coupon = match updated {
            Some(coupon) => coupon,
            None => get(&work.rows(), id).await?,
        };
        work.commit().await?;
        Ok(response(coupon))
    }

    /// Archives a coupon; running associations of it stop discounting. An unknown id is no error (spec 03 §4.5).
    ///
    /// # Errors
    /// Storage failures only.
    pub async fn delete_coupon(&self, context: &Context, id: &str) -> Result<()> {
        let work = self.begin(context).await?;
        let changes = coupons::ActiveModel {
            status: set(Word(Status::Archived)),
            ..stamped(&work)
        };
        work.rows().update::<coupons::Entity>(id, changes).await?;
        work.commit().await
    }
}

fn stamped(work: &Work<'_>) -> coupons::ActiveModel {
    coupons::ActiveModel {
        updated_at: set(Time(work.now)),
        updated_by: set(work.context.user_id.clone()),
        ..Default::default()
    }
}
