//! How every kind of model does on a CSV file, whose last column is the target, by
//! cross-validation: `cargo run --release -p intelligence --example judge -- FILE`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program of the command line")]

use domain::learn::{ModelKind, Task, TrainSpec};
use intelligence::{Values, files, learn};
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("judge FILE.csv");
        return ExitCode::from(2);
    };
    let frame = match std::fs::read(&path) {
        Ok(bytes) => files::read_csv(&bytes),
        Err(cause) => {
            eprintln!("{path}: {cause}");
            return ExitCode::FAILURE;
        }
    };
    let Some((frame, target)) = frame.ok().and_then(|f| f.columns.last().cloned().map(|target| (f, target))) else {
        eprintln!("{path} is no CSV with a header");
        return ExitCode::FAILURE;
    };
    // Whole numbers, and few of them, are classes.
    let is_class = match &target.values {
        Values::Number(values) => {
            let mut distinct = values.clone();
            distinct.sort_by(f64::total_cmp);
            distinct.dedup();
            distinct.len() <= 10 && distinct.iter().all(|v| v.fract() == 0.0)
        }
        _ => true,
    };
    let task = if is_class { Task::Classification } else { Task::Regression };
    for info in ModelKind::of(task) {
        let names = frame.columns.iter().map(|c| c.name.clone()).filter(|name| *name != target.name);
        let mut spec = TrainSpec::new(info.kind, names);
        spec.target = Some(target.name.clone());
        match learn::train(&frame, &spec, &mut |_| true) {
            Ok(trained) => {
                for m in &trained.report.metrics {
                    let (low, high) = (m.low.unwrap_or(m.value), m.high.unwrap_or(m.value));
                    println!("{} {} {:.3} {low:.3} {high:.3}", info.kind.as_str(), m.name, m.value);
                }
            }
            Err(error) => println!("{} refused: {error}", info.kind.as_str()),
        }
    }
    ExitCode::SUCCESS
}
