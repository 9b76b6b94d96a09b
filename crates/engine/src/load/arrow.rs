//! Arrow IPC, as a file or a stream: batches go into a table of the load's own instance. Types
//! that DuckDB would not take become one it does; nested values become JSON text.

use super::source::{Origin, Source, SourceColumn, unique_names};
use super::{Bench, Job};
use crate::clock::Zone;
use crate::{convert, fault};
use arrow::array::{Array, ArrayRef, AsArray, StringArray, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, TimeUnit, TimestampMicrosecondType};
use arrow::error::ArrowError;
use arrow::ipc::reader::{FileReader, StreamReader};
use arrow::record_batch::RecordBatch;
use domain::dataset::{FileFormat, LoadOptions};
use domain::{Error, Result};
use serde_json::{Map, Value};
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Rows that a preview reads.
const PREVIEW_ROWS: usize = 10_000;

type Batches = Box<dyn Iterator<Item = std::result::Result<RecordBatch, ArrowError>>>;

pub(crate) fn open(job: &Job, bench: &Bench, whole: bool) -> Result<Source> {
    // The reader trusts a file's lengths more than a stranger's file deserves.
    let read = catch_unwind(AssertUnwindSafe(|| stage(job, bench, whole)));
    let names = read.unwrap_or_else(|_| Err(damaged()))?;
    let options = LoadOptions { format: Some(FileFormat::Arrow), ..job.options.clone() };
    let columns = names
        .into_iter()
        .enumerate()
        .map(|(at, (name, duck))| SourceColumn { name, origin: Origin::Typed { raw: format!("c{at}"), duck } });
    Ok(Source::of_sql("memory.main.staged".into(), columns.collect(), options))
}

fn damaged() -> Error {
    fault::unusable("The Arrow file is damaged or not complete.")
        .hint("Export it again as an Arrow IPC file or stream.")
}

/// Copies the file into `memory.main.staged`; answers the names and types of its columns.
fn stage(job: &Job, bench: &Bench, whole: bool) -> Result<Vec<(String, String)>> {
    let broken = |e: &dyn std::fmt::Display| {
        tracing::debug!(error = %e, "an Arrow file could not be read");
        damaged()
    };
    let (schema, batches) = batches(job).map_err(|e| broken(&e))?;
    let raw: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
    let names = unique_names(&raw)?;
    let types: Vec<(DataType, String)> = schema.fields().iter().map(|f| plain(f.data_type())).collect();
    let declared: Vec<String> = types.iter().enumerate().map(|(at, (_, duck))| format!("c{at} {duck}")).collect();
    let create = format!("CREATE TABLE memory.main.staged ({})", declared.join(", "));
    bench.db.execute_batch(&create).map_err(|e| fault::writing(&e))?;
    let fields: Vec<Field> =
        types.iter().enumerate().map(|(at, (ty, _))| Field::new(format!("c{at}"), ty.clone(), true)).collect();
    let plain_schema = Arc::new(Schema::new(fields));
    let mut appender =
        bench.db.appender_to_catalog_and_db("staged", "memory", "main").map_err(|e| fault::writing(&e))?;
    let mut rows = 0;
    for batch in batches {
        job.check()?;
        let batch = batch.map_err(|e| broken(&e))?;
        let arrays: std::result::Result<Vec<ArrayRef>, ArrowError> =
            batch.columns().iter().zip(&types).map(|(array, (ty, _))| flatten(array, ty)).collect();
        let flat = arrays.and_then(|a| RecordBatch::try_new(plain_schema.clone(), a)).map_err(|e| broken(&e))?;
        rows += flat.num_rows();
        appender.append_record_batch(flat).map_err(|e| fault::writing(&e))?;
        if !whole && rows >= PREVIEW_ROWS {
            break;
        }
    }
    appender.flush().map_err(|e| fault::writing(&e))?;
    Ok(names.into_iter().zip(types).map(|(name, (_, duck))| (name, duck)).collect())
}

fn batches(job: &Job) -> std::result::Result<(Arc<Schema>, Batches), ArrowError> {
    let mut file = File::open(&job.file)?;
    let mut magic = [0; 6];
    let is_file = file.read_exact(&mut magic).is_ok() && &magic == b"ARROW1";
    file.rewind()?;
    let file = BufReader::new(file);
    Ok(if is_file {
        let reader = FileReader::try_new(file, None)?;
        (reader.schema(), Box::new(reader))
    } else {
        let reader = StreamReader::try_new(file, None)?;
        (reader.schema(), Box::new(reader))
    })
}

