//! Dashboards made of any dataset that has the columns they need, bound by role.

use crate::Services;
use domain::api::{NewDashboard, Template};
use domain::dashboard::{DataSource, FilterControl, Layout, SketchTile, Tile, TileKind};
use domain::layout::Position;
use domain::query::{Agg, Dimension, Dir, Grain, Measure, Order};
use domain::{Caller, Column, Dashboard, Dataset, Error, Query, Result, Role};
use serde_json::{Map, Value, json};

/// The columns that templates use, found by role.
struct Parts<'a> {
    dataset: &'a Dataset,
    time: Option<&'a Column>,
    measures: Vec<&'a Column>,
    groups: Vec<&'a Column>,
}

impl<'a> Parts<'a> {
    fn of(dataset: &'a Dataset) -> Self {
        let with = |role: Role| dataset.columns.iter().filter(move |c| c.role == role);
        // Ids make poor groups: words are better, few of them best.
        let (words, others): (Vec<_>, Vec<_>) =
            with(Role::Dimension).partition(|c| matches!(c.ty, domain::DataType::Text | domain::DataType::Boolean));
        Self {
            dataset,
            time: with(Role::Time).next(),
            measures: with(Role::Measure).collect(),
            groups: words.into_iter().chain(others).collect(),
        }
    }
}

