//! Brings derived schemas into the form of the published contract.
//!
//! Derivation writes down what Rust knows: which members may be null, which are always there, how wide an integer is. The
//! contract says none of this, and generated clients would change their types if ours did. [`ContractForm`] removes it.

use utoipa::Modify;
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayItems, KnownFormat, Object, Schema, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{OpenApi, Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::metadata::Metadata;
use crate::number::JsonNumber;
use crate::time::DateTime;
use tariff_core::Decimal;

/// Rewrites every schema of a document with [`contract_form`].
#[derive(Debug, Clone, Copy)]
pub struct ContractForm;

impl Modify for ContractForm {
    fn modify(&self, document: &mut OpenApi) {
        let Some(components) = document.components.as_mut() else {
            return;
        };
        for schema in components.schemas.values_mut() {
            contract_form(schema);
        }
        // Their forms now stand where they are used.
        components.schemas.retain(|name, _| in_place(name).is_none());
    }
}

/// Removes nullability, null defaults, integer widths and the `required` lists of answers, and writes scalars of ours in place.
pub fn contract_form(schema: &mut RefOr<Schema>) {
    if let Some(only) = the_one_besides_null(schema) {
        *schema = only;
    }
    if let RefOr::Ref(reference) = schema {
        match inlined(reference) {
            Some(form) => *schema = form,
            None => return,
        }
    }
    match schema {
        RefOr::T(Schema::Object(object)) => object_form(object),
        RefOr::T(Schema::Array(array)) => {
            drop_null(&mut array.schema_type);
            array.default = None;
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                contract_form(items);
            }
        }
        _ => {}
    }
}

fn object_form(object: &mut Object) {
    // A mandatory member that may be null belongs to a request, whose members are all optional in Rust: the contract lists
    // it. One that may not be null belongs to an answer, and the contract lists none of those.
    let properties = &object.properties;
    object
        .required
        .retain(|name| properties.get(name).is_some_and(may_be_null));
    drop_null(&mut object.schema_type);
    if object.default == Some(serde_json::Value::Null) {
        object.default = None;
    }
    if let Some(SchemaFormat::KnownFormat(KnownFormat::Int32 | KnownFormat::Int64)) = object.format {
        object.format = None;
    }
    object.property_names = None;
    for property in object.properties.values_mut() {
        contract_form(property);
    }
    if let Some(AdditionalProperties::RefOr(values)) = object.additional_properties.as_deref_mut() {
        contract_form(values);
        if is_any_value(values) {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(true)));
        }
    }
}

fn is_any_value(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::AnyValue)
}

fn may_be_null(schema: &RefOr<Schema>) -> bool {
    let lists_null =
        |schema_type: &SchemaType| matches!(schema_type, SchemaType::Array(types) if types.contains(&Type::Null));
    match schema {
        RefOr::T(Schema::Object(object)) => lists_null(&object.schema_type),
        RefOr::T(Schema::Array(array)) => lists_null(&array.schema_type),
        RefOr::T(Schema::OneOf(_)) => the_one_besides_null(schema).is_some(),
        _ => false,
    }
}

/// The other half of `oneOf: [null, X]`, with the description and default of the whole.
fn the_one_besides_null(schema: &RefOr<Schema>) -> Option<RefOr<Schema>> {
    let RefOr::T(Schema::OneOf(one_of)) = schema else {
        return None;
    };
    let is_null = |item: &RefOr<Schema>| matches!(item, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null));
    let mut others = one_of.items.iter().filter(|item| !is_null(item));
    let mut only = others.next()?.clone();
    if others.next().is_some() || one_of.items.len() != 2 {
        return None;
    }
    if let RefOr::Ref(reference) = &mut only {
        if let Some(form) = inlined(reference) {
            only = form;
        } else if let Some(description) = &one_of.description {
            reference.description.clone_from(description);
        }
    }
    if let RefOr::T(Schema::Object(object)) = &mut only {
        if one_of.description.is_some() {
            object.description.clone_from(&one_of.description);
        }
        object.default.clone_from(&one_of.default);
    }
    Some(only)
}

fn drop_null(schema_type: &mut SchemaType) {
    if let SchemaType::Array(types) = schema_type {
        types.retain(|found| *found != Type::Null);
        if let [only] = types.as_slice() {
            *schema_type = SchemaType::Type(only.clone());
        }
    }
}

/// The schema of a type that the contract writes in place instead of by reference.
fn inlined(reference: &Ref) -> Option<RefOr<Schema>> {
    let name = reference.ref_location.rsplit('/').next().unwrap_or_default();
    let mut form = in_place(name)?;
    if let RefOr::T(Schema::Object(object)) = &mut form
        && !reference.description.is_empty()
    {
        object.description = Some(reference.description.clone());
    }
    Some(form)
}

