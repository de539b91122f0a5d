//! Reading an OpenAPI document far enough to compare two of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// Method in lower case and path with its prefix, e.g. `("get", "/v1/customers/{}")`. The names of path parameters are
/// not part of it: they never travel.
pub type Operation = (String, String);

/// The body of a request, or of its answer of success.
#[derive(Clone, Copy)]
pub enum Part {
    /// What is sent.
    Request,
    /// What comes back.
    Response,
}

/// An OpenAPI document.
pub struct Document {
    root: Value,
    operations: BTreeMap<Operation, Value>,
}

/// How many schemas of the contract the other document has in the same form, and what is different in the rest.
pub struct Agreement {
    /// Schemas that agree field by field.
    pub agreeing: usize,
    /// One line for each schema that does not.
    pub differences: Vec<String>,
}

impl Document {
    /// Reads a document. Its paths may or may not carry the `/v1` that the contract has in `servers`.
    pub fn new(root: Value) -> Self {
        let prefix = root
            .pointer("/servers/0/url")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let prefix = prefix.trim_end_matches('/').to_owned();
        let mut operations = BTreeMap::new();
        for (path, item) in root["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                if ["get", "post", "put", "delete", "patch"].contains(&method.as_str()) {
                    let path = format!("{prefix}{}", without_names(path));
                    operations.insert((method.clone(), path), operation.clone());
                }
            }
        }
        Self { root, operations }
    }

    /// All operations.
    pub fn operations(&self) -> Vec<Operation> {
        self.operations.keys().cloned().collect()
    }

    /// Whether it has this operation.
    pub fn has(&self, operation: &Operation) -> bool {
        self.operations.contains_key(operation)
    }

    /// Whether one of its templates takes the path of this operation.
    pub fn catches(&self, (method, path): &Operation) -> bool {
        let fits = |template: &str| {
            let (wanted, had) = (template.split('/'), path.split('/'));
            wanted.clone().count() == had.clone().count()
                && wanted.zip(had).all(|(wanted, had)| wanted == "{}" || wanted == had)
        };
        self.operations
            .keys()
            .any(|(other, template)| other == method && fits(template))
    }

    fn body<'a>(&'a self, operation: &Operation, part: Part) -> Option<&'a Value> {
        let operation = self.operations.get(operation)?;
        let content = match part {
            Part::Request => operation.pointer("/requestBody/content")?,
            Part::Response => {
                let mut answers = operation["responses"].as_object()?.iter();
                let (_, success) = answers.find(|(status, _)| status.starts_with('2'))?;
                success.get("content")?
            }
        };
        content.as_object()?.values().next()?.get("schema")
    }

    /// The schema that `schema` stands for, and the name of the component if it is one. Nullability is looked through.
    fn resolved<'a>(&'a self, schema: &'a Value) -> (Option<&'a str>, &'a Value) {
        if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
            let target = &self.root["components"]["schemas"][name];
            let (deeper, resolved) = self.resolved(target);
            return (deeper.or(Some(name)), resolved);
        }
        for combination in ["oneOf", "anyOf", "allOf"] {
            let members = schema[combination].as_array().into_iter().flatten();
            let mut real = members.filter(|member| member["type"] != "null");
            if let (Some(only), None) = (real.next(), real.next()) {
                return self.resolved(only);
            }
        }
        (None, schema)
    }

    /// The JSON type of a schema, with that of its items or values.
    fn kind(&self, schema: &Value) -> String {
        let (_, schema) = self.resolved(schema);
        let kind = match &schema["type"] {
            Value::String(kind) => kind.clone(),
            Value::Array(kinds) => {
                let kinds: Vec<&str> = kinds
                    .iter()
                    .filter_map(Value::as_str)
                    .filter(|kind| *kind != "null")
                    .collect();
                kinds.join("|")
            }
            _ if schema.get("properties").is_some() => "object".to_owned(),
            _ => "any".to_owned(),
        };
        match kind.as_str() {
            "array" => format!("array of {}", self.kind(&schema["items"])),
            // `additionalProperties: {}` says no more than `true` does.
            "object"
                if schema["additionalProperties"]
                    .as_object()
                    .is_some_and(|values| !values.is_empty()) =>
            {
                format!("map of {}", self.kind(&schema["additionalProperties"]))
            }
            _ => kind,
        }
    }

    fn fields(&self, schema: &Value) -> Map<String, Value> {
        let mut fields = schema["properties"].as_object().cloned().unwrap_or_default();
        for member in schema["allOf"].as_array().into_iter().flatten() {
            fields.extend(self.fields(self.resolved(member).1));
        }
        fields
    }
}

