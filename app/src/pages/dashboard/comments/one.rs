//! One comment: who said what and when, what others think of it, and what may be done with it.

use super::composer::Composer;
use super::talk::Talk;
use crate::api::comments::{delete_comment, edit_comment, react_to_comment};
use crate::components::*;
use crate::pages::deeds::Deed;
use domain::comment::{Comment, CommentText, Reacted, Reaction, emphasised};
use leptos::prelude::*;

/// A comment of a thread.
#[component]
pub(super) fn One(thread: StoredValue<String>, comment: Memo<Comment>) -> impl IntoView {
    let deleted = Memo::new(move |_| comment.with(|c| c.deleted));
    let body = move || match deleted.get() {
        true => view! { <p class="comments-deleted muted">"This comment was deleted."</p> }.into_any(),
        false => view! { <Standing thread comment/> }.into_any(),
    };
    let id = comment.with_untracked(|c| c.id.clone());
    view! {
        <li class="comments-one" data-testid="comment" data-comment-id=id>
            {body}
        </li>
    }
    .into_any()
}

#[component]
fn Standing(thread: StoredValue<String>, comment: Memo<Comment>) -> impl IntoView {
    let talk = expect_context::<Talk>();
    let editing = RwSignal::new(false);
    let author = comment.with_untracked(|c| c.author.name.clone());
    let created = Signal::derive(move || comment.with(|c| c.created_at.clone()));
    let is_edited = Memo::new(move |_| comment.with(|c| c.edited_at.is_some()));
    let is_mine = comment.with_untracked(|c| c.author.id == talk.my_id());
    let words = Memo::new(move |_| comment.with(|c| emphasised(&c.body, &c.mentions)));
    let body = move || match editing.get() {
        true => view! { <Editing thread comment editing/> }.into_any(),
        false => view! { <div class="comments-words"><Markdown text=words/></div> }.into_any(),
    };
    view! {
        <header class="comments-who">
            <Avatar name=author.clone()/>
            <strong class="truncate">{author}</strong>
            <span class="muted small"><Time iso=created/></span>
            <Show when=move || is_edited.get()>
                <span class="muted small">"edited"</span>
            </Show>
            <Deeds thread comment is_mine editing/>
        </header>
        {body}
        <Reactions thread comment/>
    }
    .into_any()
}

/// Other words for one's own comment.
#[component]
fn Editing(thread: StoredValue<String>, comment: Memo<Comment>, editing: RwSignal<bool>) -> impl IntoView {
    let talk = expect_context::<Talk>();
    let text = RwSignal::new(comment.with_untracked(|c| c.body.clone()));
    let deed = Deed::new();
    let save = move |()| {
        let (id, body) = (comment.with_untracked(|c| c.id.clone()), text.get_untracked());
        let work = edit_comment(talk.dashboard(), thread.get_value(), id, CommentText { body });
        deed.run(work, move |changed| {
            talk.put(changed);
            _ = editing.try_set(false);
        });
    };
    view! {
        <Composer label="Your comment" text send="Save" busy=deed.busy on_send=save on_cancel=move |()| editing.set(false) eager=true/>
    }
}

/// Edit and delete.
#[component]
fn Deeds(thread: StoredValue<String>, comment: Memo<Comment>, is_mine: bool, editing: RwSignal<bool>) -> impl IntoView {
    let talk = expect_context::<Talk>();
    let (asking, deed) = (RwSignal::new(false), Deed::new());
    let may_delete = talk.is_owner || (is_mine && talk.can_write);
    let delete = move |()| {
        let id = comment.with_untracked(|c| c.id.clone());
        // What is left of the thread comes over the socket.
        deed.run(delete_comment(talk.dashboard(), thread.get_value(), id), move |()| _ = asking.try_set(false));
    };
    let label = comment.with_untracked(|c| format!("Actions of the comment of {}", c.author.name));
    may_delete.then(|| {
        view! {
            <Menu label align=Align::End button_class="btn btn-ghost btn-sm" attr:data-testid="comment-menu">
                {(is_mine && talk.can_write).then(|| view! {
                    <MenuItem icon="pencil" on_click=move |()| editing.set(true)>"Edit"</MenuItem>
                })}
                <MenuItem icon="trash-2" danger=true on_click=move |()| asking.set(true)>"Delete"</MenuItem>
            </Menu>
            <ConfirmDialog
                open=asking
                title="Delete this comment?"
                text="Its words cannot be brought back. Where others answered, its place stays."
                confirm="Delete comment"
                busy=deed.busy
                on_confirm=delete
            />
        }
    })
}

/// What others think, in one sign.
#[component]
fn Reactions(thread: StoredValue<String>, comment: Memo<Comment>) -> impl IntoView {
    let talk = expect_context::<Talk>();
    let deed = Deed::new();
    let me = StoredValue::new(talk.my_id());
    let is_on = move |reaction: Reaction| {
        comment.with(|c| {
            let own = c.reactions.iter().find(|r| r.reaction == reaction);
            own.is_some_and(|r| me.with_value(|me| r.people.iter().any(|p| p.id == *me)))
        })
    };
    let toggle = move |reaction: Reaction| {
        let (id, on) = (comment.with_untracked(|c| c.id.clone()), !untrack(|| is_on(reaction)));
        let work = react_to_comment(talk.dashboard(), thread.get_value(), id, reaction, on);
        deed.run(work, move |changed| talk.put(changed));
    };
    let all = Memo::new(move |_| comment.with(|c| c.reactions.clone()));
    let sign = move |Reacted { reaction, people }: Reacted| {
        let names: Vec<String> = people.into_iter().map(|p| p.name).collect();
        let count = names.len();
        view! {
            <button
                type="button"
                class="comments-reaction"
                data-testid="reaction"
                title=names.join(", ")
                disabled=!talk.can_write
                aria-pressed=move || if is_on(reaction) { "true" } else { "false" }
                on:click=move |_| toggle(reaction)
            >
                <span aria-hidden="true">{reaction.emoji()}</span>
                <span class="visually-hidden">{format!("{} ", reaction.label())}</span>
                <span class="num">{count}</span>
            </button>
        }
    };
    let choices = move || {
        let item = move |reaction: Reaction| {
            view! {
                <MenuItem on_click=move |()| toggle(reaction)>
                    <span aria-hidden="true">{reaction.emoji()}</span>
                    " "
                    {reaction.label()}
                </MenuItem>
            }
        };
        Reaction::ALL.into_iter().map(item).collect_view()
    };
    let row = move || all.get().into_iter().map(sign).collect_view();
    view! {
        <div class="comments-reactions">
            {row}
            {talk.can_write.then(|| view! {
                <Menu label="React" icon="plus" button_class="btn btn-ghost btn-sm" attr:data-testid="react">{choices()}</Menu>
            })}
        </div>
    }
    .into_any()
}
