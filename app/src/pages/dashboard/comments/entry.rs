//! The ways to the comments: a button of the page, a count on each tile, commands of the menus.

use super::place::Draft;
use super::talk::Talk;
use crate::components::*;
use crate::pages::dashboard::stage::use_stage;
use crate::tiles::logic::marks::Mark;
use domain::Tile;
use leptos::prelude::*;

/// "99+".
fn short(count: usize) -> String {
    if count > 99 { "99+".to_owned() } else { count.to_string() }
}

/// Opens and closes the panel; counts what is unread.
#[component]
pub(in crate::pages::dashboard) fn CommentsButton() -> impl IntoView {
    let talk = expect_context::<Talk>();
    let unread = Memo::new(move |_| talk.unread());
    let toggle = Callback::new(move |()| talk.open.update(|open| *open = !*open));
    use_shortcuts().add("Dashboard", "m", "Comments", toggle);
    view! {
        <button
            type="button"
            class="btn btn-secondary comments-button"
            data-testid="comments-button"
            aria-expanded=move || if talk.open.get() { "true" } else { "false" }
            title="Comments (M)"
            on:click=move |_| toggle.run(())
        >
            <Icon name="message-square"/>
            <span class="btn-label">"Comments"</span>
            {move || (unread.get() > 0).then(|| view! {
                <span class="comments-count is-new num" data-testid="comments-unread">
                    {short(unread.get())}
                    <span class="visually-hidden">" unread"</span>
                </span>
            })}
        </button>
    }
    .into_any()
}

/// How many threads a tile has; opens them.
#[component]
pub(in crate::pages::dashboard) fn TileBadge(tile: Signal<Tile>) -> impl IntoView {
    let talk = expect_context::<Talk>();
    let counts = Memo::new(move |_| tile.with(|tile| talk.count_of(&tile.id)));
    let badge = move || {
        let (threads, unread) = counts.get();
        let about = match (threads, unread) {
            (1, 0) => " thread".to_owned(),
            (_, 0) => " threads".to_owned(),
            (1, _) => format!(" thread, {unread} unread"),
            _ => format!(" threads, {unread} unread"),
        };
        let is_new = unread > 0;
        (threads > 0).then(|| {
            view! {
                <button
                    type="button"
                    class="comments-badge"
                    class:is-new=is_new
                    data-testid="comments-badge"
                    on:click=move |_| talk.show_tile(&tile.with_untracked(|tile| tile.id.clone()))
                >
                    <Icon name="message-square"/>
                    <span class="num">{short(threads)}</span>
                    <span class="visually-hidden">{about}</span>
                </button>
            }
        })
    };
    view! { {badge} }.into_any()
}

/// Comments in the menu of a tile.
#[component]
pub(in crate::pages::dashboard) fn TileItems(tile: Signal<Tile>) -> impl IntoView {
    let (stage, talk) = (use_stage(), expect_context::<Talk>());
    let id = tile.with_untracked(|tile| tile.id.clone());
    let begin = {
        let id = id.clone();
        move |()| talk.begin(Draft::of_tile(&id))
    };
    let chosen = stage.picks.with_untracked(|picks| picks.iter().find(|p| p.tile == id).map(|p| p.marks.clone()));
    talk.can_write.then(|| {
        view! {
            <MenuItem icon="message-square" on_click=begin>"Comment"</MenuItem>
            <ChosenItem tile=id chosen=chosen.unwrap_or_default()/>
        }
    })
}

/// Comments in the menu of a mark.
#[component]
pub(in crate::pages::dashboard) fn HereItems(tile: String, mark: Mark) -> impl IntoView {
    let (stage, talk) = (use_stage(), expect_context::<Talk>());
    let chosen = stage.picks.with_untracked(|picks| picks.iter().find(|p| p.tile == tile).map(|p| p.marks.clone()));
    let here = {
        let (tile, mark) = (tile.clone(), mark.clone());
        move |()| {
            talk.begin(Draft::of_marks(stage, &tile, std::slice::from_ref(&mark)));
            stage.mark_menu.set(None);
        }
    };
    let is_here = !mark.is_empty();
    // The mark alone is what “here” means.
    let chosen = chosen.filter(|chosen| *chosen != [mark]).unwrap_or_default();
    talk.can_write.then(|| {
        view! {
            {is_here.then(|| view! { <MenuItem icon="message-square" on_click=here>"Comment here"</MenuItem> })}
            <ChosenItem tile chosen/>
        }
    })
}

/// Begins a thread about what is chosen in a tile, where anything is.
#[component]
fn ChosenItem(tile: String, chosen: Vec<Mark>) -> impl IntoView {
    let (stage, talk) = (use_stage(), expect_context::<Talk>());
    let any = !chosen.is_empty();
    let begin = move |()| {
        talk.begin(Draft::of_marks(stage, &tile, &chosen));
        stage.mark_menu.set(None);
    };
    any.then(|| view! { <MenuItem icon="message-square" on_click=begin>"Comment on this range"</MenuItem> })
}
