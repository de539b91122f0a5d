//! What starts or changes a subscription (spec 04 §3.2, §3.4).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tariff_core::Decimal;
use tariff_core::vocabulary::{
    BillingCycle, BillingPeriod, CollectionMethod, PaymentBehavior, PaymentTerms, ProrationBehavior, SubscriptionStatus,
};
use utoipa::ToSchema;

use crate::addons::AddAddonToSubscriptionRequest;
use crate::checkout::CheckoutParams;
use crate::credit_grants::CreateCreditGrantRequest;
use crate::error::ApiError;
use crate::line_items::CreateSubscriptionLineItemRequest;
use crate::metadata::Metadata;
use crate::subscriptions::{
    GroupedInvoicingChildRequest, LineItemCommitmentConfig, OverrideEntitlementRequest, OverrideLineItemRequest,
};
use crate::taxes::TaxRateOverride;
use crate::time::DateTime;
use crate::validate::FieldErrors;
use crate::wire::blank_as_none;

/// A new subscription.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateSubscriptionRequest {
    /// Addons to attach.
    pub addons: Option<Vec<AddAddonToSubscriptionRequest>>,
    /// Accrued usage that triggers an invoice at once; 0 is off.
    pub auto_invoice_threshold: Option<Decimal>,
    /// Instant whose day and time the periods follow.
    pub billing_anchor: Option<DateTime>,
    /// How periods are anchored.
    #[serde(deserialize_with = "blank_as_none")]
    pub billing_cycle: Option<BillingCycle>,
    /// Length of a billing period.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub billing_period: Option<BillingPeriod>,
    /// Number of billing periods per invoice.
    pub billing_period_count: Option<i64>,
    /// Collects the first payment before the subscription starts.
    pub checkout: Option<CheckoutParams>,
    /// How invoices are collected.
    #[serde(deserialize_with = "blank_as_none")]
    pub collection_method: Option<CollectionMethod>,
    /// Money promised per commitment period.
    pub commitment_amount: Option<Decimal>,
    /// Length of a commitment period.
    #[serde(deserialize_with = "blank_as_none")]
    pub commitment_duration: Option<BillingPeriod>,
    /// Coupons by id.
    pub coupons: Option<Vec<String>>,
    /// The credit grants.
    pub credit_grants: Option<Vec<CreateCreditGrantRequest>>,
    /// Lower-case ISO 4217 code.
    #[schema(required = true)]
    pub currency: Option<String>,
    /// Id of the customer.
    pub customer_id: Option<String>,
    /// Whether the unused rest of the commitment is charged.
    pub enable_true_up: Option<bool>,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// The caller's own id of the customer.
    pub external_customer_id: Option<String>,
    /// The gateway's id of the card to charge; absent means its default.
    pub gateway_payment_method_id: Option<String>,
    /// Place in a hierarchy.
    pub inheritance: Option<SubscriptionInheritanceConfig>,
    /// Commitments by price id.
    pub line_item_commitments: Option<BTreeMap<String, LineItemCommitmentConfig>>,
    /// Coupons on single lines.
    pub line_item_coupons: Option<BTreeMap<String, Vec<String>>>,
    /// The lines.
    pub line_items: Option<Vec<CreateSubscriptionLineItemRequest>>,
    /// The caller's own key, unique among published records.
    pub lookup_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Factor of what exceeds the commitment, at least 1.
    pub overage_factor: Option<Decimal>,
    /// Entitlements of the plan that this subscription changes.
    pub override_entitlements: Option<Vec<OverrideEntitlementRequest>>,
    /// Prices of the plan that this subscription changes.
    pub override_line_items: Option<Vec<OverrideLineItemRequest>>,
    /// What an unpaid first invoice does.
    #[serde(deserialize_with = "blank_as_none")]
    pub payment_behavior: Option<PaymentBehavior>,
    /// Days until invoices are due.
    #[serde(deserialize_with = "blank_as_none")]
    pub payment_terms: Option<PaymentTerms>,
    /// Successive terms.
    pub phases: Option<Vec<SubscriptionPhaseCreateRequest>>,
    /// Id of the plan.
    #[schema(required = true)]
    pub plan_id: Option<String>,
    /// Whether a change inside a period is prorated.
    #[serde(deserialize_with = "blank_as_none")]
    pub proration_behavior: Option<ProrationBehavior>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// Coupons to attach, by code.
    pub subscription_coupons: Option<Vec<SubscriptionCouponInput>>,
    /// State of the subscription.
    #[serde(deserialize_with = "blank_as_none")]
    pub subscription_status: Option<SubscriptionStatus>,
    /// Absent: the automatic taxes; empty: none; else exactly these.
    pub tax_rate_overrides: Option<Vec<TaxRateOverride>>,
    /// IANA zone.
    pub timezone: Option<String>,
    /// Days without charge at the start.
    pub trial_period_days: Option<i64>,
}

