//! Column types: how a value of `core` is kept, losslessly, in either database; and how a change names the columns it
//! writes.

use std::fmt::Display;
use std::str::FromStr;

use bigdecimal::BigDecimal;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr};
use sea_orm::{ActiveValue, ColIdx, DbErr, QueryResult, TryGetError, TryGetable, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tariff_core::{Decimal, Timestamp};

fn unreadable(what: &str, error: impl Display) -> TryGetError {
    TryGetError::DbErr(DbErr::Type(format!("unreadable {what} in a stored row: {error}")))
}

/// An instant, microseconds, UTC: `TIMESTAMPTZ`, or RFC 3339 text whose order is the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub Timestamp);

impl From<Timestamp> for Time {
    fn from(instant: Timestamp) -> Self {
        Self(instant)
    }
}

impl From<Time> for Timestamp {
    fn from(time: Time) -> Self {
        time.0
    }
}

impl From<Time> for Value {
    fn from(time: Time) -> Self {
        // Every timestamp of this system lies inside chrono's wider range; the epoch is never reached.
        let instant = DateTime::<Utc>::from_timestamp_micros(time.0.as_microsecond()).unwrap_or_default();
        Value::ChronoDateTimeUtc(Some(instant))
    }
}

impl TryGetable for Time {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let instant = DateTime::<Utc>::try_get_by(row, index)?;
        Timestamp::from_microsecond(instant.timestamp_micros())
            .map(Self)
            .map_err(|error| unreadable("instant", error))
    }
}

impl ValueType for Time {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        let instant = <DateTime<Utc> as ValueType>::try_from(value)?;
        Timestamp::from_microsecond(instant.timestamp_micros())
            .map(Self)
            .map_err(|_| ValueTypeErr)
    }
    fn type_name() -> String {
        "Time".to_owned()
    }
    fn array_type() -> ArrayType {
        ArrayType::ChronoDateTimeUtc
    }
    fn column_type() -> ColumnType {
        ColumnType::TimestampWithTimeZone
    }
}

impl Nullable for Time {
    fn null() -> Value {
        Value::ChronoDateTimeUtc(None)
    }
}

/// A decimal: `NUMERIC`, or text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(pub Decimal);

impl From<Decimal> for Number {
    fn from(value: Decimal) -> Self {
        Self(value)
    }
}

impl From<Number> for Decimal {
    fn from(number: Number) -> Self {
        number.0
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Value::BigDecimal(Some(Box::new(number.0.as_big_decimal().normalized())))
    }
}

impl TryGetable for Number {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        // SQLite keeps decimals as text, so the text is tried first: it fails at once on NUMERIC.
        match Option::<String>::try_get_by(row, index) {
            Ok(Some(text)) => Decimal::from_str(&text)
                .map(Self)
                .map_err(|error| unreadable("decimal", error)),
            Ok(None) => Err(TryGetError::Null(format!("{index:?}"))),
            Err(_) => BigDecimal::try_get_by(row, index).map(|value| Self(value.into())),
        }
    }
}

impl ValueType for Number {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        <BigDecimal as ValueType>::try_from(value).map(|value| Self(value.into()))
    }
    fn type_name() -> String {
        "Number".to_owned()
    }
    fn array_type() -> ArrayType {
        ArrayType::BigDecimal
    }
    fn column_type() -> ColumnType {
        ColumnType::Decimal(None)
    }
}

impl Nullable for Number {
    fn null() -> Value {
        Value::BigDecimal(None)
    }
}

/// One word of a closed list, kept as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word<T>(pub T);

impl<T> From<T> for Word<T> {
    fn from(word: T) -> Self {
        Self(word)
    }
}

impl<T: Display> From<Word<T>> for Value {
    fn from(word: Word<T>) -> Self {
        Value::String(Some(word.0.to_string()))
    }
}

impl<T: FromStr<Err: Display>> TryGetable for Word<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let text = String::try_get_by(row, index)?;
        text.parse()
            .map(Self)
            .map_err(|error| unreadable("word", format!("{text:?} {error}")))
    }
}

impl<T: FromStr<Err: Display>> ValueType for Word<T> {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        <String as ValueType>::try_from(value)?
            .parse()
            .map(Self)
            .map_err(|_| ValueTypeErr)
    }
    fn type_name() -> String {
        "Word".to_owned()
    }
    fn array_type() -> ArrayType {
        ArrayType::String
    }
    fn column_type() -> ColumnType {
        ColumnType::Text
    }
}

impl<T> Nullable for Word<T> {
    fn null() -> Value {
        Value::String(None)
    }
}

/// A document: `JSONB`, or text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T> From<T> for Json<T> {
    fn from(document: T) -> Self {
        Self(document)
    }
}

impl<T: Serialize> From<Json<T>> for Value {
    fn from(document: Json<T>) -> Self {
        // The documents of this system are maps with text keys, lists and scalars; they always have a JSON form.
        Value::Json(Some(Box::new(serde_json::to_value(&document.0).unwrap_or_default())))
    }
}

impl<T: DeserializeOwned> TryGetable for Json<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let value = serde_json::Value::try_get_by(row, index)?;
        serde_json::from_value(value)
            .map(Self)
            .map_err(|error| unreadable("document", error))
    }
}

impl<T: DeserializeOwned> ValueType for Json<T> {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        let value = <serde_json::Value as ValueType>::try_from(value)?;
        serde_json::from_value(value).map(Self).map_err(|_| ValueTypeErr)
    }
    fn type_name() -> String {
        "Json".to_owned()
    }
    fn array_type() -> ArrayType {
        ArrayType::Json
    }
    fn column_type() -> ColumnType {
        ColumnType::JsonBinary
    }
}

impl<T> Nullable for Json<T> {
    fn null() -> Value {
        Value::Json(None)
    }
}

/// Marks a column as to be written.
pub fn set<V: Into<Value>>(value: V) -> ActiveValue<V> {
    ActiveValue::Set(value)
}
