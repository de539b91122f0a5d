//! `pricing.json`: prices, coupons, taxes, allowances and line commitments (spec 03 §6).

use serde::Deserialize;
use serde_json::{Value, json};
use tariff_core::discount::discount_lines;
use tariff_core::entitlement::{
    AllowanceReset, AllowanceUsage, EntitlementRow, FeatureEntitlement, aggregate, billable,
};
use tariff_core::pricing::{PricingParts, display_amount, line_price_unit_amount};
use tariff_core::tax::apply_taxes;
use tariff_core::vocabulary::{
    BillingPeriod, EntitlementAggregationMode, FeatureType, PriceType, RoundType, UsageResetPeriod,
};
use tariff_core::{Currency, Decimal, Pricing, Timestamp};

use crate::support::{Case, Failure, input, run_each, text, unknown};

pub mod given;
pub mod line_commitment;

use given::{GivenCoupon, GivenPrice, GivenTaxRate, currency};

pub fn run(cases: &[Case]) -> Vec<Failure> {
    run_each(cases, "kind", calculate)
}

fn calculate(kind: &str, given: &Value) -> Result<Value, String> {
    match kind {
        "price_calculation" => price_calculation(given),
        "bucketed_price_calculation" => bucketed_price_calculation(given),
        "price_unit" => price_unit(given),
        "coupon_discount" => coupon_discount(given),
        "invoice_discounts" => invoice_discounts(given),
        "invoice_taxes" => invoice_taxes(given),
        "entitlement_allowance" => entitlement_allowance(given),
        "entitlement_aggregation" => entitlement_aggregation(given),
        "display_amount" => display(given),
        "line_item_commitment" => line_commitment::plain(given),
        "windowed_line_item_commitment" => line_commitment::windowed(given),
        "time_of_day_commitment" => line_commitment::time_of_day(given),
        _ => unknown(kind),
    }
}

fn price_calculation(given: &Value) -> Result<Value, String> {
    let (price, pricing): (GivenPrice, Pricing) = given::price(&given["price"])?;
    let quantity: Decimal = input(&given["quantity"])?;
    let explanation = pricing.explain(&quantity);
    let cost = pricing.cost(&quantity);
    if explanation.amount != cost {
        return Err(format!(
            "explained amount {} differs from cost {cost}",
            explanation.amount
        ));
    }
    let tiers: Vec<Value> = explanation
        .tiers
        .iter()
        .map(|tier| {
            json!({
                "index": tier.index,
                "quantity": tier.quantity,
                "unit_amount": tier.unit_amount,
                "flat_amount": tier.flat_amount,
                "amount": tier.amount,
            })
        })
        .collect();
    let index = explanation.selected_tier_index.map_or(json!(-1), |index| json!(index));
    Ok(json!({
        "amount": cost,
        "amount_rounded": price.currency()?.round(&cost),
        "breakdown": {
            "selected_tier_index": index,
            "tier_unit_amount": explanation.tier_unit_amount,
            "effective_unit_amount": explanation.effective_unit_amount,
        },
        "tiers": tiers,
    }))
}

fn bucketed_price_calculation(given: &Value) -> Result<Value, String> {
    let (price, pricing) = given::price(&given["price"])?;
    let values: Vec<Decimal> = input(&given["bucket_quantities"])?;
    let cost = pricing.bucketed_cost(&values);
    Ok(json!({
        "bucket_amounts": cost.bucket_amounts,
        "quantity": cost.quantity,
        "amount_rounded": price.currency()?.round(&cost.amount),
        "amount": cost.amount,
    }))
}

