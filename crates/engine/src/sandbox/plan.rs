//! A plan of DuckDB in plain text. Numbers of rows, conditions and the columns that are read are left
//! out: some of them come from rules, or from SQL of others, that its reader does not know.

use super::tree;
use domain::Result;
use serde_json::Value;
use std::collections::HashMap;

/// What is told of a step.
const TOLD: &[&str] = &["Table", "Groups", "Aggregates", "Join Type", "Order By", "Top", "Function"];
/// The longest line.
const WIDTH: usize = 200;

/// The steps of a plan, each with its inputs below it. `names` says what databases of rows are called.
pub(super) fn readable(json: &str, names: &HashMap<String, String>) -> Result<String> {
    let plan = tree::read(json)?;
    let mut lines = Vec::new();
    let mut open: Vec<(usize, &Value)> = plan.as_array().into_iter().flatten().rev().map(|step| (0, step)).collect();
    while let Some((depth, step)) = open.pop() {
        lines.push(line(depth, step, names));
        let inputs = step["children"].as_array().into_iter().flatten().rev();
        open.extend(inputs.map(|input| (depth + 1, input)));
    }
    Ok(lines.join("\n"))
}

fn line(depth: usize, step: &Value, names: &HashMap<String, String>) -> String {
    let name = step["name"].as_str().unwrap_or_default().trim().to_lowercase().replace('_', " ");
    let told = TOLD.iter().filter_map(|key| {
        let value = match &step["extra_info"][key] {
            Value::String(text) => text.clone(),
            Value::Array(all) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
            _ => return None,
        };
        let value = match *key {
            "Table" => {
                let database = value.split('.').next().unwrap_or_default().replace('"', "");
                names.get(&database).cloned()?
            }
            _ => value,
        };
        (!value.is_empty()).then(|| format!("{}: {value}", key.to_lowercase()))
    });
    let told: Vec<String> = told.collect();
    let line = format!("{}{name}  {}", "  ".repeat(depth), told.join("; "));
    line.trim_end().chars().take(WIDTH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_names_datasets_and_tells_no_conditions() {
        let json = r#"[{"name": "HASH_JOIN", "extra_info": {"Join Type": "INNER", "Estimated Cardinality": "4711"},
            "children": [
                {"name": "SEQ_SCAN ", "children": [], "extra_info": {"Table": "s_1.main.\"data\"",
                 "Projections": ["a", "b"], "Filters": "region='SECRET'", "Estimated Cardinality": "4711"}},
                {"name": "FILTER", "children": [], "extra_info": {"Expression": "cost > 4711"}}]}]"#;
        let names = HashMap::from([("s_1".to_owned(), "sales".to_owned())]);
        let text = readable(json, &names).unwrap();
        assert_eq!(text, "hash join  join type: INNER\n  seq scan  table: sales\n  filter");
    }
}
