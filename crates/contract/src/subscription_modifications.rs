//! Modifications of a running subscription on the wire (spec 04 §3.8).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::SubscriptionStatus;
use tariff_core::{Decimal, wire_enum};
use utoipa::ToSchema;

use crate::addons::{AddAddonToSubscriptionRequest, RemoveAddonRequest};
use crate::checkout::{CheckoutParams, CheckoutSessionResponse};
use crate::invoices::InvoiceResponse;
use crate::subscriptions::SubscriptionResponse;
use crate::time::DateTime;
use crate::wallets::WalletTransactionResponse;
use crate::wire::blank_as_none;

/// An execute subscription modify request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ExecuteSubscriptionModifyRequest {
    /// Addon params.
    pub addon_params: Option<SubModifyAddonParams>,
    /// Collects the first payment before the subscription starts.
    pub checkout: Option<CheckoutParams>,
    /// Coupon params.
    pub coupon_params: Option<SubModifyCouponParams>,
    /// Grouped invoicing params.
    pub grouped_invoicing_params: Option<SubModifyGroupedInvoicingParams>,
    /// Inheritance params.
    pub inheritance_params: Option<SubModifyInheritanceRequest>,
    /// Quantity change params.
    pub quantity_change_params: Option<SubModifyQuantityChangeRequest>,
    /// Tax params.
    pub tax_params: Option<SubModifyTaxParams>,
    /// Trial end params.
    pub trial_end_params: Option<SubModifyTrialEndRequest>,
    /// Kind of execute subscription modify.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub r#type: Option<SubscriptionModifyType>,
}

/// A subscription modify.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SubscriptionModifyResponse {
    /// Changed resources.
    pub changed_resources: Option<ChangedResources>,
    /// The checkout that the call opened.
    pub checkout_session: Option<CheckoutSessionResponse>,
    /// The subscription.
    pub subscription: Option<SubscriptionResponse>,
}

wire_enum! {
    /// Subscription modify type.
    SubscriptionModifyType, "SubscriptionModifyType" {
        /// `inheritance`.
        Inheritance = "inheritance",
        /// `quantity_change`.
        QuantityChange = "quantity_change",
        /// `grouped_invoicing`.
        GroupedInvoicing = "grouped_invoicing",
        /// `trial_end`.
        TrialEnd = "trial_end",
        /// `coupon`.
        Coupon = "coupon",
        /// `tax`.
        Tax = "tax",
        /// `addon`.
        Addon = "addon",
    }
}

/// Sub modify addon params.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SubModifyAddonParams {
    /// Action.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub action: Option<SubscriptionModificationAction>,
    /// Add.
    pub add: Option<AddAddonToSubscriptionRequest>,
    /// Remove.
    pub remove: Option<RemoveAddonRequest>,
}

wire_enum! {
    /// Sub modify coupon action.
    SubModifyCouponAction, "SubModifyCouponAction" {
        /// `add`.
        Add = "add",
        /// `remove`.
        Remove = "remove",
    }
}

/// Sub modify coupon params.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SubModifyCouponParams {
    /// Action.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub action: Option<SubModifyCouponAction>,
    /// Id of the coupon association.
    pub coupon_association_id: Option<String>,
    /// What customers type; any letter case.
    pub coupon_code: Option<String>,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
    /// Id of the subscription line item.
    pub subscription_line_item_id: Option<String>,
}

/// Sub modify grouped invoicing params.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SubModifyGroupedInvoicingParams {
    /// Action.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub action: Option<GroupedInvoicingAction>,
    /// Ids of the child subscriptions.
    pub child_subscription_ids: Option<Vec<String>>,
    /// Parent of an inherited or grouped subscription.
    pub parent_subscription_id: Option<String>,
}

/// A sub modify inheritance request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SubModifyInheritanceRequest {
    /// Action.
    #[serde(deserialize_with = "blank_as_none")]
    pub action: Option<InheritanceAction>,
    /// Customers who use the subscription and do not pay.
    pub external_customer_ids_to_inherit_subscription: Option<Vec<String>>,
    /// External customer ids to remove.
    pub external_customer_ids_to_remove: Option<Vec<String>>,
}

/// A sub modify quantity change request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SubModifyQuantityChangeRequest {
    /// The lines.
    #[schema(required = true, min_items = 1)]
    pub line_items: Option<Vec<LineItemQuantityChange>>,
}

