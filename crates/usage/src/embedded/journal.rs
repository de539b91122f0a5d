//! The journal: what was accepted and is not packed yet, in files that only grow.
//!
//! A file is a run of frames: length, checksum, then the sequence of the first operation and the operations. Everything
//! that waits when a frame is written shares its sync. A frame that is not whole at the end of the last file was never
//! acknowledged and is cut off; anywhere else it is damage, and the log refuses to open.
//!
//! After a failed write or sync nobody knows what the disk holds, and a second sync of the same pages may lie (the kernel
//! forgets them). So the file is cut back to what was surely written, and the next frame goes to a new file.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use xxhash_rust::xxh3::xxh3_64;

use super::disk::{Disk, DiskFile};
use crate::UsageError;

/// Length and checksum before each payload.
const FRAME_HEAD_BYTES: usize = 12;
const SEQUENCE_BYTES: usize = 8;
/// Longest payload of a frame; a longer one in a file is damage.
pub(super) const FRAME_BYTES_MAX: usize = 512 * 1024 * 1024;

/// One frame as it was read back.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// Sequence of the first operation.
    pub(super) first_sequence: u64,
    /// The operations.
    pub(super) operations: Arc<[u8]>,
}

/// The open journal.
pub(super) struct Journal {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
    /// The file that is written to; `None` after a failure, until the next append.
    current: Option<Open>,
    /// A file that could not be cut back yet, and to which length it must be.
    damaged: Option<(PathBuf, u64)>,
    next_number: u64,
    /// Numbers of the files, ascending, the current one included.
    numbers: Vec<u64>,
    bytes: u64,
}

struct Open {
    file: Box<dyn DiskFile>,
    path: PathBuf,
    good_bytes: u64,
}

impl fmt::Debug for Journal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Journal")
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

impl Journal {
    /// Opens the journal in `directory` and hands each frame to `replay`, in order.
    pub(super) fn open(
        disk: Arc<dyn Disk>,
        directory: &Path,
        mut replay: impl FnMut(Frame) -> Result<(), UsageError>,
    ) -> Result<Self, UsageError> {
        disk.create_directory(directory).map_err(UsageError::open)?;
        let mut numbers = numbers(disk.as_ref(), directory).map_err(UsageError::open)?;
        numbers.sort_unstable();
        let mut bytes = 0;
        let last = numbers.last().copied();
        for &number in &numbers {
            let path = path(directory, number);
            let content = disk.read(&path).map_err(UsageError::open)?;
            let whole_bytes = read_frames(&content, &mut replay)?;
            if whole_bytes < content.len() {
                if Some(number) != last {
                    return Err(UsageError::Corrupt("journal"));
                }
                let length = u64::try_from(whole_bytes).unwrap_or(u64::MAX);
                disk.truncate(&path, length).map_err(UsageError::open)?;
            }
            bytes += u64::try_from(whole_bytes).unwrap_or(u64::MAX);
        }
        Ok(Self {
            disk,
            directory: directory.to_owned(),
            current: None,
            damaged: None,
            next_number: last.map_or(1, |last| last + 1),
            numbers,
            bytes,
        })
    }

    /// Appends one frame and returns when it is on disk.
    pub(super) fn append(&mut self, first_sequence: u64, buffers: &[Arc<[u8]>]) -> io::Result<()> {
        let payload_bytes = SEQUENCE_BYTES + buffers.iter().map(|buffer| buffer.len()).sum::<usize>();
        let mut frame = Vec::with_capacity(FRAME_HEAD_BYTES + payload_bytes);
        frame.resize(FRAME_HEAD_BYTES, 0);
        frame.extend_from_slice(&first_sequence.to_le_bytes());
        for buffer in buffers {
            frame.extend_from_slice(buffer);
        }
        let checksum = xxh3_64(frame.get(FRAME_HEAD_BYTES..).unwrap_or_default());
        let length = u32::try_from(payload_bytes)
            .ok()
            .filter(|_| payload_bytes <= FRAME_BYTES_MAX)
            .ok_or_else(|| io::Error::other("a frame of the journal is too long"))?;
        let head = [&length.to_le_bytes()[..], &checksum.to_le_bytes()].concat();
        if let Some(place) = frame.get_mut(..FRAME_HEAD_BYTES) {
            place.copy_from_slice(&head);
        }
        self.repair()?;
        let open = self.file()?;
        match open.file.append(&frame).and_then(|()| open.file.sync()) {
            Ok(()) => {
                let length = u64::try_from(frame.len()).unwrap_or(u64::MAX);
                open.good_bytes += length;
                self.bytes += length;
                Ok(())
            }
            Err(error) => {
                self.damaged = self.current.take().map(|open| (open.path, open.good_bytes));
                // If this fails too, the next append tries again before it writes anything.
                drop(self.repair());
                Err(error)
            }
        }
    }

