//! From a mark on the screen back to the answer: which members of which groups it stands for, and
//! how a chart shows which of its marks are chosen.

mod shown;

pub use shown::emphasise;

use crate::calendar::wall_ms;
use crate::countries;
use crate::pivot::series_label;
use crate::places::member;
use crate::roles::{Roles, is_group, is_moment};
use domain::{Cell, ChartKind, ChartSpec, Field, Table};
use serde::Deserialize;
use serde_json::Value;

/// Members of groups: positions of columns of the answer, each with its cell.
pub type Members = Vec<(usize, Cell)>;

/// A mark as ECharts tells it. What does not apply is empty.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Mark {
    pub series: String,
    pub name: String,
    pub value: Value,
    /// Names from the outermost part in, where parts lie within parts.
    pub path: Vec<String>,
    /// The two ends of a link.
    pub from: Option<String>,
    pub to: Option<String>,
}

/// A stretch of an axis that was dragged over.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Range {
    /// Along an axis of categories: those it covers.
    pub names: Option<Vec<String>>,
    /// Along an axis of numbers or time, in its own units.
    pub x: Option<[f64; 2]>,
    pub y: Option<[f64; 2]>,
}

/// How a chart can be dragged over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brush {
    /// Along the horizontal axis.
    X,
    /// Along the vertical axis.
    Y,
    /// Over a rectangle.
    XY,
}

/// What was dragged over.
#[derive(Clone, Debug, PartialEq)]
pub enum Dragged {
    /// Members of one group, in their order along the axis.
    Along(usize, Vec<Cell>),
    /// Points, each by its members.
    Points(Vec<Members>),
    /// Numbers of single rows: columns with their stretch.
    Numbers(Vec<(usize, [f64; 2])>),
}

fn roles_of(spec: &ChartSpec, table: &Table) -> Roles {
    Roles::of_spec(spec, &table.columns)
}

/// How a chart can be dragged over, if it can.
pub fn brush(spec: &ChartSpec, table: &Table) -> Option<Brush> {
    use ChartKind as K;
    let roles = roles_of(spec, table);
    let x = roles.x?;
    match spec.kind {
        K::Row => Some(Brush::Y),
        K::Scatter => Some(Brush::XY),
        K::Line | K::Area | K::Bar | K::Combo | K::Histogram if is_group(&table.columns[x]) => Some(Brush::X),
        _ => None,
    }
}

/// The measure that a mark shows, as a column of the answer.
pub fn measure_at(spec: &ChartSpec, table: &Table, mark: &Mark) -> Option<usize> {
    let roles = roles_of(spec, table);
    let by_series = |y: &&usize| {
        let label = &table.columns[**y].label;
        mark.series == *label || mark.series.ends_with(&format!(" · {label}"))
    };
    roles.y.iter().find(by_series).or(roles.y.first()).copied()
}

/// The members that a mark stands for. Empty where it stands for none that the answer knows, such as
/// what gathers the rest.
pub fn members_at(spec: &ChartSpec, table: &Table, mark: &Mark) -> Members {
    use ChartKind as K;
    if let Some(template) = &spec.plugin {
        return crate::plugin::members(spec, template, table, mark);
    }
    let roles = roles_of(spec, table);
    let at = At { table, roles: &roles };
    match spec.kind {
        K::Scatter => at.of_point(mark),
        K::Treemap | K::Sunburst => at.of_path(&mark.path),
        K::Sankey | K::Network => at.of_link(mark),
        K::Map => at.of_place(mark),
        _ => at.of_place_and_series(mark),
    }
}

struct At<'a> {
    table: &'a Table,
    roles: &'a Roles,
}