/// A change of a subscription: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateSubscriptionRequest {
    /// When the subscription ends.
    pub cancel_at: Option<DateTime>,
    /// Whether it ends with the current period.
    pub cancel_at_period_end: Option<bool>,
    /// Parent of an inherited or grouped subscription.
    pub parent_subscription_id: Option<String>,
    /// Lifecycle state of the record.
    #[serde(deserialize_with = "blank_as_none")]
    pub status: Option<SubscriptionStatus>,
}

/// Starts a draft subscription.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ActivateDraftSubscriptionRequest {
    /// Start, inclusive.
    #[schema(required = true)]
    pub start_date: Option<DateTime>,
}

/// A coupon to attach, by code.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SubscriptionCouponInput {
    /// What customers type; any letter case.
    #[schema(required = true)]
    pub coupon_code: Option<String>,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Id of the price.
    pub price_id: Option<String>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
}

/// Place of a new subscription in a hierarchy.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SubscriptionInheritanceConfig {
    /// Customers who use the subscription and do not pay.
    pub external_customer_ids_to_inherit_subscription: Option<Vec<String>>,
    /// Grouped invoicing children to create.
    pub grouped_invoicing_children_to_create: Option<Vec<GroupedInvoicingChildRequest>>,
    /// The caller's own id of the customer who pays.
    pub invoicing_customer_external_id: Option<String>,
    /// Parent of an inherited or grouped subscription.
    pub parent_subscription_id: Option<String>,
    /// Subscriptions ids for grouped invoicing.
    pub subscriptions_ids_for_grouped_invoicing: Option<Vec<String>>,
}

/// A subscription phase create request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SubscriptionPhaseCreateRequest {
    /// Coupons by id.
    pub coupons: Option<Vec<String>>,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Coupons on single lines.
    pub line_item_coupons: Option<BTreeMap<String, Vec<String>>>,
    /// The lines.
    pub line_items: Option<Vec<CreateSubscriptionLineItemRequest>>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Prices of the plan that this subscription changes.
    pub override_line_items: Option<Vec<OverrideLineItemRequest>>,
    /// Start, inclusive.
    #[schema(required = true)]
    pub start_date: Option<DateTime>,
    /// Coupons to attach, by code.
    pub subscription_coupons: Option<Vec<SubscriptionCouponInput>>,
}

/// Most extra lines of a new subscription.
pub const LINE_ITEMS_MAX: usize = 100;

/// Most entitlements that a new subscription overrides.
pub const OVERRIDES_MAX: usize = 1000;

