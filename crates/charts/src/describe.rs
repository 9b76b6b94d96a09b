//! What a chart shows, in words: for those who do not see it, and for search and mail.

use crate::drawing::{Drawing, sound};
use crate::number::number_in;
use crate::pivot;
use crate::roles::{is_group, is_moment};
use crate::text::{DEFAULT_LOCALE, list, percent, plural};
use crate::theme::Theme;
use domain::format::{self, Format};
use domain::metric::{Direction, Trend};
use domain::{Cell, ChartKind, ChartSpec, Table};

/// More measures than this are counted, not told.
const MOST_TOLD: usize = 3;

/// Plain sentences about a chart, formatted for en-US.
pub fn describe(spec: &ChartSpec, table: &Table) -> String {
    describe_in(spec, table, DEFAULT_LOCALE)
}

/// Plain sentences about a chart: its kind, what it measures over what, highest and lowest, and
/// where it went from first to last.
pub fn describe_in(spec: &ChartSpec, table: &Table, locale: &str) -> String {
    let table = &*sound(table);
    let mut drawing = Drawing::new(spec, table, Theme::Light);
    if let (ChartKind::Map, Some(size)) = (spec.kind, drawing.roles.size) {
        // Where points lie is for the map to show; what they amount to can be told.
        drawing.roles.x = drawing.roles.color.take();
        drawing.roles.y = vec![size];
    }
    if spec.kind == ChartKind::Line && crate::fan::is_forecast(table) {
        // What was and what comes; the bands are for the eye.
        drawing.roles.y = ["y", "yhat"].iter().filter_map(|name| table.index_of(name)).collect();
    }
    if spec.kind == ChartKind::Table {
        let names: Vec<String> = table.columns.iter().map(|c| c.label.clone()).collect();
        let size = plural(table.row_count(), "row", "rows");
        return format!("Table of {size} with {}: {}.", plural(names.len(), "column", "columns"), list(&names));
    }
    let timely = drawing.roles.x.is_none_or(|x| is_moment(drawing.field(x)));
    let single = matches!(spec.kind, ChartKind::Number | ChartKind::Gauge | ChartKind::Trend);
    if single || (spec.kind == ChartKind::Progress && timely) {
        return of_number(spec, table, locale);
    }
    if spec.kind == ChartKind::Network {
        return of_network(&drawing);
    }
    let teller = Teller { drawing: &drawing, locale };
    if table.row_count() == 0 {
        return format!("{} without data.", teller.head());
    }
    let mut sentences = vec![format!("{}.", teller.head())];
    let measures = &drawing.roles.y;
    let told = if spec.kind == ChartKind::Scatter { 1 } else { MOST_TOLD };
    for y in measures.iter().take(told) {
        sentences.extend(teller.extremes(*y, measures.len() > 1));
        sentences.extend(teller.course(*y));
    }
    if measures.len() > told {
        sentences.push(format!("{} more.", plural(measures.len() - told, "measure", "measures")));
    }
    sentences.join(" ")
}

fn of_number(spec: &ChartSpec, table: &Table, locale: &str) -> String {
    let n = number_in(spec, table, locale);
    let mut text = format!("{}: {}", n.label, n.full);
    if let Some(period) = n.period {
        text.push_str(&format!(" in {period}"));
    }
    if let (Some(previous), Some(before)) = (&n.previous_formatted, &n.previous_period) {
        text.push_str(&match (n.trend.direction, n.trend.percent_change) {
            (Direction::Up, Some(p)) => format!(", up {} from {previous} in {before}", percent(p, locale)),
            (Direction::Down, Some(p)) => format!(", down {} from {previous} in {before}", percent(p, locale)),
            _ => format!(", after {previous} in {before}"),
        });
    }
    if let Some(target) = n.target_formatted {
        text.push_str(&format!(", target {target}"));
    }
    text + "."
}

