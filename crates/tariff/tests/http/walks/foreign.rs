//! The table of calls with foreign ids: reading it, filling it in, and which members it covers.

use std::collections::BTreeMap;

use serde_json::Value;

use super::ids::Member;

const TABLE: &str = include_str!("foreign.txt");
const NOT_FOREIGN: &str = include_str!("not_foreign.txt");
/// What every subscription of the table has, behind the word `SUBSCRIPTION`.
const SUBSCRIPTION: &str = r#""currency":"usd","billing_period":"MONTHLY","billing_period_count":1,"collection_method":"send_invoice","payment_behavior":"default_active""#;

/// Ids by the placeholder that stands for them.
pub type Ids = BTreeMap<&'static str, String>;

/// One line: a call and what must come of it.
#[derive(Debug, Clone)]
pub struct Line {
    /// In capitals.
    pub method: String,
    path: String,
    body: String,
    /// Any of these.
    pub expected: Vec<Expectation>,
}

/// What must come of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// This status with the standard error body.
    Status(u16),
    /// 200 with a list that has nothing in it.
    Empty,
    /// 200 with a value of zero.
    Zero,
    /// 2xx, and nothing of the foreign record.
    Nothing,
}

/// The whole table.
pub fn lines() -> Vec<Line> {
    TABLE
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(line)
        .collect()
}

fn line(text: &str) -> Line {
    let (call, outcome) = text
        .split_once(" => ")
        .unwrap_or_else(|| panic!("no expectation: {text}"));
    let (outcome, reason) = outcome.split_once(" # ").unwrap_or((outcome, ""));
    let mut parts = call.splitn(3, ' ');
    let mut next = || parts.next().unwrap_or_default().to_owned();
    let (method, path) = (next(), next());
    let body = next().replace("{SUBSCRIPTION,", &format!("{{{SUBSCRIPTION},"));
    let expected: Vec<_> = outcome.split('|').map(expectation).collect();
    let plain = [Expectation::Status(404), Expectation::Empty];
    let explained = expected.iter().all(|it| plain.contains(it)) && expected.len() == 1;
    assert!(explained || !reason.is_empty(), "say why this is not 404: {text}");
    Line {
        method,
        path,
        body,
        expected,
    }
}

fn expectation(word: &str) -> Expectation {
    match word {
        "empty" => Expectation::Empty,
        "zero" => Expectation::Zero,
        "nothing" => Expectation::Nothing,
        status => Expectation::Status(
            status
                .parse()
                .unwrap_or_else(|_| panic!("unknown expectation {status}")),
        ),
    }
}

/// A call with its ids filled in.
#[derive(Debug)]
pub struct Call {
    /// With its query.
    pub path: String,
    /// JSON, or nothing.
    pub body: String,
    /// The foreign ids that it sends, by placeholder.
    pub sent: Vec<(&'static str, String)>,
}

impl Line {
    /// The call, with the ids of both worlds; `None` when the foreign one has nothing of the kind.
    pub fn fill(&self, own: &Ids, foreign: &Ids) -> Option<Call> {
        let mut sent = Vec::new();
        let mut fill = |template: &str| -> Option<String> {
            let mut text = template.to_owned();
            for (name, id) in own {
                text = text.replace(&format!("<own.{name}>"), id);
            }
            for (name, id) in foreign {
                let filled = text.replace(&format!("<{name}>"), id);
                if filled != text {
                    sent.push((*name, id.clone()));
                    text = filled;
                }
            }
            (!text.contains('<')).then_some(text)
        };
        let (path, body) = (fill(&self.path)?, fill(&self.body)?);
        Some(Call { path, body, sent })
    }

    /// The members of the documented operations that this line fills with a foreign id.
    pub fn covers(&self, members: &std::collections::BTreeSet<Member>) -> Vec<Member> {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let mut places = Vec::new();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or_default();
            if is_foreign(value) {
                places.push(format!("query:{name}"));
            }
        }
        if !self.body.is_empty() {
            let body = serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body));
            collect(&body, "", &mut places);
        }
        let operation = |member: &Member| -> bool {
            let mut words = member.split(' ');
            words.next() == Some(&self.method) && words.next().is_some_and(|template| fits(template, path))
        };
        // Of several templates that fit, the one with the fewest parameters is the route.
        let fewest = members
            .iter()
            .filter(|it| operation(it))
            .map(|it| it.matches('{').count())
            .min();
        let of_route = members
            .iter()
            .filter(|it| operation(it) && Some(it.matches('{').count()) == fewest);
        of_route
            .filter(|member| {
                let (operation, place) = member.rsplit_once(' ').unwrap();
                match place.strip_prefix("path:") {
                    Some(name) => is_foreign(segment(operation.rsplit(' ').next().unwrap(), path, name)),
                    None => places.iter().any(|covered| covered == place),
                }
            })
            .cloned()
            .collect()
    }
}

fn is_foreign(value: &str) -> bool {
    value.starts_with('<') && !value.starts_with("<own.")
}

/// Where in a body foreign ids stand.
fn collect(value: &Value, path: &str, places: &mut Vec<String>) {
    match value {
        Value::String(text) if is_foreign(text) => {
            places.push(format!("body:{}", path.trim_end_matches("[]")));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect(item, &format!("{path}[]"), places)),
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            collect(member, &path, places);
        }),
        _ => {}
    }
}

/// Whether a documented template takes this path of the table.
fn fits(template: &str, path: &str) -> bool {
    let (wanted, had) = (template.split('/'), path.split('/'));
    wanted.clone().count() == had.clone().count()
        && wanted
            .zip(had)
            .all(|(wanted, had)| wanted.starts_with('{') || wanted == had)
}

fn segment<'a>(template: &str, path: &'a str, name: &str) -> &'a str {
    let named = format!("{{{name}}}");
    let mut pairs = template.split('/').zip(path.split('/'));
    pairs
        .find(|(segment, _)| *segment == named)
        .map_or("", |(_, value)| value)
}

/// Patterns of members that are no ids, each with its reason.
pub fn not_foreign() -> Vec<&'static str> {
    let lines = NOT_FOREIGN
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| line.split_once(" # ").unwrap_or_else(|| panic!("no reason: {line}")).0)
        .collect()
}

/// Whether `*` in the pattern can stand for what is missing.
pub fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, rest)) => text
            .strip_prefix(head)
            .is_some_and(|tail| (0..=tail.len()).any(|at| tail.is_char_boundary(at) && matches(rest, &tail[at..]))),
    }
}
