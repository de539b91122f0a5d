//! Transactions of a wallet (spec 06).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::Status;
use tariff_core::{Decimal, wire_enum};
use utoipa::ToSchema;

use crate::customers::CustomerResponse;
use crate::list::{list_filter, list_response};
use crate::metadata::Metadata;
use crate::number::JsonNumber;
use crate::time::DateTime;
use crate::users::UserResponse;
use crate::wallets::WalletResponse;
use crate::wire::blank_as_none;

pub use tariff_core::vocabulary::{TransactionReason, TransactionStatus, TransactionType};

/// A wallet transaction.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WalletTransactionResponse {
    /// Id of the record.
    pub id: String,
    /// Money in units of the currency.
    pub amount: Decimal,
    /// Units of the base currency per unit.
    pub conversion_rate: Option<Decimal>,
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
    /// Expiry date.
    pub expiry_date: Option<DateTime>,
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
    /// Topup conversion rate.
    pub topup_conversion_rate: Option<Decimal>,
    /// Transaction reason.
    pub transaction_reason: TransactionReason,
    /// Transaction status.
    pub transaction_status: TransactionStatus,
    /// Kind of wallet transaction.
    pub r#type: TransactionType,
    /// The wallet.
    pub wallet: Option<WalletResponse>,
    /// Id of the wallet.
    pub wallet_id: String,
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
        /// Kind of wallet transaction.
        #[serde(deserialize_with = "blank_as_none")]
        pub r#type: Option<TransactionType>,
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
