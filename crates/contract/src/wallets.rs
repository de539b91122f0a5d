//! Wallets and their transactions on the wire (spec 06).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::{BillingPeriod, Status};
use tariff_core::{Decimal, wire_enum};
use utoipa::ToSchema;

use crate::alerts::{AlertDuration, AlertSettings, AlertState};
use crate::checkout::{CheckoutParams, CheckoutSessionResponse};
use crate::customers::CustomerResponse;
use crate::filter::SortDirection;
use crate::integration_config::{MetadataCustomField, ServicePeriodCustomFields};
use crate::list::{Pagination, list_filter, list_response};
use crate::metadata::Metadata;
use crate::number::JsonNumber;
use crate::time::DateTime;
use crate::users::UserResponse;
use crate::wire::blank_as_none;

/// A new wallet.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateWalletRequest {
    /// When the customer's credit balance raises alerts.
    pub alert_settings: Option<AlertSettings>,
    /// Auto topup.
    pub auto_topup: Option<AutoTopup>,
    /// Units of the base currency per unit.
    #[schema(default = "1")]
    pub conversion_rate: Option<Decimal>,
    /// Lower-case ISO 4217 code.
    #[schema(required = true)]
    pub currency: Option<String>,
    /// Id of the customer.
    pub customer_id: Option<String>,
    /// Text shown to people.
    pub description: Option<String>,
    /// The caller's own id of the customer.
    pub external_customer_id: Option<String>,
    /// Initial credits expiry date utc.
    #[schema(value_type = Option<String>)]
    pub initial_credits_expiry_date_utc: Option<DateTime>,
    /// Initial credits to load.
    #[schema(default = "0")]
    pub initial_credits_to_load: Option<Decimal>,
    /// Initial credits to load expiry date.
    pub initial_credits_to_load_expiry_date: Option<i64>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Code of the custom unit.
    pub price_unit: Option<String>,
    /// Topup conversion rate.
    pub topup_conversion_rate: Option<Decimal>,
    /// Wallet type.
    #[serde(deserialize_with = "blank_as_none")]
    pub wallet_type: Option<WalletType>,
}

/// A change of a wallet: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateWalletRequest {
    /// When the customer's credit balance raises alerts.
    pub alert_settings: Option<AlertSettings>,
    /// Auto topup.
    pub auto_topup: Option<AutoTopup>,
    /// Config.
    pub config: Option<WalletConfig>,
    /// Text shown to people.
    pub description: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: Option<String>,
}

/// A wallet.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WalletResponse {
    /// When the customer's credit balance raises alerts.
    pub alert_settings: Option<AlertSettings>,
    /// Alert state.
    pub alert_state: Option<AlertState>,
    /// Auto topup.
    pub auto_topup: Option<AutoTopup>,
    /// Balance.
    pub balance: Decimal,
    /// Config.
    pub config: Option<WalletConfig>,
    /// Units of the base currency per unit.
    pub conversion_rate: Option<Decimal>,
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// Credit balance.
    pub credit_balance: Decimal,
    /// Credits available breakdown.
    pub credits_available_breakdown: Option<CreditBreakdown>,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Id of the customer.
    pub customer_id: String,
    /// Text shown to people.
    pub description: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Id of the record.
    pub id: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: String,
    /// Real time balance.
    pub real_time_balance: Decimal,
    /// Real time credit balance.
    pub real_time_credit_balance: Decimal,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Topup conversion rate.
    pub topup_conversion_rate: Option<Decimal>,
    /// Last change.
    pub updated_at: DateTime,
    /// User who changed it last.
    pub updated_by: String,
    /// Wallet status.
    pub wallet_status: WalletStatus,
    /// Wallet type.
    pub wallet_type: WalletType,
}

/// A page of response dto wallet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ListWalletsResponse {
    /// The records.
    pub items: Vec<WalletResponse>,
    /// Where the page stands among all matches.
    pub pagination: Pagination,
}

/// Which wallets to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::WalletFilter)]
pub struct WalletFilter {
    /// Whether alerts are raised.
    pub alert_enabled: Option<bool>,
    /// Related records to embed, separated by commas.
    pub expand: Option<String>,
    /// Limit.
    #[schema(minimum = 1, maximum = 1000)]
    pub limit: Option<i64>,
    /// Items to skip.
    #[schema(minimum = 0)]
    pub offset: Option<i64>,
    /// `asc` or `desc`.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(inline)]
    pub order: Option<SortDirection>,
    /// Sort.
    pub sort: Option<String>,
    /// Lifecycle state of the record.
    #[serde(deserialize_with = "blank_as_none")]
    pub status: Option<WalletStatus>,
    /// Only these wallets.
    pub wallet_ids: Option<Vec<String>>,
}

