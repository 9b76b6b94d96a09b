//! What columns are for in questions, and how datasets belong together.

use super::catalog::{AskColumn, Catalog};
use super::lexicon::ColumnRef;
use super::words::{Stems, split_name};
use domain::format::Style;
use domain::query::{Join, JoinKind};
use domain::{DataType, Role};
use std::collections::{BTreeSet, HashMap, VecDeque};

/// What a column is for in questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nature {
    Time,
    /// A number that says a year.
    Year,
    /// What tells rows apart, or refers to others.
    Id,
    /// A number with few values, to group by or to work out.
    Few,
    /// A number to be worked out.
    Amount,
    Category,
    /// Text that is different in every row.
    Name,
}

impl Nature {
    pub(crate) fn is_number(self) -> bool {
        matches!(self, Self::Few | Self::Amount)
    }

    /// Whether rows are grouped by it unless something else is said.
    pub(crate) fn is_group(self) -> bool {
        !matches!(self, Self::Amount)
    }
}

/// A way from one dataset to another.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Edge {
    pub(crate) to: usize,
    /// Columns here, columns there.
    pub(crate) on: Vec<(usize, usize)>,
    pub(crate) kind: JoinKind,
    pub(crate) alias: Option<String>,
    pub(crate) is_guessed: bool,
}

/// The datasets that may be meant, with what is known about them.
pub(crate) struct Schema<'a> {
    pub(crate) catalog: &'a Catalog,
    natures: Vec<Vec<Nature>>,
    edges: HashMap<usize, Vec<Edge>>,
}

const ADDITIVE: &[&str] = &[
    "sale",
    "sales",
    "amount",
    "revenue",
    "quantity",
    "qty",
    "cost",
    "costs",
    "profit",
    "total",
    "count",
    "num",
    "number",
    "units",
    "orders",
    "bookings",
    "passengers",
    "votes",
    "goals",
    "budget",
    "spend",
    "spending",
    "payment",
    "paid",
    "expenses",
    "income",
    "visits",
    "clicks",
    "views",
    "sessions",
    "hours",
    "minutes",
    "gross",
    "turnover",
    "stock",
    "seats",
    "tickets",
    "shipped",
    "sold",
    "volume",
    "losses",
    "wins",
    "deaths",
    "cases",
    "earnings",
];

impl<'a> Schema<'a> {
    pub(crate) fn new(catalog: &'a Catalog, among: &[usize], stems: &Stems) -> Self {
        let natures = catalog.datasets.iter().map(|d| d.columns.iter().map(|c| nature(c, d.rows)).collect()).collect();
        let mut schema = Self { catalog, natures, edges: HashMap::new() };
        schema.edges = schema.connect(among, stems);
        schema
    }

