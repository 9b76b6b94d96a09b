//! Walls: dashboards on a screen that nobody sits at. Full screen, large, by turns; what is shown is
//! laid out for the screen there is and never stored.

mod awake;
mod bar;
mod fit;
mod guard;
mod show;
mod slides;

pub(crate) use bar::clock_time;
pub(crate) use show::use_wall;

use crate::api::walls::open_wall;
use crate::board::Board;
use crate::components::Mark;
use domain::wall::WallOptions;
use domain::{Error, ErrorCode};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_location, use_params_map, use_query_map};
use show::WallShow;

/// Where screens show the dashboards of their link.
pub(crate) const SCREEN: &str = "/screen";

/// Whether a path is a wall's: it stands alone on the screen.
pub(crate) fn is_wall(path: &str) -> bool {
    path == SCREEN || path == "/wall" || path.starts_with("/wall/")
}

/// One wall.
#[component]
pub fn WallPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let screen = use_location().pathname.get_untracked() == SCREEN;
    let boards = Memo::new(move |_| {
        let named = params.with(|p| p.get("boards")).or_else(|| query.with(|q| q.get("boards"))).unwrap_or_default();
        named.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    });
    let options = query.with_untracked(|q| WallOptions::read(q.get_str("every"), q.get_str("dim")));
    let page = Resource::new_blocking(move || boards.get(), move |boards| open_wall(screen, boards));
    let body = move || {
        Suspend::new(async move {
            let opened = page.await.map_err(|error| error.0).and_then(|page| {
                let open = |b: &crate::api::document::BoardPage| Board::open(&b.about.id, &b.opened);
                page.boards.iter().map(open).collect::<domain::Result<Vec<_>>>()
            });
            match opened {
                Ok(boards) => view! { <WallShow boards options screen/> }.into_any(),
                Err(error) => view! { <Dark error/> }.into_any(),
            }
        })
    };
    view! {
        <Title text="Wall"/>
        <Suspense fallback=|| view! { <div class="wall"></div> }>{body}</Suspense>
    }
    .into_any()
}

/// Nothing to show, and why.
#[component]
pub(super) fn Dark(error: Error) -> impl IntoView {
    let title = match error.code {
        ErrorCode::Gone | ErrorCode::SignInRequired => "This screen was switched off",
        ErrorCode::NotFound => "There is no such dashboard",
        _ => "The wall cannot be shown",
    };
    let text = match error.code {
        ErrorCode::NotFound => "It was deleted, or is not shared with you any more.".to_owned(),
        _ => error.message,
    };
    view! {
        <div class="wall wall-dark" data-testid="wall-dark">
            <Mark/>
            <h1>{title}</h1>
            <p>{text}</p>
            {error.hint.map(|hint| view! { <p>{hint}</p> })}
        </div>
    }
    .into_any()
}