fn in_place(name: &str) -> Option<RefOr<Schema>> {
    if Decimal::name() == name {
        Some(Decimal::schema())
    } else if DateTime::name() == name {
        Some(DateTime::schema())
    } else if JsonNumber::name() == name {
        Some(JsonNumber::schema())
    } else if Metadata::name() == name {
        Some(Metadata::schema())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::Value;

    use crate::registry;

    /// Members that stand here and not in the contract file, each for a reason.
    const ADDED: &[(&str, &str, &str)] = &[(
        "errors.ErrorResponse",
        "details",
        "answered by every server (spec 01 A5); the contract file omits it",
    )];

    /// Schemas and members that differ from the contract file, each for a reason.
    const CHANGED: &[(&str, &str)] = &[
        (
            "types.Duration",
            "the file's word list is meaningless (spec 01, appendix)",
        ),
        ("types.AggregationType", "MIN is one of ours (docs/decisions.md)"),
        (
            "AggregatedEntitlement.config_values",
            "config values are objects of any values",
        ),
    ];

    /// Schemas that stand here and not in the contract file: they serve routes of spec 01's appendix that it omits.
    const OUTSIDE_THE_CONTRACT: &[&str] = &[
        "types.PlainFilter",
        "AuthResponse",
        "ChatVerificationResponse",
        "CreateEnvironmentRequest",
        "CustomerPortalResponse",
        "EnvironmentResponse",
        "GetRoleResponse",
        "ListEnvironmentsResponse",
        "ListRolesResponse",
        "LoginRequest",
        "Password",
        "RoleFilter",
        "RoleResponse",
        "SettingResponse",
        "SignUpRequest",
        "UpdateEnvironmentRequest",
        "UpdateSettingRequest",
    ];

    /// Maps that the contract names in some places and spells out in others, and their values.
    const NAMED_MAPS: &[(&str, &str)] = &[
        ("/types.Metadata", r#"{"type":"string"}"#),
        ("/price.JSONBMetadata", r#"{"type":"string"}"#),
        ("/price.JSONBFilters", r#"{"type":"array","items":{"type":"string"}}"#),
    ];

    fn contract() -> BTreeMap<String, Value> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../contract/openapi.json");
        let document: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        serde_json::from_value(document["components"]["schemas"].clone()).unwrap()
    }

    /// A schema as comparable facts: every keyword but prose, with the contract's names for mere maps resolved.
    fn facts(schema: &Value) -> Value {
        let Value::Object(members) = schema else {
            return schema.clone();
        };
        let reference = members.get("$ref").and_then(Value::as_str).unwrap_or_default();
        if let Some((_, values)) = NAMED_MAPS.iter().find(|(name, _)| reference.ends_with(name)) {
            let values: Value = serde_json::from_str(values).unwrap();
            return serde_json::json!({"type": "object", "additionalProperties": values});
        }
        let mut kept: BTreeMap<&str, Value> = BTreeMap::new();
        for (keyword, value) in members {
            let value = match (keyword.as_str(), value) {
                ("description" | "propertyNames" | "required" | "properties", _) => continue,
                // Nullability is not compared.
                ("type", Value::Array(types)) => {
                    types.iter().find(|name| **name != "null").cloned().unwrap_or_default()
                }
                // Says the same as nothing.
                ("additionalProperties", Value::Bool(true)) => continue,
                ("items" | "additionalProperties", value) => facts(value),
                // The derivation writes integers as floats.
                ("minimum" | "maximum", Value::Number(number)) => number.to_string().trim_end_matches(".0").into(),
                (_, value) => value.clone(),
            };
            kept.insert(keyword, value);
        }
        serde_json::to_value(kept).unwrap()
    }

    fn required(schema: &Value) -> Vec<&str> {
        let mut names: Vec<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        names.sort_unstable();
        names
    }

    fn differences(name: &str, ours: &Value, theirs: &Value) -> (usize, Vec<String>) {
        let (mut agreeing, mut differing) = (0, Vec::new());
        if facts(ours) != facts(theirs) {
            differing.push(format!("{name}: {} instead of {}", facts(ours), facts(theirs)));
        }
        if required(ours) != required(theirs) {
            differing.push(format!(
                "{name}: required {:?} instead of {:?}",
                required(ours),
                required(theirs)
            ));
        }
        let empty = serde_json::Map::new();
        let members = |schema: &Value| schema["properties"].as_object().unwrap_or(&empty).clone();
        let (ours, theirs) = (members(ours), members(theirs));
        for (member, schema) in &theirs {
            match ours.get(member) {
                None => differing.push(format!("{name}.{member}: missing")),
                Some(found) if facts(found) == facts(schema) => agreeing += 1,
                Some(found) => differing.push(format!(
                    "{name}.{member}: {} instead of {}",
                    facts(found),
                    facts(schema)
                )),
            }
        }
        for member in ours.keys().filter(|member| !theirs.contains_key(*member)) {
            if !ADDED
                .iter()
                .any(|(schema, added, _)| *schema == name && added == member)
            {
                differing.push(format!("{name}.{member}: not in the contract"));
            }
        }
        differing.retain(|text: &String| !CHANGED.iter().any(|(place, _)| text.starts_with(&format!("{place}:"))));
        (agreeing, differing)
    }

    #[test]
    fn every_schema_agrees_with_the_contract() {
        let contract = contract();
        let schemas = registry::schemas();
        let (mut agreeing, mut differing, mut covered) = (0, Vec::new(), 0);
        for (name, schema) in &schemas {
            let ours = serde_json::to_value(schema).unwrap();
            match contract.get(name) {
                Some(theirs) => {
                    covered += 1;
                    let (count, mut list) = differences(name, &ours, theirs);
                    agreeing += count;
                    differing.append(&mut list);
                }
                None if OUTSIDE_THE_CONTRACT.contains(&name.as_str()) => {}
                None => differing.push(format!("{name}: no such schema in the contract")),
            }
        }
        println!(
            "{agreeing} members agree; {covered} of {} schemas covered",
            contract.len()
        );
        assert!(
            differing.is_empty(),
            "{} differences:\n{}",
            differing.len(),
            differing.join("\n")
        );
    }

    #[test]
    fn every_reference_leads_to_a_schema() {
        let schemas = registry::schemas();
        let text = serde_json::to_string(&schemas).unwrap();
        let dangling: std::collections::BTreeSet<&str> = text
            .split("#/components/schemas/")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .filter(|name| !schemas.contains_key(*name))
            .collect();
        assert!(dangling.is_empty(), "add to the registry: {dangling:?}");
    }
}
