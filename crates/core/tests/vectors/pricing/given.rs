//! Prices, coupons and tax rates as the vectors write them.

use serde::Deserialize;
use serde_json::Value;
use tariff_core::discount::Coupon;
use tariff_core::pricing::Tier;
use tariff_core::tax::TaxRate;
use tariff_core::vocabulary::{BillingModel, CouponType, TaxRateType, TierMode};
use tariff_core::{Currency, Decimal, Pricing};

use super::Transform;
use crate::support::{input, text};

#[derive(Deserialize)]
pub struct GivenPrice {
    pub currency: Option<String>,
    pub billing_model: BillingModel,
    pub amount: Option<Decimal>,
    pub transform_quantity: Option<Transform>,
    pub tier_mode: Option<TierMode>,
    pub tiers: Option<Vec<Tier>>,
}

pub fn price(given: &Value) -> Result<(GivenPrice, Pricing), String> {
    let price: GivenPrice = input(given)?;
    let pricing = price.pricing()?;
    Ok((price, pricing))
}

pub fn currency(code: &Value) -> Result<Currency, String> {
    Currency::parse(code.as_str().ok_or("the currency is missing")?).map_err(text)
}

#[derive(Deserialize)]
pub struct GivenCoupon {
    #[serde(rename = "type")]
    coupon_type: CouponType,
    amount_off: Option<Decimal>,
    percentage_off: Option<Decimal>,
}

impl GivenCoupon {
    pub fn coupon(&self) -> Result<Coupon, String> {
        let coupon = match self.coupon_type {
            CouponType::Fixed => Coupon::Fixed {
                amount_off: self.amount_off.clone().ok_or("amount_off is missing")?,
            },
            CouponType::Percentage => Coupon::Percentage {
                percentage_off: self.percentage_off.clone().ok_or("percentage_off is missing")?,
            },
        };
        coupon.check().map_err(text)?;
        Ok(coupon)
    }
}

#[derive(Deserialize)]
pub struct GivenTaxRate {
    pub code: Option<String>,
    tax_rate_type: TaxRateType,
    percentage_value: Option<Decimal>,
    fixed_value: Option<Decimal>,
}

impl GivenTaxRate {
    pub fn rate(&self) -> Result<TaxRate, String> {
        let rate = match self.tax_rate_type {
            TaxRateType::Percentage => {
                TaxRate::Percentage(self.percentage_value.clone().ok_or("percentage_value is missing")?)
            }
            TaxRateType::Fixed => TaxRate::Fixed(self.fixed_value.clone().ok_or("fixed_value is missing")?),
        };
        rate.check().map_err(text)?;
        Ok(rate)
    }
}
