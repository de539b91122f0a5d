//! Meters: the definition as it is stored, and the checked form that events are measured with (spec 02 §2.3).

use serde::{Deserialize, Serialize};

use super::filter::{FILTERS_BYTES_MAX, filters_bytes};
use super::{Expression, ExpressionError, MeterFilter};
use crate::Decimal;
use crate::vocabulary::{AggregationType, ResetUsage, WindowSize};

/// Longest event name, in characters.
pub const EVENT_NAME_CHARS_MAX: usize = 255;

/// A meter as users write it and storage keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeterDefinition {
    /// Name of the events it measures; surrounding blanks are cut.
    pub event_name: String,
    /// How it turns events into a quantity.
    pub aggregation: AggregationDefinition,
    /// All must match for an event to be measured.
    #[serde(default)]
    pub filters: Vec<MeterFilter>,
    /// Whether usage starts again with each billing period.
    pub reset_usage: ResetUsage,
}

/// The aggregation of a meter as users write it. Empty texts count as absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AggregationDefinition {
    /// The type.
    #[serde(rename = "type")]
    pub kind: AggregationType,
    /// Top-level property key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Expression in place of the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// Factor on each event's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiplier: Option<Decimal>,
    /// Width of the buckets whose values are added up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket_size: Option<WindowSize>,
    /// Property key by which a bucketed maximum is taken apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_by: Option<String>,
}

/// Why a meter's definition is refused; each names the field at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MeterError {
    /// `event_name` is empty or longer than [`EVENT_NAME_CHARS_MAX`].
    #[error("event_name must have 1 to {EVENT_NAME_CHARS_MAX} characters")]
    EventName,
    /// `aggregation.field` is missing.
    #[error("aggregation.field is required for this type unless an expression is set")]
    FieldRequired,
    /// Both `aggregation.field` and `aggregation.expression` are set.
    #[error("aggregation.field and aggregation.expression exclude each other")]
    FieldAndExpression,
    /// `aggregation.expression` on a type that has none.
    #[error("aggregation.expression is only for SUM, AVG, MIN, MAX and LATEST")]
    ExpressionNotAllowed,
    /// `aggregation.expression` does not compile.
    #[error("aggregation.expression does not compile: {error}")]
    Expression {
        /// The expression as sent.
        expression: String,
        /// What is wrong with it.
        error: ExpressionError,
    },
    /// `aggregation.multiplier` is missing, zero or negative where a factor is needed.
    #[error("aggregation.multiplier must be greater than zero")]
    Multiplier,
    /// `multiplier` on a query whose type does not multiply.
    #[error("multiplier is only for SUM_WITH_MULTIPLIER")]
    MultiplierNotAllowed,
    /// `aggregation.bucket_size` on a type that has no buckets.
    #[error("aggregation.bucket_size is only for MAX and SUM")]
    BucketSizeNotAllowed,
    /// `aggregation.group_by` on anything but a bucketed maximum.
    #[error("aggregation.group_by is only for MAX with a bucket_size")]
    GroupByNotAllowed,
    /// A filter without key or without values.
    #[error("filters need a key and at least one value")]
    Filter,
    /// The filters together are longer than [`FILTERS_BYTES_MAX`].
    #[error("filters must have at most {FILTERS_BYTES_MAX} bytes of keys and values")]
    FiltersTooLong,
}

impl MeterError {
    /// The field at fault, as a path in the request.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::EventName => "event_name",
            Self::FieldRequired | Self::FieldAndExpression => "aggregation.field",
            Self::ExpressionNotAllowed | Self::Expression { .. } => "aggregation.expression",
            Self::Multiplier | Self::MultiplierNotAllowed => "aggregation.multiplier",
            Self::BucketSizeNotAllowed => "aggregation.bucket_size",
            Self::GroupByNotAllowed => "aggregation.group_by",
            Self::Filter | Self::FiltersTooLong => "filters",
        }
    }
}

/// A checked meter.
#[derive(Debug, Clone, PartialEq)]
pub struct Meter {
    event_name: String,
    aggregation: Aggregation,
    filters: Vec<MeterFilter>,
    reset_usage: ResetUsage,
}

