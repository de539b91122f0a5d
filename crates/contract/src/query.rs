//! Query strings (spec 01 A1): scalars take the first occurrence, lists are repeated, structured parameters are JSON texts.
//!
//! [`decode_query`] reads what each parameter is from the schema of the type it fills, so that a filter is declared once.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayItems, Object, Schema, SchemaType, Type};

use crate::error::ApiError;

/// List parameters whose occurrences are split at commas. The contract declares them so, and generated clients join
/// their items. Other lists are not split, because external ids may contain commas (spec 01 A1).
const SPLIT_AT_COMMAS: [&str; 8] = [
    "feature_ids",
    "feature_lookup_keys",
    "subscription_ids",
    "coupon_ids",
    "payment_ids",
    "taxrate_ids",
    "taxrate_codes",
    "group_by",
];

/// The decoded pairs of a query string, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    values: BTreeMap<String, Vec<String>>,
}

impl Query {
    /// Decodes `a=1&b=2`; `+` and percent escapes are resolved.
    ///
    /// # Errors
    /// `validation_error` on a NUL character.
    pub fn parse(text: &str) -> Result<Self, ApiError> {
        let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            if value.contains('\0') {
                return Err(bad_value(&name, "must not contain a NUL character"));
            }
            values.entry(name.into_owned()).or_default().push(value.into_owned());
        }
        Ok(Self { values })
    }

    /// The first occurrence of a scalar; an empty value counts as absent.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        let first = self.values.get(name)?.first()?;
        (!first.is_empty()).then_some(first)
    }

    /// A truth value.
    ///
    /// # Errors
    /// `validation_error` when the text is none.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.text(name) {
            None => Ok(None),
            Some("true" | "True" | "TRUE" | "t" | "T" | "1") => Ok(Some(true)),
            Some("false" | "False" | "FALSE" | "f" | "F" | "0") => Ok(Some(false)),
            Some(_) => Err(bad_value(name, "must be true or false")),
        }
    }

    /// An integer.
    ///
    /// # Errors
    /// `validation_error` when the text is none.
    pub fn integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        self.text(name)
            .map(|text| text.parse().map_err(|_| bad_value(name, "must be an integer")))
            .transpose()
    }

    /// Every item of a repeated parameter; of those that clients join, every part between commas.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<String> {
        let occurrences = self.values.get(name).into_iter().flatten();
        if SPLIT_AT_COMMAS.contains(&name) {
            let parts = occurrences.flat_map(|text| text.split(',')).map(str::trim);
            parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
        } else {
            occurrences.filter(|text| !text.is_empty()).cloned().collect()
        }
    }
}

/// Fills `T`, a request type, from a query string.
///
/// # Errors
/// `validation_error` naming the parameter whose value does not parse.
pub fn decode_query<T: DeserializeOwned + utoipa::ToSchema>(text: &str) -> Result<T, ApiError> {
    let query = Query::parse(text)?;
    let mut members = Map::new();
    if let RefOr::T(Schema::Object(schema)) = T::schema() {
        for (name, schema) in &schema.properties {
            if let Some(value) = member_value(&query, name, schema)? {
                members.insert(name.clone(), value);
            }
        }
    }
    // One member at a time first, so that the answer can name the bad parameter.
    for (name, value) in &members {
        let single: Map<String, Value> = [(name.clone(), value.clone())].into_iter().collect();
        serde_json::from_value::<T>(single.into())
            .map_err(|source| bad_value(name, "is not valid").caused_by(source))?;
    }
    serde_json::from_value(members.into())
        .map_err(|source| ApiError::validation("Invalid query parameters").caused_by(source))
}

/// What a parameter holds, according to its schema.
enum Kind {
    Text,
    Integer,
    Boolean,
    TextList,
    Structured,
    StructuredList,
}

fn member_value(query: &Query, name: &str, schema: &RefOr<Schema>) -> Result<Option<Value>, ApiError> {
    // Where the schema says array a plain column name is accepted too, and the JSON form where it says text (spec 01 Q9).
    if let Some(text) = query.text(name).filter(|_| name == "sort") {
        if !text.starts_with(['[', '{']) {
            return Ok(Some(Value::from(text)));
        }
        return Ok(Some(structured_list(query, name)?.into()));
    }
    Ok(match kind(schema) {
        Kind::Text => query.text(name).map(Value::from),
        Kind::Integer => query.integer(name)?.map(Value::from),
        Kind::Boolean => query.boolean(name)?.map(Value::from),
        Kind::TextList => Some(query.list(name))
            .filter(|items| !items.is_empty())
            .map(Value::from),
        Kind::Structured => query.text(name).map(|text| structured(name, text)).transpose()?,
        Kind::StructuredList => Some(structured_list(query, name)?)
            .filter(|items| !items.is_empty())
            .map(Value::Array),
    })
}

