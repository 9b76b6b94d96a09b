//! A dashboard that has nothing to show: new, not there, taken away.

use super::stage::use_stage;
use super::tile_deeds;
use crate::components::*;
use domain::dashboard::TileKind;
use leptos::prelude::*;

/// No tiles yet: what to do next.
#[component]
pub(super) fn EmptyBoard() -> impl IntoView {
    let stage = use_stage();
    let is_tab = stage.board.tabs().with_untracked(|tabs| tabs.len() > 1);
    if !stage.can_edit() {
        return view! {
            <EmptyState
                icon="layout-dashboard"
                title=if is_tab { "Nothing on this tab yet" } else { "Nothing on this dashboard yet" }
                text="Tiles appear here as soon as somebody adds them; there is no need to reload."
            />
        }
        .into_any();
    }
    view! {
        <div class="board-empty">
            <EmptyState
                icon="chart-column"
                title=if is_tab { "Nothing on this tab yet" } else { "An empty dashboard" }
                text="Pick a dataset, choose what to see, and it is drawn as you go. Everything is saved by itself and can be undone."
            >
                <Button variant=Variant::Primary size=Size::Large icon="plus" on_click=move |()| tile_deeds::add(stage, TileKind::Chart)>
                    "Add chart"
                </Button>
                <Button size=Size::Large icon="type" on_click=move |()| tile_deeds::add(stage, TileKind::Text)>"Add text"</Button>
            </EmptyState>
            // A template makes a dashboard of its own, not a tab.
            {(!is_tab).then(|| view! {
                <p class="board-empty-hint">
                    "Or "<a href="/dashboards?new=template">"begin with a template"</a>" that fits itself to your data."
                </p>
            })}
        </div>
    }
    .into_any()
}

/// No such dashboard, for this person.
#[component]
pub(super) fn Missing() -> impl IntoView {
    view! {
        <Page>
            <PageHeader title="Dashboard not found" plain=true/>
            <EmptyState
                icon="layout-dashboard"
                title="There is no such dashboard, or it is not shared with you"
                text="It may have been moved to the trash. Ask whoever sent you the link, or look for it in the list."
            >
                <LinkButton href="/dashboards" variant=Variant::Primary>"All dashboards"</LinkButton>
            </EmptyState>
        </Page>
    }
    .into_any()
}

/// It was there a moment ago.
#[component]
pub(super) fn Gone(error: domain::Error) -> impl IntoView {
    view! {
        <div class="board-gone">
            <Notice tone=Tone::Warn>
                <p>{error.to_string()}</p>
                <p>"It was moved to the trash, or the right to see it was taken away. What you see here is not kept up to date any more."</p>
                <LinkButton href="/dashboards" size=Size::Small>"All dashboards"</LinkButton>
            </Notice>
        </div>
    }
    .into_any()
}

/// What stands on the page until the dashboard is there.
#[component]
pub(super) fn Waiting() -> impl IntoView {
    view! {
        <Page>
            <PageHeader title="Dashboard" plain=true/>
            <div class="board-waiting" aria-hidden="true">
                <Skeleton height="12rem"/>
                <Skeleton height="12rem"/>
                <Skeleton height="18rem"/>
                <Skeleton height="18rem"/>
            </div>
        </Page>
    }
    .into_any()
}
