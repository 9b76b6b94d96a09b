//! Profiles and the small questions about one column.

use crate::columns;
use crate::golden::same_sql;
use domain::Cell;
use jiff::Timestamp;
use semantic::{Parts, Source, latest_sql, profile, repeats_sql, values_sql};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn check(name: &str, sql: &str) {
    same_sql(name, "", sql);
}

#[test]
fn golden() {
    let columns = columns();
    let parts = ["s_1".to_owned(), "s_2".to_owned()];
    let source = Source { name: "flights", columns: &columns, parts: (&parts[..1]).into() };
    check("latest", &latest_sql(&source.into(), "time_hour", NOW).unwrap());
    check("latest_two_parts", &latest_sql(&Source { parts: (&parts).into(), ..source }.into(), "day", NOW).unwrap());
    assert!(latest_sql(&source.into(), "nothing", NOW).is_err());
    check("values", &values_sql(&source.into(), "carrier", "o'h", 20, NOW).unwrap());
    check("values_number", &values_sql(&source.into(), "distance", "5", 20, NOW).unwrap());
    check("values_all", &values_sql(&source.into(), "details", "", 1 << 60, NOW).unwrap());
    assert_eq!(
        values_sql(&source.into(), "carier", "", 5, NOW).unwrap_err().hint.as_deref(),
        Some("Did you mean `carrier`?")
    );
    check("profile_summary", &profile::summary_sql(&source, 1_000));
    check("profile_summary_large", &profile::summary_sql(&source, 10_000_000));
    for column in &columns {
        check(&format!("profile_top_{}", column.name), &profile::top_sql(&source, column));
        match profile::histogram_sql(&source, column) {
            Some(sql) => check(&format!("profile_histogram_{}", column.name), &sql),
            None => assert!(!column.ty.is_number() && !column.ty.is_time()),
        }
    }
}

#[test]
fn postgres() {
    let columns = columns();
    let table = crate::postgres("flights");
    let source = Source { name: "flights", columns: &columns, parts: Parts::Table(&table) };
    let check = |name: &str, sql: &str| same_sql(&format!("postgres/{name}"), "", sql);
    check("latest", &latest_sql(&source.into(), "time_hour", NOW).unwrap());
    check("values", &values_sql(&source.into(), "carrier", "o'h", 20, NOW).unwrap());
    check("values_all", &values_sql(&source.into(), "details", "", 1 << 60, NOW).unwrap());
    check("repeats", &repeats_sql(&source.into(), &["carrier", "origin"], NOW).unwrap());
    check("profile_summary", &profile::summary_sql(&source, 1_000));
    for column in &columns {
        check(&format!("profile_top_{}", column.name), &profile::top_sql(&source, column));
        if let Some(sql) = profile::histogram_sql(&source, column) {
            check(&format!("profile_histogram_{}", column.name), &sql);
        }
    }
}

#[test]
fn the_summary_is_read_back_in_its_order() {
    let columns = columns();
    let mut row = vec![Cell::Int(7)];
    for i in 0..columns.len() as i64 {
        row.extend([Cell::Int(i), Cell::Int(3), Cell::from("a"), Cell::from("z"), Cell::Float(1.5), Cell::Null]);
        row.extend((0..5).map(Cell::Int));
    }
    let (rows, profiles) = profile::read_summary(&columns, &row);
    assert_eq!((rows, profiles.len()), (7, columns.len()));
    assert_eq!((profiles[2].name.as_str(), profiles[2].missing, profiles[2].distinct), ("dep_time", 2, 3));
    assert_eq!((&profiles[2].max, profiles[2].mean, profiles[2].stddev), (&Cell::from("z"), Some(1.5), None));
    assert_eq!(profiles[2].quantiles, [0.0, 1.0, 2.0, 3.0, 4.0]);
    let top = profile::read_top(&[vec![Cell::from("UA"), Cell::Int(5)]]);
    assert_eq!((top[0].value.as_str(), top[0].count), (Some("UA"), 5));
    let bars = profile::read_histogram(&[vec![Cell::Int(0), Cell::Int(5), Cell::Int(9)]]);
    assert_eq!((&bars[0].lo, &bars[0].hi, bars[0].count), (&Cell::Int(0), &Cell::Int(5), 9));
}
