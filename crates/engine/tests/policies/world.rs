//! Tables, rules, and what is left of the one under the other, worked out here and not by SQL.

use crate::dice::Dice;
use domain::query::{Condition, Filter, Op};
use domain::{Column, DataType, Role};
use duckdb::Connection;
use semantic::{Dataset, Mask, Parts, Policy, Salt, Source};
use serde_json::{Value, json};

const SALT: &str = "the salt of a test";
const EPOCH: jiff::civil::Date = jiff::civil::date(1970, 1, 1);

pub type Row = Vec<Value>;

pub struct Sheet {
    pub name: &'static str,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    pub policy: Policy,
    /// What is left: without the hidden columns.
    pub plain_columns: Vec<Column>,
}

impl Sheet {
    pub fn part(&self, is_plain: bool) -> String {
        if is_plain { format!("plain_{}", self.name) } else { format!("raw_{}", self.name) }
    }

    fn new(name: &'static str, columns: &[(&str, DataType)], rows: Vec<Row>) -> Self {
        let columns = columns.iter().map(|(name, ty)| Column {
            name: (*name).into(),
            label: (*name).into(),
            ty: *ty,
            role: Role::Dimension,
            description: String::new(),
            format: None,
            is_calculated: false,
        });
        Self { name, columns: columns.collect(), rows, policy: Policy::OPEN, plain_columns: Vec::new() }
    }

    pub fn named(&self, name: &str) -> Option<&Column> {
        self.plain_columns.iter().find(|c| c.name == name)
    }
}

pub struct Hall {
    pub db: Connection,
    pub sheets: Vec<Sheet>,
}

impl Hall {
    pub fn build(dice: &mut Dice) -> Self {
        let mut seeds: Vec<Policy> = Vec::new();
        let mut sheets = sheets(dice);
        for sheet in &sheets {
            seeds.push(policy(dice, sheet));
        }
        sheets.iter_mut().zip(seeds).for_each(|(sheet, policy)| sheet.policy = policy);
        Self::prepared(sheets)
    }

    /// One whose first sheet has rules of one's own.
    pub fn of(dice: &mut Dice, rules: impl FnOnce(&mut Sheet)) -> Self {
        let mut sheets = sheets(dice);
        rules(&mut sheets[0]);
        Self::prepared(sheets)
    }

    fn prepared(mut sheets: Vec<Sheet>) -> Self {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch("SET threads = 1; ATTACH ':memory:' AS seen; ATTACH ':memory:' AS plain;").unwrap();
        for sheet in &mut sheets {
            let policy = sheet.policy.clone();
            sheet.plain_columns = sheet.columns.iter().filter(|c| !policy.hides(&c.name)).cloned().collect();
            let left = sheet.rows.iter().filter(|row| policy.rows.iter().all(|rule| passes(rule, sheet, row)));
            let left: Vec<Row> = left.map(|row| masked(&db, sheet, row)).collect();
            fill(&db, &sheet.part(false), &sheet.columns, &sheet.rows);
            fill(&db, &sheet.part(true), &sheet.plain_columns, &left);
            let sql = view(sheet);
            let of = format!("{}.main.{}", "seen", sheet.name);
            db.execute_batch(&format!("CREATE VIEW {of} AS {sql}")).unwrap();
            let from = format!("plain.main.{} AS FROM \"{}\".main.data", sheet.name, sheet.part(true));
            db.execute_batch(&format!("CREATE VIEW {from}")).unwrap();
        }
        Self { db, sheets }
    }

    pub fn policies(&self) -> Vec<&Policy> {
        self.sheets.iter().map(|s| &s.policy).collect()
    }

    pub fn views(&self) -> String {
        self.sheets.iter().map(view).collect::<Vec<_>>().join("\n")
    }
}

/// What readers of a dataset find in SQL.
fn view(sheet: &Sheet) -> String {
    let parts = [sheet.part(false)];
    let source = Source { name: sheet.name, columns: &sheet.columns, parts: Parts::Segments(&parts) };
    let dataset = Dataset { policy: &sheet.policy, ..Dataset::from(source) };
    semantic::view::readable_sql(&dataset, jiff::Timestamp::UNIX_EPOCH).unwrap()
}

fn kind(ty: DataType) -> &'static str {
    match ty {
        DataType::Integer => "BIGINT",
        DataType::Float => "DOUBLE",
        DataType::Boolean => "BOOLEAN",
        DataType::Date => "DATE",
        _ => "VARCHAR",
    }
}

fn fill(db: &Connection, part: &str, columns: &[Column], rows: &[Row]) {
    let list: Vec<String> = columns.iter().map(|c| format!("\"{}\" {}", c.name, kind(c.ty))).collect();
    let list = if list.is_empty() { "one INTEGER".to_owned() } else { list.join(", ") };
    db.execute_batch(&format!("ATTACH ':memory:' AS \"{part}\"; CREATE TABLE \"{part}\".main.data ({list})")).unwrap();
    let cell = |(value, column): (&Value, &Column)| match value {
        Value::Null => "NULL".to_owned(),
        Value::String(text) => format!("CAST('{}' AS {})", text.replace('\'', "''"), kind(column.ty)),
        other => format!("CAST({other} AS {})", kind(column.ty)),
    };
    for row in rows {
        let values: Vec<String> = row.iter().zip(columns).map(cell).collect();
        let values = if values.is_empty() { "1".to_owned() } else { values.join(", ") };
        db.execute_batch(&format!("INSERT INTO \"{part}\".main.data VALUES ({values})")).unwrap();
    }
}

