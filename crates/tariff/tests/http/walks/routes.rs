//! The routes that there should be, and those that are served.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use crate::support::client::Client;

const TABLE: &str = include_str!("../../../../../contract/routes.csv");
const OWN: &str = include_str!("own_routes.csv");

/// Method and path, e.g. `GET` and `/v1/customers/{}`: names of parameters never travel.
pub type Operation = (String, String);

/// A line of a table of routes.
#[derive(Debug, Clone, Deserialize)]
pub struct Route {
    /// In capitals.
    pub method: String,
    /// With its parameters in braces.
    pub path: String,
    /// What it demands, in the words of the specification.
    pub permission: String,
    served: String,
}

impl Route {
    /// How it is looked up.
    pub fn operation(&self) -> Operation {
        (self.method.clone(), without_names(&self.path))
    }

    /// Whether it was served before, so that it must be now.
    pub fn must_be_served(&self) -> bool {
        self.served == "yes"
    }
}

/// The specification's routes.
pub fn specified() -> BTreeMap<Operation, Route> {
    read(TABLE)
}

/// Routes beyond the specification's table.
pub fn own() -> BTreeMap<Operation, Route> {
    read(OWN)
}

fn read(table: &str) -> BTreeMap<Operation, Route> {
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(table.as_bytes());
    let routes = reader.deserialize().map(|route: Result<Route, _>| route.unwrap());
    routes.map(|route| (route.operation(), route)).collect()
}

/// The routes of the server, each with the permission that its document tells. Those of `/health` are in no document.
pub fn served(client: &Client) -> BTreeMap<Operation, String> {
    let document = client.get("/openapi.json").expect(200);
    let mut routes = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let operation_id = (method.to_ascii_uppercase(), without_names(path));
            routes.insert(operation_id, documented_permission(operation));
        }
    }
    for method in ["GET", "POST"] {
        let reply = client.bare(method.parse().unwrap(), "/health");
        if !reply.is_no_route() {
            routes.insert((method.to_owned(), "/health".to_owned()), "public".to_owned());
        }
    }
    routes
}

fn documented_permission(operation: &Value) -> String {
    let schemes: BTreeSet<&String> = operation["security"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|scheme| scheme.as_object().unwrap().keys())
        .collect();
    match schemes.first() {
        None => "public".to_owned(),
        Some(scheme) if scheme.as_str() == "PortalSession" => "session".to_owned(),
        Some(_) => operation["x-permission"].as_str().unwrap_or("-").to_owned(),
    }
}

/// `/v1/customers/{id}` as `/v1/customers/{}`.
pub fn without_names(path: &str) -> String {
    let segments: Vec<&str> = path
        .split('/')
        .map(|segment| if segment.starts_with('{') { "{}" } else { segment })
        .collect();
    segments.join("/")
}
