//! How much one customer used in a month: asked first, again, and again while events come in.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{Background, Bench};
use crate::Result;
use crate::catalog::Route;
use crate::http::Connection;
use crate::latency::{Latencies, Percentiles, ms};
use crate::report::{Goal, Report, Unit};
use crate::workload::{HOT_CUSTOMER, MEDIUM_CUSTOMERS};

/// Stream of the events that come in meanwhile.
const STREAM: u64 = 2;

/// Asks about the hot customer and about those with about 2,000 events.
pub async fn ask(bench: &Bench, report: &mut Report) -> Result<()> {
    let watch = bench.watch();
    hot(bench, report).await?;
    medium(bench, report).await?;
    bench.note("questions", watch.end());
    Ok(())
}

async fn hot(bench: &Bench, report: &mut Report) -> Result<()> {
    let mut connection = bench.connect().await?;
    let questions = questions(bench, &[HOT_CUSTOMER]);
    let mut first = BTreeMap::new();
    for question in &questions {
        let begun = Instant::now();
        connection.expect(&question.request, 200).await?;
        first.insert(question.name.clone(), ms(begun.elapsed()));
    }
    let again = repeatedly(&mut connection, &questions, Times::Of(bench.options.asks)).await?;
    let background = Background::begin(bench, STREAM, bench.options.background);
    let seconds = Duration::from_secs(bench.options.seconds.max(1)) / u32::try_from(questions.len())?;
    let meanwhile = repeatedly(&mut connection, &questions, Times::For(seconds)).await;
    let came_in = background.end()?;
    let meanwhile = meanwhile?;

    let what = "Usage of the customer with a twentieth of all events, for a month";
    let (must, hope) = (500.0, 100.0);
    let slowest = first.values().copied().fold(0.0, f64::max);
    report.goal(
        &format!("{what}: first ask (slowest of {})", first.len()),
        slowest,
        Unit::Milliseconds,
        Goal::AtMost { must, hope },
    );
    let (must, hope) = (2.0, 0.5);
    for route in Route::ALL {
        let p99 = worst_p99(&again, route);
        let what = format!("{what}: again, `{}`, p99", route.path());
        report.goal(&what, p99, Unit::Milliseconds, Goal::AtMost { must, hope });
        let p99 = worst_p99(&meanwhile, route);
        let what = format!("the same while {} events/s come in", bench.options.background);
        report.goal(&what, p99, Unit::Milliseconds, Goal::AtMost { must, hope });
    }
    report.detail(
        "hot_customer",
        json!({"first_ms": first, "again": again, "while_events_come_in": meanwhile, "events_that_came_in": came_in}),
    )
}

async fn medium(bench: &Bench, report: &mut Report) -> Result<()> {
    let mut connection = bench.connect().await?;
    let customers: Vec<u32> = (1..=MEDIUM_CUSTOMERS).collect();
    let questions = questions(bench, &customers);
    // Each customer and meter is asked for once on one of the routes, so that none is warmed by the other.
    let first = asked_once(&mut connection, &questions).await?;
    let mut again = Latencies::default();
    let rounds = bench.options.asks.div_ceil(questions.len()).max(1);
    for _ in 0..rounds {
        again.extend(asked_once(&mut connection, &questions).await?);
    }
    let (first, again) = (first.percentiles(), again.percentiles());
    let what = "Usage of a customer with about 2,000 events, for a month";
    let (must, hope) = (5.0, 1.0);
    report.goal(
        &format!("{what}: first ask, p99"),
        first.p99_ms,
        Unit::Milliseconds,
        Goal::AtMost { must, hope },
    );
    report.goal(
        &format!("{what}: again, p99"),
        again.p99_ms,
        Unit::Milliseconds,
        Goal::AtMost { must, hope },
    );
    report.detail("medium_customers", json!({"first": first, "again": again}))
}

async fn asked_once(connection: &mut Connection, questions: &[Question]) -> Result<Latencies> {
    let mut latencies = Latencies::default();
    for question in questions {
        let begun = Instant::now();
        connection.expect(&question.request, 200).await?;
        latencies.add(begun.elapsed());
    }
    Ok(latencies)
}

struct Question {
    name: String,
    route: Route,
    request: Vec<u8>,
}

fn questions(bench: &Bench, customers: &[u32]) -> Vec<Question> {
    let mut questions = Vec::new();
    for route in Route::ALL {
        for feature in bench.features() {
            for customer in customers {
                questions.push(Question {
                    name: format!("{} {}", route.path(), feature.name),
                    route,
                    request: route.question(&bench.head, feature, *customer),
                });
            }
        }
    }
    questions
}

#[derive(Clone, Copy)]
enum Times {
    Of(usize),
    For(Duration),
}

/// Times of one question that was asked again and again.
#[derive(serde::Serialize)]
struct Asked {
    path: &'static str,
    question: String,
    latency: Percentiles,
}

async fn repeatedly(connection: &mut Connection, questions: &[Question], times: Times) -> Result<Vec<Asked>> {
    let mut asked = Vec::new();
    for question in questions {
        let mut latencies = Latencies::default();
        let begun = Instant::now();
        let mut count = 0;
        while match times {
            Times::Of(most) => count < most,
            Times::For(longest) => begun.elapsed() < longest,
        } {
            let sent = Instant::now();
            connection.expect(&question.request, 200).await?;
            latencies.add(sent.elapsed());
            count += 1;
        }
        asked.push(Asked {
            path: question.route.path(),
            question: question.name.clone(),
            latency: latencies.percentiles(),
        });
    }
    Ok(asked)
}

fn worst_p99(asked: &[Asked], route: Route) -> f64 {
    let of_route = asked.iter().filter(|asked| asked.path == route.path());
    of_route.map(|asked| asked.latency.p99_ms).fold(0.0, f64::max)
}
