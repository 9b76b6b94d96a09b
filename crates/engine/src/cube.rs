//! Cubes in memory: the answer of a [`semantic::cube::Cube`]'s question, laid out so that the rows of
//! any choice of its brush are added up in a fraction of a millisecond.

use crate::{Engine, Segment};
use domain::connect::{Covered, covers_group};
use domain::query::{Dir, Filter, Query};
use domain::{Cell, DataType, Error, Field, Result, Role, Table};
use semantic::Plan;
use semantic::cube::{Cube, Made};
use std::collections::HashMap;
use std::sync::Arc;

impl Engine {
    /// The cube that is kept under a key; the inner nothing says that there can be none.
    pub async fn kept_cube(&self, segments: &[Segment], key: &str) -> Option<Option<Arc<Prepared>>> {
        if !is_still(segments) {
            return Some(None);
        }
        self.0.cubes.get(key).await
    }

    /// Asks a cube's question and lays its answer out. Those who ask for the same at the same time
    /// wait for one.
    pub async fn cube(
        &self,
        cube: &Cube,
        plan: &Plan,
        segments: &[Segment],
        key: &str,
    ) -> Result<Option<Arc<Prepared>>> {
        if !is_still(segments) {
            return Ok(None);
        }
        let make = async {
            let (answer, _) = self.query(plan, segments, key, true).await?;
            Ok::<_, Error>(Prepared::new(cube, &answer.table).map(Arc::new))
        };
        self.0.cubes.try_get_with(key.to_owned(), make).await.map_err(|error| (*error).clone())
    }
}

/// Whether the same question has the same answer until there is a new version.
fn is_still(segments: &[Segment]) -> bool {
    segments.iter().all(|s| s.place().is_none() && s.view.as_ref().is_none_or(|view| !view.is_volatile()))
}

/// Kept cubes, the least used gone first.
pub(crate) fn kept(bytes: u64) -> moka::future::Cache<String, Option<Arc<Prepared>>> {
    let weigh = |key: &String, cube: &Option<Arc<Prepared>>| {
        u32::try_from(key.len() + cube.as_ref().map_or(0, |c| c.weight())).unwrap_or(u32::MAX)
    };
    moka::future::Cache::builder().max_capacity(bytes).weigher(weigh).build()
}

/// Digits behind the point that decimals may have.
const MOST_DIGITS: u32 = 9;

/// A column of parts, its missing values apart.
enum Part {
    /// Whole numbers and decimals, times ten to the digits.
    Exact {
        values: Vec<Option<i128>>,
        digits: u32,
        is_decimal: bool,
    },
    Float(Vec<Option<f64>>),
    /// Texts that are compared, such as dates.
    Text(Vec<Option<String>>),
}

/// What the parts of a group come to.
#[derive(Clone, Debug, PartialEq)]
enum Sum {
    None,
    Exact(i128),
    Float(f64),
    Text(String),
}

/// A laid-out cube.
pub struct Prepared {
    /// The cells of the question's own groups.
    groups: Vec<Vec<Cell>>,
    /// Those of the brush.
    members: Vec<Vec<Cell>>,
    /// For each row its group and its member.
    rows: Vec<(u32, u32)>,
    /// By position in the cube's answer.
    parts: HashMap<usize, Part>,
    plan: Cube,
}

impl Prepared {
    /// Lays an answer out. `None` where it is cut off, or its numbers cannot be added up exactly.
    pub fn new(plan: &Cube, table: &Table) -> Option<Self> {
        if table.truncated {
            return None;
        }
        let (own, all) = (plan.own, plan.query.dimensions.len());
        let mut groups = Members::default();
        let mut members = Members::default();
        let rows = (0..table.row_count())
            .map(|row| (groups.number(table, 0..own, row), members.number(table, own..all, row)))
            .collect();
        let mut parts = HashMap::new();
        for at in all..table.columns.len() {
            parts.insert(at, Part::of(table.data.get(at)?, table.columns[at].ty)?);
        }
        Some(Self { groups: groups.cells, members: members.cells, rows, parts, plan: plan.clone() })
    }

    /// Bytes it takes, about.
    pub fn weight(&self) -> usize {
        let cells = self.groups.iter().chain(&self.members).map(|g| 48 * g.len()).sum::<usize>();
        cells + self.rows.len() * (8 + 40 * self.parts.len())
    }

