//! Who sees the dashboard without a sign-in: its public and embedded links.

mod form;
mod row;

use super::stage::{Stage, use_stage};
use crate::api::links::list_links;
use crate::components::*;
use domain::link::PublicLink;
use form::NewLinkForm;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Says in red that anybody may see the dashboard.
#[component]
pub(super) fn PublicBanner() -> impl IntoView {
    let stage = use_stage();
    let many = stage.public_links;
    view! {
        <Show when=move || stage.can_edit() && (many.get() > 0)>
            <div class="public-banner" role="status" data-testid="public-banner">
                <Icon name="globe"/>
                <span>{move || words(many.get())}</span>
                <Button size=Size::Small on_click=move |()| stage.linking.set(true)>"Manage links"</Button>
            </div>
        </Show>
    }
    .into_any()
}

fn words(many: u64) -> String {
    match many {
        1 => "This dashboard is public: whoever has its link sees it.".to_owned(),
        many => format!("This dashboard is public: whoever has one of its {many} links sees it."),
    }
}

/// What the parts of the dialog share. Copy it freely.
#[derive(Clone, Copy)]
pub(super) struct Links {
    stage: Stage,
    all: RwSignal<Option<crate::api::Result<Vec<PublicLink>>>>,
    /// What was just made: it is shown only now.
    made: RwSignal<Option<Made>>,
}

/// What opens a link.
#[derive(Clone, PartialEq)]
struct Made {
    path: String,
    /// Of an embedded link.
    id: String,
    key: Option<String>,
    embedded: bool,
}

impl Links {
    fn load(self) {
        spawn_local(async move {
            let found = list_links(self.stage.board.id()).await;
            if let Ok(links) = &found {
                let open = links.iter().filter(|link| !link.is_expired).count();
                _ = self.stage.public_links.try_set(open as u64);
            }
            _ = self.all.try_set(Some(found));
        });
    }
}

/// The links of the dashboard, and a new one.
#[component]
pub(crate) fn LinksDialog() -> impl IntoView {
    let stage = use_stage();
    let links = Links { stage, all: RwSignal::new(None), made: RwSignal::new(None) };
    links.load();
    let is_owner = stage.is_owner();
    let list = move || match links.all.get() {
        None => view! { <Skeleton lines=3/> }.into_any(),
        Some(Ok(list)) if list.is_empty() => {
            view! { <p class="share-none">"Nobody sees this dashboard without a sign-in."</p> }.into_any()
        }
        Some(Ok(list)) => {
            let row = |link: PublicLink| view! { <row::Row links link/> };
            view! { <ul class="link-list" data-testid="public-links">{list.into_iter().map(row).collect_view()}</ul> }
                .into_any()
        }
        Some(Err(error)) => view! { <ErrorState compact=true error=error.0 retry=move |()| links.load()/> }.into_any(),
    };
    view! {
        <Dialog open=stage.linking title="Public links" light=false>
            <div class="link-dialog" data-testid="links-dialog">
                <p class="field-hint">
                    "A link shows this dashboard to people without a sign-in: its tiles and filters, never the rows behind them. Row rules of its data hold, with nobody's rights."
                </p>
                {is_owner.then(|| view! { <NewLinkForm links/> })}
                {move || links.made.get().map(|made| view! { <Once made/> })}
                <section class="link-present">
                    <h3>"Links"</h3>
                    {list}
                </section>
            </div>
        </Dialog>
    }
    .into_any()
}

/// What opens a new link, once.
#[component]
fn Once(made: Made) -> impl IntoView {
    let address = format!("{}{}", window().location().origin().unwrap_or_default(), made.path);
    if !made.embedded {
        return view! {
            <div class="wall-once" role="status" data-testid="public-link">
                <p>"Send this address. It is shown only now."</p>
                <code>{address.clone()}</code>
                <CopyButton text=Signal::stored(address) label="Copy link" variant=Variant::Secondary/>
            </div>
        }
        .into_any();
    }
    let frame = format!("<iframe src=\"{address}?token=TOKEN\" width=\"100%\" height=\"720\"></iframe>");
    let claims =
        format!("{{\"link\": \"{}\", \"exp\": 1893456000, \"attributes\": {{\"regions\": [\"North\"]}}}}", made.id);
    let key = made.key.map(|key| {
        view! {
            <p>"Your server signs a token for each viewer (JWT, HS256) with this key. It is shown only now."</p>
            <code data-testid="embed-key">{key.clone()}</code>
            <CopyButton text=Signal::stored(key) label="Copy key" variant=Variant::Secondary/>
        }
    });
    view! {
        <div class="wall-once" role="status" data-testid="embed-link">
            {key}
            <p>"The frame, with the token in the place of TOKEN:"</p>
            <code>{frame.clone()}</code>
            <CopyButton text=Signal::stored(frame) label="Copy frame" variant=Variant::Secondary/>
            <p>"What the token says:"</p>
            <code>{claims}</code>
        </div>
    }
    .into_any()
}