fn price_unit(given: &Value) -> Result<Value, String> {
    let rate: Decimal = input(&given["price_unit"]["conversion_rate"])?;
    let base_currency = currency(&given["price_unit"]["base_currency"])?;
    let price_type: PriceType = input(&given["price"]["type"])?;
    let quantity: Decimal = input(&given["quantity"])?;
    let mut unit_price = given["price"].clone();
    unit_price["amount"] = unit_price["price_unit_config"]["amount"].clone();
    unit_price["tiers"] = unit_price["price_unit_config"]["price_unit_tiers"].clone();
    let pricing = given::price(&unit_price)?.1.converted(&rate);
    let cost = pricing.cost(&quantity);
    let (amount, tiers) = match &pricing {
        Pricing::FlatFee { amount } | Pricing::Package { amount, .. } => (Some(amount), None),
        Pricing::Tiered { tiers, .. } => (None, Some(tiers)),
    };
    Ok(json!({
        "amount": amount,
        "tiers": tiers,
        "calculated_amount": cost,
        "calculated_amount_rounded": base_currency.round(&cost),
        "line_price_unit_amount": line_price_unit_amount(price_type, &cost, &rate, &base_currency).map_err(text)?,
    }))
}

fn coupon_discount(given: &Value) -> Result<Value, String> {
    let coupon: GivenCoupon = input(&given["coupon"])?;
    let price: Decimal = input(&given["original_price"])?;
    let discounted = coupon.coupon()?.apply(&price, &currency(&given["currency"])?);
    Ok(json!({ "discounted_amount": discounted.discount, "final_price": discounted.final_price }))
}

#[derive(Deserialize)]
struct CouponedLine {
    amount: Decimal,
    #[serde(default)]
    coupons: Vec<GivenCoupon>,
}

fn invoice_discounts(given: &Value) -> Result<Value, String> {
    let lines: Vec<CouponedLine> = input(&given["line_items"])?;
    let invoice_coupons: Vec<GivenCoupon> = input(&given["invoice_coupons"])?;
    let amounts: Vec<Decimal> = lines.iter().map(|line| line.amount.clone()).collect();
    let mut line_coupons = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        for coupon in &line.coupons {
            line_coupons.push((index, coupon.coupon()?));
        }
    }
    let coupons: Result<Vec<_>, _> = invoice_coupons.iter().map(GivenCoupon::coupon).collect();
    let discounts = discount_lines(&amounts, &line_coupons, &coupons?, &currency(&given["currency"])?);
    let subtotal: Decimal = amounts.iter().sum();
    let coupon_discounts: Vec<&Decimal> = discounts
        .invoice_coupons
        .iter()
        .map(|coupon| &coupon.discount)
        .collect();
    Ok(json!({
        "line_item_discounts": discounts.line_item_discounts,
        "invoice_coupon_discounts": coupon_discounts,
        "invoice_level_discounts": discounts.invoice_level_discounts,
        "total": &subtotal - &discounts.total_discount,
        "subtotal": subtotal,
        "total_discount": discounts.total_discount,
    }))
}

fn invoice_taxes(given: &Value) -> Result<Value, String> {
    let rates: Vec<GivenTaxRate> = input(&given["tax_rates"])?;
    let rates: Result<Vec<_>, _> = rates.iter().map(GivenTaxRate::rate).collect();
    let subtotal: Decimal = input(&given["subtotal"])?;
    let discount: Decimal = input(&given["total_discount"])?;
    let credits: Decimal = input(&given["total_prepaid_credits_applied"])?;
    let taxes = apply_taxes(&subtotal, &discount, &rates?, &currency(&given["currency"])?);
    let owed = &(&subtotal - &credits) - &discount;
    Ok(json!({
        "taxable_amount": taxes.taxable_amount,
        "tax_amounts": taxes.amounts,
        "total": (owed + &taxes.total_tax).floor_at_zero(),
        "total_tax": taxes.total_tax,
    }))
}

