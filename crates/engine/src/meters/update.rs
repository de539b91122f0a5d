//! The two changes a meter can undergo: more filters, and archiving (spec 02 §3.2).

use tariff_contract::error::ApiError;
use tariff_contract::meters::{MeterFilter, MeterResponse, UpdateMeterRequest};
use tariff_core::Status;
use tariff_core::aggregation::{Meter, RECORDING_BYTES_MAX, RecordingRevision, merge_meter_filters};
use tariff_store::column::{Json, Time, Word};
use tariff_store::entity::meters;
use tariff_store::set;

use super::{filters_in, recording_from, refused, response, stored_definition, unknown_id};
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::Result;

impl Engine {
    /// Merges more filters into a meter.
    ///
    /// # Errors
    /// `validation_error` without filters, for one without key or values, or when they grow too long; `not_found`.
    pub async fn update_meter(
        &self,
        context: &Context,
        id: &str,
        request: UpdateMeterRequest,
    ) -> Result<MeterResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let meter = merge_filters(&work, id, request.filters.unwrap_or_default()).await?;
        work.commit().await?;
        Ok(response(meter))
    }

    /// Archives a meter: events stop matching it, recorded usage stays billable.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn archive_meter(&self, context: &Context, id: &str) -> Result<()> {
        let work = self.begin(context).await?;
        archive(&work, id).await?;
        work.commit().await
    }
}

/// Adds filters to a meter; values are only ever added.
pub(crate) async fn merge_filters(work: &Work<'_>, id: &str, filters: Vec<MeterFilter>) -> Result<meters::Model> {
    let meter = work
        .rows()
        .lock::<meters::Entity>(id)
        .await?
        .ok_or_else(|| unknown_id(id))?;
    let mut definition = stored_definition(&meter);
    let added = filters_in(filters);
    // The added ones are checked by themselves: merged into an entry of the same key, an empty one would pass.
    definition.filters = added.clone();
    Meter::new(&definition).map_err(refused)?;
    let filters = merge_meter_filters(&meter.filters.0, &added);
    definition.filters.clone_from(&filters);
    Meter::new(&definition).map_err(refused)?;
    let mut recording = meter.recording.0;
    // An archived meter records nothing, whatever its filters.
    if meter.status.0 == Status::Published && filters != meter.filters.0 {
        recording.push(recording_from(work.server_now, Some(&filters)));
        if RecordingRevision::bytes(&recording) > RECORDING_BYTES_MAX {
            let message = "The filters of this meter have changed too often; create another meter";
            return Err(ApiError::validation(message)
                .detail("filters", "were changed too often")
                .into());
        }
    }
    let changes = meters::ActiveModel {
        filters: set(Json(filters)),
        recording: set(Json(recording)),
        updated_at: set(Time(work.now)),
        updated_by: set(work.context.user_id.clone()),
        ..Default::default()
    };
    work.rows()
        .update::<meters::Entity>(id, changes)
        .await?
        .ok_or_else(|| unknown_id(id))
}

/// Archives a meter. Repeating it changes nothing.
pub(crate) async fn archive(work: &Work<'_>, id: &str) -> Result<meters::Model> {
    let meter = work
        .rows()
        .lock::<meters::Entity>(id)
        .await?
        .ok_or_else(|| unknown_id(id))?;
    if meter.status.0 == Status::Archived {
        return Ok(meter);
    }
    let mut recording = meter.recording.0;
    recording.push(recording_from(work.server_now, None));
    let changes = meters::ActiveModel {
        status: set(Word(Status::Archived)),
        recording: set(Json(recording)),
        updated_at: set(Time(work.now)),
        updated_by: set(work.context.user_id.clone()),
        ..Default::default()
    };
    work.rows()
        .update::<meters::Entity>(id, changes)
        .await?
        .ok_or_else(|| unknown_id(id))
}