    /// The rows of the question where only the members that pass `filter` are chosen. `None` where
    /// the filter cuts through a member. `columns` are the question's.
    pub fn answer(&self, query: &Query, columns: &[Field], limit: usize, filter: &Filter) -> Option<Table> {
        let passes = |cells: &Vec<Cell>| match covers_group(filter, &self.plan.brush, cells) {
            Covered::All => Some(true),
            Covered::None => Some(false),
            Covered::Some => None,
        };
        let passing: Vec<bool> = self.members.iter().map(passes).collect::<Option<_>>()?;
        let width = self.plan.measures.len();
        let mut sums: Vec<[Sum; 2]> = vec![[Sum::None, Sum::None]; self.groups.len().max(1) * width];
        let mut seen = vec![self.plan.own == 0; self.groups.len().max(1)];
        for (row, (group, member)) in self.rows.iter().enumerate() {
            if !passing[*member as usize] {
                continue;
            }
            let group = *group as usize;
            seen[group] = true;
            for (at, made) in self.plan.measures.iter().enumerate() {
                let sum = &mut sums[group * width + at];
                match made {
                    Made::Sum(part) | Made::Count(part) => self.parts[part].add(row, &mut sum[0]),
                    Made::Min(part) => self.parts[part].extreme(row, &mut sum[0], false),
                    Made::Max(part) => self.parts[part].extreme(row, &mut sum[0], true),
                    Made::Mean(top, bottom) => {
                        self.parts[top].add(row, &mut sum[0]);
                        self.parts[bottom].add(row, &mut sum[1]);
                    }
                }
            }
        }
        let mut data: Vec<Vec<Cell>> = vec![Vec::new(); columns.len()];
        for group in (0..seen.len()).filter(|g| seen[*g]) {
            let own = self.groups.get(group).map(Vec::as_slice).unwrap_or_default();
            let values = (0..width).map(|at| self.value(at, &sums[group * width + at]));
            for (column, cell) in data.iter_mut().zip(own.iter().cloned().chain(values)) {
                column.push(cell);
            }
        }
        let mut table = Table { columns: columns.to_vec(), data, truncated: false };
        sort(&mut table, query, limit);
        Some(table)
    }

    fn value(&self, at: usize, sums: &[Sum; 2]) -> Cell {
        let of = |part: &usize, sum: &Sum| self.parts[part].cell(sum);
        match &self.plan.measures[at] {
            Made::Sum(part) | Made::Min(part) | Made::Max(part) => of(part, &sums[0]),
            Made::Count(part) => match of(part, &sums[0]) {
                Cell::Null => Cell::Int(0),
                cell => cell,
            },
            Made::Mean(top, bottom) => match (of(top, &sums[0]).as_f64(), of(bottom, &sums[1]).as_f64()) {
                (Some(top), Some(bottom)) if bottom != 0.0 => Cell::Float(top / bottom),
                _ => Cell::Null,
            },
        }
    }
}

/// Distinct combinations of cells in the order they come.
#[derive(Default)]
struct Members {
    cells: Vec<Vec<Cell>>,
    known: HashMap<String, u32>,
}

impl Members {
    fn number(&mut self, table: &Table, columns: std::ops::Range<usize>, row: usize) -> u32 {
        use std::fmt::Write;
        let mut key = String::new();
        for column in &table.data[columns.clone()] {
            // A null is not the text of one.
            _ = write!(key, "{:?}|", column[row]);
        }
        let next = self.cells.len() as u32;
        *self.known.entry(key).or_insert_with(|| {
            self.cells.push(table.data[columns].iter().map(|c| c[row].clone()).collect());
            next
        })
    }
}

impl Part {
    fn of(cells: &[Cell], ty: DataType) -> Option<Self> {
        if ty == DataType::Float {
            return Some(Self::Float(cells.iter().map(Cell::as_f64).collect()));
        }
        if !ty.is_number() {
            let text = |cell: &Cell| match cell {
                Cell::Null => Some(None),
                Cell::Text(text) => Some(Some(text.clone())),
                _ => None,
            };
            return Some(Self::Text(cells.iter().map(text).collect::<Option<_>>()?));
        }
        let texts: Vec<Option<String>> = cells.iter().map(|c| (!c.is_null()).then(|| c.to_text())).collect();
        let behind = |text: &String| text.split_once('.').map_or(0, |(_, digits)| digits.len() as u32);
        let digits = texts.iter().flatten().map(behind).max().unwrap_or(0);
        if digits > MOST_DIGITS {
            return None;
        }
        let exact = |text: &Option<String>| match text {
            None => Some(None),
            Some(text) => scaled(text, digits).map(Some),
        };
        let values = texts.iter().map(exact).collect::<Option<_>>()?;
        Some(Self::Exact { values, digits, is_decimal: ty == DataType::Decimal })
    }

