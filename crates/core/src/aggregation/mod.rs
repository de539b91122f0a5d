//! From events to quantities: property values, filters, expressions, windows and the aggregation monoids (spec 02 §4).
//!
//! Everything is pure: an event goes in as its timestamp, order of delivery, source and properties, a number comes
//! out. Where events are kept, and which of them are offered to a [`UsageFold`], is the event log's business.
//! Prices are not: the answer carries quantities only, per bucket where a price applies per bucket (spec 02 §4.8).

mod aggregate;
mod answer;
pub mod expression;
mod filter;
mod fold;
mod meter;
mod property;
mod quantity;
mod question;
mod scan;
mod window;

pub use aggregate::Aggregate;
pub use answer::{BucketUsage, RawResult, Usage, UsageAnswer, UsageGroup, WindowUsage};
pub use expression::{Expression, ExpressionError};
pub use filter::{
    FILTERS_BYTES_MAX, MeterFilter, QueryFilters, merge_meter_filters, meter_filters_match, query_filters_match,
};
pub use fold::{EventView, Place, UsageFold, UsagePartial};
pub use meter::{Aggregation, AggregationDefinition, Measure, Meter, MeterDefinition, MeterError, RawAggregation};
pub use property::{InvalidProperties, Properties, PropertyValue, number_out_of_range};
pub use quantity::Quantity;
pub use question::{Basis, Dimension, RECORDING_BYTES_MAX, RecordingRevision, UsageQuestion};

pub use crate::calendar::Period;
pub use window::{WindowGrid, time_zone_or_utc};
