//! `orrery forecast`: series from files to files, without a server.

use clap::Args;
use domain::{Error, ErrorCode, Result};
use std::fs::File;
use std::io::{BufWriter, Read};
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Args)]
pub(super) struct Forecast {
    /// CSV of series_id, ds, y; may be given several times.
    #[arg(long, required = true)]
    train: Vec<PathBuf>,
    /// CSV of series_id, horizon.
    #[arg(long)]
    meta: PathBuf,
    /// CSV that is written: series_id, step, model, yhat, lo80, hi80, lo95, hi95, secs.
    #[arg(long)]
    out: PathBuf,
}

#[allow(clippy::print_stdout, reason = "the command line answers on standard output")]
pub(super) fn run(args: &Forecast) -> Result<()> {
    let mut train = Vec::new();
    for path in &args.train {
        train.push(Box::new(open(path)?) as Box<dyn Read>);
    }
    let mut meta = open(&args.meta)?;
    let mut out = BufWriter::new(File::create(&args.out).map_err(|e| unusable(&args.out, &e))?);
    let began = Instant::now();
    let clock = || began.elapsed().as_secs_f64();
    let done = intelligence::files::forecast(&mut train, &mut meta, &mut out, &clock)?;
    println!("{done} series forecast in {:.1} s: {}", clock(), args.out.display());
    Ok(())
}

fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|e| unusable(path, &e))
}

fn unusable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(ErrorCode::UnusableFile, format!("{}: {error}.", path.display()))
}
