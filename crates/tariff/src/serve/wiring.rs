//! Provisional.
use super::FirstAccess;
use crate::{AnyError, config::Config};
use tokio::{sync::watch, task::JoinHandle};
pub struct Wired {
    pub router: axum::Router,
    pub first_access: Option<FirstAccess>,
    pub worker: Option<JoinHandle<()>>,
}
pub async fn wire(_config: &Config, _stopped: watch::Receiver<bool>) -> Result<Wired, AnyError> {
    Ok(Wired {
        router: axum::Router::new(),
        first_access: None,
        worker: None,
    })
}
