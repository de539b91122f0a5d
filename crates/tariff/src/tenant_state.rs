//! `tariff tenant-state`: what an operator decides about a tenant (spec 01 A3).

use tariff_core::Clock;
use tariff_engine::clock::SystemClock;
use tariff_engine::operators::set_operational_state;
use tariff_store::{Store, StoreLocation};

use crate::AnyError;
use crate::cli::TenantStateArgs;
use crate::config::{Config, Overrides};
use crate::serve::store_location;

/// Sets the state of a tenant in the configured database, beside a server that may be running on it.
///
/// # Errors
/// When there is no such database or tenant.
pub async fn run(args: TenantStateArgs) -> Result<(), AnyError> {
    let overrides = Overrides {
        data_dir: args.data_dir,
        database_url: args.database_url,
        ..Overrides::default()
    };
    let config = Config::load(args.config.as_deref(), &overrides)?;
    let location = store_location(&config)?;
    // Opening it would make one.
    if let StoreLocation::Sqlite(file) = &location
        && !file.is_file()
    {
        return Err(format!("there is no database {}", file.display()).into());
    }
    let store = Store::open(&location).await?;
    let set = set_operational_state(&store, &args.tenant_id, args.state, SystemClock.now());
    set.await.map_err(|error| error.0.message)?;
    println!("{} is {}", args.tenant_id, args.state);
    Ok(())
}