impl At<'_> {
    fn field(&self, column: usize) -> &Field {
        &self.table.columns[column]
    }

    /// The member of a column that is called so, wherever it is written.
    fn called(&self, column: usize, name: &str) -> Option<Cell> {
        let field = self.field(column);
        let cells = self.table.data.get(column)?;
        let is = |cell: &&Cell| member(cell, field) == *name || series_label(cell, field) == *name;
        cells.iter().find(is).cloned()
    }

    /// The member at a place of the axis, also one that no row is at.
    fn at_place(&self, column: usize, name: &str) -> Option<Cell> {
        let field = self.field(column);
        self.called(column, name).or_else(|| {
            if is_moment(field) && wall_ms(name).is_some() {
                return Some(Cell::from(name));
            }
            let number = name.parse::<f64>().ok().filter(|_| field.ty.is_number())?;
            Some(Cell::Float(number))
        })
    }

    /// The member at a time of a time axis.
    fn at_time(&self, column: usize, ms: f64) -> Option<Cell> {
        let is = |cell: &&Cell| cell.as_str().and_then(wall_ms).is_some_and(|at| at as f64 == ms);
        self.table.data.get(column)?.iter().find(is).cloned()
    }

    /// The member of the colours that a series is called after.
    fn of_series(&self, color: usize, series: &str) -> Option<Cell> {
        if let Some(cell) = self.called(color, series) {
            return Some(cell);
        }
        let labels = self.roles.y.iter().map(|y| &self.field(*y).label);
        labels.filter_map(|label| series.strip_suffix(&format!(" · {label}"))).find_map(|name| self.called(color, name))
    }

    fn of_place_and_series(&self, mark: &Mark) -> Members {
        let mut members = Members::new();
        let place = |i: usize| mark.value.as_array().and_then(|v| v.get(i));
        if let Some(x) = self.roles.x {
            let by_name = || self.at_place(x, &mark.name).filter(|_| !mark.name.is_empty());
            let by_value = || match place(0)? {
                Value::Number(ms) => self.at_time(x, ms.as_f64()?),
                Value::String(name) => self.at_place(x, name),
                _ => None,
            };
            members.extend(by_value().or_else(by_name).map(|cell| (x, cell)));
        }
        if let Some(color) = self.roles.color {
            // In a heatmap the second place says the row; elsewhere the series has its name.
            let by_place = || place(1)?.as_str().and_then(|name| self.at_place(color, name));
            let found = by_place().or_else(|| self.of_series(color, &mark.series)).or_else(|| {
                // Slices and shapes are called after the colours where nothing else divides.
                members.is_empty().then(|| self.called(color, &mark.name)).flatten()
            });
            members.extend(found.map(|cell| (color, cell)));
        }
        members
    }

    /// A point carries the members it is made of behind its place.
    fn of_point(&self, mark: &Mark) -> Members {
        let (Some(x), Some(y), Some(value)) = (self.roles.x, self.roles.y.first(), mark.value.as_array()) else {
            return Members::new();
        };
        let groups: Vec<usize> = self.groups_of_points();
        let after = 2 + usize::from(self.roles.size.is_some());
        let at = |column: usize, row: usize| self.table.data.get(column).and_then(|c| c.get(row));
        let is = |row: &usize| {
            let place = |column: usize, i: usize| {
                let cell = at(column, *row)?;
                let number = match is_moment(self.field(column)) {
                    true => cell.as_str().and_then(wall_ms).map(|ms| ms as f64),
                    false => cell.as_f64(),
                };
                Some(number == value.get(i)?.as_f64())
            };
            let named = groups.iter().take(3).enumerate().all(|(i, g)| {
                at(*g, *row).is_some_and(|cell| value.get(after + i).is_none_or(|v| *v == cell.to_json()))
            });
            named && place(x, 0) == Some(true) && place(*y, 1) == Some(true)
        };
        (0..self.table.row_count()).find(is).map_or_else(Members::new, |row| self.members_of(row, &groups))
    }

    fn groups_of_points(&self) -> Vec<usize> {
        let is = |c: &usize| is_group(self.field(*c)) && Some(*c) != self.roles.x;
        (0..self.table.columns.len()).filter(is).collect()
    }

    fn members_of(&self, row: usize, groups: &[usize]) -> Members {
        groups.iter().filter_map(|g| Some((*g, self.table.data.get(*g)?.get(row)?.clone()))).collect()
    }

    fn of_path(&self, path: &[String]) -> Members {
        let levels = self.roles.levels(&self.table.columns);
        let names = path.iter().filter(|name| !name.is_empty());
        levels.into_iter().zip(names).map_while(|(level, name)| Some((level, self.called(level, name)?))).collect()
    }

    fn of_link(&self, mark: &Mark) -> Members {
        let levels = self.roles.levels(&self.table.columns);
        match (&mark.from, &mark.to) {
            (Some(from), Some(to)) => levels
                .windows(2)
                .find_map(|pair| {
                    Some(vec![(pair[0], self.called(pair[0], from)?), (pair[1], self.called(pair[1], to)?)])
                })
                .unwrap_or_default(),
            _ => levels
                .iter()
                .find_map(|level| Some(vec![(*level, self.called(*level, &mark.name)?)]))
                .unwrap_or_default(),
        }
    }

    /// A country by any of its names, or a point by its own.
    fn of_place(&self, mark: &Mark) -> Members {
        if self.roles.y.len() == 1
            && self.roles.x.is_some_and(|x| !is_group(self.field(x)) || self.field(x).ty.is_number())
        {
            let color = self.roles.color.and_then(|c| Some((c, self.called(c, &mark.name)?)));
            return color.into_iter().collect();
        }
        let Some(x) = self.roles.x else { return Members::new() };
        let is = |cell: &&Cell| countries::find(&cell.to_text()).is_some_and(|c| c.name == mark.name);
        let found = self.called(x, &mark.name).or_else(|| self.table.data.get(x)?.iter().find(is).cloned());
        found.map(|cell| (x, cell)).into_iter().collect()
    }
}

