//! Random questions: everything that a `Query` can ask of the three tables, in any combination that
//! has an answer.

mod conditions;

use crate::tables::Sheet;
use crate::tape::Tape;
use domain::{Column, DataType};
use serde_json::{Map, Value as Json, json};

/// What a question can name: a column of the tables that it joins, and how it is called.
#[derive(Clone)]
struct Name {
    called: String,
    table: usize,
    column: Column,
}

struct Asker<'a, 't> {
    tape: &'a mut Tape<'t>,
    sheets: &'a [Sheet],
    names: Vec<Name>,
    query: Map<String, Json>,
}

const ZONES: [&str; 9] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Havana",
    "Asia/Beirut",
];
const GRAINS: [&str; 11] = [
    "month",
    "day",
    "week",
    "quarter",
    "year",
    "hour",
    "minute",
    "second",
    "hour_of_day",
    "day_of_week",
    "month_of_year",
];

/// A question about `t`, and about others that it joins.
pub fn question(tape: &mut Tape<'_>, sheets: &[Sheet]) -> Json {
    let mut asker = Asker { tape, sheets, names: Vec::new(), query: Map::new() };
    asker.set("dataset", json!("t"));
    asker.join();
    if asker.tape.once_in(2) {
        let zone = asker.tape.of(&ZONES);
        asker.set("timezone", json!(zone));
    }
    for (key, most) in [("week_start", 7), ("fiscal_year_start", 12)] {
        if asker.tape.once_in(6) {
            let start = asker.tape.pick(most) + 1;
            asker.set(key, json!(start));
        }
    }
    if asker.tape.once_in(10) {
        asker.raw()
    } else {
        asker.grouped()
    }
    if asker.tape.once_in(6) {
        let (limit, offset) = (1 + asker.tape.pick(8), asker.tape.pick(4));
        asker.set("limit", json!(limit));
        asker.set("offset", json!(offset));
    } else {
        asker.set("limit", json!(20_000));
    }
    Json::Object(asker.query)
}

impl Asker<'_, '_> {
    fn set(&mut self, key: &str, value: Json) {
        self.query.insert(key.to_owned(), value);
    }

    fn join(&mut self) {
        let kind = self.tape.of(&["left", "inner"]);
        let u = json!({"dataset": "u", "on": [["city", "city"]], "kind": kind});
        let v = json!({"dataset": "v", "on": [["id", "owner"]], "kind": self.tape.of(&["left", "inner"])});
        let tables: &[usize] = match self.tape.pick(8) {
            0..=3 => &[0],
            4 => &[0, 1],
            5 | 6 => &[0, 2],
            _ => &[0, 1, 2],
        };
        let joins: Vec<Json> = tables[1..].iter().map(|t| if *t == 1 { u.clone() } else { v.clone() }).collect();
        if !joins.is_empty() {
            self.set("joins", json!(joins));
        }
        for table in tables {
            let sheet = &self.sheets[*table];
            for column in &sheet.columns {
                let called = if *table == 0 { column.name.clone() } else { format!("{}.{}", sheet.name, column.name) };
                self.names.push(Name { called, table: *table, column: column.clone() });
            }
        }
    }

    fn any(&mut self, fits: impl Fn(&Name) -> bool) -> Name {
        let all: Vec<Name> = self.names.iter().filter(|n| fits(n)).cloned().collect();
        self.tape.of(&all)
    }

    fn raw(&mut self) {
        let columns: Vec<String> = (0..1 + self.tape.pick(4)).map(|_| self.any(|_| true).called).collect();
        self.set("columns", json!(columns));
        self.filter(&[]);
        if self.names.iter().all(|n| n.table == 0) && self.tape.pick(3) > 0 {
            let by = self.any(|_| true).called;
            let dir = self.tape.of(&["asc", "desc"]);
            self.set("order", json!([{"by": by, "dir": dir}, {"by": "id"}]));
        }
    }

