//! Questions over made-up tables like the demo's: what is asserted, offered and refused.
#![allow(clippy::unwrap_used)]

use super::*;
use domain::ask::{Outcome, Reading, Understanding};
use domain::query::{Agg, Filter, Grain, Op, Query};
use domain::{Cell, ChartKind, Column, DataType, Role};
use jiff::civil::{Date, date};
use proptest::prelude::*;

fn column(name: &str, ty: DataType) -> AskColumn {
    let role = match ty {
        ty if ty.is_time() => Role::Time,
        ty if ty.is_number() => Role::Measure,
        _ => Role::Dimension,
    };
    let label = domain::names::to_label(name);
    AskColumn::of(Column {
        name: name.into(),
        label,
        ty,
        role,
        description: String::new(),
        format: None,
        is_calculated: false,
    })
}

fn text(name: &str, values: &[&str]) -> AskColumn {
    let values: Vec<Cell> = values.iter().map(|v| Cell::from(*v)).collect();
    AskColumn { distinct: Some(values.len() as u64), values, ..column(name, DataType::Text) }
}

fn amount(name: &str) -> AskColumn {
    AskColumn { distinct: Some(5_000), ..column(name, DataType::Integer) }
}

fn catalog() -> Catalog {
    let carriers = ["AA", "B6", "DL", "UA", "WN"];
    let time = AskColumn {
        extent: Some(("2013-01-01T05:00:00Z".into(), "2013-12-31T23:00:00Z".into())),
        ..column("time_hour", DataType::Timestamp)
    };
    let day = AskColumn { extent: Some(("2023-01-01".into(), "2026-06-14".into())), ..column("date", DataType::Date) };
    let flights = AskDataset {
        name: "flights".into(),
        label: "Flights".into(),
        columns: vec![
            time,
            text("carrier", &carriers),
            text("origin", &["EWR", "JFK", "LGA"]),
            text("dest", &["ATL", "LAX", "MIA", "ORD", "SFO"]),
            AskColumn { synonyms: vec!["delay".into()], ..amount("dep_delay") },
            amount("arr_delay"),
            amount("distance"),
            column("cancelled", DataType::Boolean),
        ],
        rows: Some(300_000),
        ..AskDataset::default()
    };
    let airlines = AskDataset {
        name: "airlines".into(),
        label: "Airlines".into(),
        columns: vec![
            AskColumn { is_unique: true, ..text("carrier", &carriers) },
            AskColumn {
                is_unique: true,
                ..text(
                    "name",
                    &[
                        "American Airlines",
                        "JetBlue Airways",
                        "Delta Air Lines",
                        "United Air Lines",
                        "Southwest Airlines",
                    ],
                )
            },
        ],
        rows: Some(5),
        ..AskDataset::default()
    };
    let sales = AskDataset {
        name: "sales".into(),
        label: "Sales Data".into(),
        columns: vec![
            day,
            text("region", &["North", "South", "East", "West"]),
            text("product", &["Pen", "Office chair", "Espresso machine", "Water bottle"]),
            AskColumn { distinct: Some(900), ..text("customer_id", &["C1", "C2"]) },
            amount("quantity"),
            amount("amount"),
            amount("cost"),
        ],
        rows: Some(100_000),
        ..AskDataset::default()
    };
    Catalog { datasets: vec![flights, airlines, sales], ..Catalog::default() }
}

fn ask_on(question: &str, catalog: &Catalog, today: Date) -> Understanding {
    understand(question, catalog, &Surroundings { previous: None, dataset: None, today })
}

fn ask(question: &str) -> Understanding {
    ask_on(question, &catalog(), date(2026, 6, 15))
}

fn sure(question: &str) -> Reading {
    let understood = ask(question);
    assert_eq!(
        understood.outcome,
        Outcome::Answer,
        "{question}: {} {:#?}",
        understood.reason,
        understood.readings.first().map(|r| &r.sentence)
    );
    understood.readings.into_iter().next().unwrap()
}

fn dims(query: &Query) -> Vec<String> {
    query
        .dimensions
        .iter()
        .map(|d| d.grain.map_or(d.column.clone(), |g| format!("{}:{}", d.column, g.as_str())))
        .collect()
}

fn nums(query: &Query) -> Vec<String> {
    query.measures.iter().map(|m| m.output_name()).collect()
}

