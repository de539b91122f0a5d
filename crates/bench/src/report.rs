//! What a run found: a table against the goals for people, everything as JSON for machines.

use std::fmt;
use std::fs;
use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::Result;

/// What a figure should reach.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// The more the better.
    AtLeast {
        /// Less is a failure.
        must: f64,
        /// This is wished for.
        hope: f64,
    },
    /// The less the better.
    AtMost {
        /// More is a failure.
        must: f64,
        /// This is wished for.
        hope: f64,
    },
}

impl Goal {
    fn verdict(self, value: f64) -> &'static str {
        match self {
            Self::AtLeast { hope, .. } if value >= hope => "hoped for",
            Self::AtMost { hope, .. } if value <= hope => "hoped for",
            Self::AtLeast { must, .. } if value >= must => "reached",
            Self::AtMost { must, .. } if value <= must => "reached",
            Self::AtLeast { .. } | Self::AtMost { .. } => "missed",
        }
    }

    fn bounds(self) -> (f64, f64) {
        match self {
            Self::AtLeast { must, hope } | Self::AtMost { must, hope } => (must, hope),
        }
    }
}

/// A unit of figures.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Events or requests a second.
    PerSecond,
    /// Microseconds.
    Microseconds,
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
}

impl Unit {
    fn text(self, value: f64) -> String {
        match self {
            Self::PerSecond => format!("{}/s", grouped(value)),
            Self::Microseconds => format!("{value:.2} µs"),
            Self::Milliseconds if value >= 100.0 => format!("{value:.0} ms"),
            Self::Milliseconds if value >= 10.0 => format!("{value:.1} ms"),
            Self::Milliseconds => format!("{value:.2} ms"),
            Self::Seconds => format!("{value:.2} s"),
            Self::Bytes => format!("{} MiB", grouped(value / (1 << 20) as f64)),
        }
    }
}

/// A whole number with commas.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[derive(Debug, Clone, Serialize)]
struct Row {
    what: String,
    value: f64,
    unit: Unit,
    goal: Option<Goal>,
}

/// Rows and details.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    rows: Vec<Row>,
    tables: Vec<Table>,
    details: Map<String, Value>,
}

/// A table without goals.
#[derive(Debug, Clone, Serialize)]
pub struct Table {
    /// What it shows.
    pub title: String,
    /// The columns.
    pub columns: Vec<String>,
    /// The cells, row by row.
    pub rows: Vec<Vec<String>>,
}

impl Report {
    /// Adds a figure with its goal.
    pub fn goal(&mut self, what: &str, value: f64, unit: Unit, goal: Goal) {
        self.row(what, value, unit, Some(goal));
    }

    /// Adds a figure without one.
    pub fn figure(&mut self, what: &str, value: f64, unit: Unit) {
        self.row(what, value, unit, None);
    }

    fn row(&mut self, what: &str, value: f64, unit: Unit, goal: Option<Goal>) {
        eprintln!("{what}: {}", unit.text(value));
        self.rows.push(Row {
            what: what.to_owned(),
            value,
            unit,
            goal,
        });
    }

    /// Adds a table.
    pub fn table(&mut self, table: Table) {
        self.tables.push(table);
    }

    /// Adds whatever else was found, for the JSON.
    pub fn detail(&mut self, name: &str, value: impl Serialize) -> Result<()> {
        self.details.insert(name.to_owned(), serde_json::to_value(value)?);
        Ok(())
    }

    /// Writes everything to a file, if one is named.
    pub fn write_json(&self, path: Option<&Path>) -> Result<()> {
        if let Some(path) = path {
            fs::write(path, serde_json::to_string_pretty(self)?)?;
        }
        Ok(())
    }
}

/// A number of bytes, for people.
pub fn bytes(count: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "shown without fraction")]
    Unit::Bytes.text(count as f64)
}

/// A number a second, for people.
pub fn per_second(value: f64) -> String {
    Unit::PerSecond.text(value)
}

/// Milliseconds, for people.
pub fn milliseconds(value: f64) -> String {
    Unit::Milliseconds.text(value)
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.rows.is_empty() {
            writeln!(formatter, "| What | Measured | Must reach | Hoped for | Verdict |")?;
            writeln!(formatter, "|---|---|---|---|---|")?;
        }
        for row in &self.rows {
            let (must, hope, verdict) = match row.goal {
                Some(goal) => {
                    let (must, hope) = goal.bounds();
                    (row.unit.text(must), row.unit.text(hope), goal.verdict(row.value))
                }
                None => (String::new(), String::new(), ""),
            };
            let measured = row.unit.text(row.value);
            writeln!(formatter, "| {} | {measured} | {must} | {hope} | {verdict} |", row.what)?;
        }
        for table in &self.tables {
            writeln!(formatter, "\n{}\n", table.title)?;
            writeln!(formatter, "| {} |", table.columns.join(" | "))?;
            writeln!(formatter, "|{}", "---|".repeat(table.columns.len()))?;
            for row in &table.rows {
                writeln!(formatter, "| {} |", row.join(" | "))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_judged_and_shown() {
        let goal = Goal::AtMost { must: 20.0, hope: 10.0 };
        assert_eq!(
            [5.0, 15.0, 25.0].map(|value| goal.verdict(value)),
            ["hoped for", "reached", "missed"]
        );
        assert_eq!(Unit::PerSecond.text(1_234_567.4), "1,234,567/s");
        assert_eq!(Unit::Bytes.text(1_610_612_736.0), "1,536 MiB");
        let mut report = Report::default();
        report.goal("x", 15.0, Unit::Milliseconds, goal);
        assert!(
            report
                .to_string()
                .contains("| x | 15.0 ms | 20.0 ms | 10.0 ms | reached |")
        );
    }
}
