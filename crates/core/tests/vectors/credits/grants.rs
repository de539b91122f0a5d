//! Timelines of a credit grant among the credit vectors.

use serde::Deserialize;
use serde_json::{Value, json};
use tariff_core::calendar::zone;
use tariff_core::credits::{
    BillingPeriods, CreditLife, GRANT_CHAIN_MAX, Grant, GrantApplication, GrantDecision, GrantExpiry, GrantSchedule,
    Ledger, NewCredit, Wallet, decide,
};
use tariff_core::proration::{elapsed_ratio, prorated_credits};
use tariff_core::vocabulary::{
    ApplicationStatus, BillingPeriod, CreditGrantCadence, CreditGrantExpiryDurationUnit, CreditGrantExpiryType,
    SubscriptionStatus, TransactionReason, WalletType,
};
use tariff_core::{Decimal, Period, Schedule, Timestamp};

use crate::support::{input, text};

#[derive(Deserialize)]
struct GivenSubscription {
    start_date: Timestamp,
    billing_anchor: Timestamp,
    billing_period: BillingPeriod,
    billing_period_count: i64,
    timezone: String,
    subscription_status: SubscriptionStatus,
    current_period_start: Timestamp,
    current_period_end: Timestamp,
    end_date: Option<Timestamp>,
}

impl GivenSubscription {
    fn periods(&self) -> BillingPeriods {
        BillingPeriods {
            current: Period::new(self.current_period_start, self.current_period_end),
            start: self.start_date,
            schedule: Schedule {
                anchor: self.billing_anchor,
                period: self.billing_period,
                count: self.billing_period_count,
                zone: zone(&self.timezone),
                end: self.end_date,
            },
        }
    }
}

#[derive(Deserialize)]
struct GivenGrant {
    credits: Decimal,
    cadence: CreditGrantCadence,
    expiration_type: CreditGrantExpiryType,
    expiration_duration: Option<i64>,
    expiration_duration_unit: Option<CreditGrantExpiryDurationUnit>,
    start_date: Timestamp,
    end_date: Option<Timestamp>,
    credit_grant_anchor: Option<Timestamp>,
    period: Option<BillingPeriod>,
    period_count: Option<i64>,
    priority: Option<i64>,
}

impl GivenGrant {
    fn grant(&self, timezone: &str) -> Result<Grant, String> {
        let schedule = match self.cadence {
            CreditGrantCadence::Onetime => GrantSchedule::OneTime,
            CreditGrantCadence::Recurring => GrantSchedule::Recurring(Schedule {
                anchor: self.credit_grant_anchor.unwrap_or(self.start_date),
                period: self.period.ok_or("period is missing")?,
                count: self.period_count.ok_or("period_count is missing")?,
                zone: zone(timezone),
                end: None,
            }),
        };
        Ok(Grant {
            credits: self.credits.clone(),
            schedule,
            start: self.start_date,
            end: self.end_date,
        })
    }

    fn expiry(&self) -> Result<GrantExpiry, String> {
        Ok(match self.expiration_type {
            CreditGrantExpiryType::Never => GrantExpiry::Never,
            CreditGrantExpiryType::BillingCycle => GrantExpiry::BillingCycle,
            CreditGrantExpiryType::Duration => GrantExpiry::Duration(CreditLife {
                count: self.expiration_duration.ok_or("expiration_duration is missing")?,
                unit: self
                    .expiration_duration_unit
                    .ok_or("expiration_duration_unit is missing")?,
            }),
        })
    }
}

/// The grant with its applications and wallet, as the store would hold them.
struct Bench {
    subscription: Value,
    grant: Grant,
    expiry: GrantExpiry,
    priority: Option<i64>,
    unavailable_until: Option<Timestamp>,
    applications: Vec<GrantApplication>,
    wallet: Ledger,
}