fn filters(query: &Query) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(filter) = &query.filter {
        filter.each(&mut |c| all.push(format!("{} {:?} {}", c.column, c.op, c.value)));
    }
    all
}

/// Question, dimensions, measures, kind.
const GROUPED: &[(&str, &[&str], &[&str], ChartKind)] = &[
    ("total amount by region", &["region"], &["sum_amount"], ChartKind::Bar),
    ("total amount by product as a pie", &["product"], &["sum_amount"], ChartKind::Pie),
    ("average amount for each product", &["product"], &["avg_amount"], ChartKind::Bar),
    ("avg cost per region", &["region"], &["avg_cost"], ChartKind::Bar),
    ("median cost by product", &["product"], &["median_cost"], ChartKind::Bar),
    ("sales by region", &["region"], &["sum_amount"], ChartKind::Bar),
    ("sales trend by region", &["date:month", "region"], &["sum_amount"], ChartKind::Line),
    ("how many sales by region", &["region"], &["count"], ChartKind::Bar),
    ("quantity and amount by region", &["region"], &["sum_quantity", "sum_amount"], ChartKind::Bar),
    ("monthly amount", &["date:month"], &["sum_amount"], ChartKind::Line),
    ("amount by month and region", &["date:month", "region"], &["sum_amount"], ChartKind::Line),
    ("amount over time", &["date:month"], &["sum_amount"], ChartKind::Line),
    ("amount trend by region", &["date:month", "region"], &["sum_amount"], ChartKind::Line),
    ("weekly quantity as an area chart", &["date:week"], &["sum_quantity"], ChartKind::Area),
    ("amount by region and product", &["region", "product"], &["sum_amount"], ChartKind::Bar),
    ("amuont by regoin", &["region"], &["sum_amount"], ChartKind::Bar),
    ("flights per day of week", &["time_hour:day_of_week"], &["count"], ChartKind::Bar),
    ("how many flights per carrier", &["carrier"], &["count"], ChartKind::Bar),
    ("number of flights by origin", &["origin"], &["count"], ChartKind::Bar),
    ("flights by destination and carrier", &["dest", "carrier"], &["count"], ChartKind::Bar),
    ("average arrival delay by carrier", &["carrier"], &["avg_arr_delay"], ChartKind::Bar),
    ("average delay by hour of day", &["time_hour:hour_of_day"], &["avg_dep_delay"], ChartKind::Bar),
    ("longest distance by carrier", &["carrier"], &["max_distance"], ChartKind::Bar),
    ("average arrival delay by airline name", &["airlines.name"], &["avg_arr_delay"], ChartKind::Bar),
    ("pie chart of origin", &["origin"], &["count"], ChartKind::Pie),
    ("show carrier as a bar chart", &["carrier"], &["count"], ChartKind::Bar),
    ("line chart of average distance by month", &["time_hour:month"], &["avg_distance"], ChartKind::Line),
];

#[test]
fn groups_measures_and_charts() {
    for (question, dimensions, measures, kind) in GROUPED {
        let reading = sure(question);
        assert_eq!(dims(&reading.query), *dimensions, "{question}");
        assert_eq!(nums(&reading.query), *measures, "{question}");
        assert_eq!(reading.kind, *kind, "{question}");
    }
}

#[test]
fn conditions() {
    for (question, wanted) in [
        ("total amount in the south", vec!["region Eq \"South\""]),
        ("amount by product for North and South", vec!["region In [\"North\",\"South\"]"]),
        ("amount by region without pens", vec!["product Ne \"Pen\""]),
        ("amount by region since 2024", vec!["date Gte \"2024-01-01\""]),
        ("amount by region in June 2025", vec!["date Between [\"2025-06-01\",\"2025-06-30\"]"]),
        ("number of flights with distance over 2.5k by carrier", vec!["distance Gt 2500"]),
        ("number of flights with distance between 500 and 1,000", vec!["distance Between [500,1000]"]),
        ("how many flights were cancelled", vec!["cancelled IsTrue null"]),
        ("how many flights from JFK to LAX", vec!["origin Eq \"JFK\"", "dest Eq \"LAX\""]),
        ("how many flights have at least 100 arrival delay", vec!["arr_delay Gte 100"]),
    ] {
        assert_eq!(filters(&sure(question).query), wanted, "{question}");
    }
}