/// What a stretch covers.
pub fn dragged(spec: &ChartSpec, table: &Table, range: &Range) -> Option<Dragged> {
    let roles = roles_of(spec, table);
    let at = At { table, roles: &roles };
    let x = roles.x?;
    if spec.kind != ChartKind::Scatter {
        let cells: Vec<Cell> = match (&range.names, range.x.or(range.y)) {
            (Some(names), _) => names.iter().filter_map(|name| at.at_place(x, name)).collect(),
            (None, Some(ends)) => within_times(table.data.get(x)?, ends),
            (None, None) => Vec::new(),
        };
        return (!cells.is_empty()).then_some(Dragged::Along(x, cells));
    }
    let y = *roles.y.first()?;
    let (across, up) = (range.x?, range.y?);
    let groups = at.groups_of_points();
    if groups.is_empty() {
        return Some(Dragged::Numbers(vec![(x, across), (y, up)]));
    }
    let place = |column: usize, row: usize| {
        let cell = table.data.get(column)?.get(row)?;
        if is_moment(&table.columns[column]) { wall_ms(cell.as_str()?).map(|ms| ms as f64) } else { cell.as_f64() }
    };
    let inside = |n: Option<f64>, ends: [f64; 2]| n.is_some_and(|n| ends[0] <= n && n <= ends[1]);
    let mut points: Vec<Members> = Vec::new();
    for row in (0..table.row_count()).filter(|row| inside(place(x, *row), across) && inside(place(y, *row), up)) {
        let members = at.members_of(row, &groups);
        if !points.contains(&members) {
            points.push(members);
        }
    }
    (!points.is_empty()).then_some(Dragged::Points(points))
}