    fn grouped(&mut self) {
        let dimensions: Vec<Json> = (0..self.tape.pick(4)).map(|_| self.dimension()).collect();
        let count = if dimensions.is_empty() { 1 } else { usize::from(!self.tape.once_in(10)) } + self.tape.pick(3);
        let measures: Vec<Json> = (0..count)
            .map(|i| {
                let mut measure = self.measure(2);
                measure["as"] = json!(format!("m{i}"));
                measure
            })
            .collect();
        let measures: Vec<Json> = measures.into_iter().map(|m| self.calculated(m, &dimensions)).collect();
        self.set("dimensions", json!(dimensions));
        self.set("measures", json!(measures));
        let tops = self.tops(&dimensions, &measures);
        self.filter(&tops);
        self.compare(&dimensions);
        let names = self.outputs(&dimensions, &measures);
        if self.tape.once_in(5) && !names.is_empty() {
            let having = self.having(&names);
            self.set("having", having);
        }
        // Without an order, the first measure would give it.
        let is_unsafe = measures.first().is_some_and(is_inexact);
        if (is_unsafe || self.tape.once_in(3)) && !names.is_empty() {
            let keys = 1 + self.tape.pick(2);
            let order: Vec<Json> = (0..keys)
                .map(|_| json!({"by": self.tape.of(&names).0, "dir": self.tape.of(&["asc", "desc"])}))
                .collect();
            self.set("order", json!(order));
        }
        if self.tape.once_in(5) && !dimensions.is_empty() {
            self.subtotals(&dimensions);
        } else if self.tape.once_in(2) {
            self.fill(&dimensions, &measures);
        }
    }

    fn dimension(&mut self) -> Json {
        let name = self.any(|_| true);
        let mut dimension = json!({"column": name.called});
        match name.column.ty {
            DataType::Timestamp | DataType::Date if self.tape.pick(6) > 0 => {
                let is_date = name.column.ty == DataType::Date;
                let fits: Vec<&str> = GRAINS
                    .iter()
                    .copied()
                    .filter(|g| !is_date || !["hour", "minute", "second", "hour_of_day"].contains(g))
                    .collect();
                dimension["grain"] = json!(self.tape.of(&fits));
            }
            DataType::Integer | DataType::Float | DataType::Decimal
                if name.column.name != "wild" && self.tape.pick(3) > 0 =>
            {
                let is_huge = name.column.name == "huge";
                dimension["bin"] = match self.tape.pick(3) {
                    0 if !is_huge => json!({"width": self.tape.of(&[10.0, 2.5, 0.5, 7.0, 0.1])}),
                    1 if !is_huge => json!({"width": self.tape.of(&[1000.0, 3.0])}),
                    _ => json!({"count": 1 + self.tape.pick(7)}),
                };
            }
            _ => {}
        }
        dimension
    }

    fn measure(&mut self, depth: usize) -> Json {
        let is_number = |n: &Name| n.column.ty.is_number();
        let is_tame = |n: &Name| n.column.ty.is_number() && n.column.name != "wild";
        match self.tape.pick(if depth > 0 { 13 } else { 6 }) {
            0 => json!({"agg": "count"}),
            1 | 2 => json!({"agg": "sum", "column": self.any(is_number).called}),
            3 => json!({"agg": "avg", "column": self.any(is_number).called}),
            4 => json!({"agg": "count", "column": self.any(|_| true).called}),
            5 => json!({"agg": "count_distinct", "column": self.any(|_| true).called}),
            6 => json!({"agg": self.tape.of(&["min", "max"]), "column": self.any(|_| true).called}),
            7 => json!({"agg": self.tape.of(&["median", "p50", "p90", "p99"]), "column": self.any(is_tame).called}),
            8 => {
                json!({"agg": "percentile", "p": self.tape.of(&[0.0, 12.5, 75.0, 100.0]), "column": self.any(is_tame).called})
            }
            9 => json!({"agg": "stddev", "column": self.any(|n| is_number(n) && n.column.name != "huge").called}),
            10 => {
                json!({"agg": self.tape.of(&["first", "last"]), "column": self.any(|n| n.table == 0).called, "by": "id"})
            }
            11 => {
                let table = self.any(|_| true).table;
                json!({"agg": "count_if", "filter": self.conditions(1, &|n| n.table == table)})
            }
            _ => json!({"agg": "ratio", "numerator": self.measure(0), "denominator": self.measure(0)}),
        }
    }

