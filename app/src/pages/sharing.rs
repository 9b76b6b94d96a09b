//! Who may see and change a thing: one dialog for all that can be shared.

use super::deeds::{Deed, FormError};
use crate::api::sharing::{self, Thing};
use crate::components::*;
use domain::Access;
use domain::people::Grant;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What is shared, and by whom. Copy it freely.
#[derive(Clone, Copy)]
pub(crate) struct Shared {
    pub(crate) thing: Thing,
    pub(crate) id: StoredValue<String>,
    /// Whether everybody who is signed in may see it.
    pub(crate) public: RwSignal<bool>,
    /// Whether the caller may decide; otherwise the dialog only tells.
    pub(crate) is_owner: bool,
    /// Its path in the address.
    pub(crate) path: Signal<String>,
}

impl Shared {
    /// What the public may do.
    fn public_hint(self) -> &'static str {
        match self.thing {
            Thing::Dashboard => "They see the tiles and can use the filters; they cannot change anything.",
            Thing::Report => "They can run it with values of their own; they cannot change anything.",
            Thing::Dataset => "They see its rows and can ask questions of it; they cannot change anything.",
        }
    }
}

/// Who may do what, once it is known.
type Grants = domain::Result<Vec<Grant>>;

fn choices() -> Vec<Choice> {
    vec![Choice::new("view", "Can view"), Choice::new("edit", "Can edit")]
}

/// The button and its dialog.
#[component]
pub(crate) fn ShareDialog(shared: Shared) -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <Button icon="share-2" on_click=move |()| open.set(true) attr:data-testid="share">"Share"</Button>
        <Dialog open title=format!("Share this {}", shared.thing.as_str())>
            <SharePanel shared/>
        </Dialog>
    }
}

#[component]
fn SharePanel(shared: Shared) -> impl IntoView {
    let Shared { thing, id, is_owner, path, .. } = shared;
    // Not resources: those would call up the placeholder of the whole page, and this dialog would
    // leave the document with the page's content.
    let grants = RwSignal::new(None::<Grants>);
    let names = RwSignal::new(Vec::<String>::new());
    let load = move || {
        spawn_local(async move {
            let found = sharing::list_grants(thing, id.get_value()).await;
            _ = grants.try_set(Some(found.map_err(|error| error.0)));
        });
    };
    load();
    if is_owner {
        spawn_local(async move {
            _ = names.try_set(sharing::list_names().await.unwrap_or_default());
        });
    }
    let deed = Deed::new();
    let set = Callback::new(move |(user, access): (String, Option<Access>)| {
        deed.submit(sharing::set_grant(thing, id.get_value(), user, access), move |()| load());
    });
    let row = move |grant: Grant| grant_row(grant, is_owner, set);
    let list = move || match grants.get() {
        None => view! { <Skeleton lines=2/> }.into_any(),
        Some(Ok(list)) if list.is_empty() => {
            view! { <p class="share-none">"Only its owner and administrators can open it, unless everybody can."</p> }
                .into_any()
        }
        Some(Ok(list)) => view! { <ul class="share-list">{list.into_iter().map(row).collect_view()}</ul> }.into_any(),
        Some(Err(error)) => view! { <ErrorState compact=true error retry=move |()| load()/> }.into_any(),
    };
    let address = Signal::derive(move || {
        let path = path.get();
        if is_server() { path } else { format!("{}{path}", window().location().origin().unwrap_or_default()) }
    });
    view! {
        <div class="share" data-testid="share-panel">
            <FormError error=deed.error/>
            {is_owner.then(|| view! { <PublicSwitch shared/><AddPerson names grants set/> })}
            <div class="share-people">
                <h3>"People with access"</h3>
                {list}
            </div>
            <div class="share-link">
                <span class="share-address">{move || address.get()}</span>
                <CopyButton text=address label="Copy link" variant=Variant::Secondary/>
            </div>
        </div>
    }
    .into_any()
}

fn grant_row(grant: Grant, is_owner: bool, set: Callback<(String, Option<Access>)>) -> AnyView {
    let Grant { user_name: name, access, .. } = grant;
    let (changed, removed, label) = (name.clone(), name.clone(), name.clone());
    let tools = is_owner.then(|| {
        view! {
            <Select
                options=Signal::stored(choices())
                value=Signal::stored(access.as_str().to_owned())
                on_change=move |word: String| set.run((changed.clone(), Access::parse(&word)))
                label=format!("What {label} may do")
            />
            <IconButton
                icon="x"
                size=Size::Small
                label=Signal::stored(format!("Take the right from {label}"))
                on_click=move |()| set.run((removed.clone(), None))
            />
        }
    });
    let words = (!is_owner).then_some(match access {
        Access::View => "Can view",
        Access::Explore => "Can explore",
        Access::Comment => "Can comment",
        Access::Edit | Access::Owner => "Can edit",
    });
    view! {
        <li class="share-row">
            <Avatar name=name.clone()/>
            <span class="share-name">{name}</span>
            {words}
            {tools}
        </li>
    }
    .into_any()
}

/// Whether everybody who is signed in may look at it.
#[component]
fn PublicSwitch(shared: Shared) -> impl IntoView {
    let Shared { thing, id, public, .. } = shared;
    let deed = Deed::new();
    let set = move |on: bool| {
        public.set(on);
        spawn_local(async move {
            if let Err(error) = sharing::set_public(thing, id.get_value(), on).await {
                _ = public.try_set(!on);
                _ = deed.error.try_set(Some(error.0));
            }
        });
    };
    view! {
        <FormError error=deed.error/>
        <Switch checked=public on_change=set label="Everybody who is signed in can view it" hint=shared.public_hint()/>
    }
}

#[component]
fn AddPerson(
    names: RwSignal<Vec<String>>,
    grants: RwSignal<Option<Grants>>,
    set: Callback<(String, Option<Access>)>,
) -> impl IntoView {
    let (name, access) = (RwSignal::new(String::new()), RwSignal::new("view".to_owned()));
    let options = Signal::derive(move || {
        let has: Vec<String> = match grants.get() {
            Some(Ok(list)) => list.into_iter().map(|grant| grant.user_name).collect(),
            _ => Vec::new(),
        };
        let all = names.get().into_iter().filter(|name| !has.contains(name));
        all.map(|name| Choice::new(name.clone(), name)).collect::<Vec<_>>()
    });
    let add = move || {
        let who = name.get_untracked();
        if !who.is_empty() {
            set.run((who, Access::parse(&access.get_untracked())));
            name.set(String::new());
        }
    };
    view! {
        <form
            class="share-add"
            on:submit=move |event| {
                event.prevent_default();
                add();
            }
        >
            <Field label="Person">
                <Combobox options value=name on_change=move |chosen| name.set(chosen) placeholder="Name"/>
            </Field>
            <Field label="Right">
                <Select options=Signal::stored(choices()) value=access on_change=move |word| access.set(word)/>
            </Field>
            <Button kind="submit" variant=Variant::Primary disabled=Signal::derive(move || name.with(String::is_empty))>"Share"</Button>
        </form>
    }
    .into_any()
}