/// The type under which a column is taken over: Arrow's, and DuckDB's.
fn plain(ty: &DataType) -> (DataType, String) {
    use DataType as T;
    let same = |duck: &str| (ty.clone(), duck.to_owned());
    match ty {
        T::Boolean => same("BOOLEAN"),
        T::Int8 => same("TINYINT"),
        T::Int16 => same("SMALLINT"),
        T::Int32 => same("INTEGER"),
        T::Int64 => same("BIGINT"),
        T::UInt8 => same("UTINYINT"),
        T::UInt16 => same("USMALLINT"),
        T::UInt32 => same("UINTEGER"),
        T::UInt64 => same("UBIGINT"),
        T::Float16 => (T::Float32, "FLOAT".into()),
        T::Float32 => same("FLOAT"),
        T::Float64 => same("DOUBLE"),
        T::Decimal32(p, s) | T::Decimal64(p, s) | T::Decimal128(p, s) if *s >= 0 => {
            (T::Decimal128(*p, *s), format!("DECIMAL({p},{s})"))
        }
        T::Date32 | T::Date64 => (T::Date32, "DATE".into()),
        T::Time32(_) | T::Time64(_) => (T::Time64(TimeUnit::Microsecond), "TIME".into()),
        T::Timestamp(..) => (T::Timestamp(TimeUnit::Microsecond, None), "TIMESTAMP".into()),
        T::Dictionary(_, value) => plain(value),
        T::RunEndEncoded(_, values) => plain(values.data_type()),
        _ => (T::Utf8, "VARCHAR".into()),
    }
}

fn flatten(array: &ArrayRef, to: &DataType) -> std::result::Result<ArrayRef, ArrowError> {
    use DataType as T;
    match array.data_type() {
        from if from == to => Ok(array.clone()),
        // The instant, not the wall clock of its zone.
        T::Timestamp(_, Some(zone)) => {
            let micros = cast(array, &T::Timestamp(TimeUnit::Microsecond, Some(zone.clone())))?;
            Ok(Arc::new(micros.as_primitive::<TimestampMicrosecondType>().clone().with_timezone_opt(None::<&str>)))
        }
        T::Dictionary(_, value) => flatten(&cast(array, value)?, to),
        T::RunEndEncoded(_, values) => flatten(&cast(array, values.data_type())?, to),
        T::Null => Ok(new_null_array(to, array.len())),
        T::List(_) | T::LargeList(_) | T::FixedSizeList(..) | T::Struct(_) | T::Map(..) => {
            let texts = (0..array.len()).map(|row| match json(array, row) {
                Value::Null => None,
                value => Some(value.to_string()),
            });
            Ok(Arc::new(texts.collect::<StringArray>()))
        }
        T::Binary | T::LargeBinary | T::FixedSizeBinary(_) | T::BinaryView => {
            let bytes = cast(array, &T::Binary)?;
            let hex = |b: &[u8]| b.iter().map(|b| format!("{b:02X}")).collect::<String>();
            Ok(Arc::new(bytes.as_binary::<i32>().iter().map(|b| b.map(hex)).collect::<StringArray>()))
        }
        _ => cast(array, to),
    }
}

/// One nested value as JSON.
fn json(array: &ArrayRef, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    let items = |list: ArrayRef| Value::Array((0..list.len()).map(|at| json(&list, at)).collect());
    match array.data_type() {
        DataType::List(_) => items(array.as_list::<i32>().value(row)),
        DataType::LargeList(_) => items(array.as_list::<i64>().value(row)),
        DataType::FixedSizeList(..) => items(array.as_fixed_size_list().value(row)),
        DataType::Map(..) => items(Arc::new(array.as_map().value(row))),
        DataType::Struct(fields) => {
            let columns = array.as_struct();
            let pairs = fields.iter().zip(columns.columns()).map(|(f, c)| (f.name().clone(), json(c, row)));
            Value::Object(pairs.collect::<Map<_, _>>())
        }
        _ => convert::cell(array, row, &Zone::Utc).to_json(),
    }
}