struct Recipe {
    id: &'static str,
    name: &'static str,
    description: &'static str,
    needs: &'static str,
    suits: fn(&Parts<'_>) -> bool,
    make: fn(&Parts<'_>) -> Layout,
}

/// Every template, in the order of the gallery.
const RECIPES: &[Recipe] = &[
    Recipe {
        id: "overview",
        name: "Overview",
        description: "Key figures, their course, and who contributes",
        needs: "a time, a number and two groups",
        suits: |p| p.time.is_some() && !p.measures.is_empty() && p.groups.len() >= 2,
        make: overview,
    },
    Recipe {
        id: "trend",
        name: "Trend",
        description: "How numbers move over time, in total and by group",
        needs: "a time, a number and a group",
        suits: |p| p.time.is_some() && !p.measures.is_empty() && !p.groups.is_empty(),
        make: trend,
    },
    Recipe {
        id: "ranking",
        name: "Ranking",
        description: "The largest members of each group, with shares",
        needs: "a number and a group",
        suits: |p| !p.measures.is_empty() && !p.groups.is_empty(),
        make: ranking,
    },
    Recipe {
        id: "relations",
        name: "Relations",
        description: "How two numbers go together, and the rows behind",
        needs: "two numbers and a group",
        suits: |p| p.measures.len() >= 2 && !p.groups.is_empty(),
        make: relations,
    },
];

impl Services {
    /// The templates, each with the caller's datasets that suit it.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn list_templates(&self, caller: &Caller) -> Result<Vec<Template>> {
        let datasets = self.list_datasets(caller).await?;
        let show = |recipe: &Recipe| {
            let suits: Vec<&Dataset> = datasets.iter().filter(|d| (recipe.suits)(&Parts::of(d))).collect();
            Template {
                id: recipe.id.into(),
                name: recipe.name.into(),
                description: recipe.description.into(),
                needs: recipe.needs.into(),
                sketch: suits.first().map(|d| sketch(&(recipe.make)(&Parts::of(d)))).unwrap_or_default(),
                suits: suits.into_iter().map(|d| d.name.clone()).collect(),
            }
        };
        Ok(RECIPES.iter().map(show).collect())
    }

    /// Makes a dashboard of a template and a dataset.
    ///
    /// # Errors
    /// The dataset lacks what the template needs.
    pub async fn create_from_template(
        &self,
        caller: &Caller,
        template: &str,
        dataset: &str,
        name: &str,
    ) -> Result<Dashboard> {
        let recipe = RECIPES.iter().find(|r| r.id == template).ok_or_else(|| Error::not_found("template"))?;
        let dataset = self.get_dataset(caller, dataset).await?;
        let parts = Parts::of(&dataset);
        if !(recipe.suits)(&parts) {
            return Err(Error::invalid(format!("{} needs {}; {} lacks it.", recipe.name, recipe.needs, dataset.label))
                .hint("Change the roles of its columns on the Data page, or pick another dataset."));
        }
        let name = if name.trim().is_empty() {
            format!("{} {}", dataset.label, recipe.name.to_lowercase())
        } else {
            name.to_owned()
        };
        let new = NewDashboard {
            name,
            description: format!("{}: {}", dataset.label, recipe.description.to_lowercase()),
            slug: None,
            theme: None,
            cache_duration: None,
            layout: (recipe.make)(&parts),
            settings: Map::default(),
            is_public: false,
            is_default: false,
        };
        self.create_dashboard(caller, new).await
    }
}

fn sketch(layout: &Layout) -> Vec<SketchTile> {
    let kind = |t: &Tile| t.chart_kind().map_or_else(|| "text".into(), |k| k.as_str().to_owned());
    layout.widgets.iter().map(|t| SketchTile { kind: kind(t), position: t.position }).collect()
}

fn tile(kind: &str, title: String, (x, y, w, h): (u32, u32, u32, u32), query: Query, options: Value) -> Tile {
    let options = options.as_object().cloned().unwrap_or_default();
    Tile {
        kind: match kind {
            "table" => TileKind::Table,
            "number" => TileKind::Metric,
            _ => TileKind::Chart,
        },
        chart_type: Some(kind.into()),
        title,
        position: Position { x, y, w, h },
        data_source: Some(DataSource { query: Some(query), options, ..DataSource::default() }),
        ..Tile::default()
    }
}

fn question(parts: &Parts<'_>, dimensions: Vec<Dimension>, measures: Vec<Measure>) -> Query {
    Query { dataset: parts.dataset.name.clone(), dimensions, measures, ..Query::default() }
}

fn largest(mut query: Query, n: u64) -> Query {
    if let Some(measure) = query.measures.first() {
        query.order = vec![Order { by: measure.output_name(), dir: Dir::Desc }];
    }
    query.limit = Some(n);
    query
}

fn by(column: &Column) -> Dimension {
    Dimension { column: column.name.clone(), ..Dimension::default() }
}

fn monthly(column: &Column) -> Dimension {
    Dimension { column: column.name.clone(), grain: Some(Grain::Month), ..Dimension::default() }
}

/// Rates and delays are averaged, amounts are summed.
fn of(column: &Column) -> Measure {
    let name = column.name.to_lowercase();
    let averaged = ["delay", "rate", "price", "speed", "temp", "score", "pct", "percent", "ratio", "age"];
    Measure::of(if averaged.iter().any(|w| name.contains(w)) { Agg::Avg } else { Agg::Sum }, &column.name)
}

fn controls(parts: &Parts<'_>) -> Vec<FilterControl> {
    let columns = parts.time.into_iter().chain(parts.groups.iter().copied().take(2));
    let control = |c: &Column| FilterControl {
        id: c.name.clone(),
        dataset: parts.dataset.name.clone(),
        column: c.name.clone(),
        label: c.label.clone(),
        default: None,
    };
    columns.map(control).collect()
}

fn overview(p: &Parts<'_>) -> Layout {
    let mut widgets = Vec::new();
    if let (Some(time), Some(first)) = (p.time, p.measures.first()) {
        for (i, measure) in p.measures.iter().take(3).enumerate() {
            let x = u32::try_from(i).unwrap_or_default() * 3;
            let query = question(p, vec![monthly(time)], vec![of(measure)]);
            widgets.push(tile("number", measure.label.clone(), (x, 0, 3, 3), query, json!({})));
        }
        let count = question(p, vec![monthly(time)], vec![Measure::count()]);
        widgets.push(tile("number", "Rows".into(), (9, 0, 3, 3), count, json!({})));
        let by_first = question(p, vec![monthly(time), by(p.groups[0])], vec![of(first)]);
        let title = format!("{} by month", first.label);
        widgets.push(tile("area", title, (0, 3, 8, 6), by_first, json!({"stack": "stacked"})));
        let share = largest(question(p, vec![by(p.groups[0])], vec![of(first)]), 50);
        widgets.push(tile(
            "pie",
            format!("{} by {}", first.label, p.groups[0].label.to_lowercase()),
            (8, 3, 4, 6),
            share,
            json!({"donut": true}),
        ));
        let rank = largest(question(p, vec![by(p.groups[1])], vec![of(first)]), 12);
        widgets.push(tile(
            "row",
            format!("{} by {}", first.label, p.groups[1].label.to_lowercase()),
            (0, 9, 6, 6),
            rank,
            json!({}),
        ));
        let all: Vec<Measure> = p.measures.iter().take(3).map(|m| of(m)).collect();
        let table = largest(question(p, vec![by(p.groups[0]), by(p.groups[1])], all), 200);
        widgets.push(tile("table", "All combinations".into(), (6, 9, 6, 6), table, json!({})));
    }
    Layout { widgets, filters: controls(p), ..Layout::default() }
}

fn trend(p: &Parts<'_>) -> Layout {
    let mut widgets = Vec::new();
    if let (Some(time), Some(group)) = (p.time, p.groups.first()) {
        for (i, measure) in p.measures.iter().take(4).enumerate() {
            let y = u32::try_from(i).unwrap_or_default() * 5;
            let total = question(p, vec![monthly(time)], vec![of(measure)]);
            widgets.push(tile("line", measure.label.clone(), (0, y, 6, 5), total, json!({})));
            let split = question(p, vec![monthly(time), by(group)], vec![of(measure)]);
            let title = format!("{} by {}", measure.label, group.label.to_lowercase());
            widgets.push(tile("line", title, (6, y, 6, 5), split, json!({})));
        }
    }
    Layout { widgets, filters: controls(p), ..Layout::default() }
}

fn ranking(p: &Parts<'_>) -> Layout {
    let mut widgets = Vec::new();
    if let Some(measure) = p.measures.first() {
        for (i, group) in p.groups.iter().take(3).enumerate() {
            let y = u32::try_from(i).unwrap_or_default() * 6;
            let title = format!("{} by {}", measure.label, group.label.to_lowercase());
            let top = largest(question(p, vec![by(group)], vec![of(measure)]), 15);
            widgets.push(tile("row", title, (0, y, 8, 6), top.clone(), json!({})));
            widgets.push(tile(
                "pie",
                format!("Share by {}", group.label.to_lowercase()),
                (8, y, 4, 6),
                top,
                json!({"donut": true}),
            ));
        }
    }
    Layout { widgets, filters: controls(p), ..Layout::default() }
}

fn relations(p: &Parts<'_>) -> Layout {
    let mut widgets = Vec::new();
    if let ([x, y, ..], Some(group)) = (p.measures.as_slice(), p.groups.first()) {
        let pair = largest(question(p, vec![by(group)], vec![of(x), of(y)]), 500);
        let title = format!("{} against {}", y.label, x.label.to_lowercase());
        widgets.push(tile("scatter", title, (0, 0, 7, 7), pair, json!({})));
        for (i, measure) in [x, y].into_iter().enumerate() {
            let at = u32::try_from(i).unwrap_or_default();
            let bars = largest(question(p, vec![by(group)], vec![of(measure)]), 12);
            let title = format!("{} by {}", measure.label, group.label.to_lowercase());
            widgets.push(tile("bar", title, (7, at * 4, 5, if at == 0 { 4 } else { 3 }), bars, json!({})));
        }
        let all: Vec<Measure> = p.measures.iter().take(5).map(|m| of(m)).collect();
        let table = largest(question(p, vec![by(group)], all), 500);
        widgets.push(tile("table", "Figures".into(), (0, 7, 12, 6), table, json!({})));
    }
    Layout { widgets, filters: controls(p), ..Layout::default() }
}
