//! The plan of a statement: what the database does first stands farthest in.

use leptos::prelude::*;

/// A step with what it works on.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Step {
    name: String,
    /// What is told of it: a word and a value.
    told: Vec<(String, String)>,
    inputs: Vec<Step>,
}

/// Reads the plan as it comes: a step a line, two blanks for each level, `name  key: value; key: value`.
pub(super) fn read(text: &str) -> Vec<Step> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).peekable();
    below(&mut lines, 0)
}

fn depth(line: &str) -> usize {
    (line.len() - line.trim_start_matches(' ').len()) / 2
}

fn below<'a>(lines: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>, level: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    while let Some(line) = lines.next_if(|line| depth(line) >= level) {
        let (name, told) = line.trim().split_once("  ").unwrap_or((line.trim(), ""));
        let pair = |part: &str| part.split_once(": ").map(|(key, value)| (key.to_owned(), value.to_owned()));
        let told: Vec<_> = told.split("; ").filter_map(pair).collect();
        let mut inputs = below(lines, depth(line) + 1);
        // The same step over and over, with nothing told of it, is one for its reader.
        if told.is_empty()
            && let [only] = inputs.as_mut_slice()
            && only.name == name
            && only.told.is_empty()
        {
            inputs = std::mem::take(&mut only.inputs);
        }
        steps.push(Step { name: name.to_owned(), told, inputs });
    }
    steps
}

/// What a step does, for those who do not know the database's words.
fn in_words(name: &str) -> Option<&'static str> {
    let says = |words: &[&str]| words.iter().any(|word| name.contains(word));
    Some(match name {
        _ if says(&["scan"]) && !says(&["dummy", "column data", "chunk"]) => "Reads rows",
        _ if says(&["dummy scan"]) => "Begins with one empty row",
        _ if says(&["group by"]) => "Groups",
        _ if says(&["aggregate"]) => "Adds everything up",
        _ if says(&["cross product"]) => "Pairs every row with every other",
        _ if says(&["asof join"]) => "Joins each row with the nearest one before",
        _ if says(&["join"]) => "Joins",
        _ if says(&["top n"]) => "Keeps the first rows of an order",
        _ if says(&["order by"]) => "Sorts",
        _ if says(&["limit"]) => "Keeps the first rows",
        _ if says(&["sample"]) => "Keeps some rows",
        _ if says(&["filter"]) => "Keeps the rows that match",
        _ if says(&["window"]) => "Looks at neighbouring rows",
        _ if says(&["projection"]) => "Works out columns",
        _ if says(&["union"]) => "Puts rows together",
        _ if says(&["unnest"]) => "Unfolds lists",
        _ if says(&["cte"]) => "Keeps rows to read them again",
        _ => return None,
    })
}

fn step(step: Step) -> AnyView {
    let Step { name, told, inputs } = step;
    let words = in_words(&name).map_or_else(|| name.clone(), str::to_owned);
    let known = in_words(&name).map(|_| view! { <code class="muted small">{name}</code> });
    let facts = told.into_iter().map(|(key, value)| {
        view! { <span class="sql-fact"><span class="muted">{key}</span>" "<code>{value}</code></span> }
    });
    let facts = facts.collect_view();
    let inputs = (!inputs.is_empty()).then(|| view! { <ul>{inputs.into_iter().map(self::step).collect_view()}</ul> });
    view! {
        <li>
            <div class="sql-step"><span class="sql-step-name">{words}</span>{known}{facts}</div>
            {inputs}
        </li>
    }
    .into_any()
}

/// The plan as a tree: the answer on top, what it is made of below.
#[component]
pub(super) fn Plan(steps: Vec<Step>) -> impl IntoView {
    view! {
        <div class="sql-plan" data-testid="sql-plan" tabindex="0" role="region" aria-label="Plan">
            <p class="muted small">"How the database would answer it. Each step works on what those below it give."</p>
            <ul>{steps.into_iter().map(step).collect_view()}</ul>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_a_tree() {
        let text = "hash join  join type: INNER\n  hash group by  groups: #0; aggregates: sum(#1)\n    seq scan  table: sales\n  seq scan  table: flights";
        let steps = read(text);
        let [join] = steps.as_slice() else { panic!("{steps:?}") };
        assert_eq!((join.name.as_str(), join.inputs.len()), ("hash join", 2));
        assert_eq!(join.inputs[0].told, [("groups".into(), "#0".into()), ("aggregates".into(), "sum(#1)".into())]);
        assert_eq!(join.inputs[0].inputs[0].told, [("table".to_owned(), "sales".to_owned())]);
        assert_eq!(join.inputs[1].inputs, []);
        let [one] = read("projection\n  projection\n    projection\n      filter").try_into().unwrap();
        assert_eq!((one.name.as_str(), one.inputs[0].name.as_str()), ("projection", "filter"));
        assert_eq!(read(""), []);
    }

    #[test]
    fn common_steps_have_words() {
        assert_eq!(in_words("seq scan"), Some("Reads rows"));
        assert_eq!(in_words("top n"), Some("Keeps the first rows of an order"));
        assert_eq!(in_words("something new"), None);
    }
}