fn entitlement_allowance(given: &Value) -> Result<Value, String> {
    let (price, pricing) = given::price(&given["price"])?;
    let limit: Option<Decimal> = input(&given["usage_limit"])?;
    let reset: Option<UsageResetPeriod> = input(&given["usage_reset_period"])?;
    let billing: BillingPeriod = input(&given["billing_period"])?;
    let usage = match AllowanceReset::of(reset, billing, 1) {
        AllowanceReset::Day | AllowanceReset::Month => {
            let used: Vec<Decimal> = input(&given["usage_windows"])?;
            // The cases do not name their windows; each is one of its own.
            let windows = (0..).map(|second| Timestamp::from_second(second).unwrap_or_default());
            AllowanceUsage::Windows(windows.zip(used).collect())
        }
        AllowanceReset::BillingPeriod => AllowanceUsage::Total(input(&given["usage_quantity"])?),
        // Nothing was used before the only period of the case.
        AllowanceReset::Never => AllowanceUsage::SinceStart {
            before: Decimal::zero(),
            through: input(&given["usage_quantity"])?,
        },
    };
    let charge = billable(limit.as_ref(), &usage);
    Ok(json!({
        "amount_rounded": price.currency()?.round(&pricing.cost(&charge.billable_quantity)),
        "billable_quantity": charge.billable_quantity,
        "adjusted_entitlement_quantity": charge.covered_quantity,
    }))
}

#[derive(Deserialize)]
struct GivenEntitlement {
    is_enabled: bool,
    usage_limit: Option<i64>,
    usage_reset_period: Option<UsageResetPeriod>,
    #[serde(default)]
    is_soft_limit: bool,
    aggregation_mode: Option<EntitlementAggregationMode>,
    #[serde(default)]
    static_value: String,
    #[serde(default)]
    config_value: serde_json::Map<String, Value>,
}

fn entitlement_aggregation(given: &Value) -> Result<Value, String> {
    let feature_type: FeatureType = input(&given["feature_type"])?;
    let rows: Vec<GivenEntitlement> = input(&given["entitlements"])?;
    let rows: Vec<EntitlementRow> = rows
        .into_iter()
        .map(|row| EntitlementRow {
            is_enabled: row.is_enabled,
            usage_limit: row.usage_limit,
            usage_reset_period: row.usage_reset_period,
            is_soft_limit: row.is_soft_limit,
            aggregation_mode: row.aggregation_mode,
            static_value: row.static_value,
            config_value: row.config_value,
        })
        .collect();
    let combined = aggregate(feature_type, &rows).map_err(text)?;
    Ok(match combined {
        None => json!({ "is_enabled": false }),
        Some(FeatureEntitlement::Boolean) => json!({ "is_enabled": true }),
        Some(FeatureEntitlement::Static(values)) => json!({ "is_enabled": true, "static_values": values }),
        Some(FeatureEntitlement::Config(values)) => json!({ "is_enabled": true, "config_values": values }),
        Some(FeatureEntitlement::Metered(metered)) => json!({
            "is_enabled": true,
            "usage_limit": metered.usage_limit,
            "is_soft_limit": metered.is_soft_limit,
            "usage_reset_period": metered.usage_reset_period,
            "aggregation_mode": metered.aggregation_mode,
            "buckets": metered.buckets,
        }),
    })
}

fn display(given: &Value) -> Result<Value, String> {
    let amount: Option<Decimal> = input(&given["amount"])?;
    Ok(json!({ "display_amount": display_amount(&currency(&given["currency"])?, amount.as_ref()) }))
}

#[derive(Deserialize)]
pub struct Transform {
    divide_by: u64,
    round: Option<RoundType>,
}

impl GivenPrice {
    pub fn currency(&self) -> Result<Currency, String> {
        let code = self.currency.as_ref().ok_or("the price has no currency")?;
        Currency::parse(code).map_err(text)
    }

    pub fn pricing(&self) -> Result<Pricing, String> {
        let transform = self.transform_quantity.as_ref();
        let parts = PricingParts {
            amount: self.amount.clone(),
            divide_by: transform.map(|transform| transform.divide_by),
            round: transform.and_then(|transform| transform.round),
            tier_mode: self.tier_mode,
            tiers: self.tiers.clone().unwrap_or_default(),
        };
        parts.pricing(self.billing_model).map_err(text)
    }
}
