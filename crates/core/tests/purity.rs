//! This crate calculates and does nothing else: no I/O, no `async`, no clock, no binary floats, no global state.

#![allow(clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};

/// What must not appear in the sources, and why.
const BANNED: &[(&str, &str)] = &[
    ("async ", "calculations do not wait"),
    (".await", "calculations do not wait"),
    ("std::fs", "no I/O"),
    ("std::io", "no I/O"),
    ("std::net", "no I/O"),
    ("std::env", "no global state"),
    ("std::process", "no I/O"),
    ("std::thread", "no threads"),
    ("static mut", "no global state"),
    ("thread_local!", "no global state"),
    ("OnceLock", "no global state"),
    ("LazyLock", "no global state"),
    ("println!", "no I/O"),
    ("SystemTime", "time is an input"),
    ("Instant::now", "time is an input"),
    ("Timestamp::now", "time is an input"),
    ("Zoned::now", "time is an input"),
    ("TimeZone::system", "the machine's zone is an input"),
    ("f32", "binary floats are not exact"),
    ("f64", "binary floats are not exact"),
];

/// Meter expressions are defined on doubles (spec 02); their result becomes a decimal at once.
const FLOATS_ALLOWED_IN: &str = "aggregation/expression";

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is readable") {
        let path = entry.expect("the entry is readable").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The line without its comment, and nothing of a test module's lines.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let until_tests = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]"));
    let without_comments = until_tests.map(|line| line.split_once("//").map_or(line, |(code, _)| code));
    without_comments.enumerate().map(|(index, code)| (index + 1, code))
}

#[test]
fn sources_hold_nothing_but_calculations() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    assert!(files.len() > 30, "found only {} sources", files.len());
    let mut offences = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("the source is readable");
        let may_use_floats = file.to_string_lossy().contains(FLOATS_ALLOWED_IN);
        for (line, code) in code_lines(&text) {
            for (word, reason) in BANNED {
                if code.contains(word) && !(*word == "f64" && may_use_floats) {
                    offences.push(format!("{}:{line}: `{word}`: {reason}", file.display()));
                }
            }
        }
    }
    assert!(
        offences.is_empty(),
        "take these out of the core:\n{}",
        offences.join("\n")
    );
}

#[test]
fn dependencies_do_no_io() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).expect("readable");
    let dependencies = manifest
        .split("[dependencies]")
        .nth(1)
        .and_then(|rest| rest.split("\n[").next());
    let dependencies = dependencies.expect("the manifest has dependencies");
    for banned in [
        "tokio", "reqwest", "sqlx", "sea-orm", "fjall", "rand", "chrono", "tariff-",
    ] {
        assert!(!dependencies.contains(banned), "the core must not depend on {banned}");
    }
}
