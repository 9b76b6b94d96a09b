//! Who may see and change a thing: one dialog for all that can be shared.

mod more;
mod people;

use super::deeds::{Deed, FormError};
use super::folders::MovePanel;
use crate::api::sharing::{self, Thing};
use crate::components::*;
use domain::Access;
use domain::sharing::Sharing;
use leptos::prelude::*;
use leptos::task::spawn_local;
pub(crate) use more::{GiveTo, checked};
use more::{HandOver, Left, ViewAs, WhoSees};
use people::{AddPerson, Shares};

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
            Thing::Forecast => "They see what is expected, of the rows that they see; they cannot change anything.",
            Thing::Dataset => "They see its rows and can ask questions of it; they cannot change anything.",
            Thing::Metric => "They see the number and its history; they cannot change anything.",
            Thing::Alert => "They see how it stands and what it told; they cannot change anything.",
            Thing::Folder => "They see everything that lies in it; they cannot change anything.",
            Thing::Model => "They see what it is and how good it is; they cannot use it or change anything.",
        }
    }
}

/// Who may do what, once it is known.
type Known = RwSignal<Option<domain::Result<Sharing>>>;

/// The levels that make a difference for a kind of thing.
fn levels(thing: Thing) -> &'static [Access] {
    match thing {
        Thing::Dashboard | Thing::Folder => &[Access::View, Access::Explore, Access::Comment, Access::Edit],
        Thing::Dataset | Thing::Metric | Thing::Report | Thing::Forecast | Thing::Alert => {
            &[Access::View, Access::Edit]
        }
        Thing::Model => &[Access::View, Access::Explore, Access::Edit],
    }
}

/// A level in words.
fn words(access: Access) -> &'static str {
    match access {
        Access::View => "Can view",
        Access::Explore => "Can explore",
        Access::Comment => "Can comment",
        Access::Edit => "Can edit",
        Access::Owner => "Owner",
    }
}

/// What a level allows, in a line.
fn explained(thing: Thing, access: Access) -> &'static str {
    match (thing, access) {
        (Thing::Dataset, Access::Edit) => "Also changes it and appends rows.",
        (Thing::Dataset, Access::View | Access::Explore | Access::Comment) => "Sees its rows and asks questions of it.",
        (Thing::Metric, Access::View | Access::Explore | Access::Comment) => "Sees the number and its history.",
        (Thing::Report, Access::View | Access::Explore | Access::Comment) => "Runs it with values of their own.",
        (Thing::Forecast, Access::View | Access::Explore | Access::Comment) => "Sees what is expected.",
        (Thing::Alert, Access::View | Access::Explore | Access::Comment) => "Sees how it stands and what it told.",
        (Thing::Model, Access::View) => "Sees what it is and how good it is.",
        (Thing::Model, Access::Explore | Access::Comment) => "Also predicts with it, on rows of their own.",
        (Thing::Model, Access::Edit) => "Also trains it, and chooses its version.",
        (_, Access::View) => "Looks, filters, and goes along what it shows.",
        (_, Access::Explore) => "Also sees the rows behind it and takes them out.",
        (_, Access::Comment) => "Also writes comments.",
        (_, Access::Edit) => "Also changes it.",
        (_, Access::Owner) => "Also shares and deletes it.",
    }
}

/// The button and its dialog.
#[component]
pub(crate) fn ShareDialog(shared: Shared) -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <Button icon="share-2" on_click=move |()| open.set(true) attr:data-testid="share">"Share"</Button>
        <ShareIn shared open/>
    }
}

/// The dialog alone, for a menu that opens it.
#[component]
pub(crate) fn ShareIn(shared: Shared, open: RwSignal<bool>) -> impl IntoView {
    view! {
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
    let known: Known = RwSignal::new(None);
    let load = move || {
        spawn_local(async move {
            let found = sharing::read_sharing(thing, id.get_value()).await;
            _ = known.try_set(Some(found.map_err(|error| error.0)));
        });
    };
    load();
    let reload = Callback::new(move |()| load());
    let deed = Deed::new();
    let set = Callback::new(move |(who, access): (Who, Option<Access>)| match who {
        Who::User(name) => deed.submit(sharing::set_grant(thing, id.get_value(), name, access), move |()| load()),
        Who::Group(group) => {
            deed.submit(sharing::set_group_grant(thing, id.get_value(), group, access), move |()| load());
        }
    });
    let list = move || match known.get() {
        None => view! { <Skeleton lines=2/> }.into_any(),
        Some(Ok(sharing)) => view! { <Shares shared sharing set/> }.into_any(),
        Some(Err(error)) => view! { <ErrorState compact=true error retry=reload/> }.into_any(),
    };
    let left = move || {
        let owner = known.with(|known| match known {
            Some(Ok(sharing)) if sharing.owner_left => Some(sharing.owner_name.clone()),
            _ => None,
        });
        owner.filter(|_| is_owner).map(|name| view! { <Left name/> })
    };
    let address = Signal::derive(move || {
        let path = path.get();
        if is_server() { path } else { format!("{}{path}", window().location().origin().unwrap_or_default()) }
    });
    view! {
        <div class="share" data-testid="share-panel">
            {left}
            <FormError error=deed.error/>
            {is_owner.then(|| view! { <PublicSwitch shared/><AddPerson thing known set/> })}
            <div class="share-people">
                <h3>"People with access"</h3>
                {list}
                <p class="share-none small">"Rules add up: of all that applies to a person, the most permissive counts."</p>
            </div>
            <div class="share-link">
                <span class="share-address">{move || address.get()}</span>
                <CopyButton text=address label="Copy link" variant=Variant::Secondary/>
            </div>
            <More title="Who can see this, and why" testid="who-sees" make=move || view! { <WhoSees shared/> }.into_any()/>
            <More title="Folder" testid="share-folder" make=move || view! { <MovePanel thing id done=reload/> }.into_any()/>
            {(is_owner && thing == Thing::Dashboard).then(|| view! {
                <More title="View as somebody else" testid="view-as" make=move || view! { <ViewAs shared/> }.into_any()/>
            })}
            {is_owner.then(|| view! {
                <More title="Give it to somebody else" testid="hand-over" make=move || view! { <HandOver shared/> }.into_any()/>
            })}
        </div>
    }
    .into_any()
}

/// Who is given a right: a user by name, a group by id.
#[derive(Clone, Debug, PartialEq)]
enum Who {
    User(String),
    Group(String),
}

/// A part that is asked for when it is opened.
#[component]
fn More(title: &'static str, testid: &'static str, #[prop(into)] make: ViewFn) -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <div class="share-more">
            <button
                type="button"
                class="share-more-head"
                aria-expanded=move || if open.get() { "true" } else { "false" }
                data-testid=testid
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <Icon name="chevron-right"/>
                {title}
            </button>
            <Show when=move || open.get()>
                <div class="share-more-body">{make.run()}</div>
            </Show>
        </div>
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
