//! The rules for fields and settings, from tables of requests and their statuses (spec 01 B1-B8).

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::client::{Client, Reply, text};
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(fields_follow_their_rules, settings_follow_their_rules);

const FIELDS: &str = include_str!("rules.txt");
const SETTINGS: &str = include_str!("settings.txt");

fn lines(table: &str) -> impl Iterator<Item = (&str, u16)> {
    let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| {
        let (request, status) = line.rsplit_once(" => ").unwrap_or_else(|| panic!("no status: {line}"));
        (request, status.parse().unwrap())
    })
}

fn fields_follow_their_rules(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let customer = text(&tenant.customer("rules", "N"), "/id");
    let known = [
        ("<customer>", customer.as_str()),
        ("<environment>", &tenant.environment_id),
        ("<user>", &tenant.user_id),
    ];
    let session = tenant.session();
    let mut faults = Vec::new();
    let mut checked = 0;
    for (number, (request, status)) in lines(FIELDS).enumerate() {
        let mut request = repeated(request).replace("<new>", &format!("new-{number}-{}", tenant.user_id));
        for (placeholder, id) in known {
            request = request.replace(placeholder, id);
        }
        let mut words = request.splitn(3, ' ');
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let reply = call(&session, method, path, words.next());
        faults.extend(fault(&reply, &request, status));
        checked += 1;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    println!("Fields of chapter 01: {checked} requests, all answered as the rules say");
}

fn settings_follow_their_rules(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let session = tenant.session();
    let mut faults = Vec::new();
    let mut checked = 0;
    for (request, status) in lines(SETTINGS) {
        let (key, members) = request.split_once(' ').unwrap();
        let path = format!("/v1/settings/{key}");
        let before = session.get(&path);
        let reply = call(&session, "PUT", &path, Some(&format!(r#"{{"value":{members}}}"#)));
        faults.extend(fault(&reply, request, status));
        if status == 200 {
            faults.extend(not_stored(members, &session.get(&path)));
        } else if before.text != session.get(&path).text {
            faults.push(format!("{request} was refused and changed the setting"));
        }
        checked += 1;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    println!("Settings: {checked} changes, all answered as the rules say");
}

fn call(client: &Client, method: &str, path: &str, body: Option<&str>) -> Reply {
    let method: Method = method.parse().unwrap();
    match body {
        None => client.bare(method, path),
        Some(body) => client.raw(method, path, "application/json", body.as_bytes().to_vec()),
    }
}

/// `<3:x>` as `xxx`; other placeholders stay.
fn repeated(line: &str) -> String {
    let mut parts = line.split('<');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let repetition = part.split_once('>').and_then(|(inside, tail)| {
            let (count, what) = inside.split_once(':')?;
            Some((count.parse().ok()?, what, tail))
        });
        match repetition {
            Some((count, what, tail)) => {
                text.push_str(&what.repeat(count));
                text.push_str(tail);
            }
            None => {
                text.push('<');
                text.push_str(part);
            }
        }
    }
    text
}

fn fault(reply: &Reply, request: &str, status: u16) -> Option<String> {
    let code = match status {
        400 => "validation_error",
        404 => "not_found",
        409 => "already_exists",
        _ => "",
    };
    let body: Value = serde_json::from_str(&reply.text).unwrap_or(Value::Null);
    let fits =
        reply.status == status && (code.is_empty() || (body["code"] == code && body["http_status_code"] == status));
    let answer: String = reply.text.chars().take(300).collect();
    let request: String = request.chars().take(200).collect();
    (!fits).then(|| format!("{request} answered {} {answer}, expected {status}", reply.status))
}

/// Members that were accepted are there at the next reading, unless the setting has no such member.
fn not_stored(members: &str, reply: &Reply) -> Option<String> {
    let sent: Value = serde_json::from_str(members).unwrap();
    let stored = &reply.expect(200)["value"];
    for (name, value) in sent.as_object().unwrap() {
        let is_plain = value.is_string() || value.is_boolean() || value.is_i64();
        if is_plain && name != "colour" && stored.get(name).unwrap_or(&json!(false)) != value {
            return Some(format!("{members} was accepted, and {name} is {}", stored[name]));
        }
    }
    None
}
