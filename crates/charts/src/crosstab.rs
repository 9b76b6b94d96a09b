//! The layout of a pivot table.
//!
//! Totals are never made here from what is below them: an average of averages is no average. The
//! engine answers each grouping set of a [`PivotPlan`] in one question (`GROUPING SETS`), and marks
//! every row with which of the dimensions were rolled up: column [`GROUPING`]. NULL alone could also
//! be a member. An answer without that column has no totals, and the grid says so.

use crate::drawing::{Drawing, sound};
use crate::places::Places;
use crate::roles::is_group;
use crate::text::count;
use crate::theme::Theme;
use domain::query::GROUPING;
use domain::{Cell, ChartSpec, Field, Table};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// More than this cannot be scrolled through; the rest is counted in a note.
const MOST_ROWS: usize = 5000;
const MOST_COLUMNS: usize = 200;
/// With more dimensions the grouping sets are too many.
const MOST_DIMENSIONS: usize = 6;

/// What a pivot table asks for: its groups down and across, its values, and every set of dimensions
/// that must be grouped by to have all subtotals and totals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PivotPlan {
    pub rows: Vec<String>,
    pub columns: Vec<String>,
    pub values: Vec<String>,
    /// Each a subset of the dimensions, by output name; the first is all of them.
    pub sets: Vec<Vec<String>>,
}

/// The plan of a pivot table over an answer with these columns.
pub fn pivot_plan(spec: &ChartSpec, shape: &[Field]) -> PivotPlan {
    let parts = Parts::of(spec, shape);
    let name = |c: &usize| shape[*c].name.clone();
    let options = crate::options::Options::new(&spec.options, crate::options(spec.kind));
    let lengths = |n: usize| {
        let (inner, whole) = (options.on("subtotals"), options.on("totals"));
        (0..=n).rev().filter(move |k| *k == n || (*k == 0 && whole) || (*k > 0 && inner))
    };
    let mut sets: Vec<Vec<String>> = Vec::new();
    for down in lengths(parts.rows.len()) {
        for across in lengths(parts.columns.len()) {
            let set: Vec<String> = parts.rows[..down].iter().chain(&parts.columns[..across]).map(name).collect();
            if !sets.contains(&set) {
                sets.push(set);
            }
        }
    }
    PivotPlan {
        rows: parts.rows.iter().map(name).collect(),
        columns: parts.columns.iter().map(name).collect(),
        values: parts.values.iter().map(name).collect(),
        sets,
    }
}

/// Columns of the answer by their part.
struct Parts {
    rows: Vec<usize>,
    columns: Vec<usize>,
    values: Vec<usize>,
}

impl Parts {
    /// As the options say; else the first group runs down, and of the others the last runs across.
    fn of(spec: &ChartSpec, shape: &[Field]) -> Self {
        let shape_of = |name: &str| shape.iter().position(|f| f.name == name && name != GROUPING);
        let listed = |key: &str| -> Option<Vec<usize>> {
            let names = spec.options.get(key)?.as_array()?;
            Some(names.iter().filter_map(|n| shape_of(n.as_str()?)).collect())
        };
        let groups: Vec<usize> =
            (0..shape.len()).filter(|i| is_group(&shape[*i]) && shape[*i].name != GROUPING).collect();
        let color = spec.encodings.color.as_deref().and_then(shape_of);
        let mut columns = listed("columns").unwrap_or_else(|| match (color, listed("rows").is_some()) {
            (Some(color), _) => vec![color],
            (None, true) => Vec::new(),
            (None, false) => groups.iter().skip(1).next_back().copied().into_iter().collect(),
        });
        let mut rows =
            listed("rows").unwrap_or_else(|| groups.iter().copied().filter(|g| !columns.contains(g)).collect());
        let mut seen = HashSet::new();
        rows.retain(|c| seen.insert(*c));
        columns.retain(|c| seen.insert(*c));
        rows.truncate(MOST_DIMENSIONS);
        columns.truncate(MOST_DIMENSIONS - rows.len());
        let mut values: Vec<usize> = spec.encodings.y.iter().filter_map(|n| shape_of(n)).collect();
        if values.is_empty() {
            values = (0..shape.len()).filter(|i| !is_group(&shape[*i]) && shape[*i].name != GROUPING).collect();
        }
        values.retain(|c| seen.insert(*c));
        Self { rows, columns, values }
    }
}

/// How the reader has arranged the grid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PivotView {
    /// Paths of row members whose children are folded away.
    pub collapsed: HashSet<Vec<String>>,
    /// Rows within each parent by a column of the grid, largest first or smallest first.
    pub sort: Option<(usize, bool)>,
}

/// What a row or column stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Grouped by everything.
    Leaf,
    /// The sum over what is within one member.
    Subtotal,
    /// The sum over everything.
    Total,
}

