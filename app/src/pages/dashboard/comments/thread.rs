//! One thread: its first comment, and when it is looked at all of them, with a box to answer.

use super::composer::Composer;
use super::one::One;
use super::place::place_words;
use super::talk::Talk;
use crate::api::comments::{reply_in_thread, resolve_thread};
use crate::components::*;
use crate::pages::dashboard::stage::use_stage;
use crate::pages::deeds::Deed;
use domain::comment::{Comment, CommentText, Thread};
use leptos::{html, prelude::*};

/// A thread of the list.
#[component]
pub(super) fn ThreadCard(id: String) -> impl IntoView {
    let (stage, talk) = (use_stage(), expect_context::<Talk>());
    let key = StoredValue::new(id.clone());
    let node = NodeRef::<html::Article>::new();
    // One that is gone keeps its last words until it is out of the page.
    let thread = Memo::new(move |before: Option<&Thread>| {
        let now = talk.threads.with(|all| key.with_value(|id| all.get(id).cloned()));
        now.or_else(|| before.cloned()).unwrap_or_default()
    });
    let is_shown = Memo::new(move |_| talk.shown.with(|shown| key.with_value(|id| shown.as_ref() == Some(id))));
    let me = StoredValue::new(talk.my_id());
    let unread = Memo::new(move |_| me.with_value(|me| thread.with(|t| t.unread(me))));
    // What is looked at is read.
    Effect::new(move |_| {
        if is_shown.get() && unread.get() > 0 {
            talk.mark_read(Some(key.get_value()));
        }
    });
    Effect::new(move |_| {
        if let (true, Some(element)) = (is_shown.get(), node.get()) {
            request_animation_frame(move || {
                let options = web_sys::ScrollIntoViewOptions::new();
                options.set_block(web_sys::ScrollLogicalPosition::Nearest);
                element.scroll_into_view_with_scroll_into_view_options(&options);
            });
        }
    });
    let place = Memo::new(move |_| thread.with(|t| place_words(stage, t)));
    let tile = Memo::new(move |_| {
        thread.with(|t| t.tile.clone()).filter(|id| stage.board.tiles().with(|all| all.contains_key(id)))
    });
    let where_ = move || {
        match tile.get() {
        Some(id) => view! {
            <button type="button" class="comments-place" title="Go to the tile" data-testid="thread-place" on:click=move |_| talk.go_to(&id)>
                {move || place.get()}
            </button>
        }
        .into_any(),
        None => view! { <span class="comments-place muted" data-testid="thread-place">{move || place.get()}</span> }.into_any(),
    }
    };
    let ids = Memo::new(move |_| {
        let all = is_shown.get();
        thread.with(|t| {
            t.comments.iter().take(if all { usize::MAX } else { 1 }).map(|c| c.id.clone()).collect::<Vec<_>>()
        })
    });
    let one = move |id: String| {
        let comment = Memo::new(move |before: Option<&Comment>| {
            let now = thread.with(|t| t.comments.iter().find(|c| c.id == id).cloned());
            now.or_else(|| before.cloned()).unwrap_or_default()
        });
        view! { <One thread=key comment/> }
    };
    let is_resolved = Memo::new(move |_| thread.with(|t| t.resolved.is_some()));
    let by = move || {
        thread.with(|t| t.resolved.clone()).map(|resolved| {
            view! {
                <p class="comments-resolved small">
                    <Icon name="check"/>
                    {format!("Resolved by {} ", resolved.by.name)}
                    <Time iso=Signal::stored(resolved.at)/>
                </p>
            }
        })
    };
    view! {
        <article
            node_ref=node
            class="comments-thread"
            class:is-shown=move || is_shown.get()
            class:is-new=move || { unread.get() > 0 }
            data-testid="thread"
            data-thread-id=id
            aria-label=move || place.get()
        >
            <header class="comments-thread-head">
                {where_}
                {move || (unread.get() > 0).then(|| view! { <span class="comments-count is-new num" data-testid="thread-unread">{unread.get()}" new"</span> })}
            </header>
            {by}
            <ol class="comments-list">
                <For each=move || ids.get() key=String::clone children=one/>
            </ol>
            <Show when=move || is_shown.get() fallback=move || view! { <More thread key/> }>
                <Foot key is_resolved/>
            </Show>
        </article>
    }
    .into_any()
}

/// Opens a thread.
#[component]
fn More(thread: Memo<Thread>, key: StoredValue<String>) -> impl IntoView {
    let talk = expect_context::<Talk>();
    let words = move || match thread.with(|t| t.comments.len().saturating_sub(1)) {
        0 if talk.can_write => "Reply".to_owned(),
        0 => "Open the thread".to_owned(),
        1 => "1 reply".to_owned(),
        n => format!("{n} replies"),
    };
    view! {
        <Button size=Size::Small variant=Variant::Ghost on_click=move |()| talk.shown.set(Some(key.get_value())) attr:data-testid="thread-open">
            {words}
        </Button>
    }
}

/// Answer, resolve, take the link along.
#[component]
fn Foot(key: StoredValue<String>, is_resolved: Memo<bool>) -> impl IntoView {
    let (stage, talk) = (use_stage(), expect_context::<Talk>());
    let text = RwSignal::new(String::new());
    let (answering, resolving) = (Deed::new(), Deed::new());
    let answer = move |()| {
        let body = text.get_untracked();
        let work = reply_in_thread(talk.dashboard(), key.get_value(), CommentText { body });
        answering.run(work, move |changed| {
            talk.put(changed);
            talk.which_of(&key.get_value());
            _ = text.try_set(String::new());
        });
    };
    let resolve = move |()| {
        let resolved = !is_resolved.get_untracked();
        resolving.run(resolve_thread(talk.dashboard(), key.get_value(), resolved), move |changed| {
            talk.put(changed);
            stage.say(if resolved { "Thread resolved" } else { "Thread open again" });
        });
    };
    let link = Signal::derive(move || {
        let origin = window().location().origin().unwrap_or_default();
        let slug = stage.about.with_value(|about| about.slug.clone());
        format!("{origin}/dashboards/{slug}?thread={}", key.get_value())
    });
    view! {
        {talk.can_write.then(|| view! { <Composer label="Reply" text send="Reply" busy=answering.busy on_send=answer/> })}
        <div class="comments-thread-foot">
            {talk.can_write.then(|| view! {
                <Button size=Size::Small variant=Variant::Secondary busy=resolving.busy on_click=resolve attr:data-testid="thread-resolve">
                    {move || if is_resolved.get() { "Reopen" } else { "Resolve" }}
                </Button>
            })}
            <CopyButton text=link label="Copy link"/>
            <Button size=Size::Small variant=Variant::Ghost on_click=move |()| talk.shown.set(None)>"Close"</Button>
        </div>
    }
    .into_any()
}
