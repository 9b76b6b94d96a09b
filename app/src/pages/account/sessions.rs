//! Where the caller is signed in.

use crate::api::account::sign_out_elsewhere;
use crate::api::people::{list_sessions, revoke_session};
use crate::components::*;
use crate::pages::deeds::Deed;
use domain::people::Session;
use leptos::prelude::*;

/// The caller's sessions; all but this one can be ended here.
#[component]
pub(super) fn SessionList() -> impl IntoView {
    let list = Resource::new_blocking(|| (), |()| list_sessions());
    let reload = Callback::new(move |()| list.refetch());
    let deed = Deed::new();
    let toasts = use_toasts();
    let revoke = Callback::new(move |id: String| {
        deed.run(revoke_session(id), move |()| {
            toasts.good("Session ended");
            _ = reload.try_run(());
        });
    });
    let elsewhere = move |()| {
        deed.run(sign_out_elsewhere(), move |_| {
            toasts.good("Signed out everywhere else");
            _ = reload.try_run(());
        });
    };
    let body = move || {
        list.get().map(|result| match result {
            Ok(items) => view! {
                <div class="card card-flush">
                    {(items.len() > 1).then(|| view! {
                        <div class="card-foot card-top">
                            <Button size=Size::Small icon="log-out" busy=deed.busy on_click=elsewhere>"Sign out everywhere else"</Button>
                        </div>
                    })}
                    <ul class="line-list">{items.into_iter().map(|item| line(item, revoke)).collect_view()}</ul>
                </div>
            }
            .into_any(),
            Err(error) => view! { <ErrorState error=error.0 retry=reload compact=true/> }.into_any(),
        })
    };
    view! {
        <Section title="Sessions" text="Where you are signed in. End those you do not know.">
            <div data-testid="sessions">
                <Transition fallback=|| view! { <Skeleton lines=3/> }>{body}</Transition>
            </div>
        </Section>
    }
    .into_any()
}

fn line(session: Session, revoke: Callback<String>) -> AnyView {
    let Session { id, agent, created_at, last_seen_at, address, last_address, is_current } = session;
    let from = |address: String| (!address.is_empty()).then(|| format!(" from {address}"));
    let end = if is_current {
        view! { <Badge tone=Tone::Good>"This session"</Badge> }.into_any()
    } else {
        view! { <Button size=Size::Small on_click=move |()| revoke.run(id.clone())>"End session"</Button> }.into_any()
    };
    view! {
        <li class="line-item">
            <Icon name="monitor"/>
            <div class="grow">
                <p class="line-title" title=agent.clone()>{browser_of(&agent)}</p>
                <p class="small muted">"Signed in " <Time iso=Signal::stored(created_at)/> {from(address)} ", last seen " <Time iso=Signal::stored(last_seen_at)/> {from(last_address)}</p>
            </div>
            {end}
        </li>
    }
    .into_any()
}

/// "Firefox on Linux" from what a browser calls itself.
fn browser_of(agent: &str) -> String {
    let find =
        |table: &[(&str, &'static str)]| table.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    // The later ones claim to be the earlier ones too.
    let browser = find(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = find(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        _ if agent.trim().is_empty() => "An unnamed program".to_owned(),
        _ => agent.chars().take(60).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::browser_of;

    #[test]
    fn browsers_are_recognised() {
        assert_eq!(
            browser_of("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"),
            "Firefox on Linux"
        );
        assert_eq!(browser_of("curl/8.0"), "curl/8.0");
        assert_eq!(browser_of(""), "An unnamed program");
    }
}
