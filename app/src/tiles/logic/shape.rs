//! What a question answers, known before it is asked: names, labels and types of its outputs. The
//! same rules as `semantic`, which decides in the end.

use domain::names::to_label;
use domain::query::{Agg, Bin, Compared, Dimension, Grain, Measure, Query};
use domain::{Column, DataType, Field, Role};

/// The output columns of a question over these columns, those of a comparison last.
pub fn fields(query: &Query, columns: &[Column]) -> Vec<Field> {
    let mut all = own_fields(query, columns);
    let measures = query.dimensions.len()..query.dimensions.len() + query.measures.len();
    let added: Vec<Field> = compared(query)
        .into_iter()
        .filter_map(|(at, what, name)| {
            let of = all.get(measures.start + at)?;
            let (words, ty) = match what {
                Compared::Previous => ("previously", of.ty),
                Compared::Change => ("change", of.ty),
                Compared::PercentChange => ("percent change", DataType::Float),
            };
            let format = of.format.clone().filter(|_| what != Compared::PercentChange);
            Some(Field { name, label: format!("{}, {words}", of.label), ty, format, ..of.clone() })
        })
        .collect();
    all.extend(added);
    all
}

/// What a comparison adds: for which measure, what, under which name.
fn compared(query: &Query) -> Vec<(usize, Compared, String)> {
    let Some(compare) = &query.compare else { return Vec::new() };
    let mut taken = own_names(query);
    let mut added = Vec::new();
    for at in 0..query.measures.len() {
        let of = taken.get(query.dimensions.len() + at).cloned().unwrap_or_default();
        for what in &compare.show {
            let ending = match what {
                Compared::Previous => "previous",
                Compared::Change => "change",
                Compared::PercentChange => "percent_change",
            };
            let stem = format!("{of}_{ending}");
            let free = (1..).map(|n| if n == 1 { stem.clone() } else { format!("{stem}_{n}") });
            let name = free.into_iter().find(|name| !taken.contains(name)).unwrap_or(stem);
            taken.push(name.clone());
            added.push((at, *what, name));
        }
    }
    added
}

/// The names of all outputs.
pub fn output_names(query: &Query) -> Vec<String> {
    let mut names = own_names(query);
    names.extend(compared(query).into_iter().map(|(_, _, name)| name));
    names
}

fn own_fields(query: &Query, columns: &[Column]) -> Vec<Field> {
    let names = own_names(query);
    let find = |name: &str| columns.iter().find(|c| c.name == name);
    let dimensions = query.dimensions.iter().map(|d| dimension_field(d, find(&d.column)));
    let measures = query.measures.iter().map(|m| measure_field(m, m.column.as_deref().and_then(find)));
    let raw = query.columns.iter().map(|name| raw_field(name, find(name)));
    let all = dimensions.chain(measures).chain(raw);
    all.zip(names).map(|(field, name)| Field { name, ..field }).collect()
}

/// The names of the outputs: as given, else as they follow, repeats numbered.
fn own_names(query: &Query) -> Vec<String> {
    let dimensions = query.dimensions.iter().map(|d| (d.alias.clone(), d.column.clone()));
    let measures = query.measures.iter().map(|m| (m.alias.clone(), m.output_name()));
    let raw = query.columns.iter().map(|c| (None, c.clone()));
    let wanted: Vec<(Option<String>, String)> = dimensions.chain(measures).chain(raw).collect();
    let mut taken: Vec<String> = wanted.iter().filter_map(|(alias, _)| alias.clone()).collect();
    wanted
        .into_iter()
        .map(|(alias, implied)| {
            if let Some(alias) = alias {
                return alias;
            }
            let free = (1..).map(|n| if n == 1 { implied.clone() } else { format!("{implied}_{n}") });
            let name = free.into_iter().find(|name| !taken.contains(name)).unwrap_or(implied);
            taken.push(name.clone());
            name
        })
        .collect()
}

fn dimension_field(dimension: &Dimension, column: Option<&Column>) -> Field {
    let folded = dimension.grain.is_some_and(Grain::is_folded);
    let ty = match (column.map(|c| c.ty), dimension.bin) {
        _ if folded => DataType::Integer,
        (_, Some(Bin::Count(_))) => DataType::Float,
        (Some(ty), _) => ty,
        (None, _) => DataType::Other,
    };
    Field {
        name: String::new(),
        label: label(dimension.alias.as_deref(), || column_label(&dimension.column, column)),
        ty,
        role: if ty.is_time() { Role::Time } else { Role::Dimension },
        format: column.filter(|_| !folded).and_then(|c| c.format.clone()),
        grain: dimension.grain,
    }
}

fn measure_field(measure: &Measure, column: Option<&Column>) -> Field {
    let ty = match (measure.agg, column) {
        (Some(Agg::Count | Agg::CountDistinct | Agg::CountIf), _) => DataType::Integer,
        (Some(Agg::Sum | Agg::Min | Agg::Max | Agg::First | Agg::Last), Some(column)) => column.ty,
        _ => DataType::Float,
    };
    let counts = matches!(measure.agg, Some(Agg::Count | Agg::CountDistinct | Agg::Stddev));
    Field {
        name: String::new(),
        label: label(measure.alias.as_deref(), || meaning(measure, column)),
        ty,
        role: Role::Measure,
        format: column.filter(|_| !counts).and_then(|c| c.format.clone()),
        grain: None,
    }
}

