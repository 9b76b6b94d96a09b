//! Marks that a reader chose: as filters of other tiles, in words, and in the address.

use super::words::{filter_words, value_text};
use charts::marks::{Dragged, Members};
use domain::connect::{any_of, covers, member, span, stretch, width_of};
use domain::format;
use domain::query::{Dimension, Filter, Grain, Op, Query, TopN};
use domain::{Cell, Column, Table, calendar};
use serde::{Deserialize, Serialize};

/// What a mark stands for: conditions that all hold.
pub type Mark = Vec<Filter>;

/// The most marks of one tile.
const MOST_MARKS: usize = 200;

/// The marks chosen in one tile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pick {
    pub tile: String,
    pub marks: Vec<Mark>,
}

impl Pick {
    /// All of its marks as one filter.
    pub fn filter(&self) -> Option<Filter> {
        any_of(&self.marks)
    }
}

/// What a column of an answer groups by; raw rows group by their values.
fn group(query: &Query, column: usize) -> Option<Dimension> {
    let raw = || query.columns.get(column).map(|c| Dimension { column: c.clone(), ..Dimension::default() });
    query.dimensions.get(column).cloned().or_else(raw)
}

/// Whether a member gathers those that a question leaves out.
fn gathers_others(query: &Query, column: &str, cell: &Cell) -> bool {
    let mut tops = false;
    if let Some(filter) = &query.filter {
        filter.each(&mut |c| {
            let others = serde_json::from_value::<TopN>(c.value.clone()).is_ok_and(|top| top.others);
            tops |= c.op == Op::TopN && c.column == column && others;
        });
    }
    tops && cell.as_str() == Some(query.others_label.as_deref().unwrap_or("Others"))
}

/// The conditions that members amount to. Empty where no condition says it.
pub fn mark_of(query: &Query, table: &Table, members: &Members) -> Mark {
    let mut mark = Mark::new();
    for (column, cell) in members {
        let Some(dimension) = group(query, *column) else { continue };
        if gathers_others(query, &dimension.column, cell) {
            return Mark::new();
        }
        let width = width_of(&dimension, table, *column);
        mark.extend(member(&dimension, width, cell));
    }
    mark
}

/// The marks that a stretch amounts to: times and ranges become one, members one each.
pub fn marks_of(query: &Query, table: &Table, dragged: &Dragged) -> Vec<Mark> {
    let marks = match dragged {
        Dragged::Along(column, cells) => {
            let Some(dimension) = group(query, *column) else { return Vec::new() };
            let width = width_of(&dimension, table, *column);
            match whole(&dimension, width, cells) {
                Some(filter) => vec![vec![filter]],
                None => cells.iter().map(|cell| mark_of(query, table, &vec![(*column, cell.clone())])).collect(),
            }
        }
        Dragged::Points(points) => points.iter().map(|members| mark_of(query, table, members)).collect(),
        Dragged::Numbers(columns) => {
            let one = |(column, [from, to]): &(usize, [f64; 2])| {
                Some(Filter::is(&group(query, *column)?.column, Op::Between, vec![short(*from), short(*to)]))
            };
            vec![columns.iter().filter_map(one).collect()]
        }
    };
    marks.into_iter().filter(|mark| !mark.is_empty()).take(MOST_MARKS).collect()
}

/// From the beginning of the first to the end of the last.
fn whole(dimension: &Dimension, width: Option<f64>, cells: &[Cell]) -> Option<Filter> {
    let column = dimension.column.as_str();
    let known: Vec<&Cell> = cells.iter().filter(|c| !c.is_null()).collect();
    let (first, last) = (known.first()?, known.last()?);
    if let Some(grain) = dimension.grain {
        return Some(stretch(column, &span(grain, first.as_str()?)?.0, &span(grain, last.as_str()?)?.1));
    }
    if dimension.bin.is_some() {
        let ends = member(dimension, width, first).zip(member(dimension, width, last))?;
        let (Filter::And(mut from), Filter::And(mut to)) = ends else { return None };
        return Some(Filter::And(vec![from.swap_remove(0), to.pop()?]));
    }
    // Moments without a grain are a stretch of time too.
    let moment = |cell: &Cell| cell.as_str().filter(|t| t.len() > 10).and_then(format::Moment::parse).is_some();
    (known.len() > 1 && moment(first) && moment(last))
        .then(|| Filter::is(column, Op::Between, vec![first.to_text(), last.to_text()]))
}

