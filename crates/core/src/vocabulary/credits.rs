//! Word lists of wallets, credits, grants, alerts, payments and cancellations (spec 04-06).

wire_enum! {
    /// On which side of its threshold a value alarms (spec 06 §4.11).
    AlertCondition, "types.AlertCondition" {
        /// `above`.
        Above = "above",
        /// `below`.
        Below = "below",
    }
}

wire_enum! {
    /// What an alert watches.
    AlertEntityType, "types.AlertEntityType" {
        /// `wallet`.
        Wallet = "wallet",
        /// `feature`.
        Feature = "feature",
        /// `subscription`.
        Subscription = "subscription",
        /// `subscription_line_item`.
        SubscriptionLineItem = "subscription_line_item",
        /// `group`.
        Group = "group",
        /// `entitlement_grant`.
        EntitlementGrant = "entitlement_grant",
    }
}

wire_enum! {
    /// How severe the watched value is.
    AlertState, "types.AlertState" {
        /// `ok`.
        Ok = "ok",
        /// `info`.
        Info = "info",
        /// `warning`.
        Warning = "warning",
        /// `in_alarm`.
        InAlarm = "in_alarm",
    }
}

wire_enum! {
    /// Which value an alert watches (spec 06 §4.11).
    AlertType, "types.AlertType" {
        /// `low_ongoing_balance`.
        LowOngoingBalance = "low_ongoing_balance",
        /// `low_credit_balance`.
        LowCreditBalance = "low_credit_balance",
        /// `feature_wallet_balance`.
        FeatureWalletBalance = "feature_wallet_balance",
        /// `subscription_spend`.
        SubscriptionSpend = "subscription_spend",
        /// `subscription_line_item_spend`.
        SubscriptionLineItemSpend = "subscription_line_item_spend",
        /// `subscription_group_spend`.
        SubscriptionGroupSpend = "subscription_group_spend",
        /// `entitlement_grant_threshold`.
        EntitlementGrantThreshold = "entitlement_grant_threshold",
        /// `entitlement_grant_exhausted`.
        EntitlementGrantExhausted = "entitlement_grant_exhausted",
    }
}

wire_enum! {
    /// When a cancellation takes effect (spec 04 §4.10).
    CancellationType, "types.CancellationType" {
        /// `immediate`.
        Immediate = "immediate",
        /// `end_of_period`.
        EndOfPeriod = "end_of_period",
        /// `scheduled_date`.
        ScheduledDate = "scheduled_date",
    }
}

wire_enum! {
    /// Why a grant application exists.
    CreditGrantApplicationReason, "types.CreditGrantApplicationReason" {
        /// `first_time_recurring_credit_grant`.
        FirstTimeRecurringCreditGrant = "first_time_recurring_credit_grant",
        /// `recurring_credit_grant`.
        RecurringCreditGrant = "recurring_credit_grant",
        /// `onetime_credit_grant`.
        OnetimeCreditGrant = "onetime_credit_grant",
    }
}

wire_enum! {
    /// Whether a credit grant recurs.
    CreditGrantCadence, "types.CreditGrantCadence" {
        /// `ONETIME`.
        Onetime = "ONETIME",
        /// `RECURRING`.
        Recurring = "RECURRING",
    }
}

wire_enum! {
    /// Unit of the life of granted credits (spec 06 §4.9).
    CreditGrantExpiryDurationUnit, "types.CreditGrantExpiryDurationUnit" {
        /// `DAY`.
        Day = "DAY",
        /// `WEEK`.
        Week = "WEEK",
        /// `MONTH`.
        Month = "MONTH",
        /// `YEAR`.
        Year = "YEAR",
    }
}

wire_enum! {
    /// When granted credits expire (spec 06 §4.9).
    CreditGrantExpiryType, "types.CreditGrantExpiryType" {
        /// `NEVER`.
        Never = "NEVER",
        /// `DURATION`.
        Duration = "DURATION",
        /// `BILLING_CYCLE`.
        BillingCycle = "BILLING_CYCLE",
    }
}

wire_enum! {
    /// Rhythm of a recurring credit grant.
    CreditGrantPeriod, "types.CreditGrantPeriod" {
        /// `DAILY`.
        Daily = "DAILY",
        /// `WEEKLY`.
        Weekly = "WEEKLY",
        /// `MONTHLY`.
        Monthly = "MONTHLY",
        /// `ANNUAL`.
        Annual = "ANNUAL",
        /// `QUARTERLY`.
        Quarterly = "QUARTERLY",
        /// `HALF_YEARLY`.
        HalfYearly = "HALF_YEARLY",
    }
}

wire_enum! {
    /// What owns a credit grant.
    CreditGrantScope, "types.CreditGrantScope" {
        /// `PLAN`.
        Plan = "PLAN",
        /// `SUBSCRIPTION`.
        Subscription = "SUBSCRIPTION",
        /// `ADDON`.
        Addon = "ADDON",
    }
}

