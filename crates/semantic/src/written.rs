//! A plan for programs that show nothing themselves: exactly its rows, with parts of the calendar as
//! people write them.

use crate::plan::Plan;
use crate::sql::{self, Select};
use domain::query::Grain;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The SQL of a plan without the one row more, its years as numbers, days of the week and months of
/// the year by their short names.
pub fn written_sql(plan: &Plan) -> String {
    let relation = sql::aliased(&sql::group(&plan.sql), "answer");
    let items = plan.columns.iter().map(|field| {
        let value = sql::column("answer", &field.name);
        let shown = match field.grain {
            Some(Grain::Year) => sql::call("year", &[&value]),
            Some(Grain::DayOfWeek) => named(&value, &DAYS),
            Some(Grain::MonthOfYear) => named(&value, &MONTHS),
            _ => value,
        };
        sql::named(&shown, &field.name)
    });
    Select { limit: Some(plan.limit), ..Select::of(items.collect(), relation) }.print()
}

fn named(value: &str, names: &[&str]) -> String {
    let cases: Vec<(String, String)> = names
        .iter()
        .enumerate()
        .filter_map(|(i, name)| Some((sql::binary(value, "=", &(i + 1).to_string()), sql::text(name).ok()?)))
        .collect();
    let cases: Vec<(&str, &str)> = cases.iter().map(|(when, then)| (when.as_str(), then.as_str())).collect();
    sql::case(&cases, "NULL")
}