/// A checked aggregation.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregation {
    kind: AggregationType,
    measure: Measure,
    multiplier: Option<Decimal>,
    bucket_size: Option<WindowSize>,
    group_by: Option<String>,
}

/// What is taken from each event.
#[derive(Debug, Clone, PartialEq)]
pub enum Measure {
    /// The event itself, as 1.
    Events,
    /// The property under this key.
    Property(String),
    /// The value of this expression.
    Expression(Expression),
}

/// What `POST /events/usage` asks for in place of a meter (spec 02 §3.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawAggregation {
    /// The type asked for; without a property it silently becomes `COUNT`.
    pub kind: AggregationType,
    /// The property to aggregate; empty for none.
    pub property_name: String,
    /// Only with `SUM_WITH_MULTIPLIER`, where it defaults to 1.
    pub multiplier: Option<Decimal>,
    /// Ignored unless the type is `MAX` or `SUM`.
    pub bucket_size: Option<WindowSize>,
    /// A property key (without `properties.`); ignored unless the type is `MAX` with buckets.
    pub group_by: Option<String>,
}

impl Meter {
    /// Checks a definition by the rules for creating a meter.
    ///
    /// # Errors
    /// [`MeterError`] names the first violated rule.
    pub fn new(definition: &MeterDefinition) -> Result<Self, MeterError> {
        let complete = |filter: &MeterFilter| !filter.key.is_empty() && !filter.values.is_empty();
        if !definition.filters.iter().all(complete) {
            return Err(MeterError::Filter);
        }
        if filters_bytes(&definition.filters) > FILTERS_BYTES_MAX {
            return Err(MeterError::FiltersTooLong);
        }
        Ok(Self {
            event_name: checked_event_name(&definition.event_name)?,
            aggregation: Aggregation::new(&definition.aggregation)?,
            filters: definition.filters.clone(),
            reset_usage: definition.reset_usage,
        })
    }

    /// The meter that an ad-hoc query describes: no filters, periodic.
    ///
    /// # Errors
    /// [`MeterError`] for an empty event name or a multiplier that does not belong there or is not positive.
    pub fn ad_hoc(event_name: &str, query: &RawAggregation) -> Result<Self, MeterError> {
        let kind = if query.property_name.is_empty() {
            AggregationType::Count
        } else {
            query.kind
        };
        let multiplies = kind == AggregationType::SumWithMultiplier;
        match &query.multiplier {
            Some(_) if !multiplies => return Err(MeterError::MultiplierNotAllowed),
            Some(multiplier) if !multiplier.is_positive() => return Err(MeterError::Multiplier),
            Some(_) | None => {}
        }
        let measure = match kind {
            AggregationType::Count => Measure::Events,
            _ => Measure::Property(query.property_name.clone()),
        };
        let bucketed = matches!(kind, AggregationType::Max | AggregationType::Sum);
        let bucket_size = query.bucket_size.filter(|_| bucketed);
        let grouped = kind == AggregationType::Max && bucket_size.is_some();
        Ok(Self {
            event_name: checked_event_name(event_name)?,
            aggregation: Aggregation {
                kind,
                measure,
                multiplier: query.multiplier.clone(),
                bucket_size,
                group_by: query.group_by.clone().filter(|_| grouped),
            },
            filters: Vec::new(),
            reset_usage: ResetUsage::BillingPeriod,
        })
    }

    /// Name of the events it measures.
    #[must_use]
    pub fn event_name(&self) -> &str {
        &self.event_name
    }

    /// How it turns events into a quantity.
    #[must_use]
    pub const fn aggregation(&self) -> &Aggregation {
        &self.aggregation
    }

    /// All must match for an event to be measured.
    #[must_use]
    pub fn filters(&self) -> &[MeterFilter] {
        &self.filters
    }

    /// Whether usage starts again with each billing period.
    #[must_use]
    pub const fn reset_usage(&self) -> ResetUsage {
        self.reset_usage
    }
}

