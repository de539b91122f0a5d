//! The closed word lists of billing, spelled as on the wire.
//!
//! One enum serves every floor: the mathematics matches on it, storage keeps its word, the contract documents it.

/// Declares an enum whose variants are words on the wire: `as_str`, `ALL`, `Display`, `FromStr`, serde and, with the
/// feature `openapi`, its schema under the contract's name. Other crates declare their own word lists with it.
#[macro_export]
macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident, $schema:literal { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// Every value, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::vocabulary::UnknownWord;
            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word { $($word => Ok(Self::$variant),)+ _ => Err($crate::vocabulary::UnknownWord { list: stringify!($name) }) }
            }
        }

        impl $crate::vocabulary::macros::serde::Serialize for $name {
            fn serialize<S: $crate::vocabulary::macros::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::vocabulary::macros::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::vocabulary::macros::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word =
                    <::std::borrow::Cow<'de, str> as $crate::vocabulary::macros::serde::Deserialize>::deserialize(deserializer)?;
                word.parse().map_err($crate::vocabulary::macros::serde::de::Error::custom)
            }
        }

        $crate::wire_enum_schema! { $name, $schema { $($word),+ } }
    };
}

/// The schema half of [`wire_enum!`]. It stands apart because the feature to ask about is this crate's, not the caller's.
#[cfg(feature = "openapi")]
#[doc(hidden)]
#[macro_export]
macro_rules! wire_enum_schema {
    ($name:ident, $schema:literal { $($word:literal),+ }) => {
        impl $crate::vocabulary::macros::utoipa::PartialSchema for $name {
            fn schema() -> $crate::vocabulary::macros::utoipa::openapi::RefOr<$crate::vocabulary::macros::utoipa::openapi::schema::Schema> {
                $crate::vocabulary::macros::utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type($crate::vocabulary::macros::utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$($word),+]))
                    .into()
            }
        }

        impl $crate::vocabulary::macros::utoipa::ToSchema for $name {
            fn name() -> ::std::borrow::Cow<'static, str> {
                $schema.into()
            }
        }
    };
}

/// The schema half of [`wire_enum!`]: nothing without the feature `openapi`.
#[cfg(not(feature = "openapi"))]
#[doc(hidden)]
#[macro_export]
macro_rules! wire_enum_schema {
    ($($ignored:tt)*) => {};
}

pub use crate::wire_enum;

/// What the expansions of [`wire_enum!`] need from other crates, so that its callers need not depend on them.
#[doc(hidden)]
pub mod macros {
    pub use serde;
    #[cfg(feature = "openapi")]
    pub use utoipa;
}

mod addons;
mod audit;
mod credits;
mod entitlements;
mod taxes;
mod workflows;

pub use addons::*;
pub use audit::*;
pub use credits::*;
pub use entitlements::*;
pub use taxes::*;
pub use workflows::*;

/// A word that is not in the closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a value of {list}")]
pub struct UnknownWord {
    /// The enum's name.
    pub list: &'static str,
}

wire_enum! {
    /// Lifecycle of a stored record (spec 01 A8).
    Status, "types.Status" {
        /// Live.
        Published = "published",
        /// Hidden.
        Deleted = "deleted",
        /// Withdrawn, kept for history.
        Archived = "archived",
    }
}

wire_enum! {
    /// Length of a billing period (spec 04 §2.2); `ONETIME` is for prices only.
    BillingPeriod, "types.BillingPeriod" {
        /// `MONTHLY`.
        Monthly = "MONTHLY",
        /// `ANNUAL`.
        Annual = "ANNUAL",
        /// `WEEKLY`.
        Weekly = "WEEKLY",
        /// `DAILY`.
        Daily = "DAILY",
        /// `QUARTERLY`.
        Quarterly = "QUARTERLY",
        /// `HALF_YEARLY`.
        HalfYearly = "HALF_YEARLY",
        /// `ONETIME`.
        Onetime = "ONETIME",
    }
}

wire_enum! {
    /// How a period is anchored (spec 04 §4.2).
    BillingCycle, "types.BillingCycle" {
        /// `anniversary`.
        Anniversary = "anniversary",
        /// `calendar`.
        Calendar = "calendar",
    }
}

wire_enum! {
    /// How a quantity becomes money (spec 03 §5.1).
    BillingModel, "types.BillingModel" {
        /// `FLAT_FEE`.
        FlatFee = "FLAT_FEE",
        /// `PACKAGE`.
        Package = "PACKAGE",
        /// `TIERED`.
        Tiered = "TIERED",
    }
}

