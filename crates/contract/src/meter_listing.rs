//! Lists and changes of meters on the wire; the contract file omits these routes (spec 02 §3.2).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::list::{list_filter, list_response};
use crate::meters::{MeterFilter, MeterResponse};

/// Adds to the filters of a meter; nothing is ever removed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateMeterRequest {
    /// Accepted values by property.
    pub filters: Option<Vec<MeterFilter>>,
}

list_response! {
    /// A page of meters.
    ListMetersResponse of MeterResponse
}

list_filter! {
    /// Which meters to list.
    MeterListFilter as types::MeterFilter {
        /// Only meters of this event name.
        pub event_name: Option<String>,
        /// Only these meters.
        pub meter_ids: Option<Vec<String>>,
    }
}
