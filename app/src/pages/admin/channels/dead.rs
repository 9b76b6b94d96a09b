//! What was not delivered, and a button that sends it again.

use crate::api::inbox::{dead_letters, resend_delivery};
use crate::components::*;
use crate::pages::deeds::Deed;
use domain::notify::Delivery;
use leptos::prelude::*;

#[component]
pub(super) fn DeadLetters() -> impl IntoView {
    let list = Resource::new_blocking(|| (), |()| dead_letters());
    let reload = Callback::new(move |()| list.refetch());
    let (deed, toasts) = (Deed::new(), use_toasts());
    let resend = Callback::new(move |id: String| {
        deed.run(resend_delivery(id), move |delivery| {
            toasts.good(format!("On its way to {} again", delivery.to));
            _ = reload.try_run(());
        });
    });
    let body = move || {
        list.get().map(|result| match result {
            Ok(items) if items.is_empty() => {
                view! { <EmptyState compact=true icon="check" title="Everything arrived" text="Messages that could not be delivered are listed here."/> }.into_any()
            }
            Ok(items) => view! {
                <Table caption="Not delivered" head=vec![Head::text("To"), Head::text("Message"), Head::text("Why"), Head::number("Attempts"), Head::hidden("Actions")]>
                    {items.into_iter().map(|delivery| row(delivery, resend)).collect_view()}
                </Table>
            }
            .into_any(),
            Err(error) => view! { <ErrorState compact=true error=error.0 retry=reload/> }.into_any(),
        })
    };
    view! {
        <Section title="Not delivered" text="Refused for good, or tried for hours in vain.">
            <div class="card card-flush" data-testid="dead-letters">
                <Transition fallback=|| view! { <Skeleton lines=3/> }>{body}</Transition>
            </div>
        </Section>
    }
    .into_any()
}

fn row(delivery: Delivery, resend: Callback<String>) -> AnyView {
    let Delivery { id, to, subject, attempts, last_error, created_at, .. } = delivery;
    view! {
        <tr>
            <td>{to.clone()}</td>
            <td>{subject} <div class="muted small"><Time iso=Signal::stored(created_at)/></div></td>
            <td class="small">{last_error}</td>
            <td class="num">{attempts}</td>
            <td class="actions">
                <Button size=Size::Small icon="refresh-cw" on_click=move |()| resend.run(id.clone()) attr:aria-label=format!("Send again to {to}")>"Send again"</Button>
            </td>
        </tr>
    }
    .into_any()
}
