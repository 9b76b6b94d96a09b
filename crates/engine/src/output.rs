//! A table as CSV and as an Arrow IPC stream.

use crate::{clock, fault};
use arrow::array::{ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, StringArray};
use arrow::array::{Time64MicrosecondArray, TimestampMicrosecondArray};
use arrow::datatypes::{Field as ArrowField, Schema};
use arrow::ipc::writer::StreamWriter;
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use domain::{Cell, DataType, Result, Table};
use std::sync::Arc;

/// RFC 4180 with a header of output names. A text that a spreadsheet would run as a formula gets
/// a leading apostrophe.
pub fn csv(table: &Table) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + table.row_count() * table.columns.len() * 10);
    for (at, column) in table.columns.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        text_field(&mut out, &column.name);
    }
    out.extend_from_slice(b"\r\n");
    for row in 0..table.row_count() {
        for (at, (column, values)) in table.columns.iter().zip(&table.data).enumerate() {
            if at > 0 {
                out.push(b',');
            }
            match &values[row] {
                Cell::Text(text) if matches!(column.ty, DataType::Text | DataType::Other) => {
                    text_field(&mut out, text);
                }
                // Dates and long numbers are ours: nothing in them needs quotes.
                Cell::Text(text) => out.extend_from_slice(text.as_bytes()),
                other => out.extend_from_slice(other.to_text().as_bytes()),
            }
        }
        out.extend_from_slice(b"\r\n");
    }
    out
}

fn text_field(out: &mut Vec<u8>, text: &str) {
    let defuse = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quote = text.contains(['"', ',', '\n', '\r']) || text.is_empty();
    if !quote {
        if defuse {
            out.push(b'\'');
        }
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    if defuse {
        out.push(b'\'');
    }
    out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}

/// One batch; each column has the narrowest type of its field that holds all its cells.
pub(crate) fn arrow(table: &Table) -> Result<Vec<u8>> {
    let columns: Vec<ArrayRef> = table.columns.iter().zip(&table.data).map(|(f, c)| array(f.ty, c)).collect();
    let fields: Vec<ArrowField> = table
        .columns
        .iter()
        .zip(&columns)
        .map(|(field, array)| ArrowField::new(&field.name, array.data_type().clone(), true))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let options = RecordBatchOptions::new().with_row_count(Some(table.row_count()));
    let report = |e: arrow::error::ArrowError| fault::internal("writing Arrow", &e);
    let batch = RecordBatch::try_new_with_options(schema.clone(), columns, &options).map_err(report)?;
    let mut writer = StreamWriter::try_new(Vec::new(), &schema).map_err(report)?;
    writer.write(&batch).map_err(report)?;
    writer.into_inner().map_err(report)
}

fn array(ty: DataType, cells: &[Cell]) -> ArrayRef {
    let typed: Option<ArrayRef> = match ty {
        DataType::Boolean => all(cells, |c| match c {
            Cell::Bool(b) => Some(*b),
            _ => None,
        })
        .map(|v| Arc::new(BooleanArray::from(v)) as ArrayRef),
        DataType::Integer => all(cells, |c| match c {
            Cell::Int(i) => Some(*i),
            Cell::Text(t) => t.parse().ok(),
            _ => None,
        })
        .map(|v| Arc::new(Int64Array::from(v)) as ArrayRef),
        DataType::Float | DataType::Decimal => all(cells, |c| match c {
            Cell::Float(f) => Some(*f),
            Cell::Int(i) => Some(*i as f64),
            _ => None,
        })
        .map(|v| Arc::new(Float64Array::from(v)) as ArrayRef),
        DataType::Date => all(cells, |c| clock::parse_date(c.as_str()?).and_then(|d| i32::try_from(d).ok()))
            .map(|v| Arc::new(Date32Array::from(v)) as ArrayRef),
        DataType::Time => all(cells, |c| clock::parse_time(c.as_str()?))
            .map(|v| Arc::new(Time64MicrosecondArray::from(v)) as ArrayRef),
        DataType::Timestamp => all(cells, |c| clock::parse_timestamp(c.as_str()?))
            .map(|v| Arc::new(TimestampMicrosecondArray::from(v).with_timezone("UTC")) as ArrayRef),
        DataType::Text | DataType::Other => None,
    };
    typed.unwrap_or_else(|| {
        let texts = cells.iter().map(|c| (!c.is_null()).then(|| c.to_text()));
        Arc::new(texts.collect::<StringArray>())
    })
}

/// Each cell as `read` sees it; none if one of them is something else.
fn all<T>(cells: &[Cell], read: impl Fn(&Cell) -> Option<T>) -> Option<Vec<Option<T>>> {
    cells.iter().map(|cell| if cell.is_null() { Some(None) } else { read(cell).map(Some) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::ipc::reader::StreamReader;
    use domain::{Field, Role};

    fn table(columns: Vec<(&str, DataType, Vec<Cell>)>) -> Table {
        let field = |name: &str, ty| Field {
            name: name.into(),
            label: name.into(),
            ty,
            role: Role::Dimension,
            format: None,
            grain: None,
        };
        let (columns, data) = columns.into_iter().map(|(n, t, c)| (field(n, t), c)).unzip();
        Table { columns, data, truncated: false }
    }

    #[test]
    fn formulas_are_defused_and_numbers_are_not() {
        let table = table(vec![
            (
                "=cmd",
                DataType::Text,
                vec![Cell::from("=1+1"), Cell::from("@x,\"y\""), Cell::from("a\r\nb"), Cell::Null],
            ),
            ("n", DataType::Float, vec![Cell::Float(-1.5), Cell::Int(3), Cell::Null, Cell::from("-90071992547409.91")]),
        ]);
        let text = String::from_utf8(csv(&table)).unwrap();
        assert_eq!(text, "'=cmd,n\r\n'=1+1,-1.5\r\n\"'@x,\"\"y\"\"\",3\r\n\"a\r\nb\",\r\n,-90071992547409.91\r\n");
    }

    #[test]
    fn arrow_reads_back_with_its_types() {
        let table = table(vec![
            ("i", DataType::Integer, vec![Cell::Int(1), Cell::from("9007199254740993")]),
            ("f", DataType::Decimal, vec![Cell::Float(1.5), Cell::from("100000000000000000.25")]),
            ("d", DataType::Date, vec![Cell::from("2024-02-29"), Cell::Null]),
            ("t", DataType::Timestamp, vec![Cell::from("2024-02-29T10:00:00+01:00"), Cell::Null]),
        ]);
        let bytes = arrow(&table).unwrap();
        let batches: Vec<RecordBatch> = StreamReader::try_new(&bytes[..], None).unwrap().map(|b| b.unwrap()).collect();
        let types: Vec<String> = batches[0].schema().fields().iter().map(|f| f.data_type().to_string()).collect();
        assert_eq!(types, ["Int64", "Utf8", "Date32", "Timestamp(µs, \"UTC\")"]);
        assert_eq!(batches[0].num_rows(), 2);
    }
}
