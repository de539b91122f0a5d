//! Customer-portal sessions, and what customers see and change of themselves (spec 01 A2, B1).

use tariff_contract::DateTime;
use tariff_contract::aggregated_entitlements::CustomerUsageSummaryResponse;
use tariff_contract::analytics::{GetUsageAnalyticsRequest, GetUsageAnalyticsResponse};
use tariff_contract::costs::{GetCostAnalyticsRequest, GetDetailedCostAnalyticsResponse};
use tariff_contract::customers::{CustomerPortalResponse, CustomerResponse, UpdateCustomerRequest};
use tariff_contract::error::ApiError;
use tariff_core::{Status, Timestamp};

use super::{Target, UsageOf, get, get_by_external_id, unknown_id};
use crate::access::portal::PortalVisitor;
use crate::access::tokens::PortalClaims;
use crate::context::Context;
use crate::engine::Engine;
use crate::entitlements::ViewFilter;
use crate::error::{Error, Result};

impl Engine {
    /// Opens a portal session for the published customer of this external id.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn open_portal_session(&self, context: &Context, external_id: &str) -> Result<CustomerPortalResponse> {
        let customer = get_by_external_id(&self.read().scoped(&context.scope), external_id).await?;
        // Sessions live by the server's clock: a test clock must not open or close doors.
        let issued_at = self.server_now().as_second();
        let expires_at = issued_at + i64::from(self.config().portal_session_hours.max(1)) * 60 * 60;
        let token = self.tokens().portal(&PortalClaims {
            customer_id: customer.id,
            external_customer_id: customer.external_id,
            tenant_id: customer.tenant_id,
            environment_id: customer.environment_id,
            iat: issued_at,
            exp: expires_at,
        })?;
        let expires_at = Timestamp::from_second(expires_at).map_err(|error| Error(ApiError::internal(error)))?;
        let url = format!("{}?token={token}", self.config().portal_url);
        Ok(CustomerPortalResponse {
            url,
            token,
            expires_at: DateTime(expires_at),
        })
    }

    /// The customer in the portal.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_portal_customer(&self, visitor: &PortalVisitor) -> Result<CustomerResponse> {
        self.get_customer(&visitor.context, &visitor.customer_id, "").await
    }

    /// What the customer in the portal may use, with its present usage.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn portal_usage(
        &self,
        visitor: &PortalVisitor,
        filter: &ViewFilter,
    ) -> Result<CustomerUsageSummaryResponse> {
        let of = UsageOf {
            customer_id: Some(visitor.customer_id.clone()),
            customer_lookup_key: None,
        };
        self.customer_usage(&visitor.context, of, filter).await
    }

    /// Usage and cost of the customer in the portal, whomever the request names.
    ///
    /// # Errors
    /// As [`Engine::usage_analytics`]; `not_found` for a customer that is archived by now.
    pub async fn portal_analytics(
        &self,
        visitor: &PortalVisitor,
        request: GetUsageAnalyticsRequest,
    ) -> Result<GetUsageAnalyticsResponse> {
        let own = GetUsageAnalyticsRequest {
            external_customer_id: Some(self.visitors_external_id(visitor).await?),
            ..request
        };
        self.usage_analytics(&visitor.context, own).await
    }

    /// Cost and revenue of the customer in the portal, whomever the request names.
    ///
    /// # Errors
    /// As [`Engine::cost_analytics`]; `not_found` for a customer that is archived by now.
    pub async fn portal_cost_analytics(
        &self,
        visitor: &PortalVisitor,
        request: GetCostAnalyticsRequest,
    ) -> Result<GetDetailedCostAnalyticsResponse> {
        let own = GetCostAnalyticsRequest {
            external_customer_id: Some(self.visitors_external_id(visitor).await?),
            ..request
        };
        self.cost_analytics(&visitor.context, own).await
    }

    async fn visitors_external_id(&self, visitor: &PortalVisitor) -> Result<String> {
        let customer = get(&self.read().scoped(&visitor.context.scope), &visitor.customer_id).await?;
        // An archived customer's external id may be somebody else's by now.
        if customer.status.0 != Status::Published {
            return Err(unknown_id(&visitor.customer_id));
        }
        Ok(customer.external_id)
    }

    /// Changes what customers may change about themselves; their ids, metadata and links are the tenant's business.
    ///
    /// # Errors
    /// As [`Engine::update_customer`].
    pub async fn update_portal_customer(
        &self,
        visitor: &PortalVisitor,
        request: UpdateCustomerRequest,
    ) -> Result<CustomerResponse> {
        let own = UpdateCustomerRequest {
            external_id: None,
            metadata: None,
            integration_entity_mapping: None,
            ..request
        };
        let target = Target {
            id: Some(visitor.customer_id.clone()),
            external_id: None,
        };
        self.update_customer(&visitor.context, target, own).await
    }
}
