//! One dataset: what it is, its columns, what is known of its values, its rows.
#![allow(unreachable_pub, reason = "`#[component]` makes its properties `pub`")]

mod columns;
mod editing;
mod formats;
mod head;
mod misfits;
mod paging;
mod profile;
mod rows;
mod templates;
mod window;

use crate::api::datasets::get_dataset;
use crate::components::*;
use crate::live::use_topic;
use domain::Dataset;
use editing::Editing;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{query_signal_with_options, use_params_map};
pub(crate) use profile::ProfileCard;

/// The page of a dataset.
#[component]
pub fn DatasetPage() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.read().get("name").unwrap_or_default());
    let found = Resource::new_blocking(move || name.get(), get_dataset);
    let loading = || {
        view! {
            <PageHeader title="Dataset" crumbs=vec![Crumb::new("Data", "/data")]/>
            <Skeleton height="24rem"/>
        }
    };
    let page = move || {
        Suspend::new(async move {
            match found.await {
                Ok(dataset) => view! { <Found dataset/> }.into_any(),
                Err(error) => view! {
                    <PageHeader title="Dataset" crumbs=vec![Crumb::new("Data", "/data")]/>
                    <ErrorState error=error.0 retry=move |()| found.refetch()/>
                }
                .into_any(),
            }
        })
    };
    view! {
        <Page>
            <div class="dataset-page" data-testid="dataset-page">
                <Transition fallback=loading>{page}</Transition>
            </div>
        </Page>
    }
    .into_any()
}

#[component]
fn Found(dataset: Dataset) -> impl IntoView {
    let topic = format!("dataset:{}", dataset.id);
    let editing = Editing::new(dataset);
    let dataset = editing.dataset;
    // Somebody, or something, added rows: the figures follow.
    use_topic(topic, move |message| {
        let version = message.data.as_ref().and_then(|data| data.get("version")).and_then(serde_json::Value::as_u64);
        let known = dataset.with_untracked(|d| d.version);
        if version.is_some_and(|version| version > known) {
            editing.reload();
        }
    });
    // Each tab is a step of the history, so that Back leads to the one before.
    let options = NavigateOptions { scroll: false, ..NavigateOptions::default() };
    let (asked, ask) = query_signal_with_options::<String>("tab", options);
    let tab = Memo::new(move |_| {
        let known = asked.get().filter(|tab| ["profile", "rows"].contains(&tab.as_str()));
        known.unwrap_or_else(|| "columns".into())
    });
    let choose = move |id: String| {
        if tab.with_untracked(|tab| *tab != id) {
            ask.set((id != "columns").then_some(id));
        }
    };
    let tabs = Signal::derive(move || {
        let count = dataset.with(|d| d.columns.len());
        vec![
            TabItem { badge: Some(count.to_string()), ..TabItem::new("columns", "Columns") },
            TabItem::new("profile", "Profile"),
            TabItem::new("rows", "Rows"),
        ]
    });
    view! {
        <head::Head editing/>
        <Tabs label="Parts of the dataset" tabs value=tab on_change=choose/>
        <TabPanel id="columns" value=tab><columns::ColumnsTab editing/></TabPanel>
        <TabPanel id="profile" value=tab><profile::ProfileTab dataset/></TabPanel>
        <TabPanel id="rows" value=tab><rows::RowsTab dataset/></TabPanel>
    }
    .into_any()
}

impl Editing {
    /// Reads the dataset again.
    fn reload(self) {
        let name = self.dataset.with_untracked(|d| d.name.clone());
        spawn_local(async move {
            if let Ok(fresh) = get_dataset(name).await {
                _ = self.dataset.try_set(fresh);
            }
        });
    }
}