wire_enum! {
    /// Sub modify tax action.
    SubModifyTaxAction, "SubModifyTaxAction" {
        /// `add`.
        Add = "add",
        /// `remove`.
        Remove = "remove",
    }
}

/// Sub modify tax params.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SubModifyTaxParams {
    /// Action.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub action: Option<SubModifyTaxAction>,
    /// When it takes effect.
    pub effective_date: Option<DateTime>,
    /// Id of the tax association.
    pub tax_association_id: Option<String>,
    /// Id of the tax rate.
    pub tax_rate_id: Option<String>,
}

/// A sub modify trial end request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SubModifyTrialEndRequest {
    /// Action.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub action: Option<TrialEndAction>,
    /// New trial end.
    pub new_trial_end: Option<DateTime>,
}

wire_enum! {
    /// Subscription modification action.
    SubscriptionModificationAction, "SubscriptionModificationAction" {
        /// `add`.
        Add = "add",
        /// `remove`.
        Remove = "remove",
    }
}

wire_enum! {
    /// Grouped invoicing action.
    GroupedInvoicingAction, "GroupedInvoicingAction" {
        /// `add`.
        Add = "add",
        /// `remove`.
        Remove = "remove",
    }
}

wire_enum! {
    /// Inheritance action.
    InheritanceAction, "InheritanceAction" {
        /// `add`.
        Add = "add",
        /// `remove`.
        Remove = "remove",
    }
}

wire_enum! {
    /// Trial end action.
    TrialEndAction, "TrialEndAction" {
        /// `immediate`.
        Immediate = "immediate",
        /// `scheduled_date`.
        ScheduledDate = "scheduled_date",
    }
}

/// Line item quantity change.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct LineItemQuantityChange {
    /// Id of the record.
    #[schema(required = true)]
    pub id: Option<String>,
    /// When it takes effect.
    pub effective_date: Option<DateTime>,
    /// Number of units.
    pub quantity: Option<Decimal>,
}

/// Changed resources.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChangedResources {
    /// Invoices.
    pub invoices: Vec<ChangedInvoice>,
    /// The lines.
    pub line_items: Vec<ChangedLineItem>,
    /// Subscriptions.
    pub subscriptions: Vec<ChangedSubscription>,
}

/// Changed invoice.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChangedInvoice {
    /// Id of the record.
    pub id: String,
    /// Action.
    pub action: ChangedInvoiceAction,
    /// The invoice.
    pub invoice: Option<InvoiceResponse>,
    /// Wallet transaction.
    pub wallet_transaction: Option<WalletTransactionResponse>,
    /// Lifecycle state of the record.
    pub status: ChangedInvoiceStatus,
}

wire_enum! {
    /// Changed invoice action.
    ChangedInvoiceAction, "ChangedInvoiceAction" {
        /// `created`.
        Created = "created",
        /// `wallet_credit`.
        WalletCredit = "wallet_credit",
    }
}

wire_enum! {
    /// Changed invoice status.
    ChangedInvoiceStatus, "ChangedInvoiceStatus" {
        /// `preview`.
        Preview = "preview",
        /// `issued`.
        Issued = "issued",
    }
}

/// Changed line item.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChangedLineItem {
    /// Id of the record.
    pub id: String,
    /// Change action.
    pub change_action: ChangedLineItemAction,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Id of the price.
    pub price_id: String,
    /// Number of units.
    pub quantity: Decimal,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
}

wire_enum! {
    /// Changed line item action.
    ChangedLineItemAction, "ChangedLineItemAction" {
        /// `created`.
        Created = "created",
        /// `updated`.
        Updated = "updated",
        /// `ended`.
        Ended = "ended",
    }
}

/// Changed subscription.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChangedSubscription {
    /// Id of the record.
    pub id: String,
    /// Action.
    pub action: ChangedSubscriptionAction,
    /// End of the current period, exclusive.
    pub current_period_end: Option<DateTime>,
    /// End of the trial; absent without one.
    pub trial_end: Option<DateTime>,
    /// Lifecycle state of the record.
    pub status: SubscriptionStatus,
}

wire_enum! {
    /// Changed subscription action.
    ChangedSubscriptionAction, "ChangedSubscriptionAction" {
        /// `created`.
        Created = "created",
        /// `updated`.
        Updated = "updated",
    }
}
