//! Coupons, their associations and applications on the wire (spec 03 §3.7).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{CouponCadence, CouponType, Status};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::filter::{FilterCondition, Sort, SortCondition, SortDirection};
use crate::list::{ListOptions, ListQuery, StatusFilter, list_response};
use crate::metadata::Metadata;
use crate::time::DateTime;
use crate::validate::{FieldErrors, NAME_CHARS_MAX};
use crate::wire::blank_as_none;

mod associations;

pub use associations::*;

/// A new coupon.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateCouponRequest {
    /// Name shown to people.
    #[schema(required = true)]
    pub name: Option<String>,
    /// Money taken off; for fixed coupons.
    pub amount_off: Option<Decimal>,
    /// How often it applies.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub cadence: Option<CouponCadence>,
    /// What customers type; any letter case.
    pub coupon_code: Option<String>,
    /// Lower-case ISO 4217 code.
    pub currency: Option<String>,
    /// Number of periods; for `repeated` coupons.
    pub duration_in_periods: Option<i64>,
    /// Most uses; absent means no bound.
    pub max_redemptions: Option<i64>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Percentage taken off, up to 100.
    pub percentage_off: Option<Decimal>,
    /// First instant of redemption.
    #[schema(value_type = Option<String>)]
    pub redeem_after: Option<DateTime>,
    /// Last instant of redemption.
    #[schema(value_type = Option<String>)]
    pub redeem_before: Option<DateTime>,
    /// Stored and not evaluated.
    pub rules: Option<Map<String, Value>>,
    /// Kind of coupon.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub r#type: Option<CouponType>,
}

/// A change of a coupon: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateCouponRequest {
    /// Name shown to people.
    pub name: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
}

/// A coupon.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CouponResponse {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Money taken off; for fixed coupons.
    pub amount_off: Decimal,
    /// How often it applies.
    pub cadence: CouponCadence,
    /// What customers type; any letter case.
    pub coupon_code: String,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Number of periods; for `repeated` coupons.
    pub duration_in_periods: Option<i64>,
    /// Most uses; absent means no bound.
    pub max_redemptions: Option<i64>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Percentage taken off, up to 100.
    pub percentage_off: Decimal,
    /// First instant of redemption.
    #[schema(value_type = Option<String>)]
    pub redeem_after: Option<DateTime>,
    /// Last instant of redemption.
    #[schema(value_type = Option<String>)]
    pub redeem_before: Option<DateTime>,
    /// Stored and not evaluated.
    #[serialize_always]
    pub rules: Option<Map<String, Value>>,
    /// Uses so far.
    pub total_redemptions: i64,
    /// Kind of coupon.
    pub r#type: CouponType,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Creation.
    pub created_at: DateTime,
    /// Last change.
    pub updated_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// User who changed it last.
    pub updated_by: String,
}

/// A coupon as stored.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Coupon {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Money taken off; for fixed coupons.
    pub amount_off: Decimal,
    /// How often it applies.
    pub cadence: CouponCadence,
    /// What customers type; any letter case.
    pub coupon_code: String,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Number of periods; for `repeated` coupons.
    pub duration_in_periods: Option<i64>,
    /// Most uses; absent means no bound.
    pub max_redemptions: Option<i64>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Percentage taken off, up to 100.
    pub percentage_off: Decimal,
    /// First instant of redemption.
    #[schema(value_type = Option<String>)]
    pub redeem_after: Option<DateTime>,
    /// Last instant of redemption.
    #[schema(value_type = Option<String>)]
    pub redeem_before: Option<DateTime>,
    /// Stored and not evaluated.
    #[serialize_always]
    pub rules: Option<Map<String, Value>>,
    /// Uses so far.
    pub total_redemptions: i64,
    /// Kind of coupon.
    pub r#type: CouponType,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Creation.
    pub created_at: DateTime,
    /// Last change.
    pub updated_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// User who changed it last.
    pub updated_by: String,
}

list_response! {
    /// A page of coupons.
    ListCouponsResponse of CouponResponse
}

/// Which coupons to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::CouponFilter)]
pub struct CouponFilter {
    /// Coupon codes.
    pub coupon_codes: Option<Vec<String>>,
    /// Only these coupons.
    pub coupon_ids: Option<Vec<String>>,
    /// Related records to embed, separated by commas.
    pub expand: Option<String>,
    /// Accepted values by property.
    pub filters: Option<Vec<FilterCondition>>,
    /// Items of a page; 0 or absent means 50.
    #[schema(minimum = 1, maximum = 1000)]
    pub limit: Option<i64>,
    /// Items to skip.
    #[schema(minimum = 0)]
    pub offset: Option<i64>,
    /// `asc` or `desc`.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(inline)]
    pub order: Option<SortDirection>,
    /// Keys of the order.
    #[schema(value_type = Option<Vec<SortCondition>>)]
    pub sort: Option<Sort>,
    /// Lifecycle state of the record.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(value_type = Option<Status>)]
    pub status: Option<StatusFilter>,
}