#[test]
fn the_questions_of_the_specification() {
    let top = sure("top 10 carriers by average delay in summer").query;
    assert_eq!((dims(&top), nums(&top), top.limit), (vec!["carrier".into()], vec!["avg_dep_delay".into()], Some(10)));
    assert_eq!(filters(&top), ["time_hour Between [\"2013-06-01\",\"2013-08-31\"]"]);

    let compared = sure("compare JFK and LGA");
    assert_eq!(dims(&compared.query), ["origin"]);
    assert_eq!(filters(&compared.query), ["origin In [\"JFK\",\"LGA\"]"]);
    let amounts = sure("compare North and South by amount").query;
    assert_eq!((dims(&amounts), nums(&amounts)), (vec!["region".to_owned()], vec!["sum_amount".to_owned()]));

    let trend = sure("sales trend by region last quarter").query;
    assert_eq!(nums(&trend), ["sum_amount"]);
    assert!(filters(&trend)[0].contains("\"of\":\"previous\"") && filters(&trend)[0].contains("\"unit\":\"quarter\""));

    let why = ask("why did delays rise in June");
    let Intent::Explain { time, from, until, direction } = why.intent else { panic!("{why:?}") };
    assert_eq!((time.as_str(), from.as_str(), until.as_str()), ("time_hour", "2013-06-01", "2013-07-01"));
    assert_eq!(direction, Some(domain::ask::ChangeWord::Up));

    let forecast = ask("forecast amount for 6 weeks");
    assert_eq!(forecast.intent, Intent::Forecast { time: "date".into(), grain: Grain::Week, horizon: 6 });
    assert_eq!(dims(&forecast.readings[0].query), ["date:week"]);
    assert_eq!(ask("anything unusual in the flights?").intent, Intent::Insights);
}

#[test]
fn the_largest_and_groups_that_pass() {
    let most = sure("which carrier has the most flights?").query;
    assert_eq!((dims(&most), most.limit), (vec!["carrier".into()], Some(1)));
    let having = sure("carriers with more than 300 flights").query;
    assert_eq!(having.having, Some(Filter::is("count", Op::Gt, 300)));
    let share = sure("percentage of flights by carrier");
    assert_eq!(share.kind, ChartKind::Pie);
    let growth = sure("amount by month compared to last year").query;
    assert!(growth.compare.is_some());
    let running = sure("cumulative amount by month").query;
    assert!(running.measures.iter().any(|m| m.calc.is_some()));
    let distinct = sure("how many different products").query;
    assert_eq!(distinct.measures[0].agg, Some(Agg::CountDistinct));
}

#[test]
fn nothing_is_guessed_silently() {
    let unknown = ask("zorblat by region");
    assert_ne!(unknown.outcome, Outcome::Answer);
    assert_eq!(unknown.unknown[0].word, "zorblat");
    let near = ask("number of flights by carier and dst code of zzz");
    assert_ne!(near.outcome, Outcome::Answer);
    // Two columns are called delay where the model does not say which.
    let mut open = catalog();
    open.datasets[0].columns[4].synonyms.clear();
    let either = ask_on("average delay by carrier", &open, date(2026, 6, 15));
    assert_eq!(either.outcome, Outcome::Choice);
    let said: Vec<String> = either.readings.iter().flat_map(|r| nums(&r.query)).collect();
    assert!(said.contains(&"avg_dep_delay".into()) && said.contains(&"avg_arr_delay".into()), "{said:?}");
    for impossible in
        ["carriers with more flights than the average", "products above the average cost", "", "?!", "the of and"]
    {
        assert_ne!(ask(impossible).outcome, Outcome::Answer, "{impossible}");
    }
    assert_eq!(understand("sales", &Catalog::default(), &around()).outcome, Outcome::Refused);
}

fn around() -> Surroundings<'static> {
    Surroundings { previous: None, dataset: None, today: date(2026, 6, 15) }
}

