//! The box that comments are written in. `@` offers the people who may see the dashboard.

use super::talk::Talk;
use crate::api::comments::people_to_name;
use crate::components::*;
use domain::comment::{MOST_TEXT, Person, at_cursor};
use leptos::{ev, html, prelude::*};

/// A pause in typing before people are asked for, in milliseconds.
const PAUSE: u64 = 120;

/// The text with the name that is being typed filled in, and where the cursor is then. Positions are in
/// UTF-16, as text boxes count.
fn completed(text: &str, at: usize, cursor: usize, name: &str) -> (String, usize) {
    let units: Vec<u16> = text.encode_utf16().collect();
    let (at, cursor) = (at.min(units.len()), cursor.min(units.len()));
    let named = format!("@{name} ");
    let rest = String::from_utf16_lossy(&units[cursor.max(at)..]);
    let before = String::from_utf16_lossy(&units[..at]);
    let end = at + named.encode_utf16().count();
    (format!("{before}{named}{}", rest.strip_prefix(' ').unwrap_or(&rest)), end)
}

/// Writes a comment. Ctrl+Enter sends it.
#[component]
pub(super) fn Composer(
    /// Names the box.
    #[prop(into)]
    label: String,
    text: RwSignal<String>,
    /// What the button says.
    send: &'static str,
    #[prop(into)] busy: Signal<bool>,
    #[prop(into)] on_send: Callback<()>,
    #[prop(optional, into)] on_cancel: Option<Callback<()>>,
    /// It takes the focus when it appears.
    #[prop(optional)]
    eager: bool,
) -> impl IntoView {
    let talk = expect_context::<Talk>();
    let node = NodeRef::<html::Textarea>::new();
    let list = unique_id();
    // Where the `@` of the name is that is being typed, and the name.
    let typed = RwSignal::new(None::<(usize, String)>);
    let people = RwSignal::new(Vec::<Person>::new());
    let active = RwSignal::new(0usize);
    let asking = OneAtATime::new();
    let ask = debounced(
        PAUSE,
        Callback::new(move |name: String| {
            asking.start(async move {
                let found = people_to_name(talk.dashboard(), name).await.unwrap_or_default();
                _ = active.try_set(0);
                _ = people.try_set(found);
            });
        }),
    );
    let look = move || {
        let Some(field) = node.get_untracked() else { return };
        let cursor = field.selection_start().ok().flatten().unwrap_or_default() as usize;
        let now = at_cursor(&field.value(), cursor);
        if now == typed.get_untracked() {
            return;
        }
        match &now {
            Some((_, name)) => ask.run(name.clone()),
            None => people.set(Vec::new()),
        }
        typed.set(now);
    };
    let is_open = Memo::new(move |_| typed.with(Option::is_some) && people.with(|p| !p.is_empty()));
    let choose = move |person: Person| {
        let (Some(field), Some((at, name))) = (node.get_untracked(), typed.get_untracked()) else { return };
        let cursor = at + 1 + name.encode_utf16().count();
        let (next, cursor) = completed(&field.value(), at, cursor, &person.name);
        text.set(next.clone());
        typed.set(None);
        people.set(Vec::new());
        field.set_value(&next);
        let place = u32::try_from(cursor).unwrap_or_default();
        _ = field.set_selection_range(place, place);
        _ = field.focus();
    };
    let can_send = move || text.with(|text| !text.trim().is_empty()) && !busy.get();
    let submit = move || {
        if untrack(can_send) {
            on_send.run(());
        }
    };
    let keys = move |event: ev::KeyboardEvent| {
        let count = people.with_untracked(Vec::len);
        match event.key().as_str() {
            _ if event.is_composing() => return,
            "Enter" if event.ctrl_key() || event.meta_key() => submit(),
            "ArrowDown" if is_open.get_untracked() => active.update(|at| *at = (*at + 1) % count),
            "ArrowUp" if is_open.get_untracked() => active.update(|at| *at = (*at + count - 1) % count),
            "Enter" | "Tab" if is_open.get_untracked() => {
                let chosen = people.with_untracked(|p| p.get(active.get_untracked()).cloned());
                chosen.into_iter().for_each(choose);
            }
            "Escape" if is_open.get_untracked() => {
                people.set(Vec::new());
            }
            // What was written is not lost with the panel: a first Escape only leaves the box.
            "Escape" if on_cancel.is_some() || text.with_untracked(|text| !text.is_empty()) => match on_cancel {
                Some(on_cancel) => on_cancel.run(()),
                None => {
                    if let Some(field) = node.get_untracked() {
                        _ = field.blur();
                    }
                }
            },
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    if eager {
        Effect::new(move |_| {
            if let Some(field) = node.get() {
                // After the panel has given the focus to its first control.
                set_timeout(move || _ = field.focus(), std::time::Duration::ZERO);
            }
        });
    }
    let option_id = {
        let list = list.clone();
        move |at: usize| format!("{list}-{at}")
    };
    let offered = {
        let option_id = option_id.clone();
        move || {
            let option = |(at, person): (usize, Person)| {
                let name = person.name.clone();
                view! {
                    <li
                        id=option_id(at)
                        role="option"
                        class="comments-person"
                        aria-selected=move || if active.get() == at { "true" } else { "false" }
                        // The box keeps the focus.
                        on:pointerdown=move |event| event.prevent_default()
                        on:click=move |_| choose(person.clone())
                    >
                        <Avatar name=name.clone()/>
                        <span class="truncate">{name}</span>
                    </li>
                }
            };
            people.get().into_iter().enumerate().map(option).collect_view()
        }
    };
    let labelled = format!("{label}: people");
    let active_id = move || is_open.get().then(|| option_id(active.get()));
    view! {
        <div class="comments-composer">
            <textarea
                node_ref=node
                class="input textarea"
                rows="3"
                aria-label=label
                aria-autocomplete="list"
                aria-controls=list.clone()
                aria-activedescendant=active_id
                maxlength=MOST_TEXT.to_string()
                placeholder="Markdown; @ names somebody"
                prop:value=move || text.get()
                on:input=move |event| {
                    text.set(event_target_value(&event));
                    look();
                }
                on:keyup=move |_| look()
                on:click=move |_| look()
                on:keydown=keys
                on:blur=move |_| people.set(Vec::new())
            ></textarea>
            <ul id=list class="comments-people" role="listbox" aria-label=labelled hidden=move || !is_open.get()>{offered}</ul>
            <div class="comments-send">
                <Button size=Size::Small variant=Variant::Primary busy disabled=Signal::derive(move || !can_send()) title="Ctrl+Enter" on_click=move |()| submit()>
                    {send}
                </Button>
                {on_cancel.map(|on_cancel| view! { <Button size=Size::Small variant=Variant::Ghost on_click=on_cancel>"Cancel"</Button> })}
            </div>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_takes_the_place_of_its_beginning() {
        assert_eq!(completed("hi @ad there", 3, 6, "ada"), ("hi @ada there".into(), 8));
        assert_eq!(completed("🎉 @", 3, 4, "ada"), ("🎉 @ada ".into(), 8));
        assert_eq!(completed("", 5, 9, "ada"), ("@ada ".into(), 5));
    }
}
