//! Trouble that storage can be in: a full disk, files that must not grow.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::server::{PROGRAM, Server};

/// Set to `1`, it makes a failure of what this machine cannot arrange.
pub const REQUIRE_VARIABLE: &str = "TARIFF_TEST_REQUIRE_MOUNT";

/// A disk in memory, of limited size; gone when dropped.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts a disk on `folder`. `None` when this machine does not let us.
    pub fn mount(folder: &Path, mebibytes: u32) -> Option<Self> {
        fs::create_dir_all(folder).unwrap();
        let options = format!("size={mebibytes}m");
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder);
        succeeds(&mut command).then(|| Self(folder.to_owned()))
    }

    /// Takes all room that is left.
    pub fn fill(&self) {
        let mut ballast = File::create(self.0.join("ballast")).unwrap();
        let block = [1; 4096];
        while ballast.write_all(&block).is_ok() {}
    }

    /// Makes the disk larger.
    pub fn grow(&self, mebibytes: u32) {
        let options = format!("remount,size={mebibytes}m");
        assert!(succeeds(Command::new("mount").args(["-o", &options]).arg(&self.0)));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily, because a failed test may have left a file open.
        succeeds(Command::new("umount").arg("-l").arg(&self.0));
    }
}

/// A server whose files [`limit_files`] can stop from growing, as a full disk or a quota would.
pub fn start_limitable(folder: &Path) -> Server {
    let mut command = Command::new("sh");
    // The signal would end the process; without it a write beyond the limit fails.
    command.args(["-c", r#"trap '' XFSZ; exec "$@""#, "sh", PROGRAM]);
    Server::start_as(command, folder, None)
}

/// From now on the server cannot write beyond the first `bytes` of any file; `None` lifts the limit. `false` when this
/// machine cannot arrange that.
pub fn limit_files(server: &Server, bytes: Option<u64>) -> bool {
    let limit = bytes.map_or_else(|| "unlimited".to_owned(), |bytes| bytes.to_string());
    let arguments = [format!("--pid={}", server.id()), format!("--fsize={limit}:unlimited")];
    succeeds(Command::new("prlimit").args(arguments))
}

/// Says that a test is skipped, or fails where skipping is not allowed.
pub fn skip(reason: &str) {
    let required = std::env::var(REQUIRE_VARIABLE).is_ok_and(|value| value == "1");
    assert!(!required, "{reason}");
    println!("Skipped: {reason}. {REQUIRE_VARIABLE}=1 makes that a failure.");
}

fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}
