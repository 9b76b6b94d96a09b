//! One dataset: what it is, its columns, what is known of its values, its rows.
#![allow(unreachable_pub, reason = "`#[component]` makes its properties `pub`")]

pub(crate) mod access;
mod change;
mod columns;
pub(crate) mod editing;
mod formats;
mod head;
mod lineage;
pub(crate) mod misfits;
pub(crate) mod model;
mod origin;
mod paging;
mod profile;
mod rows;
mod templates;
mod window;

use crate::api::datasets::{dataset_lineage, get_dataset};
use crate::components::*;
use crate::live::use_topic;
use crate::pages::deeds::Answer;
use crate::pages::insights::InsightsTab;
use domain::Dataset;
use domain::lineage::Lineage;
use editing::Editing;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{query_signal_with_options, use_params_map};
use model::Modelling;
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
    let modelling = Modelling::new(editing);
    let (may_edit, owns) = (editing.may_edit(), editing.owns());
    // Each tab is a step of the history, so that Back leads to the one before.
    let options = NavigateOptions { scroll: false, ..NavigateOptions::default() };
    let (asked, ask) = query_signal_with_options::<String>("tab", options);
    let tab = Memo::new(move |_| {
        let is_known = |tab: &str| {
            ["profile", "rows", "insights", "lineage"].contains(&tab)
                || (tab == "model" && may_edit)
                || (tab == "access" && owns)
        };
        let known = asked.get().filter(|tab| is_known(tab));
        known.unwrap_or_else(|| "columns".into())
    });
    let name = dataset.with_untracked(|d| d.name.clone());
    // What uses it changes with its rows, and elsewhere: it is asked again with each version.
    let version = Memo::new(move |_| dataset.with(|d| d.version));
    let known = Answer::of(move || {
        _ = version.get();
        dataset_lineage(name.clone())
    });
    let uses = Memo::new(move |_| known.get()?.ok().map(|lineage| lineage.usages.len()));
    provide_context(Known(known));
    origin::count_elsewhere(dataset);
    let choose = move |id: String| {
        if tab.with_untracked(|tab| *tab != id) {
            ask.set((id != "columns").then_some(id));
        }
    };
    let tabs = Signal::derive(move || {
        let count = dataset.with(|d| d.columns.len());
        let mut tabs = vec![
            TabItem { badge: Some(count.to_string()), ..TabItem::new("columns", "Columns") },
            TabItem::new("profile", "Profile"),
            TabItem::new("rows", "Rows"),
            TabItem::new("insights", "Insights"),
        ];
        tabs.extend(may_edit.then(|| TabItem::new("model", "Model")));
        tabs.extend(owns.then(|| TabItem::new("access", "Access")));
        tabs.push(TabItem { badge: uses.get().map(|n| n.to_string()), ..TabItem::new("lineage", "Used by") });
        tabs
    });
    view! {
        <head::Head editing/>
        <origin::OriginCard editing known/>
        <Tabs label="Parts of the dataset" tabs value=tab on_change=choose/>
        <TabPanel id="columns" value=tab><columns::ColumnsTab editing/></TabPanel>
        <TabPanel id="profile" value=tab><profile::ProfileTab dataset/></TabPanel>
        <TabPanel id="rows" value=tab><rows::RowsTab dataset/></TabPanel>
        <TabPanel id="insights" value=tab><InsightsTab dataset/></TabPanel>
        <TabPanel id="lineage" value=tab><lineage::LineageTab dataset known/></TabPanel>
        {owns.then(|| view! { <TabPanel id="access" value=tab>{crate::lazy::access_tab(editing)}</TabPanel> })}
        {may_edit.then(|| view! { <TabPanel id="model" value=tab>{crate::lazy::model_tab(modelling)}</TabPanel> })}
    }
    .into_any()
}

/// Where the dataset comes from and what uses it, for every part of the page.
#[derive(Clone, Copy)]
struct Known(Answer<Lineage>);

impl Editing {
    /// Reads the dataset again.
    pub(crate) fn reload(self) {
        let name = self.dataset.with_untracked(|d| d.name.clone());
        spawn_local(async move {
            if let Ok(fresh) = get_dataset(name).await {
                _ = self.dataset.try_set(fresh);
            }
        });
    }
}
