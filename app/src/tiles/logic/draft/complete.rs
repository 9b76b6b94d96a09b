//! What a kind of chart needs and the question lacks: taken from the dataset where it has it, so that
//! every kind begins with something to see.

use super::first::first_dimension;
use super::{Draft, Grains};
use domain::query::{Agg, Bin, Dimension, Grain, Measure};
use domain::{ChartKind, Column, Role};

/// Ranges of a number nobody has chosen ranges for.
const RANGES: u32 = 20;
/// Levels that a part of a whole is divided in at first.
const LEVELS: usize = 4;
/// Parts of a column's name that say that it holds countries.
const COUNTRIES: &[&str] = &["country", "nation", "iso", "land"];

/// What there is to take from.
pub(super) struct Stock<'a> {
    pub(super) columns: &'a [Column],
    pub(super) grains: &'a Grains,
}

pub(super) fn is_moment(dimension: &Dimension) -> bool {
    dimension.grain.is_some_and(|g| !g.is_folded())
}

impl Stock<'_> {
    fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name == name)
    }

    fn is_number(&self, name: &str) -> bool {
        self.column(name).is_some_and(|c| c.ty.is_number())
    }

    pub(super) fn time(&self) -> Option<Dimension> {
        let column = self.columns.iter().find(|c| c.ty.is_time())?;
        Some(first_dimension(&column.name, self.columns, self.grains))
    }

    /// Things to tell apart by, none of which is there yet.
    pub(super) fn category(&self, there: &[Dimension]) -> Option<Dimension> {
        let free =
            |c: &&Column| c.role == Role::Dimension && !c.ty.is_time() && there.iter().all(|d| d.column != c.name);
        let column = self.columns.iter().filter(free).min_by_key(|c| c.ty.is_number())?;
        Some(Dimension { column: column.name.clone(), ..Dimension::default() })
    }

    /// A number that no measure is of yet.
    pub(super) fn number(&self, there: &[Measure]) -> Option<&Column> {
        let is_free = |c: &&Column| {
            c.role == Role::Measure
                && c.ty.is_number()
                && there.iter().all(|m| m.column.as_deref() != Some(c.name.as_str()))
        };
        self.columns.iter().find(is_free)
    }

    fn called(&self, ends: &[&str]) -> Option<&Column> {
        let is = |c: &&Column| {
            let name = c.name.to_lowercase();
            c.ty.is_number() && ends.iter().any(|end| name == *end || name.ends_with(&format!("_{end}")))
        };
        self.columns.iter().find(is)
    }
}

/// Adds what the draft's kind needs, and takes away what it has no place for.
pub(super) fn complete(draft: &mut Draft, columns: &[Column], grains: &Grains) {
    use ChartKind as K;
    let stock = Stock { columns, grains };
    if draft.query.dataset.is_empty() || columns.is_empty() {
        return;
    }
    if let K::Plugin(_) = draft.kind {
        return draft.complete_parts(&stock);
    }
    let query = &mut draft.query;
    if query.measures.is_empty() && draft.kind != K::Table {
        query.measures.push(Measure::count());
    }
    let (dimensions, measures) = (&mut query.dimensions, &mut query.measures);
    match draft.kind {
        K::Table | K::Number | K::Plugin(_) => {}
        K::Trend | K::Sparkline => {
            lead_with_time(dimensions, &stock);
            dimensions.truncate(1);
            measures.truncate(1);
        }
        K::Calendar => {
            lead_with_time(dimensions, &stock);
            dimensions.truncate(1);
            if let Some(day) = dimensions.first_mut().filter(|d| is_moment(d)) {
                day.grain = Some(Grain::Day);
            }
            measures.truncate(1);
        }
        K::Line | K::Area | K::Bar | K::Row | K::Radar => at_least(dimensions, 1, &stock),
        K::Combo => {
            at_least(dimensions, 1, &stock);
            dimensions.truncate(1);
            two_numbers(measures, &stock);
        }
        K::Scatter => {
            at_least(dimensions, 1, &stock);
            two_numbers(measures, &stock);
        }
        K::Pie | K::Funnel => {
            timeless(dimensions, 1, 1, &stock);
            measures.truncate(1);
        }
        K::Waterfall => {
            at_least(dimensions, 1, &stock);
            dimensions.truncate(1);
            measures.truncate(1);
        }
        K::Treemap | K::Sunburst => {
            timeless(dimensions, 1, LEVELS, &stock);
            measures.truncate(1);
        }
        K::Heatmap => {
            at_least(dimensions, 2, &stock);
            dimensions.truncate(2);
            measures.truncate(1);
        }
        K::Sankey | K::Network => {
            timeless(dimensions, 2, 2, &stock);
            measures.truncate(1);
        }
        K::Gauge => {
            dimensions.clear();
            measures.truncate(1);
        }
        K::Progress | K::Bullet => {
            dimensions.truncate(1);
            measures.truncate(2);
        }
        K::Histogram => {
            let ranged = dimensions.iter().position(|d| d.grain.is_none() && stock.is_number(&d.column));
            let number = ranged.map(|at| dimensions.remove(at)).or_else(|| {
                let measured = measures.iter().find_map(|m| m.column.clone().filter(|c| stock.is_number(c)));
                let column = measured.or_else(|| stock.number(&[]).map(|c| c.name.clone()))?;
                Some(Dimension { column, ..Dimension::default() })
            });
            if let Some(number) = number {
                let bin = number.bin.or(Some(Bin::Count(RANGES)));
                *dimensions = vec![Dimension { bin, ..number }];
                *measures = vec![Measure::count()];
            }
        }
        K::BoxPlot => {
            dimensions.truncate(1);
            let own = measures.iter().find_map(|m| m.column.clone().filter(|c| stock.is_number(c)));
            if let Some(column) = own.or_else(|| stock.number(&[]).map(|c| c.name.clone())) {
                *measures = vec![Measure::of(Agg::Median, &column)];
            }
        }
        K::Map => places(dimensions, measures, &stock),
        K::Pivot => at_least(dimensions, 2, &stock),
    }
}

