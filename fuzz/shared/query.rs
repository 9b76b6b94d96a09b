//! A question as JSON: read, and turned into SQL in every dialect. Whatever is asked, what comes of it
//! is one statement whose quotes are closed.

use domain::{Column, DataType, Query, Role};
use semantic::{Context, Dataset, Dialect, Parts, Source, Table};

fn columns() -> Vec<Column> {
    let column = |name: &str, ty, role| Column {
        name: name.into(),
        label: name.into(),
        ty,
        role,
        description: String::new(),
        format: None,
        is_calculated: false,
    };
    vec![
        column("at", DataType::Timestamp, Role::Time),
        column("day", DataType::Date, Role::Time),
        column("hour", DataType::Time, Role::Dimension),
        column("word", DataType::Text, Role::Dimension),
        column("yes", DataType::Boolean, Role::Dimension),
        column("n", DataType::Integer, Role::Measure),
        column("x", DataType::Float, Role::Measure),
        column("money", DataType::Decimal, Role::Measure),
        column("other", DataType::Other, Role::Dimension),
    ]
}

/// One input. Answers in how many dialects it became SQL.
pub(crate) fn one(data: &[u8]) -> usize {
    let Ok(query) = serde_json::from_slice::<Query>(data) else { return 0 };
    let mut dialects = 0;
    let text = serde_json::to_string(&query).expect("a question can be written");
    let again: Query = serde_json::from_str(&text).expect("what was written can be read");
    let columns = columns();
    let parts = ["s_1".to_owned(), "s_2".to_owned()];
    let table = Table {
        source: "pg".into(),
        dialect: Dialect::Postgres,
        path: vec!["public".into(), "t".into()],
        read_as: Vec::new(),
    };
    for (is_ours, parts) in [(true, Parts::from(&parts)), (false, Parts::Table(&table))] {
        let dataset = Dataset::from(Source { name: "t", columns: &columns, parts });
        let joins: Vec<Dataset<'_>> = query
            .joins
            .iter()
            .map(|join| Dataset::from(Source { name: &join.dataset, columns: &columns, parts }))
            .collect();
        let now = jiff::Timestamp::UNIX_EPOCH;
        let plan = |query: &Query| semantic::plan(query, &Context { base: dataset, joins: &joins, metrics: &[], now });
        let (planned, once_more) = (plan(&query), plan(&again));
        assert_eq!(planned.is_ok(), once_more.is_ok(), "written and read it is another question");
        let Ok(planned) = planned else { continue };
        dialects += 1;
        if is_ours {
            let bare = skeleton(&planned.sql).expect("a quote is left open");
            assert!(!bare.contains(';') && !bare.contains("--") && !bare.contains("/*"), "{}", planned.sql);
        }
        let _ = domain::query::sentence(&query, &|name| Some(name.to_owned()));
    }
    dialects
}

/// The SQL without what stands in quotes; nothing where one is left open.
fn skeleton(sql: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = sql.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(c);
        if c == '\'' || c == '"' {
            loop {
                if chars.next()? == c {
                    if chars.peek() != Some(&c) {
                        break;
                    }
                    chars.next();
                }
            }
        }
    }
    Some(out)
}
