//! The bell of the frame: how much is unread, the newest notices, and the browser's own notices while
//! the page is not looked at.

use super::line::line;
use super::{Inbox, desktop};
use crate::api::inbox::{newest_notifications, read_all_notifications, read_notification};
use crate::components::popover::{PanelRole, Parts, popover};
use crate::components::*;
use crate::pages::deeds::{Answer, Deed};
use crate::session::use_session;
use domain::notify::Notification;
use leptos::prelude::*;

/// What the panel shows.
const NEWEST: u32 = 8;

/// The bell, for whoever is signed in.
#[component]
pub(crate) fn Bell() -> impl IntoView {
    if use_session().caller().is_none() {
        return ().into_any();
    }
    let toasts = use_toasts();
    let inbox = Inbox::follow(move |notification| {
        if !desktop::show(&notification) {
            toasts.info(notification.subject);
        }
    });
    let open = RwSignal::new(false);
    let count = move || match inbox.unread.get() {
        0 => None,
        n if n > 99 => Some("99+".to_owned()),
        n => Some(n.to_string()),
    };
    let label = Signal::derive(move || match inbox.unread.get() {
        0 => "Inbox".to_owned(),
        n => format!("Inbox {n} unread"),
    });
    let face = move || {
        view! {
            <Icon name="bell"/>
            <span class="rail-label">"Inbox "</span>
            {move || count().map(|count| view! { <span class="bell-count num" data-testid="unread" aria-hidden="true">{count}</span> })}
        }
    };
    let panel = popover(Parts {
        label,
        face: Some(face.into()),
        // Where the navigation is narrow, the word on the button is not shown.
        spoken: Some(label),
        icon: None,
        button_class: "rail-link".into(),
        panel_class: "bell-panel".into(),
        role: PanelRole::Dialog,
        align: Align::Start,
        disabled: Signal::stored(false),
        open,
        panel: NodeRef::new(),
        control: None,
        children: std::sync::Arc::new(move || view! { <Newest inbox open/> }.into_any()),
    });
    view! {
        <div class="bell" data-testid="bell">
            {panel}
            <span class="visually-hidden" role="status">{move || (inbox.unread.get() > 0).then(|| label.get())}</span>
        </div>
    }
    .into_any()
}

#[component]
fn Newest(inbox: Inbox, open: RwSignal<bool>) -> impl IntoView {
    let list = Answer::of(move || {
        inbox.changed.track();
        newest_notifications(NEWEST)
    });
    let deed = Deed::new();
    // The other pages hear of it over the socket, and so does this one.
    let read = Callback::new(move |id: String| deed.run(read_notification(id), |_| ()));
    let entry = move |item: Notification| {
        let (id, subject, is_new) = (item.id.clone(), item.subject.clone(), item.read_at.is_none());
        view! {
            <li class="inbox-item" data-testid="notification">
                {line(item, read, move || open.set(false))}
                {is_new.then(|| view! {
                    <IconButton icon="check" label=format!("Mark as read: {subject}") on_click=move |()| read.run(id.clone())/>
                })}
            </li>
        }
    };
    let body = move || {
        match list.get() {
        None => view! { <div class="bell-state"><Skeleton lines=3/></div> }.into_any(),
        Some(Ok(items)) if items.is_empty() => {
            view! { <EmptyState compact=true icon="bell" title="Nothing here yet" text="Alerts that name you arrive here."/> }.into_any()
        }
        Some(Ok(items)) => view! { <ul class="inbox-list">{items.into_iter().map(entry).collect_view()}</ul> }.into_any(),
        Some(Err(error)) => {
            view! { <ErrorState compact=true error=error.0 retry=move |()| list.refetch()/> }.into_any()
        }
    }
    };
    view! {
        <div class="bell-head">
            <h2 class="bell-title">"Notifications"</h2>
            <Button
                size=Size::Small
                disabled=Signal::derive(move || inbox.unread.get() == 0)
                on_click=move |()| deed.run(read_all_notifications(), |_| ())
            >
                "Mark all as read"
            </Button>
        </div>
        {body}
        <div class="bell-foot">
            <a href="/inbox" on:click=move |_| open.set(false)>"All notifications"</a>
        </div>
    }
    .into_any()
}