    pub(crate) fn column(&self, at: ColumnRef) -> &'a AskColumn {
        &self.catalog.datasets[at.0].columns[at.1]
    }

    pub(crate) fn nature(&self, at: ColumnRef) -> Nature {
        self.natures[at.0][at.1]
    }

    pub(crate) fn columns(&self, dataset: usize) -> impl Iterator<Item = ColumnRef> + '_ {
        (0..self.natures[dataset].len()).map(move |c| (dataset, c))
    }

    /// Whether the values of groups add up to something.
    pub(crate) fn is_additive(&self, at: ColumnRef) -> bool {
        let column = self.column(at);
        let words = split_name(&column.column.name).into_iter().chain(split_name(&column.column.label));
        words.into_iter().any(|w| ADDITIVE.contains(&w.as_str()))
    }

    /// The column that tells when: the first time, else the year.
    pub(crate) fn time_of(&self, dataset: usize) -> Option<ColumnRef> {
        let times = |n: Nature| self.columns(dataset).find(move |c| self.nature(*c) == n);
        let marked = self
            .columns(dataset)
            .find(|c| self.nature(*c) == Nature::Time && self.column(*c).column.role == Role::Time);
        marked.or_else(|| times(Nature::Time))
    }

    /// What the rows of a dataset were worth: the amount that is called so, else the first in money.
    pub(crate) fn money_of(&self, dataset: usize) -> Option<ColumnRef> {
        const WORTH: &[&str] = &["amount", "revenue", "sales", "turnover", "total"];
        let amounts = || self.columns(dataset).filter(|c| self.nature(*c) == Nature::Amount);
        let is_called_so =
            |c: &ColumnRef| split_name(self.column(*c).name()).iter().any(|w| WORTH.contains(&w.as_str()));
        let is_money =
            |c: &ColumnRef| self.column(*c).column.format.as_ref().is_some_and(|f| f.style == Style::Currency);
        amounts().find(is_called_so).or_else(|| amounts().find(is_money))
    }

    /// The column that people call a row by.
    pub(crate) fn name_of(&self, dataset: usize) -> Option<ColumnRef> {
        let is_text = |c: &ColumnRef| self.column(*c).ty() == DataType::Text;
        let last = |c: &ColumnRef| split_name(self.column(*c).name()).pop().unwrap_or_default();
        let own = split_name(&self.catalog.datasets[dataset].name);
        let plain = |c: &ColumnRef| {
            let words = split_name(self.column(*c).name());
            matches!(last(c).as_str(), "name" | "title") && (words.len() == 1 || own.iter().any(|o| words.contains(o)))
        };
        self.columns(dataset)
            .filter(is_text)
            .find(plain)
            .or_else(|| self.columns(dataset).filter(is_text).find(|c| matches!(last(c).as_str(), "name" | "title")))
            .or_else(|| self.columns(dataset).filter(is_text).find(|c| split_name(self.column(*c).name()) == own))
            .or_else(|| self.columns(dataset).filter(is_text).find(|c| self.nature(*c) == Nature::Name))
    }

    fn connect(&self, among: &[usize], stems: &Stems) -> HashMap<usize, Vec<Edge>> {
        let mut edges: HashMap<usize, Vec<Edge>> = HashMap::new();
        let mut linked: BTreeSet<(usize, usize)> = BTreeSet::new();
        for &a in among {
            for r in &self.catalog.datasets[a].relationships {
                let Some(b) = self.catalog.datasets.iter().position(|d| d.name == r.dataset) else { continue };
                let find =
                    |d: usize, name: &str| self.catalog.datasets[d].columns.iter().position(|c| c.name() == name);
                let on: Option<Vec<_>> = r.on.iter().map(|(x, y)| Some((find(a, x)?, find(b, y)?))).collect();
                let Some(on) = on.filter(|on| !on.is_empty() && a != b) else { continue };
                let back = on.iter().map(|(x, y)| (*y, *x)).collect();
                edges.entry(a).or_default().push(Edge {
                    to: b,
                    on,
                    kind: r.kind,
                    alias: r.alias.clone(),
                    is_guessed: false,
                });
                edges.entry(b).or_default().push(Edge {
                    to: a,
                    on: back,
                    kind: JoinKind::Inner,
                    alias: None,
                    is_guessed: false,
                });
                linked.insert((a, b));
                linked.insert((b, a));
            }
        }
        let keys: HashMap<usize, Vec<usize>> = among.iter().map(|d| (*d, self.keys(*d))).collect();
        for &a in among {
            for c in 0..self.natures[a].len() {
                let is_measured = self.natures[a][c] == Nature::Amount && self.column((a, c)).ty() != DataType::Integer;
                if self.natures[a][c] == Nature::Time || is_measured {
                    continue;
                }
                let mut best: Option<(f32, usize, usize)> = None;
                for &b in among {
                    if a == b || linked.contains(&(a, b)) {
                        continue;
                    }
                    for &k in &keys[&b] {
                        let score = self.refers((a, c), (b, k), stems);
                        if score > 0.0 && best.is_none_or(|(s, ..)| score > s) {
                            best = Some((score, b, k));
                        }
                    }
                }
                if let Some((_, b, k)) = best {
                    let edge = |to, on| Edge { to, on, kind: JoinKind::Inner, alias: None, is_guessed: true };
                    edges.entry(a).or_default().push(edge(b, vec![(c, k)]));
                    edges.entry(b).or_default().push(edge(a, vec![(k, c)]));
                }
            }
        }
        edges
    }

    /// Columns that tell the rows of a dataset apart and look like keys.
    fn keys(&self, dataset: usize) -> Vec<usize> {
        let columns = &self.catalog.datasets[dataset].columns;
        let is_key = |c: &usize| columns[*c].is_unique && (self.natures[dataset][*c] == Nature::Id || *c == 0);
        (0..columns.len()).filter(is_key).collect()
    }

    /// How likely a column refers to a key of another dataset: 0 to 1.
    fn refers(&self, from: ColumnRef, key: ColumnRef, stems: &Stems) -> f32 {
        let (a, b) = (self.column(from), self.column(key));
        let fits = a.ty() == b.ty() || (a.ty().is_number() && b.ty().is_number());
        if !fits {
            return 0.0;
        }
        let plain = |name: &str| -> Vec<String> { split_name(name).iter().map(|w| stems.of(w)).collect() };
        let (x, y) = (plain(a.name()), plain(b.name()));
        let of = plain(&self.catalog.datasets[key.0].name);
        let is_id = |w: &String| matches!(w.as_str(), "id" | "code" | "key" | "no" | "number");
        let core: Vec<&String> = x.iter().filter(|w| !is_id(w)).collect();
        let overlap = overlap(a, b);
        if overlap.is_some_and(|o| o < 0.6) {
            return 0.0;
        }
        let bonus = overlap.unwrap_or(0.5) * 0.1 + if key.1 == 0 { 0.02 } else { 0.0 };
        if x == y && !(core.is_empty() && from.1 == 0) {
            // Both keys are the same thing told twice only where one refers to the other.
            return if core.is_empty() { 0.0 } else { 0.9 + bonus - if a.is_unique { 0.2 } else { 0.0 } };
        }
        let known: Vec<&String> = of.iter().chain(&y).collect();
        if !core.is_empty()
            && core.iter().all(|w| known.contains(w))
            && core.iter().any(|w| of.contains(w) || y.contains(w))
        {
            return 0.75 + bonus;
        }
        // `advisor_id` of a dataset with an `id`: only the values can tell.
        let ends_with_id = x.last().is_some_and(is_id) || self.nature(from) == Nature::Id;
        let is_plain_key = key.1 == 0 && overlap == Some(1.0) && y.len() == 1 && is_id(&y[0]);
        if ends_with_id && is_plain_key && (from.1 != 0 || !a.is_unique) {
            return 0.5 + bonus;
        }
        // Two parts of one thing: `car_names` and `cars_data`.
        let own = plain(&self.catalog.datasets[from.0].name);
        if ends_with_id && is_plain_key && own.iter().any(|w| of.contains(w)) {
            return 0.4 + bonus;
        }
        0.0
    }

    /// The joins that lead from a dataset to all of the others, with the name of each; none where one
    /// cannot be reached.
    pub(crate) fn route(&self, base: usize, needed: &BTreeSet<usize>) -> Option<Route> {
        let mut route = Route { base, joins: Vec::new(), names: vec![(base, None)], guessed: 0 };
        for &target in needed {
            if route.name(target).is_some() || target == base {
                continue;
            }
            let path = self.path(&route, target)?;
            for (from, edge) in path {
                if route.names.iter().any(|(d, _)| *d == edge.to) {
                    continue;
                }
                let here = |c: usize| {
                    let name = self.column((from, c)).name();
                    match route.names.iter().find(|(d, _)| *d == from) {
                        Some((_, Some(qualifier))) => format!("{qualifier}.{name}"),
                        _ => format!("{}.{name}", self.catalog.datasets[from].name),
                    }
                };
                let on =
                    edge.on.iter().map(|(a, b)| (here(*a), self.column((edge.to, *b)).name().to_owned())).collect();
                let dataset = self.catalog.datasets[edge.to].name.clone();
                let qualifier = edge.alias.clone().unwrap_or_else(|| dataset.clone());
                route.joins.push(Join { dataset, on, kind: edge.kind, alias: edge.alias.clone() });
                route.names.push((edge.to, Some(qualifier)));
                route.guessed += usize::from(edge.is_guessed);
            }
        }
        Some(route)
    }

    /// The shortest way from what is joined already.
    fn path(&self, route: &Route, target: usize) -> Option<Vec<(usize, &Edge)>> {
        let mut came: HashMap<usize, (usize, &Edge)> = HashMap::new();
        let start: BTreeSet<usize> = route.names.iter().map(|(d, _)| *d).collect();
        let mut queue: VecDeque<(usize, usize)> = start.iter().map(|d| (*d, 0)).collect();
        while let Some((at, depth)) = queue.pop_front() {
            if at == target {
                let mut path = Vec::new();
                let mut here = at;
                while let Some((from, edge)) = came.get(&here) {
                    path.push((*from, *edge));
                    here = *from;
                }
                path.reverse();
                return Some(path);
            }
            if depth >= 3 {
                continue;
            }
            for edge in self.edges.get(&at).into_iter().flatten() {
                if !start.contains(&edge.to) && !came.contains_key(&edge.to) {
                    came.insert(edge.to, (at, edge));
                    queue.push_back((edge.to, depth + 1));
                }
            }
        }
        None
    }

    /// How many steps lead from a dataset to each other one.
    pub(crate) fn distances(&self, base: usize) -> HashMap<usize, u32> {
        let mut found = HashMap::from([(base, 0)]);
        let mut queue = VecDeque::from([base]);
        while let Some(at) = queue.pop_front() {
            let depth = found[&at];
            for edge in self.edges.get(&at).into_iter().flatten().filter(|_| depth < 3) {
                found.entry(edge.to).or_insert_with(|| {
                    queue.push_back(edge.to);
                    depth + 1
                });
            }
        }
        found
    }
}

