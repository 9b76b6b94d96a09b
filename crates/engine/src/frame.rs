//! Rows to be counted with: from DuckDB's Arrow batches to columns of numbers, members and times,
//! without a cell in between.

use crate::clock;
use crate::convert;
use crate::engine::Engine;
use crate::fault;
use crate::segment::Segment;
use domain::frame::{MISSING_MEMBER, MISSING_TIME, Values};
use domain::{Cell, DataType, Field, Result};
use duckdb::arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray};
use duckdb::arrow::compute::cast;
use duckdb::arrow::datatypes::{DataType as Arrow, Date32Type, Float64Type, TimeUnit, TimestampMicrosecondType};
use semantic::Plan;
use std::collections::HashMap;
use std::sync::atomic::Ordering;

/// The most memory that the columns may take.
const MAX_BYTES: usize = 512 << 20;
const DAY: i64 = 86_400_000_000;

impl Engine {
    /// The columns of a plan for raw rows (`semantic::sample`). `key` as for [`Engine::query`].
    ///
    /// # Errors
    /// Reading fails, takes too long, or the columns would not fit into memory.
    pub async fn frame(&self, plan: &Plan, segments: &[Segment], key: &str) -> Result<Vec<Values>> {
        let is_elsewhere = segments.iter().any(|s| s.is_view() || s.place().is_some());
        if is_elsewhere {
            let (answer, _) = self.query(plan, segments, key, false).await?;
            let mut columns = Builder::each(&plan.columns);
            for (builder, cells) in columns.iter_mut().zip(&answer.table.data) {
                cells.iter().for_each(|cell| builder.cell(cell));
            }
            return Ok(columns.into_iter().map(Builder::finish).collect());
        }
        let (inner, plan, segments) = (self.0.clone(), plan.clone(), segments.to_vec());
        let pool = self.0.pool.clone();
        let run = pool.run(self.0.config.timeout, move |connection, stop| {
            let _lease = inner.attachments.lease(&segments)?;
            inner.executed.fetch_add(1, Ordering::Relaxed);
            let report = |e: &duckdb::Error| {
                let error = if stop.is_set() { fault::cancelled() } else { fault::question(e) };
                inner.name_damage(error, &segments)
            };
            let mut statement = connection.prepare(&plan.sql).map_err(|e| report(&e))?;
            // Only begins it: `step` says of an error what the iterator would panic about.
            _ = statement.stream_arrow([]).map_err(|e| report(&e))?;
            let mut columns = Builder::each(&plan.columns);
            let mut left = usize::try_from(plan.limit).unwrap_or(usize::MAX);
            while let Some(batch) = statement.step().map_err(|e| report(&e))? {
                if stop.is_set() {
                    return Err(fault::cancelled());
                }
                let take = batch.len().min(left);
                for (builder, array) in columns.iter_mut().zip(batch.columns()) {
                    builder.array(&array.slice(0, take))?;
                }
                if columns.iter().map(|c| c.bytes).sum::<usize>() > MAX_BYTES {
                    return Err(fault::too_large());
                }
                left -= take;
                if left == 0 {
                    break;
                }
            }
            Ok(columns.into_iter().map(Builder::finish).collect())
        });
        run.await
    }
}

/// A column on its way.
struct Builder {
    ty: DataType,
    values: Values,
    known: HashMap<String, u32>,
    bytes: usize,
}

impl Builder {
    fn each(columns: &[Field]) -> Vec<Self> {
        columns.iter().map(|field| Self::new(field.ty)).collect()
    }

    fn new(ty: DataType) -> Self {
        let values = match ty {
            DataType::Integer | DataType::Float | DataType::Decimal => Values::Number(Vec::new()),
            DataType::Date | DataType::Timestamp => Values::Time(Vec::new()),
            DataType::Boolean | DataType::Text | DataType::Time | DataType::Other => {
                Values::Member { codes: Vec::new(), members: Vec::new() }
            }
        };
        Self { ty, values, known: HashMap::new(), bytes: 0 }
    }