    /// A measure with a calculation now and then.
    fn calculated(&mut self, mut measure: Json, dimensions: &[Json]) -> Json {
        let agg = measure["agg"].as_str().unwrap_or_default().to_owned();
        let is_text = matches!(agg.as_str(), "min" | "max" | "first" | "last");
        let is_wild = measure.to_string().contains("\"wild\"");
        if !self.tape.once_in(4) || is_text || is_wild || is_inexact(&measure) {
            return measure;
        }
        let adds_up = matches!(agg.as_str(), "count" | "sum" | "count_if");
        let kinds: &[&str] = if adds_up {
            &["running_total", "share", "rank", "change", "percent_change", "moving_avg"]
        } else {
            &["rank", "change", "percent_change", "moving_avg"]
        };
        let kind = self.tape.of(kinds);
        let mut calc = json!({"kind": kind});
        if matches!(kind, "change" | "percent_change" | "moving_avg") && self.tape.once_in(3) {
            calc["over"] = json!("row");
        }
        if kind == "moving_avg" {
            calc["window"] = json!(1 + self.tape.pick(4));
        }
        if self.tape.once_in(3) {
            let names = dimension_names(dimensions);
            calc["within"] = json!(names.into_iter().filter(|_| self.tape.pick(2) == 1).collect::<Vec<_>>());
        }
        measure["calc"] = calc;
        measure
    }

    fn tops(&mut self, dimensions: &[Json], measures: &[Json]) -> Vec<Json> {
        let by: Vec<&str> = measures
            .iter()
            .filter(|m| m["calc"].is_null() && !is_inexact(m))
            .filter_map(|m| m["as"].as_str())
            .collect();
        let is_counted = dimensions.iter().any(|d| !d["bin"]["count"].is_null());
        if !self.tape.once_in(5) || by.is_empty() || is_counted {
            return Vec::new();
        }
        let plain: Vec<String> = dimensions
            .iter()
            .filter(|d| d["grain"].is_null() && d["bin"].is_null())
            .map(|d| d["column"].as_str().unwrap().to_owned())
            .collect();
        let others = !plain.is_empty() && self.tape.pick(2) == 1;
        let column = if plain.is_empty() || (!others && self.tape.once_in(4)) {
            self.any(|_| true).called
        } else {
            self.tape.of(&plain)
        };
        vec![
            json!({"column": column, "op": "top_n", "value": {"n": 1 + self.tape.pick(4), "by": self.tape.of(&by), "others": others}}),
        ]
    }

    fn filter(&mut self, tops: &[Json]) {
        let mut all = tops.to_vec();
        if self.tape.pick(3) > 0 {
            all.push(self.conditions(3, &|_| true));
        }
        match all.as_slice() {
            [] => {}
            [one] if self.tape.pick(2) == 0 => self.set("filter", one.clone()),
            _ => self.set("filter", json!({"and": all})),
        }
    }

    /// A comparison, where the question has a time to compare along; now and then with its stretch.
    fn compare(&mut self, dimensions: &[Json]) {
        if !self.tape.once_in(6) || self.query["measures"].as_array().is_none_or(Vec::is_empty) {
            return;
        }
        let is_grained = |d: &&Json| ["day", "week", "month", "quarter", "year"].iter().any(|g| d["grain"] == *g);
        let mut column = dimensions.iter().find(is_grained).map(|d| d["column"].as_str().unwrap().to_owned());
        if column.is_none() || self.tape.pick(2) == 1 {
            let name = match &column {
                Some(column) => self.any(|n| n.called == *column),
                None => self.any(|n| n.column.ty.is_time()),
            };
            let value = match self.tape.pick(3) {
                0 => json!({"column": name.called, "op": "between", "value": ["2024-01-01", "2024-03-31"]}),
                1 => json!({"column": name.called, "op": "between", "value": ["2023-12-20", "2024-01-09"]}),
                _ => {
                    json!({"column": name.called, "op": "relative", "value": {"unit": self.tape.of(&["month", "week", "day", "year"]), "n": 1 + self.tape.pick(3)}})
                }
            };
            let mut all = vec![value];
            all.extend(
                self.query
                    .get("filter")
                    .cloned()
                    .map(|f| f["and"].as_array().cloned().unwrap_or(vec![f]))
                    .into_iter()
                    .flatten(),
            );
            self.set("filter", json!({"and": all}));
            column = Some(name.called);
        }
        let show: &[&str] =
            if self.tape.pick(2) == 0 { &["previous"] } else { &["previous", "change", "percent_change"] };
        let to = self.tape.of(&["previous_period", "previous_year"]);
        self.set("compare", json!({"to": to, "column": column, "show": show}));
    }

