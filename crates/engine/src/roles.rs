//! A first guess at what a column is for: a person can change it later.

use crate::fault;
use domain::format::{Format, Style};
use domain::{DataType, Result, Role};
use duckdb::Connection;
use semantic::sql::ident;

/// Rows that are looked at.
const LOOK: u64 = 100_000;
/// An integer with at most so many different values is rather a category than an amount.
const FEW: u64 = 12;

/// What is known about the values of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Facts {
    pub rows: u64,
    /// About how many different values.
    pub distinct: u64,
    pub min: Option<f64>,
    pub max: Option<f64>,
}

/// Looks at the first rows of a table, numbers only: for others the type decides.
pub(crate) fn facts(db: &Connection, table: &str, columns: &[(String, DataType)]) -> Result<Vec<Facts>> {
    let mut items = vec!["count(*)".to_owned()];
    for (name, _) in columns.iter().filter(|(_, ty)| ty.is_number()) {
        let column = ident(name);
        items.push(format!("approx_count_distinct({column})"));
        items.push(format!("min(CAST({column} AS DOUBLE))"));
        items.push(format!("max(CAST({column} AS DOUBLE))"));
    }
    let sql = format!("SELECT {} FROM (SELECT * FROM {table} LIMIT {LOOK})", items.join(", "));
    let read = |row: &duckdb::Row<'_>| -> duckdb::Result<Vec<Facts>> {
        let rows: u64 = row.get(0)?;
        let mut at = 1;
        let mut out = Vec::with_capacity(columns.len());
        for (_, ty) in columns {
            let mut facts = Facts { rows, ..Facts::default() };
            if ty.is_number() {
                facts.distinct = row.get::<_, i64>(at)?.unsigned_abs();
                (facts.min, facts.max) = (row.get(at + 1)?, row.get(at + 2)?);
                at += 3;
            }
            out.push(facts);
        }
        Ok(out)
    };
    db.query_row(&sql, [], read).map_err(|e| fault::writing(&e))
}

/// The words of a name, lower case: `unitPrice` and `unit_price` are both `unit`, `price`.
fn words(name: &str) -> Vec<String> {
    let mut out: Vec<String> = vec![String::new()];
    let mut lower_before = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && lower_before) {
            out.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = out.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        lower_before = c.is_lowercase() || c.is_ascii_digit();
    }
    out.retain(|word| !word.is_empty());
    out
}

const KEYS: &[&str] = &[
    "id",
    "ids",
    "key",
    "uuid",
    "guid",
    "code",
    "zip",
    "zipcode",
    "postcode",
    "plz",
    "postal",
    "year",
    "month",
    "day",
    "week",
    "quarter",
    "hour",
    "minute",
    "weekday",
    "number",
    "no",
    "nr",
    "num",
    "phone",
    "sku",
    "ean",
    "isbn",
    "index",
    "row",
    "line",
    "flight",
    "lat",
    "lon",
    "lng",
    "latitude",
    "longitude",
    "version",
    "year_built",
];
const AMOUNTS: &[&str] = &[
    "count", "qty", "quantity", "amount", "total", "sum", "units", "sales", "revenue", "price", "cost", "profit",
    "value", "score", "points", "stock", "volume", "balance", "paid", "duration", "distance", "weight", "height",
    "size", "capacity", "visits", "clicks", "views", "orders", "hours", "minutes", "seconds", "days", "age", "delay",
    "hand", "level", "engines", "seats",
];
const PERCENTS: &[&str] = &["pct", "percent", "percentage", "rate", "ratio", "share"];

