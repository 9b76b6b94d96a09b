//! What no longer fits the dataset since its rows were replaced: tiles, filters and metrics that ask
//! for columns which are gone or of another type.

use crate::api::datasets::dataset_misfits;
use crate::components::*;
use crate::pages::data::plural;
use domain::Dataset;
use domain::api::Misfit;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The list, where there is anything to list. It is asked for again with each version of the rows.
#[component]
pub(super) fn Misfits(dataset: RwSignal<Dataset>) -> impl IntoView {
    let key = Memo::new(move |_| dataset.with(|d| (d.name.clone(), d.version)));
    // No resource: that would call up the placeholder of the whole page.
    let found = RwSignal::new(Vec::<Misfit>::new());
    Effect::new(move |_| {
        let (name, _) = key.get();
        spawn_local(async move {
            // What cannot be asked is not shown: the page itself says what is wrong then.
            _ = found.try_set(dataset_misfits(name).await.unwrap_or_default());
        });
    });
    let list = move || Some(found.get()).filter(|list| !list.is_empty());
    move || {
        list().map(|list| {
            let what = plural(list.len() as u64, "thing");
            let verb = if list.len() == 1 { "does" } else { "do" };
            let rows = list.into_iter().map(row).collect_view();
            view! {
                <div data-testid="misfits">
                    <Notice tone=Tone::Warn>
                        <p class="misfits-head">{format!("{what} {verb} not fit the columns of this dataset")}</p>
                        <ul class="misfits">{rows}</ul>
                    </Notice>
                </div>
            }
        })
    }
}

/// A misfit in a list.
pub(crate) fn row(misfit: Misfit) -> AnyView {
    let Misfit { usage, message, hint, .. } = misfit;
    let (kind, href) = (usage.kind.label(), usage.href());
    let title = if usage.title.is_empty() { "Untitled".to_owned() } else { usage.title };
    let place = usage.dashboard.map(|dashboard| format!(" on {}", dashboard.name));
    view! {
        <li>
            <p><span class="misfit-kind">{kind}" "</span><a href=href>{title}</a>{place}</p>
            <p class="misfit-why">{message}{hint.map(|hint| format!(" {hint}"))}</p>
        </li>
    }
    .into_any()
}