wire_enum! {
    /// How the tiers of a `TIERED` price apply (spec 03 §5.1).
    TierMode, "types.BillingTier" {
        /// `VOLUME`.
        Volume = "VOLUME",
        /// `SLAB`.
        Slab = "SLAB",
    }
}

wire_enum! {
    /// Whether a price recurs; always `RECURRING` in answers (spec 03 §3.2).
    BillingCadence, "types.BillingCadence" {
        /// `RECURRING`.
        Recurring = "RECURRING",
    }
}

wire_enum! {
    /// When a line is invoiced: before or after its period.
    InvoiceCadence, "types.InvoiceCadence" {
        /// `ARREAR`.
        Arrear = "ARREAR",
        /// `ADVANCE`.
        Advance = "ADVANCE",
    }
}

wire_enum! {
    /// Charged for usage or for a fixed quantity.
    PriceType, "types.PriceType" {
        /// `USAGE`.
        Usage = "USAGE",
        /// `FIXED`.
        Fixed = "FIXED",
    }
}

wire_enum! {
    /// Priced in a currency or in a custom unit.
    PriceUnitType, "types.PriceUnitType" {
        /// `FIAT`.
        Fiat = "FIAT",
        /// `CUSTOM`.
        Custom = "CUSTOM",
    }
}

wire_enum! {
    /// What owns a price.
    PriceEntityType, "types.PriceEntityType" {
        /// `PLAN`.
        Plan = "PLAN",
        /// `SUBSCRIPTION`.
        Subscription = "SUBSCRIPTION",
        /// `ADDON`.
        Addon = "ADDON",
        /// `PRICE`.
        Price = "PRICE",
        /// `COSTSHEET`.
        Costsheet = "COSTSHEET",
    }
}

wire_enum! {
    /// How a package count is made whole.
    RoundType, "types.RoundType" {
        /// `up`.
        Up = "up",
        /// `down`.
        Down = "down",
    }
}

wire_enum! {
    /// How a meter turns events into one quantity (spec 02 §4.6).
    AggregationType, "types.AggregationType" {
        /// `COUNT`.
        Count = "COUNT",
        /// `SUM`.
        Sum = "SUM",
        /// `AVG`.
        Avg = "AVG",
        /// `COUNT_UNIQUE`.
        CountUnique = "COUNT_UNIQUE",
        /// `LATEST`.
        Latest = "LATEST",
        /// `SUM_WITH_MULTIPLIER`.
        SumWithMultiplier = "SUM_WITH_MULTIPLIER",
        /// `MAX`.
        Max = "MAX",
        /// `MIN`; not in the contract.
        Min = "MIN",
        /// `WEIGHTED_SUM`.
        WeightedSum = "WEIGHTED_SUM",
    }
}

wire_enum! {
    /// Whether usage starts again with each billing period (spec 02 §4.9).
    ResetUsage, "types.ResetUsage" {
        /// `BILLING_PERIOD`.
        BillingPeriod = "BILLING_PERIOD",
        /// `NEVER`.
        Never = "NEVER",
    }
}

wire_enum! {
    /// Width of a time window (spec 02 §4.7).
    WindowSize, "types.WindowSize" {
        /// `MINUTE`.
        Minute = "MINUTE",
        /// `15MIN`.
        FifteenMinutes = "15MIN",
        /// `30MIN`.
        ThirtyMinutes = "30MIN",
        /// `HOUR`.
        Hour = "HOUR",
        /// `3HOUR`.
        ThreeHours = "3HOUR",
        /// `6HOUR`.
        SixHours = "6HOUR",
        /// `12HOUR`.
        TwelveHours = "12HOUR",
        /// `DAY`.
        Day = "DAY",
        /// `WEEK`.
        Week = "WEEK",
        /// `MONTH`.
        Month = "MONTH",
    }
}

impl WindowSize {
    /// Its length in minutes; `None` for months, whose length varies.
    #[must_use]
    pub const fn minutes(self) -> Option<u32> {
        Some(match self {
            Self::Minute => 1,
            Self::FifteenMinutes => 15,
            Self::ThirtyMinutes => 30,
            Self::Hour => 60,
            Self::ThreeHours => 3 * 60,
            Self::SixHours => 6 * 60,
            Self::TwelveHours => 12 * 60,
            Self::Day => 24 * 60,
            Self::Week => 7 * 24 * 60,
            Self::Month => return None,
        })
    }
}

wire_enum! {
    /// What a feature is (spec 02 §2.1).
    FeatureType, "types.FeatureType" {
        /// `metered`.
        Metered = "metered",
        /// `boolean`.
        Boolean = "boolean",
        /// `static`.
        Static = "static",
        /// `config`.
        Config = "config",
    }
}

