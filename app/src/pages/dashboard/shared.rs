//! A dashboard as the viewers of a public or embedded link see it: to look at and to filter, with
//! nothing around it.

use super::stage::Stage;
use super::{address, chosen, comments, empty, grid, mark_menu, presence, tabs};
use crate::api::document::BoardPage;
use crate::api::links::open_shared;
use crate::board::Board;
use crate::components::*;
use crate::live::use_socket;
use crate::tiles::FilterBar;
use domain::dashboard::FilterControl;
use domain::{Error, ErrorCode};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// Where viewers of links see their dashboard.
const SHARED: &str = "/shared/";

/// Whether a path is that of a shared dashboard: it stands alone.
pub(crate) fn is_shared(path: &str) -> bool {
    path.starts_with(SHARED)
}

/// The page.
#[component]
pub fn SharedPage() -> impl IntoView {
    let link = use_params_map().with_untracked(|params| params.get("link")).unwrap_or_default();
    let socket = use_socket();
    socket.come_by(&link);
    let page = Resource::new_blocking(move || link.clone(), open_shared);
    let body = move || {
        Suspend::new(async move {
            let opened = page.await.map_err(|error| error.0);
            match opened.and_then(|page| Ok((Board::open(&page.about.id, &page.opened)?, page))) {
                Ok((board, page)) => view! { <SharedBoard board page/> }.into_any(),
                Err(error) => view! { <Over error/> }.into_any(),
            }
        })
    };
    view! { <Suspense fallback=|| view! { <empty::Waiting/> }>{body}</Suspense> }.into_any()
}

#[component]
fn SharedBoard(board: Board, page: BoardPage) -> impl IntoView {
    let address = address::use_address(board);
    let phone = use_media("(max-width: 640px)");
    let stage = Stage::new(board, page.about, address, phone);
    provide_context(stage);
    comments::provide_talk(stage);
    presence::join(stage);
    board.follow();
    // Nobody changes them here.
    let keep = |_: Vec<FilterControl>| ();
    let is_empty = Memo::new(move |_| stage.items.with(Vec::is_empty));
    let shown = move || match board.gone().get() {
        Some(error) => view! { <Over error/> }.into_any(),
        None => view! {
            <div class="page board-page shared-page" data-testid="shared">
                <header class="shared-head">
                    <h1>{move || board.name().get()}</h1>
                    {move || {
                        let about = board.description().get();
                        (!about.is_empty()).then(|| view! { <p class="page-subtitle">{about}</p> })
                    }}
                </header>
                <FilterBar
                    dashboard_id=board.id()
                    controls=board.filters()
                    filters=stage.filters
                    editing=stage.editing
                    on_controls=keep
                    more=move || view! { <chosen::ChosenChips/> }
                    has_more=Signal::derive(move || stage.picks.with(|picks| !picks.is_empty()))
                    on_clear=move |()| _ = stage.unchoose(None)
                />
                <tabs::BoardTabs/>
                <tabs::TabBody>
                    <grid::Grid/>
                    <Show when=move || is_empty.get()>
                        <empty::EmptyBoard/>
                    </Show>
                </tabs::TabBody>
            </div>
            <mark_menu::MarkMenu/>
        }
        .into_any(),
    };
    view! {
        <Title text=move || board.name().get()/>
        <div class="board">{shown}</div>
    }
    .into_any()
}

/// Nothing to see any more, and why.
#[component]
fn Over(error: Error) -> impl IntoView {
    let over = matches!(error.code, ErrorCode::Gone | ErrorCode::NotFound | ErrorCode::SignInRequired);
    let title = if over { "This link is over" } else { "This dashboard cannot be shown" };
    let text = match error.hint {
        Some(hint) => format!("{} {hint}", error.message),
        None => error.message,
    };
    view! {
        <Page>
            <EmptyState icon="layout-dashboard" title text/>
        </Page>
    }
    .into_any()
}