/// A column of the grid: one value under one path of members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Members from the outermost; empty under the total.
    pub path: Vec<String>,
    pub level: Level,
    /// Position in the answer of the value shown.
    pub value: usize,
}

/// A row of the grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub path: Vec<String>,
    pub level: Level,
    /// It has children; they are hidden where its path is collapsed.
    pub parent: bool,
    pub collapsed: bool,
    /// One a column. NULL where there is no row in the answer.
    pub cells: Vec<Cell>,
}

/// A pivot table, laid out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    /// Labels of the groups that run down and across.
    pub rows: Vec<String>,
    pub columns: Vec<String>,
    pub heads: Vec<Head>,
    pub lines: Vec<Line>,
    pub notes: Vec<String>,
}

type Key = Vec<usize>;

/// Lays out an answer with its subtotal rows.
pub fn crosstab(spec: &ChartSpec, table: &Table, view: &PivotView) -> Grid {
    let table = &*sound(table);
    let shape = &table.columns;
    let parts = Parts::of(spec, shape);
    let drawing = Drawing::new(spec, table, Theme::Light);
    let mut notes: Vec<String> = drawing.truncated_note().into_iter().collect();
    let label = |c: &usize| shape[*c].label.clone();
    let mut grid = Grid {
        rows: parts.rows.iter().map(label).collect(),
        columns: parts.columns.iter().map(label).collect(),
        ..Grid::default()
    };
    let members: Vec<Places> =
        parts.rows.iter().chain(&parts.columns).map(|c| Places::of(table, Some(*c), true)).collect();
    let names = |key: &Key, from: usize| -> Vec<String> {
        key.iter()
            .enumerate()
            .map(|(i, m)| {
                let column = *parts.rows.iter().chain(&parts.columns).nth(from + i).unwrap_or(&0);
                written(&members[from + i].labels[*m], &shape[column])
            })
            .collect()
    };
    let rolled = Rolled::of(table, &parts);
    // By path down, then by path across, the row of the answer.
    let mut cells: HashMap<Key, HashMap<Key, usize>> = HashMap::new();
    let (mut down, mut across) = (BTreeSet::new(), BTreeSet::new());
    for row in 0..table.row_count() {
        let Some((r, c)) = rolled.lengths(row) else { continue };
        let key = |from: usize, n: usize| (from..from + n).map(|i| members[i].of_row[row]).collect::<Option<Key>>();
        let (Some(row_key), Some(column_key)) = (key(0, r), key(parts.rows.len(), c)) else { continue };
        // A parent is shown even where its subtotal was not asked for.
        (1..row_key.len()).for_each(|n| _ = down.insert(row_key[..n].to_vec()));
        down.insert(row_key.clone());
        across.insert(column_key.clone());
        cells.entry(row_key).or_default().insert(column_key, row);
    }
    // Totals stand last, as one reads a sum.
    let mut across: Vec<Key> = across.into_iter().collect();
    across.sort_by(after_its_parts);
    let found = across.len() * parts.values.len();
    let most = (MOST_COLUMNS / parts.values.len().max(1)).max(1);
    if across.len() > most {
        across.truncate(most);
        notes.push(format!("First {} of {} columns shown.", count(most * parts.values.len()), count(found)));
    }
    for key in &across {
        let level = level(key.len(), parts.columns.len());
        let path = names(key, parts.rows.len());
        grid.heads.extend(parts.values.iter().map(|value| Head { path: path.clone(), level, value: *value }));
    }
    let cell = |row: &Key, head: usize| -> Cell {
        let values = parts.values.len();
        let at = cells.get(row).and_then(|line| line.get(&across[head / values]));
        at.map_or(Cell::Null, |r| table.data[parts.values[head % values]][*r].clone())
    };
    let mut lines: Vec<Key> = ordered(&down, view.sort.filter(|(head, _)| *head < grid.heads.len()), &cell);
    if cells.contains_key(&Key::new()) {
        lines.push(Key::new());
    }
    let found = lines.len();
    if found > MOST_ROWS {
        lines.truncate(MOST_ROWS);
        notes.push(format!("First {} of {} rows shown.", count(MOST_ROWS), count(found)));
    }
    let depth = parts.rows.len();
    let at: HashMap<&Key, usize> = across.iter().enumerate().map(|(i, key)| (key, i)).collect();
    for key in &lines {
        let path = names(key, 0);
        if (1..path.len()).any(|n| view.collapsed.contains(&path[..n])) {
            continue;
        }
        let parent = !key.is_empty() && key.len() < depth;
        let collapsed = parent && view.collapsed.contains(&path);
        let level = level(key.len(), depth);
        // Most pairs of members never meet: only those that do are looked at.
        let mut line = vec![Cell::Null; grid.heads.len()];
        for (column, row) in cells.get(key).into_iter().flatten() {
            let Some(first) = at.get(column).map(|i| i * parts.values.len()) else { continue };
            for (i, value) in parts.values.iter().enumerate() {
                line[first + i] = table.data[*value][*row].clone();
            }
        }
        grid.lines.push(Line { path, level, parent, collapsed, cells: line });
    }
    if rolled.unknown && table.row_count() > 0 && (depth > 1 || !parts.columns.is_empty()) {
        notes.push("Totals are not part of this answer.".into());
    }
    grid.notes = notes;
    grid
}