fn lead_with_time(dimensions: &mut Vec<Dimension>, stock: &Stock<'_>) {
    let own = dimensions.iter().position(is_moment).map(|at| dimensions.remove(at));
    if let Some(time) = own.or_else(|| stock.time()) {
        dimensions.insert(0, time);
    }
}

/// Something to run along first, then things to tell apart by.
fn at_least(dimensions: &mut Vec<Dimension>, many: usize, stock: &Stock<'_>) {
    while dimensions.len() < many {
        let time = || stock.time().filter(|t| dimensions.iter().all(|d| d.column != t.column));
        let next = if dimensions.is_empty() {
            time().or_else(|| stock.category(dimensions))
        } else {
            stock.category(dimensions).or_else(time)
        };
        match next {
            Some(next) => dimensions.push(next),
            None => return,
        }
    }
}

/// Things to tell apart by, no times; where there are none, what was there stays.
fn timeless(dimensions: &mut Vec<Dimension>, least: usize, most: usize, stock: &Stock<'_>) {
    let mut kept: Vec<Dimension> = dimensions.iter().filter(|d| !is_moment(d)).cloned().collect();
    while kept.len() < least {
        match stock.category(&kept) {
            Some(next) => kept.push(next),
            None => break,
        }
    }
    if kept.len() >= least {
        kept.truncate(most);
        *dimensions = kept;
    }
}

fn two_numbers(measures: &mut Vec<Measure>, stock: &Stock<'_>) {
    if measures.len() < 2 {
        let next = stock.number(measures).map(|c| Measure::of(Agg::Avg, &c.name));
        measures.extend(next.or_else(|| (!measures.contains(&Measure::count())).then(Measure::count)));
    }
}

/// A column of countries, else where each point lies.
fn places(dimensions: &mut Vec<Dimension>, measures: &mut Vec<Measure>, stock: &Stock<'_>) {
    let is_country = |name: &str| {
        let name = name.to_lowercase();
        COUNTRIES.iter().any(|word| name.contains(word)) && !stock.is_number(&name)
    };
    let countries = stock.columns.iter().find(|c| c.role == Role::Dimension && is_country(&c.name));
    if let Some(own) = dimensions.iter().find(|d| is_country(&d.column)).cloned() {
        *dimensions = vec![own];
    } else if let Some(column) = countries {
        *dimensions = vec![Dimension { column: column.name.clone(), ..Dimension::default() }];
    } else if let (Some(lat), Some(lon)) =
        (stock.called(&["lat", "latitude"]), stock.called(&["lon", "lng", "long", "longitude"]))
    {
        timeless(dimensions, 1, 1, stock);
        let own = measures.iter().find(|m| m.column.as_ref().is_none_or(|c| *c != lat.name && *c != lon.name));
        let size = own.cloned();
        *measures = [lat, lon].map(|c| Measure::of(Agg::Avg, &c.name)).into_iter().chain(size).collect();
        return;
    } else {
        timeless(dimensions, 1, 1, stock);
    }
    measures.truncate(1);
}
