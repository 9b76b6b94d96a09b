//! What replacing the rows of a dataset by those of a file would break.

use super::plural;
use super::upload::Upload;
use crate::api::datasets::misfits_with;
use crate::components::*;
use crate::pages::dataset::misfits;
use domain::api::{LoadMode, Misfit};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// A warning, where there is something to warn of. It is asked for with every look at the file.
#[component]
pub(super) fn Breaks(upload: Upload) -> impl IntoView {
    let target = Memo::new(move |_| match upload.fixed.get() {
        Some(fixed) => (fixed.mode == LoadMode::Replace).then_some(fixed.name),
        None => upload.holder().filter(|_| upload.mode.get() == LoadMode::Replace).map(|d| d.name),
    });
    let columns =
        Memo::new(move |_| upload.preview.with(|p| p.as_ref().map(|p| p.columns.clone()).unwrap_or_default()));
    let found = RwSignal::new(Vec::<Misfit>::new());
    Effect::new(move |_| {
        let (Some(name), columns) = (target.get(), columns.get()) else {
            found.set(Vec::new());
            return;
        };
        spawn_local(async move {
            // What cannot be asked is not warned of; the page of the dataset says it afterwards.
            let broken = misfits_with(name, columns.clone()).await.unwrap_or_default();
            if Some(columns) == untrack(|| upload.preview.try_with(|p| p.as_ref().map(|p| p.columns.clone()))).flatten()
            {
                _ = found.try_set(broken);
            }
        });
    });
    move || {
        Some(found.get()).filter(|list| !list.is_empty()).map(|list| {
            let n = list.len() as u64;
            let head = format!("{} will stop working", plural(n, "thing"));
            view! {
                <div data-testid="breaks" role="status">
                    <Notice tone=Tone::Warn>
                        <p class="misfits-head">{head}</p>
                        <ul class="misfits">{list.into_iter().map(misfits::row).collect_view()}</ul>
                        <p>"Name or type the columns above as they were, or go on and mend them afterwards."</p>
                    </Notice>
                </div>
            }
        })
    }
}
