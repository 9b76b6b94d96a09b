//! Who is here: faces in the head of the page, and a list of them.

use super::roster::Person;
use super::{Company, use_company};
use crate::components::*;
use leptos::prelude::*;

/// Faces that stand side by side; more are in the list.
const FACES: usize = 4;

/// What somebody does, in words.
fn doing(company: Company, person: &Person) -> String {
    let at = &person.page.at;
    let tab = company.stage.board.tabs().with(|tabs| {
        let own = tabs.iter().find(|tab| Some(&tab.id) == at.tab.as_ref());
        own.filter(|_| tabs.len() > 1).map(|tab| format!(", {}", tab.title)).unwrap_or_default()
    });
    let title = at.edits.as_ref().and_then(|id| company.stage.board.tile(id)).map(|tile| tile.title);
    let deed = match (title, at.editing) {
        (Some(title), _) if !title.is_empty() => format!("Editing “{title}”"),
        (_, true) => "Editing".to_owned(),
        (_, false) => "Looking".to_owned(),
    };
    format!("{deed}{tab}")
}

/// The faces of those who are here, oneself among them.
#[component]
pub(in crate::pages::dashboard) fn Present() -> impl IntoView {
    let company = use_company();
    // Where they are moves all the time: faces and list are made anew only when somebody comes or goes.
    let ids = Memo::new(move |_| {
        let face = |person: &Person| (person.user_id.clone(), person.name.clone(), person.is_self);
        company.people.with(|people| people.iter().map(face).collect::<Vec<_>>())
    });
    let count = Memo::new(move |_| ids.with(Vec::len));
    let is_followed = move |user: &str| company.following.with(|following| following.as_deref() == Some(user));
    let face = move |(user, name, is_self): (String, String, bool)| {
        if is_self {
            let words = format!("{name} (you)");
            return view! {
                <span class=format!("presence-face avatar cat-{}", colour_of(&name)) role="img" title=words.clone() aria-label=words>
                    <span aria-hidden="true">{initials(&name)}</span>
                </span>
            }
            .into_any();
        }
        let key = StoredValue::new(user);
        let followed = move || key.with_value(|user| is_followed(user));
        let go = move |_| company.follow(if followed() { None } else { Some(key.get_value()) });
        view! {
            <button
                type="button"
                class="presence-face"
                aria-pressed=move || if followed() { "true" } else { "false" }
                aria-label=format!("Follow {name} ({})", initials(&name))
                title=format!("Follow {name}")
                on:click=go
            >
                <span class=format!("avatar cat-{}", colour_of(&name)) aria-hidden="true">{initials(&name)}</span>
            </button>
        }
        .into_any()
    };
    let row = move |(user, name, is_self): (String, String, bool)| {
        let key = StoredValue::new(user);
        let words = Memo::new(move |_| {
            let person = company
                .people
                .with(|people| people.iter().find(|person| key.with_value(|user| person.user_id == *user)).cloned());
            person.map(|person| doing(company, &person)).unwrap_or_default()
        });
        let followed = move || key.with_value(|user| is_followed(user));
        let label = Signal::derive(move || if followed() { "Stop" } else { "Follow" });
        let go = move |()| company.follow(if followed() { None } else { Some(key.get_value()) });
        view! {
            <li class="presence-row">
                <Avatar name=name.clone()/>
                <div class="presence-who">
                    <span class="truncate">{if is_self { format!("{name} (you)") } else { name.clone() }}</span>
                    <span class="presence-doing truncate">{move || words.get()}</span>
                </div>
                {(!is_self).then(|| view! {
                    <Button size=Size::Small on_click=go attr:aria-label=move || format!("{} {name}", label.get())>{move || label.get()}</Button>
                })}
            </li>
        }
    };
    let faces = move || ids.with(|ids| ids.iter().take(FACES).cloned().collect::<Vec<_>>());
    let button = move || {
        view! {
            <Icon name="users"/>
            <span class="visually-hidden">"Who is here: "</span>
            <span class="num">{move || count.get()}</span>
        }
    };
    let heading = move || match count.get() {
        1 => "Only you are here".to_owned(),
        n => format!("{n} people are here"),
    };
    let list = move || {
        view! {
            <p class="presence-head">{heading}</p>
            <ul class="presence-list">
                <For each=move || ids.get() key=|(user, ..)| user.clone() children=row/>
            </ul>
        }
    };
    view! {
        <div class="presence" data-testid="presence" role="group" aria-label="People on this dashboard" hidden=move || count.get() == 0>
            <div class="presence-faces">
                <For each=faces key=|(user, ..)| user.clone() children=face/>
            </div>
            <Popover label="Who is here" face=button button_class="btn btn-ghost btn-sm" align=Align::End>{list}</Popover>
        </div>
    }
    .into_any()
}
