//! Where a dataset's rows come from, how old its answers are, and asking anew.

use super::editing::{Editing, SaveMark, Saved};
use crate::api::datasets::{count_rows, refresh_dataset};
use crate::components::*;
use crate::pages::deeds::{Answer, Deed};
use domain::Dataset;
use domain::api::DatasetPatch;
use domain::lineage::{DatasetLink, Lineage, Origin, OriginKind};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The most seconds for which answers are kept.
const LONGEST: f64 = 86_400.0;

/// Rows that lie in a source are counted there.
pub(super) fn count_elsewhere(dataset: RwSignal<Dataset>) {
    Effect::new(move |_| {
        // Whenever the page was read anew: it may have the source's estimate again.
        let (name, elsewhere) = dataset.with(|d| (d.name.clone(), d.is_of_source()));
        if !elsewhere {
            return;
        }
        spawn_local(async move {
            // Where the source does not answer, the page says so where its rows are asked for.
            if let Ok(rows) = count_rows(name).await
                && dataset.try_with_untracked(|d| d.row_count).is_some_and(|stated| stated != rows)
            {
                _ = dataset.try_update(|d| d.row_count = rows);
            }
        });
    });
}

/// One line under the facts of a dataset.
#[component]
pub(super) fn OriginCard(editing: Editing, known: Answer<Lineage>) -> impl IntoView {
    let body = move || match known.get() {
        None => view! { <Skeleton height="2.5rem"/> }.into_any(),
        Some(Err(error)) => view! { <Notice tone=Tone::Bad>{error.0.to_string()}</Notice> }.into_any(),
        Some(Ok(lineage)) => view! { <Line editing origin=lineage.origin/> }.into_any(),
    };
    view! { <div class="dataset-origin" data-testid="dataset-origin">{body}</div> }.into_any()
}

#[component]
fn Line(editing: Editing, origin: Origin) -> impl IntoView {
    let icon = match origin.kind {
        OriginKind::Upload => "upload",
        OriginKind::Source => "database",
        OriginKind::Sql => "sigma",
    };
    let updated = Signal::derive(move || editing.dataset.with(|d| d.updated_at.clone()));
    let age = match (origin.kind, origin.cache_duration) {
        (OriginKind::Upload, _) => view! { <span class="muted">"Changed " <Time iso=updated/> "."</span> }.into_any(),
        (OriginKind::Sql, _) => view! { <span class="muted">"As fresh as what it reads."</span> }.into_any(),
        (OriginKind::Source, None) => view! { <span class="muted">"Files are read as they are now."</span> }.into_any(),
        (OriginKind::Source, Some(seconds)) => view! { <Kept editing seconds/> }.into_any(),
    };
    let may_refresh = origin.kind == OriginKind::Source && editing.may_edit();
    view! {
        <Icon name=icon/>
        <p class="origin-words">{words(origin)}</p>
        {age}
        {may_refresh.then(|| view! { <Refresh editing/> })}
    }
    .into_any()
}

fn words(origin: Origin) -> AnyView {
    let Origin { kind, name, source_kind, source, reads, .. } = origin;
    match kind {
        OriginKind::Upload if name == "generated" => "Made for the demonstration.".into_any(),
        OriginKind::Upload => view! { "Loaded from " <code class="dataset-name">{name}</code> }.into_any(),
        OriginKind::Source => {
            let kind = source_kind.unwrap_or_else(|| "a source".to_owned());
            let place = match source {
                Some(source) => {
                    view! { <a href=format!("/sources/{}", source.id)>{source.name}</a> " (" {kind} ")" }.into_any()
                }
                None => kind.into_any(),
            };
            view! { "Table " <code class="dataset-name">{name}</code> " of " {place} ", asked where it lies." }
                .into_any()
        }
        OriginKind::Sql if reads.is_empty() => "A SELECT.".into_any(),
        OriginKind::Sql => {
            let link = |(i, each): (usize, DatasetLink)| {
                view! { {(i > 0).then_some(", ")} <a href=format!("/data/{}", each.name)>{each.label}</a> }
            };
            view! { "A SELECT over " {reads.into_iter().enumerate().map(link).collect_view()} "." }.into_any()
        }
    }
}

/// For how long answers are kept, where the source cannot tell what changed.
#[component]
fn Kept(editing: Editing, seconds: u32) -> impl IntoView {
    if !editing.may_edit() {
        let text = match seconds {
            0 => "Asked anew each time.".to_owned(),
            n => format!("Answers are at most {n} seconds old."),
        };
        return view! { <span class="muted">{text}</span> }.into_any();
    }
    let state = RwSignal::new(Saved::Untouched);
    let value = RwSignal::new(Some(f64::from(seconds)));
    let set = move |wanted: Option<f64>| {
        let fits = wanted.filter(|w| (0.0..=LONGEST).contains(w));
        if let Some(seconds) = fits.filter(|_| wanted != value.get_untracked()) {
            value.set(wanted);
            editing.save(DatasetPatch { cache_duration: Some(seconds as u32), ..DatasetPatch::default() }, state);
        }
    };
    view! {
        <label class="origin-kept muted" title="This source cannot tell when rows change. 0 asks anew each time.">
            "Answers are kept for "
            <NumberInput value on_change=set min=0.0 max=LONGEST step=1.0 unit="s" label="Seconds for which answers are kept"/>
        </label>
        <SaveMark state/>
    }
    .into_any()
}

/// Asks the source anew.
#[component]
fn Refresh(editing: Editing) -> impl IntoView {
    let (deed, toasts) = (Deed::new(), use_toasts());
    let name = editing.dataset.with_untracked(|d| d.name.clone());
    let refresh = move |()| {
        deed.run(refresh_dataset(name.clone()), move |loaded| {
            toasts.good("Asked anew");
            _ = editing.dataset.try_set(loaded.dataset);
        });
    };
    view! {
        <Button
            size=Size::Small
            icon="refresh-cw"
            busy=deed.busy
            on_click=refresh
            title="Asks the source for its columns, and everything else anew"
            attr:data-testid="refresh-dataset"
        >
            "Refresh now"
        </Button>
    }
    .into_any()
}