/// As many digits as a screen tells apart.
fn short(value: f64) -> f64 {
    let digits = (6 - value.abs().max(1e-12).log10().ceil() as i32).clamp(0, 9);
    format!("{value:.*}", digits as usize).parse().unwrap_or(value)
}

/// Whether a mark of the answer is among the chosen ones.
pub fn is_chosen(chosen: &[Mark], query: &Query, table: &Table, members: &Members) -> bool {
    let mark = mark_of(query, table, members);
    !mark.is_empty() && chosen.iter().any(|wide| covers(wide, &mark))
}

/// The picks after some marks of a tile were chosen: alone, or with `additive` beside those there
/// are. What was chosen already is taken back.
pub fn picked(picks: &[Pick], tile: &str, marks: &[Mark], additive: bool) -> Vec<Pick> {
    let mut all = picks.to_vec();
    let at = all.iter().position(|p| p.tile == tile);
    let before = at.map(|at| all[at].marks.clone()).unwrap_or_default();
    let next = if additive {
        let mut next: Vec<Mark> = before.iter().filter(|m| !marks.contains(m)).cloned().collect();
        next.extend(marks.iter().filter(|m| !before.contains(m)).cloned());
        next.truncate(MOST_MARKS);
        next
    } else if before == marks {
        Vec::new()
    } else {
        marks.to_vec()
    };
    if let Some(at) = at {
        all.remove(at);
    }
    // The last is the one that changes: the server is ready for it.
    if !next.is_empty() {
        all.push(Pick { tile: tile.to_owned(), marks: next });
    }
    all
}

/// Marks in words: "Region is West", "Date is Mar 2024 and Region is West".
pub fn mark_words(marks: &[Mark], columns: &[Column], locale: &str) -> String {
    let one = |mark: &Mark| mark.iter().map(|f| part_words(f, columns, locale)).collect::<Vec<_>>().join(" and ");
    match (marks, any_of(marks)) {
        ([], _) | (_, None) => String::new(),
        ([mark], _) => one(mark),
        (_, Some(Filter::Is(list))) => filter_words(&Filter::Is(list), columns, locale),
        ([a, b], _) => format!("{}, or {}", one(a), one(b)),
        ([a, rest @ ..], _) => format!("{}, or {} more", one(a), rest.len()),
    }
}

/// A whole period is called by its name.
fn part_words(filter: &Filter, columns: &[Column], locale: &str) -> String {
    let column = |name: &str| columns.iter().find(|c| c.name == name);
    let label = |name: &str| column(name).map_or_else(|| domain::names::to_label(name), |c| c.label.clone());
    match filter {
        Filter::Is(c) if c.op == Op::Between => {
            let ends = c.value.as_array().and_then(|v| Some((v.first()?.as_str()?, v.get(1)?.as_str()?)));
            if let Some((grain, from)) = ends.and_then(|(from, to)| Some((grain_of(from, to)?, from))) {
                return format!("{} is {}", label(&c.column), format::time(from, Some(grain), locale));
            }
            filter_words(filter, columns, locale)
        }
        Filter::And(both) => match both.as_slice() {
            [Filter::Is(a), Filter::Is(b)] if a.column == b.column && a.op == Op::Gte && b.op == Op::Lt => {
                let text = |v: &serde_json::Value| value_text(v, column(&a.column), locale);
                format!("{} is {} to {}", label(&a.column), text(&a.value), text(&b.value))
            }
            _ => filter_words(filter, columns, locale),
        },
        _ => filter_words(filter, columns, locale),
    }
}

/// The grain of which the days from one to the other are a whole period.
fn grain_of(from: &str, to: &str) -> Option<Grain> {
    if from.len() != 10 || to.len() != 10 {
        return None;
    }
    let end = calendar::iso(calendar::parse(to)? + 1);
    let first = from.ends_with("-01");
    let starts = |grain: Grain, months: &[&str]| {
        first && months.iter().any(|m| from.get(5..7) == Some(*m)) && span(grain, from).is_some_and(|s| s.1 == end)
    };
    let every = ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"];
    [(Grain::Month, &every[..]), (Grain::Quarter, &["01", "04", "07", "10"][..]), (Grain::Year, &["01"][..])]
        .into_iter()
        .find_map(|(grain, months)| starts(grain, months).then_some(grain))
}

/// What a reader may know of the columns of an answer.
pub fn columns_of(query: &Query, table: &Table) -> Vec<Column> {
    let fields = table.columns.iter().enumerate();
    let one = |(at, field): (usize, &domain::Field)| {
        let name = group(query, at)?.column;
        Some(Column {
            name,
            label: field.label.clone(),
            ty: field.ty,
            role: field.role,
            description: String::new(),
            format: field.format.clone(),
            is_calculated: false,
        })
    };
    fields.filter_map(one).collect()
}

