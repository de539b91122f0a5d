//! Laws of coupons (spec 03 §5.13, spec 05 §5.4-5.5).

use proptest::prelude::*;
use tariff_core::Decimal;
use tariff_core::discount::{discount_lines, distribute};

use crate::inputs::{config, coupon, currency, money};

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_discount_never_exceeds_its_price(coupon in coupon(), price in money(), currency in currency()) {
        let discounted = coupon.apply(&price, &currency);
        prop_assert!(!discounted.discount.is_negative());
        prop_assert!(!discounted.final_price.is_negative());
        prop_assert_eq!(discounted.discount + discounted.final_price, price);
    }

    #[test]
    fn shares_add_up_and_fit_their_lines(
        nets in prop::collection::vec(money(), 1..12), share_of in 0_u32..=100, currency in currency(),
    ) {
        let nets: Vec<Decimal> = nets.iter().map(|net| currency.round(net)).collect();
        let sum: Decimal = nets.iter().sum();
        let discount = currency.round(&sum.percent(&Decimal::from(share_of)));
        let shares = distribute(&discount, &nets, &currency);
        prop_assert_eq!(shares.iter().sum::<Decimal>(), discount);
        for (share, net) in shares.iter().zip(&nets) {
            prop_assert!(!share.is_negative() && share <= net);
        }
    }

    #[test]
    fn discounts_of_an_invoice_never_exceed_its_lines(
        amounts in prop::collection::vec(money(), 1..8),
        line_coupons in prop::collection::vec((0_usize..8, coupon()), 0..5),
        invoice_coupons in prop::collection::vec(coupon(), 0..4),
        currency in currency(),
    ) {
        let amounts: Vec<Decimal> = amounts.iter().map(|amount| currency.round(amount)).collect();
        let discounts = discount_lines(&amounts, &line_coupons, &invoice_coupons, &currency);
        for (index, amount) in amounts.iter().enumerate() {
            let taken = &discounts.line_item_discounts[index] + &discounts.invoice_level_discounts[index];
            prop_assert!(taken <= *amount);
        }
        let on_lines: Decimal = discounts.line_item_discounts.iter().sum();
        let spread: Decimal = discounts.invoice_level_discounts.iter().sum();
        let by_coupons: Decimal = discounts.invoice_coupons.iter().map(|applied| &applied.discount).sum();
        prop_assert_eq!(&spread, &by_coupons);
        prop_assert_eq!(on_lines + spread, discounts.total_discount);
    }
}
