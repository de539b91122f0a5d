//! What every resource does alike with its records: narrowing lists, embedding related ones, metadata.

use std::collections::{BTreeMap, BTreeSet};

use tariff_contract::Metadata;
use tariff_core::Status;
use tariff_store::column::Json;
use tariff_store::{Listing, Scoped, ScopedResource};

use crate::error::Result;

/// Conditions that a request may leave out; empty texts and lists count as left out.
pub(crate) trait Narrow: Sized {
    /// Equality, if a text is given.
    fn equal_if(self, field: &str, text: Option<String>) -> Self;
    /// Membership, if any text is given.
    fn within_if(self, field: &str, texts: Option<Vec<String>>) -> Self;
    /// Live records only.
    fn published(self) -> Self;
}

impl Narrow for Listing {
    fn equal_if(self, field: &str, text: Option<String>) -> Self {
        match text.filter(|text| !text.is_empty()) {
            Some(text) => self.equal(field, text),
            None => self,
        }
    }

    fn within_if(self, field: &str, texts: Option<Vec<String>>) -> Self {
        match texts.filter(|texts| !texts.is_empty()) {
            Some(texts) => self.within(field, texts),
            None => self,
        }
    }

    fn published(self) -> Self {
        self.equal("status", Status::Published.as_str())
    }
}

/// The records of these ids, whatever their status, by id. One query, however many ids.
pub(crate) async fn by_ids<E: ScopedResource>(
    rows: &Scoped<'_>,
    ids: impl IntoIterator<Item = String>,
    id_of: impl Fn(&E::Model) -> &String,
) -> Result<BTreeMap<String, E::Model>> {
    let ids: BTreeSet<String> = ids.into_iter().filter(|id| !id.is_empty()).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = rows.list::<E>(&Listing::all().within("id", ids)).await?;
    Ok(found
        .into_iter()
        .map(|record| (id_of(&record).clone(), record))
        .collect())
}

/// Metadata as it goes over the wire.
pub(crate) fn metadata_out(stored: Option<Json<BTreeMap<String, String>>>) -> Option<Metadata> {
    stored.map(|metadata| Metadata(metadata.0))
}

/// Metadata as it is stored.
pub(crate) fn metadata_in(sent: Option<Metadata>) -> Option<Json<BTreeMap<String, String>>> {
    sent.map(|metadata| Json(metadata.0))
}

/// A text that is not empty.
pub(crate) fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