    /// Ends the current file. Gives the numbers of all files so far: together they hold what was appended until now.
    pub(super) fn rotate(&mut self) -> Vec<u64> {
        self.current = None;
        self.numbers.clone()
    }

    /// Deletes files whose operations are packed.
    pub(super) fn remove(&mut self, numbers: &[u64]) {
        for &number in numbers {
            let path = path(&self.directory, number);
            let length = self.disk.length(&path).unwrap_or_default();
            match self.disk.remove(&path) {
                Ok(()) => {
                    self.numbers.retain(|kept| *kept != number);
                    // What is gone need not be cut back, and could not be.
                    self.damaged = self.damaged.take().filter(|(damaged, _)| *damaged != path);
                    self.bytes = self.bytes.saturating_sub(length);
                }
                // Its operations are packed: replaying them again would change nothing.
                Err(error) => {
                    tracing::warn!(error = %error, path = %path.display(), "a journal file could not be deleted")
                }
            }
        }
    }

    /// Bytes on disk.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    fn repair(&mut self) -> io::Result<()> {
        if let Some((path, length)) = &self.damaged {
            self.disk.truncate(path, *length)?;
            self.damaged = None;
        }
        Ok(())
    }

    fn file(&mut self) -> io::Result<&mut Open> {
        if self.current.is_none() {
            let number = self.next_number;
            let path = path(&self.directory, number);
            let file = self.disk.create(&path)?;
            self.next_number += 1;
            self.numbers.push(number);
            self.current = Some(Open {
                file,
                path,
                good_bytes: 0,
            });
        }
        self.current
            .as_mut()
            .ok_or_else(|| io::Error::other("the journal has no open file"))
    }
}

/// Reads the journal in `directory` without changing anything; for verification.
pub(super) fn frames(
    disk: &dyn Disk,
    directory: &Path,
    mut visit: impl FnMut(Frame) -> Result<(), UsageError>,
) -> Result<(), UsageError> {
    let mut numbers = numbers(disk, directory).map_err(UsageError::read)?;
    numbers.sort_unstable();
    let last = numbers.last().copied();
    for &number in &numbers {
        let content = disk.read(&path(directory, number)).map_err(UsageError::read)?;
        if read_frames(&content, &mut visit)? < content.len() && Some(number) != last {
            return Err(UsageError::Corrupt("journal"));
        }
    }
    Ok(())
}

/// Hands whole frames to `visit`; gives the bytes they take.
fn read_frames(content: &[u8], visit: &mut impl FnMut(Frame) -> Result<(), UsageError>) -> Result<usize, UsageError> {
    let mut rest = content;
    while let Some((payload, after)) = take_frame(rest) {
        rest = after;
        let Some((first_sequence, operations)) = payload.split_first_chunk::<SEQUENCE_BYTES>() else {
            return Err(UsageError::Corrupt("journal frame"));
        };
        visit(Frame {
            first_sequence: u64::from_le_bytes(*first_sequence),
            operations: operations.into(),
        })?;
    }
    Ok(content.len() - rest.len())
}

/// The payload of the first frame and what follows it; `None` if it is not whole or not what was written.
fn take_frame(content: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = content.split_first_chunk::<4>()?;
    let (checksum, rest) = rest.split_first_chunk::<8>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (payload, rest) = rest.split_at_checked(length)?;
    (length <= FRAME_BYTES_MAX && xxh3_64(payload) == u64::from_le_bytes(*checksum)).then_some((payload, rest))
}

fn numbers(disk: &dyn Disk, directory: &Path) -> io::Result<Vec<u64>> {
    let number = |name: &str| name.strip_suffix(".log")?.parse().ok();
    Ok(disk.list(directory)?.iter().filter_map(|name| number(name)).collect())
}

fn path(directory: &Path, number: u64) -> PathBuf {
    directory.join(format!("{number:012}.log"))
}