impl Aggregation {
    fn new(definition: &AggregationDefinition) -> Result<Self, MeterError> {
        let kind = definition.kind;
        let multiplier = definition.multiplier.clone();
        let positive = multiplier.as_ref().is_none_or(Decimal::is_positive);
        let measure = measure(definition)?;
        let multiplies = match (&measure, kind) {
            (_, AggregationType::SumWithMultiplier) if multiplier.is_none() => return Err(MeterError::Multiplier),
            (_, AggregationType::SumWithMultiplier) | (Measure::Expression(_), _) => true,
            _ => false,
        };
        if multiplies && !positive {
            return Err(MeterError::Multiplier);
        }
        let bucketed = matches!(kind, AggregationType::Max | AggregationType::Sum);
        if definition.bucket_size.is_some() && !bucketed {
            return Err(MeterError::BucketSizeNotAllowed);
        }
        let group_by = definition.group_by.clone().filter(|key| !key.is_empty());
        if group_by.is_some() && (kind != AggregationType::Max || definition.bucket_size.is_none()) {
            return Err(MeterError::GroupByNotAllowed);
        }
        Ok(Self {
            kind,
            measure,
            multiplier: multiplier.filter(|_| multiplies),
            bucket_size: definition.bucket_size,
            group_by,
        })
    }

    /// The type.
    #[must_use]
    pub const fn kind(&self) -> AggregationType {
        self.kind
    }

    /// What is taken from each event.
    #[must_use]
    pub const fn measure(&self) -> &Measure {
        &self.measure
    }

    /// Factor on each event's number, where the type has one.
    #[must_use]
    pub const fn multiplier(&self) -> Option<&Decimal> {
        self.multiplier.as_ref()
    }

    /// Width of the buckets whose values are added up, for a bucketed meter.
    #[must_use]
    pub const fn bucket_size(&self) -> Option<WindowSize> {
        self.bucket_size
    }

    /// Property key by which a bucketed maximum is taken apart.
    #[must_use]
    pub fn group_by(&self) -> Option<&str> {
        self.group_by.as_deref()
    }
}

fn measure(definition: &AggregationDefinition) -> Result<Measure, MeterError> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    match (given(&definition.field), given(&definition.expression)) {
        (Some(_), Some(_)) => Err(MeterError::FieldAndExpression),
        (None, Some(expression)) => match definition.kind {
            AggregationType::Sum
            | AggregationType::Avg
            | AggregationType::Max
            | AggregationType::Min
            | AggregationType::Latest => Expression::compile(&expression)
                .map(Measure::Expression)
                .map_err(|error| MeterError::Expression { expression, error }),
            AggregationType::Count
            | AggregationType::CountUnique
            | AggregationType::SumWithMultiplier
            | AggregationType::WeightedSum => Err(MeterError::ExpressionNotAllowed),
        },
        (_, None) if definition.kind == AggregationType::Count => Ok(Measure::Events),
        (Some(field), None) => Ok(Measure::Property(field)),
        (None, None) => Err(MeterError::FieldRequired),
    }
}

