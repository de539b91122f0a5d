//! The search DSL: filter and sort conditions (spec 01 A11).
//!
//! Conditions arrive as loose wire objects and leave as [`Condition`]s whose operator and operand fit together. Which
//! fields a resource may be searched by is the store's allow-list.

use serde::{Deserialize, Deserializer, Serialize};
use tariff_core::{Decimal, wire_enum};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::number::JsonNumber;
use crate::time::DateTime;
use crate::wire::blank_as_none;

wire_enum! {
    /// How a field is compared with the value.
    FilterOperator, "types.FilterOperatorType" {
        /// Equality.
        Eq = "eq",
        /// Case-insensitive substring; `%` and `_` are literal.
        Contains = "contains",
        /// No such substring; does not match an unset field.
        NotContains = "not_contains",
        /// Strictly greater.
        Gt = "gt",
        /// Strictly less.
        Lt = "lt",
        /// Greater or equal.
        Gte = "gte",
        /// Membership in the list.
        In = "in",
        /// No membership in the list.
        NotIn = "not_in",
        /// Strictly earlier.
        Before = "before",
        /// Strictly later.
        After = "after",
    }
}

wire_enum! {
    /// Which member of the value a condition means; optional, it only confirms what the value says.
    DataType, "types.DataType" {
        /// `value.string`.
        String = "string",
        /// `value.number`.
        Number = "number",
        /// `value.date`.
        Date = "date",
        /// `value.array`.
        Array = "array",
    }
}

wire_enum! {
    /// Direction of an order.
    SortDirection, "types.SortDirection" {
        /// Smallest first.
        Asc = "asc",
        /// Largest first.
        Desc = "desc",
    }
}

/// One condition of a search; all conditions must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::FilterCondition)]
pub struct FilterCondition {
    /// A field of the resource in snake case.
    pub field: Option<String>,
    /// How to compare.
    #[serde(deserialize_with = "blank_as_none")]
    pub operator: Option<FilterOperator>,
    /// Confirms the type of the value.
    #[serde(deserialize_with = "blank_as_none")]
    pub data_type: Option<DataType>,
    /// What to compare with.
    pub value: Option<FilterValue>,
}

/// The right-hand side of a condition; the operator decides which member counts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::Value)]
pub struct FilterValue {
    /// A text.
    pub string: Option<String>,
    /// A number.
    pub number: Option<JsonNumber>,
    /// A truth value.
    pub boolean: Option<bool>,
    /// An instant, RFC 3339 with a zone.
    #[schema(value_type = Option<String>)]
    pub date: Option<DateTime>,
    /// A list of texts.
    pub array: Option<Vec<String>>,
}

/// One key of an order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::SortCondition)]
pub struct SortCondition {
    /// A field of the resource in snake case.
    pub field: Option<String>,
    /// Ascending when absent.
    #[serde(deserialize_with = "blank_as_none")]
    pub direction: Option<SortDirection>,
}

/// The `sort` member of a list: an array of conditions, or one field name whose direction is the list's `order`.
/// Both forms are read everywhere (spec 01 A11, Q9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Sort {
    /// Keys in order of weight.
    Conditions(Vec<SortCondition>),
    /// A single field.
    Field(String),
}

impl<'de> Deserialize<'de> for Sort {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(field) => Ok(Self::Field(field)),
            conditions => Vec::deserialize(conditions)
                .map(Self::Conditions)
                .map_err(serde::de::Error::custom),
        }
    }
}

/// A checked condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The field's name; whether the resource has it is not known here.
    pub field: String,
    /// How to compare.
    pub operator: FilterOperator,
    /// What to compare with; its kind fits the operator.
    pub operand: Operand,
}

/// The value that a condition compares with.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// For `eq`, `contains`, `not_contains`.
    Text(String),
    /// For `eq`, `gt`, `lt`, `gte`.
    Number(Decimal),
    /// For `eq`.
    Boolean(bool),
    /// For `eq`, `before`, `after`.
    Instant(DateTime),
    /// For `eq`, `in`, `not_in`.
    List(Vec<String>),
}

/// A checked key of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortKey {
    /// The field's name; whether the resource has it is not known here.
    pub field: String,
    /// Its direction.
    pub direction: SortDirection,
}

impl FilterCondition {
    /// Checks that field, operator and the operator's value member are there.
    ///
    /// # Errors
    /// `validation_error`, with the field in the details, when one of them is missing, or `data_type` contradicts the value.
    pub fn resolve(&self) -> Result<Condition, ApiError> {
        let field = self.field.clone().filter(|field| !field.is_empty());
        let field = field.ok_or_else(|| ApiError::validation("A filter condition needs a field"))?;
        let invalid =
            |reason: &str| ApiError::validation(format!("Filter on '{field}' {reason}")).detail("field", field.clone());
        let operator = self.operator.ok_or_else(|| invalid("needs an operator"))?;
        let value = self.value.as_ref().ok_or_else(|| invalid("needs a value"))?;
        if self.data_type.is_some_and(|data_type| !value.has(data_type)) {
            return Err(invalid("has a value of another type than its data_type"));
        }
        let operand = value
            .operand(operator)
            .ok_or_else(|| invalid("has no value that fits its operator"))?;
        Ok(Condition {
            field,
            operator,
            operand,
        })
    }
}

