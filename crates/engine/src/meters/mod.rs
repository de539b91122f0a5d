//! Meters: how events become one quantity (spec 02 §2.3, §3.2).
//!
//! Owns their records. What a definition may say, and how it measures, is `tariff_core::aggregation`'s.

mod create;
mod find;
mod update;

use std::collections::BTreeMap;
use std::sync::Arc;

use tariff_contract::DateTime;
use tariff_contract::error::ApiError;
use tariff_contract::meters::{Aggregation, Meter as WireMeter, MeterFilter, MeterResponse};
use tariff_core::Timestamp;
use tariff_core::aggregation::{
    AggregationDefinition, Meter, MeterDefinition, MeterError, MeterFilter as Filter, RecordingRevision,
};
use tariff_core::vocabulary::AggregationType;
use tariff_store::Scoped;
use tariff_store::entity::meters;

pub(crate) use create::{copy, insert};
pub(crate) use update::{archive, merge_filters};

use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};

/// The meter of this id, whatever its status.
///
/// # Errors
/// `not_found`.
pub(crate) async fn get(rows: &Scoped<'_>, id: &str) -> Result<meters::Model> {
    rows.get::<meters::Entity>(id).await?.ok_or_else(|| unknown_id(id))
}

impl Engine {
    /// As [`get`], for questions: the record may have been read a moment ago.
    ///
    /// # Errors
    /// `not_found`.
    pub(crate) async fn recent_meter(&self, context: &Context, id: &str) -> Result<Arc<meters::Model>> {
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let read = rows.get::<meters::Entity>(id);
        let key = (context.scope.clone(), id.to_owned());
        let meter = self.recent().meters.get_or(self.store(), &key, read).await?;
        meter.ok_or_else(|| unknown_id(id))
    }
}

pub(crate) fn unknown_id(id: &str) -> Error {
    Error(ApiError::not_found(format!("Meter with ID {id} was not found")).detail("meter_id", id))
}

/// The form of a stored meter that events are measured with.
///
/// # Errors
/// `internal_error` if a rule came up since the meter was created that it does not keep.
pub(crate) fn definition(meter: &meters::Model) -> Result<Meter> {
    Meter::new(&stored_definition(meter)).map_err(|error| Error(ApiError::internal(error)))
}

/// As [`definition`], with another type of aggregation, which does without the meter's buckets.
///
/// # Errors
/// What the type needs and the meter has not.
pub(crate) fn measuring_by(meter: &meters::Model, kind: AggregationType) -> Result<Meter, MeterError> {
    let mut definition = stored_definition(meter);
    if kind != definition.aggregation.kind {
        definition.aggregation.kind = kind;
        definition.aggregation.bucket_size = None;
        definition.aggregation.group_by = None;
    }
    Meter::new(&definition)
}

fn stored_definition(meter: &meters::Model) -> MeterDefinition {
    MeterDefinition {
        event_name: meter.event_name.clone(),
        aggregation: meter.aggregation.0.clone(),
        filters: meter.filters.0.clone(),
        reset_usage: meter.reset_usage.0,
    }
}

/// What the meter recorded over time, for questions about recorded usage.
pub(crate) fn recording(meter: &meters::Model) -> Vec<RecordingRevision> {
    meter.recording.0.clone()
}

/// What a meter records from a moment of the server on; `None` when it records nothing.
fn recording_from(from: Timestamp, filters: Option<&[Filter]>) -> RecordingRevision {
    RecordingRevision {
        from,
        filters: filters.map(<[Filter]>::to_vec),
    }
}

/// The values that each filtered property may have.
pub(crate) fn filter_values(meter: &meters::Model) -> BTreeMap<String, Vec<String>> {
    meter
        .filters
        .0
        .iter()
        .map(|filter| (filter.key.clone(), filter.values.clone()))
        .collect()
}

/// Whether the meter delivers one value per time bucket.
pub(crate) fn is_bucketed(meter: &meters::Model) -> bool {
    meter.aggregation.0.bucket_size.is_some()
}

/// Whether the meter delivers the maximum of each time bucket.
pub(crate) fn is_bucketed_maximum(meter: &meters::Model) -> bool {
    is_bucketed(meter) && meter.aggregation.0.kind == AggregationType::Max
}

fn refused(error: MeterError) -> Error {
    let refusal = ApiError::validation(format!("The meter is not valid: {error}"));
    Error(match &error {
        MeterError::Expression { expression, error } => refusal
            .detail("expression", expression.clone())
            .detail("error", error.to_string()),
        other => refusal.detail(other.field(), other.to_string()),
    })
}

/// The wire form of a meter.
pub(crate) fn response(meter: meters::Model) -> MeterResponse {
    MeterResponse {
        id: meter.id,
        name: meter.name,
        event_name: meter.event_name,
        aggregation: aggregation_out(meter.aggregation.0),
        filters: meter.filters.0.into_iter().map(filter_out).collect(),
        reset_usage: meter.reset_usage.0,
        status: meter.status.0.to_string(),
        tenant_id: meter.tenant_id,
        created_at: DateTime(meter.created_at.0),
        updated_at: DateTime(meter.updated_at.0),
    }
}

/// The stored form of a meter, as answers embed it.
pub(crate) fn domain_form(meter: meters::Model) -> WireMeter {
    WireMeter {
        id: meter.id,
        name: meter.name,
        event_name: meter.event_name,
        aggregation: aggregation_out(meter.aggregation.0),
        filters: meter.filters.0.into_iter().map(filter_out).collect(),
        reset_usage: meter.reset_usage.0,
        status: meter.status.0,
        tenant_id: meter.tenant_id,
        environment_id: meter.environment_id,
        created_at: DateTime(meter.created_at.0),
        updated_at: DateTime(meter.updated_at.0),
        created_by: meter.created_by,
        updated_by: meter.updated_by,
    }
}

fn aggregation_out(stored: AggregationDefinition) -> Aggregation {
    Aggregation {
        r#type: Some(stored.kind),
        field: stored.field,
        expression: stored.expression,
        multiplier: stored.multiplier,
        bucket_size: stored.bucket_size,
        group_by: stored.group_by,
    }
}

fn filter_out(stored: tariff_core::aggregation::MeterFilter) -> MeterFilter {
    MeterFilter {
        key: Some(stored.key),
        values: Some(stored.values),
    }
}

fn filters_in(sent: Vec<MeterFilter>) -> Vec<tariff_core::aggregation::MeterFilter> {
    let filter = |filter: MeterFilter| tariff_core::aggregation::MeterFilter {
        key: filter.key.unwrap_or_default(),
        values: filter.values.unwrap_or_default(),
    };
    sent.into_iter().map(filter).collect()
}
