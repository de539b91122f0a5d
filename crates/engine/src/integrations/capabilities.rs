//! What can be synchronized with each provider, and what is (spec 01 B2, spec 07 §4.11).

use tariff_contract::error::ApiError;
use tariff_contract::integration_config::{
    EntitySyncConfig, IntegrationConfigEntry, IntegrationConfigResponse, SyncConfig,
};
use tariff_contract::integration_sync::SyncMethod;
use tariff_contract::integrations::IntegrationEntityType;
use tariff_contract::secrets::SecretProvider;
use tariff_core::Status;
use tariff_store::Listing;
use tariff_store::entity::connections;

use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};

const OFF: EntitySyncConfig = EntitySyncConfig {
    inbound: false,
    outbound: false,
};
const IN: EntitySyncConfig = EntitySyncConfig {
    inbound: true,
    outbound: false,
};
const OUT: EntitySyncConfig = EntitySyncConfig {
    inbound: false,
    outbound: true,
};
const BOTH: EntitySyncConfig = EntitySyncConfig {
    inbound: true,
    outbound: true,
};

impl Engine {
    /// What each connected provider can synchronize and what it does; storage and marketplaces synchronize nothing.
    ///
    /// # Errors
    /// `database_error`.
    pub async fn get_integration_config(&self, context: &Context) -> Result<IntegrationConfigResponse> {
        let session = self.read();
        let listing = Listing::all().equal("status", Status::Published.as_str());
        let connections = session
            .scoped(&context.scope)
            .list::<connections::Entity>(&listing)
            .await?;
        let mut integrations = Vec::with_capacity(connections.len());
        for connection in connections {
            let Ok(provider) = connection.provider_type.parse::<SecretProvider>() else {
                continue;
            };
            let Some((customer, invoice)) = capabilities(provider) else {
                continue;
            };
            let current_config = match connection.sync_config {
                Some(stored) => current(stored.0)?,
                None => whole(OFF, OFF),
            };
            integrations.push(IntegrationConfigEntry {
                provider,
                base_config: Some(whole(customer, invoice)),
                current_config: Some(current_config),
            });
        }
        Ok(IntegrationConfigResponse { integrations })
    }
}

fn current(stored: serde_json::Value) -> Result<SyncConfig> {
    let stored: SyncConfig = serde_json::from_value(stored).map_err(|error| Error(ApiError::internal(error)))?;
    Ok(SyncConfig { price: None, ..stored })
}

/// Directions for customers and invoices; everything else is off. `None` for providers that synchronize nothing.
fn capabilities(provider: SecretProvider) -> Option<(EntitySyncConfig, EntitySyncConfig)> {
    match provider {
        SecretProvider::Stripe => Some((BOTH, OUT)),
        SecretProvider::Hubspot => Some((IN, OUT)),
        SecretProvider::Paddle => Some((BOTH, BOTH)),
        SecretProvider::ZohoBooks | SecretProvider::Moyasar => Some((OFF, OUT)),
        SecretProvider::Razorpay
        | SecretProvider::Chargebee
        | SecretProvider::Quickbooks
        | SecretProvider::Nomod
        | SecretProvider::Whop
        | SecretProvider::Tabs => Some((OUT, OUT)),
        SecretProvider::Flexprice
        | SecretProvider::S3
        | SecretProvider::AwsMarketplace
        | SecretProvider::GcpMarketplace
        | SecretProvider::AzureMarketplace => None,
    }
}

/// Whether a provider takes part when an entity of this kind is synchronized.
pub(super) fn synchronizes(provider: SecretProvider, entity_type: IntegrationEntityType, method: SyncMethod) -> bool {
    capabilities(provider).is_some_and(|(customer, invoice)| {
        let directions = match entity_type {
            IntegrationEntityType::Customer => customer,
            IntegrationEntityType::Invoice => invoice,
            _ => OFF,
        };
        match method {
            SyncMethod::Push => directions.outbound,
            SyncMethod::Pull => directions.inbound,
        }
    })
}

fn whole(customer: EntitySyncConfig, invoice: EntitySyncConfig) -> SyncConfig {
    SyncConfig {
        customer: Some(customer),
        invoice: Some(invoice),
        payment: Some(OFF),
        plan: Some(OFF),
        subscription: Some(OFF),
        price: Some(OFF),
        deal: Some(OFF),
        quote: Some(OFF),
        aws_marketplace: None,
        invoice_sync_settings: None,
        s3: None,
    }
}
