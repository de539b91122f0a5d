//! Every route that takes an id, with ids of another tenant and of another environment (spec 01 A3, invariant 1).
//!
//! Not one of them exists for the caller, and not one of them changes. A route with a member that looks like an id and
//! that no line of `foreign.txt` fills fails the walk.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::foreign::{self, Call, Expectation, Line};
use super::ids;
use super::world::World;
use crate::support::client::{Client, Reply, text};
use crate::support::databases::Place;
use crate::support::tenant::{Tenant, new_key};

crate::tests!(foreign_ids_do_not_exist, every_member_that_takes_an_id_is_walked);

fn every_member_that_takes_an_id_is_walked(place: &Place) {
    let document = place.server().client().get("/openapi.json").expect(200);
    let members = ids::members(&document);
    let mut faults = Vec::new();
    let mut covered = BTreeSet::new();
    for line in foreign::lines() {
        let of_line = line.covers(&members);
        if of_line.is_empty() && !searches_by_condition(&line) {
            faults.push(format!("fills no member of a served route: {line:?}"));
        }
        covered.extend(of_line);
    }
    let patterns = foreign::not_foreign();
    for pattern in &patterns {
        if !members.iter().any(|member| foreign::matches(pattern, member)) {
            faults.push(format!("names no member of a served route: {pattern}"));
        }
    }
    for member in members.difference(&covered) {
        if !patterns.iter().any(|pattern| foreign::matches(pattern, member)) {
            faults.push(format!(
                "{member} takes an id and is not walked: add a line to walks/foreign.txt"
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The search language names fields in values, which no document can list.
fn searches_by_condition(line: &Line) -> bool {
    format!("{line:?}").contains("filters")
}

fn foreign_ids_do_not_exist(place: &Place) {
    let client = place.server().client();
    let (tenant, stranger) = (Tenant::sign_up(&client), Tenant::sign_up(&client));
    let own = World::furnish(&tenant, &tenant.environment_id, &tenant.api, "own").with_tenant(&tenant);
    let elsewhere = {
        let environment = json!({ "name": "Staging", "type": "development" });
        let created = tenant.bare_session().post("/v1/environments", &environment).expect(201);
        let id = text(&created, "/id");
        let key = new_key(
            &tenant.bare_session(),
            &id,
            &json!({ "name": "staging", "type": "private_key" }),
        );
        let api = tenant.api.with_key(&text(&key, "/api_key"));
        World::furnish(&tenant, &id, &api, "elsewhere")
    };
    let theirs = World::furnish(&stranger, &stranger.environment_id, &stranger.api, "theirs").with_tenant(&stranger);

    let session = tenant.session();
    let caller = Caller { own, session };
    let lines = foreign::lines();
    let mut routes = BTreeSet::new();
    let mut calls = 0;
    let mut faults = Vec::new();
    for foreign in [&theirs, &elsewhere] {
        let before = foreign.everything();
        for line in &lines {
            let Some(call) = line.fill(&caller.own.ids, &foreign.ids) else {
                assert!(
                    line.fill(&caller.own.ids, &theirs.ids).is_some(),
                    "unknown placeholder in {line:?}"
                );
                continue;
            };
            routes.insert(format!("{} {}", line.method, template(&call, foreign, &caller.own)));
            calls += 1;
            faults.extend(caller.fault(line, &call, foreign));
        }
        let after = foreign.everything();
        if before != after {
            faults.push(difference(&before, &after));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    println!(
        "Isolation: {} routes, {calls} calls with ids of another tenant or environment: none of them exists, none changed",
        routes.len()
    );
}

/// Who tries.
struct Caller {
    own: World,
    /// Some routes are for people only.
    session: Client,
}

impl Caller {
    fn fault(&self, line: &Line, call: &Call, foreign: &World) -> Option<String> {
        let placeholders: Vec<&str> = call.sent.iter().map(|(name, _)| *name).collect();
        let before = (foreign.records(&placeholders), foreign.audit_entries());
        let reply = self.send(line, call);
        let after = (foreign.records(&placeholders), foreign.audit_entries());
        let own_tenant = self.own.ids["tenant"] != text_of(&foreign.ids, "tenant");
        // In an environment of the caller's own tenant the tenant's log grows by what the caller may do.
        let log_grew =
            before.1[0] != after.1[0] || (own_tenant && foreign.ids.contains_key("tenant") && before.1 != after.1);
        let problem = if !line.expected.iter().any(|expectation| holds(*expectation, &reply)) {
            format!("expected {:?}", line.expected)
        } else if before.0 != after.0 {
            format!("changed the record: {}", difference(&before.0, &after.0))
        } else if log_grew {
            "left an entry in the foreign audit log".to_owned()
        } else {
            let leaked = foreign.ids.iter().find(|(name, id)| {
                let sent = call.sent.iter().any(|(_, sent)| sent.contains(id.as_str()));
                !sent && **name != "tenant" && reply.text.contains(id.as_str())
            });
            let (name, _) = leaked?;
            format!("tells the foreign {name}")
        };
        Some(format!(
            "{} {} answered {} {}: {problem}",
            reply.what, call.body, reply.status, reply.text
        ))
    }

    fn send(&self, line: &Line, call: &Call) -> Reply {
        let client = if call.path.starts_with("/v1/customer/portal/") {
            &self.own.portal
        } else {
            &self.session
        };
        let method = line.method.parse().unwrap();
        if call.body.is_empty() {
            client.bare(method, &call.path)
        } else {
            client.raw(method, &call.path, "application/json", call.body.clone().into_bytes())
        }
    }
}

fn text_of<'a>(ids: &'a foreign::Ids, name: &str) -> &'a str {
    ids.get(name).map_or("", String::as_str)
}

fn holds(expectation: Expectation, reply: &Reply) -> bool {
    let body: Value = serde_json::from_str(&reply.text).unwrap_or(Value::Null);
    match expectation {
        Expectation::Status(status) => reply.status == status && body["http_status_code"] == status,
        Expectation::Nothing => (200..300).contains(&reply.status),
        // A value of zero is left out (spec 02 3.6).
        Expectation::Zero => reply.status == 200 && body.get("value").is_none() && body.get("results").is_none(),
        Expectation::Empty => {
            let members = body.as_object().into_iter().flat_map(|body| body.values());
            let lists: Vec<&Vec<Value>> = members.filter_map(Value::as_array).collect();
            reply.status == 200 && !lists.is_empty() && lists.iter().all(|list| list.is_empty())
        }
    }
}

/// The path without its ids, for counting.
fn template(call: &Call, foreign: &World, own: &World) -> String {
    let path = call.path.split('?').next().unwrap_or_default();
    let is_id = |segment: &str| {
        let mut ids = foreign.ids.values().chain(own.ids.values());
        ids.any(|id| id == segment)
    };
    let segments: Vec<&str> = path
        .split('/')
        .map(|segment| if is_id(segment) { "{}" } else { segment })
        .collect();
    segments.join("/")
}

fn difference(before: &[(String, Value)], after: &[(String, Value)]) -> String {
    let changed = before.iter().zip(after).find(|(before, after)| before != after);
    changed.map_or_else(String::new, |(before, after)| format!("{before:?} became {after:?}"))
}
