//! Questions and their SQL, kept in `tests/golden`. After a wanted change run the tests once with
//! `UPDATE_GOLDEN=1` and read the difference.

use crate::{World, columns};
use domain::{DataType, Role};
use semantic::{Dialect, Plan, Policy};
use serde_json::{Value, json};
use std::path::Path;

/// Compares with the golden file, under its first line.
pub(crate) fn same_sql(name: &str, head: &str, sql: &str) {
    let file = Path::new("tests/golden").join(format!("{name}.sql"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, format!("{head}{sql}\n")).unwrap();
    }
    let golden = std::fs::read_to_string(&file).unwrap_or_default();
    let expected = if head.is_empty() { &golden } else { golden.split_once('\n').map_or("", |(_, sql)| sql) };
    assert_eq!(format!("{sql}\n"), expected, "{name}");
}

pub(crate) fn check_in(world: &World, name: &str, query: Value) -> Plan {
    let mut full = json!({"dataset": "flights"});
    full.as_object_mut().unwrap().extend(query.as_object().unwrap().clone());
    let plan = world.plan(&full).unwrap();
    // The first line is the question, for the reader; the order of its keys depends on the build.
    same_sql(name, &format!("-- {query}\n"), &plan.sql);
    let elsewhere = world.plan_for(&full, Dialect::Postgres).unwrap();
    same_sql(&format!("postgres/{name}"), "", &elsewhere.sql);
    assert_eq!(elsewhere.columns, plan.columns, "the meaning of a question does not depend on where it is asked");
    assert_eq!(
        plan.columns.len(),
        plan.columns.iter().map(|c| &c.name).collect::<std::collections::HashSet<_>>().len()
    );
    plan
}

pub(crate) fn check(name: &str, query: Value) -> Plan {
    check_in(&World::default(), name, query)
}

