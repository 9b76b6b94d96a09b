//! `orrery insights`: what a CSV says by itself, without a server.

use clap::Args;
use domain::{Error, ErrorCode, Result};
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Args)]
pub(super) struct Insights {
    /// CSV with a header.
    file: PathBuf,
    /// File that is written: a finding a line as JSON, the best first.
    #[arg(long)]
    out: PathBuf,
}

#[allow(clippy::print_stdout, reason = "the command line answers on standard output")]
pub(super) fn run(args: &Insights) -> Result<()> {
    let input = File::open(&args.file).map_err(|e| unusable(&args.file, &e))?;
    let out = BufWriter::new(File::create(&args.out).map_err(|e| unusable(&args.out, &e))?);
    let name = args.file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let began = Instant::now();
    let found = intelligence::files::insights::insights_of_csv(input, &name, out)?;
    for sentence in &found.narrative {
        println!("{}", sentence.text());
    }
    println!("{} findings in {:.2} s: {}", found.findings.len(), began.elapsed().as_secs_f64(), args.out.display());
    Ok(())
}

fn unusable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(ErrorCode::UnusableFile, format!("{}: {error}.", path.display()))
}
