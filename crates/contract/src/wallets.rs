//! Wallets and their transactions on the wire (spec 06).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::Status;
use utoipa::ToSchema;

use crate::alerts::{AlertSettings, AlertState};
use crate::checkout::CheckoutSessionResponse;
use crate::filter::SortDirection;
use crate::list::Pagination;
use crate::metadata::Metadata;
use crate::time::DateTime;
use crate::wire::blank_as_none;

mod requests;
mod transactions;

pub use requests::*;
pub use transactions::*;

pub use tariff_core::vocabulary::{WalletStatus, WalletType};

/// A wallet.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WalletResponse {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
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
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Real time balance.
    pub real_time_balance: Decimal,
    /// Real time credit balance.
    pub real_time_credit_balance: Decimal,
    /// Topup conversion rate.
    pub topup_conversion_rate: Option<Decimal>,
    /// Wallet status.
    pub wallet_status: WalletStatus,
    /// Wallet type.
    pub wallet_type: WalletType,
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
    /// Only these wallets.
    pub wallet_ids: Option<Vec<String>>,
    /// Lifecycle state of the record.
    #[serde(deserialize_with = "blank_as_none")]
    pub status: Option<WalletStatus>,
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
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
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
    /// Whether it is cached fallback.
    pub is_cached_fallback: bool,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Real time balance.
    pub real_time_balance: Decimal,
    /// Real time credit balance.
    pub real_time_credit_balance: Decimal,
    /// Topup conversion rate.
    pub topup_conversion_rate: Option<Decimal>,
    /// Unpaid invoices amount.
    pub unpaid_invoices_amount: Decimal,
    /// Wallet status.
    pub wallet_status: WalletStatus,
    /// Wallet type.
    pub wallet_type: WalletType,
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

/// Credit breakdown.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = types::CreditBreakdown)]
pub struct CreditBreakdown {
    /// Free.
    pub free: Decimal,
    /// Purchased.
    pub purchased: Decimal,
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