fn raw_field(name: &str, column: Option<&Column>) -> Field {
    Field {
        name: String::new(),
        label: column_label(name, column),
        ty: column.map_or(DataType::Other, |c| c.ty),
        role: column.map_or(Role::Dimension, |c| c.role),
        format: column.and_then(|c| c.format.clone()),
        grain: None,
    }
}

/// "Average of Dep delay", "Count", "Sum of Cost / Sum of Amount", "Percentile 90 of Fare".
pub fn meaning(measure: &Measure, column: Option<&Column>) -> String {
    if let Some(metric) = &measure.metric {
        return to_label(metric);
    }
    let side = |part: Option<&Measure>| part.map(|m| meaning(m, None)).unwrap_or_default();
    match (measure.agg, &measure.column) {
        (Some(Agg::Ratio), _) => {
            format!("{} / {}", side(measure.numerator.as_deref()), side(measure.denominator.as_deref()))
        }
        (Some(Agg::Percentile), Some(name)) => {
            let p = measure.p.map(|p| format!(" {p}")).unwrap_or_default();
            format!("Percentile{p} of {}", column_label(name, column))
        }
        (Some(agg), Some(name)) => format!("{} of {}", agg.label(), column_label(name, column)),
        (Some(agg), None) => agg.label(),
        (None, _) => "Value".to_owned(),
    }
}

fn column_label(name: &str, column: Option<&Column>) -> String {
    column.map_or_else(|| to_label(name), |c| c.label.clone())
}

fn label(alias: Option<&str>, meaning: impl FnOnce() -> String) -> String {
    alias.map(to_label).filter(|l| !l.is_empty()).unwrap_or_else(meaning)
}

/// The word for a grain: "Month", "Hour of day".
pub fn grain_label(grain: Grain) -> String {
    to_label(grain.as_str())
}

/// The grains that suit a type.
pub fn grains(ty: DataType) -> Vec<Grain> {
    let within_a_day = |g: &Grain| matches!(g, Grain::Second | Grain::Minute | Grain::Hour | Grain::HourOfDay);
    match ty {
        DataType::Timestamp => Grain::ALL.to_vec(),
        DataType::Date => Grain::ALL.iter().copied().filter(|g| !within_a_day(g)).collect(),
        _ => Vec::new(),
    }
}

/// The aggregates that suit a type; those that need more than a column come last.
pub fn aggregates(ty: Option<DataType>) -> Vec<Agg> {
    let suits = |agg: &Agg| match ty {
        None => *agg == Agg::Count,
        Some(DataType::Other) => matches!(agg, Agg::Count | Agg::CountDistinct),
        Some(ty) => ty.is_number() || !agg.needs_number(),
    };
    let special = [Agg::Percentile, Agg::First, Agg::Last];
    Agg::CHOICES.iter().copied().chain(special).filter(suits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tiles::logic::testing::flights;

    #[test]
    fn outputs_are_named_as_the_contract_says() {
        let query = Query {
            dimensions: vec![
                Dimension { column: "origin".into(), ..Dimension::default() },
                Dimension { column: "origin".into(), ..Dimension::default() },
            ],
            measures: vec![
                Measure::count(),
                Measure::of(Agg::Avg, "dep_delay"),
                Measure { alias: Some("origin_2".into()), ..Measure::count() },
            ],
            ..Query::default()
        };
        assert_eq!(output_names(&query), ["origin", "origin_3", "count", "avg_dep_delay", "origin_2"]);
        let fields = fields(&query, &flights());
        let labels: Vec<&str> = fields.iter().map(|f| f.label.as_str()).collect();
        assert_eq!(labels, ["Origin", "Origin", "Count", "Average of Dep delay", "Origin 2"]);
        assert_eq!(fields[3].ty, DataType::Float);
    }

    #[test]
    fn a_comparison_adds_its_outputs_after_the_others() {
        let compare = serde_json::json!({"to": "previous_period", "show": ["previous", "percent_change"]});
        let query = Query {
            dimensions: vec![Dimension { column: "origin".into(), ..Dimension::default() }],
            measures: vec![Measure::count(), Measure::of(Agg::Sum, "dep_delay")],
            compare: serde_json::from_value(compare).unwrap(),
            ..Query::default()
        };
        let names =
            ["count_previous", "count_percent_change", "sum_dep_delay_previous", "sum_dep_delay_percent_change"];
        assert_eq!(output_names(&query)[3..], names);
        assert_eq!(fields(&query, &flights())[4].label, "Count, percent change");
    }

    #[test]
    fn a_part_of_the_cycle_is_a_number() {
        let dimension = Dimension { column: "time_hour".into(), grain: Some(Grain::DayOfWeek), ..Dimension::default() };
        let query = Query { dimensions: vec![dimension], ..Query::default() };
        let field = &fields(&query, &flights())[0];
        assert_eq!((field.ty, field.role), (DataType::Integer, Role::Dimension));
    }

    #[test]
    fn choices_suit_the_type() {
        assert!(!grains(DataType::Date).contains(&Grain::Hour));
        assert!(grains(DataType::Timestamp).contains(&Grain::HourOfDay));
        assert!(!aggregates(Some(DataType::Text)).contains(&Agg::Sum));
        assert_eq!(aggregates(None), [Agg::Count]);
    }
}
