//! Do ten thousand metrics of a minute keep their times? From when a value is due until it is kept,
//! and what it costs, for questions whose answer is known, kept in the cache, or asked anew.
//! `cargo bench -p services --bench metrics`; `METRICS` (10,000), `INTERVAL` (60 seconds) and
//! `MINUTES` (3) make it shorter.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program that measures")]

use domain::UserRole;
use domain::api::{LoadMode, LoadRequest, NewMetric};
use serde_json::{Value, json};
use services::{QuestionDefaults, Services, Settings, SourceSettings};
use std::fmt::Write;
use std::time::{Duration, Instant};

fn number(name: &str, or: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(or)
}

/// Seconds of processor time of this process.
fn busy() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks = |n: usize| after.split_whitespace().nth(n).and_then(|t| t.parse::<f64>().ok()).unwrap_or_default();
    (ticks(11) + ticks(12)) / 100.0
}

/// A question of one number; each metric has a filter of its own.
fn question(kind: &str, n: u64) -> Value {
    let own = json!({"column": "customer", "op": "ne", "value": n % 1_000});
    match kind {
        "known" => json!({"dataset": "sales", "measures": [{"agg": "sum", "column": "amount"}], "filter": own}),
        "cached" => json!({"dataset": "sales", "measures": [{"agg": "avg", "column": "amount"}], "filter": own}),
        // The end of the stretch moves with the clock, so that no answer is of use a minute later.
        _ => {
            let recent = json!({"column": "at", "op": "relative", "value": {"unit": "minute", "n": 60 + n % 1_000}});
            json!({"dataset": "sales", "measures": [{"agg": "avg", "column": "amount"}], "filter": {"and": [own, recent]}})
        }
    }
}

async fn measure(kind: &str, metrics: u64, interval: u64, minutes: u64) {
    let dir = tempfile::tempdir().unwrap();
    let settings = Settings {
        data_dir: dir.path().join("data"),
        database: None,
        fixtures_dir: None,
        paper_dir: None,
        query_timeout: Duration::from_secs(60),
        memory_limit_bytes: 1 << 30,
        threads: 2,
        max_upload_bytes: 1 << 30,
        questions: QuestionDefaults::default(),
        sources: SourceSettings::default(),
        notify: services::NotifySettings::default(),
        sign_in: services::SignInSettings::default(),
    };
    let services = Services::open(settings).await.unwrap();
    services.add_user("owner", UserRole::Admin, None).await.unwrap();
    let owner = services.local_caller(Some("owner")).await.unwrap();
    let mut csv = "at,customer,amount\n".to_owned();
    for n in 0..10_000 {
        writeln!(csv, "2025-03-{:02} {:02}:00:00,{},{}.5", n % 28 + 1, n % 24, n % 1_000, n % 97).unwrap();
    }
    let file = dir.path().join("sales.csv");
    std::fs::write(&file, csv).unwrap();
    let request = LoadRequest { name: "sales".into(), mode: LoadMode::Create, ..LoadRequest::default() };
    services.import_file(&owner, &file, request).await.unwrap();
    let began = Instant::now();
    for n in 0..metrics {
        let new = json!({"id": format!("m{n}"), "name": format!("M{n}"), "refresh_interval": interval,
            "query": question(kind, n), "format": {}});
        let new: NewMetric = serde_json::from_value(new).unwrap();
        services.create_metric(&owner, new).await.unwrap();
    }
    println!("{kind}: {metrics} metrics made in {:.0} s", began.elapsed().as_secs_f64());
    services.start().await.unwrap();
    for minute in 1..=minutes {
        let (cpu, count) = (busy(), services.metrics_clock(&owner).unwrap().refreshes);
        tokio::time::sleep(Duration::from_secs(60)).await;
        let clock = services.metrics_clock(&owner).unwrap();
        println!(
            "{kind}, minute {minute}: {} refreshes, lag p50 {} ms, p99 {} ms, {} failing, {:.0} % of one core",
            clock.refreshes - count,
            clock.lag_p50_ms,
            clock.lag_p99_ms,
            clock.failing,
            (busy() - cpu) / 60.0 * 100.0
        );
    }
}

#[tokio::main]
async fn main() {
    if std::env::args().any(|a| a == "--list") {
        return;
    }
    let (metrics, interval, minutes) = (number("METRICS", 10_000), number("INTERVAL", 60), number("MINUTES", 3));
    for kind in ["known", "cached", "asked"] {
        measure(kind, metrics, interval, minutes).await;
    }
}