impl Bench {
    /// Processes one application and what follows it in the chain.
    fn process(&mut self, first: usize, now: Timestamp) -> Result<(), String> {
        let mut index = first;
        for _ in 0..GRANT_CHAIN_MAX {
            let has_next = self.process_one(index, now)?;
            index = self.applications.len() - 1;
            if !has_next || !self.applications[index].is_due_in_chain(now) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether a next application was scheduled.
    fn process_one(&mut self, index: usize, now: Timestamp) -> Result<bool, String> {
        let subscription: GivenSubscription = input(&self.subscription)?;
        if self.applications[index].status == ApplicationStatus::Failed {
            self.applications[index].retry_count += 1;
        }
        let application = self.applications[index].clone();
        let decision = decide(
            &application,
            subscription.subscription_status,
            self.expiry,
            &subscription.periods(),
            now,
        );
        match decision.map_err(text)? {
            GrantDecision::Apply { .. } if self.unavailable_until.is_some_and(|end| now < end) => {
                self.applications[index].status = ApplicationStatus::Failed;
                Ok(false)
            }
            GrantDecision::Apply { expiry } => {
                let credit = NewCredit {
                    id: index.to_string(),
                    reason: TransactionReason::SubscriptionCreditGrant,
                    credits: application.credits.clone(),
                    priority: self.priority,
                    expiry,
                    created_at: now,
                };
                self.wallet.add(credit).map_err(text)?;
                self.finish(index, ApplicationStatus::Applied)
            }
            GrantDecision::Skip => self.finish(index, ApplicationStatus::Skipped),
            GrantDecision::Defer { scheduled_for } => {
                self.applications[index].scheduled_for = scheduled_for;
                self.applications[index].retry_count += 1;
                Ok(false)
            }
            GrantDecision::Cancel => {
                self.cancel_from(application.scheduled_for);
                Ok(false)
            }
        }
    }

    fn finish(&mut self, index: usize, status: ApplicationStatus) -> Result<bool, String> {
        self.applications[index].status = status;
        let next = self.grant.next_application(&self.applications[index]).map_err(text)?;
        let has_next = next.is_some();
        self.applications.extend(next);
        Ok(has_next)
    }

    fn cancel_from(&mut self, effective: Timestamp) {
        for application in &mut self.applications {
            if application.is_cancelled_by_end(effective) {
                application.status = ApplicationStatus::Cancelled;
            }
        }
    }

    fn process_where(
        &mut self,
        now: Timestamp,
        is_due: fn(&GrantApplication, Timestamp) -> bool,
    ) -> Result<(), String> {
        let due: Vec<usize> = (0..self.applications.len())
            .filter(|index| is_due(&self.applications[*index], now))
            .collect();
        due.into_iter().try_for_each(|index| self.process(index, now))
    }

    fn run(&mut self, event: &Value, proration: &Value) -> Result<(), String> {
        let now: Timestamp = input(&event["at"])?;
        match event["event"].as_str() {
            Some("create") => {
                let credits = prorated(&self.grant.credits, proration)?;
                self.applications
                    .push(self.grant.first_application(credits).map_err(text)?);
                self.process_where(now, GrantApplication::is_due_in_chain)
            }
            Some("job") => self.process_where(now, GrantApplication::is_due_for_job),
            Some("activate") => {
                self.subscription["subscription_status"] = json!(SubscriptionStatus::Active);
                self.process_where(now, GrantApplication::is_due_on_activation)
            }
            Some("set_subscription") => {
                for (name, value) in event["fields"].as_object().ok_or("fields are missing")? {
                    self.subscription[name] = value.clone();
                }
                Ok(())
            }
            Some("delete_grant") => {
                let effective: Option<Timestamp> = input(&event["effective_date"])?;
                let effective = effective.unwrap_or(now);
                self.grant.end = Some(effective);
                self.cancel_from(effective);
                Ok(())
            }
            _ => Err("unknown event".to_owned()),
        }
    }
}

fn prorated(credits: &Decimal, given: &Value) -> Result<Option<Decimal>, String> {
    if given.is_null() {
        return Ok(None);
    }
    let period = Period::new(input(&given["period_start"])?, input(&given["period_end"])?);
    let coefficient = elapsed_ratio(period, input(&given["proration_date"])?).map_err(text)?;
    Ok(Some(prorated_credits(credits, &coefficient)))
}

pub fn grant(given: &Value) -> Result<Value, String> {
    let subscription: GivenSubscription = input(&given["subscription"])?;
    let given_grant: GivenGrant = input(&given["grant"])?;
    let mut bench = Bench {
        subscription: given["subscription"].clone(),
        grant: given_grant.grant(&subscription.timezone)?,
        expiry: given_grant.expiry()?,
        priority: given_grant.priority,
        unavailable_until: input(&given["wallet_unavailable_until"])?,
        applications: Vec::new(),
        wallet: Ledger {
            wallet: Wallet::open(WalletType::PrePaid, Decimal::one(), Decimal::one()).map_err(text)?,
            credits: Vec::new(),
        },
    };
    for event in given["events"].as_array().ok_or("events are missing")? {
        bench.run(event, &given["first_period_proration"])?;
    }
    let applications: Vec<Value> = bench
        .applications
        .iter()
        .map(|application| {
            json!({
                "period_start": application.period_start,
                "period_end": application.period_end,
                "scheduled_for": application.scheduled_for,
                "application_status": application.status,
                "credits": application.credits,
                "application_reason": application.reason,
                "retry_count": application.retry_count,
            })
        })
        .collect();
    let transactions: Vec<Value> = bench
        .wallet
        .credits
        .iter()
        .map(|credit| {
            json!({
                "credit_amount": credit.credit_amount,
                "expiry_date": credit.expiry,
                "priority": credit.priority,
            })
        })
        .collect();
    Ok(json!({
        "applications": applications,
        "wallet_transactions": transactions,
        "credit_balance": bench.wallet.wallet.credit_balance,
    }))
}
