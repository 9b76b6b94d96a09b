//! Adding a control to the filter bar.

use crate::api::tiles::{Sources, tile_sources};
use crate::components::{Choice, Combobox, ErrorState, Field, Icon, Popover, Spinner};
use domain::dashboard::FilterControl;
use domain::{Column, Dataset, Error};
use leptos::prelude::*;

/// An id that no control has yet.
fn free_id(controls: &[FilterControl], column: &str) -> String {
    let base: String = column.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
    let base = if base.is_empty() { "filter".to_owned() } else { base };
    let mut id = base.clone();
    let mut n = 2;
    while controls.iter().any(|c| c.id == id) {
        id = format!("{base}_{n}");
        n += 1;
    }
    id
}

/// A button that asks for a dataset and a column.
#[component]
pub(super) fn AddFilter(
    controls: Signal<Vec<FilterControl>>,
    on_add: Callback<(FilterControl, Column)>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let sources = RwSignal::new(None::<Sources>);
    let failed = RwSignal::new(None::<Error>);
    let chosen = RwSignal::new(None::<String>);
    let load = move || {
        failed.set(None);
        leptos::task::spawn_local(async move {
            match tile_sources().await {
                Ok(found) => _ = sources.try_set(Some(found)),
                Err(error) => _ = failed.try_set(Some(error.into())),
            }
        });
    };
    Effect::new(move |_| {
        if open.get() && sources.with_untracked(Option::is_none) {
            load();
        }
    });
    // The dataset that the other filters are about is the likely one.
    let dataset = Memo::new(move |_| {
        let name = chosen.get().or_else(|| controls.with(|all| all.last().map(|c| c.dataset.clone())));
        sources.with(|s| {
            let all = &s.as_ref()?.datasets;
            let named = name.and_then(|name| all.iter().find(|d| d.name == name || d.id == name));
            named.or_else(|| if all.len() == 1 { all.first() } else { None }).cloned()
        })
    });
    let datasets = Signal::derive(move || {
        sources.with(|s| {
            let all = s.iter().flat_map(|s| &s.datasets);
            all.map(|d| Choice::new(d.name.clone(), d.label.clone())).collect::<Vec<_>>()
        })
    });
    let columns = Signal::derive(move || {
        let taken = |dataset: &Dataset, column: &Column| {
            controls.with(|all| {
                all.iter().any(|c| c.column == column.name && (c.dataset == dataset.name || c.dataset == dataset.id))
            })
        };
        dataset.with(|d| {
            let Some(d) = d else { return Vec::new() };
            let free = d.columns.iter().filter(|c| !taken(d, c));
            free.map(|c| Choice::new(c.name.clone(), c.label.clone()).hint(c.ty.as_str())).collect::<Vec<_>>()
        })
    });
    let take = move |name: String| {
        let found = dataset.with_untracked(|d| {
            let d = d.as_ref()?;
            Some((d.name.clone(), d.column(&name)?.clone()))
        });
        let Some((dataset, column)) = found else { return };
        let control = FilterControl {
            id: controls.with_untracked(|all| free_id(all, &column.name)),
            dataset,
            column: column.name.clone(),
            label: column.label.clone(),
            default: None,
        };
        on_add.run((control, column));
        open.set(false);
    };
    let body = move || {
        if let Some(error) = failed.get() {
            return view! { <ErrorState compact=true error retry=move |()| load()/> }.into_any();
        }
        if sources.with(Option::is_none) {
            return view! { <p class="muted"><Spinner/>" Loading"</p> }.into_any();
        }
        view! {
            <div class="form">
                <Field label="Dataset">
                    <Combobox
                        placeholder="Search datasets"
                        options=datasets
                        value=Signal::derive(move || dataset.with(|d| d.as_ref().map(|d| d.name.clone()).unwrap_or_default()))
                        on_change=move |name: String| chosen.set(Some(name))
                    />
                </Field>
                <div data-testid="filter-field">
                    <Field label="Column" hint="The filter applies to every tile whose data has this column.">
                        <Combobox
                            placeholder="Search columns"
                            options=columns
                            value=Signal::stored(String::new())
                            disabled=Signal::derive(move || dataset.with(Option::is_none))
                            on_change=take
                        />
                    </Field>
                </div>
            </div>
        }
        .into_any()
    };
    let face = || view! { <Icon name="plus"/><span class="btn-label">"Add filter"</span> };
    view! {
        <div data-testid="add-filter-btn" class="add-filter">
            <Popover label="Add a filter" face button_class="btn btn-ghost btn-sm" panel_class="pill-panel" open>
                {body}
            </Popover>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_do_not_repeat() {
        let control = |id: &str| FilterControl {
            id: id.into(),
            dataset: "d".into(),
            column: "origin".into(),
            label: String::new(),
            default: None,
        };
        assert_eq!(free_id(&[], "origin"), "origin");
        assert_eq!(free_id(&[control("origin"), control("origin_2")], "origin"), "origin_3");
        assert_eq!(free_id(&[], "größe / €"), "gre");
        assert_eq!(free_id(&[], "€"), "filter");
    }
}