impl CouponFilter {
    /// The members that every list shares, checked and with defaults applied.
    ///
    /// # Errors
    /// `validation_error` when one is out of bounds (spec 01 A10, A11).
    pub fn list_options(&self) -> Result<ListOptions, ApiError> {
        ListQuery {
            limit: self.limit,
            offset: self.offset,
            order: self.order,
            status: self.status,
            expand: self.expand.clone(),
            sort: self.sort.clone(),
            filters: self.filters.clone(),
            start_time: None,
            end_time: None,
        }
        .resolve()
    }
}

/// Most redemptions that a coupon may allow.
pub const REDEMPTIONS_MAX: i64 = 1_000_000;

/// Integer digits that an amount may have (spec 03 §2.1).
const AMOUNT_INTEGER_DIGITS_MAX: u32 = 12;

impl CreateCouponRequest {
    /// Checks the field rules (spec 03 §3.7).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required_text("name", self.name.as_ref(), NAME_CHARS_MAX);
        errors.length("coupon_code", self.coupon_code.as_deref().map(str::trim), 0, 100);
        errors.present("type", self.r#type.as_ref());
        errors.present("cadence", self.cadence.as_ref());
        match self.r#type {
            Some(CouponType::Fixed) => {
                errors.present("amount_off", self.amount_off.as_ref());
                errors.positive("amount_off", self.amount_off.as_ref());
                errors.integer_digits("amount_off", self.amount_off.as_ref(), AMOUNT_INTEGER_DIGITS_MAX);
                errors.currency("currency", self.currency.as_deref().filter(|code| !code.is_empty()));
            }
            Some(CouponType::Percentage) => {
                errors.present("percentage_off", self.percentage_off.as_ref());
                errors.positive("percentage_off", self.percentage_off.as_ref());
                let whole = Decimal::from(100);
                let within = self
                    .percentage_off
                    .as_ref()
                    .is_none_or(|percentage| *percentage <= whole);
                errors.check(within, "percentage_off", "must be at most 100");
            }
            None => {}
        }
        if self.cadence == Some(CouponCadence::Repeated) {
            let some = self.duration_in_periods.is_some_and(|periods| periods >= 1);
            errors.check(some, "duration_in_periods", "must be at least 1");
        } else {
            let none = self.duration_in_periods.is_none();
            errors.check(none, "duration_in_periods", "is only for repeated coupons");
        }
        let bounded = self
            .max_redemptions
            .is_none_or(|count| (1..=REDEMPTIONS_MAX).contains(&count));
        errors.check(bounded, "max_redemptions", "must be between 1 and 1000000");
        let ordered = self
            .redeem_after
            .zip(self.redeem_before)
            .is_none_or(|(after, before)| after <= before);
        errors.check(ordered, "redeem_before", "must not be before redeem_after");
        errors.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        for (body, failed) in [
            (r#"{"name":"c","type":"fixed","cadence":"once","amount_off":"5"}"#, None),
            (
                r#"{"name":"c","type":"fixed","cadence":"once","amount_off":"0"}"#,
                Some("amount_off"),
            ),
            (
                r#"{"name":"c","type":"percentage","cadence":"forever","percentage_off":"100"}"#,
                None,
            ),
            (
                r#"{"name":"c","type":"percentage","cadence":"forever","percentage_off":"100.1"}"#,
                Some("percentage_off"),
            ),
            (
                r#"{"name":"c","type":"fixed","cadence":"repeated","amount_off":"5"}"#,
                Some("duration_in_periods"),
            ),
            (
                r#"{"name":"c","type":"fixed","cadence":"once","amount_off":"5","duration_in_periods":2}"#,
                Some("duration_in_periods"),
            ),
            (
                r#"{"name":"c","type":"fixed","cadence":"once","amount_off":"5","max_redemptions":0}"#,
                Some("max_redemptions"),
            ),
        ] {
            let request: CreateCouponRequest = serde_json::from_str(body).unwrap();
            let failing = request
                .validate()
                .err()
                .and_then(|error| error.details.into_keys().next());
            assert_eq!(failing.as_deref(), failed, "{body}");
        }
    }
}