wire_enum! {
    /// Wallet status.
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
    /// Wallet type.
    WalletType, "types.WalletType" {
        /// `PRE_PAID`.
        PrePaid = "PRE_PAID",
        /// `POST_PAID`.
        PostPaid = "POST_PAID",
    }
}

/// Wallet config.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::WalletConfig)]
pub struct WalletConfig {
    /// Allowed price types.
    pub allowed_price_types: Option<Vec<WalletConfigPriceType>>,
}

wire_enum! {
    /// Wallet config price type.
    WalletConfigPriceType, "types.WalletConfigPriceType" {
        /// `ALL`.
        All = "ALL",
        /// `USAGE`.
        Usage = "USAGE",
        /// `FIXED`.
        Fixed = "FIXED",
    }
}

/// Auto topup.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::AutoTopup)]
pub struct AutoTopup {
    /// Money in units of the currency.
    pub amount: Option<JsonNumber>,
    /// Cooldown.
    pub cooldown: Option<AlertDuration>,
    /// Enabled.
    pub enabled: Option<bool>,
    /// Invoicing.
    pub invoicing: Option<bool>,
    /// Value at which the level is reached.
    pub threshold: Option<JsonNumber>,
}

/// Invoice sync settings.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = types::InvoiceSyncSettings)]
pub struct InvoiceSyncSettings {
    /// Metadata custom fields.
    pub metadata_custom_fields: Vec<MetadataCustomField>,
    /// Normalize fixed to.
    pub normalize_fixed_to: BillingPeriod,
    /// Service period custom fields.
    pub service_period_custom_fields: Option<ServicePeriodCustomFields>,
}

/// Adds credits to a wallet.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct TopUpWalletRequest {
    /// Money in units of the currency.
    pub amount: Option<Decimal>,
    /// Bonus credits expiry date utc.
    #[schema(value_type = Option<String>)]
    pub bonus_credits_expiry_date_utc: Option<DateTime>,
    /// Bonus credits to add.
    pub bonus_credits_to_add: Option<Decimal>,
    /// Collects the first payment before the subscription starts.
    pub checkout: Option<CheckoutParams>,
    /// Credits to add.
    pub credits_to_add: Option<Decimal>,
    /// Text shown to people.
    pub description: Option<String>,
    /// Expiry date utc.
    #[schema(value_type = Option<String>)]
    pub expiry_date_utc: Option<DateTime>,
    /// Force sync invoice.
    pub force_sync_invoice: Option<bool>,
    /// The caller's key that makes a repeated request harmless.
    pub idempotency_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Order of application, lowest first.
    pub priority: Option<i64>,
    /// Transaction reason.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub transaction_reason: Option<TransactionReason>,
}

/// A top up wallet.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TopUpWalletResponse {
    /// The checkout that the call opened.
    pub checkout_session: Option<CheckoutSessionResponse>,
    /// Id of the invoice.
    pub invoice_id: String,
    /// The wallet.
    pub wallet: Option<WalletResponse>,
    /// Wallet transaction.
    pub wallet_transaction: Option<WalletTransactionResponse>,
}

/// A wallet balance.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WalletBalanceResponse {
    /// When the customer's credit balance raises alerts.
    pub alert_settings: Option<AlertSettings>,
    /// Alert state.
    pub alert_state: Option<AlertState>,
    /// Auto topup.
    pub auto_topup: Option<AutoTopup>,
    /// Balance.
    pub balance: Decimal,
    /// When it was balance updated.
    pub balance_updated_at: Option<DateTime>,
    /// Config.
    pub config: Option<WalletConfig>,
    /// Units of the base currency per unit.
    pub conversion_rate: Option<Decimal>,
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// Credit balance.
    pub credit_balance: Decimal,
    /// Credits available breakdown.
    pub credits_available_breakdown: Option<CreditBreakdown>,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Current period usage.
    pub current_period_usage: Decimal,
    /// Id of the customer.
    pub customer_id: String,
    /// Text shown to people.
    pub description: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Id of the record.
    pub id: String,
    /// Whether it is cached fallback.
    pub is_cached_fallback: bool,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: String,
    /// Real time balance.
    pub real_time_balance: Decimal,
    /// Real time credit balance.
    pub real_time_credit_balance: Decimal,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Topup conversion rate.
    pub topup_conversion_rate: Option<Decimal>,
    /// Unpaid invoices amount.
    pub unpaid_invoices_amount: Decimal,
    /// Last change.
    pub updated_at: DateTime,
    /// User who changed it last.
    pub updated_by: String,
    /// Wallet status.
    pub wallet_status: WalletStatus,
    /// Wallet type.
    pub wallet_type: WalletType,
}

