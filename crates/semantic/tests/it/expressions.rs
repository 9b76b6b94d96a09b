//! Expressions of calculated columns: types, faults with their place, and laws.

use crate::columns;
use domain::DataType;
use proptest::prelude::*;
use semantic::expression::{FUNCTIONS, check};

fn fault(text: &str) -> (String, std::ops::Range<usize>) {
    let fault = check(text, &columns()).unwrap_err();
    let hint = fault.hint.clone().unwrap_or_default();
    (format!("{} {hint}", fault.message), fault.at)
}

#[test]
fn types_follow_from_the_parts() {
    use DataType::{Boolean, Date, Decimal, Float, Integer, Text, Timestamp};
    for (text, ty) in [
        ("distance + 1", Integer),
        ("distance / 2", Float),
        ("distance % 2 = 0", Boolean),
        ("fare * distance", Float),
        ("fare + distance", Decimal),
        ("-dep_delay", Float),
        ("'a'", Text),
        ("carrier = 'UA' and not cancelled or dep_delay is null", Boolean),
        ("carrier not in ('UA', 'B6')", Boolean),
        ("if(cancelled, null, distance)", Integer),
        ("case when dep_delay > 15 then 'late' when cancelled then null else 'fine' end", Text),
        ("coalesce(dep_delay, 0)", Float),
        ("max(distance, 0)", Integer),
        ("round(fare, 1)", Decimal),
        ("concat(origin, ' ', distance)", Text),
        ("[time_hour]", Timestamp),
        ("\"day\"", Date),
        ("year(day) * 100 + month(day)", Integer),
        ("date_add(day, 1, 'week')", Date),
        ("date_add(time_hour, distance, 'hour')", Timestamp),
        ("date_diff('day', day, time_hour)", Integer),
        ("date_trunc('month', time_hour)", Timestamp),
        ("today()", Date),
        ("to_number(carrier)", Float),
        ("to_date(time_hour)", Date),
        ("substring(carrier, 1, 2)", Text),
        ("IF(TRUE, 1, 2.5)", Float),
    ] {
        assert_eq!(check(text, &columns()), Ok(ty), "{text}");
    }
}

#[test]
fn faults_say_what_and_where() {
    for (text, words, at) in [
        ("", "is empty", 0..0),
        ("distance +", "ends where a value", 10..10),
        ("distance 5", "goes on", 9..10),
        ("(distance", "`)` is missing", 9..9),
        ("distence * 2", "no column `distence`. Did you mean `distance`?", 0..8),
        ("rond(fare)", "no function `rond`. Did you mean `round`?", 0..10),
        ("round()", "does not take 0 arguments. Write round(number, digits)", 0..7),
        ("1 + carrier", "`+` needs a number, but this is text", 4..11),
        ("carrier = 5", "cannot be compared", 0..11),
        ("not distance", "`not` needs a true or false", 4..12),
        ("if(cancelled, 1, 'a')", "do not go together", 17..20),
        ("'abc", "closing ' is missing", 0..4),
        ("day + 1", "Use date_add", 0..3),
        ("date_add(day, 1, 'fortnight')", "unit of time", 17..28),
        ("distance ? 2", "no meaning here", 9..10),
        ("null", "never has a value", 0..4),
        ("1 < 2 < 3", "in a row", 4..5),
        ("1.2.3", "not a number", 0..5),
        ("distance is 5", "After `is`", 12..13),
        ("case end", "`when` is missing", 5..8),
    ] {
        let (message, place) = fault(text);
        assert!(message.contains(words), "{text}: {message}");
        assert_eq!(place, at, "{text}: {message}");
    }
    let deep = format!("{}1{}", "(".repeat(500), ")".repeat(500));
    assert!(fault(&deep).0.contains("too deep"));
    let high = vec!["1"; 1_000].join("+");
    assert!(fault(&high).0.contains("too deep"));
    assert!(fault(&"a".repeat(5_000)).0.contains("at most"));
}

#[test]
fn every_function_has_an_example_that_is_right() {
    let mut columns = columns();
    for (name, ty) in [
        ("arr_delay", DataType::Float),
        ("air_time", DataType::Float),
        ("tailnum", DataType::Text),
        ("name", DataType::Text),
        ("dest", DataType::Text),
        ("ordered", DataType::Date),
        ("shipped", DataType::Date),
        ("flight", DataType::Integer),
    ] {
        columns.push(domain::Column { name: name.into(), ty, ..columns[0].clone() });
    }
    let mut seen = std::collections::HashSet::new();
    for function in FUNCTIONS {
        assert!(
            check(function.example, &columns).is_ok(),
            "{}: {:?}",
            function.name,
            check(function.example, &columns)
        );
        assert!(function.example.contains(&format!("{}(", function.name)), "{}", function.name);
        assert!(function.signature.starts_with(&format!("{}(", function.name)), "{}", function.name);
        assert!(function.doc.ends_with('.') && seen.insert(function.name), "{}", function.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_text_is_checked(text in "\\PC{0,60}") {
        if let Err(fault) = check(&text, &columns()) {
            prop_assert!(fault.at.start <= fault.at.end && fault.at.end <= text.len());
        }
    }

    #[test]
    fn any_tokens_are_checked(tokens in prop::collection::vec(prop::sample::select(vec![
        "distance", "carrier", "day", "1", "2.5", "'a'", "null", "true", "(", ")", ",", "+", "-", "*", "/", "%", "=", "<",
        "and", "or", "not", "is", "in", "case", "when", "then", "else", "end", "if(", "max(", "year(", "concat(",
    ]), 0..16)) {
        let text = tokens.join(" ");
        if let Err(fault) = check(&text, &columns()) {
            prop_assert!(fault.message.ends_with('.'), "{fault:?}");
        }
    }
}

/// The table of functions in the documentation, made from the list.
#[test]
fn the_documentation_lists_every_function() {
    let path = "../../docs/expressions.md";
    let page = std::fs::read_to_string(path).unwrap();
    let (before, rest) = page.split_once("<!-- functions -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- end -->").unwrap();
    let rows: String =
        FUNCTIONS.iter().map(|f| format!("| `{}` | {} | `{}` |\n", f.signature, f.doc, f.example)).collect();
    let table = format!("| function | | example |\n|---|---|---|\n{rows}");
    let wanted = format!("{before}<!-- functions -->\n{table}<!-- end -->{after}");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &wanted).unwrap();
    }
    assert!(page == wanted || std::fs::read_to_string(path).unwrap() == wanted, "run once with UPDATE_GOLDEN=1");
}
