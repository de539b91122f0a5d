//! What a process takes of the machine, read from `/proc` while it works.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde::Serialize;

/// Time between two samples.
const SAMPLE_EVERY: Duration = Duration::from_millis(100);
/// Units of processor time in `/proc`, a second; the same on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// What a process took over a stretch of time.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Load {
    /// How long it was watched.
    pub seconds: f64,
    /// Processor time it used, of all cores together.
    pub cpu_seconds: f64,
    /// Most resident memory, in bytes: the kernel's own high-water mark where it can be reset, else the largest sample.
    pub rss_peak_bytes: u64,
    /// Most resident memory that belongs to no file, in bytes.
    pub rss_anonymous_peak_bytes: u64,
    /// Resident memory at the end, in bytes.
    pub rss_end_bytes: u64,
}

/// Watches a process.
pub struct Watch {
    process: u32,
    begun: Instant,
    cpu_before: f64,
    high_water_reset: bool,
    stop: Arc<AtomicBool>,
    sampler: JoinHandle<(u64, u64)>,
}

impl Watch {
    /// From now on.
    pub fn begin(process: u32) -> Self {
        // "5" puts the high-water mark of resident memory back to the present; only the owner may.
        let high_water_reset = fs::write(format!("/proc/{process}/clear_refs"), "5").is_ok();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let sampler = thread::spawn(move || {
            let (mut resident, mut anonymous) = (0, 0);
            while !stopped.load(Ordering::Relaxed) {
                resident = status_bytes(process, "VmRSS").unwrap_or_default().max(resident);
                anonymous = status_bytes(process, "RssAnon").unwrap_or_default().max(anonymous);
                thread::sleep(SAMPLE_EVERY);
            }
            (resident, anonymous)
        });
        Self {
            process,
            begun: Instant::now(),
            cpu_before: cpu_seconds(process),
            high_water_reset,
            stop,
            sampler,
        }
    }

    /// Until now.
    pub fn end(self) -> Load {
        let seconds = self.begun.elapsed().as_secs_f64();
        let cpu_seconds = cpu_seconds(self.process) - self.cpu_before;
        self.stop.store(true, Ordering::Relaxed);
        let (resident, anonymous) = self.sampler.join().unwrap_or_default();
        let high_water = status_bytes(self.process, "VmHWM").filter(|_| self.high_water_reset);
        let rss_end_bytes = status_bytes(self.process, "VmRSS").unwrap_or_default();
        Load {
            seconds,
            cpu_seconds,
            rss_peak_bytes: high_water.unwrap_or_default().max(resident).max(rss_end_bytes),
            rss_anonymous_peak_bytes: anonymous,
            rss_end_bytes,
        }
    }
}

/// Processor time that a process has used so far.
pub fn cpu_seconds(process: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name in brackets may hold blanks; the numbers follow it.
    let numbers = stat.rsplit_once(')').map_or("", |(_, numbers)| numbers);
    let ticks = |index: usize| -> f64 {
        let number = numbers.split_whitespace().nth(index);
        number.and_then(|number| number.parse().ok()).unwrap_or_default()
    };
    (ticks(11) + ticks(12)) / TICKS_PER_SECOND
}

fn status_bytes(process: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    kilobytes(&status, name)
}

/// Memory of a process with its children, shared pages counted once; for servers of many processes.
pub fn family_bytes(process: u32) -> u64 {
    let mut family = vec![process];
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        next += 1;
        let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
        family.extend(children.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
    }
    let of_one = |process: &u32| {
        let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
        kilobytes(&rollup, "Pss")
    };
    family.iter().filter_map(of_one).sum()
}

/// The value of a line such as `VmRSS:   1234 kB`, in bytes.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let number: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(number * 1_024)
}

/// Bytes of all files in a folder and below that have this path or are under it.
pub fn folder_bytes(folder: &std::path::Path) -> u64 {
    use std::os::unix::fs::MetadataExt;

    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let of_one = |entry: fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => folder_bytes(&entry.path()),
        // Blocks that are taken, not the length: some files are made long before they are full.
        Ok(metadata) => metadata.blocks() * 512,
        Err(_) => 0,
    };
    entries.flatten().map(of_one).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_proc_are_read() {
        let text = "VmRSSx:\t1 kB\nVmRSS:\t    1234 kB\nRssAnon:\t7 kB\n";
        assert_eq!(kilobytes(text, "VmRSS"), Some(1_234 * 1_024));
        assert_eq!(kilobytes(text, "Pss"), None);
    }

    #[test]
    fn this_process_can_be_watched() {
        let watch = Watch::begin(std::process::id());
        let load = watch.end();
        assert!(load.rss_peak_bytes > 0);
    }
}
