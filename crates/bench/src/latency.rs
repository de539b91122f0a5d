//! Times of many requests, kept one by one, so that percentiles are exact.

use std::time::Duration;

use serde::Serialize;

/// The times of some requests.
#[derive(Debug, Default, Clone)]
pub struct Latencies(Vec<Duration>);

/// The figures that are reported, in milliseconds.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Percentiles {
    /// How many requests.
    pub count: usize,
    /// Half were at most this.
    pub p50_ms: f64,
    /// 99 of 100 were at most this.
    pub p99_ms: f64,
    /// 999 of 1,000 were at most this.
    pub p999_ms: f64,
    /// The slowest.
    pub max_ms: f64,
}

impl Latencies {
    /// Adds one.
    pub fn add(&mut self, duration: Duration) {
        self.0.push(duration);
    }

    /// Adds those of another.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The percentiles.
    pub fn percentiles(mut self) -> Percentiles {
        self.0.sort_unstable();
        let at = |per_mille: usize| {
            // The smallest value that at least this share does not exceed.
            let rank = (self.0.len() * per_mille).div_ceil(1_000).max(1);
            self.0.get(rank - 1).map_or(0.0, |duration| ms(*duration))
        };
        Percentiles {
            count: self.0.len(),
            p50_ms: at(500),
            p99_ms: at(990),
            p999_ms: at(999),
            max_ms: at(1_000),
        }
    }
}

/// A duration in milliseconds.
pub fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_exact() {
        let mut latencies = Latencies::default();
        for ms in (1..=1_000).rev() {
            latencies.add(Duration::from_millis(ms));
        }
        let found = latencies.percentiles();
        let figures = [found.p50_ms, found.p99_ms, found.p999_ms, found.max_ms];
        assert_eq!(figures.map(|ms| format!("{ms:.0}")), ["500", "990", "999", "1000"]);
    }
}