    /// The outputs that can be sorted and tested by, each with whether it holds numbers.
    fn outputs(&self, dimensions: &[Json], measures: &[Json]) -> Vec<(String, bool)> {
        let has_calc = measures.iter().any(|m| !m["calc"].is_null());
        let plain = |m: &&Json| !is_inexact(m) && (!has_calc || m["calc"].is_null());
        let is_number = |m: &Json| !matches!(m["agg"].as_str(), Some("min" | "max" | "first" | "last"));
        let own = measures.iter().filter(plain).map(|m| (m["as"].as_str().unwrap().to_owned(), is_number(m)));
        own.chain(dimension_names(dimensions).into_iter().map(|n| (n, false))).collect()
    }

    fn having(&mut self, names: &[(String, bool)]) -> Json {
        let condition = |asker: &mut Self| {
            let (name, is_number) = asker.tape.of(names);
            let op = if is_number {
                asker.tape.of(&["gt", "lte", "ne", "is_not_null", "between"])
            } else {
                asker.tape.of(&["is_null", "is_not_null"])
            };
            let value = match op {
                "between" => json!([-5, 40]),
                "gt" | "lte" | "ne" => json!(asker.tape.of(&[0, 1, 5, -3])),
                _ => Json::Null,
            };
            json!({"column": name, "op": op, "value": value})
        };
        match self.tape.pick(3) {
            0 | 1 => condition(self),
            _ => json!({"or": [condition(self), condition(self)]}),
        }
    }

    /// Filled gaps, where they do not make more lines than the model has patience for.
    fn fill(&mut self, dimensions: &[Json], measures: &[Json]) {
        let is_one_of = |d: &Json, grains: &[&str]| grains.iter().any(|g| d["grain"] == *g);
        let time = dimensions.iter().find(|d| is_one_of(d, &GRAINS[..8]));
        let is_plain = measures.iter().all(|m| m["calc"].is_null());
        let is_coarse = |d: &Json| match dimensions.len() {
            1 => is_one_of(d, &["month", "quarter", "year"]),
            2 => is_plain && is_one_of(d, &["quarter", "year"]),
            _ => false,
        };
        if time.is_some_and(is_coarse) && !measures.is_empty() {
            let fill = self.tape.of(&["zero", "null", "previous"]);
            self.set("fill", json!(fill));
        }
    }

    fn subtotals(&mut self, dimensions: &[Json]) {
        let names = dimension_names(dimensions);
        let sets: Vec<Vec<String>> = (0..1 + self.tape.pick(3))
            .map(|_| names.iter().filter(|_| self.tape.pick(2) == 1).cloned().collect())
            .collect();
        self.set("subtotals", json!(sets));
    }
}

/// Whether the last digits depend on how it is worked out: such values decide no order.
fn is_inexact(measure: &Json) -> bool {
    let agg = measure["agg"].as_str().unwrap_or_default();
    agg == "stddev" || agg == "median" || agg.starts_with('p')
}

/// The output names of dimensions: their columns, numbered where they repeat.
fn dimension_names(dimensions: &[Json]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for dimension in dimensions {
        let own = dimension["column"].as_str().unwrap();
        let numbered = (2..).map(|n| format!("{own}_{n}"));
        let free = std::iter::once(own.to_owned()).chain(numbered).find(|n| !names.contains(n)).unwrap();
        names.push(free);
    }
    names
}