fn checked_event_name(name: &str) -> Result<String, MeterError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > EVENT_NAME_CHARS_MAX {
        return Err(MeterError::EventName);
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn create(json: &str) -> Result<Meter, &'static str> {
        let json = format!(r#"{{"event_name":" api_call ","reset_usage":"BILLING_PERIOD",{json}}}"#);
        Meter::new(&serde_json::from_str(&json).unwrap()).map_err(|error| error.field())
    }

    #[test]
    fn accepts_every_type() {
        for aggregation in [
            r#"{"type":"COUNT"}"#,
            r#"{"type":"SUM","field":"v"}"#,
            r#"{"type":"AVG","expression":"a+b","multiplier":2}"#,
            r#"{"type":"SUM_WITH_MULTIPLIER","field":"v","multiplier":"0.001"}"#,
            r#"{"type":"MAX","field":"v","bucket_size":"15MIN","group_by":"krn"}"#,
            r#"{"type":"SUM","field":"v","bucket_size":"HOUR"}"#,
            r#"{"type":"COUNT_UNIQUE","field":"v","multiplier":-1}"#,
            r#"{"type":"WEIGHTED_SUM","field":"v"}"#,
            r#"{"type":"MIN","field":"v"}"#,
            r#"{"type":"MIN","expression":"a - b"}"#,
        ] {
            let meter = create(&format!(r#""aggregation":{aggregation}"#));
            assert_eq!(
                meter.map(|meter| meter.event_name().to_owned()),
                Ok("api_call".to_owned()),
                "{aggregation}"
            );
        }
    }

    #[test]
    fn names_the_field_at_fault() {
        for (aggregation, field) in [
            (r#"{"type":"SUM"}"#, "aggregation.field"),
            (r#"{"type":"SUM","field":"v","expression":"v"}"#, "aggregation.field"),
            (r#"{"type":"COUNT","expression":"v"}"#, "aggregation.expression"),
            (r#"{"type":"SUM","expression":"v +"}"#, "aggregation.expression"),
            (
                r#"{"type":"SUM","expression":"v","multiplier":0}"#,
                "aggregation.multiplier",
            ),
            (
                r#"{"type":"SUM_WITH_MULTIPLIER","field":"v"}"#,
                "aggregation.multiplier",
            ),
            (
                r#"{"type":"SUM_WITH_MULTIPLIER","field":"v","multiplier":"-1"}"#,
                "aggregation.multiplier",
            ),
            (
                r#"{"type":"AVG","field":"v","bucket_size":"DAY"}"#,
                "aggregation.bucket_size",
            ),
            (r#"{"type":"MIN"}"#, "aggregation.field"),
            (
                r#"{"type":"MIN","field":"v","bucket_size":"DAY"}"#,
                "aggregation.bucket_size",
            ),
            (r#"{"type":"MIN","field":"v","group_by":"k"}"#, "aggregation.group_by"),
            (r#"{"type":"MAX","field":"v","group_by":"k"}"#, "aggregation.group_by"),
            (
                r#"{"type":"SUM","field":"v","bucket_size":"DAY","group_by":"k"}"#,
                "aggregation.group_by",
            ),
        ] {
            assert_eq!(
                create(&format!(r#""aggregation":{aggregation}"#)).err(),
                Some(field),
                "{aggregation}"
            );
        }
        let count = r#""aggregation":{"type":"COUNT"}"#;
        assert_eq!(
            create(&format!(r#"{count},"filters":[{{"key":"","values":["a"]}}]"#)).err(),
            Some("filters")
        );
        assert_eq!(
            create(&format!(r#"{count},"filters":[{{"key":"k","values":[]}}]"#)).err(),
            Some("filters")
        );
        assert!(create(&format!(r#"{count},"filters":[{{"key":"k","values":[""]}}]"#)).is_ok());
        let long = |bytes: usize| {
            let value = "v".repeat(bytes - 1);
            create(&format!(r#"{count},"filters":[{{"key":"k","values":["{value}"]}}]"#)).err()
        };
        assert_eq!(long(FILTERS_BYTES_MAX), None);
        assert_eq!(long(FILTERS_BYTES_MAX + 1), Some("filters"));
    }

    #[test]
    fn an_ad_hoc_query_without_a_property_counts() {
        let mut query = RawAggregation {
            kind: AggregationType::SumWithMultiplier,
            property_name: String::new(),
            multiplier: None,
            bucket_size: Some(WindowSize::Hour),
            group_by: None,
        };
        let meter = Meter::ad_hoc("api_call", &query).unwrap();
        assert_eq!(meter.aggregation().kind(), AggregationType::Count);
        assert_eq!(meter.aggregation().bucket_size(), None);
        query.multiplier = Some(Decimal::one());
        assert_eq!(Meter::ad_hoc("api_call", &query), Err(MeterError::MultiplierNotAllowed));
        query.property_name = "v".into();
        assert!(Meter::ad_hoc("api_call", &query).is_ok());
        query.multiplier = Some(Decimal::zero());
        assert_eq!(Meter::ad_hoc("api_call", &query), Err(MeterError::Multiplier));
    }
}
