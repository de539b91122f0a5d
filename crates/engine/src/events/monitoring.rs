//! How many events came in, and how far behind their storage is (spec 02 §3.9).

use tariff_contract::DateTime;
use tariff_contract::error::ApiError;
use tariff_contract::event_monitoring::{EventCountPoint, MonitoringRequest, MonitoringResponse};
use tariff_core::SignedDuration;
use tariff_core::aggregation::WindowGrid;
use tariff_usage::ActivityQuery;

use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::usage::{check_windows, range_of};

/// How far back the range reaches unless the request says otherwise.
const RANGE_DEFAULT: SignedDuration = SignedDuration::from_hours(24);

impl Engine {
    /// Counts the environment's events by time.
    ///
    /// # Errors
    /// `validation_error` for one bound without the other, a reversed range, or too many windows.
    pub async fn monitor_events(&self, context: &Context, request: MonitoringRequest) -> Result<MonitoringResponse> {
        if request.start_time.is_some() != request.end_time.is_some() {
            return Err(ApiError::validation("start_time and end_time go together").into());
        }
        let period = range_of(context, request.start_time, request.end_time, RANGE_DEFAULT)?;
        if let Some(size) = request.window_size {
            check_windows(period, size)?;
        }
        let query = ActivityQuery {
            period,
            windows: request.window_size.map(WindowGrid::utc),
        };
        let activity = self.usage_log().activity(&context.scope, &query).await?;
        let points = activity.windows.into_iter().map(|window| EventCountPoint {
            timestamp: DateTime(window.start),
            event_count: window.event_count,
        });
        Ok(MonitoringResponse {
            total_count: activity.total_count,
            // An event that has been accepted is in every answer, so only what still waits for the disk lags behind.
            consumption_lag: self.usage_log().stats().queued_events,
            post_processing_lag: 0,
            points: points.collect(),
        })
    }
}
