//! Every kind of chart, drawn from the sample data, with what it is for and a way to use it.

mod examples;

use crate::api::chart_plugins::list_chart_plugins;
use crate::api::tiles::preview_tile;
use crate::components::*;
use crate::pages::explore::question::Question;
use crate::session::use_session;
use crate::tiles::{TileContent, TileState, nothing, spec_of};
use charts::kinds::Info;
use domain::plugin::ChartPlugin;
use domain::{ChartKind, Error, UserRole};
use examples::example;
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit};

/// How far outside the window a chart begins to load.
const MARGIN: &str = "600px 0px";

/// The page.
#[component]
pub fn ChartsPage() -> impl IntoView {
    if !use_session().has_role(UserRole::Explorer) {
        let error =
            Error::forbidden("To draw charts of your own you need the role explorer.").hint("Ask an administrator.");
        return view! { <Page><PageHeader title="Kinds of chart"/><ErrorState error/></Page> }.into_any();
    }
    let added = RwSignal::new(Vec::<ChartPlugin>::new());
    Effect::new(move |_| {
        leptos::task::spawn_local(async move {
            // Without them the page shows those that come with Orrery.
            if let Ok(found) = list_chart_plugins().await {
                _ = added.try_set(found);
            }
        });
    });
    let cards = charts::kinds::all().iter().map(|kind| view! { <KindCard info=&kind.info/> });
    let plugins = move || {
        let all = added.get();
        (!all.is_empty()).then(|| {
            let card = |plugin: ChartPlugin| view! { <PluginCard plugin/> };
            view! {
                <Section title="Added here">
                    <ul class="kind-cards">{all.into_iter().map(card).collect_view()}</ul>
                </Section>
            }
        })
    };
    view! {
        <Page attr:data-testid="charts">
            <PageHeader
                title="Kinds of chart"
                subtitle="Each drawn from the sample data. Pick what your question asks for; every chart can also be read as a table."
            />
            <ul class="kind-cards">{cards.collect_view()}</ul>
            {plugins}
        </Page>
    }
    .into_any()
}

/// Tells once that an element has come near the window.
fn when_near(element: NodeRef<html::Li>, then: impl Fn() + 'static) {
    let then = StoredValue::new_local(then);
    let watch = StoredValue::new_local(None::<(IntersectionObserver, Closure<dyn FnMut(js_sys::Array)>)>);
    Effect::new(move |_| {
        let Some(element) = element.get() else { return };
        let on_sight = Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
            let mut seen = entries.iter().filter_map(|entry| entry.dyn_into::<IntersectionObserverEntry>().ok());
            if seen.any(|entry| entry.is_intersecting()) {
                watch.try_update_value(|watch| watch.as_ref().map(|(observer, _)| observer.disconnect()));
                then.try_with_value(|then| then());
            }
        });
        let options = IntersectionObserverInit::new();
        options.set_root_margin(MARGIN);
        if let Ok(observer) = IntersectionObserver::new_with_options(on_sight.as_ref().unchecked_ref(), &options) {
            observer.observe(&element);
            watch.set_value(Some((observer, on_sight)));
        }
    });
    on_cleanup(move || {
        watch.try_update_value(|watch| watch.as_ref().map(|(observer, _)| observer.disconnect()));
    });
}

#[component]
fn KindCard(info: &'static Info) -> impl IntoView {
    let kind = info.kind;
    let element = NodeRef::<html::Li>::new();
    let question = StoredValue::new(example(kind));
    let data = RwSignal::new(nothing());
    let state = RwSignal::new(TileState::Loading);
    let failed = RwSignal::new(None::<Error>);
    let has = RwSignal::new(false);
    let tile = move || question.with_value(|q| q.to_tile(kind));
    let ask = move || {
        state.set(TileState::Loading);
        leptos::task::spawn_local(async move {
            match preview_tile(tile()).await {
                Ok(answer) => {
                    _ = data.try_set(answer);
                    _ = failed.try_set(None);
                    _ = has.try_set(true);
                }
                Err(error) => {
                    _ = failed.try_set(Some(error.into()));
                    _ = state.try_set(TileState::Error);
                }
            }
        });
    };
    when_near(element, ask);
    // What the page draws itself is there with the next frame.
    let draws = !matches!(kind, ChartKind::Table | ChartKind::Pivot | ChartKind::Number);
    Effect::new(move |_| {
        if has.get() && !draws {
            set_timeout(move || _ = state.try_set(TileState::Ready), std::time::Duration::ZERO);
        }
    });
    let href = RwSignal::new(format!("/explore?kind={}", kind.as_str()));
    Effect::new(move |_| href.set(question.with_value(Question::address)));
    let spec = Signal::stored(spec_of(&tile()));
    let body = move || {
        if let Some(error) = failed.get() {
            return view! { <ErrorState compact=true error retry=move |()| ask()/> }.into_any();
        }
        if !has.get() {
            return view! { <Skeleton height="100%"/> }.into_any();
        }
        view! {
            <TileContent
                data
                spec
                title=info.label
                on_ready=move |()| state.set(TileState::Ready)
                on_error=move |_| state.set(TileState::Error)
            />
        }
        .into_any()
    };
    view! {
        <li
            node_ref=element
            class="card kind-card"
            id=kind.as_str().to_owned()
            data-testid="kind-card"
            data-kind=kind.as_str().to_owned()
            data-state=move || state.get().as_str()
        >
            <div class="kind-card-head">
                <Icon name=info.icon/>
                <h2>{info.label}</h2>
                <LinkButton href size=Size::Small icon="compass">
                    "Use this"<span class="visually-hidden">{format!(": {}", info.label)}</span>
                </LinkButton>
            </div>
            <p class="kind-card-about">{info.about}</p>
            <p class="kind-card-needs muted small"><span>"Needs: "</span>{info.needs}</p>
            <div class="kind-card-picture">{body}</div>
        </li>
    }
    .into_any()
}

#[component]
fn PluginCard(plugin: ChartPlugin) -> impl IntoView {
    let template = plugin.template;
    let href = format!("/explore?kind={}{}", domain::plugin::PREFIX, plugin.id);
    let parts: Vec<String> = template.encodings.iter().map(|e| e.label.to_lowercase()).collect();
    view! {
        <li class="card kind-card" data-testid="plugin-card" data-plugin=plugin.id>
            <div class="kind-card-head">
                <Icon name="blocks"/>
                <h3>{template.name.clone()}</h3>
                <LinkButton href size=Size::Small icon="compass">
                    "Use this"<span class="visually-hidden">{format!(": {}", template.name)}</span>
                </LinkButton>
            </div>
            <p class="kind-card-about">{template.about}</p>
            <p class="kind-card-needs muted small"><span>"Needs: "</span>{parts.join(", ")}"."</p>
        </li>
    }
    .into_any()
}
