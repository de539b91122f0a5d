//! Customers on the wire (spec 01 B1).

use serde::{Deserialize, Serialize};
use tariff_core::Status;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::expand::Allowed;
use crate::integrations::{
    CreateEntityIntegrationMappingRequest, EntityIntegrationMappingResponse, check_distinct_providers,
};
use crate::list::{list_filter, list_response};
use crate::metadata::Metadata;
use crate::taxes::TaxRateOverride;
use crate::time::DateTime;
use crate::validate::{FieldErrors, NAME_CHARS_MAX, is_email};

/// What `expand` allows on customers (spec 01 A12).
pub const CUSTOMER_EXPAND: Allowed = &[("integrations", &[])];

/// A new customer. Lengths count code points.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateCustomerRequest {
    /// The caller's own id, unique among published customers; any characters, 1 to 255.
    #[schema(required = true)]
    pub external_id: Option<String>,
    /// 1 to 255 characters.
    #[schema(required = true, max_length = 255)]
    pub name: Option<String>,
    /// Not unique; may be empty.
    pub email: Option<String>,
    /// Telephone number or the like.
    #[schema(max_length = 20)]
    pub contact: Option<String>,
    /// First line of the address.
    #[schema(max_length = 255)]
    pub address_line1: Option<String>,
    /// Second line of the address.
    #[schema(max_length = 255)]
    pub address_line2: Option<String>,
    /// City.
    #[schema(max_length = 100)]
    pub address_city: Option<String>,
    /// State or region.
    #[schema(max_length = 100)]
    pub address_state: Option<String>,
    /// Postal code; no format per country.
    #[schema(max_length = 20)]
    pub address_postal_code: Option<String>,
    /// Upper-case ISO 3166-1 alpha-2 code; may be empty.
    pub address_country: Option<String>,
    /// IANA zone; empty or absent means `UTC`.
    pub timezone: Option<String>,
    /// Free string map; `gstin`, `pan` and `hsn_sac` are checked.
    pub metadata: Option<Metadata>,
    /// Links to providers, one per provider.
    pub integration_entity_mapping: Option<Vec<CreateEntityIntegrationMappingRequest>>,
    /// Absent: the tenant's automatic taxes; empty: none; else exactly these.
    pub tax_rate_overrides: Option<Vec<TaxRateOverride>>,
    /// Starts no onboarding.
    pub skip_onboarding_workflow: Option<bool>,
    /// A list of onboarding actions other than the default one.
    pub onboarding_workflow_name: Option<String>,
}

impl CreateCustomerRequest {
    /// Checks the field rules (spec 01 B1).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required_text("external_id", self.external_id.as_ref(), NAME_CHARS_MAX);
        errors.required_text("name", self.name.as_ref(), NAME_CHARS_MAX);
        errors.email("email", self.email.as_deref().filter(|email| !email.is_empty()));
        errors.country(
            "address_country",
            self.address_country.as_deref().filter(|code| !code.is_empty()),
        );
        errors.timezone("timezone", self.timezone.as_deref().filter(|zone| !zone.is_empty()));
        check_lengths(
            &mut errors,
            [
                &self.contact,
                &self.address_line1,
                &self.address_line2,
                &self.address_city,
                &self.address_state,
                &self.address_postal_code,
            ],
        );
        if let Some(metadata) = &self.metadata {
            metadata.check_tax_keys(&mut errors);
        }
        TaxRateOverride::check_all(self.tax_rate_overrides.as_deref(), &mut errors);
        let links = self.integration_entity_mapping.as_deref();
        errors.each(
            "integration_entity_mapping",
            links,
            CreateEntityIntegrationMappingRequest::check_on_create,
        );
        check_distinct_providers(links.unwrap_or_default(), &mut errors);
        errors.finish()
    }
}

