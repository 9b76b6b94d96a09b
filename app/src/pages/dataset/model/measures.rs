//! Measures: the metrics that are one number of this dataset. Questions use them by their names.

use super::state::Modelling;
use crate::api::metrics::{delete_metric, list_metrics};
use crate::components::*;
use crate::pages::deeds::Deed;
use crate::pages::metrics::MetricDialog;
use crate::tiles::logic::shape::meaning;
use crate::tiles::logic::words::filter_words;
use domain::metric::{Favourable, Metric};
use domain::{Access, Error};
use leptos::prelude::*;
use leptos::task::spawn_local;

#[component]
pub(super) fn Measures(modelling: Modelling) -> impl IntoView {
    let found = RwSignal::new(None::<Result<Vec<Metric>, Error>>);
    let load = move || {
        spawn_local(async move {
            let metrics = list_metrics().await.map_err(Error::from);
            _ = found.try_set(Some(metrics.map(|all| own(modelling, all))));
        });
    };
    load();
    // The dialog is made anew for each metric.
    let edited = RwSignal::new(None::<Option<Metric>>);
    let deleted = RwSignal::new(None::<Metric>);
    let saved = Callback::new(move |_: Metric| load());
    let dialog = move || {
        edited.get().map(|metric| {
            let open = RwSignal::new(true);
            Effect::new(move |_| {
                if !open.get() {
                    edited.set(None);
                }
            });
            let dataset = modelling.name();
            match metric {
                Some(metric) => view! { <MetricDialog open metric on_saved=saved/> }.into_any(),
                None => view! { <MetricDialog open dataset on_saved=saved/> }.into_any(),
            }
        })
    };
    let body = move || {
        match found.get() {
        None => view! { <Skeleton lines=4/> }.into_any(),
        Some(Err(error)) => view! { <ErrorState error compact=true retry=move |()| load()/> }.into_any(),
        Some(Ok(all)) if all.is_empty() => view! {
            <EmptyState
                icon="target"
                title="No measures yet"
                text="Give a number that matters a name, a format and a direction, such as “On-time rate”. Every chart can then use it."
            />
        }
        .into_any(),
        Some(Ok(all)) => {
            let head = vec![
                Head::text("Measure"),
                Head::text("What it is"),
                Head::text("Good news"),
                Head::hidden("Actions"),
            ];
            let rows = all.into_iter().map(|metric| row(modelling, metric, edited, deleted)).collect_view();
            view! { <Card flush=true><Table caption="Measures" head>{rows}</Table></Card> }.into_any()
        }
    }
    };
    view! {
        <div class="model-head">
            <p class="muted">
                "A measure is a number with a name, a format and a direction that is good news. Charts, Explore and metrics use the same one, so that it means the same everywhere."
            </p>
            <Button icon="plus" on_click=move |()| edited.set(Some(None)) attr:data-testid="add-measure">"Add a measure"</Button>
        </div>
        {body}
        {dialog}
        <Delete deleted on_deleted=Callback::new(move |()| load())/>
    }
    .into_any()
}

/// Those that are a number of this dataset and nothing else.
fn own(modelling: Modelling, all: Vec<Metric>) -> Vec<Metric> {
    let (id, name) = modelling.dataset.with_untracked(|d| (d.id.clone(), d.name.clone()));
    let is_own = |m: &Metric| {
        let query = &m.def.query;
        query.is_one_aggregate() && (query.dataset == name || query.dataset == id)
    };
    all.into_iter().filter(is_own).collect()
}

fn row(
    modelling: Modelling,
    metric: Metric,
    edited: RwSignal<Option<Option<Metric>>>,
    deleted: RwSignal<Option<Metric>>,
) -> AnyView {
    let def = &metric.def;
    let columns = modelling.dataset.with_untracked(|d| d.columns.clone());
    let words = def.query.measures.first().map(|measure| {
        let column = measure.column.as_ref().and_then(|name| columns.iter().find(|c| c.name == *name));
        meaning(measure, column)
    });
    let filter = def
        .query
        .filter
        .as_ref()
        .map(|filter| format!(", where {}", filter_words(filter, &columns, &crate::tiles::locale())));
    let news = match def.favourable {
        Favourable::Up => "Up",
        Favourable::Down => "Down",
        Favourable::None => "Neither",
    };
    let may_edit = metric.access >= Access::Edit;
    let name = def.name.clone();
    let (changed, gone) = (metric.clone(), metric.clone());
    view! {
        <tr data-testid="measure-row" data-name=def.id.clone()>
            <td>
                <div class="model-name"><a href=format!("/metrics/{}", def.id)>{name.clone()}</a></div>
                <code class="dataset-name">{def.id.clone()}</code>
            </td>
            <td>
                {words}{filter}
                {(!def.description.is_empty()).then(|| view! { <p class="small muted">{def.description.clone()}</p> })}
            </td>
            <td>{news}</td>
            <td class="actions">
                {may_edit.then(|| view! {
                    <IconButton icon="pencil" label=format!("Edit {name}") on_click=move |()| edited.set(Some(Some(changed.clone())))/>
                    <IconButton icon="trash-2" label=format!("Delete {name}") on_click=move |()| deleted.set(Some(gone.clone()))/>
                })}
            </td>
        </tr>
    }
    .into_any()
}

#[component]
fn Delete(deleted: RwSignal<Option<Metric>>, on_deleted: Callback<()>) -> impl IntoView {
    let deed = Deed::new();
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        if deleted.with(Option::is_some) {
            open.set(true);
        }
    });
    Effect::new(move |_| {
        if !open.get() {
            deleted.set(None);
        }
    });
    let name = move || deleted.with(|m| m.as_ref().map(|m| m.def.name.clone())).unwrap_or_default();
    let delete = move |()| {
        let Some(id) = deleted.with_untracked(|m| m.as_ref().map(|m| m.def.id.clone())) else { return };
        deed.run(delete_metric(id), move |()| {
            _ = open.try_set(false);
            _ = on_deleted.try_run(());
        });
    };
    view! {
        <ConfirmDialog
            open
            title=Signal::derive(move || format!("Delete the measure “{}”?", name()))
            text="It is a metric: its page, its past values and its alerts go with it. Charts that use it show an error until they ask for something else."
            confirm="Delete measure"
            busy=deed.busy
            on_confirm=delete
        />
    }
    .into_any()
}