/// Output names, joined.
fn names(plan: &Plan) -> String {
    plan.columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn raw_rows() {
    let plan = check("raw", json!({"columns": ["day", "carrier", "carrier", "fare"], "limit": 10, "offset": 20}));
    assert_eq!(names(&plan), "day carrier carrier_2 fare");
    assert_eq!(plan.columns[3].role, Role::Measure);
    assert_eq!((plan.limit, plan.timezone.as_str()), (10, "UTC"));
    check(
        "raw_ordered",
        json!({"columns": ["carrier"], "order": [{"by": "dep_delay", "dir": "desc"}, {"by": "carrier"}]}),
    );
}

#[test]
fn count_needs_no_column() {
    let plan = check("count", json!({"measures": [{"agg": "count"}]}));
    assert_eq!((plan.columns[0].name.as_str(), plan.columns[0].label.as_str()), ("count", "Count"));
    assert_eq!((plan.columns[0].ty, plan.columns[0].role), (DataType::Integer, Role::Measure));
}

#[test]
fn dimensions_alone_are_distinct_combinations() {
    check("distinct", json!({"dimensions": [{"column": "carrier"}, {"column": "origin"}]}));
}

#[test]
fn the_largest_first_without_an_order() {
    let plan = check(
        "by_carrier",
        json!({
            "dimensions": [{"column": "carrier"}],
            "measures": [{"agg": "avg", "column": "dep_delay"}, {"agg": "sum", "column": "fare"}],
        }),
    );
    assert_eq!(names(&plan), "carrier avg_dep_delay sum_fare");
    assert_eq!(plan.columns[1].label, "Average of Dep delay");
    assert_eq!((plan.columns[1].ty, plan.columns[2].ty), (DataType::Float, DataType::Decimal));
    assert_eq!(plan.columns[2].format, columns()[8].format);
}

#[test]
fn names_given_by_hand_stay_and_others_are_numbered() {
    let plan = check(
        "names",
        json!({
            "dimensions": [{"column": "origin", "as": "carrier"}, {"column": "carrier"}, {"column": "day", "grain": "year"},
                           {"column": "day", "grain": "month"}],
            "measures": [{"agg": "count", "as": "Total \"flights\""}, {"agg": "count"}, {"agg": "count"}],
            "order": [{"by": "origin"}, {"by": "Total \"flights\"", "dir": "desc"}],
        }),
    );
    assert_eq!(names(&plan), "carrier carrier_2 day day_2 Total \"flights\" count count_2");
    assert_eq!(plan.columns[0].label, "Carrier");
}

#[test]
fn times_by_grain() {
    let plan = check(
        "month",
        json!({"dimensions": [{"column": "time_hour", "grain": "month"}], "measures": [{"agg": "count"}]}),
    );
    assert_eq!((plan.columns[0].ty, plan.columns[0].role), (DataType::Timestamp, Role::Time));
    let plan = check(
        "date_week",
        json!({"dimensions": [{"column": "carrier"}, {"column": "day", "grain": "week"}],
        "measures": [{"agg": "count"}]}),
    );
    assert_eq!(plan.columns[1].ty, DataType::Date);
    let plan = check(
        "folded",
        json!({"dimensions": [{"column": "time_hour", "grain": "hour_of_day"},
        {"column": "day", "grain": "day_of_week"}, {"column": "day", "grain": "month_of_year"}], "measures": [{"agg": "count"}]}),
    );
    assert!(plan.columns[..3].iter().all(|c| c.ty == DataType::Integer && c.role == Role::Dimension));
}

#[test]
fn times_in_a_zone() {
    let zoned = |name: &str, grain: &str, zone: &str| {
        check(
            name,
            json!({"dimensions": [{"column": "time_hour", "grain": grain}], "measures": [{"agg": "count"}],
            "timezone": zone}),
        )
    };
    assert_eq!(zoned("zone_month", "month", "asia/tokyo").timezone, "Asia/Tokyo");
    zoned("zone_day_changing", "day", "America/Sao_Paulo");
    zoned("zone_hour_whole", "hour", "America/New_York");
    zoned("zone_hour_half", "hour", "Asia/Kolkata");
    zoned("zone_day_of_week", "day_of_week", "Asia/Tokyo");
    zoned("zone_utc", "day", "Etc/UTC");
}

#[test]
fn bins() {
    let bin = |name: &str, column: &str, bin: Value| {
        check(name, json!({"dimensions": [{"column": column, "bin": bin}], "measures": [{"agg": "count"}]}))
    };
    assert_eq!(bin("bin_integer", "distance", json!({"width": 500})).columns[0].ty, DataType::Integer);
    assert_eq!(bin("bin_fraction", "dep_delay", json!({"width": 0.25})).columns[0].ty, DataType::Float);
    bin("bin_width_float", "dep_delay", json!({"width": 15}));
    bin("bin_count", "fare", json!({"count": 10}));
    check(
        "bin_count_twice",
        json!({
            "dimensions": [{"column": "distance", "bin": {"count": 5}}, {"column": "dep_delay", "bin": {"count": 4}}],
            "filter": {"column": "carrier", "op": "eq", "value": "UA"},
        }),
    );
}

#[test]
fn every_aggregate() {
    let plan = check(
        "aggregates",
        json!({"measures": [
            {"agg": "count", "column": "dep_delay"}, {"agg": "count_distinct", "column": "carrier"},
            {"agg": "sum", "column": "distance"}, {"agg": "avg", "column": "fare"}, {"agg": "min", "column": "day"},
            {"agg": "max", "column": "carrier"}, {"agg": "median", "column": "fare"}, {"agg": "stddev", "column": "dep_delay"},
            {"agg": "percentile", "column": "distance", "p": 99.9}, {"agg": "p95", "column": "dep_delay"},
            {"agg": "first", "column": "carrier", "by": "time_hour"}, {"agg": "last", "column": "fare", "by": "time_hour"},
            {"agg": "count_if", "filter": {"column": "dep_delay", "op": "gt", "value": 15}},
            {"agg": "ratio", "numerator": {"agg": "count_if", "filter": {"column": "cancelled", "op": "is_true"}},
             "denominator": {"agg": "count"}, "as": "cancelled_rate"},
        ]}),
    );
    assert_eq!(
        names(&plan),
        "count_dep_delay count_distinct_carrier sum_distance avg_fare min_day max_carrier \
        median_fare stddev_dep_delay percentile_distance p95_dep_delay first_carrier last_fare count_if cancelled_rate"
    );
    let labels: Vec<&str> = plan.columns.iter().map(|c| c.label.as_str()).collect();
    assert_eq!(
        labels[8..],
        [
            "99.9th percentile of Distance",
            "95th percentile of Dep delay",
            "First of Carrier",
            "Last of Fare",
            "Count if",
            "Cancelled rate"
        ]
    );
}

#[test]
fn having_and_top_n() {
    check(
        "having",
        json!({"dimensions": [{"column": "carrier"}],
        "measures": [{"agg": "avg", "column": "dep_delay", "as": "avg_delay"}],
        "having": {"and": [{"column": "avg_delay", "op": "gt", "value": 10}, {"column": "carrier", "op": "ne", "value": "UA"}]},
        "order": [{"by": "avg_delay", "dir": "desc"}]}),
    );
    check(
        "top_n",
        json!({"dimensions": [{"column": "day", "grain": "month"}, {"column": "carrier"}],
        "measures": [{"agg": "sum", "column": "fare"}],
        "filter": {"and": [{"column": "carrier", "op": "top_n", "value": {"n": 3, "by": "sum_fare"}},
            {"column": "origin", "op": "eq", "value": "JFK"}]}}),
    );
}

#[test]
fn the_rows_come_from_all_parts_and_pass_all_policies() {
    let rule = |json: Value| serde_json::from_value(json).unwrap();
    let rows = vec![
        rule(json!({"column": "origin", "op": "in", "value": ["JFK"]})),
        rule(
            json!({"or": [{"column": "cancelled", "op": "is_false"}, {"column": "carrier", "op": "eq", "value": "UA"}]}),
        ),
    ];
    let policy = Policy { rows, ..Policy::default() };
    let parts = vec!["s_1".to_owned(), "s_2".to_owned()];
    let by_carrier = || json!({"dimensions": [{"column": "carrier"}], "measures": [{"agg": "count"}]});
    check_in(&World { parts: parts.clone(), ..World::default() }, "two_parts", by_carrier());
    check_in(
        &World { parts: parts.clone(), ..World::default() },
        "two_parts_count",
        json!({"measures": [{"agg": "count"}]}),
    );
    check_in(&World { parts: vec![], ..World::default() }, "no_part", json!({"columns": ["day", "fare", "details"]}));
    check_in(&World { policy: policy.clone(), ..World::default() }, "policies", by_carrier());
    let top = json!({"dimensions": [{"column": "distance", "bin": {"count": 2}}], "measures": [{"agg": "count"}],
        "filter": {"column": "carrier", "op": "top_n", "value": {"n": 1, "by": "count"}}});
    check_in(&World { policy, parts, ..World::default() }, "policies_reach_every_scan", top);
}

#[test]
fn a_sample_is_every_nth_row_that_the_reader_may_see() {
    let rules = vec![serde_json::from_value(json!({"column": "origin", "op": "eq", "value": "JFK"})).unwrap()];
    let world = World { policy: Policy { rows: rules, ..Policy::OPEN }, ..World::default() };
    let query = json!({"dataset": "flights", "columns": ["carrier", "distance"]});
    let sample =
        |every| world.plan_by(&query, Dialect::DuckDb, |q, ctx| semantic::sample(q, ctx, every, 500_000)).unwrap();
    let one = sample(7).sql;
    let numbered = one.find("row_number() OVER ()").unwrap();
    assert!(one.find("'JFK'").unwrap() > numbered, "numbered are the rows that pass the rules: {one}");
    assert!(one.contains("% 7 = 1") && one.ends_with("LIMIT 500001"), "{one}");
    let all = sample(1);
    assert!(!all.sql.contains("row_number"), "{}", all.sql);
    assert!(all.is_narrowed);
    let counted = json!({"dataset": "flights", "measures": [{"agg": "count"}]});
    let refused = world.plan_by(&counted, Dialect::DuckDb, |q, ctx| semantic::sample(q, ctx, 1, 10)).unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("columns"));
}