    fn finish(self) -> Values {
        self.values
    }

    fn array(&mut self, array: &ArrayRef) -> Result<()> {
        let as_type = |ty: &Arrow| cast(array, ty).map_err(|e| fault::internal("reading a column", &e));
        match &mut self.values {
            Values::Number(out) => {
                let array = as_type(&Arrow::Float64)?;
                let array: &PrimitiveArray<Float64Type> = array.as_primitive();
                self.bytes += 8 * array.len();
                out.extend(array.iter().map(|v| v.unwrap_or(f64::NAN)));
            }
            Values::Time(out) => {
                self.bytes += 8 * array.len();
                if matches!(array.data_type(), Arrow::Date32) {
                    let array: &PrimitiveArray<Date32Type> = array.as_primitive();
                    out.extend(array.iter().map(|v| v.map_or(MISSING_TIME, |days| i64::from(days) * DAY)));
                } else {
                    let array = as_type(&Arrow::Timestamp(TimeUnit::Microsecond, None))?;
                    let array: &PrimitiveArray<TimestampMicrosecondType> = array.as_primitive();
                    out.extend(array.iter().map(|v| v.unwrap_or(MISSING_TIME)));
                }
            }
            Values::Member { .. } if matches!(array.data_type(), Arrow::Utf8) => {
                for text in array.as_string::<i32>() {
                    self.member(text);
                }
            }
            Values::Member { .. } => {
                for row in 0..array.len() {
                    self.cell(&convert::cell(array, row, &clock::Zone::Utc));
                }
            }
        }
        Ok(())
    }

    fn cell(&mut self, cell: &Cell) {
        match &mut self.values {
            Values::Number(out) => out.push(cell.as_f64().unwrap_or(f64::NAN)),
            Values::Time(out) => {
                let read = |text: &str| match self.ty {
                    DataType::Date => clock::parse_date(text).map(|days| days * DAY),
                    _ => clock::parse_timestamp(text),
                };
                out.push(cell.as_str().and_then(read).unwrap_or(MISSING_TIME));
            }
            Values::Member { .. } => {
                let text = cell.to_text();
                self.member((!cell.is_null()).then_some(text.as_str()));
            }
        }
        self.bytes += 8;
    }

    fn member(&mut self, text: Option<&str>) {
        let Values::Member { codes, members } = &mut self.values else { return };
        let code = text.map(|text| match self.known.get(text) {
            Some(code) => *code,
            None => {
                let code = u32::try_from(members.len()).unwrap_or(MISSING_MEMBER);
                self.bytes += 2 * text.len() + 96;
                members.push(text.to_owned());
                self.known.insert(text.to_owned(), code);
                code
            }
        });
        self.bytes += 4;
        codes.push(code.unwrap_or(MISSING_MEMBER));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(ty: DataType, cells: &[Cell]) -> Values {
        let mut builder = Builder::new(ty);
        cells.iter().for_each(|cell| builder.cell(cell));
        builder.finish()
    }

    #[test]
    fn cells_become_numbers_members_and_times() {
        let Values::Number(numbers) = built(DataType::Decimal, &[Cell::from("1.50"), Cell::Null, Cell::Int(2)]) else {
            panic!("numbers");
        };
        assert_eq!(numbers[0], 1.5);
        assert!(numbers[1].is_nan());
        let members = built(DataType::Text, &[Cell::from("b"), Cell::Null, Cell::from("a"), Cell::from("b")]);
        let expected = Values::Member { codes: vec![0, MISSING_MEMBER, 1, 0], members: vec!["b".into(), "a".into()] };
        assert_eq!(members, expected);
        let times = built(DataType::Date, &[Cell::from("1970-01-02"), Cell::Null]);
        assert_eq!(times, Values::Time(vec![DAY, MISSING_TIME]));
        let times = built(DataType::Timestamp, &[Cell::from("1970-01-01T00:00:01Z")]);
        assert_eq!(times, Values::Time(vec![1_000_000]));
    }
}