/// The finer grains that a time can be divided by, the next one first.
pub fn finer(grain: Grain, is_date: bool) -> Vec<Grain> {
    const COURSE: [Grain; 7] =
        [Grain::Year, Grain::Quarter, Grain::Month, Grain::Week, Grain::Day, Grain::Hour, Grain::Minute];
    let end = if is_date { 5 } else { COURSE.len() };
    let at = COURSE.iter().position(|g| *g == grain).map_or(end, |at| at + 1);
    COURSE.get(at..end).map(<[Grain]>::to_vec).unwrap_or_default()
}

/// "Quarter".
pub fn grain_label(grain: Grain) -> String {
    domain::names::to_label(grain.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn query() -> Query {
        serde_json::from_value(json!({
            "dataset": "sales", "measures": [{"agg": "count"}],
            "dimensions": [{"column": "date", "grain": "month"}, {"column": "region"}, {"column": "n", "bin": {"width": 10.0}}],
        }))
        .unwrap()
    }

    fn mark(text: &str) -> Mark {
        vec![Filter::is("region", Op::Eq, text)]
    }

    #[test]
    fn months_dragged_over_are_one_stretch_and_regions_a_list() {
        let t = Table::default();
        let months = Dragged::Along(0, vec![Cell::from("2024-01-01"), Cell::from("2024-02-01")]);
        let marks = marks_of(&query(), &t, &months);
        assert_eq!(marks, [[Filter::is("date", Op::Between, json!(["2024-01-01", "2024-02-29"]))]]);
        let regions = Dragged::Along(1, vec![Cell::from("West"), Cell::from("East")]);
        assert_eq!(marks_of(&query(), &t, &regions), [mark("West"), mark("East")]);
        let ranges = Dragged::Along(2, vec![Cell::Int(0), Cell::Int(30)]);
        let both = json!({"and": [{"column": "n", "op": "gte", "value": 0}, {"column": "n", "op": "lt", "value": 40}]});
        assert_eq!(serde_json::to_value(&marks_of(&query(), &t, &ranges)[0][0]).unwrap(), both);
        let inside = vec![(2, Cell::Int(20))];
        assert!(is_chosen(&marks_of(&query(), &t, &ranges), &query(), &t, &inside));
    }

    #[test]
    fn choosing_again_takes_back() {
        let one = picked(&[], "t", &[mark("West")], false);
        assert_eq!(one, [Pick { tile: "t".into(), marks: vec![mark("West")] }]);
        let two = picked(&one, "t", &[mark("East")], true);
        assert_eq!(two[0].marks.len(), 2);
        assert_eq!(two[0].filter(), Some(Filter::is("region", Op::In, json!(["West", "East"]))));
        assert_eq!(picked(&two, "t", &[mark("West")], true)[0].marks, [mark("East")]);
        assert_eq!(picked(&two, "u", &[mark("West")], false).len(), 2);
        assert!(picked(&one, "t", &[mark("West")], false).is_empty());
    }

    #[test]
    fn periods_are_called_by_their_names() {
        let words = |from: &str, to: &str| {
            mark_words(&[vec![Filter::is("date", Op::Between, json!([from, to]))]], &[], "en-US")
        };
        assert_eq!(words("2024-02-01", "2024-02-29"), "Date is Feb 2024");
        assert_eq!(words("2024-01-01", "2024-12-31"), "Date is 2024");
        assert_eq!(mark_words(&[mark("West"), mark("East")], &[], "en-US"), "Region is West or East");
    }

    #[test]
    fn what_gathers_the_rest_is_no_mark() {
        let mut q = query();
        q.filter = Some(Filter::is("region", Op::TopN, json!({"n": 2, "by": "count", "others": true})));
        assert!(mark_of(&q, &Table::default(), &vec![(1, Cell::from("Others"))]).is_empty());
        assert_eq!(mark_of(&q, &Table::default(), &vec![(1, Cell::from("West"))]), mark("West"));
    }

    #[test]
    fn times_become_finer() {
        assert_eq!(finer(Grain::Year, true), [Grain::Quarter, Grain::Month, Grain::Week, Grain::Day]);
        assert_eq!(finer(Grain::Day, false), [Grain::Hour, Grain::Minute]);
        assert!(finer(Grain::Day, true).is_empty() && finer(Grain::HourOfDay, false).is_empty());
    }
}