impl CreateSubscriptionRequest {
    /// Checks the rules that need no stored record (spec 04 §3.2).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        let set = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        let owned = set(&self.customer_id) || set(&self.external_customer_id);
        errors.check(owned, "customer_id", "is required, or else external_customer_id");
        errors.required("plan_id", self.plan_id.as_ref());
        errors.required("currency", self.currency.as_ref());
        errors.currency("currency", self.currency.as_deref());
        self.check_period(&mut errors);
        self.check_payment(&mut errors);
        self.check_commitment(&mut errors);
        self.check_phases(&mut errors);
        TaxRateOverride::check_all(self.tax_rate_overrides.as_deref(), &mut errors);
        errors.each(
            "line_items",
            self.line_items.as_deref(),
            CreateSubscriptionLineItemRequest::check,
        );
        let lines = self.line_items.as_ref().map_or(0, Vec::len);
        errors.check(lines <= LINE_ITEMS_MAX, "line_items", "must have at most 100 items");
        self.check_line_terms(&mut errors);
        self.check_override_entitlements(&mut errors);
        if let Some(inheritance) = &self.inheritance {
            let mut inner = FieldErrors::new();
            inheritance.check(&mut inner);
            errors.nested("inheritance", inner);
        }
        errors.finish()
    }

    /// Collection method and payment behaviour, with their defaults.
    #[must_use]
    pub fn payment(&self) -> (CollectionMethod, PaymentBehavior) {
        (
            self.collection_method.unwrap_or(CollectionMethod::ChargeAutomatically),
            self.payment_behavior.unwrap_or(PaymentBehavior::DefaultActive),
        )
    }

    fn check_period(&self, errors: &mut FieldErrors) {
        errors.present("billing_period", self.billing_period.as_ref());
        let recurs = self.billing_period != Some(BillingPeriod::Onetime);
        errors.check(recurs, "billing_period", "must not be ONETIME");
        let counted = self.billing_period_count.is_none_or(|count| count >= 0);
        errors.check(counted, "billing_period_count", "must not be negative");
        let anchored = self.billing_anchor.is_none() || self.billing_cycle != Some(BillingCycle::Calendar);
        errors.check(anchored, "billing_anchor", "is only for the cycle anniversary");
        let ordered = self
            .start_date
            .zip(self.end_date)
            .is_none_or(|(start, end)| start <= end);
        errors.check(ordered, "end_date", "must not be before start_date");
        let trial = self.trial_period_days.unwrap_or(0);
        errors.check(trial >= 0, "trial_period_days", "must not be negative");
    }

    fn check_payment(&self, errors: &mut FieldErrors) {
        use {CollectionMethod as Collect, PaymentBehavior as Behavior};
        let (method, behavior) = self.payment();
        let allowed = match method {
            Collect::ChargeAutomatically => behavior != Behavior::DefaultIncomplete,
            Collect::SendInvoice => matches!(behavior, Behavior::DefaultActive | Behavior::DefaultIncomplete),
        };
        errors.check(allowed, "payment_behavior", "does not go with the collection method");
        let status = self.subscription_status;
        let enterable = match status {
            None
            | Some(
                SubscriptionStatus::Draft
                | SubscriptionStatus::Active
                | SubscriptionStatus::Incomplete
                | SubscriptionStatus::Trialing,
            ) => true,
            Some(SubscriptionStatus::Paused | SubscriptionStatus::Cancelled) => false,
        };
        errors.check(
            enterable,
            "subscription_status",
            "must be draft, active, incomplete or trialing",
        );
        let phased = self.phases.as_ref().is_some_and(|phases| !phases.is_empty());
        let draft = status == Some(SubscriptionStatus::Draft);
        errors.check(!(draft && phased), "phases", "are not for drafts");
        if self.checkout.is_some() {
            errors.check(status.is_none(), "subscription_status", "excludes checkout");
            errors.check(!phased, "phases", "exclude checkout");
        }
    }

    fn check_commitment(&self, errors: &mut FieldErrors) {
        errors.not_negative("commitment_amount", self.commitment_amount.as_ref());
        errors.not_negative("auto_invoice_threshold", self.auto_invoice_threshold.as_ref());
        let factor_holds = self
            .overage_factor
            .as_ref()
            .is_none_or(|factor| *factor >= Decimal::one());
        errors.check(factor_holds, "overage_factor", "must be at least 1");
    }

    /// Phases follow each other without gaps, and the outer bounds agree with the subscription's.
    fn check_phases(&self, errors: &mut FieldErrors) {
        let phases = self.phases.as_deref().unwrap_or_default();
        for (index, phase) in phases.iter().enumerate() {
            let field = |name: &str| format!("phases[{index}].{name}");
            if phase.start_date.is_none() {
                errors.add(field("start_date"), "is required");
            }
            if phase
                .start_date
                .zip(phase.end_date)
                .is_some_and(|(start, end)| end < start)
            {
                errors.add(field("end_date"), "must not be before start_date");
            }
            if let Some(next) = phases.get(index + 1)
                && (phase.end_date.is_none() || phase.end_date != next.start_date)
            {
                errors.add(field("end_date"), "must equal the start of the next phase");
            }
        }
        let Some((first, last)) = phases.first().zip(phases.last()) else {
            return;
        };
        if self.start_date.is_some() && first.start_date != self.start_date {
            errors.add("phases[0].start_date", "must equal the start of the subscription");
        }
        if last
            .end_date
            .zip(self.end_date)
            .is_some_and(|(phase, whole)| phase != whole)
        {
            errors.add("end_date", "must equal the end of the last phase");
        }
    }

    /// Each entitlement is named, and changed once (spec 03 §5.10); proration makes overrides of its own (spec 04 §3.2).
    fn check_override_entitlements(&self, errors: &mut FieldErrors) {
        let overrides = self.override_entitlements.as_deref();
        errors.each("override_entitlements", overrides, OverrideEntitlementRequest::check);
        errors.at_most("override_entitlements", overrides, OVERRIDES_MAX);
        let mut seen = BTreeSet::new();
        for (index, entitlement) in overrides.unwrap_or_default().iter().enumerate() {
            if !seen.insert(entitlement.entitlement_id.as_deref().unwrap_or_default()) {
                let field = format!("override_entitlements[{index}].entitlement_id");
                errors.add(field, "is overridden twice");
            }
        }
        let prorated = self.proration_behavior == Some(ProrationBehavior::CreateProrations);
        let excluded = prorated && !seen.is_empty();
        errors.check(!excluded, "override_entitlements", "exclude create_prorations");
    }
}

