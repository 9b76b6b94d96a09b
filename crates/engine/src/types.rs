//! DuckDB's types and ours.

use domain::DataType;

/// Our type of a DuckDB type, as `DESCRIBE` writes it.
pub(crate) fn of_duck(name: &str) -> DataType {
    let head = name.split('(').next().unwrap_or(name).trim();
    if name.ends_with(']') {
        return DataType::Other;
    }
    match head {
        "BOOLEAN" => DataType::Boolean,
        "TINYINT" | "SMALLINT" | "INTEGER" | "BIGINT" | "UTINYINT" | "USMALLINT" | "UINTEGER" | "UBIGINT"
        | "HUGEINT" | "UHUGEINT" => DataType::Integer,
        "FLOAT" | "DOUBLE" => DataType::Float,
        "DECIMAL" => DataType::Decimal,
        "VARCHAR" | "ENUM" | "UUID" => DataType::Text,
        "DATE" => DataType::Date,
        "TIME" | "TIME_NS" => DataType::Time,
        "TIMESTAMP" | "TIMESTAMP_S" | "TIMESTAMP_MS" | "TIMESTAMP_NS" | "TIMESTAMP WITH TIME ZONE" => {
            DataType::Timestamp
        }
        _ => DataType::Other,
    }
}

/// The DuckDB type that holds a value of ours when nothing narrower is known.
pub(crate) fn to_duck(ty: DataType) -> &'static str {
    match ty {
        DataType::Boolean => "BOOLEAN",
        DataType::Integer => "BIGINT",
        DataType::Float => "DOUBLE",
        DataType::Decimal => "DECIMAL(38,10)",
        DataType::Text | DataType::Other => "VARCHAR",
        DataType::Date => "DATE",
        DataType::Time => "TIME",
        DataType::Timestamp => "TIMESTAMP",
    }
}

/// What a person calls a value of that type, for sentences such as "... is not a date".
pub(crate) fn noun(ty: DataType) -> &'static str {
    match ty {
        DataType::Boolean => "true or false",
        DataType::Integer => "a whole number",
        DataType::Float | DataType::Decimal => "a number",
        DataType::Text | DataType::Other => "text",
        DataType::Date => "a date",
        DataType::Time => "a time",
        DataType::Timestamp => "a date and time",
    }
}

/// How a column of a source is stored: an expression over `column` (already quoted) and its type.
/// Nested and exotic values become text; nothing loses precision without need.
pub(crate) fn stored(column: &str, duck: &str) -> (String, String) {
    let cast = |to: &str| (format!("CAST({column} AS {to})"), to.to_owned());
    if duck.ends_with(']') {
        return (format!("CAST(to_json({column}) AS VARCHAR)"), "VARCHAR".into());
    }
    let head = duck.split('(').next().unwrap_or(duck).trim();
    match head {
        "BOOLEAN" | "TINYINT" | "SMALLINT" | "INTEGER" | "BIGINT" | "UTINYINT" | "USMALLINT" | "UINTEGER"
        | "UBIGINT" | "FLOAT" | "DOUBLE" | "DECIMAL" | "VARCHAR" | "DATE" | "TIME" | "TIMESTAMP" => {
            (column.to_owned(), duck.to_owned())
        }
        "STRUCT" | "MAP" | "UNION" => (format!("CAST(to_json({column}) AS VARCHAR)"), "VARCHAR".into()),
        "TIMESTAMP WITH TIME ZONE" => (format!("({column} AT TIME ZONE 'UTC')"), "TIMESTAMP".into()),
        "TIMESTAMP_S" | "TIMESTAMP_MS" | "TIMESTAMP_NS" => cast("TIMESTAMP"),
        "TIME_NS" => cast("TIME"),
        "BLOB" => (format!("CASE WHEN {column} IS NULL THEN NULL ELSE hex({column}) END"), "VARCHAR".into()),
        // HUGEINT and UHUGEINT come with their range: see `load::wide_integers`.
        "HUGEINT" | "UHUGEINT" => (format!("CAST({column} AS VARCHAR)"), "VARCHAR".into()),
        _ => cast("VARCHAR"),
    }
}

/// How a column of a user's SELECT is shown, so that it has a type that questions know: an expression
/// over `column` (already quoted). Whole numbers keep their width, sums of integers are HUGEINT.
pub(crate) fn shown(column: &str, duck: &str) -> String {
    match duck.split('(').next().unwrap_or(duck).trim() {
        "HUGEINT" | "UHUGEINT" => column.to_owned(),
        _ => stored(column, duck).0,
    }
}

/// Our type of a column as a worker sends it.
pub(crate) fn of_arrow(ty: &duckdb::arrow::datatypes::DataType) -> DataType {
    use duckdb::arrow::datatypes::DataType as T;
    match ty {
        T::Boolean => DataType::Boolean,
        T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::UInt8 | T::UInt16 | T::UInt32 | T::UInt64 => DataType::Integer,
        T::Decimal128(_, 0) => DataType::Integer,
        T::Decimal128(..) => DataType::Decimal,
        T::Float16 | T::Float32 | T::Float64 => DataType::Float,
        T::Utf8 | T::LargeUtf8 | T::Utf8View => DataType::Text,
        T::Date32 | T::Date64 => DataType::Date,
        T::Time32(_) | T::Time64(_) => DataType::Time,
        T::Timestamp(..) => DataType::Timestamp,
        _ => DataType::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_has_a_duckdb_type_that_reads_back() {
        for ty in DataType::CHOICES {
            assert_eq!(of_duck(to_duck(*ty)), *ty);
        }
    }

    #[test]
    fn nested_types_are_other_and_stored_as_text() {
        for duck in ["INTEGER[]", "STRUCT(a INTEGER)", "MAP(VARCHAR, INTEGER)", "INTEGER[3]", "STRUCT(a INTEGER)[]"] {
            assert_eq!(of_duck(duck), DataType::Other, "{duck}");
            assert_eq!(stored("c", duck).1, "VARCHAR");
        }
        assert_eq!(of_duck("DECIMAL(18,2)"), DataType::Decimal);
        assert_eq!(of_duck("TIMESTAMP WITH TIME ZONE"), DataType::Timestamp);
    }
}
