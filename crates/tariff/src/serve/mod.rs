//! The running server: opens the stores, starts the worker, listens, and stops without losing anything.

mod access;
mod probes;
mod secret;
mod signal;
mod wiring;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tariff_engine::Engine;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use self::access::FirstAccess;
use self::wiring::Wired;
pub use self::wiring::{event_log_folder, openapi, store_location};
use crate::AnyError;
use crate::config::Config;

/// Runs `tariff serve` until the program is asked to stop (Ctrl-C or SIGTERM).
///
/// # Errors
/// When the stores cannot be opened, the address is taken, or a part of the server fails.
pub async fn run(config: &Config) -> Result<(), AnyError> {
    let server = Server::start(config).await?;
    if let Some(access) = server.first_access() {
        println!("{access}");
    }
    println!("Tariff is listening on {}", server.url());
    server.run_until_asked_to_stop().await
}

/// A server in this process.
pub struct Server {
    address: SocketAddr,
    engine: Arc<Engine>,
    first_access: Option<FirstAccess>,
    stop: watch::Sender<bool>,
    listener: JoinHandle<std::io::Result<()>>,
    worker: Option<JoinHandle<()>>,
}

impl Server {
    /// Opens the stores (making them on first start), starts the worker if the role has one, and listens.
    ///
    /// # Errors
    /// When the stores cannot be opened or the address cannot be listened on.
    pub async fn start(config: &Config) -> Result<Self, AnyError> {
        let address = config.listen.0;
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| format!("cannot listen on {address}: {error}"))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let Wired {
            engine,
            router,
            first_access,
            worker,
        } = wiring::wire(config, stopped.clone()).await?;
        let serving = axum::serve(listener, router).with_graceful_shutdown(until(stopped));
        Ok(Self {
            address,
            engine,
            first_access,
            stop,
            listener: tokio::spawn(serving.into_future()),
            worker,
        })
    }

    /// Where the server answers, as seen from this machine, e.g. `http://127.0.0.1:8080`.
    #[must_use]
    pub fn url(&self) -> String {
        let ip = match self.address.ip() {
            ip if ip.is_unspecified() => IpAddr::from([127, 0, 0, 1]),
            ip => ip,
        };
        format!("http://{}", SocketAddr::new(ip, self.address.port()))
    }

    /// The first credentials, if this start created them.
    #[must_use]
    pub fn first_access(&self) -> Option<&FirstAccess> {
        self.first_access.as_ref()
    }

    /// Serves until Ctrl-C or SIGTERM, then [stops](Self::stop).
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn run_until_asked_to_stop(mut self) -> Result<(), AnyError> {
        tokio::select! {
            ended = &mut self.listener => return Ok(ended??),
            asked = signal::asked_to_stop() => asked?,
        }
        tracing::info!("stopping: finishing the requests under way");
        self.stop().await
    }

    /// Takes no more requests, finishes those under way and the worker's present job, and closes the event log.
    ///
    /// # Errors
    /// When the listener failed or the last events cannot be stored.
    pub async fn stop(self) -> Result<(), AnyError> {
        self.stop.send_replace(true);
        self.listener.await??;
        if let Some(worker) = self.worker {
            worker.await?;
        }
        self.engine.usage_log().close().await?;
        Ok(())
    }
}

/// Waits for the stop sign; a dropped sender is one too.
async fn until(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}
