//! Every schema of the contract that this crate defines, under the contract's name.

use std::collections::BTreeMap;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::openapi::contract_form;

/// Lists schema types; the OpenAPI document and the comparison with the contract both walk the list.
macro_rules! schemas {
    ($($type:ty),* $(,)?) => {
        /// All schemas by name, in the form of the contract.
        #[must_use]
        pub fn schemas() -> BTreeMap<String, RefOr<Schema>> {
            let mut schemas = BTreeMap::new();
            $(schemas.insert(
                <$type as utoipa::ToSchema>::name().into_owned(),
                <$type as utoipa::PartialSchema>::schema(),
            );)*
            schemas.values_mut().for_each(contract_form);
            schemas
        }
    };
}

schemas![
    tariff_core::vocabulary::Status,
    crate::customers::CreateCustomerRequest,
    crate::customers::CustomerFilter,
    crate::customers::CustomerPortalResponse,
    crate::customers::CustomerResponse,
    crate::customers::ListCustomersResponse,
    crate::customers::UpdateCustomerRequest,
    crate::error::ErrorCode,
    crate::error::ErrorResponse,
    crate::filter::DataType,
    crate::filter::FilterCondition,
    crate::filter::FilterOperator,
    crate::filter::FilterValue,
    crate::filter::SortCondition,
    crate::filter::SortDirection,
    crate::integrations::CreateEntityIntegrationMappingRequest,
    crate::integrations::DelinkIntegrationMappingRequest,
    crate::integrations::EntityIntegrationMappingResponse,
    crate::integrations::IntegrationEntityType,
    crate::integrations::LinkIntegrationMappingRequest,
    crate::integrations::LinkIntegrationMappingResponse,
    crate::integrations::ListEntityIntegrationMappingsResponse,
    crate::list::Pagination,
    crate::list::PlainFilter,
    crate::taxes::TaxRateOverride,
];
