//! Random questions of the builder about what a reader sees.

use crate::dice::Dice;
use crate::world::{self, Hall};
use domain::{Column, DataType};
use serde_json::{Value, json};

pub fn question(dice: &mut Dice, hall: &Hall) -> Value {
    let (sales, regions) = (&hall.sheets[0], &hall.sheets[1]);
    let mut columns = sales.plain_columns.clone();
    // A question may name what is hidden: then there is no such column, here as there.
    if dice.rarely(25) || columns.is_empty() {
        return json!({"dataset": "sales", "columns": ["id", "region", "card", "amount", "price", "day", "paid"]});
    }
    let mut joins = Vec::new();
    if dice.rarely(3) && sales.named("region").is_some() && regions.named("region").is_some() {
        let kind = *dice.one(&["inner", "left"]);
        joins.push(json!({"dataset": "regions", "on": [["region", "region"]], "kind": kind}));
        columns.extend(regions.plain_columns.iter().filter(|c| c.name != "region").cloned());
    }
    let filter = dice.rarely(2).then(|| world::condition(dice, &columns, 2));
    if dice.rarely(4) {
        let shown: Vec<String> = dice.some(&columns, 5).iter().map(|c| c.name.clone()).collect();
        let order: Vec<Value> = shown.iter().map(|name| json!({"by": name})).collect();
        let mut query = json!({"dataset": "sales", "columns": shown, "joins": joins, "order": order});
        if let Some(filter) = filter {
            query["filter"] = serde_json::to_value(filter).unwrap();
        }
        return query;
    }
    let groups = if dice.rarely(4) { Vec::new() } else { dice.some(&columns, 3) };
    let dimensions: Vec<Value> = groups.iter().map(|c| dimension(dice, c)).collect();
    let measures: Vec<Value> = (0..1 + dice.below(3)).map(|i| measure(dice, &columns, i)).collect();
    let mut query = json!({"dataset": "sales", "dimensions": dimensions, "measures": measures, "joins": joins});
    if let Some(filter) = filter {
        query["filter"] = serde_json::to_value(filter).unwrap();
    }
    if dice.rarely(4) {
        query["having"] = json!({"column": "m0", "op": "gt", "value": dice.below(5)});
    }
    if dice.rarely(2) {
        let by: Vec<Value> = groups.iter().map(|c| json!({"by": c.name, "dir": *dice.one(&["asc", "desc"])})).collect();
        query["order"] = by.into();
    }
    query
}

fn dimension(dice: &mut Dice, column: &Column) -> Value {
    match column.ty {
        DataType::Date if dice.rarely(2) => {
            json!({"column": column.name, "grain": *dice.one(&["month", "week", "day"])})
        }
        DataType::Integer | DataType::Float if dice.rarely(2) => {
            json!({"column": column.name, "bin": {"width": *dice.one(&[10.0, 1000.0])}})
        }
        _ => json!({"column": column.name}),
    }
}

fn measure(dice: &mut Dice, columns: &[Column], at: usize) -> Value {
    let column = dice.one(columns);
    let aggs: &[&str] = match column.ty {
        DataType::Integer => &["sum", "min", "max", "avg", "median", "count", "count_distinct"],
        // Sums of fractions depend on the order: quarters have none to lose.
        DataType::Float => &["min", "max", "sum", "count", "count_distinct"],
        DataType::Date => &["min", "max", "count"],
        _ => &["count", "count_distinct"],
    };
    let alias = format!("m{at}");
    if at == 0 {
        return json!({"agg": "count", "as": alias});
    }
    if dice.rarely(5) {
        let filter = serde_json::to_value(world::condition(dice, columns, 1)).unwrap();
        return json!({"agg": "count_if", "filter": filter, "as": alias});
    }
    json!({"agg": *dice.one(aggs), "column": column.name, "as": alias})
}