/// Walks both documents from the bodies of `operations` down, comparing each component of the contract where it is met.
pub fn agreeing_schemas(contract: &Document, served: &Document, operations: &[Operation], part: Part) -> Agreement {
    let mut seen = BTreeMap::new();
    for operation in operations {
        if let (Some(wanted), Some(had)) = (contract.body(operation, part), served.body(operation, part)) {
            compare(contract, wanted, served, had, &mut seen);
        }
    }
    let differences: Vec<String> = seen
        .iter()
        .filter(|(_, differences)| !differences.is_empty())
        .map(|(name, differences): (&String, &Vec<String>)| format!("{name}: {}", differences.join(", ")))
        .collect();
    Agreement {
        agreeing: seen.len() - differences.len(),
        differences,
    }
}

/// How many named schemas the contract's operations use in this part.
pub fn reached_schemas(contract: &Document, part: Part) -> usize {
    let mut seen = BTreeMap::new();
    for operation in contract.operations() {
        if let Some(body) = contract.body(&operation, part) {
            compare(contract, body, contract, body, &mut seen);
        }
    }
    seen.len()
}

/// Records the differences of every object component below `wanted` under the contract's name for it.
fn compare(
    contract: &Document,
    wanted: &Value,
    served: &Document,
    had: &Value,
    seen: &mut BTreeMap<String, Vec<String>>,
) {
    let (name, wanted) = contract.resolved(wanted);
    let (_, had) = served.resolved(had);
    if let (Some(inner), Some(other)) = (wanted.get("items"), had.get("items")) {
        compare(contract, inner, served, other, seen);
    }
    let inner = wanted.get("additionalProperties").filter(|inner| inner.is_object());
    if let (Some(inner), Some(other)) = (inner, had.get("additionalProperties")) {
        compare(contract, inner, served, other, seen);
    }
    let (fields, others) = (contract.fields(wanted), served.fields(had));
    if others.is_empty() && served.kind(had) == "any" {
        // The field that leads here counts as different already.
        return;
    }
    if let Some(name) = name.filter(|_| !fields.is_empty()) {
        if seen.contains_key(name) {
            return;
        }
        let names: BTreeSet<&String> = fields.keys().chain(others.keys()).collect();
        let differences = names
            .into_iter()
            .filter_map(|field| match (fields.get(field), others.get(field)) {
                (Some(_), None) => Some(format!("{field} is missing")),
                (None, _) => Some(format!("{field} is not in the contract")),
                (Some(wanted), Some(had)) => {
                    let (wanted, had) = (contract.kind(wanted), served.kind(had));
                    (wanted != had).then(|| format!("{field} is {had}, not {wanted}"))
                }
            });
        seen.insert(name.to_owned(), differences.collect());
    }
    for (field, wanted) in &fields {
        if let Some(had) = others.get(field) {
            compare(contract, wanted, served, had, seen);
        }
    }
}

/// `/customers/{id}/wallets` as `/customers/{}/wallets`.
fn without_names(path: &str) -> String {
    let segments: Vec<&str> = path
        .split('/')
        .map(|segment| if segment.starts_with('{') { "{}" } else { segment })
        .collect();
    segments.join("/")
}
