//! Series from CSV to their forecasts in CSV.

use crate::forecast::{Request, Series, Watch, run, time_of};
use domain::forecast::{ModelKind, Settings};
use domain::{Error, ErrorCode, Result};
use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};

/// Reads `series_id, ds, y` of any number of files, and `series_id, horizon` of `meta`; writes for
/// each series in order the steps of the naive model and of the default path. `clock` gives
/// seconds, for the time that each series took.
///
/// # Errors
/// Where a file is not as it should be, or cannot be read or written.
pub fn forecast(
    train: &mut [Box<dyn Read>],
    meta: &mut dyn Read,
    out: &mut dyn Write,
    clock: &dyn Fn() -> f64,
) -> Result<usize> {
    let horizons = read_meta(meta)?;
    let (order, series) = read_series(train)?;
    let mut writer = csv::Writer::from_writer(out);
    writer
        .write_record(["series_id", "step", "model", "yhat", "lo80", "hi80", "lo95", "hi95", "secs"])
        .map_err(unwritable)?;
    let mut done = 0;
    for id in order {
        let (Some(series), Some(horizon)) = (series.get(&id), horizons.get(&id)) else { continue };
        for (model, name) in [(Some(ModelKind::SeasonalNaive), "SeasonalNaive"), (None, "Orrery")] {
            let request = Request {
                series: series.clone(),
                regressors: Vec::new(),
                settings: Settings { horizon: *horizon, model, ..Settings::default() },
            };
            let began = clock();
            let answer =
                run(&request, Watch::none()).map_err(|e| Error::new(e.code, format!("{id}: {}", e.message)))?;
            let secs = format!("{:.4}", clock() - began);
            for (step, p) in answer.forecast.iter().enumerate() {
                let mut record = vec![id.clone(), (step + 1).to_string(), name.to_owned()];
                record.extend([p.yhat, p.lo80, p.hi80, p.lo95, p.hi95].iter().map(f64::to_string));
                record.push(secs.clone());
                writer.write_record(&record).map_err(unwritable)?;
            }
        }
        done += 1;
    }
    writer.flush().map_err(|e| unwritable(e.into()))?;
    Ok(done)
}

/// Series in the order of their first row, and their values.
type ById = (Vec<String>, HashMap<String, Series>);

fn read_series(files: &mut [Box<dyn Read>]) -> Result<ById> {
    let mut order = Vec::new();
    let mut series: HashMap<String, Series> = HashMap::new();
    for file in files {
        let mut reader = csv::Reader::from_reader(file);
        let [id, ds, y] = places(&mut reader, ["series_id", "ds", "y"])?;
        for record in reader.records() {
            let record = record.map_err(unreadable)?;
            let name = record.get(id).unwrap_or_default();
            let text = record.get(ds).unwrap_or_default();
            let time = time_of(text)
                .ok_or_else(|| Error::new(ErrorCode::UnusableFile, format!("{name}: {text} is no time.")))?;
            if !series.contains_key(name) {
                order.push(name.to_owned());
            }
            let own = series.entry(name.to_owned()).or_default();
            own.times.push(time);
            own.values.push(record.get(y).and_then(|v| v.trim().parse().ok()).unwrap_or(f64::NAN));
        }
    }
    Ok((order, series))
}

fn read_meta(file: &mut dyn Read) -> Result<BTreeMap<String, usize>> {
    let mut reader = csv::Reader::from_reader(file);
    let [id, horizon] = places(&mut reader, ["series_id", "horizon"])?;
    let mut horizons = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let name = record.get(id).unwrap_or_default();
        let horizon = record
            .get(horizon)
            .and_then(|v| v.trim().parse().ok())
            .ok_or_else(|| Error::new(ErrorCode::UnusableFile, format!("{name} has no horizon.")))?;
        horizons.insert(name.to_owned(), horizon);
    }
    Ok(horizons)
}

/// Where columns stand.
fn places<const N: usize, R: Read>(reader: &mut csv::Reader<R>, names: [&str; N]) -> Result<[usize; N]> {
    let header = reader.headers().map_err(unreadable)?.clone();
    let mut places = [0; N];
    for (place, name) in places.iter_mut().zip(names) {
        *place = header
            .iter()
            .position(|h| h.trim() == name)
            .ok_or_else(|| Error::new(ErrorCode::UnusableFile, format!("The file has no column {name}.")))?;
    }
    Ok(places)
}

#[allow(clippy::needless_pass_by_value)] // for map_err
fn unreadable(error: csv::Error) -> Error {
    Error::new(ErrorCode::UnusableFile, format!("The file cannot be read: {error}."))
}

#[allow(clippy::needless_pass_by_value)] // for map_err
fn unwritable(error: csv::Error) -> Error {
    Error::new(ErrorCode::UnusableFile, format!("The file cannot be written: {error}."))
}
