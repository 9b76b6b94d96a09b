//! The picker of chart kinds: those that cannot work say why, the best one is marked.

use super::editor::Editor;
use crate::components::Icon;
use crate::components::keys::{Axis, rove};
use crate::tiles::logic::draft::Draft;
use crate::tiles::logic::shape;
use charts::kinds::Info;
use domain::{ChartKind, Column};
use leptos::{ev, html, prelude::*};

/// Rows to reckon with while none are known.
const SOME_ROWS: usize = 12;

/// Why a kind does not suit the question as it would be asked for it.
fn reason(kind: ChartKind, draft: &Draft, columns: &[Column], rows: Option<usize>) -> Option<String> {
    if draft.metric.is_some() {
        return (kind != ChartKind::Number).then(|| "A metric is one number.".to_owned());
    }
    if !draft.asks() {
        return None;
    }
    let mut next = draft.clone();
    next.set_kind(kind, columns, &Default::default());
    let rows = if next.query.dimensions.is_empty() && next.query.columns.is_empty() {
        1
    } else if next.query == draft.query {
        rows.unwrap_or(SOME_ROWS)
    } else {
        SOME_ROWS
    };
    charts::suits(kind, &shape::fields(&next.query, columns), rows)
}

#[component]
pub(crate) fn KindPicker(editor: Editor) -> impl IntoView {
    let list = NodeRef::<html::Div>::new();
    let now = Memo::new(move |_| editor.draft.with(|d| d.kind));
    let best = Memo::new(move |_| {
        let rows = editor.rows.get().unwrap_or(SOME_ROWS);
        editor.draft.with(|draft| {
            let fields = editor.columns.with(|columns| shape::fields(&draft.query, columns));
            (draft.metric.is_none() && draft.asks() && !draft.is_raw()).then(|| charts::suggest(&fields, rows))
        })
    });
    let told = RwSignal::new(None::<String>);
    let kind = move |info: &'static Info| {
        let kind = info.kind;
        let why = Memo::new(move |_| {
            editor.draft.with(|draft| editor.columns.with(|columns| reason(kind, draft, columns, editor.rows.get())))
        });
        let choose = move |_| match why.get_untracked() {
            Some(why) => told.set(Some(format!("{}: {why}", info.label))),
            None => {
                told.set(None);
                editor.edit(|draft, columns, grains| draft.set_kind(kind, columns, grains));
            }
        };
        let is_best = move || best.get() == Some(kind);
        view! {
            <button
                type="button"
                class="kind"
                class:is-best=is_best
                role="radio"
                data-kind=kind.as_str()
                aria-checked=move || if now.get() == kind { "true" } else { "false" }
                aria-disabled=move || why.with(Option::is_some).then_some("true")
                tabindex=move || if now.get() == kind { "0" } else { "-1" }
                title=move || why.get().unwrap_or_else(|| info.about.to_owned())
                on:click=choose
            >
                <Icon name=info.icon/>
                <span>{info.label}</span>
                <Show when=is_best><span class="kind-best">"Suggested"</span></Show>
                <span class="visually-hidden">{move || why.get().map(|why| format!(". {why}"))}</span>
            </button>
        }
        .into_any()
    };
    let keys = move |event: ev::KeyboardEvent| {
        if let Some(list) = list.get_untracked() {
            rove(&event, &list, "[role=radio]", Axis::Both);
        }
    };
    view! {
        <div node_ref=list class="kinds" role="radiogroup" aria-label="Kind of chart" data-testid="kind-picker" on:keydown=keys>
            {charts::kinds::all().iter().map(|k| kind(&k.info)).collect_view()}
        </div>
        <p class="kinds-why" role="status">{move || told.get()}</p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tiles::logic::draft::Grains;
    use crate::tiles::logic::testing::flights;
    use serde_json::json;

    #[test]
    fn a_kind_is_judged_by_what_it_would_ask() {
        let tile = json!({"type": "chart", "chart_type": "bar", "data_source": {"query": {"dataset": "flights",
            "dimensions": [{"column": "origin"}], "measures": [{"agg": "count"}]}}});
        let draft = Draft::of(&serde_json::from_value(tile).unwrap(), &flights(), &Grains::new());
        assert_eq!(reason(ChartKind::Number, &draft, &flights(), Some(3)), None, "a number drops the category");
        assert_eq!(reason(ChartKind::Bar, &draft, &flights(), Some(3)), None);
        assert_eq!(reason(ChartKind::Scatter, &draft, &flights(), Some(3)), None, "a scatter takes two numbers");
        let texts: Vec<Column> = flights().into_iter().filter(|c| !c.ty.is_number() && !c.ty.is_time()).collect();
        for kind in [ChartKind::Scatter, ChartKind::Calendar, ChartKind::Histogram, ChartKind::Trend] {
            assert!(reason(kind, &draft, &texts, Some(3)).is_some(), "{kind:?}");
        }
        let metric = Draft { metric: Some("m".into()), ..draft };
        assert!(reason(ChartKind::Bar, &metric, &flights(), None).is_some());
    }
}
