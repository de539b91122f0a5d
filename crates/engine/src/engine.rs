//! The engine: storage, usage log, clock and configuration in one place, and the unit of work.

use std::sync::Arc;

use tariff_contract::error::ApiError;
use tariff_core::{Clock, IdPrefix, Scope, Timestamp};
use tariff_store::entity::{environments, meters, secrets, tenants};
use tariff_store::outbox::{self, OutboxEvent};
use tariff_store::{Scoped, Session, Store, TenantRows};
use tariff_usage::UsageLog;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::access::throttle::LoginThrottle;
use crate::access::tokens::TokenSigner;
use crate::config::EngineConfig;
use crate::connections::Vault;
use crate::context::Context;
use crate::error::Result;
use crate::events::EXPORTS_AT_ONCE_MAX;
use crate::idempotency::{self, KeysInUse};
use crate::ids::mint;
use crate::jobs::Bell;
use crate::recent::Recent;
use crate::settings::CustomerOnboarding;

/// Records that requests need again and again.
#[derive(Default)]
pub(crate) struct RecentRecords {
    /// API keys by hash.
    pub(crate) secrets: Recent<String, secrets::Model>,
    /// Environments by tenant and id.
    pub(crate) environments: Recent<Scope, environments::Model>,
    /// Tenants by id.
    pub(crate) tenants: Recent<String, tenants::Model>,
    /// The setting that ingestion looks at, by environment.
    pub(crate) onboarding: Recent<Scope, CustomerOnboarding>,
    /// Meters by environment and id.
    pub(crate) meters: Recent<(Scope, String), meters::Model>,
}

/// All use cases hang on this. Cheap to share behind an [`Arc`].
pub struct Engine {
    store: Store,
    usage: Arc<dyn UsageLog>,
    clock: Arc<dyn Clock>,
    tokens: TokenSigner,
    login_throttle: LoginThrottle,
    exports: Arc<Semaphore>,
    keys_in_use: KeysInUse,
    bell: Bell,
    recent: RecentRecords,
    config: EngineConfig,
}

impl Engine {
    /// An engine over a store, an event log and a clock.
    #[must_use]
    pub fn new(store: Store, usage: Arc<dyn UsageLog>, clock: Arc<dyn Clock>, config: EngineConfig) -> Self {
        let tokens = TokenSigner::new(config.auth_secret.as_bytes());
        Self {
            store,
            usage,
            clock,
            tokens,
            login_throttle: LoginThrottle::default(),
            exports: Arc::new(Semaphore::new(EXPORTS_AT_ONCE_MAX)),
            keys_in_use: KeysInUse::default(),
            bell: Bell::default(),
            recent: RecentRecords::default(),
            config,
        }
    }

    /// The deployment's settings.
    #[must_use]
    pub fn config(&self) -> &EngineConfig {
        &self.config
    }

    /// Encrypts and decrypts the credentials of connections.
    pub(crate) fn vault(&self) -> Result<Vault> {
        Vault::new(&self.config.encryption_key)
    }

    /// The event log.
    #[must_use]
    pub fn usage_log(&self) -> &Arc<dyn UsageLog> {
        &self.usage
    }

    /// The present moment of the server, which no test clock moves.
    #[must_use]
    pub fn server_now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn server_clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    pub(crate) fn tokens(&self) -> &TokenSigner {
        &self.tokens
    }

    pub(crate) fn login_throttle(&self) -> &LoginThrottle {
        &self.login_throttle
    }

    /// The permission to run one more export, unless too many are under way.
    pub(crate) fn export_permit(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.exports).try_acquire_owned().ok()
    }

    pub(crate) fn keys_in_use(&self) -> &KeysInUse {
        &self.keys_in_use
    }

    /// Wakes the worker of background jobs.
    pub(crate) fn bell(&self) -> &Bell {
        &self.bell
    }

    pub(crate) fn recent(&self) -> &RecentRecords {
        &self.recent
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Reads the last committed state; within a request that is carried out under an idempotency key, also what it has
    /// committed itself.
    pub(crate) fn read(&self) -> Session {
        match idempotency::current() {
            Some(unit) => unit.read(),
            None => self.store.read(),
        }
    }

    /// Begins a unit of work: one transaction with its events.
    pub(crate) async fn begin<'a>(&self, context: &'a Context) -> Result<Work<'a>> {
        let (now, server_now) = (context.now(), self.server_now());
        let author = context.author(now, server_now);
        let session = match idempotency::current() {
            Some(unit) => unit.begin(author).await?,
            None => self.store.begin(author).await?,
        };
        Ok(Work {
            session,
            context,
            now,
            server_now,
        })
    }

    /// Whether the database answers and the event log can be written.
    ///
    /// # Errors
    /// `database_error`, `service_unavailable`.
    pub async fn check_ready(&self) -> Result<()> {
        self.store.ping().await?;
        if !self.usage.stats().writable {
            return Err(ApiError::service_unavailable("The event log cannot be written").into());
        }
        Ok(())
    }
}

/// One transaction: a state change and the events it causes commit together or not at all.
pub(crate) struct Work<'a> {
    pub(crate) session: Session,
    pub(crate) context: &'a Context,
    /// One moment for everything the transaction writes.
    pub(crate) now: Timestamp,
    /// The same moment by the server's clock: for records of the tenant, and for doors that no test clock opens or closes.
    pub(crate) server_now: Timestamp,
}

impl Work<'_> {
    /// The rows of the caller's tenant and environment.
    pub(crate) fn rows(&self) -> Scoped<'_> {
        self.session.scoped(&self.context.scope)
    }

    /// The rows of the caller's tenant that belong to no environment.
    pub(crate) fn tenant_rows(&self) -> TenantRows<'_> {
        self.session.tenant(&self.context.scope.tenant_id)
    }

    /// Records an event about a record; its payload is built from the record when it is delivered.
    pub(crate) async fn publish(&self, event_name: &'static str, entity_type: &'static str, id: &str) -> Result<()> {
        self.publish_with(event_name, entity_type, id, serde_json::json!({}))
            .await
    }

    /// Records an event that carries more than the record will tell at delivery.
    pub(crate) async fn publish_with(
        &self,
        event_name: &'static str,
        entity_type: &'static str,
        id: &str,
        payload: serde_json::Value,
    ) -> Result<()> {
        let event = OutboxEvent {
            id: mint(IdPrefix::SystemEvent),
            event_name,
            entity_type,
            entity_id: id.to_owned(),
            payload,
            user_id: self.context.user_id.clone(),
            created_at: self.now,
        };
        Ok(outbox::publish(&self.rows(), event).await?)
    }

    /// Makes everything durable.
    pub(crate) async fn commit(self) -> Result<()> {
        Ok(self.session.commit().await?)
    }
}
