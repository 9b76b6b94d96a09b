//! One notice in a line: whether it is new, what it says, when it came; it leads to its thing.

use crate::components::*;
use domain::notify::{KINDS, Notification};
use leptos::prelude::*;

pub(super) fn line(item: Notification, read: Callback<String>, left: impl Fn() + 'static) -> AnyView {
    let Notification { id, kind, subject, link, created_at, read_at, .. } = item;
    let is_new = read_at.is_none();
    let kind = KINDS.iter().find(|(known, _)| *known == kind).map(|(_, label)| *label);
    let follow = move |_: leptos::ev::MouseEvent| {
        if is_new {
            read.run(id.clone());
        }
        left();
    };
    view! {
        <a class="inbox-line" href=link on:click=follow>
            <span class="inbox-dot" class:is-new=is_new>
                {is_new.then(|| view! { <span class="visually-hidden">"Unread: "</span> })}
            </span>
            <span class="grow">
                <span class="inbox-subject">{subject}</span>
                <span class="inbox-about">
                    {kind.map(|kind| view! { <span>{kind}</span> })}
                    <Time iso=Signal::stored(created_at)/>
                </span>
            </span>
        </a>
    }
    .into_any()
}
