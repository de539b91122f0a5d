//! A memory of which event ids may have been seen, in front of the index that knows.
//!
//! Almost every event is new, and proving that from the index costs more than writing the event. The filter never says
//! "new" of an id that was seen; the other way round it may err, and the index is asked. After opening it first learns the
//! ids on disk, beside the writer, and until then says "maybe" to everything.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fastbloom::AtomicBloomFilter;

use super::files::Files;

/// Bits for each id at the expected number; gives about one wrong "maybe" in a hundred.
const BITS_PER_ID: usize = 10;

/// The filter.
pub(super) struct SeenIds {
    filter: AtomicBloomFilter,
    complete: AtomicBool,
    stopped: AtomicBool,
}

impl SeenIds {
    /// An empty filter of that size, which knows of nothing on disk yet.
    pub(super) fn new(bytes: usize) -> Self {
        let bits = bytes.saturating_mul(8).max(1_024);
        Self {
            filter: AtomicBloomFilter::with_num_bits(bits).expected_items(bits / BITS_PER_ID),
            complete: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
        }
    }

    /// Learns every id on disk. Ids written meanwhile are noted by the writer itself.
    pub(super) fn learn(self: &Arc<Self>, files: &Files) {
        for entry in files.ids.iter() {
            if self.stopped.load(Ordering::Relaxed) {
                return;
            }
            match entry.key() {
                Ok(key) => drop(self.filter.insert(&*key)),
                Err(error) => {
                    // Without the filter the log is only slower.
                    tracing::warn!(error = %error, "event ids could not be read; deduplication asks the index each time");
                    return;
                }
            }
        }
        self.complete.store(true, Ordering::Release);
    }

    /// Ends [`SeenIds::learn`] early.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Notes the key of an id in `ids`; `false` if it was certainly not seen before.
    pub(super) fn note(&self, id_key: &[u8]) -> bool {
        let noted = self.filter.insert(id_key);
        noted || !self.complete.load(Ordering::Acquire)
    }
}
