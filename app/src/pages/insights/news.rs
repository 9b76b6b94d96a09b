//! What is new in all datasets that one may see.

use super::card::FindingCard;
use super::listing::{Adding, Listing};
use super::tab::FIRST;
use crate::api::insights::read_insight_news;
use crate::components::*;
use crate::pages::deeds::Answer;
use crate::session::use_session;
use domain::discovery::{InsightNews, NewsItem, WaitingDataset};
use domain::{Error, UserRole};
use leptos::prelude::*;

/// What is new.
#[component]
pub fn InsightsPage() -> impl IntoView {
    if !use_session().has_role(UserRole::Explorer) {
        let error = Error::forbidden("To look for insights you need the role explorer.").hint("Ask an administrator.");
        return view! { <Page><PageHeader title="Insights"/><ErrorState error/></Page> }.into_any();
    }
    let news = Answer::of(read_insight_news);
    let body = move || match news.get() {
        None => view! { <Skeleton lines=10/> }.into_any(),
        Some(Err(error)) => view! { <ErrorState error=error.0 retry=move |()| news.refetch()/> }.into_any(),
        Some(Ok(news)) => view! { <Shown news/> }.into_any(),
    };
    view! {
        <Page attr:data-testid="insight-news">
            <PageHeader title="Insights" subtitle="What is new in the data that you see: in no former version of it.">
                <Button icon="refresh-cw" on_click=move |()| news.refetch()>"Look again"</Button>
            </PageHeader>
            <div class="stack insights">{body}</div>
        </Page>
    }
    .into_any()
}

#[component]
fn Shown(news: InsightNews) -> impl IntoView {
    let InsightNews { items, looked_at, waiting } = news;
    let gone = RwSignal::new(Vec::<String>::new());
    let on_hide = Callback::new(move |(id, is_hidden): (String, bool)| {
        gone.update(|gone| if is_hidden { gone.push(id) } else { gone.retain(|g| *g != id) });
    });
    let listing = Listing::new(on_hide);
    let is_empty = items.is_empty();
    let all = StoredValue::new(items);
    let key = |item: &NewsItem| (item.dataset.clone(), item.shown.finding.id.clone());
    let most = RwSignal::new(FIRST);
    let shown = Memo::new(move |_| {
        let keys = all.with_value(|all| all.iter().map(key).collect::<Vec<_>>());
        let here =
            |gone: &Vec<String>| keys.into_iter().filter(|(_, id)| !gone.contains(id)).take(most.get()).collect();
        gone.with(|gone| -> Vec<_> { here(gone) })
    });
    let rest = Memo::new(move |_| {
        let there = all.with_value(Vec::len).saturating_sub(gone.with(Vec::len));
        there.saturating_sub(shown.with(Vec::len))
    });
    let card = move |wanted: (String, String)| {
        let found = all.with_value(|all| all.iter().find(|item| key(item) == wanted).cloned());
        found.map(|item: NewsItem| {
            let label = Some(item.label);
            view! { <FindingCard shown=item.shown listing dataset=item.dataset label/> }
        })
    };
    let empty = is_empty.then(|| {
        let text = match looked_at {
            0 => "No dataset was looked at yet. Open the insights of one.",
            _ => "When data changes, it is looked at by itself, and what is new stands here.",
        };
        view! { <EmptyState icon="lightbulb" title="Nothing new" text/> }
    });
    view! {
        <ul class="insight-list" data-testid="findings">
            <For each=move || shown.get() key=|key| key.clone() children=card/>
        </ul>
        <Show when=move || { rest.get() > 0 }>
            <div class="insight-more">
                <Button on_click=move |()| most.update(|most| *most += FIRST)>
                    {move || format!("Show {} more", rest.get().min(FIRST))}
                </Button>
            </div>
        </Show>
        {empty}
        {not_yet(waiting)}
        <Adding listing/>
    }
    .into_any()
}

/// Datasets that were not looked at yet.
fn not_yet(waiting: Vec<WaitingDataset>) -> AnyView {
    if waiting.is_empty() {
        return ().into_any();
    }
    let one = |w: WaitingDataset| {
        view! { <li><a href=format!("/data/{}?tab=insights", w.dataset)>{w.label}</a></li> }
    };
    view! {
        <Section title="Not looked at yet" text="Opening one looks at it now.">
            <ul class="insight-waiting">{waiting.into_iter().map(one).collect_view()}</ul>
        </Section>
    }
    .into_any()
}
