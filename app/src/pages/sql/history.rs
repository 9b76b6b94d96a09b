//! The last statements of this person in this browser, to go back to.

use super::state::Work;
use crate::components::*;
use crate::pages::data::plural;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Statements that are kept.
const KEPT: usize = 50;
/// Longer ones are not: a browser keeps little.
const LONGEST: usize = 16 << 10;

/// A statement that was run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Past {
    pub(super) sql: String,
    /// RFC 3339.
    pub(super) at: String,
    /// How many rows it gave; absent where it failed.
    pub(super) rows: Option<u64>,
}

/// Puts a statement first. One that was run before moves up; the oldest go.
pub(super) fn remember(json: &str, new: Past) -> String {
    let mut all = read(json);
    if new.sql.len() <= LONGEST {
        all.retain(|past| past.sql.trim() != new.sql.trim());
        all.insert(0, new);
        all.truncate(KEPT);
    }
    serde_json::to_string(&all).unwrap_or_default()
}

/// What this browser kept; whatever else stands there counts as nothing.
fn read(json: &str) -> Vec<Past> {
    serde_json::from_str(json).unwrap_or_default()
}

#[component]
pub(super) fn HistoryMenu(work: Work) -> impl IntoView {
    let kept = work.history;
    let face = || view! { <Icon name="history"/><span class="btn-label">"History"</span> };
    let open = RwSignal::new(false);
    let line = move |past: Past| {
        let Past { sql, at, rows } = past;
        let outcome = rows.map_or_else(|| "failed".to_owned(), |rows| plural(rows, "row"));
        let text = sql.clone();
        let take = move |_| {
            open.set(false);
            work.write(&sql);
            work.focus();
        };
        view! {
            <li>
                <button type="button" class="past-question sql-past" on:click=take>
                    <code>{text}</code>
                    <span class="muted small">{outcome}" · "<Time iso=at/></span>
                </button>
            </li>
        }
    };
    let body = move || {
        let all = kept.with(|json| read(json));
        if all.is_empty() {
            return view! { <p class="muted">"Statements you run in this browser will stand here."</p> }.into_any();
        }
        view! {
            <ol class="past-questions" data-testid="sql-history">{all.into_iter().map(line).collect_view()}</ol>
            <Button size=Size::Small variant=Variant::Ghost icon="trash-2" on_click=move |()| kept.set("[]".into())>"Forget them"</Button>
        }
        .into_any()
    };
    view! {
        <Popover label="Earlier statements" face open panel_class="explore-history" align=Align::End>{body}</Popover>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_stands_there_once_and_old_or_long_ones_go() {
        let past = |n: usize| Past { sql: format!("SELECT {n}"), ..Past::default() };
        let mut json = "nonsense".to_owned();
        for n in 0..60 {
            json = remember(&json, past(n));
        }
        json = remember(&json, Past { sql: " SELECT 20\n".into(), rows: Some(1), ..Past::default() });
        json = remember(&json, Past { sql: "x".repeat(LONGEST + 1), ..Past::default() });
        let all = read(&json);
        assert_eq!((all.len(), all[0].rows, &all[1]), (KEPT, Some(1), &past(59)));
        assert_eq!(all.iter().filter(|p| p.sql.trim() == "SELECT 20").count(), 1);
    }
}
