//! `tariff demo`: a month of billing in one command, on real traffic.
//!
//! The server runs in this process on a fresh folder. Everything else goes through its public HTTP API, as a customer's
//! own program would do it: catalog, customers, subscriptions, events, the test clock, usage and invoices.

mod api;
mod catalog;
mod load;
mod report;
mod trace;

use serde_json::json;

use self::api::Api;
use self::catalog::Catalog;
use self::trace::Trace;
use crate::AnyError;
use crate::cli::DemoArgs;
use crate::config::{Config, ListenAddress};
use crate::serve::Server;

/// First instant of the billed month; the subscriptions start here.
const MONTH_START: &str = "2023-11-01T00:00:00Z";
/// First instant after the billed month.
const MONTH_END: &str = "2023-12-01T00:00:00Z";
/// Longer after the month than the delay that invoices keep for late events before they are finalized (2 hours).
const INVOICES_FINAL: &str = "2023-12-02T00:00:00Z";

const ATTRIBUTION: &str = "\
Data: Azure LLM inference trace 2023 (Azure Public Dataset, CC-BY 4.0); P. Patel et al., \"Splitwise: Efficient
generative LLM inference using phase splitting\", ISCA 2024.";

/// Runs the demo; returns when it is done (`--once`) or when the program is asked to stop.
///
/// # Errors
/// When the address is taken, the trace cannot be read, or the server refuses a step.
pub async fn run(args: DemoArgs) -> Result<(), AnyError> {
    let traces = trace::all(args.trace_dir.as_deref())?;
    let data = tempfile::Builder::new().prefix("tariff-demo-").tempdir()?;
    let config = Config {
        listen: args.listen.unwrap_or_else(|| ListenAddress::demo(args.once)),
        data_dir: data.path().to_path_buf(),
        log: "warn".to_owned(),
        ..Config::default()
    };
    crate::logging::start(&config.log, config.log_format)?;
    let server = Server::start(&config).await?;
    let access = server
        .first_access()
        .ok_or("the fresh folder already holds a tenant")?
        .clone();
    println!("{ATTRIBUTION}\n");
    let api = Api::new(server.url(), access.api_key.clone())?;
    bill_november(&api, &access.environment_id, &traces).await?;
    println!("\n{access}");
    if args.once {
        return server.stop().await;
    }
    println!("Tariff is listening on {}", server.url());
    println!("Press Ctrl-C to stop; the data of the demo is then removed.");
    server.run_until_asked_to_stop().await
}

async fn bill_november(api: &Api, environment_id: &str, traces: &[Trace]) -> Result<(), AnyError> {
    set_clock(api, environment_id, MONTH_START).await?;
    let catalog = Catalog::create(api).await?;
    for trace in traces {
        subscribe(api, &catalog, trace).await?;
    }
    load::send_all(api, traces).await?;
    // In two steps, as time passes: first the month ends, then the wait for late events does.
    set_clock(api, environment_id, MONTH_END).await?;
    set_clock(api, environment_id, INVOICES_FINAL).await?;
    report::print(api, &catalog, traces).await
}

async fn set_clock(api: &Api, environment_id: &str, now: &str) -> Result<(), AnyError> {
    let path = format!("/v1/environments/{environment_id}/clock");
    api.post(&path, &json!({ "now": now })).await.map(drop)
}

async fn subscribe(api: &Api, catalog: &Catalog, trace: &Trace) -> Result<(), AnyError> {
    let customer = json!({ "external_id": trace.customer, "name": trace.customer_name });
    api.post("/v1/customers", &customer).await?;
    let subscription = json!({
        "external_customer_id": trace.customer,
        "plan_id": catalog.plan_id,
        "currency": catalog::CURRENCY,
        "start_date": MONTH_START,
        "billing_period": "MONTHLY",
        "billing_period_count": 1,
        "billing_cycle": "calendar",
        "collection_method": "send_invoice",
        "payment_behavior": "default_active",
    });
    api.post("/v1/subscriptions", &subscription).await.map(drop)
}
