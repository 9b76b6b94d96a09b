//! `orrery jobs`: the queue, on the command line.

use super::open;
use crate::config::Config;
use crate::control::{self, Order};
use clap::Subcommand;
use domain::Result;
use domain::api::{Job, JobsRequest};

#[derive(Subcommand)]
pub(super) enum Jobs {
    /// List the newest jobs, one a line.
    List {
        /// Only those that are queued, running, succeeded, failed, cancelled or dead.
        #[arg(long)]
        status: Option<String>,
    },
    /// Cancel a job that waits or runs.
    Cancel { id: String },
    /// Do a job again that failed or is dead.
    Retry { id: String },
}

#[allow(clippy::print_stdout, reason = "the command line answers on standard output")]
pub(super) async fn run(command: Jobs, config: &Config) -> Result<()> {
    let dir = &config.data_dir;
    let jobs: Vec<Job> = match command {
        Jobs::List { status } => control::order(dir, Order::ListJobs(JobsRequest { status }), open(config)).await?,
        Jobs::Cancel { id } => vec![control::order(dir, Order::CancelJob(id), open(config)).await?],
        Jobs::Retry { id } => vec![control::order(dir, Order::RetryJob(id), open(config)).await?],
    };
    for job in jobs {
        println!("{}", line(&job));
    }
    Ok(())
}

/// A job as a line: its fields between tabs.
fn line(job: &Job) -> String {
    let owner = if job.owner_name.is_empty() { "-" } else { &job.owner_name };
    let outcome = match (&job.error, &job.result) {
        (Some(error), _) => error.to_string(),
        (None, Some(result)) => result.to_string(),
        (None, None) => String::new(),
    };
    let outcome = outcome.replace(['\t', '\n', '\r'], " ");
    let percent = (job.progress * 100.0).round();
    let (id, kind, status, due, tries) = (&job.id, &job.kind, &job.status, &job.due_at, job.attempts);
    format!("{id}\t{kind}\t{status}\t{percent}%\tdue {due}\tattempts {tries}\t{owner}\t{outcome}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_one_line_whatever_its_error_says() {
        let job = serde_json::json!({
            "id": "1", "kind": "load", "status": "failed", "progress": 0.5, "bytes_done": 0, "bytes_total": 0,
            "rows": 0, "result": null, "error": {"code": "invalid_request", "message": "two\nlines\tand a tab"},
        });
        let written = line(&serde_json::from_value(job).unwrap());
        assert!(written.starts_with("1\tload\tfailed\t50%\t") && written.ends_with("two lines and a tab"), "{written}");
        assert_eq!(written.lines().count(), 1);
    }
}