pub const REGIONS: [&str; 5] = ["North", "South", "East", "north", "5"];

fn sheets(dice: &mut Dice) -> Vec<Sheet> {
    let sales = (0..20 + dice.below(20)).map(|i| {
        let null = |dice: &mut Dice, value: Value| if dice.rarely(8) { Value::Null } else { value };
        let region = Value::from(*dice.one(&REGIONS));
        let card = format!("{}{:04}", dice.one(&["4711-0000-", "12", "", "9"]), dice.below(10_000));
        let amount = dice.below(60_000) as i64 - 20_000;
        let price = dice.below(400) as f64 * 0.25 - 20.0;
        let day = format!("2024-{:02}-{:02}", 1 + dice.below(4), 1 + dice.below(28));
        vec![
            json!(i),
            null(dice, region),
            null(dice, card.into()),
            null(dice, amount.into()),
            null(dice, price.into()),
            null(dice, day.into()),
            {
                let paid = dice.rarely(2);
                null(dice, paid.into())
            },
        ]
    });
    let sales: Vec<Row> = sales.collect();
    let regions = REGIONS.iter().map(|r| vec![json!(r), json!(format!("about {r}")), json!(dice.below(3))]).collect();
    use DataType::{Boolean, Date, Float, Integer, Text};
    vec![
        Sheet::new(
            "sales",
            &[
                ("id", Integer),
                ("region", Text),
                ("card", Text),
                ("amount", Integer),
                ("price", Float),
                ("day", Date),
                ("paid", Boolean),
            ],
            sales,
        ),
        Sheet::new("regions", &[("region", Text), ("note", Text), ("tier", Integer)], regions),
    ]
}

fn policy(dice: &mut Dice, sheet: &Sheet) -> Policy {
    let mut policy = Policy::OPEN;
    if !dice.rarely(4) {
        // Several that are for a person add up.
        let any = (0..dice.below(3)).map(|_| condition(dice, &sheet.columns, 2)).collect();
        policy.rows.push(Filter::Or(any));
    }
    for column in &sheet.columns {
        match dice.below(14) {
            0 => policy.hidden.push(column.name.clone()),
            1 => _ = policy.masked.insert(column.name.clone(), Mask::Redact),
            2 => _ = policy.masked.insert(column.name.clone(), Mask::Hash(Salt(SALT.into()))),
            3 => _ = policy.masked.insert(column.name.clone(), Mask::Last4),
            4 => _ = policy.masked.insert(column.name.clone(), Mask::Bucket(*dice.one(&[1.0, 7.0, 1000.0, 2.5]))),
            _ => {}
        }
    }
    policy
}

/// A value that a column may have.
pub fn value(dice: &mut Dice, ty: DataType) -> Value {
    match ty {
        DataType::Integer => json!(dice.below(40_000) as i64 - 10_000),
        DataType::Float => json!(dice.below(400) as f64 * 0.25 - 20.0),
        DataType::Boolean => json!(dice.rarely(2)),
        DataType::Date => json!(format!("2024-{:02}-{:02}", 1 + dice.below(4), 1 + dice.below(28))),
        _ => json!(*dice.one(&["North", "South", "East", "north", "5", "***", "4711-0000-0001", ""])),
    }
}

/// A random condition on these columns.
pub fn condition(dice: &mut Dice, columns: &[Column], depth: usize) -> Filter {
    if depth > 0 && dice.rarely(3) {
        let list = (0..1 + dice.below(3)).map(|_| condition(dice, columns, depth - 1)).collect();
        return if dice.rarely(2) { Filter::And(list) } else { Filter::Or(list) };
    }
    let column = dice.one(columns);
    let ops: &[Op] = match column.ty {
        DataType::Boolean => &[Op::Eq, Op::IsTrue, Op::IsFalse, Op::IsNull],
        DataType::Text => &[Op::Eq, Op::Ne, Op::In, Op::NotIn, Op::IsNull, Op::IsNotNull, Op::Contains, Op::StartsWith],
        _ => &[Op::Eq, Op::Ne, Op::Gt, Op::Gte, Op::Lt, Op::Lte, Op::Between, Op::IsNull, Op::IsNotNull],
    };
    let op = *dice.one(ops);
    let value = match op {
        Op::In | Op::NotIn => Value::Array((0..1 + dice.below(3)).map(|_| value(dice, column.ty)).collect()),
        Op::Between => {
            let (a, b) = (value(dice, column.ty), value(dice, column.ty));
            if compare(&a, &b).is_gt() { json!([b, a]) } else { json!([a, b]) }
        }
        Op::IsNull | Op::IsNotNull | Op::IsTrue | Op::IsFalse => Value::Null,
        Op::Contains | Op::StartsWith => json!(*dice.one(&["o", "47", "N", "*"])),
        _ => value(dice, column.ty),
    };
    Filter::is(&column.name, op, value)
}