/// Joins, and what each dataset is called in the question.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Route {
    pub(crate) base: usize,
    pub(crate) joins: Vec<Join>,
    names: Vec<(usize, Option<String>)>,
    pub(crate) guessed: usize,
}

impl Route {
    fn name(&self, dataset: usize) -> Option<&str> {
        self.names.iter().find(|(d, _)| *d == dataset)?.1.as_deref()
    }

    /// A column as the question has to write it.
    pub(crate) fn column(&self, schema: &Schema<'_>, at: ColumnRef) -> String {
        let name = schema.column(at).name();
        if let Some(qualifier) = self.name(at.0) {
            return format!("{qualifier}.{name}");
        }
        let is_shared = self
            .names
            .iter()
            .any(|(d, _)| *d != at.0 && schema.catalog.datasets[*d].columns.iter().any(|c| c.name() == name));
        if is_shared { format!("{}.{name}", schema.catalog.datasets[at.0].name) } else { name.to_owned() }
    }
}

/// Which part of the values here is found there, where both are known.
fn overlap(a: &AskColumn, b: &AskColumn) -> Option<f32> {
    let is_whole = |c: &AskColumn| c.distinct.is_some_and(|d| d as usize <= c.values.len());
    if a.values.is_empty() || !is_whole(b) {
        return None;
    }
    let there: BTreeSet<String> = b.values.iter().map(key).collect();
    let all = a.values.len();
    let hits = a.values.iter().filter(|v| there.contains(&key(v))).count();
    Some(hits as f32 / all as f32)
}