fn structured(name: &str, text: &str) -> Result<Value, ApiError> {
    serde_json::from_str(text).map_err(|source| bad_value(name, "must be a JSON text").caused_by(source))
}

/// The items of every occurrence, each of which is a list or a single item.
fn structured_list(query: &Query, name: &str) -> Result<Vec<Value>, ApiError> {
    let mut items = Vec::new();
    for text in query.list(name) {
        match structured(name, &text)? {
            Value::Array(several) => items.extend(several),
            single => items.push(single),
        }
    }
    Ok(items)
}

fn kind(schema: &RefOr<Schema>) -> Kind {
    match schema {
        RefOr::T(Schema::Array(array)) => match &array.items {
            ArrayItems::RefOrSchema(items) if is_structured(items) => Kind::StructuredList,
            ArrayItems::RefOrSchema(_) | ArrayItems::False => Kind::TextList,
        },
        RefOr::T(Schema::Object(object)) => scalar_kind(object),
        RefOr::T(_) if is_structured(schema) => Kind::Structured,
        _ => Kind::Text,
    }
}

fn scalar_kind(object: &Object) -> Kind {
    let is = |wanted: &Type| match &object.schema_type {
        SchemaType::Type(found) => found == wanted,
        SchemaType::Array(found) => found.contains(wanted),
        SchemaType::AnyValue => false,
    };
    if is(&Type::Integer) {
        Kind::Integer
    } else if is(&Type::Boolean) {
        Kind::Boolean
    } else if is(&Type::Object) {
        Kind::Structured
    } else {
        Kind::Text
    }
}

/// Schemas of objects that may stand in a query string; everything else behind a reference is a word or an instant.
fn is_structured(schema: &RefOr<Schema>) -> bool {
    match schema {
        RefOr::Ref(reference) => ["FilterCondition", "SortCondition", "Metadata"]
            .iter()
            .any(|name| reference.ref_location.ends_with(name)),
        RefOr::T(Schema::OneOf(one_of)) => one_of.items.iter().any(is_structured),
        RefOr::T(Schema::Object(object)) => !object.properties.is_empty(),
        RefOr::T(_) => false,
    }
}

fn bad_value(name: &str, reason: &str) -> ApiError {
    ApiError::validation(format!("Query parameter '{name}' {reason}")).detail(name, reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customers::CustomerFilter;
    use crate::filter::SortDirection;

    fn customers(text: &str) -> CustomerFilter {
        decode_query(text).unwrap()
    }

    #[test]
    fn fills_a_filter() {
        let filter = customers(
            "limit=10&limit=20&offset=5&order=asc&external_ids=a%2Cb&external_ids=c&email=a%40b.co\
             &metadata=%7B%22k%22%3A%22v%22%7D&start_time=2024-01-01T00:00:00Z&unknown=1&status=",
        );
        assert_eq!((filter.limit, filter.offset), (Some(10), Some(5)));
        assert_eq!(filter.order, Some(SortDirection::Asc));
        assert_eq!(filter.external_ids.unwrap(), ["a,b", "c"]);
        assert_eq!(filter.email.as_deref(), Some("a@b.co"));
        assert_eq!(filter.metadata.unwrap()["k"], "v");
        assert!(filter.start_time.is_some() && filter.status.is_none());
    }

    #[test]
    fn structured_parameters_are_json_or_a_column() {
        let conditions = "filters=%5B%7B%22field%22%3A%22name%22%7D%5D&filters=%7B%22field%22%3A%22id%22%7D";
        assert_eq!(customers(conditions).filters.unwrap().len(), 2);
        let by_column = customers("sort=name&order=asc").list_options().unwrap().sort;
        assert_eq!(
            (by_column[0].field.as_str(), by_column[0].direction),
            ("name", SortDirection::Asc)
        );
        let by_json = customers("sort=%5B%7B%22field%22%3A%22name%22%7D%5D")
            .list_options()
            .unwrap()
            .sort;
        assert_eq!(by_json[0].field, "name");
    }

    #[test]
    fn joined_lists_are_split() {
        let joined = Query::parse("feature_ids=a%2C%20b,&feature_ids=c&customer_ids=x%2Cy").unwrap();
        assert_eq!(joined.list("feature_ids"), ["a", "b", "c"]);
        assert_eq!(joined.list("customer_ids"), ["x,y"]);
    }

    #[test]
    fn bad_values_name_their_parameter() {
        for (text, name) in [
            ("limit=ten", "limit"),
            ("order=up", "order"),
            ("start_time=2024-01-01", "start_time"),
            ("filters=nope", "filters"),
            ("metadata=%5B%5D", "metadata"),
            ("email=a%00b", "email"),
        ] {
            let error = decode_query::<CustomerFilter>(text).unwrap_err();
            assert_eq!(error.http_status(), 400, "{text}");
            assert!(error.details.contains_key(name), "{text}");
        }
    }
}