impl SubscriptionCouponInput {
    /// Records the members that break a rule.
    pub fn check(&self, errors: &mut FieldErrors) {
        errors.required("coupon_code", self.coupon_code.as_ref());
        let ordered = self
            .start_date
            .zip(self.end_date)
            .is_none_or(|(start, end)| start <= end);
        errors.check(ordered, "end_date", "must not be before start_date");
    }
}

impl SubscriptionInheritanceConfig {
    /// Records mutually exclusive members and empty ids (spec 04 §3.2, hierarchy).
    pub fn check(&self, errors: &mut FieldErrors) {
        let text = |value: &Option<String>| value.as_ref().is_some_and(|value| !value.is_empty());
        let list = |value: &Option<Vec<String>>| value.as_ref().is_some_and(|value| !value.is_empty());
        let parent = text(&self.parent_subscription_id);
        let payer = text(&self.invoicing_customer_external_id);
        let heirs = list(&self.external_customer_ids_to_inherit_subscription);
        let grouped = list(&self.subscriptions_ids_for_grouped_invoicing);
        let children = self
            .grouped_invoicing_children_to_create
            .as_ref()
            .is_some_and(|list| !list.is_empty());
        let field = "external_customer_ids_to_inherit_subscription";
        errors.check(!(heirs && parent), field, "exclude parent_subscription_id");
        errors.check(!(heirs && payer), field, "exclude invoicing_customer_external_id");
        let field = "subscriptions_ids_for_grouped_invoicing";
        errors.check(
            !(grouped && (parent || payer || heirs)),
            field,
            "exclude the other members",
        );
        let field = "grouped_invoicing_children_to_create";
        errors.check(
            !(children && (grouped || parent)),
            field,
            "exclude grouped and parent subscriptions",
        );
        for (field, ids) in [
            (
                "external_customer_ids_to_inherit_subscription",
                &self.external_customer_ids_to_inherit_subscription,
            ),
            (
                "subscriptions_ids_for_grouped_invoicing",
                &self.subscriptions_ids_for_grouped_invoicing,
            ),
        ] {
            let named = ids.iter().flatten().all(|id| !id.is_empty());
            errors.check(named, field, "must not contain empty ids");
        }
    }
}

impl ActivateDraftSubscriptionRequest {
    /// Checks the field rules (spec 04 §4.7).
    ///
    /// # Errors
    /// `validation_error` without `start_date`.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.present("start_date", self.start_date.as_ref());
        errors.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failing(changes: &str) -> Vec<String> {
        let mut body = serde_json::json!({
            "customer_id": "cust_1", "plan_id": "plan_1", "currency": "usd", "billing_period": "MONTHLY",
        });
        let changes: serde_json::Map<String, serde_json::Value> = serde_json::from_str(changes).unwrap();
        body.as_object_mut().unwrap().extend(changes);
        let request: CreateSubscriptionRequest = serde_json::from_value(body).unwrap();
        request
            .validate()
            .err()
            .map_or_else(Vec::new, |error| error.details.into_keys().collect())
    }

    #[test]
    fn rules() {
        for (changes, expected) in [
            ("{}", vec![]),
            (r#"{"customer_id":""}"#, vec!["customer_id"]),
            (r#"{"billing_period":"ONETIME"}"#, vec!["billing_period"]),
            (
                r#"{"billing_cycle":"calendar","billing_anchor":"2024-01-01T00:00:00Z"}"#,
                vec!["billing_anchor"],
            ),
            (
                r#"{"collection_method":"send_invoice","payment_behavior":"allow_incomplete"}"#,
                vec!["payment_behavior"],
            ),
            (r#"{"payment_behavior":"default_incomplete"}"#, vec!["payment_behavior"]),
            (
                r#"{"collection_method":"charge_automatically","payment_behavior":"error_if_incomplete"}"#,
                vec![],
            ),
            (r#"{"subscription_status":"paused"}"#, vec!["subscription_status"]),
            (r#"{"overage_factor":"0.5"}"#, vec!["overage_factor"]),
            (
                r#"{"override_line_items":[{"price_id":"p","quantity":2},{"price_id":"p","quantity":3}]}"#,
                vec!["override_line_items[1].price_id"],
            ),
            (
                r#"{"start_date":"2024-01-01T00:00:00Z","phases":[
                    {"start_date":"2024-01-01T00:00:00Z","end_date":"2024-02-01T00:00:00Z"},
                    {"start_date":"2024-03-01T00:00:00Z"}]}"#,
                vec!["phases[0].end_date"],
            ),
            (
                r#"{"inheritance":{"parent_subscription_id":"s","external_customer_ids_to_inherit_subscription":["c"]}}"#,
                vec!["inheritance.external_customer_ids_to_inherit_subscription"],
            ),
        ] {
            assert_eq!(failing(changes), expected, "{changes}");
        }
    }
}
