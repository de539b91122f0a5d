//! Whom the server runs as: PostgreSQL refuses to run as root.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use crate::Result;

/// Whom the server runs as.
#[derive(Debug)]
pub(crate) enum Owner {
    /// Whoever starts it.
    Oneself,
    /// An unprivileged user of the machine.
    Other(&'static str),
}

impl Owner {
    /// Who should run a server in a folder that belongs to whoever starts it.
    pub(crate) fn of(folder: &Path) -> Result<Self> {
        if fs::metadata(folder)?.uid() != 0 {
            return Ok(Self::Oneself);
        }
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let known = users.lines().any(|line| line.starts_with("postgres:"));
        Ok(Self::Other(if known { "postgres" } else { "nobody" }))
    }

    /// Hands `folder` over to the owner.
    pub(crate) fn take(&self, folder: &Path) -> Result<()> {
        let Self::Other(user) = self else { return Ok(()) };
        let handed = Command::new("chown").arg(user).arg(folder).status()?;
        if !handed.success() {
            return Err(format!("chown ended with {handed}").into());
        }
        Ok(())
    }

    /// A program of the server's, run by the owner.
    pub(crate) fn command(&self, program: &Path) -> Command {
        match self {
            Self::Oneself => Command::new(program),
            Self::Other(user) => {
                let mut command = Command::new("setpriv");
                command
                    .args([&format!("--reuid={user}"), "--clear-groups", "--"])
                    .arg(program);
                // The folder of whoever runs this may be closed to that user.
                command.current_dir("/");
                command
            }
        }
    }
}
