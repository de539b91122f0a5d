//! What clients sent and what was acknowledged, and whether what is found after a crash can have come of it.
//!
//! Of two deliveries of one id the later one counts (spec 02 §4.2). Clients work at the same time, so "later" is known
//! only where one request began after another was acknowledged; otherwise either may count. A request without an
//! answer took effect wholly or not at all (spec 02 §3.3), at any time after it began.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value, json};
use tariff_core::Timestamp;

/// An event without its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Its name.
    pub event_name: String,
    /// Whose it is.
    pub customer: String,
    /// When it happened.
    pub at: Timestamp,
    /// Property `v`, which meters sum up.
    pub value: i64,
    /// Property `user`, which a meter counts.
    pub user: String,
    /// Tells deliveries apart; only a repetition has that of another.
    pub delivery: u64,
}

impl Content {
    /// The event as it is sent.
    pub fn to_json(&self, event_id: &str) -> Value {
        json!({
            "event_id": event_id,
            "event_name": self.event_name,
            "external_customer_id": self.customer,
            "timestamp": self.at.to_string(),
            "properties": { "v": self.value, "user": self.user, "delivery": self.delivery },
        })
    }

    /// An event as it is listed, with its id.
    pub fn from_json(event: &Value) -> (String, Self) {
        let read = || {
            let text = |pointer: &str| event.pointer(pointer)?.as_str().map(str::to_owned);
            let content = Self {
                event_name: text("/event_name")?,
                customer: text("/external_customer_id")?,
                at: text("/timestamp")?.parse().ok()?,
                value: event.pointer("/properties/v")?.as_i64()?,
                user: text("/properties/user")?,
                delivery: event.pointer("/properties/delivery")?.as_u64()?,
            };
            Some((text("/id")?, content))
        };
        read().unwrap_or_else(|| panic!("not an event as it was sent: {event}"))
    }
}

/// Events by id; `None` is the removal of one.
pub type Effects = BTreeMap<String, Option<Content>>;

struct Request {
    effects: Effects,
    began: u64,
    acknowledged: Option<u64>,
}

impl Request {
    /// The last moment at which it may have taken effect.
    fn ended(&self) -> u64 {
        self.acknowledged.unwrap_or(u64::MAX)
    }
}

/// The number of a request.
#[derive(Debug, Clone, Copy)]
pub struct Ticket(usize);

/// Everything known about the events of a tenant.
#[derive(Default)]
pub struct Ledger {
    /// What was found the last time.
    settled: HashMap<String, Content>,
    /// What was sent since.
    requests: Vec<Request>,
    now: u64,
}

/// What an id may hold: since when, until when at the latest, and what.
struct Candidate<'a> {
    began: u64,
    ended: u64,
    content: Option<&'a Content>,
}

impl Ledger {
    /// Notes that a request is about to be sent.
    pub fn begin(&mut self, effects: Effects) -> Ticket {
        self.now += 1;
        self.requests.push(Request {
            effects,
            began: self.now,
            acknowledged: None,
        });
        Ticket(self.requests.len() - 1)
    }

    /// Notes that a request was answered with success.
    pub fn acknowledge(&mut self, ticket: Ticket) {
        self.now += 1;
        self.requests[ticket.0].acknowledged = Some(self.now);
    }

    /// Ids of these customers at the last look, in order.
    pub fn ids_of(&self, customers: &[String]) -> BTreeSet<String> {
        let theirs = self
            .settled
            .iter()
            .filter(|(_, content)| customers.contains(&content.customer));
        theirs.map(|(id, _)| id.clone()).collect()
    }

    /// Whose event this was at the last look.
    pub fn customer_of(&self, event_id: &str) -> Option<String> {
        self.settled.get(event_id).map(|content| content.customer.clone())
    }

    /// How many events there were at the last look.
    pub fn event_count(&self) -> usize {
        self.settled.len()
    }

    /// Compares all events found of these customers, to whom everything that was sent belongs, with what may be there.
    /// What was found is from now on what is there. Says what is wrong.
    pub fn settle(&mut self, customers: &[String], found: &BTreeMap<String, Content>) -> Vec<String> {
        let expected = self.ids_of(customers);
        let ids = expected.iter().chain(found.keys());
        let mut by_id: BTreeMap<&str, Vec<usize>> = ids.map(|id| (id.as_str(), Vec::new())).collect();
        for (index, request) in self.requests.iter().enumerate() {
            for id in request.effects.keys() {
                by_id.entry(id).or_default().push(index);
            }
        }
        let mut wrong = Vec::new();
        for (id, requests) in &by_id {
            wrong.extend(self.impossible(id, requests, found.get(*id)));
        }
        let torn = (0..self.requests.len()).filter(|index| self.is_torn(*index, &by_id, found));
        wrong.extend(torn.map(|index| format!("a batch is there in part: {:?}", self.requests[index].effects)));

        let touched: Vec<String> = by_id.into_keys().map(str::to_owned).collect();
        for id in touched {
            match found.get(&id) {
                Some(content) => self.settled.insert(id, content.clone()),
                None => self.settled.remove(&id),
            };
        }
        self.requests.clear();
        wrong
    }

    fn candidates<'a>(&'a self, id: &'a str, requests: &'a [usize]) -> impl Iterator<Item = Candidate<'a>> {
        let settled = Candidate {
            began: 0,
            ended: 0,
            content: self.settled.get(id),
        };
        let sent = requests.iter().map(move |index| {
            let request = &self.requests[*index];
            Candidate {
                began: request.began,
                ended: request.ended(),
                content: request.effects[id].as_ref(),
            }
        });
        std::iter::once(settled).chain(sent)
    }

    /// What is wrong with what an id holds: it was never sent, or something later was acknowledged.
    fn impossible(&self, id: &str, requests: &[usize], found: Option<&Content>) -> Option<String> {
        let candidates: Vec<_> = self.candidates(id, requests).collect();
        let overtaken = |candidate: &Candidate<'_>| {
            let acknowledged = candidates.iter().filter(|other| other.ended != u64::MAX);
            acknowledged.into_iter().any(|other| other.began > candidate.ended)
        };
        let possible = candidates
            .iter()
            .any(|candidate| candidate.content == found && !overtaken(candidate));
        (!possible).then(|| {
            let sent: Vec<_> = candidates
                .iter()
                .map(|candidate| (candidate.began, candidate.ended, candidate.content))
                .collect();
            format!("{id} holds {found:?}, although these were sent (from, until at the latest, what): {sent:?}")
        })
    }

    /// Whether one event shows that the request took effect and another that it did not.
    fn is_torn(&self, index: usize, by_id: &BTreeMap<&str, Vec<usize>>, found: &BTreeMap<String, Content>) -> bool {
        let request = &self.requests[index];
        let (mut there, mut missing) = (false, false);
        for (id, content) in &request.effects {
            let (content, found) = (content.as_ref(), found.get(id));
            let candidates: Vec<_> = self.candidates(id, &by_id[id.as_str()]).collect();
            let like_found = || candidates.iter().filter(|other| other.content == found);
            there |= found == content && like_found().count() == 1;
            missing |= like_found().all(|other| other.ended < request.began);
        }
        there && missing
    }
}
