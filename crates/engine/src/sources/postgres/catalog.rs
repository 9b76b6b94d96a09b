//! Which tables there are, and what types their columns have.

use super::super::{Found, column};
use super::Failed;
use domain::DataType;
use semantic::{Dialect, Table};
use tokio_postgres::{Client, Row};

/// The server's version as a number and as text.
pub(super) async fn version(client: &Client) -> Result<(i32, String), Failed> {
    let row = client.query_one(semantic::session::VERSION, &[]).await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// A column of a table.
pub(super) struct Read {
    schema: String,
    table: String,
    rows: f64,
    name: String,
    ty: String,
    kind: String,
    about: String,
}

pub(super) async fn columns(client: &Client) -> Result<Vec<Read>, Failed> {
    let read = |row: &Row| -> Result<Read, tokio_postgres::Error> {
        Ok(Read {
            schema: row.try_get(0)?,
            table: row.try_get(1)?,
            rows: row.try_get(2)?,
            name: row.try_get(3)?,
            ty: row.try_get(4)?,
            kind: row.try_get(5)?,
            about: row.try_get(6)?,
        })
    };
    let rows = client.query(semantic::session::COLUMNS, &[]).await?;
    Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
}

/// The columns gathered by table.
pub(super) fn tables(columns: Vec<Read>, source: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for read in columns {
        let path = vec![read.schema.clone(), read.table.clone()];
        if found.last().is_none_or(|last| last.table.path != path) {
            let (source, dialect) = (source.to_owned(), Dialect::Postgres);
            found.push(Found {
                name: format!("{}.{}", read.schema, read.table),
                // Below zero: nobody has counted yet.
                rows: (read.rows >= 0.0).then_some(read.rows as u64),
                columns: Vec::new(),
                table: Table { source, dialect, path, read_as: Vec::new() },
            });
        }
        let Some(last) = found.last_mut() else { continue };
        let (ty, is_plain) = data_type(&read.ty, &read.kind);
        if !is_plain {
            last.table.read_as.push((read.name.clone(), ty));
        }
        let about: String = read.about.chars().take(1_000).collect();
        last.columns.push(column(&read.name, ty, &about));
    }
    found
}

/// Our type of a type, and whether questions know it as it is.
fn data_type(name: &str, kind: &str) -> (DataType, bool) {
    if kind == "e" {
        return (DataType::Text, false);
    }
    match name {
        "bool" => (DataType::Boolean, true),
        "int2" | "int4" | "int8" => (DataType::Integer, true),
        "float4" | "float8" => (DataType::Float, true),
        "numeric" => (DataType::Decimal, true),
        "money" => (DataType::Decimal, false),
        "text" | "varchar" => (DataType::Text, true),
        "bpchar" | "char" | "name" | "citext" | "uuid" => (DataType::Text, false),
        "date" => (DataType::Date, true),
        "time" => (DataType::Time, true),
        "timetz" => (DataType::Time, false),
        "timestamp" | "timestamptz" => (DataType::Timestamp, true),
        _ => (DataType::Other, false),
    }
}
