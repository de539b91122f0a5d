//! Which meters measure the events of a batch, for what follows their storage.

use std::collections::{BTreeMap, BTreeSet};

use tariff_core::Status;
use tariff_core::aggregation::{Meter, RecordingRevision};
use tariff_store::entity::meters as meter_rows;
use tariff_store::{Listing, Scoped};
use tariff_usage::Event;

use crate::error::{Error, Result};
use crate::meters;
use tariff_contract::error::ApiError;

/// The meters of some event names, ready to measure.
pub(super) struct Measuring {
    meters: BTreeMap<String, Vec<MeasuringMeter>>,
}

struct MeasuringMeter {
    meter: Meter,
    recording: Vec<RecordingRevision>,
    published: bool,
}

impl Measuring {
    /// The meters of these events' names, by one query.
    pub(super) async fn of(rows: &Scoped<'_>, events: &[&Event]) -> Result<Self> {
        let names: BTreeSet<&str> = events.iter().map(|event| event.event_name.as_str()).collect();
        let mut meters: BTreeMap<String, Vec<MeasuringMeter>> = BTreeMap::new();
        if names.is_empty() {
            return Ok(Self { meters });
        }
        let listing = Listing::all().within("event_name", names);
        for row in rows.list::<meter_rows::Entity>(&listing).await? {
            let measuring = MeasuringMeter {
                meter: meters::definition(&row)?,
                recording: meters::recording(&row),
                published: row.status.0 == Status::Published,
            };
            meters.entry(row.event_name).or_default().push(measuring);
        }
        Ok(Self { meters })
    }

    /// Whether any meter has a record of the event (spec 02 §4.1).
    pub(super) fn records(&self, event: &Event) -> Result<bool> {
        for measuring in self.meters.get(&event.event_name).into_iter().flatten() {
            let quantity = measuring
                .meter
                .record(&measuring.recording, event.ingested_at, event.properties.as_deref())
                .map_err(|error| Error(ApiError::internal(error)))?;
            if quantity.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a published meter has this event name.
    pub(super) fn has_published(&self, event_name: &str) -> bool {
        let mut meters = self.meters.get(event_name).into_iter().flatten();
        meters.any(|measuring| measuring.published)
    }
}