fn key(cell: &domain::Cell) -> String {
    match cell.as_f64() {
        Some(n) => n.to_string(),
        None => cell.to_text(),
    }
}

fn nature(column: &AskColumn, rows: Option<u64>) -> Nature {
    let words = split_name(&column.column.name);
    let last = words.last().map_or("", String::as_str);
    let ty = column.ty();
    if ty.is_time() {
        return Nature::Time;
    }
    let is_key = matches!(
        last,
        "id" | "code" | "key" | "no" | "zip" | "zipcode" | "postcode" | "phone" | "ssn" | "uuid" | "isbn" | "extension"
    );
    if !ty.is_number() {
        let is_different =
            column.is_unique || column.distinct.zip(rows).is_some_and(|(d, r)| r > 20 && d * 10 >= r * 8);
        return if is_different && !is_key && rows != Some(0) { Nature::Name } else { Nature::Category };
    }
    let numbers: Vec<f64> = column.values.iter().filter_map(domain::Cell::as_f64).collect();
    let is_whole = ty == DataType::Integer || (!numbers.is_empty() && numbers.iter().all(|n| n.fract() == 0.0));
    let looks_like_years = numbers.iter().all(|n| (1000.0..2200.0).contains(n));
    let says_year = words.iter().any(|w| matches!(w.as_str(), "year" | "season" | "creation" | "founded" | "yr"));
    if words == ["year"] || (says_year && looks_like_years && is_whole) {
        return Nature::Year;
    }
    if is_key || column.column.role == Role::Dimension && column.is_unique {
        return Nature::Id;
    }
    if matches!(last, "num" | "number") && column.is_unique && words.len() <= 2 {
        return Nature::Id;
    }
    if column.column.role == Role::Dimension {
        return Nature::Few;
    }
    let adds_up = words.iter().any(|w| {
        ADDITIVE.contains(&w.as_str())
            && !matches!(w.as_str(), "number" | "num" | "count" | "hours" | "minutes" | "goals" | "losses" | "wins")
    });
    match column.distinct {
        Some(distinct) if !adds_up && is_whole && distinct <= 12 && rows.is_none_or(|r| distinct * 3 <= r) => {
            Nature::Few
        }
        _ => Nature::Amount,
    }
}
