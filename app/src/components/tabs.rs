//! Tabs and segmented controls: one of a few, all in sight.

use super::hooks::unique_id;
use super::icon::Icon;
use super::keys::{Axis, rove};
use leptos::{ev, html, prelude::*};

/// One tab.
#[derive(Clone, Debug, PartialEq)]
pub struct TabItem {
    pub id: String,
    pub label: String,
    /// A count beside the label.
    pub badge: Option<String>,
}

impl TabItem {
    /// A tab without a count.
    pub fn new(id: impl Into<String>, label: impl Into<String>) -> Self {
        Self { id: id.into(), label: label.into(), badge: None }
    }
}

/// A row of tabs. The page shows the panel: `<TabPanel id=… when=…>` or anything of its own.
#[component]
pub fn Tabs(
    #[prop(into)] label: String,
    #[prop(into)] tabs: Signal<Vec<TabItem>>,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_change: Callback<String>,
) -> impl IntoView {
    let list = NodeRef::<html::Div>::new();
    let keys = move |event: ev::KeyboardEvent| {
        if let Some(list) = list.get_untracked()
            && let Some(tab) = rove(&event, &list, "[role=tab]", Axis::Horizontal)
        {
            tab.click();
        }
    };
    let tab = move |item: TabItem| {
        let TabItem { id, label, badge } = item;
        let chosen = Memo::new({
            let id = id.clone();
            move |_| value.with(|v| *v == id)
        });
        view! {
            <button
                type="button"
                role="tab"
                class="tab"
                id=format!("tab-{id}")
                aria-selected=move || if chosen.get() { "true" } else { "false" }
                tabindex=move || if chosen.get() { "0" } else { "-1" }
                on:click=move |_| on_change.run(id.clone())
            >
                {label}
                {badge.map(|badge| view! { <span class="tab-badge num">{badge}</span> })}
            </button>
        }
        .into_any()
    };
    view! {
        <div node_ref=list class="tabs" role="tablist" aria-label=label on:keydown=keys>
            {move || tabs.get().into_iter().map(tab).collect_view()}
        </div>
    }
    .into_any()
}

/// What a tab shows, while it is the chosen one.
#[component]
pub fn TabPanel(
    /// The id of its tab.
    id: &'static str,
    /// The chosen tab.
    #[prop(into)]
    value: Signal<String>,
    children: ChildrenFn,
) -> impl IntoView {
    let chosen = Memo::new(move |_| value.with(|v| v == id));
    view! {
        <div class="tab-panel" role="tabpanel" id=format!("panel-{id}") aria-labelledby=format!("tab-{id}") hidden=move || !chosen.get()>
            <Show when=move || chosen.get()>{children()}</Show>
        </div>
    }
    .into_any()
}

/// One choice of a segmented control.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    pub value: String,
    pub label: String,
    pub icon: Option<&'static str>,
}

impl Segment {
    /// A choice with a word.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), icon: None }
    }

    /// A choice that shows an icon; the label is its name.
    pub fn icon(value: impl Into<String>, label: impl Into<String>, icon: &'static str) -> Self {
        Self { value: value.into(), label: label.into(), icon: Some(icon) }
    }
}

/// A few choices side by side, such as card or list.
#[component]
pub fn SegmentedControl(
    #[prop(into)] label: String,
    segments: Vec<Segment>,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_change: Callback<String>,
) -> impl IntoView {
    let name = unique_id();
    let segment = move |item: Segment| {
        let Segment { value: own, label, icon } = item;
        let chosen = Memo::new({
            let own = own.clone();
            move |_| value.with(|v| *v == own)
        });
        let title = icon.map(|_| label.clone());
        view! {
            <label class="segment" title=title>
                <input
                    type="radio"
                    name=name.clone()
                    value=own.clone()
                    checked=chosen.get_untracked()
                    prop:checked=move || chosen.get()
                    on:change=move |_| on_change.run(own.clone())
                />
                {icon.map(|name| view! { <Icon name/> })}
                <span class:visually-hidden=icon.is_some()>{label}</span>
            </label>
        }
        .into_any()
    };
    view! {
        <div class="segments" role="radiogroup" aria-label=label>
            {segments.into_iter().map(segment).collect_view()}
        </div>
    }
    .into_any()
}
