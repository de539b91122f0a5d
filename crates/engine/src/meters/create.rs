//! Creating meters, alone or with a feature.

use tariff_contract::error::ApiError;
use tariff_contract::meters::{Aggregation, CreateMeterRequest, MeterResponse};
use tariff_core::aggregation::{AggregationDefinition, Meter, MeterDefinition};
use tariff_core::{IdPrefix, Status};
use tariff_store::column::{Json, Time, Word};
use tariff_store::entity::meters;

use super::{filters_in, recording_from, refused, response};
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::Result;
use crate::ids::mint;
use crate::records::filled;

impl Engine {
    /// Creates a meter.
    ///
    /// # Errors
    /// `validation_error` for field rules and for an aggregation whose members do not fit together.
    pub async fn create_meter(&self, context: &Context, request: CreateMeterRequest) -> Result<MeterResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let meter = insert(&work, request).await?;
        work.commit().await?;
        Ok(response(meter))
    }
}

/// Inserts a meter whose field rules were checked.
pub(crate) async fn insert(work: &Work<'_>, request: CreateMeterRequest) -> Result<meters::Model> {
    let missing = |field: &str| ApiError::validation(format!("{field} is required")).detail(field, "is required");
    let definition = MeterDefinition {
        event_name: request.event_name.unwrap_or_default(),
        aggregation: aggregation_in(request.aggregation.unwrap_or_default())
            .ok_or_else(|| missing("aggregation.type"))?,
        filters: filters_in(request.filters.unwrap_or_default()),
        reset_usage: request.reset_usage.ok_or_else(|| missing("reset_usage"))?,
    };
    // Also trims the event name.
    let checked = Meter::new(&definition).map_err(refused)?;
    let meter = meters::Model {
        id: mint(IdPrefix::Meter),
        tenant_id: String::new(),
        environment_id: String::new(),
        name: request.name.unwrap_or_default(),
        event_name: checked.event_name().to_owned(),
        aggregation: Json(definition.aggregation),
        recording: Json(vec![recording_from(work.server_now, Some(&definition.filters))]),
        filters: Json(definition.filters),
        reset_usage: Word(definition.reset_usage),
        status: Word(Status::Published),
        created_at: Time(work.now),
        updated_at: Time(work.now),
        created_by: work.context.user_id.clone(),
        updated_by: work.context.user_id.clone(),
    };
    Ok(work.rows().insert::<meters::Entity>(meter).await?)
}

/// Inserts a published copy of a meter under a new id (spec 02 §3.1 "clone").
pub(crate) async fn copy(work: &Work<'_>, source: meters::Model) -> Result<meters::Model> {
    let meter = meters::Model {
        id: mint(IdPrefix::Meter),
        recording: Json(vec![recording_from(work.server_now, Some(&source.filters.0))]),
        status: Word(Status::Published),
        created_at: Time(work.now),
        updated_at: Time(work.now),
        created_by: work.context.user_id.clone(),
        updated_by: work.context.user_id.clone(),
        ..source
    };
    Ok(work.rows().insert::<meters::Entity>(meter).await?)
}

fn aggregation_in(sent: Aggregation) -> Option<AggregationDefinition> {
    Some(AggregationDefinition {
        kind: sent.r#type?,
        field: filled(sent.field),
        expression: filled(sent.expression),
        multiplier: sent.multiplier,
        bucket_size: sent.bucket_size,
        group_by: filled(sent.group_by),
    })
}
