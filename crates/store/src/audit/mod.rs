//! The audit log: one entry for each record that a transaction changes, written by that transaction.
//!
//! Nobody calls it. [`Scoped`](crate::Scoped) and [`TenantRows`](crate::TenantRows) are the only ways to write a record,
//! and they note what they write in the session's [`Trail`], which the commit turns into entries. So a change without an
//! entry cannot be written, and a table whose changes have no name in [`entities`] cannot be written to at all.
//! What is no record (an event of the event log) is noted by [`Session::note_removal`](crate::Session::note_removal).

pub(crate) mod entities;
pub mod retention;
mod state;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use sea_orm::sea_query::Value;
use sea_orm::{ActiveModelTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, ModelTrait};
use serde_json::Value as State;
use tariff_core::vocabulary::{AuditAction, AuditActor};
use tariff_core::{Status, Timestamp};

use crate::StoreError;
use crate::column::{Json, Time, Word};
use crate::entity::audit_logs;

pub use entities::Audited;
pub use state::STATE_BYTES_MAX;

/// Entries of one statement: databases bound the number of parameters.
const ENTRIES_PER_STATEMENT_MAX: usize = 100;

/// On whose behalf and at what time a transaction writes.
#[derive(Debug, Clone)]
pub struct Author {
    /// The acting user.
    pub user_id: String,
    /// What kind of caller it is.
    pub actor: AuditActor,
    /// The API key that was used, if one was.
    pub api_key_id: Option<String>,
    /// The request, if the change was asked for over HTTP.
    pub request_id: Option<String>,
    /// The time in the environment.
    pub effective_at: Timestamp,
    /// The time of the server.
    pub written_at: Timestamp,
    /// Makes the ids of the entries.
    pub new_id: fn() -> String,
}

/// Something that is no record of this store and is taken out.
#[derive(Debug)]
pub struct Removal<'a> {
    /// The id of the entry. Whoever repeats the removal gives the same one, and is refused as a duplicate at the commit.
    pub entry_id: String,
    /// What kind of thing it is.
    pub entity_type: &'static str,
    /// Its id.
    pub entity_id: &'a str,
    /// What it was, in the form of the API.
    pub before: State,
}

/// What a transaction has changed so far.
#[derive(Debug, Default)]
pub(crate) struct Trail(BTreeMap<Subject, Change>);

/// Which record. In the order of this key the entries of one transaction are written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Subject {
    tenant_id: String,
    environment_id: String,
    entity_type: &'static str,
    entity_id: String,
}

/// A record before the transaction and after it; several changes of one record make one.
#[derive(Debug)]
struct Change {
    /// The id of the entry, unless any will do.
    entry_id: Option<String>,
    before: Option<State>,
    after: Option<State>,
}

/// Whose records are written: a tenant, and an environment unless they belong to the whole tenant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub tenant_id: &'a str,
    pub environment_id: &'a str,
}

impl Trail {
    /// Notes that a record came into being or became another.
    pub(crate) fn note<E: Audited>(&mut self, place: Place<'_>, before: Option<&E::Model>, after: &E::Model) {
        if E::DERIVED {
            return;
        }
        let subject = Subject {
            tenant_id: place.tenant_id.to_owned(),
            environment_id: place.environment_id.to_owned(),
            entity_type: E::ENTITY_TYPE,
            entity_id: id_of::<E>(after),
        };
        let (before, after) = (before.map(state::of::<E>), Some(state::of::<E>(after)));
        let change = Change {
            entry_id: None,
            before,
            after,
        };
        self.add(subject, change);
    }

    /// Notes that something that is no record of this store is taken out.
    pub(crate) fn note_removal(&mut self, place: Place<'_>, removal: Removal<'_>) {
        let subject = Subject {
            tenant_id: place.tenant_id.to_owned(),
            environment_id: place.environment_id.to_owned(),
            entity_type: removal.entity_type,
            entity_id: removal.entity_id.to_owned(),
        };
        let change = Change {
            entry_id: Some(removal.entry_id),
            before: Some(removal.before),
            after: None,
        };
        self.add(subject, change);
    }

    fn add(&mut self, subject: Subject, change: Change) {
        match self.0.entry(subject) {
            // What was before the first change stays.
            Entry::Occupied(mut known) => known.get_mut().after = change.after,
            Entry::Vacant(new) => {
                new.insert(change);
            }
        }
    }

    /// Writes the entries. A change that nobody can see has none.
    pub(crate) async fn write(self, transaction: &DatabaseTransaction, author: &Author) -> Result<(), StoreError> {
        let seen = self.0.into_iter().filter(|(_, change)| change.before != change.after);
        let mut entries = seen.map(|(subject, change)| entry(author, subject, change)).peekable();
        while entries.peek().is_some() {
            let some: Vec<_> = entries
                .by_ref()
                .take(ENTRIES_PER_STATEMENT_MAX)
                .map(|entry| entry.into_active_model().reset_all())
                .collect();
            audit_logs::Entity::insert_many(some)
                .exec_without_returning(transaction)
                .await?;
        }
        Ok(())
    }
}

fn entry(author: &Author, subject: Subject, change: Change) -> audit_logs::Model {
    audit_logs::Model {
        action: Word(action(&change)),
        id: change.entry_id.unwrap_or_else(author.new_id),
        tenant_id: subject.tenant_id,
        environment_id: subject.environment_id,
        entity_type: subject.entity_type.to_owned(),
        entity_id: subject.entity_id,
        actor_type: Word(author.actor),
        user_id: author.user_id.clone(),
        api_key_id: author.api_key_id.clone(),
        request_id: author.request_id.clone(),
        before: change.before.map(|state| Json(state::bounded(state))),
        after: change.after.map(|state| Json(state::bounded(state))),
        effective_at: Time(author.effective_at),
        created_at: Time(author.written_at),
    }
}

fn action(change: &Change) -> AuditAction {
    let (before, after) = match (&change.before, &change.after) {
        (None, _) => return AuditAction::Created,
        (Some(_), None) => return AuditAction::Deleted,
        (Some(before), Some(after)) => (&before["status"], &after["status"]),
    };
    let became = |status: Status| before != after && *after == status.as_str();
    if became(Status::Archived) {
        AuditAction::Archived
    } else if became(Status::Deleted) {
        AuditAction::Deleted
    } else {
        AuditAction::Updated
    }
}

/// The id of a record; every table has a text for its key.
pub(crate) fn id_of<E: Audited>(model: &E::Model) -> String {
    match model.get(E::KEY) {
        Value::String(Some(id)) => id,
        _ => String::new(),
    }
}