/// Credit breakdown.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = types::CreditBreakdown)]
pub struct CreditBreakdown {
    /// Free.
    pub free: Decimal,
    /// Purchased.
    pub purchased: Decimal,
}

/// A wallet transaction.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WalletTransactionResponse {
    /// Money in units of the currency.
    pub amount: Decimal,
    /// Units of the base currency per unit.
    pub conversion_rate: Option<Decimal>,
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// Created by user.
    pub created_by_user: Option<UserResponse>,
    /// Credit amount.
    pub credit_amount: Decimal,
    /// Credit balance after.
    pub credit_balance_after: Decimal,
    /// Credit balance before.
    pub credit_balance_before: Decimal,
    /// Credits available.
    pub credits_available: Decimal,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// The customer.
    pub customer: Option<CustomerResponse>,
    /// Id of the customer.
    pub customer_id: String,
    /// Text shown to people.
    pub description: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Expiry date.
    pub expiry_date: Option<DateTime>,
    /// Id of the record.
    pub id: String,
    /// The caller's key that makes a repeated request harmless.
    pub idempotency_key: Option<String>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Id of the parent transaction.
    pub parent_transaction_id: Option<String>,
    /// Order of application, lowest first.
    pub priority: Option<i64>,
    /// Id of the reference.
    pub reference_id: Option<String>,
    /// Reference type.
    pub reference_type: Option<WalletTxReferenceType>,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Topup conversion rate.
    pub topup_conversion_rate: Option<Decimal>,
    /// Transaction reason.
    pub transaction_reason: TransactionReason,
    /// Transaction status.
    pub transaction_status: TransactionStatus,
    /// Kind of the record.
    pub r#type: TransactionType,
    /// Last change.
    pub updated_at: DateTime,
    /// User who changed it last.
    pub updated_by: String,
    /// The wallet.
    pub wallet: Option<WalletResponse>,
    /// Id of the wallet.
    pub wallet_id: String,
}

list_response! {
    /// A page of wallet transactions.
    ListWalletTransactionsResponse of WalletTransactionResponse
}

list_filter! {
    /// Which wallet transactions to list.
    WalletTransactionFilter as types::WalletTransactionFilter {
        /// User who created it.
        pub created_by: Option<String>,
        /// Credits available gt.
        pub credits_available_gt: Option<JsonNumber>,
        /// Expiry date after.
        #[schema(value_type = Option<String>)]
        pub expiry_date_after: Option<DateTime>,
        /// Expiry date before.
        #[schema(value_type = Option<String>)]
        pub expiry_date_before: Option<DateTime>,
        /// Id of the record.
        pub id: Option<String>,
        /// Order of application, lowest first.
        pub priority: Option<i64>,
        /// Id of the reference.
        pub reference_id: Option<String>,
        /// Reference type.
        pub reference_type: Option<String>,
        /// Transaction reason.
        #[serde(deserialize_with = "blank_as_none")]
        pub transaction_reason: Option<TransactionReason>,
        /// Transaction status.
        #[serde(deserialize_with = "blank_as_none")]
        pub transaction_status: Option<TransactionStatus>,
        /// Kind of the record.
        #[serde(deserialize_with = "blank_as_none")]
        pub r#type: Option<TransactionType>,
    }
}

wire_enum! {
    /// Transaction reason.
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
    /// Transaction status.
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
    /// Transaction type.
    TransactionType, "types.TransactionType" {
        /// `credit`.
        Credit = "credit",
        /// `debit`.
        Debit = "debit",
    }
}

wire_enum! {
    /// Wallet tx reference type.
    WalletTxReferenceType, "types.WalletTxReferenceType" {
        /// `PAYMENT`.
        Payment = "PAYMENT",
        /// `EXTERNAL`.
        External = "EXTERNAL",
        /// `REQUEST`.
        Request = "REQUEST",
        /// `INVOICE`.
        Invoice = "INVOICE",
    }
}

impl utoipa::PartialSchema for ListWalletsResponse {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::Ref;
        use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder};

        ObjectBuilder::new()
            .property(
                "items",
                ArrayBuilder::new().items(Ref::from_schema_name(WalletResponse::name())),
            )
            .property("pagination", Ref::from_schema_name(Pagination::name()))
            .into()
    }
}

impl ToSchema for ListWalletsResponse {
    /// The contract's name is no Rust path, so it cannot be derived.
    fn name() -> std::borrow::Cow<'static, str> {
        "types.ListResponse-dto_WalletResponse".into()
    }
}
