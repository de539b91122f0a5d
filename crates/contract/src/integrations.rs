//! Integration links on the wire: which provider record an entity corresponds to (spec 01 B2).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tariff_core::{Status, wire_enum};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::list::list_response;
use crate::time::DateTime;
use crate::validate::{FieldErrors, NAME_CHARS_MAX};
use crate::wire::blank_as_none;

/// Longest provider name, in code points.
const PROVIDER_CHARS_MAX: usize = 50;

/// Providers that a customer may be linked to (spec 01 B1).
pub const LINK_PROVIDERS: [&str; 15] = [
    "stripe",
    "razorpay",
    "paypal",
    "quickbooks",
    "zoho_books",
    "paddle",
    "hubspot",
    "aws_marketplace",
    "gcp_marketplace",
    "azure_marketplace",
    "chargebee",
    "nomod",
    "moyasar",
    "whop",
    "tabs",
];

wire_enum! {
    /// Kind of the entity that a link belongs to.
    IntegrationEntityType, "types.IntegrationEntityType" {
        /// A customer.
        Customer = "customer",
        /// A plan.
        Plan = "plan",
        /// An invoice.
        Invoice = "invoice",
        /// A subscription.
        Subscription = "subscription",
        /// A payment.
        Payment = "payment",
        /// A credit note.
        CreditNote = "credit_note",
        /// An addon.
        Addon = "addon",
        /// A provider's item.
        Item = "item",
        /// A provider's price of an item.
        ItemPrice = "item_price",
        /// A price.
        Price = "price",
        /// A line of an invoice.
        InvoiceLineItem = "invoice_line_item",
        /// A line of a subscription.
        SubscriptionLineItem = "subscription_line_item",
    }
}

/// A link to create or replace together with its customer.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateEntityIntegrationMappingRequest {
    /// Id of the entity; its value is not used, the target is the customer addressed.
    #[schema(required = true, max_length = 255)]
    pub entity_id: Option<String>,
    /// Must be `customer`. Any word is read, because a wrong one is told together with the other field rules.
    #[schema(required = true, value_type = Option<IntegrationEntityType>)]
    pub entity_type: Option<String>,
    /// Name of the provider, one of [`LINK_PROVIDERS`].
    #[schema(required = true, max_length = 50)]
    pub provider_type: Option<String>,
    /// The provider's id of the customer.
    #[schema(required = true, max_length = 255)]
    pub provider_entity_id: Option<String>,
    /// Free map of any values.
    pub metadata: Option<Map<String, Value>>,
}

impl CreateEntityIntegrationMappingRequest {
    /// Records the members that break a rule when a customer is created: all four are mandatory.
    pub fn check_on_create(&self, errors: &mut FieldErrors) {
        errors.required("entity_id", self.entity_id.as_ref());
        errors.required("entity_type", self.entity_type.as_ref());
        self.check_on_update(errors);
    }

    /// Records the members that break a rule when a customer is updated: the entity is the customer addressed.
    pub fn check_on_update(&self, errors: &mut FieldErrors) {
        errors.length("entity_id", self.entity_id.as_deref(), 0, NAME_CHARS_MAX);
        let is_customer = self
            .entity_type
            .as_deref()
            .is_none_or(|word| word.is_empty() || word == IntegrationEntityType::Customer.as_str());
        errors.check(is_customer, "entity_type", "must be customer");
        errors.required_text("provider_type", self.provider_type.as_ref(), PROVIDER_CHARS_MAX);
        let known = self
            .provider_type
            .as_deref()
            .is_none_or(|provider| LINK_PROVIDERS.contains(&provider));
        errors.check(known, "provider_type", "is not a known provider");
        errors.required_text("provider_entity_id", self.provider_entity_id.as_ref(), NAME_CHARS_MAX);
    }
}

/// Records that a provider is named twice in one request.
pub(crate) fn check_distinct_providers(links: &[CreateEntityIntegrationMappingRequest], errors: &mut FieldErrors) {
    let mut seen = std::collections::BTreeSet::new();
    for (index, link) in links.iter().enumerate() {
        if let Some(provider) = &link.provider_type
            && !seen.insert(provider)
        {
            let field = format!("integration_entity_mapping[{index}].provider_type");
            errors.add(field, "names a provider for the second time");
        }
    }
}

/// One link of one entity to one provider.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EntityIntegrationMappingResponse {
    /// `eim_…`.
    pub id: String,
    /// Id of the linked entity.
    pub entity_id: String,
    /// Kind of the linked entity.
    pub entity_type: IntegrationEntityType,
    /// Name of the provider.
    pub provider_type: String,
    /// The provider's id of the entity.
    pub provider_entity_id: String,
    /// Free map of any values; null when never set.
    pub metadata: Option<Map<String, Value>>,
    /// Tenant of the link.
    pub tenant_id: String,
    /// Environment of the link.
    pub environment_id: String,
    /// `archived` once the link is removed.
    pub status: Status,
    /// Creation, whole seconds.
    #[serde(with = "crate::time::seconds")]
    pub created_at: DateTime,
    /// Last change, whole seconds.
    #[serde(with = "crate::time::seconds")]
    pub updated_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// User who changed it last.
    pub updated_by: String,
}

/// Links an entity to a provider's record, or replaces such a link.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct LinkIntegrationMappingRequest {
    /// Id of the entity.
    #[schema(required = true, max_length = 255)]
    pub entity_id: Option<String>,
    /// Kind of the entity.
    #[schema(required = true)]
    #[serde(deserialize_with = "blank_as_none")]
    pub entity_type: Option<IntegrationEntityType>,
    /// Name of a provider with a published connection.
    #[schema(required = true, max_length = 50)]
    pub provider_type: Option<String>,
    /// The provider's id of the entity.
    #[schema(required = true, max_length = 255)]
    pub provider_entity_id: Option<String>,
    /// Replaces the whole metadata of an existing link.
    pub metadata: Option<Map<String, Value>>,
}

impl LinkIntegrationMappingRequest {
    /// Checks presence and lengths.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required_text("entity_id", self.entity_id.as_ref(), NAME_CHARS_MAX);
        errors.present("entity_type", self.entity_type.as_ref());
        errors.required_text("provider_type", self.provider_type.as_ref(), PROVIDER_CHARS_MAX);
        errors.required_text("provider_entity_id", self.provider_entity_id.as_ref(), NAME_CHARS_MAX);
        errors.finish()
    }
}

/// The link as stored.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LinkIntegrationMappingResponse {
    /// The link.
    pub mapping: EntityIntegrationMappingResponse,
}

/// Removes the link of an entity to a provider.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct DelinkIntegrationMappingRequest {
    /// Id of the entity.
    #[schema(required = true)]
    pub entity_id: Option<String>,
    /// Kind of the entity.
    #[schema(required = true)]
    #[serde(deserialize_with = "blank_as_none")]
    pub entity_type: Option<IntegrationEntityType>,
    /// Name of the provider.
    #[schema(required = true)]
    pub provider_type: Option<String>,
}

impl DelinkIntegrationMappingRequest {
    /// Checks presence.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required("entity_id", self.entity_id.as_ref());
        errors.present("entity_type", self.entity_type.as_ref());
        errors.required("provider_type", self.provider_type.as_ref());
        errors.finish()
    }
}

list_response! {
    /// The published links of one entity; not paged.
    ListEntityIntegrationMappingsResponse of EntityIntegrationMappingResponse
}