/// The role and the format of a column.
pub fn guess(name: &str, ty: DataType, facts: &Facts) -> (Role, Option<Format>) {
    if ty.is_time() {
        return (Role::Time, None);
    }
    if !ty.is_number() {
        return (Role::Dimension, None);
    }
    let words = words(name);
    let last = words.last().map_or("", String::as_str);
    let is_key = KEYS.contains(&last)
        || (words.len() == 1 && last.len() > 3 && last.ends_with("id") && !AMOUNTS.contains(&last));
    let is_amount = words.iter().any(|w| AMOUNTS.contains(&w.as_str())) || PERCENTS.contains(&last);
    if is_key && !(is_amount && last != "id") {
        return (Role::Dimension, None);
    }
    // 1730 for half past five: an hour of the day, and nothing to add up.
    let is_clock = last == "time" && facts.max.is_some_and(|m| (2200.0..=2400.0).contains(&m));
    if ty == DataType::Integer && is_clock && facts.min.is_some_and(|m| m >= 0.0) && facts.distinct <= 1_440 {
        return (Role::Dimension, None);
    }
    if ty == DataType::Integer && !is_amount {
        let unique = facts.rows >= 20 && facts.distinct as f64 >= facts.rows as f64 * 0.9;
        let few = facts.distinct <= FEW && facts.rows > facts.distinct * 2;
        if few || (unique && is_dense(facts)) {
            return (Role::Dimension, None);
        }
    }
    let within = facts.min.is_some_and(|m| m >= 0.0) && facts.max.is_some_and(|m| m <= 1.0);
    let percent = PERCENTS.contains(&last) && within && facts.distinct > 0;
    (Role::Measure, percent.then(|| Format { style: Style::Percent, ..Format::default() }))
}

/// Whether whole numbers run without large gaps, as counted ones do.
fn is_dense(facts: &Facts) -> bool {
    match (facts.min, facts.max) {
        (Some(min), Some(max)) => max - min <= facts.rows as f64 * 4.0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(rows: u64, distinct: u64, min: f64, max: f64) -> Facts {
        Facts { rows, distinct, min: Some(min), max: Some(max) }
    }

    fn role(name: &str, ty: DataType, facts: Facts) -> Role {
        guess(name, ty, &facts).0
    }

    #[test]
    fn types_decide_first() {
        let none = Facts::default();
        assert_eq!(role("anything", DataType::Date, none), Role::Time);
        assert_eq!(role("anything", DataType::Timestamp, none), Role::Time);
        assert_eq!(role("amount", DataType::Text, none), Role::Dimension);
        assert_eq!(role("amount", DataType::Boolean, none), Role::Dimension);
        assert_eq!(role("opens", DataType::Time, none), Role::Dimension);
    }

    #[test]
    fn keys_are_dimensions_and_amounts_are_measures() {
        let many = facts(10_000, 5_000, 1.0, 1_000_000.0);
        for name in ["id", "customer_id", "customerId", "zip", "order_no", "year", "Order Number", "userid", "hour"] {
            assert_eq!(role(name, DataType::Integer, many), Role::Dimension, "{name}");
        }
        for name in ["quantity", "amount", "unit_price", "dep_delay", "population", "paid", "Umsatz"] {
            assert_eq!(role(name, DataType::Integer, many), Role::Measure, "{name}");
        }
    }

    #[test]
    fn hours_written_as_numbers_are_no_measures() {
        let clock = facts(100_000, 1_318, 1.0, 2_400.0);
        assert_eq!(role("dep_time", DataType::Integer, clock), Role::Dimension);
        assert_eq!(role("air_time", DataType::Integer, facts(100_000, 500, 20.0, 695.0)), Role::Measure);
        assert_eq!(role("flight", DataType::Integer, facts(100_000, 3_844, 1.0, 8_500.0)), Role::Dimension);
    }

    #[test]
    fn few_values_are_a_category_unless_the_name_counts() {
        let few = facts(300, 5, 1.0, 5.0);
        assert_eq!(role("status", DataType::Integer, few), Role::Dimension);
        assert_eq!(role("quantity", DataType::Integer, few), Role::Measure);
        assert_eq!(role("temperature", DataType::Float, few), Role::Measure);
        assert_eq!(role("status", DataType::Integer, facts(3, 3, 1.0, 3.0)), Role::Measure, "too few rows to tell");
        assert_eq!(role("serial", DataType::Integer, facts(1_000, 1_000, 1.0, 1_000.0)), Role::Dimension);
    }

    #[test]
    fn shares_between_zero_and_one_are_percentages() {
        let share = facts(100, 80, 0.0, 0.9);
        let (role, format) = guess("conversion_rate", DataType::Float, &share);
        assert_eq!((role, format.unwrap().style), (Role::Measure, Style::Percent));
        assert_eq!(guess("interest_rate", DataType::Float, &facts(100, 80, 0.0, 12.5)).1, None);
        assert_eq!(guess("unit_price", DataType::Float, &share).1, None);
    }
}