/// A change of a customer: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateCustomerRequest {
    /// 1 to 255 characters; the previous id of ours is noted in the metadata.
    pub external_id: Option<String>,
    /// 1 to 255 characters.
    pub name: Option<String>,
    /// Not to be emptied.
    pub email: Option<String>,
    /// Empty clears.
    #[schema(max_length = 20)]
    pub contact: Option<String>,
    /// Empty clears.
    #[schema(max_length = 255)]
    pub address_line1: Option<String>,
    /// Empty clears.
    #[schema(max_length = 255)]
    pub address_line2: Option<String>,
    /// Empty clears.
    #[schema(max_length = 100)]
    pub address_city: Option<String>,
    /// Empty clears.
    #[schema(max_length = 100)]
    pub address_state: Option<String>,
    /// Empty clears.
    #[schema(max_length = 20)]
    pub address_postal_code: Option<String>,
    /// Upper-case ISO 3166-1 alpha-2 code; not to be emptied.
    pub address_country: Option<String>,
    /// IANA zone; not to be emptied.
    pub timezone: Option<String>,
    /// Replaces the whole map.
    pub metadata: Option<Metadata>,
    /// Creates or replaces the links named; others stay.
    pub integration_entity_mapping: Option<Vec<CreateEntityIntegrationMappingRequest>>,
}

impl UpdateCustomerRequest {
    /// Checks the field rules (spec 01 B1).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.length("external_id", self.external_id.as_deref(), 1, NAME_CHARS_MAX);
        errors.length("name", self.name.as_deref(), 1, NAME_CHARS_MAX);
        errors.email("email", self.email.as_deref());
        errors.country("address_country", self.address_country.as_deref());
        errors.timezone("timezone", self.timezone.as_deref());
        check_lengths(
            &mut errors,
            [
                &self.contact,
                &self.address_line1,
                &self.address_line2,
                &self.address_city,
                &self.address_state,
                &self.address_postal_code,
            ],
        );
        if let Some(metadata) = &self.metadata {
            metadata.check_tax_keys(&mut errors);
        }
        let links = self.integration_entity_mapping.as_deref();
        errors.each(
            "integration_entity_mapping",
            links,
            CreateEntityIntegrationMappingRequest::check_on_update,
        );
        check_distinct_providers(links.unwrap_or_default(), &mut errors);
        errors.finish()
    }
}

/// Names and longest lengths of the plain texts of a customer, in the order of [`check_lengths`].
const TEXT_LIMITS: [(&str, usize); 6] = [
    ("contact", 20),
    ("address_line1", 255),
    ("address_line2", 255),
    ("address_city", 100),
    ("address_state", 100),
    ("address_postal_code", 20),
];

fn check_lengths(errors: &mut FieldErrors, texts: [&Option<String>; 6]) {
    for ((field, max), text) in TEXT_LIMITS.into_iter().zip(texts) {
        errors.length(field, text.as_deref(), 0, max);
    }
}

/// A customer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CustomerResponse {
    /// `cust_…`.
    pub id: String,
    /// The caller's own id.
    pub external_id: String,
    /// Name.
    pub name: String,
    /// Empty when unknown.
    pub email: String,
    /// Absent when never set; empty when cleared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// First line of the address; empty when unknown.
    pub address_line1: String,
    /// Second line of the address; empty when unknown.
    pub address_line2: String,
    /// City; empty when unknown.
    pub address_city: String,
    /// State or region; empty when unknown.
    pub address_state: String,
    /// Postal code; empty when unknown.
    pub address_postal_code: String,
    /// Upper-case ISO 3166-1 alpha-2 code; empty when unknown.
    pub address_country: String,
    /// IANA zone.
    pub timezone: String,
    /// Free string map; null when never set.
    pub metadata: Option<Metadata>,
    /// Links to providers, newest first; absent when there are none or they were not asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub integrations: Vec<EntityIntegrationMappingResponse>,
    /// Tenant of the customer.
    pub tenant_id: String,
    /// Environment of the customer.
    pub environment_id: String,
    /// `archived` once deleted.
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
    /// A page of customers.
    ListCustomersResponse of CustomerResponse
}

list_filter! {
    /// Which customers to list.
    CustomerFilter as types::CustomerFilter {
        /// Only these ids.
        pub customer_ids: Option<Vec<String>>,
        /// Only this external id.
        pub external_id: Option<String>,
        /// Only these external ids.
        pub external_ids: Option<Vec<String>>,
        /// Only this e-mail address, exactly.
        pub email: Option<String>,
        /// Only customers whose metadata contains every pair.
        pub metadata: Option<Metadata>,
    }
}

