//! One control of the filter bar.

use crate::components::{Button, Chip, Icon, Popover, Size, Spinner, TextInput, Variant, typed};
use crate::tiles::locale;
use crate::tiles::logic::words::{filter_words, value_words};
use crate::tiles::values::Origin;
use domain::Column;
use domain::dashboard::FilterControl;
use domain::names::to_label;
use domain::query::Filter;
use leptos::prelude::*;

/// What a control is called.
pub(super) fn name_of(control: &FilterControl, column: Option<&Column>) -> String {
    if !control.label.trim().is_empty() {
        return control.label.clone();
    }
    column.map_or_else(|| to_label(&control.column), |c| c.label.clone())
}

/// What a pill says of its value.
fn value_of(filter: Option<&Filter>, column: Option<&Column>, locale: &str) -> Option<String> {
    Some(match filter? {
        Filter::Is(condition) => value_words(condition, column, locale),
        group => filter_words(group, &column.cloned().into_iter().collect::<Vec<_>>(), locale),
    })
}

/// A pill and the editor behind it.
#[component]
pub(super) fn Pill(
    dashboard: String,
    control: Signal<FilterControl>,
    column: Signal<Option<Column>>,
    value: Signal<Option<Filter>>,
    editing: Signal<bool>,
    on_value: Callback<(String, Option<Filter>)>,
    on_remove: Callback<String>,
    on_control: Callback<FilterControl>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let name = Signal::derive(move || control.with(|c| column.with(|column| name_of(c, column.as_ref()))));
    let words =
        Memo::new(move |_| value.with(|v| column.with(|column| value_of(v.as_ref(), column.as_ref(), &locale()))));
    let is_set = Memo::new(move |_| words.with(Option::is_some));
    let put = Callback::new(move |filter: Option<Filter>| {
        on_value.run((control.with_untracked(|c| c.column.clone()), filter))
    });
    let face = move || {
        view! {
            <span class="pill-name">{move || name.get()}</span>
            <span class="pill-value num">{move || words.get().unwrap_or_else(|| "All".to_owned())}</span>
            <Icon name="chevron-down"/>
        }
    };
    let dashboard = StoredValue::new(dashboard);
    let editor = move || match column.get() {
        Some(column) => {
            let origin = Origin {
                dashboard: dashboard.get_value(),
                dataset: control.with_untracked(|c| c.dataset.clone()),
                column: None,
            };
            crate::lazy::condition_editor(column, origin, value, put)
        }
        None => view! { <p class="muted"><Spinner/>" Loading the column"</p> }.into_any(),
    };
    let footer = move || {
        view! {
            <div class="pill-foot">
                <Button
                    size=Size::Small
                    variant=Variant::Ghost
                    disabled=Signal::derive(move || !is_set.get())
                    on_click=move |()| put.run(None)
                >
                    "Clear"
                </Button>
                <Button size=Size::Small on_click=move |()| open.set(false)>"Done"</Button>
            </div>
        }
    };
    view! {
        <div class="pill" class:is-set=move || is_set.get() data-testid="filter-control" data-column=move || control.with(|c| c.column.clone())>
            <Popover label=Signal::derive(move || format!("Filter by {}", name.get())) face button_class="btn pill-button" panel_class="pill-panel" open>
                {editor}
                <Show when=move || editing.get()>
                    <Settings control value on_remove on_control/>
                </Show>
                {footer}
            </Popover>
            <Show when=move || is_set.get()>
                <button
                    type="button"
                    class="pill-clear"
                    aria-label=move || format!("Clear the filter by {}", name.get())
                    title="Clear"
                    on:click=move |_| put.run(None)
                >
                    <Icon name="x"/>
                </button>
            </Show>
        </div>
    }
    .into_any()
}

/// What of a control can be changed while the dashboard is edited.
#[component]
fn Settings(
    control: Signal<FilterControl>,
    value: Signal<Option<Filter>>,
    on_remove: Callback<String>,
    on_control: Callback<FilterControl>,
) -> impl IntoView {
    let rename = typed(
        400,
        Callback::new(move |label: String| {
            let now = control.get_untracked();
            if now.label != label {
                on_control.run(FilterControl { label, ..now });
            }
        }),
    );
    let is_default = Memo::new(move |_| value.with(|v| control.with(|c| c.default == *v)));
    let keep = move |()| on_control.run(FilterControl { default: value.get_untracked(), ..control.get_untracked() });
    view! {
        <div class="pill-settings">
            <TextInput
                label="Name of the filter"
                placeholder="Name of the filter"
                max_length=100
                value=Signal::derive(move || control.with(|c| c.label.clone()))
                on_input=rename
            />
            <div class="row-wrap">
                <Button size=Size::Small disabled=Signal::derive(move || is_default.get()) on_click=keep>
                    {move || if value.with(Option::is_some) { "Open with this value" } else { "Open without a value" }}
                </Button>
                <Button size=Size::Small variant=Variant::Danger icon="trash-2" on_click=move |()| on_remove.run(control.with_untracked(|c| c.id.clone()))>
                    "Remove filter"
                </Button>
            </div>
        </div>
    }
    .into_any()
}

/// A filter without a control, such as from a click on a chart: it can be cleared.
#[component]
pub(super) fn Loose(filters: RwSignal<Vec<Filter>>, filter: Filter) -> impl IntoView {
    let words = filter_words(&filter, &[], &locale());
    view! { <Chip label=words on_remove=move |()| filters.update(|all| all.retain(|f| *f != filter))/> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tiles::logic::testing::flights;
    use domain::query::Op;
    use serde_json::json;

    #[test]
    fn a_pill_is_named_after_its_label_or_its_column() {
        let mut control = FilterControl {
            id: "f".into(),
            dataset: "flights".into(),
            column: "dep_delay".into(),
            label: String::new(),
            default: None,
        };
        assert_eq!(name_of(&control, None), "Dep delay");
        control.label = "Delay".into();
        assert_eq!(name_of(&control, flights().get(3)), "Delay");
    }

    #[test]
    fn a_pill_says_its_value() {
        let filter = Filter::is("origin", Op::In, json!(["JFK", "LGA"]));
        assert_eq!(value_of(Some(&filter), flights().get(1), "en-US").as_deref(), Some("JFK or LGA"));
        assert_eq!(value_of(None, None, "en-US"), None);
    }
}