/// Its size, who has most links, and how many groups there are.
fn of_network(drawing: &Drawing<'_>) -> String {
    let links = crate::kinds::network::links(drawing, &mut Vec::new());
    let n = links.names.len();
    if n == 0 {
        return "Network graph without data.".to_owned();
    }
    let mut degree = vec![0_usize; n];
    links.links.iter().filter(|(a, b, _)| a != b).for_each(|(a, b, _)| {
        degree[*a] += 1;
        degree[*b] += 1;
    });
    let (nodes, edges) = (plural(n, "node", "nodes"), plural(links.links.len(), "link", "links"));
    let groups = crate::graph::communities(n, &links.links).into_iter().max().map_or(0, |m| m + 1);
    let most = (0..n).max_by_key(|i| (degree[*i], std::cmp::Reverse(*i))).unwrap_or(0);
    let groups = plural(groups, "community", "communities");
    format!(
        "Network graph of {nodes} and {edges} in {groups}. Most links: {} ({}).",
        links.names[most],
        crate::text::count(degree[most])
    )
}

struct Teller<'a> {
    drawing: &'a Drawing<'a>,
    locale: &'a str,
}

impl Teller<'_> {
    /// `Line chart of Amount by Month and Region, Jan 2024 to Dec 2024`
    fn head(&self) -> String {
        let (d, kind) = (self.drawing, self.drawing.spec.kind);
        let kind = match kind {
            ChartKind::Plugin(name) => {
                d.spec.plugin.as_ref().map_or_else(|| name.name().to_owned(), |template| template.name.clone())
            }
            // Their name says already that one looks at a picture.
            ChartKind::Heatmap
            | ChartKind::Calendar
            | ChartKind::Histogram
            | ChartKind::BoxPlot
            | ChartKind::Treemap
            | ChartKind::Map
            | ChartKind::Gauge
            | ChartKind::Sparkline
            | ChartKind::Pivot
            | ChartKind::Network => kind.label().to_owned(),
            ChartKind::Sankey => "Sankey diagram".to_owned(),
            _ => format!("{} chart", kind.label()),
        };
        let label = |c: usize| d.field(c).label.clone();
        let measures: Vec<String> = d.roles.y.iter().take(MOST_TOLD).map(|y| label(*y)).collect();
        let by: Vec<String> = d.roles.x.into_iter().chain(d.roles.color).map(label).collect();
        let mut head = kind;
        for (word, names) in [("of", measures), ("by", by)] {
            if !names.is_empty() {
                head.push_str(&format!(" {word} {}", list(&names)));
            }
        }
        if let Some((first, last)) = self.span().filter(|(first, last)| first != last) {
            head.push_str(&format!(", {first} to {last}"));
        }
        head
    }

    /// The earliest and the latest time.
    fn span(&self) -> Option<(String, String)> {
        let x = self.drawing.roles.x.filter(|x| is_moment(self.drawing.field(*x)))?;
        let times = || self.drawing.table.data[x].iter().filter_map(Cell::as_str);
        let write = |iso: &str| format::time(iso, self.drawing.field(x).grain, self.locale);
        Some((write(times().min()?), write(times().max()?)))
    }

    fn value(&self, y: usize, value: f64) -> String {
        let plain = Format::default();
        let format = self.drawing.own_format.as_ref().or(self.drawing.field(y).format.as_ref()).unwrap_or(&plain);
        format::number(value, format, true, self.locale)
    }

    /// What a row is called: `Mar 2024, North`.
    fn place(&self, row: usize) -> String {
        let d = self.drawing;
        let columns = d.roles.x.into_iter().chain(d.roles.color).filter(|c| is_group(d.field(*c)));
        let names = columns.map(|c| match &d.table.data[c][row] {
            Cell::Null => crate::places::EMPTY.to_owned(),
            cell => format::cell(cell, d.field(c), false, self.locale),
        });
        names.collect::<Vec<_>>().join(", ")
    }

    fn extremes(&self, y: usize, named: bool) -> Option<String> {
        let values = || self.drawing.table.data[y].iter().enumerate().filter_map(|(r, c)| Some((r, pivot::number(c)?)));
        let name = &self.drawing.field(y).label;
        let Some(high) = values().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))) else {
            return Some(format!("{name} has no values."));
        };
        let low = values().min_by(|a, b| a.1.total_cmp(&b.1))?;
        let tell = |(row, value): (usize, f64)| match self.place(row) {
            place if place.is_empty() => self.value(y, value),
            place => format!("{} ({place})", self.value(y, value)),
        };
        let of = if named { format!(" {name}") } else { String::new() };
        if values().count() == 1 {
            return Some(format!("One value:{of} {}.", tell(high)));
        }
        Some(format!("Highest{of} {}, lowest {}.", tell(high), tell(low)))
    }

    /// From first to last, where one value stands for each time.
    fn course(&self, y: usize) -> Option<String> {
        let d = self.drawing;
        let x = d.roles.x.filter(|x| is_moment(d.field(*x)) && d.roles.color.is_none())?;
        let times = &d.table.data[x];
        let mut rows: Vec<usize> = (0..times.len())
            .filter(|r| !times[*r].is_null() && pivot::number(&d.table.data[y][*r]).is_some())
            .collect();
        rows.sort_by(|a, b| times[*a].as_str().cmp(&times[*b].as_str()));
        let (first, last) = (*rows.first()?, *rows.last()?);
        if first == last {
            return None;
        }
        let value = |row: usize| pivot::number(&d.table.data[y][row]);
        let trend = Trend::between(value(first), value(last));
        let way = match (trend.direction, trend.percent_change) {
            (Direction::Up, Some(p)) => format!("up {}", percent(p, self.locale)),
            (Direction::Down, Some(p)) => format!("down {}", percent(p, self.locale)),
            (Direction::Flat, _) => "unchanged".to_owned(),
            (Direction::Up, None) => "up".to_owned(),
            _ => "down".to_owned(),
        };
        let (from, to) = (self.value(y, value(first)?), self.value(y, value(last)?));
        Some(format!("From {from} in {} to {to} in {}, {way}.", self.place(first), self.place(last)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{group, measure, month, spec, table};
    use serde_json::json;

    #[test]
    fn a_line_has_extremes_and_a_course() {
        let rows = json!([["2024-01-01", 900], ["2024-03-01", 1500], ["2024-02-01", 600], ["2024-04-01", null]]);
        let t = table(vec![month(), measure("amount")], rows);
        assert_eq!(
            describe(&spec(ChartKind::Line, json!({})), &t),
            "Line chart of Amount by Month, Jan 2024 to Apr 2024. Highest 1.5K (Mar 2024), lowest 600 (Feb 2024). \
             From 900 in Jan 2024 to 1.5K in Mar 2024, up 66.7%."
        );
        assert_eq!(
            describe(&spec(ChartKind::Number, json!({"target": 10})), &t),
            "Amount: — in Apr 2024, after 1.5K in Mar 2024, target 10."
        );
    }

    #[test]
    fn categories_have_names() {
        let t =
            table(vec![group("region"), group("product"), measure("amount")], json!([["N", "a", 1], [null, "b", -2]]));
        assert_eq!(
            describe(&spec(ChartKind::Heatmap, json!({})), &t),
            "Heatmap of Amount by Region and Product. Highest 1 (N, a), lowest −2 ((empty), b)."
        );
    }

    #[test]
    fn tables_and_nothing_have_words_too() {
        let t = table(vec![group("g"), measure("m")], json!([["a", 1], ["b", 2]]));
        assert_eq!(describe(&spec(ChartKind::Table, json!({})), &t), "Table of 2 rows with 2 columns: G and M.");
        let empty = table(vec![group("g"), measure("m")], json!([]));
        assert_eq!(describe(&spec(ChartKind::Bar, json!({})), &empty), "Bar chart of M by G without data.");
        let null = table(vec![group("g"), measure("m")], json!([["a", null]]));
        assert_eq!(describe(&spec(ChartKind::Pie, json!({})), &null), "Pie chart of M by G. M has no values.");
    }
}