/// The moments between two, in their order.
fn within_times(cells: &[Cell], ends: [f64; 2]) -> Vec<Cell> {
    let timed = |cell: &Cell| Some((cell.as_str().and_then(wall_ms)?, cell.clone()));
    let mut found: Vec<(i64, Cell)> =
        cells.iter().filter_map(timed).filter(|(ms, _)| ends[0] <= *ms as f64 && *ms as f64 <= ends[1]).collect();
    found.sort_by_key(|(ms, _)| *ms);
    found.dedup_by_key(|(ms, _)| *ms);
    found.into_iter().map(|(_, cell)| cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{group, measure, month, spec, table};
    use domain::query::Grain;
    use serde_json::json;

    fn mark(series: &str, name: &str, value: Value) -> Mark {
        Mark { series: series.into(), name: name.into(), value, ..Mark::default() }
    }

    fn sales() -> Table {
        let rows = json!([["2024-01-01", "West", 1], ["2024-03-01", "East", 2], ["2024-03-01", null, 3]]);
        table(vec![month(), group("region"), measure("amount")], rows)
    }

    #[test]
    fn a_bar_is_its_place_and_its_colour() {
        let bar = spec(ChartKind::Bar, json!({}));
        let found = members_at(&bar, &sales(), &mark("West", "2024-01-01", json!(1)));
        assert_eq!(found, [(0, Cell::from("2024-01-01")), (1, Cell::from("West"))]);
        // A month without rows is a month all the same; what has no value is a member too.
        let found = members_at(&bar, &sales(), &mark("(empty)", "2024-02-01", json!(1)));
        assert_eq!(found, [(0, Cell::from("2024-02-01")), (1, Cell::Null)]);
        assert!(members_at(&bar, &sales(), &mark("Others (5)", "", json!(1))).is_empty());
    }

    #[test]
    fn a_point_of_a_time_axis_is_its_instant() {
        let day = Field { grain: Some(Grain::Day), ..month() };
        let t = table(vec![day, measure("m")], json!([["2024-01-01", 1], ["2024-01-02", 2]]));
        let line = spec(ChartKind::Line, json!({}));
        let found = members_at(&line, &t, &mark("M", "", json!([1_704_153_600_000_i64, 2])));
        assert_eq!(found, [(0, Cell::from("2024-01-02"))]);
        assert_eq!(measure_at(&line, &t, &mark("M", "", Value::Null)), Some(1));
        let range = Range { x: Some([1.0, 1_704_100_000_000.0]), ..Range::default() };
        assert_eq!(dragged(&line, &t, &range), Some(Dragged::Along(0, vec![Cell::from("2024-01-01")])));
    }

    #[test]
    fn slices_cells_paths_and_links() {
        let t = table(vec![group("a"), group("b"), measure("m")], json!([["x", "p", 1], ["y", "q", 2]]));
        let (x, y, p, q) = (Cell::from("x"), Cell::from("y"), Cell::from("p"), Cell::from("q"));
        let heat = members_at(&spec(ChartKind::Heatmap, json!({})), &t, &mark("M", "", json!(["x", "q", 2])));
        assert_eq!(heat, [(0, x.clone()), (1, q.clone())]);
        let pie = members_at(&spec(ChartKind::Pie, json!({})), &t, &mark("M", "y", json!(2)));
        assert_eq!(pie, [(0, y.clone())]);
        let path = Mark { path: vec!["".into(), "x".into(), "p".into()], ..Mark::default() };
        assert_eq!(members_at(&spec(ChartKind::Treemap, json!({})), &t, &path), [(0, x.clone()), (1, p.clone())]);
        let link = Mark { from: Some("y".into()), to: Some("q".into()), ..Mark::default() };
        assert_eq!(members_at(&spec(ChartKind::Sankey, json!({})), &t, &link), [(0, y), (1, q)]);
        let node = mark("", "p", Value::Null);
        assert_eq!(members_at(&spec(ChartKind::Network, json!({})), &t, &node), [(1, p)]);
    }

    #[test]
    fn points_of_a_scatter() {
        let t = table(vec![group("g"), measure("a"), measure("b")], json!([["x", 1, 10], ["y", 2, 20]]));
        let scatter = spec(ChartKind::Scatter, json!({}));
        assert_eq!(members_at(&scatter, &t, &mark("y", "", json!([2.0, 20.0, "y"]))), [(0, Cell::from("y"))]);
        let range = Range { x: Some([0.0, 1.5]), y: Some([0.0, 99.0]), ..Range::default() };
        assert_eq!(dragged(&scatter, &t, &range), Some(Dragged::Points(vec![vec![(0, Cell::from("x"))]])));
        let raw = table(vec![measure("a"), measure("b")], json!([[1, 10], [2, 20]]));
        assert_eq!(dragged(&scatter, &raw, &range), Some(Dragged::Numbers(vec![(0, [0.0, 1.5]), (1, [0.0, 99.0])])));
    }

    #[test]
    fn what_can_be_dragged_over() {
        assert_eq!(brush(&spec(ChartKind::Area, json!({})), &sales()), Some(Brush::X));
        assert_eq!(brush(&spec(ChartKind::Row, json!({})), &sales()), Some(Brush::Y));
        assert_eq!(brush(&spec(ChartKind::Pie, json!({})), &sales()), None);
        let range = Range { names: Some(vec!["2024-01-01".into(), "2024-02-01".into()]), ..Range::default() };
        let months = vec![Cell::from("2024-01-01"), Cell::from("2024-02-01")];
        assert_eq!(dragged(&spec(ChartKind::Bar, json!({})), &sales(), &range), Some(Dragged::Along(0, months)));
    }
}