impl CustomerFilter {
    /// Checks the field rules; [`CustomerFilter::list_options`] checks the shared members.
    ///
    /// # Errors
    /// `validation_error` when `email` is not plausible: ASCII, `local@domain.tld`.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        let email = self.email.as_deref().filter(|email| !email.is_empty());
        let plausible = email.is_none_or(|email| email.is_ascii() && is_email(email));
        errors.check(plausible, "email", "must be an e-mail address");
        errors.finish()
    }
}

/// A link to the customer's own portal.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CustomerPortalResponse {
    /// Address of the portal, token included.
    pub url: String,
    /// Session token.
    pub token: String,
    /// When the token stops working.
    pub expires_at: DateTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed_fields(result: Result<(), ApiError>) -> Vec<String> {
        result
            .err()
            .map_or_else(Vec::new, |error| error.details.into_keys().collect())
    }

    #[test]
    fn create_rules() {
        let two_byte = "é".repeat(255);
        let table = [
            (r#"{"external_id":"x","name":"n"}"#.to_owned(), vec![]),
            (
                r#"{"external_id":"","name":null}"#.to_owned(),
                vec!["external_id", "name"],
            ),
            (
                r#"{"external_id":"x","name":" ","email":"","timezone":"","address_country":""}"#.to_owned(),
                vec![],
            ),
            (
                r#"{"external_id":"x","name":"n","email":"bad","timezone":"IST","address_country":"us"}"#.to_owned(),
                vec!["address_country", "email", "timezone"],
            ),
            (
                format!(r#"{{"external_id":"{two_byte}","name":"n","address_line1":"{two_byte}"}}"#),
                vec![],
            ),
            (
                format!(r#"{{"external_id":"{two_byte}x","name":"n"}}"#),
                vec!["external_id"],
            ),
            (
                r#"{"external_id":"x","name":"n","tax_rate_overrides":[{"currency":"usd"}]}"#.to_owned(),
                vec!["tax_rate_overrides[0].tax_rate_code"],
            ),
        ];
        for (body, expected) in table {
            let request: CreateCustomerRequest = serde_json::from_str(&body).unwrap();
            assert_eq!(failed_fields(request.validate()), expected, "{body}");
        }
    }

    #[test]
    fn update_rules() {
        for (body, expected) in [
            ("{}", vec![]),
            (r#"{"name":null,"contact":"","address_city":""}"#, vec![]),
            (
                r#"{"name":"","email":"","timezone":"","address_country":""}"#,
                vec!["address_country", "email", "name", "timezone"],
            ),
            (
                r#"{"integration_entity_mapping":[{"provider_type":"stripe","provider_entity_id":"cus_1"}]}"#,
                vec![],
            ),
            (
                r#"{"integration_entity_mapping":[
                    {"provider_type":"stripe","provider_entity_id":"a"},
                    {"provider_type":"stripe","provider_entity_id":"b","entity_type":"plan"},
                    {"provider_type":"nobody","provider_entity_id":""}]}"#,
                vec![
                    "integration_entity_mapping[1].entity_type",
                    "integration_entity_mapping[1].provider_type",
                    "integration_entity_mapping[2].provider_entity_id",
                    "integration_entity_mapping[2].provider_type",
                ],
            ),
        ] {
            let request: UpdateCustomerRequest = serde_json::from_str(body).unwrap();
            assert_eq!(failed_fields(request.validate()), expected, "{body}");
        }
    }

    #[test]
    fn answers_omit_only_what_was_never_set() {
        let json = serde_json::json!({
            "id": "cust_1", "external_id": "x", "name": "n", "email": "", "address_line1": "", "address_line2": "",
            "address_city": "", "address_state": "", "address_postal_code": "", "address_country": "",
            "timezone": "UTC", "metadata": null, "tenant_id": "t", "environment_id": "e", "status": "published",
            "created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-01T00:00:00.5Z", "created_by": "u", "updated_by": "u",
        });
        let customer: CustomerResponse = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(customer).unwrap(), json);
    }
}