wire_enum! {
    /// When an allowance starts again (spec 03 §3.5).
    UsageResetPeriod, "types.EntitlementUsageResetPeriod" {
        /// `MONTHLY`.
        Monthly = "MONTHLY",
        /// `ANNUAL`.
        Annual = "ANNUAL",
        /// `WEEKLY`.
        Weekly = "WEEKLY",
        /// `DAILY`.
        Daily = "DAILY",
        /// `QUARTERLY`.
        Quarterly = "QUARTERLY",
        /// `HALF_YEARLY`.
        HalfYearly = "HALF_YEARLY",
        /// `NEVER`.
        Never = "NEVER",
    }
}

wire_enum! {
    /// What owns an entitlement.
    EntitlementEntityType, "types.EntitlementEntityType" {
        /// `PLAN`.
        Plan = "PLAN",
        /// `SUBSCRIPTION`.
        Subscription = "SUBSCRIPTION",
        /// `ADDON`.
        Addon = "ADDON",
    }
}

wire_enum! {
    /// How several entitlements of one feature combine (spec 03 §5.10).
    EntitlementAggregationMode, "types.EntitlementAggregationMode" {
        /// `additive`.
        Additive = "additive",
        /// `parallel`.
        Parallel = "parallel",
    }
}

wire_enum! {
    /// Whether a commitment is given as money or as a quantity.
    CommitmentType, "types.CommitmentType" {
        /// `amount`.
        Amount = "amount",
        /// `quantity`.
        Quantity = "quantity",
    }
}

wire_enum! {
    /// Whether a coupon takes off an amount or a percentage.
    CouponType, "types.CouponType" {
        /// `fixed`.
        Fixed = "fixed",
        /// `percentage`.
        Percentage = "percentage",
    }
}

wire_enum! {
    /// On how many invoices a coupon applies.
    CouponCadence, "types.CouponCadence" {
        /// `once`.
        Once = "once",
        /// `repeated`.
        Repeated = "repeated",
        /// `forever`.
        Forever = "forever",
    }
}

wire_enum! {
    /// Whether a tax is a percentage or a fixed amount.
    TaxRateType, "types.TaxRateType" {
        /// `percentage`.
        Percentage = "percentage",
        /// `fixed`.
        Fixed = "fixed",
    }
}

wire_enum! {
    /// State of a subscription (spec 04 §2.5).
    SubscriptionStatus, "types.SubscriptionStatus" {
        /// `active`.
        Active = "active",
        /// `paused`.
        Paused = "paused",
        /// `cancelled`.
        Cancelled = "cancelled",
        /// `incomplete`.
        Incomplete = "incomplete",
        /// `trialing`.
        Trialing = "trialing",
        /// `draft`.
        Draft = "draft",
    }
}

wire_enum! {
    /// Place of a subscription in a hierarchy (spec 04 §4.16).
    SubscriptionType, "types.SubscriptionType" {
        /// `standalone`.
        Standalone = "standalone",
        /// `delegated_invoicing`.
        DelegatedInvoicing = "delegated_invoicing",
        /// `parent`.
        Parent = "parent",
        /// `inherited`.
        Inherited = "inherited",
        /// `grouped_invoicing`.
        GroupedInvoicing = "grouped_invoicing",
    }
}

wire_enum! {
    /// What a subscription line item comes from.
    LineItemEntityType, "types.SubscriptionLineItemEntityType" {
        /// `plan`.
        Plan = "plan",
        /// `addon`.
        Addon = "addon",
        /// `subscription`.
        Subscription = "subscription",
    }
}

wire_enum! {
    /// Whether a change inside a period is prorated (spec 04 §4.9).
    ProrationBehavior, "types.ProrationBehavior" {
        /// `create_prorations`.
        CreateProrations = "create_prorations",
        /// `none`.
        None = "none",
    }
}

wire_enum! {
    /// How an invoice is collected.
    CollectionMethod, "types.CollectionMethod" {
        /// `charge_automatically`.
        ChargeAutomatically = "charge_automatically",
        /// `send_invoice`.
        SendInvoice = "send_invoice",
    }
}

wire_enum! {
    /// What an unpaid first invoice does to the subscription.
    PaymentBehavior, "types.PaymentBehavior" {
        /// `allow_incomplete`.
        AllowIncomplete = "allow_incomplete",
        /// `default_incomplete`.
        DefaultIncomplete = "default_incomplete",
        /// `error_if_incomplete`.
        ErrorIfIncomplete = "error_if_incomplete",
        /// `default_active`.
        DefaultActive = "default_active",
    }
}