    fn get(&self, row: usize) -> Sum {
        match self {
            Self::Exact { values, .. } => values[row].map_or(Sum::None, Sum::Exact),
            Self::Float(values) => values[row].map_or(Sum::None, Sum::Float),
            Self::Text(values) => values[row].clone().map_or(Sum::None, Sum::Text),
        }
    }

    fn add(&self, row: usize, sum: &mut Sum) {
        *sum = match (std::mem::replace(sum, Sum::None), self.get(row)) {
            (Sum::Exact(a), Sum::Exact(b)) => Sum::Exact(a.saturating_add(b)),
            (Sum::Float(a), Sum::Float(b)) => Sum::Float(a + b),
            (a, Sum::None) => a,
            (_, b) => b,
        };
    }

    fn extreme(&self, row: usize, sum: &mut Sum, largest: bool) {
        let new = self.get(row);
        let wins = match (&*sum, &new) {
            (_, Sum::None) => false,
            (Sum::Exact(a), Sum::Exact(b)) => (b > a) == largest && a != b,
            (Sum::Float(a), Sum::Float(b)) => (b > a) == largest && a != b,
            (Sum::Text(a), Sum::Text(b)) => (b > a) == largest && a != b,
            _ => true,
        };
        if wins {
            *sum = new;
        }
    }

    fn cell(&self, sum: &Sum) -> Cell {
        match (self, sum) {
            (Self::Exact { digits, is_decimal, .. }, Sum::Exact(value)) => written(*value, *digits, *is_decimal),
            (_, Sum::Float(value)) => Cell::Float(*value),
            (_, Sum::Text(text)) => Cell::Text(text.clone()),
            _ => Cell::Null,
        }
    }
}

/// `-12.5` with two digits: -1250.
fn scaled(text: &str, digits: u32) -> Option<i128> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let missing = digits.checked_sub(part.len() as u32)?;
    let all: i128 = format!("{whole}{part}").parse().ok()?;
    all.checked_mul(10_i128.checked_pow(missing)?)?.checked_mul(sign)
}

/// As answers write exact numbers: a number where every reader has it exactly, else its digits.
fn written(value: i128, digits: u32, is_decimal: bool) -> Cell {
    const EXACT: u128 = 1 << 53;
    if digits == 0 && !is_decimal {
        return match i64::try_from(value) {
            Ok(small) if value.unsigned_abs() <= EXACT => Cell::Int(small),
            _ => Cell::Text(value.to_string()),
        };
    }
    let scale = 10_i128.pow(digits);
    let sign = if value < 0 { "-" } else { "" };
    let (whole, part) = (value.unsigned_abs() / scale.unsigned_abs(), value.unsigned_abs() % scale.unsigned_abs());
    let text = format!("{sign}{whole}.{part:0width$}", width = digits.max(1) as usize);
    let text = text.trim_end_matches('0').trim_end_matches('.').to_owned();
    match text.parse::<f64>() {
        Ok(number) if value.unsigned_abs() <= EXACT => Cell::Float(number),
        _ => Cell::Text(text),
    }
}

/// Orders and cuts as the plan of the question would.
fn sort(table: &mut Table, query: &Query, limit: usize) {
    let groups = query.dimensions.len();
    let mut keys: Vec<(usize, bool)> = Vec::new();
    let position = |name: &str| {
        let column = |d: &domain::query::Dimension| d.column == name;
        table.columns.iter().position(|f| f.name == name).or_else(|| query.dimensions.iter().position(column))
    };
    keys.extend(query.order.iter().filter_map(|o| Some((position(&o.by)?, o.dir == Dir::Asc))));
    if query.order.is_empty() {
        let ordered = |i: &usize| {
            let d = &query.dimensions[*i];
            d.bin.is_some() || d.grain.is_some_and(|g| g.is_folded())
        };
        let time = (0..groups).find(|i| table.columns[*i].role == Role::Time);
        let first = time.or_else(|| (0..groups).find(ordered)).map(|i| (i, true));
        keys.extend(first.or((groups < table.columns.len()).then_some((groups, false))));
    }
    for group in 0..groups {
        if !keys.iter().any(|(key, _)| *key == group) {
            keys.push((group, true));
        }
    }
    let mut order: Vec<usize> = (0..table.row_count()).collect();
    order.sort_by(|a, b| {
        for (key, ascending) in &keys {
            let (a, b) = (&table.data[*key][*a], &table.data[*key][*b]);
            let by = match (a.is_null(), b.is_null()) {
                (true, true) => std::cmp::Ordering::Equal,
                // Nothing comes last, either way.
                (true, false) => std::cmp::Ordering::Greater,
                (false, true) => std::cmp::Ordering::Less,
                _ if *ascending => compare(a, b, table.columns[*key].ty),
                _ => compare(b, a, table.columns[*key].ty),
            };
            if by != std::cmp::Ordering::Equal {
                return by;
            }
        }
        std::cmp::Ordering::Equal
    });
    table.truncated = order.len() > limit;
    order.truncate(limit);
    for column in &mut table.data {
        *column = order.iter().map(|row| std::mem::take(&mut column[*row])).collect();
    }
}

