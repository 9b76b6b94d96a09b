//! The inbox: everything that the caller was told, newest first.

mod bell;
pub(crate) mod desktop;
mod line;

pub(crate) use bell::Bell;

use crate::api::inbox::{newest_notifications, read_all_notifications, read_notification};
use crate::components::*;
use crate::live::use_topic;
use crate::pages::deeds::{Deed, in_place};
use crate::session::use_session;
use domain::notify::{InboxNews, Notification};
use leptos::prelude::*;
use leptos_router::hooks::query_signal_with_options;
use line::line;

/// What the page shows at most.
const SHOWN: u32 = 500;

/// What is new in the inbox of whoever looks at the page. Copy it freely.
#[derive(Clone, Copy)]
pub(crate) struct Inbox {
    /// Not known before the socket has told.
    unread: RwSignal<u64>,
    /// Something came or was read.
    changed: Trigger,
}

impl Inbox {
    /// Follows the caller's inbox; `on` hears of each notice that comes.
    fn follow(on: impl Fn(Notification) + 'static) -> Self {
        let inbox = Self { unread: RwSignal::new(0), changed: Trigger::new() };
        if let Some(caller) = use_session().caller() {
            use_topic(format!("inbox:{}", caller.user_id), move |message| {
                let news = message.data.and_then(|data| serde_json::from_value::<InboxNews>(data).ok());
                let Some(InboxNews { unread, notification }) = news else { return };
                _ = inbox.unread.try_set(unread);
                inbox.changed.notify();
                if let Some(notification) = notification {
                    on(notification);
                }
            });
        }
        inbox
    }
}

/// Inbox.
#[component]
pub fn InboxPage() -> impl IntoView {
    let (show, set_show) = query_signal_with_options::<String>("show", in_place());
    let list = Resource::new_blocking(|| (), |()| newest_notifications(SHOWN));
    let inbox = Inbox::follow(|_| {});
    let (deed, toasts) = (Deed::new(), use_toasts());
    // The first message says what the page knows already.
    Effect::new(move |before: Option<()>| {
        inbox.changed.track();
        if before.is_some() {
            list.refetch();
        }
    });
    let reload = Callback::new(move |()| list.refetch());
    let read = Callback::new(move |id: String| deed.run(read_notification(id), move |_| _ = reload.try_run(())));
    let read_all = move |()| {
        deed.run(read_all_notifications(), move |_| {
            toasts.good("Everything is marked as read");
            _ = reload.try_run(());
        });
    };
    let unread_only = Memo::new(move |_| show.with(|s| s.as_deref() == Some("unread")));
    let body = move || {
        list.get().map(|result| match result {
            Ok(items) => lines(items, unread_only.get(), read),
            Err(error) => view! { <ErrorState error=error.0 retry=reload/> }.into_any(),
        })
    };
    view! {
        <Page narrow=true attr:data-testid="inbox">
            <PageHeader title="Inbox" subtitle="What alerts, reports and the things you own had to tell you.">
                <LinkButton href="/account">"How you are told"</LinkButton>
            </PageHeader>
            <div class="toolbar">
                <SegmentedControl
                    label="Which notices"
                    segments=vec![Segment::new("all", "All"), Segment::new("unread", "Unread")]
                    value=Signal::derive(move || if unread_only.get() { "unread" } else { "all" }.to_owned())
                    on_change=move |which: String| set_show.set((which == "unread").then_some(which))
                />
                <div class="toolbar-end">
                    <Button icon="check" busy=deed.busy on_click=read_all>"Mark all as read"</Button>
                </div>
            </div>
            <Transition fallback=|| view! { <Skeleton lines=8/> }>{body}</Transition>
        </Page>
    }
    .into_any()
}

fn lines(items: Vec<Notification>, unread_only: bool, read: Callback<String>) -> AnyView {
    let shown: Vec<Notification> = items.into_iter().filter(|n| !unread_only || n.read_at.is_none()).collect();
    if shown.is_empty() {
        let (title, text) = match unread_only {
            true => ("Nothing unread", "You have read everything."),
            false => ("Nothing here yet", "Alerts that name you, and problems with what you own, arrive here."),
        };
        return view! { <EmptyState icon="bell" title text/> }.into_any();
    }
    let entry = |item: Notification| {
        let (id, body, is_new) = (item.id.clone(), item.body.clone(), item.read_at.is_none());
        view! {
            <li class="inbox-item" class:is-unread=is_new data-testid="notification">
                {line(item, read, || ())}
                {(!body.is_empty()).then(|| view! { <div class="inbox-body"><Markdown text=Signal::stored(body)/></div> })}
                {is_new.then(|| view! {
                    <Button size=Size::Small on_click=move |()| read.run(id.clone())>"Mark as read"</Button>
                })}
            </li>
        }
    };
    view! { <ul class="card card-flush inbox-list">{shown.into_iter().map(entry).collect_view()}</ul> }.into_any()
}