wire_enum! {
    /// Why a credit note was issued.
    CreditNoteReason, "types.CreditNoteReason" {
        /// `DUPLICATE`.
        Duplicate = "DUPLICATE",
        /// `FRAUDULENT`.
        Fraudulent = "FRAUDULENT",
        /// `ORDER_CHANGE`.
        OrderChange = "ORDER_CHANGE",
        /// `UNSATISFACTORY`.
        Unsatisfactory = "UNSATISFACTORY",
        /// `SERVICE_ISSUE`.
        ServiceIssue = "SERVICE_ISSUE",
        /// `BILLING_ERROR`.
        BillingError = "BILLING_ERROR",
        /// `SUBSCRIPTION_CANCELLATION`.
        SubscriptionCancellation = "SUBSCRIPTION_CANCELLATION",
    }
}

wire_enum! {
    /// How a payment is made.
    PaymentMethodType, "types.PaymentMethodType" {
        /// `CARD`.
        Card = "CARD",
        /// `ACH`.
        Ach = "ACH",
        /// `OFFLINE`.
        Offline = "OFFLINE",
        /// `CREDITS`.
        Credits = "CREDITS",
        /// `PAYMENT_LINK`.
        PaymentLink = "PAYMENT_LINK",
        /// `UPI`.
        Upi = "UPI",
    }
}

wire_enum! {
    /// Why credits moved (spec 06 §2.2).
    TransactionReason, "types.TransactionReason" {
        /// `INVOICE_PAYMENT`.
        InvoicePayment = "INVOICE_PAYMENT",
        /// `FREE_CREDIT_GRANT`.
        FreeCreditGrant = "FREE_CREDIT_GRANT",
        /// `SUBSCRIPTION_CREDIT_GRANT`.
        SubscriptionCreditGrant = "SUBSCRIPTION_CREDIT_GRANT",
        /// `PURCHASED_CREDIT_INVOICED`.
        PurchasedCreditInvoiced = "PURCHASED_CREDIT_INVOICED",
        /// `PURCHASED_CREDIT_DIRECT`.
        PurchasedCreditDirect = "PURCHASED_CREDIT_DIRECT",
        /// `CREDIT_NOTE`.
        CreditNote = "CREDIT_NOTE",
        /// `CREDIT_EXPIRED`.
        CreditExpired = "CREDIT_EXPIRED",
        /// `WALLET_TERMINATION`.
        WalletTermination = "WALLET_TERMINATION",
        /// `MANUAL_BALANCE_DEBIT`.
        ManualBalanceDebit = "MANUAL_BALANCE_DEBIT",
        /// `CREDIT_ADJUSTMENT`.
        CreditAdjustment = "CREDIT_ADJUSTMENT",
        /// `INVOICE_VOID_REFUND`.
        InvoiceVoidRefund = "INVOICE_VOID_REFUND",
        /// `PURCHASED_CREDIT_BONUS`.
        PurchasedCreditBonus = "PURCHASED_CREDIT_BONUS",
    }
}

wire_enum! {
    /// Whether a wallet transaction took effect.
    TransactionStatus, "types.TransactionStatus" {
        /// `pending`.
        Pending = "pending",
        /// `completed`.
        Completed = "completed",
        /// `failed`.
        Failed = "failed",
    }
}

wire_enum! {
    /// Into or out of a wallet.
    TransactionType, "types.TransactionType" {
        /// `credit`.
        Credit = "credit",
        /// `debit`.
        Debit = "debit",
    }
}

wire_enum! {
    /// Which charges a wallet may pay.
    WalletConfigPriceType, "types.WalletConfigPriceType" {
        /// `ALL`.
        All = "ALL",
        /// `USAGE`.
        Usage = "USAGE",
        /// `FIXED`.
        Fixed = "FIXED",
    }
}

wire_enum! {
    /// State of a wallet.
    WalletStatus, "types.WalletStatus" {
        /// `active`.
        Active = "active",
        /// `frozen`.
        Frozen = "frozen",
        /// `closed`.
        Closed = "closed",
    }
}

wire_enum! {
    /// Whether a wallet is filled before or after its use.
    WalletType, "types.WalletType" {
        /// `PRE_PAID`.
        PrePaid = "PRE_PAID",
        /// `POST_PAID`.
        PostPaid = "POST_PAID",
    }
}

wire_enum! {
    /// State of a credit grant application (spec 06 §4.8).
    ApplicationStatus, "types.ApplicationStatus" {
        /// `applied`.
        Applied = "applied",
        /// `failed`.
        Failed = "failed",
        /// `pending`.
        Pending = "pending",
        /// `skipped`.
        Skipped = "skipped",
        /// `cancelled`.
        Cancelled = "cancelled",
    }
}
