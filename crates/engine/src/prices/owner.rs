//! What owns prices: plans, addons, subscriptions and cost sheets (spec 03 §3.2).

use tariff_contract::error::ApiError;
use tariff_core::vocabulary::PriceEntityType;
use tariff_store::Scoped;
use tariff_store::entity::subscriptions;

use crate::error::{Error, Result};
use crate::{addons, costs, plans};

/// The owner of a price.
pub(super) struct Owner {
    /// Default display name of its fixed prices.
    pub fixed_display_name: String,
}

/// The owner of this type and id, whatever its status.
///
/// # Errors
/// `not_found`.
pub(super) async fn get(rows: &Scoped<'_>, entity_type: PriceEntityType, id: &str) -> Result<Owner> {
    let unknown = || {
        let message = format!("{entity_type} with ID {id} was not found");
        Error(ApiError::not_found(message).detail("entity_id", id))
    };
    match entity_type {
        PriceEntityType::Plan => Ok(Owner {
            fixed_display_name: plans::get(rows, id).await?.name,
        }),
        PriceEntityType::Subscription => {
            rows.get::<subscriptions::Entity>(id).await?.ok_or_else(unknown)?;
            Ok(Owner {
                fixed_display_name: "Recurring".to_owned(),
            })
        }
        PriceEntityType::Addon => Ok(Owner {
            fixed_display_name: addons::get(rows, id).await?.name,
        }),
        PriceEntityType::Costsheet => Ok(Owner {
            fixed_display_name: costs::get(rows, id).await?.name,
        }),
        PriceEntityType::Price => Err(unknown()),
    }
}
