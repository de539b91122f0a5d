//! How long the calculations of a bill take.

#![allow(clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use jiff::tz::TimeZone;
use tariff_core::calendar::zone;
use tariff_core::credits::{CreditSize, DebitRequest, Ledger, NewCredit, Wallet};
use tariff_core::discount::Coupon;
use tariff_core::invoice::{InvoiceCalculation, InvoiceStage, LineAmount, PrepaidWallet};
use tariff_core::pricing::{Tier, Tiers};
use tariff_core::tax::TaxRate;
use tariff_core::vocabulary::{
    BillingPeriod, BillingReason, PriceType, TierMode, TransactionReason, WalletStatus, WalletType,
};
use tariff_core::{Currency, Decimal, Pricing, Schedule, Timestamp};

fn ladder(mode: TierMode, count: u64) -> Pricing {
    let tiers = (1..=count).map(|index| Tier {
        up_to: (index < count).then_some(index * 1_000),
        unit_amount: Decimal::new(i128::from(200 - index), 4),
        flat_amount: None,
    });
    Pricing::Tiered {
        mode,
        tiers: Tiers::new(tiers.collect()),
    }
}

fn prices(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("price");
    for count in [1, 10, 100] {
        // A quantity that enters every tier.
        let quantity = Decimal::new(i128::from(count) * 1_000_123_456, 6);
        for mode in [TierMode::Volume, TierMode::Slab] {
            let pricing = ladder(mode, count);
            let id = BenchmarkId::new(mode.as_str().to_lowercase(), format!("{count} tiers"));
            group.bench_function(id, |bencher| bencher.iter(|| pricing.cost(black_box(&quantity))));
        }
    }
    group.finish();
}

fn periods(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("period");
    let start: Timestamp = "2024-01-31T10:00:00Z".parse().unwrap();
    for (name, zone) in [("UTC", TimeZone::UTC), ("New York", zone("America/New_York"))] {
        let schedule = Schedule {
            anchor: start,
            period: BillingPeriod::Monthly,
            count: 1,
            zone,
            end: None,
        };
        group.bench_function(BenchmarkId::new("next boundary", name), |bencher| {
            bencher.iter(|| schedule.next_boundary(black_box(start)).unwrap());
        });
        let two_years_on: Timestamp = "2026-01-15T00:00:00Z".parse().unwrap();
        group.bench_function(BenchmarkId::new("lookup 24 months on", name), |bencher| {
            bencher.iter(|| schedule.period_containing(start, black_box(two_years_on)).unwrap());
        });
    }
    group.finish();
}

fn invoices(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("invoice totals");
    let currency = Currency::parse("usd").unwrap();
    let wallets = [PrepaidWallet {
        wallet_type: WalletType::PrePaid,
        status: WalletStatus::Active,
        currency: currency.clone(),
        spendable: Decimal::from(500),
    }];
    let percent = |percentage_off: i32| Coupon::Percentage {
        percentage_off: Decimal::from(percentage_off),
    };
    let (line_coupons, invoice_coupons) = ([(0, percent(15))], [percent(10)]);
    let tax_rates = [TaxRate::Percentage(Decimal::new(825, 2))];
    for count in [10, 1_000] {
        let lines: Vec<LineAmount> = (0..count)
            .map(|index| LineAmount {
                price_type: if index % 2 == 0 {
                    PriceType::Usage
                } else {
                    PriceType::Fixed
                },
                amount: Decimal::new(1_234_567 + i128::from(index) * 789, 4),
            })
            .collect();
        let calculation = InvoiceCalculation {
            currency: &currency,
            stage: InvoiceStage::Finalized,
            reason: BillingReason::SubscriptionCycle,
            lines: &lines,
            line_coupons: &line_coupons,
            invoice_coupons: &invoice_coupons,
            wallets: &wallets,
            tax_rates: &tax_rates,
        };
        group.bench_function(BenchmarkId::from_parameter(format!("{count} lines")), |bencher| {
            bencher.iter(|| black_box(&calculation).totals());
        });
    }
    group.finish();
}

fn burn_down(criterion: &mut Criterion) {
    let now: Timestamp = "2025-06-01T00:00:00Z".parse().unwrap();
    let wallet = Wallet::open(WalletType::PrePaid, Decimal::one(), Decimal::one()).unwrap();
    let mut ledger = Ledger {
        wallet,
        credits: Vec::new(),
    };
    for index in 0..1_000_i64 {
        ledger
            .add(NewCredit {
                id: format!("wtxn_{index:026}"),
                reason: TransactionReason::FreeCreditGrant,
                credits: Decimal::new(10_000_000_001 + i128::from(index * 37 % 101), 9),
                priority: (index % 3 > 0).then_some(index % 3),
                expiry: (index % 2 == 0).then(|| now + jiff::SignedDuration::from_hours(index + 1)),
                created_at: now,
            })
            .unwrap();
    }
    let everything = DebitRequest {
        size: CreditSize::Credits(ledger.wallet.credit_balance.clone()),
        reason: TransactionReason::InvoicePayment,
        eligible_at: now,
    };
    criterion.bench_function("burn down 1,000 credits", |bencher| {
        bencher.iter_batched(
            || ledger.clone(),
            |mut ledger| {
                let debit = ledger.debit(black_box(&everything)).unwrap();
                (ledger, debit)
            },
            criterion::BatchSize::SmallInput,
        );
    });
}

criterion_group!(benches, prices, periods, invoices, burn_down);
criterion_main!(benches);
