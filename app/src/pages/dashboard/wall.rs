//! Puts the dashboard on a wall: here, or on a screen where nobody signs in.

use super::stage::{Stage, use_stage};
use crate::api::walls::{create_wall_link, list_wall_links, revoke_wall_link};
use crate::components::*;
use crate::pages::deeds::{Deed, FormError};
use domain::wall::{WallLink, WallLinkRequest, WallOptions};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// How the wall is to be, as it is typed. Copy it freely.
#[derive(Clone, Copy)]
struct How {
    every: RwSignal<Option<f64>>,
    from: RwSignal<Option<f64>>,
    to: RwSignal<Option<f64>>,
}

impl How {
    fn dim(self) -> Option<String> {
        Some(format!("{}-{}", self.from.get()?, self.to.get()?))
    }

    fn query(self) -> String {
        let every = self.every.get().map(|s| s.to_string());
        WallOptions::read(every.as_deref(), self.dim().as_deref()).query()
    }
}

/// How a dashboard gets onto a wall.
#[component]
pub(crate) fn WallDialog() -> impl IntoView {
    let stage = use_stage();
    let every = RwSignal::new(Some(f64::from(WallOptions::default().every)));
    let how = How { every, from: RwSignal::new(None), to: RwSignal::new(None) };
    let slug = stage.about.with_value(|about| about.slug.clone());
    let href = Signal::derive(move || format!("/wall/{slug}?{}", how.query()));
    let whole = move |signal: RwSignal<Option<f64>>, most: f64| {
        Callback::new(move |value: Option<f64>| signal.set(value.map(|v| v.round().clamp(0.0, most))))
    };
    view! {
        <Dialog open=stage.walling title="Show on a wall">
            <div class="wall-form" data-testid="wall-dialog">
                <div class="wall-how">
                    <Field label="Change after" hint="Seconds; 0 stays.">
                        <NumberInput value=how.every on_change=whole(how.every, 86_400.0) min=0.0 step=1.0/>
                    </Field>
                    <Field label="Dark from" hint="Hour, 0 to 23.">
                        <NumberInput value=how.from on_change=whole(how.from, 23.0) min=0.0 max=23.0 step=1.0/>
                    </Field>
                    <Field label="Dark until" hint="Hour, 0 to 23.">
                        <NumberInput value=how.to on_change=whole(how.to, 23.0) min=0.0 max=23.0 step=1.0/>
                    </Field>
                </div>
                <div>
                    <a class="btn btn-primary" target="_blank" rel="external noopener" href=move || href.get() data-testid="wall-open">
                        "Open the wall"
                    </a>
                </div>
                {stage.is_owner().then(|| view! { <Links stage how/> })}
            </div>
        </Dialog>
    }
    .into_any()
}

/// The links of the dashboard, and a new one.
#[component]
fn Links(stage: Stage, how: How) -> impl IntoView {
    let links = RwSignal::new(None::<crate::api::Result<Vec<WallLink>>>);
    let load = move || {
        spawn_local(async move {
            let found = list_wall_links(stage.board.id()).await;
            _ = links.try_set(Some(found));
        });
    };
    load();
    let (deed, label, made) = (Deed::new(), RwSignal::new(String::new()), RwSignal::new(None::<String>));
    let make = move || {
        let request = WallLinkRequest {
            label: label.get_untracked(),
            dashboards: vec![stage.board.id()],
            every: how.every.get_untracked().map(|s| s as u32),
            dim: untrack(|| how.dim()),
        };
        deed.submit(create_wall_link(request), move |new| {
            let origin = window().location().origin().unwrap_or_default();
            made.set(Some(format!("{origin}{}", new.path)));
            label.set(String::new());
            load();
        });
    };
    let revoke = Callback::new(move |id: String| {
        deed.run(revoke_wall_link(id), move |()| {
            stage.toasts.good("The link was revoked; its screen is dark now");
            load();
        });
    });
    let list = move || match links.get() {
        None => view! { <Skeleton lines=2/> }.into_any(),
        Some(Ok(list)) if list.is_empty() => ().into_any(),
        Some(Ok(list)) => {
            let row = |link: WallLink| link_row(link, revoke);
            view! { <ul class="wall-links" data-testid="wall-links">{list.into_iter().map(row).collect_view()}</ul> }
                .into_any()
        }
        Some(Err(error)) => view! { <ErrorState compact=true error=error.0 retry=move |()| load()/> }.into_any(),
    };
    let once = move || {
        made.get().map(|link| {
            view! {
                <div class="wall-once" role="status" data-testid="wall-link">
                    <p>"Open this on the screen. It is shown only now."</p>
                    <code>{link.clone()}</code>
                    <CopyButton text=Signal::stored(link) label="Copy link" variant=Variant::Secondary/>
                </div>
            }
        })
    };
    view! {
        <section class="wall-form">
            <h3>"Screens where nobody signs in"</h3>
            <p class="field-hint">"A link shows this dashboard as you see it, and opens nothing else."</p>
            <FormError error=deed.error/>
            <form
                class="wall-new"
                on:submit=move |event| {
                    event.prevent_default();
                    make();
                }
            >
                <Field label="Where the screen is">
                    <TextInput value=label on_input=move |text| label.set(text) max_length=100 placeholder="Lobby"/>
                </Field>
                <Button kind="submit" disabled=Signal::derive(move || label.with(|l| l.trim().is_empty()) || deed.busy.get())>
                    "Make a link"
                </Button>
            </form>
            {once}
            {list}
        </section>
    }
    .into_any()
}

fn link_row(link: WallLink, revoke: Callback<String>) -> AnyView {
    let seen = match link.last_seen_at {
        Some(at) => view! { <span class="wall-link-seen">"Seen "<Time iso=at/></span> }.into_any(),
        None => view! { <span class="wall-link-seen">"Never seen"</span> }.into_any(),
    };
    let (id, name) = (link.id, link.label.clone());
    view! {
        <li class="wall-link">
            <span>{link.label}</span>
            {seen}
            <Button size=Size::Small on_click=move |()| revoke.run(id.clone()) attr:aria-label=format!("Revoke the link of {name}")>
                "Revoke"
            </Button>
        </li>
    }
    .into_any()
}