wire_enum! {
    /// Days until an invoice is due (spec 05 §5.12).
    PaymentTerms, "types.PaymentTerms" {
        /// `15 NET`.
        Net15 = "15 NET",
        /// `30 NET`.
        Net30 = "30 NET",
        /// `45 NET`.
        Net45 = "45 NET",
        /// `60 NET`.
        Net60 = "60 NET",
        /// `75 NET`.
        Net75 = "75 NET",
        /// `90 NET`.
        Net90 = "90 NET",
    }
}

wire_enum! {
    /// State of an invoice (spec 05 §3).
    InvoiceStatus, "types.InvoiceStatus" {
        /// `DRAFT`.
        Draft = "DRAFT",
        /// `FINALIZED`.
        Finalized = "FINALIZED",
        /// `VOIDED`.
        Voided = "VOIDED",
        /// `SKIPPED`.
        Skipped = "SKIPPED",
    }
}

wire_enum! {
    /// Kind of an invoice.
    InvoiceType, "types.InvoiceType" {
        /// `SUBSCRIPTION`.
        Subscription = "SUBSCRIPTION",
        /// `ONE_OFF`.
        OneOff = "ONE_OFF",
        /// `CREDIT`.
        Credit = "CREDIT",
    }
}

wire_enum! {
    /// Why an invoice exists (spec 05 §2.1).
    BillingReason, "types.InvoiceBillingReason" {
        /// `SUBSCRIPTION_CREATE`.
        SubscriptionCreate = "SUBSCRIPTION_CREATE",
        /// `SUBSCRIPTION_CYCLE`.
        SubscriptionCycle = "SUBSCRIPTION_CYCLE",
        /// `SUBSCRIPTION_UPDATE`.
        SubscriptionUpdate = "SUBSCRIPTION_UPDATE",
        /// `SUBSCRIPTION_TRIAL_END`.
        SubscriptionTrialEnd = "SUBSCRIPTION_TRIAL_END",
        /// `SUBSCRIPTION_TRIAL_START`.
        SubscriptionTrialStart = "SUBSCRIPTION_TRIAL_START",
        /// `PRORATION`.
        Proration = "PRORATION",
        /// `MANUAL`.
        Manual = "MANUAL",
        /// `AUTO_INVOICE_THRESHOLD`.
        AutoInvoiceThreshold = "AUTO_INVOICE_THRESHOLD",
        /// `WALLET_AUTO_TOPUP`.
        WalletAutoTopup = "WALLET_AUTO_TOPUP",
    }
}

wire_enum! {
    /// State of a payment, or of the payment of an invoice (spec 05 §3).
    PaymentStatus, "types.PaymentStatus" {
        /// `INITIATED`.
        Initiated = "INITIATED",
        /// `PENDING`.
        Pending = "PENDING",
        /// `PROCESSING`.
        Processing = "PROCESSING",
        /// `SUCCEEDED`.
        Succeeded = "SUCCEEDED",
        /// `OVERPAID`.
        Overpaid = "OVERPAID",
        /// `FAILED`.
        Failed = "FAILED",
        /// `REFUNDED`.
        Refunded = "REFUNDED",
        /// `PARTIALLY_REFUNDED`.
        PartiallyRefunded = "PARTIALLY_REFUNDED",
        /// `VOIDED`.
        Voided = "VOIDED",
    }
}

wire_enum! {
    /// State of a credit note.
    CreditNoteStatus, "types.CreditNoteStatus" {
        /// `DRAFT`.
        Draft = "DRAFT",
        /// `FINALIZED`.
        Finalized = "FINALIZED",
        /// `VOIDED`.
        Voided = "VOIDED",
    }
}

wire_enum! {
    /// Whether a credit note lowers what is due or returns what was paid.
    CreditNoteType, "types.CreditNoteType" {
        /// `ADJUSTMENT`.
        Adjustment = "ADJUSTMENT",
        /// `REFUND`.
        Refund = "REFUND",
    }
}

wire_enum! {
    /// State of a pause (spec 04 §2.4).
    PauseStatus, "types.PauseStatus" {
        /// `none`.
        None = "none",
        /// `active`.
        Active = "active",
        /// `scheduled`.
        Scheduled = "scheduled",
        /// `completed`.
        Completed = "completed",
        /// `cancelled`.
        Cancelled = "cancelled",
    }
}

wire_enum! {
    /// Kind of an environment; only `development` may carry a test clock.
    EnvironmentType, "types.EnvironmentType" {
        /// `development`.
        Development = "development",
        /// `production`.
        Production = "production",
    }
}

wire_enum! {
    /// What a group gathers.
    GroupEntityType, "types.GroupEntityType" {
        /// `price`.
        Price = "price",
        /// `feature`.
        Feature = "feature",
    }
}