fn compare(a: &Value, b: &Value) -> std::cmp::Ordering {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => match (a.as_bool(), b.as_bool()) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => a.as_str().cmp(&b.as_str()),
        },
    }
}

/// Whether a row passes a rule, which sees it without masks.
fn passes(filter: &Filter, sheet: &Sheet, row: &Row) -> bool {
    match filter {
        Filter::And(all) => all.iter().all(|f| passes(f, sheet, row)),
        Filter::Or(any) => any.iter().any(|f| passes(f, sheet, row)),
        Filter::Is(test) => {
            let at = sheet.columns.iter().position(|c| c.name == test.column).unwrap();
            holds(test, &row[at])
        }
    }
}

fn holds(test: &Condition, cell: &Value) -> bool {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let list = || test.value.as_array().cloned().unwrap_or_default();
    let is = |wanted: &[std::cmp::Ordering]| !cell.is_null() && wanted.contains(&compare(cell, &test.value));
    let text = || cell.as_str().map(str::to_lowercase);
    let wanted = || test.value.as_str().unwrap_or_default().to_lowercase();
    match test.op {
        Op::Eq => is(&[Equal]),
        Op::Ne => !is(&[Equal]),
        Op::Gt => is(&[Greater]),
        Op::Gte => is(&[Greater, Equal]),
        Op::Lt => is(&[Less]),
        Op::Lte => is(&[Less, Equal]),
        Op::In => list().iter().any(|v| !cell.is_null() && compare(cell, v).is_eq()),
        Op::NotIn => !list().iter().any(|v| !cell.is_null() && compare(cell, v).is_eq()),
        Op::Between => !cell.is_null() && compare(cell, &list()[0]).is_ge() && compare(cell, &list()[1]).is_le(),
        Op::IsNull => cell.is_null(),
        Op::IsNotNull => !cell.is_null(),
        Op::IsTrue => cell.as_bool() == Some(true),
        Op::IsFalse => cell.as_bool() == Some(false),
        Op::Contains => text().is_some_and(|t| t.contains(&wanted())),
        Op::StartsWith => text().is_some_and(|t| t.starts_with(&wanted())),
        other => panic!("{other:?}"),
    }
}

/// A row as its reader sees it: without what is hidden, the rest masked.
fn masked(db: &Connection, sheet: &Sheet, row: &Row) -> Row {
    let cells = sheet.columns.iter().zip(row).filter(|(column, _)| !sheet.policy.hides(&column.name));
    let mask = |(column, cell): (&Column, &Value)| match sheet.policy.masked.get(&column.name) {
        Some(mask) => shown(db, mask, column.ty, cell),
        None => cell.clone(),
    };
    cells.map(mask).collect()
}

fn shown(db: &Connection, mask: &Mask, ty: DataType, cell: &Value) -> Value {
    let nothing = || if ty == DataType::Text { json!("***") } else { Value::Null };
    match (mask, ty) {
        (Mask::Hash(salt), DataType::Text | DataType::Integer) => {
            let written = match cell {
                Value::Null => return Value::Null,
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let hex: String = db.query_row("SELECT sha256(?)", [salt.0.clone() + &written], |row| row.get(0)).unwrap();
            match ty {
                DataType::Text => json!(hex[..16]),
                _ => json!(i64::from_str_radix(&hex[..13], 16).unwrap()),
            }
        }
        (Mask::Last4, DataType::Text) => match cell.as_str() {
            None => Value::Null,
            Some(text) if text.chars().count() > 4 => json!(format!("***{}", &text[text.len() - 4..])),
            Some(_) => nothing(),
        },
        (Mask::Last4, DataType::Integer) => match cell.as_i64() {
            Some(n) if n.abs() > 9_999 => json!(n.abs() % 10_000),
            _ => Value::Null,
        },
        (Mask::Bucket(width), DataType::Integer) if width.fract() == 0.0 => match cell.as_i64() {
            Some(n) => json!(n.div_euclid(*width as i64) * *width as i64),
            None => Value::Null,
        },
        (Mask::Bucket(width), DataType::Float) => match cell.as_f64() {
            Some(n) => json!((n / width).floor() * width),
            None => Value::Null,
        },
        (Mask::Bucket(width), DataType::Date) if width.fract() == 0.0 => match cell.as_str() {
            Some(text) => {
                let day: jiff::civil::Date = text.parse().unwrap();
                let days = EPOCH.until(day).unwrap().get_days();
                let lower = days.div_euclid(*width as i32) * *width as i32;
                json!((EPOCH + jiff::Span::new().days(lower)).to_string())
            }
            None => Value::Null,
        },
        _ => nothing(),
    }
}