impl FilterValue {
    fn has(&self, data_type: DataType) -> bool {
        match data_type {
            DataType::String => self.string.is_some(),
            DataType::Number => self.number.is_some(),
            DataType::Date => self.date.is_some(),
            DataType::Array => self.array.is_some(),
        }
    }

    fn operand(&self, operator: FilterOperator) -> Option<Operand> {
        let text = || self.string.clone().map(Operand::Text);
        let number = || self.number.clone().map(|number| Operand::Number(number.0));
        let instant = || self.date.map(Operand::Instant);
        let list = || self.array.clone().map(Operand::List);
        match operator {
            FilterOperator::Eq => text()
                .or_else(number)
                .or_else(|| self.boolean.map(Operand::Boolean))
                .or_else(instant)
                .or_else(list),
            FilterOperator::Contains | FilterOperator::NotContains => text(),
            FilterOperator::Gt | FilterOperator::Lt | FilterOperator::Gte => number(),
            FilterOperator::In | FilterOperator::NotIn => list(),
            FilterOperator::Before | FilterOperator::After => instant(),
        }
    }
}

impl Sort {
    /// The checked keys; `order` is the direction of the single-field form.
    ///
    /// # Errors
    /// `validation_error` on a key without a field.
    pub fn resolve(&self, order: SortDirection) -> Result<Vec<SortKey>, ApiError> {
        match self {
            Self::Field(field) if field.is_empty() => Ok(Vec::new()),
            Self::Field(field) => Ok(vec![SortKey {
                field: field.clone(),
                direction: order,
            }]),
            Self::Conditions(conditions) => conditions
                .iter()
                .map(|condition| match &condition.field {
                    Some(field) if !field.is_empty() => Ok(SortKey {
                        field: field.clone(),
                        direction: condition.direction.unwrap_or(SortDirection::Asc),
                    }),
                    _ => Err(ApiError::validation("A sort condition needs a field")),
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(json: &str) -> Result<Condition, ApiError> {
        serde_json::from_str::<FilterCondition>(json).unwrap().resolve()
    }

    #[test]
    fn the_operator_decides_which_member_counts() {
        for (json, operand) in [
            (
                r#"{"field":"name","operator":"contains","data_type":"string","value":{"string":"acme"}}"#,
                Operand::Text("acme".into()),
            ),
            (
                r#"{"field":"amount","operator":"gte","value":{"string":"x","number":1.5}}"#,
                Operand::Number(Decimal::new(15, 1)),
            ),
            (
                r#"{"field":"id","operator":"in","value":{"array":[]}}"#,
                Operand::List(Vec::new()),
            ),
            (
                r#"{"field":"a","operator":"eq","value":{"boolean":false}}"#,
                Operand::Boolean(false),
            ),
            (
                r#"{"field":"created_at","operator":"before","data_type":"date","value":{"date":"2024-01-01T00:00:00Z"}}"#,
                Operand::Instant("2024-01-01T00:00:00Z".parse().unwrap()),
            ),
        ] {
            assert_eq!(resolve(json).unwrap().operand, operand, "{json}");
        }
    }

    #[test]
    fn incomplete_conditions_are_refused() {
        for json in [
            r#"{}"#,
            r#"{"operator":"eq","value":{"string":"x"}}"#,
            r#"{"field":"name","value":{"string":"x"}}"#,
            r#"{"field":"name","operator":"eq"}"#,
            r#"{"field":"name","operator":"eq","value":{}}"#,
            r#"{"field":"name","operator":"contains","value":{"number":1}}"#,
            r#"{"field":"name","operator":"eq","data_type":"number","value":{"string":"1"}}"#,
        ] {
            assert!(resolve(json).is_err(), "{json}");
        }
        assert!(serde_json::from_str::<FilterCondition>(r#"{"operator":"like"}"#).is_err());
        assert!(serde_json::from_str::<SortCondition>(r#"{"field":"a","direction":"up"}"#).is_err());
    }

    #[test]
    fn sort_is_an_array_or_a_field() {
        let keys = |json: &str| {
            serde_json::from_str::<Sort>(json)
                .unwrap()
                .resolve(SortDirection::Desc)
                .unwrap()
        };
        let key = |field: &str, direction| SortKey {
            field: field.into(),
            direction,
        };
        assert_eq!(
            keys(r#"[{"field":"name"},{"field":"id","direction":"desc"}]"#),
            [key("name", SortDirection::Asc), key("id", SortDirection::Desc)]
        );
        assert_eq!(keys(r#""name""#), [key("name", SortDirection::Desc)]);
        assert!(keys(r#""""#).is_empty());
    }
}