/// Members as people read them; times by their grain.
fn written(label: &str, field: &Field) -> String {
    if crate::roles::is_moment(field) || field.grain.is_some() {
        return domain::format::time(label, field.grain, crate::text::DEFAULT_LOCALE);
    }
    label.to_owned()
}

fn level(length: usize, whole: usize) -> Level {
    match length {
        n if n == whole => Level::Leaf,
        0 => Level::Total,
        _ => Level::Subtotal,
    }
}

/// Lexicographic, but a sum after its parts.
fn after_its_parts(a: &Key, b: &Key) -> std::cmp::Ordering {
    let shared = a.len().min(b.len());
    a[..shared].cmp(&b[..shared]).then(b.len().cmp(&a.len()))
}

/// Parents before their children, brothers in order.
fn ordered(down: &BTreeSet<Key>, sort: Option<(usize, bool)>, cell: &dyn Fn(&Key, usize) -> Cell) -> Vec<Key> {
    let Some((head, falling)) = sort else {
        return down.iter().filter(|k| !k.is_empty()).cloned().collect();
    };
    let mut children: BTreeMap<Key, Vec<Key>> = BTreeMap::new();
    for key in down.iter().filter(|k| !k.is_empty()) {
        children.entry(key[..key.len() - 1].to_vec()).or_default().push(key.clone());
    }
    for brothers in children.values_mut() {
        let mut valued: Vec<(Cell, Key)> = brothers.drain(..).map(|k| (cell(&k, head), k)).collect();
        valued.sort_by(|(a, _), (b, _)| {
            // What has no value, or none that can be compared, stands last either way.
            match (a.as_f64(), b.as_f64()) {
                (Some(x), Some(y)) if falling => y.total_cmp(&x),
                (Some(x), Some(y)) => x.total_cmp(&y),
                (x, y) => x.is_none().cmp(&y.is_none()),
            }
        });
        brothers.extend(valued.into_iter().map(|(_, k)| k));
    }
    let mut lines = Vec::new();
    let mut open: Vec<Key> = children.get(&Key::new()).into_iter().flatten().rev().cloned().collect();
    while let Some(key) = open.pop() {
        open.extend(children.get(&key).into_iter().flatten().rev().cloned());
        lines.push(key);
    }
    lines
}

/// Which dimensions each row sums over.
struct Rolled<'a> {
    marks: Option<&'a [Cell]>,
    /// For each dimension of the layout its bit.
    rows: Vec<u64>,
    columns: Vec<u64>,
    /// The answer does not say.
    unknown: bool,
}

impl<'a> Rolled<'a> {
    fn of(table: &'a Table, parts: &Parts) -> Self {
        let marks = table.index_of(GROUPING).map(|c| table.data[c].as_slice());
        let groups: Vec<usize> = (0..table.columns.len())
            .filter(|c| is_group(&table.columns[*c]) && table.columns[*c].name != GROUPING)
            .collect();
        let bit = |c: &usize| {
            let at = groups.iter().position(|g| g == c);
            at.and_then(|at| 1_u64.checked_shl((groups.len() - 1 - at) as u32)).unwrap_or(0)
        };
        Self {
            marks,
            rows: parts.rows.iter().map(bit).collect(),
            columns: parts.columns.iter().map(bit).collect(),
            unknown: marks.is_none(),
        }
    }

    /// How many dimensions down and across a row is grouped by; `None` where those are not the
    /// outermost ones, which no place of the grid is for.
    fn lengths(&self, row: usize) -> Option<(usize, usize)> {
        let Some(marks) = self.marks else { return Some((self.rows.len(), self.columns.len())) };
        let mask = marks[row].as_f64().filter(|m| *m >= 0.0)? as u64;
        let length = |bits: &[u64]| {
            let kept = bits.iter().take_while(|b| mask & **b == 0).count();
            bits[kept..].iter().all(|b| mask & b != 0).then_some(kept)
        };
        Some((length(&self.rows)?, length(&self.columns)?))
    }
}

#[cfg(test)]
#[path = "crosstab_tests.rs"]
mod tests;
