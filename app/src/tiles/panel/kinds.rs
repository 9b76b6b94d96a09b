//! The picker of chart kinds: those that cannot work say why, the best one is marked.

use super::editor::Editor;
use crate::components::Icon;
use crate::components::keys::{Axis, rove};
use crate::tiles::logic::draft::{Draft, Grains};
use crate::tiles::logic::shape;
use domain::plugin::ChartPlugin;
use domain::{ChartKind, Column};
use leptos::{ev, html, prelude::*};

/// Rows to reckon with while none are known.
const SOME_ROWS: usize = 12;

/// A kind to choose: one that comes with Orrery, or one that was added.
#[derive(Clone, Debug, PartialEq)]
enum Offer {
    Own(ChartKind),
    Plugin(Box<ChartPlugin>),
}

impl Offer {
    fn kind(&self) -> ChartKind {
        match self {
            Self::Own(kind) => *kind,
            Self::Plugin(plugin) => plugin.kind().unwrap_or(ChartKind::Table),
        }
    }

    fn choose(&self, draft: &mut Draft, columns: &[Column], grains: &Grains) {
        match self {
            Self::Own(kind) => draft.set_kind(*kind, columns, grains),
            Self::Plugin(plugin) => draft.set_plugin(plugin, columns, grains),
        }
    }
}

/// Why a kind does not suit the question as it would be asked for it.
fn reason(offer: &Offer, draft: &Draft, columns: &[Column], rows: Option<usize>) -> Option<String> {
    let kind = offer.kind();
    if draft.metric.is_some() {
        return (kind != ChartKind::Number).then(|| "A metric is one number.".to_owned());
    }
    if draft.forecast.is_some() {
        let fits = matches!(kind, ChartKind::Line | ChartKind::Table);
        return (!fits).then(|| "A forecast is a line with its bands, or a table.".to_owned());
    }
    if !draft.asks() {
        return None;
    }
    let mut next = draft.clone();
    offer.choose(&mut next, columns, &Default::default());
    let rows = if next.query.dimensions.is_empty() && next.query.columns.is_empty() {
        1
    } else if next.query == draft.query {
        rows.unwrap_or(SOME_ROWS)
    } else {
        SOME_ROWS
    };
    let shape = shape::fields(&next.query, columns);
    match offer {
        Offer::Own(kind) => charts::suits(*kind, &shape, rows),
        Offer::Plugin(plugin) => charts::plugin::suits(&plugin.template, &shape),
    }
}

#[component]
pub(crate) fn KindPicker(editor: Editor) -> impl IntoView {
    let list = NodeRef::<html::Div>::new();
    let now = Memo::new(move |_| editor.draft.with(|d| d.kind));
    let best = Memo::new(move |_| {
        let rows = editor.rows.get().unwrap_or(SOME_ROWS);
        editor.draft.with(|draft| {
            let fields = editor.columns.with(|columns| shape::fields(&draft.query, columns));
            (draft.metric.is_none() && draft.forecast.is_none() && draft.asks() && !draft.is_raw())
                .then(|| charts::suggest(&fields, rows))
        })
    });
    let told = RwSignal::new(None::<String>);
    let added = Memo::new(move |_| editor.sources.with(|s| s.plugins.clone()));
    let kind = move |offer: Offer| {
        let kind = offer.kind();
        let info = &charts::kinds::get(kind).info;
        let (label, about) = match &offer {
            Offer::Own(_) => (info.label.to_owned(), info.about.to_owned()),
            Offer::Plugin(plugin) => (plugin.template.name.clone(), plugin.template.about.clone()),
        };
        let judged = offer.clone();
        let why = Memo::new(move |_| {
            editor.draft.with(|draft| editor.columns.with(|columns| reason(&judged, draft, columns, editor.rows.get())))
        });
        let name = label.clone();
        let choose = move |_| match why.get_untracked() {
            Some(why) => told.set(Some(format!("{name}: {why}"))),
            None => {
                told.set(None);
                editor.edit(|draft, columns, grains| offer.choose(draft, columns, grains));
            }
        };
        let is_best = move || best.get() == Some(kind);
        view! {
            <button
                type="button"
                class="kind"
                class:is-best=is_best
                role="radio"
                data-kind=kind.as_str().to_owned()
                aria-checked=move || if now.get() == kind { "true" } else { "false" }
                aria-disabled=move || why.with(Option::is_some).then_some("true")
                tabindex=move || if now.get() == kind { "0" } else { "-1" }
                title=move || why.get().unwrap_or_else(|| about.clone())
                on:click=choose
            >
                <Icon name=info.icon/>
                <span>{label}</span>
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
            {charts::kinds::all().iter().map(|k| kind(Offer::Own(k.info.kind))).collect_view()}
            {move || added.get().into_iter().map(|plugin| kind(Offer::Plugin(Box::new(plugin)))).collect_view()}
        </div>
        <p class="kinds-why" role="status">{move || told.get()}</p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tiles::logic::testing::flights;
    use serde_json::json;

    #[test]
    fn a_kind_is_judged_by_what_it_would_ask() {
        let tile = json!({"type": "chart", "chart_type": "bar", "data_source": {"query": {"dataset": "flights",
            "dimensions": [{"column": "origin"}], "measures": [{"agg": "count"}]}}});
        let draft = Draft::of(&serde_json::from_value(tile).unwrap(), &flights(), &Grains::new());
        assert_eq!(
            reason(&Offer::Own(ChartKind::Number), &draft, &flights(), Some(3)),
            None,
            "a number drops the category"
        );
        assert_eq!(reason(&Offer::Own(ChartKind::Bar), &draft, &flights(), Some(3)), None);
        assert_eq!(
            reason(&Offer::Own(ChartKind::Scatter), &draft, &flights(), Some(3)),
            None,
            "a scatter takes two numbers"
        );
        let texts: Vec<Column> = flights().into_iter().filter(|c| !c.ty.is_number() && !c.ty.is_time()).collect();
        for kind in [ChartKind::Scatter, ChartKind::Calendar, ChartKind::Histogram, ChartKind::Trend] {
            assert!(reason(&Offer::Own(kind), &draft, &texts, Some(3)).is_some(), "{kind:?}");
        }
        let metric = Draft { metric: Some("m".into()), ..draft };
        assert!(reason(&Offer::Own(ChartKind::Bar), &metric, &flights(), None).is_some());
    }
}