fn compare(a: &Cell, b: &Cell, ty: DataType) -> std::cmp::Ordering {
    match (a, b) {
        (Cell::Bool(a), Cell::Bool(b)) => a.cmp(b),
        _ if ty.is_number() => {
            let number = |cell: &Cell| cell.as_f64().unwrap_or_default();
            number(a).total_cmp(&number(b))
        }
        _ => a.as_str().cmp(&b.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::query::Op;
    use serde_json::json;

    fn field(name: &str, ty: DataType, role: Role) -> Field {
        Field { name: name.into(), label: name.into(), ty, role, format: None, grain: None }
    }

    fn prepared(asked: serde_json::Value, data: Vec<Vec<Cell>>, ty: DataType) -> (Query, Prepared) {
        let query: Query = serde_json::from_value(asked).unwrap();
        let brush: Vec<domain::query::Dimension> =
            serde_json::from_value(json!([{"column": "date", "grain": "month"}])).unwrap();
        let plan = semantic::cube::cube(&query, &brush).unwrap();
        let mut columns = vec![field("g", DataType::Text, Role::Dimension), field("b", DataType::Date, Role::Time)];
        columns.extend(plan.query.measures.iter().map(|_| field("m", ty, Role::Measure)));
        (query, Prepared::new(&plan, &Table { columns, data, truncated: false }).unwrap())
    }

    fn texts(all: &[&str]) -> Vec<Cell> {
        all.iter().map(|t| Cell::from(*t)).collect()
    }

    #[test]
    fn a_stretch_adds_up_its_months() {
        let asked = json!({"dataset": "s", "dimensions": [{"column": "region"}], "measures": [{"agg": "sum", "column": "amount"}]});
        let data = vec![
            texts(&["West", "West", "East", "East"]),
            texts(&["2024-01-01", "2024-02-01", "2024-02-01", "2024-03-01"]),
            vec![Cell::Float(0.1), Cell::Float(0.2), Cell::Float(5.5), Cell::Null],
        ];
        let (query, cube) = prepared(asked, data, DataType::Decimal);
        let columns =
            [field("region", DataType::Text, Role::Dimension), field("sum", DataType::Decimal, Role::Measure)];
        let of = |from: &str, to: &str| {
            let filter = Filter::is("date", Op::Between, json!([from, to]));
            cube.answer(&query, &columns, 10, &filter).map(|t| t.data)
        };
        let both = of("2024-01-01", "2024-02-29").unwrap();
        // Largest first, and 0.1 + 0.2 is 0.3.
        assert_eq!(both, [texts(&["East", "West"]), vec![Cell::Float(5.5), Cell::Float(0.3)]]);
        assert_eq!(of("2024-03-01", "2024-03-31").unwrap(), [texts(&["East"]), vec![Cell::Null]]);
        assert_eq!(of("2025-01-01", "2025-01-31").unwrap(), [vec![], vec![]]);
        // Half a month is not in the cube.
        assert_eq!(of("2024-01-01", "2024-02-14"), None);
    }

    #[test]
    fn exact_numbers_stay_exact() {
        assert_eq!(scaled("-12.5", 2), Some(-1250));
        assert_eq!(written(-1250, 2, true), Cell::Float(-12.5));
        assert_eq!(written(1 << 60, 0, false), Cell::Text((1_i64 << 60).to_string()));
        assert_eq!(written(7, 0, false), Cell::Int(7));
        assert_eq!(written(700, 2, true), Cell::Float(7.0));
    }
}
