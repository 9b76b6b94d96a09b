//! Keyboard shortcuts and the sheet that lists them (`?`).

use super::choice::Switch;
use super::dialog::Dialog;
use super::display::Kbd;
use super::hooks::{is_typing, on_window, use_local_storage};
use leptos::{ev, prelude::*};

/// A pause longer than this ends a sequence such as `g d`.
const SEQUENCE_MS: f64 = 1200.0;

#[derive(Clone, Debug)]
struct Shortcut {
    id: u64,
    keys: &'static str,
    label: String,
    group: &'static str,
    /// Absent: the page listens itself, the sheet only lists it.
    run: Option<Callback<()>>,
}

/// The shortcuts of the page. Copy it freely.
#[derive(Clone, Copy, Debug)]
pub struct Shortcuts {
    list: RwSignal<Vec<Shortcut>>,
    next: StoredValue<u64>,
    sheet: RwSignal<bool>,
}

impl Shortcuts {
    fn new() -> Self {
        Self { list: RwSignal::new(Vec::new()), next: StoredValue::new(0), sheet: RwSignal::new(false) }
    }

    /// Adds a shortcut for as long as the calling component lives. Keys: `e`, `?`, `mod+s`
    /// (Ctrl, or Command on a Mac), `shift+arrowup`, `g d` (one after the other). Those without
    /// `mod` are silent while somebody types and can be switched off.
    pub fn add(self, group: &'static str, keys: &'static str, label: impl Into<String>, run: Callback<()>) {
        self.list(group, keys, label.into(), Some(run));
    }

    /// Lists keys that the page listens to itself, such as undo, which fields have of their own.
    pub fn note(self, group: &'static str, keys: &'static str, label: impl Into<String>) {
        self.list(group, keys, label.into(), None);
    }

    fn list(self, group: &'static str, keys: &'static str, label: String, run: Option<Callback<()>>) {
        let id = self.next.try_update_value(|next| {
            *next += 1;
            *next
        });
        let Some(id) = id else { return };
        self.list.update(|list| list.push(Shortcut { id, keys, label, group, run }));
        on_cleanup(move || _ = self.list.try_update(|list| list.retain(|s| s.id != id)));
    }

    /// Opens the sheet.
    pub fn show_sheet(self) {
        self.sheet.set(true);
    }
}

/// Puts the shortcuts into context. Once, at the top of the application.
pub fn provide_shortcuts() {
    provide_context(Shortcuts::new());
}

/// The shortcuts of the page.
pub fn use_shortcuts() -> Shortcuts {
    use_context().unwrap_or_else(Shortcuts::new)
}

/// A key press as shortcuts are written.
fn pressed(key: &str, command: bool, alt: bool, shift: bool) -> String {
    let key = key.to_lowercase();
    // Shift is part of what a sign is: `?` needs no `shift+`.
    let named = key.chars().count() > 1;
    let mut text = String::new();
    for (held, name) in [(command, "mod+"), (alt, "alt+"), (shift && (named || command), "shift+")] {
        if held {
            text.push_str(name);
        }
    }
    text.push_str(&key);
    text
}

/// What two presses mean: a sequence that ends now, else the last one alone.
fn choose<'a>(list: &'a [Shortcut], before: &str, now: &str) -> Option<&'a Shortcut> {
    let sequence = format!("{before} {now}");
    let last = |keys: &str| list.iter().rev().find(|s| s.keys == keys && s.run.is_some());
    last(&sequence).or_else(|| last(now))
}

/// Listens to the keyboard and holds the sheet. Once, in the frame.
#[component]
pub fn ShortcutSheet() -> impl IntoView {
    let shortcuts = use_shortcuts();
    let kept = use_local_storage("orrery.shortcuts", "on");
    let single = Signal::derive(move || kept.with(|k| k != "off"));
    let before = StoredValue::new((String::new(), 0.0f64));
    shortcuts.add("Everywhere", "?", "Show keyboard shortcuts", Callback::new(move |()| shortcuts.show_sheet()));
    on_window(ev::keydown, move |event: ev::KeyboardEvent| {
        if event.default_prevented() || event.is_composing() {
            return;
        }
        let command = event.ctrl_key() || event.meta_key();
        let now = pressed(&event.key(), command, event.alt_key(), event.shift_key());
        // Held down, arrows go on moving and undo goes on undoing; letters do not.
        if event.repeat() && !command && event.key().chars().count() == 1 {
            return;
        }
        if !command && (is_typing(&event) || !single.get_untracked() && now != "?" || dialog_open()) {
            return;
        }
        let stamp = event.time_stamp();
        let (earlier, at) = before.get_value();
        let earlier = if stamp - at < SEQUENCE_MS { earlier } else { String::new() };
        let hit = shortcuts.list.with_untracked(|list| choose(list, &earlier, &now).and_then(|s| s.run));
        before.set_value((now, stamp));
        if let Some(run) = hit {
            event.prevent_default();
            before.set_value((String::new(), 0.0));
            run.run(());
        }
    });
    let body = move || {
        let list = shortcuts.list.get();
        let mut groups: Vec<&'static str> = Vec::new();
        for shortcut in &list {
            if !groups.contains(&shortcut.group) {
                groups.push(shortcut.group);
            }
        }
        let group = |name: &'static str| {
            let rows = list.iter().filter(|s| s.group == name).map(|s| {
                view! { <dt>{s.label.clone()}</dt><dd><Keys keys=s.keys/></dd> }
            });
            view! {
                <section>
                    <h3>{name}</h3>
                    <dl class="keys-list">{rows.collect_view()}</dl>
                </section>
            }
        };
        view! { <div class="keys-sheet">{groups.into_iter().map(group).collect_view()}</div> }
    };
    view! {
        <Dialog open=shortcuts.sheet title="Keyboard shortcuts">
            {body}
            <Switch
                checked=single
                on_change=move |on: bool| kept.set(if on { "on" } else { "off" }.to_owned())
                label="Shortcuts of a single key"
                hint="Switch them off if they get in the way of speech input."
            />
        </Dialog>
    }
}

fn dialog_open() -> bool {
    document().query_selector("dialog[open]").is_ok_and(|found| found.is_some())
}

/// A shortcut as keys.
#[component]
pub fn Keys(keys: &'static str) -> impl IntoView {
    let key = |key: &str| {
        let name = match key {
            "mod" => "Ctrl",
            "shift" => "Shift",
            "alt" => "Alt",
            "escape" => "Esc",
            "arrowup" => "↑",
            "arrowdown" => "↓",
            "arrowleft" => "←",
            "arrowright" => "→",
            "delete" => "Del",
            other => return view! { <Kbd key=other.to_uppercase()/> }.into_any(),
        };
        view! { <Kbd key=name/> }.into_any()
    };
    view! { <span class="keys">{keys.split([' ', '+']).map(key).collect_view()}</span> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presses_are_written_like_shortcuts() {
        assert_eq!(pressed("?", false, false, true), "?");
        assert_eq!(pressed("K", true, false, false), "mod+k");
        assert_eq!(pressed("Z", true, false, true), "mod+shift+z");
        assert_eq!(pressed("ArrowUp", false, false, true), "shift+arrowup");
    }
}
