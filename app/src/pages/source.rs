//! One source: where it is, whether it answers, what was made of it, and its tables.
#![allow(unreachable_pub, reason = "`#[component]` makes its properties `pub`")]

mod browse;
mod look;
mod make;
mod remove;

use crate::api::sources::{get_source, source_uses, test_source};
use crate::components::*;
use crate::pages::data::sources::{SourceDialog, kind_label};
use crate::pages::data::{count, plural};
use crate::pages::deeds::{Answer, Deed};
use domain::lineage::SourceUse;
use domain::names::to_label;
use domain::source::Source;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde_json::Value;

fn crumbs() -> Vec<Crumb> {
    vec![Crumb::new("Data", "/data"), Crumb::new("Sources", "/data?tab=sources")]
}

/// The page of a source.
#[component]
pub fn SourcePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let found = Resource::new_blocking(move || id.get(), get_source);
    let loading = || {
        view! {
            <PageHeader title="Source" crumbs=crumbs()/>
            <Skeleton height="24rem"/>
        }
    };
    let page = move || {
        Suspend::new(async move {
            match found.await {
                Ok(source) => view! { <Found source/> }.into_any(),
                Err(error) => view! {
                    <PageHeader title="Source" crumbs=crumbs()/>
                    <ErrorState error=error.0 retry=move |()| found.refetch()/>
                }
                .into_any(),
            }
        })
    };
    view! {
        <Page>
            <div class="data-page" data-testid="source-page">
                <Transition fallback=loading>{page}</Transition>
            </div>
        </Page>
    }
    .into_any()
}

#[component]
fn Found(source: Source) -> impl IntoView {
    let id = StoredValue::new(source.id.clone());
    let source = RwSignal::new(source);
    let toasts = use_toasts();
    let (editing, deleting) = (RwSignal::new(false), RwSignal::new(false));
    let uses = Answer::of(move || source_uses(id.get_value()));
    // Grows with every change, so that the tables are listed anew.
    let round = RwSignal::new(0_u32);
    let testing = Deed::new();
    let test = move |()| {
        testing.run(test_source(id.get_value()), move |fresh| {
            if fresh.state.as_ref().is_some_and(|s| s.ok) {
                _ = round.try_update(|round| *round += 1);
            }
            _ = source.try_set(fresh);
        });
    };
    let saved = Callback::new(move |fresh: Source| {
        toasts.good("Source saved");
        _ = source.try_set(fresh);
        _ = round.try_update(|round| *round += 1);
    });
    let made = Callback::new(move |()| {
        uses.refetch();
        _ = round.try_update(|round| *round += 1);
    });
    view! {
        <PageHeader title=Signal::derive(move || source.with(|s| s.name.clone())) crumbs=crumbs() plain=true>
            <Button icon="zap" busy=testing.busy on_click=test attr:data-testid="test-source">"Test"</Button>
            <Button icon="pencil" on_click=move |()| editing.set(true)>"Edit"</Button>
            <Menu label="More actions" align=Align::End>
                <MenuItem icon="trash-2" danger=true on_click=move |()| deleting.set(true)>"Delete source…"</MenuItem>
            </Menu>
        </PageHeader>
        <Facts source/>
        <State source/>
        <Made uses/>
        <browse::Browse source round on_made=made/>
        <SourceDialog open=editing source on_saved=saved/>
        <remove::Remove open=deleting source/>
    }
    .into_any()
}

/// What the form said, without the password.
#[component]
fn Facts(source: RwSignal<Source>) -> impl IntoView {
    let fact = |label: String, value: String| view! { <div><dt>{label}</dt><dd class="num">{value}</dd></div> };
    let settings = move || {
        source.with(|s| {
            let show = |(key, value): (&String, &Value)| {
                let text = match value {
                    Value::String(text) if text.lines().nth(1).is_some() => "given".to_owned(),
                    Value::String(text) => text.clone(),
                    Value::Bool(on) => if *on { "yes" } else { "no" }.to_owned(),
                    other => other.to_string(),
                };
                fact(to_label(key), text)
            };
            s.settings.iter().map(show).collect_view()
        })
    };
    view! {
        <div class="dataset-facts" data-testid="source-facts">
            <dl>
                {move || fact("Kind".into(), kind_label(&source.with(|s| s.kind.clone())).into())}
                {settings}
                {move || source.with(|s| s.has_password).then(|| fact("Password".into(), "kept encrypted, never shown".into()))}
            </dl>
        </div>
    }
    .into_any()
}

/// What came of the last try.
#[component]
fn State(source: RwSignal<Source>) -> impl IntoView {
    let notice = move || {
        let Some(state) = source.with(|s| s.state.clone()) else {
            return view! { <Notice>"It was not tried since it was described."</Notice> }.into_any();
        };
        let tone = if state.ok { Tone::Good } else { Tone::Bad };
        view! {
            <Notice tone>
                <p>{state.message} " " <span class="source-tried">"Tried " <Time iso=state.at/> "."</span></p>
                {state.hint.map(|hint| view! { <p>{hint}</p> })}
            </Notice>
        }
        .into_any()
    };
    view! { <div role="status" data-testid="source-state">{notice}</div> }.into_any()
}

/// The datasets that read from it.
#[component]
fn Made(uses: Answer<Vec<SourceUse>>) -> impl IntoView {
    let head = || vec![Head::text("Dataset"), Head::text("Table"), Head::number("Used by")];
    let row = |each: SourceUse| {
        let SourceUse { dataset, table, usages } = each;
        let used = format!("/data/{}?tab=lineage", dataset.name);
        view! {
            <tr>
                <td class="dataset-cell">
                    <a href=format!("/data/{}", dataset.name) class="dataset-link">{dataset.label}</a>
                    <code class="dataset-name">{dataset.name}</code>
                </td>
                <td><code class="dataset-name">{table}</code></td>
                <td class="num"><a href=used>{plural(usages.len() as u64, "thing")}</a></td>
            </tr>
        }
    };
    let body = move || {
        match uses.get() {
        None => view! { <Skeleton lines=2/> }.into_any(),
        Some(Err(error)) => view! { <ErrorState error=error.0 retry=move |()| uses.refetch() compact=true/> }.into_any(),
        Some(Ok(list)) if list.is_empty() => view! {
            <p class="muted">"No dataset reads from it yet. Choose tables below and make datasets of them."</p>
        }
        .into_any(),
        Some(Ok(list)) => view! {
            <Card flush=true><Table caption="Datasets of this source" head=head()>{list.into_iter().map(row).collect_view()}</Table></Card>
        }
        .into_any(),
    }
    };
    let title = move || match uses.get() {
        Some(Ok(list)) if !list.is_empty() => format!("Datasets ({})", count(list.len() as u64)),
        _ => "Datasets".to_owned(),
    };
    view! {
        <section class="section" data-testid="source-datasets">
            <div class="section-head"><h2>{title}</h2></div>
            {body}
        </section>
    }
    .into_any()
}
