//! The panel beside the page: every thread of the dashboard, and a box to begin one.

use super::composer::Composer;
use super::place::{Draft, where_words};
use super::talk::{Loaded, Talk, Which};
use super::thread::ThreadCard;
use crate::api::comments::begin_thread;
use crate::components::*;
use crate::pages::dashboard::stage::use_stage;
use crate::pages::deeds::Deed;
use leptos::prelude::*;

/// The panel; it is there while it is open.
#[component]
pub(crate) fn CommentsPanel() -> impl IntoView {
    let (stage, talk) = (use_stage(), expect_context::<Talk>());
    Effect::new(move |_| talk.want(talk.which.get()));
    let which = Signal::derive(move || talk.which.get().word().to_owned());
    let segments = Which::ALL.into_iter().map(|(_, word, label)| Segment::new(word, label)).collect::<Vec<_>>();
    let ids = Memo::new(move |_| {
        let (which, tile, me) = (talk.which.get(), talk.tile.get(), talk.my_id());
        let shown = talk.shown.get();
        talk.threads.with(|all| {
            let is = |t: &&domain::comment::Thread| {
                // What is looked at stays while it changes from one list to another.
                (which.has(t, &me) || shown.as_ref() == Some(&t.id))
                    && tile.as_ref().is_none_or(|tile| t.tile.as_ref() == Some(tile))
            };
            let mut own: Vec<_> = all.values().filter(is).map(|t| (t.updated_at.clone(), t.id.clone())).collect();
            own.sort_by(|a, b| b.cmp(a));
            own.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
        })
    });
    let only = move || {
        talk.tile.get().map(|tile| {
            let label = Signal::derive(move || format!("On {}", stage.tile_name(&tile)));
            view! { <Chip label on_remove=move |()| talk.tile.set(None)/> }
        })
    };
    let unread = Memo::new(move |_| talk.unread() > 0);
    let is_empty = Memo::new(move |_| ids.with(Vec::is_empty));
    let list = Memo::new(move |_| talk.lists.with(|lists| lists.get(&talk.which.get()).cloned()));
    let rest = move || match (list.get(), is_empty.get()) {
        (Some(Loaded::Failed(error)), _) => {
            view! { <ErrorState compact=true error retry=move |()| talk.load(talk.which.get_untracked(), None)/> }
                .into_any()
        }
        (Some(Loaded::Here(None)), true) => view! { <Nothing/> }.into_any(),
        (Some(Loaded::Here(None)), false) => ().into_any(),
        (Some(Loaded::Here(next)), _) => {
            let more = move |()| talk.load(talk.which.get_untracked(), next.clone());
            view! { <Button size=Size::Small on_click=more>"Show more"</Button> }.into_any()
        }
        (Some(Loaded::Asking) | None, _) => view! { <Skeleton lines=3/> }.into_any(),
    };
    view! {
        <SidePanel open=talk.open title="Comments" attr:data-testid="comments-panel">
            <div class="comments stack">
                <SegmentedControl
                    label="Which threads"
                    segments=segments.clone()
                    value=which
                    on_change=move |word: String| {
                        talk.shown.set(None);
                        talk.which.set(Which::parse(&word));
                    }
                />
                <div class="comments-tools">
                    {only}
                    <Show when=move || unread.get()>
                        <Button size=Size::Small variant=Variant::Ghost icon="check" on_click=move |()| talk.mark_read(None)>"Mark all as read"</Button>
                    </Show>
                </div>
                <Begin/>
                <For each=move || ids.get() key=String::clone children=|id| view! { <ThreadCard id/> }/>
                {rest}
            </div>
        </SidePanel>
    }
    .into_any()
}

/// Nothing in this list.
#[component]
fn Nothing() -> impl IntoView {
    let talk = expect_context::<Talk>();
    let words = Signal::derive(move || {
        match talk.which.get() {
            Which::Open if talk.can_write => "Say something about the dashboard, or about a tile from its menu.",
            Which::Open => "Nobody has said anything about this dashboard.",
            Which::Resolved => "Threads that need no more attention come here.",
            Which::Mine => "Threads that you wrote in come here.",
            Which::Mentions => "Threads that name you come here.",
        }
        .to_owned()
    });
    view! { <EmptyState compact=true icon="message-square" title="No threads" text=words/> }
}

/// A new thread: about what was chosen, or the dashboard as a whole.
#[component]
fn Begin() -> impl IntoView {
    let (stage, talk) = (use_stage(), expect_context::<Talk>());
    let text = RwSignal::new(String::new());
    let deed = Deed::new();
    let send = move |()| {
        let Some(draft) = talk.draft.get_untracked() else { return };
        let work = begin_thread(talk.dashboard(), draft.with(text.get_untracked()));
        deed.run(work, move |made| {
            let id = made.id.clone();
            talk.put(made);
            _ = text.try_set(String::new());
            talk.draft.set(None);
            talk.show_thread(&id);
            stage.say("Comment added");
        });
    };
    let body = move || {
        talk.draft.get().map(|draft| {
            let about = where_words(stage, draft.tile.as_deref(), &draft.about);
            view! {
                <section class="comments-begin" aria-label="New comment">
                    <p class="comments-place" data-testid="comment-about">{about}</p>
                    <Composer label="New comment" text send="Comment" busy=deed.busy on_send=send on_cancel=move |()| talk.draft.set(None) eager=true/>
                </section>
            }
            .into_any()
        })
    };
    let begin = move || {
        (talk.can_write && talk.draft.with(Option::is_none)).then(|| {
            view! {
                <Button size=Size::Small icon="plus" on_click=move |()| talk.draft.set(Some(Draft::default()))>
                    "Comment on the dashboard"
                </Button>
            }
        })
    };
    view! {
        {body}
        {begin}
    }
}
