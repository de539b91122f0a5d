//! Every route by every kind of caller, against the specification's table (spec 01 A2-A4, appendix).

use std::process::Command;

use serde_json::Value;

use super::callers::{self, Caller, Verdict};
use super::routes::{self, Operation, Route};
use crate::support::client::{Client, Reply};
use crate::support::databases::Place;
use crate::support::server::{PROGRAM, Server};
use crate::support::tenant::Tenant;

crate::tests!(
    every_route_lets_in_whom_the_table_says,
    strict_reads_demand_the_permission_to_read,
);

/// Stands for every parameter of a path.
const UNKNOWN_ID: &str = "nothing-of-this-name";

fn every_route_lets_in_whom_the_table_says(place: &Place) {
    walk(place, false);
}

fn strict_reads_demand_the_permission_to_read(place: &Place) {
    walk(place, true);
}

fn walk(place: &Place, strict: bool) {
    let folder = place.new_folder();
    let url = place.database_url();
    let mut command = Command::new(PROGRAM);
    command
        .env("TARIFF_STRICT_READ_PERMISSIONS", strict.to_string())
        .env("TARIFF_CHAT_SECRET", "00ff");
    let server = Server::start_as(command, folder.path(), url.as_deref());
    let file = folder.path().join("data/tariff.db");
    let url = url.unwrap_or_else(|| format!("sqlite://{}", file.display()));

    let served = routes::served(&server.client());
    let specified = routes::specified();
    let table: Vec<Route> = specified.values().cloned().chain(routes::own().into_values()).collect();
    let mut faults = faults_of_table(&table, &served.clone().into_iter().collect::<Vec<_>>());

    let tenant = Tenant::sign_up(&server.client());
    let callers = callers::all(&tenant, &url);
    let walked: Vec<&Route> = table
        .iter()
        .filter(|route| served.contains_key(&route.operation()))
        .collect();
    for route in &walked {
        for caller in &callers {
            faults.extend(fault_of_call(route, caller, strict));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let not_yet = specified.keys().filter(|it| !served.contains_key(*it)).count();
    println!(
        "Roles{}: {} routes x {} callers = {} calls, all as the table says; {not_yet} routes of the table are not served \
         yet",
        if strict { " (strict reads)" } else { "" },
        walked.len(),
        callers.len(),
        walked.len() * callers.len(),
    );
    server.stop();
}

/// Where tables and document disagree.
fn faults_of_table(table: &[Route], served: &[(Operation, String)]) -> Vec<String> {
    let mut faults = Vec::new();
    for ((method, path), documented) in served {
        let operation = (method.clone(), path.clone());
        match table.iter().find(|route| route.operation() == operation) {
            None => faults.push(format!(
                "{method} {path} is served but in no table: add it to walks/own_routes.csv with its permission"
            )),
            Some(route) if !same_permission(&route.permission, documented) => faults.push(format!(
                "{method} {path} demands {documented}, and the table says {}",
                route.permission
            )),
            Some(route) if !route.must_be_served() => {
                println!("{method} {path} is served now: mark it in its table of routes");
            }
            Some(_) => {}
        }
    }
    let is_served = |route: &Route| served.iter().any(|(operation, _)| *operation == route.operation());
    for route in table.iter().filter(|route| route.must_be_served() && !is_served(route)) {
        faults.push(format!("{} {} was served and is no longer", route.method, route.path));
    }
    faults
}

/// The appendix spells one entity in two ways, and lets a portal session stand for a permission (Q14).
fn same_permission(specified: &str, documented: &str) -> bool {
    let specified = specified.replace("checkout_session", "checkoutsession");
    specified == documented || (specified == "session, customer:write" && documented == "session")
}

fn fault_of_call(route: &Route, caller: &Caller, strict: bool) -> Option<String> {
    let reply = call(route, &caller.client);
    let verdict = caller.standing.verdict(&route.permission, &route.path, strict);
    let fits = match &verdict {
        Verdict::Refused(status, body) => reply.status == *status && body_of(&reply) == *body,
        Verdict::LetIn => !is_refusal(&reply) && reply.status != 500 && !reply.is_no_route(),
    };
    (!fits).then(|| {
        let (standing, status, text) = (caller.standing, reply.status, &reply.text);
        format!(
            "{standing:?}: {} answered {status} {text}, expected {verdict:?}",
            reply.what
        )
    })
}

fn call(route: &Route, client: &Client) -> Reply {
    let path: Vec<&str> = route
        .path
        .split('/')
        .map(|segment| if segment.starts_with('{') { UNKNOWN_ID } else { segment })
        .collect();
    let path = path.join("/");
    match route.method.as_str() {
        "GET" => client.get(&path),
        method => client.raw(method.parse().unwrap(), &path, "application/json", b"{}".to_vec()),
    }
}

/// Whether this is one of the bodies of A2, none of which has the code of the standard error body.
fn is_refusal(reply: &Reply) -> bool {
    reply.status == 401 || (reply.status == 403 && body_of(reply).get("code").is_none())
}

fn body_of(reply: &Reply) -> Value {
    serde_json::from_str(&reply.text).unwrap_or(Value::Null)
}
