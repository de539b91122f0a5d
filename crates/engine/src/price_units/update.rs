//! Renaming and archiving a price unit.

use tariff_contract::price_units::{PriceUnitResponse, UpdatePriceUnitRequest};
use tariff_core::Status;
use tariff_store::column::{Time, Word};
use tariff_store::entity::price_units;
use tariff_store::set;

use super::{response, unknown_id};
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::Result;
use crate::records::metadata_in;

impl Engine {
    /// Updates name and metadata; nothing else of a unit ever changes.
    ///
    /// # Errors
    /// `validation_error` for field rules; `not_found`.
    pub async fn update_price_unit(
        &self,
        context: &Context,
        id: &str,
        request: UpdatePriceUnitRequest,
    ) -> Result<PriceUnitResponse> {
        request.validate()?;
        let mut changes = price_units::ActiveModel::default();
        if let Some(name) = request.name {
            changes.name = set(name);
        }
        if request.metadata.is_some() {
            changes.metadata = set(metadata_in(request.metadata));
        }
        let work = self.begin(context).await?;
        let unit = write(&work, id, changes).await?;
        work.commit().await?;
        Ok(response(unit))
    }

    /// Archives a price unit. Prices in it keep their converted amounts; new versions of them are no longer possible.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn delete_price_unit(&self, context: &Context, id: &str) -> Result<()> {
        let changes = price_units::ActiveModel {
            status: set(Word(Status::Archived)),
            ..Default::default()
        };
        let work = self.begin(context).await?;
        write(&work, id, changes).await?;
        work.commit().await
    }
}

async fn write(work: &Work<'_>, id: &str, mut changes: price_units::ActiveModel) -> Result<price_units::Model> {
    changes.updated_at = set(Time(work.now));
    changes.updated_by = set(work.context.user_id.clone());
    work.rows()
        .update::<price_units::Entity>(id, changes)
        .await?
        .ok_or_else(|| unknown_id(id))
}
