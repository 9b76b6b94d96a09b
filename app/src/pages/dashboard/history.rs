//! The history of a dashboard: a timeline of who did what, the dashboard at any moment of it, what
//! differs between two moments, and the way back. And publishing, which shows readers one moment.

mod differences;
mod draft;
mod moment;
mod publish;
mod restore;
mod scrubber;
mod state;
mod timeline;
mod versions;

pub(crate) use draft::DraftBar;
pub(super) use draft::{provide_draft, use_draft};
pub(crate) use publish::PublishDialog;

use super::empty;
use crate::api::history::{HistoryStart, open_history};
use crate::components::*;
use crate::pages::deeds::day;
use domain::ErrorCode;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use state::History;

/// The history of one dashboard.
#[component]
pub fn HistoryPage() -> impl IntoView {
    let params = use_params_map();
    let slug = Memo::new(move |_| params.with(|params| params.get("slug")).unwrap_or_default());
    let page = Resource::new_blocking(move || slug.get(), open_history);
    let retry = Callback::new(move |()| page.refetch());
    let body = move || {
        Suspend::new(async move {
            match page.await {
                Ok(start) => view! { <HistoryView start/> }.into_any(),
                Err(error) if error.0.code == ErrorCode::NotFound => view! { <empty::Missing/> }.into_any(),
                Err(error) => view! {
                    <Page>
                        <PageHeader title="History" plain=true/>
                        <ErrorState error=error.0 retry/>
                    </Page>
                }
                .into_any(),
            }
        })
    };
    view! { <Suspense fallback=|| view! { <empty::Waiting/> }>{body}</Suspense> }.into_any()
}

#[component]
fn HistoryView(start: HistoryStart) -> impl IntoView {
    let board = format!("/dashboards/{}", start.slug);
    let crumbs = vec![Crumb::new("Dashboards", "/dashboards"), Crumb::new(start.name.clone(), board.clone())];
    let history = History::new(start);
    provide_context(history);
    view! {
        <Page>
            <PageHeader title="History" crumbs plain=true>
                <versions::NameButton/>
                <restore::RestoreButton/>
                <LinkButton href=board>"Back to the dashboard"</LinkButton>
            </PageHeader>
            <div class="history-page">
                <div class="history-main">
                    <scrubber::Scrubber/>
                    <moment::MomentView/>
                </div>
                <aside class="history-side" aria-label="What happened">
                    <versions::Versions/>
                    <timeline::TimelineList/>
                </aside>
            </div>
        </Page>
    }
    .into_any()
}

/// A time in words that are the same on server and browser: "1 Mar 2025, 12:04 UTC".
fn time_words(iso: &str) -> String {
    match iso.get(11..16) {
        Some(clock) => format!("{}, {clock} UTC", day(iso)),
        None => day(iso),
    }
}

#[cfg(test)]
mod tests {
    use super::time_words;

    #[test]
    fn times_are_read_from_the_text() {
        assert_eq!(time_words("2025-03-01T12:04:09.000Z"), "1 Mar 2025, 12:04 UTC");
        assert_eq!(time_words("2025-03-01"), "1 Mar 2025");
    }
}