#[test]
fn what_was_taught_is_known() {
    let mut taught = catalog();
    let column = Meaning::Column { dataset: "sales".into(), column: "amount".into() };
    let chip = Chip {
        part: domain::ask::ChipPart::Measure,
        text: String::new(),
        words: "the Zorblat".into(),
        column: None,
        value: None,
    };
    taught.synonyms.push(learned(&chip, &column).unwrap());
    taught.synonyms.push(Synonym {
        word: "quuxland".into(),
        meaning: Meaning::Value { dataset: "sales".into(), column: "region".into(), value: "South".into() },
    });
    let today = date(2026, 6, 15);
    let by_region = ask_on("zorblat by region", &taught, today);
    assert_eq!(
        (by_region.outcome, nums(&by_region.readings[0].query)),
        (Outcome::Answer, vec!["sum_amount".to_owned()])
    );
    let there = ask_on("total amount in quuxland", &taught, today);
    assert_eq!(
        (there.outcome, filters(&there.readings[0].query)),
        (Outcome::Answer, vec!["region Eq \"South\"".to_owned()])
    );
    assert_eq!(learned(&Chip { words: "of the".into(), ..chip }, &column), None);
}

#[test]
fn follow_ups_change_the_answer_before() {
    let first = sure("amount by region");
    let previous = AskContext { query: first.query, kind: first.kind };
    let catalog = catalog();
    let then = |question: &str| {
        let understood = understand(question, &catalog, &Surroundings { previous: Some(&previous), ..around() });
        assert_eq!(understood.outcome, Outcome::Answer, "{question}: {}", understood.reason);
        understood.readings.into_iter().next().unwrap()
    };
    assert_eq!(then("as a pie").kind, ChartKind::Pie);
    assert_eq!(dims(&then("now by month").query), ["date:month"]);
    assert_eq!(nums(&then("now by month").query), ["sum_amount"]);
    assert_eq!(filters(&then("and for pens").query), ["product Eq \"Pen\""]);
    assert_eq!(filters(&then("without North").query), ["region Ne \"North\""]);
    assert!(filters(&then("only weekends").query)[0].starts_with("date In"));
    assert!(filters(&then("only last month").query)[0].contains("month"));
    let other =
        understand("how many flights per carrier", &catalog, &Surroundings { previous: Some(&previous), ..around() });
    assert_eq!(dims(&other.readings[0].query), ["carrier"]);
}

#[test]
fn charts_that_exist_are_offered() {
    let mut with = catalog();
    let query = sure("total amount by region").query;
    with.charts.push(AskChart { id: "t1".into(), title: "Amount by region".into(), query, kind: ChartKind::Bar });
    let found = ask_on("total amount by region", &with, date(2026, 6, 15)).charts;
    assert!(found.len() == 1 && found[0].is_exact && found[0].id == "t1");
}

#[test]
fn a_long_text_takes_no_long_time() {
    let catalog = catalog();
    for huge in ["amount by region and ".repeat(5_000), "9".repeat(100_000), "\"".repeat(10_000), "(((".repeat(9_000)] {
        let understood = understand(&huge, &catalog, &around());
        assert!(understood.readings.len() <= MOST_READINGS);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_is_understood_or_not_and_always_alike(text in "\\PC{0,120}") {
        let catalog = catalog();
        prop_assert_eq!(understand(&text, &catalog, &around()), understand(&text, &catalog, &around()));
    }

    #[test]
    fn any_words_make_a_query_of_columns_there_are(words in proptest::collection::vec(proptest::sample::select(vec![
        "total", "amount", "by", "region", "top", "5", "flights", "most", "more", "than", "10", "not", "North", "last", "month",
        "average", "delay", "carrier", "each", "and", "of", "the", "in", "June", "between", "2013", "or", "descending", "order",
        "how", "many", "bar", "chart", "x", "axis", "number", "share", "name", "forecast", "why", "weekends", "bin", "\"Pen\"", "with",
    ]), 0..14)) {
        let catalog = catalog();
        for reading in understand(&words.join(" "), &catalog, &around()).readings {
            prop_assert!(reading.confidence >= 0.0 && reading.confidence <= 1.0);
            let known = |name: &String| catalog.datasets.iter().any(|d| {
                let bare = name.strip_prefix(&format!("{}.", d.name)).unwrap_or(name);
                d.columns.iter().any(|c| c.name() == bare)
            });
            prop_assert!(reading.query.dimensions.iter().all(|d| known(&d.column)));
            prop_assert!(reading.query.columns.iter().all(known));
        }
    }
}
