//! Creating a customer (spec 01 B1 "Create").

use tariff_contract::customers::{CreateCustomerRequest, CustomerResponse};
use tariff_core::{IdPrefix, Status};
use tariff_store::column::{Json, Time, Word};
use tariff_store::entity::customers;

use super::{LINKED, external_id_taken, with_links};
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::{Result, on_duplicate};
use crate::ids::mint;
use crate::integrations;
use crate::taxes::{self, Bearer};

impl Engine {
    /// Creates a customer with its integration links and taxes; what the setting `customer_onboarding` names follows.
    ///
    /// # Errors
    /// `validation_error` for field rules and inactive tax rates, `already_exists` when a published customer has the
    /// external id, `not_found` for an unknown tax rate.
    pub async fn create_customer(&self, context: &Context, request: CreateCustomerRequest) -> Result<CustomerResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let mappings = request.integration_entity_mapping.clone().unwrap_or_default();
        let tax_rate_overrides = request.tax_rate_overrides.clone();
        let onboarded = request.skip_onboarding_workflow != Some(true);
        let workflow = request.onboarding_workflow_name.clone();
        let customer = insert(&work, request).await?;
        let (taxed, tenant) = (Bearer::customer(&customer.id), Bearer::tenant(context.tenant_id()));
        taxes::attach(&work, taxed, work.now, tax_rate_overrides, tenant).await?;
        integrations::upsert_links(&work, LINKED, &customer.id, &mappings).await?;
        work.publish("customer.created", "customer", &customer.id).await?;
        let response = with_links(&work.rows(), customer).await?;
        work.commit().await?;
        if onboarded {
            Box::pin(self.onboard_created(context, &response.id, workflow.as_deref())).await;
        }
        Ok(response)
    }
}

async fn insert(work: &Work<'_>, request: CreateCustomerRequest) -> Result<customers::Model> {
    let external_id = request.external_id.unwrap_or_default();
    let user_id = work.context.user_id.clone();
    let customer = customers::Model {
        id: mint(IdPrefix::Customer),
        tenant_id: String::new(),
        environment_id: String::new(),
        external_id: external_id.clone(),
        name: request.name.unwrap_or_default(),
        email: request.email.unwrap_or_default(),
        contact: request.contact,
        address_line1: request.address_line1.unwrap_or_default(),
        address_line2: request.address_line2.unwrap_or_default(),
        address_city: request.address_city.unwrap_or_default(),
        address_state: request.address_state.unwrap_or_default(),
        address_postal_code: request.address_postal_code.unwrap_or_default(),
        address_country: request.address_country.unwrap_or_default(),
        timezone: request
            .timezone
            .filter(|zone| !zone.is_empty())
            .unwrap_or_else(|| "UTC".to_owned()),
        metadata: request.metadata.map(|metadata| Json(metadata.0)),
        status: Word(Status::Published),
        created_at: Time(work.now),
        updated_at: Time(work.now),
        created_by: user_id.clone(),
        updated_by: user_id,
    };
    let inserted = work.rows().insert::<customers::Entity>(customer).await;
    inserted.map_err(on_duplicate(external_id_taken(&external_id)))
}
