//! The command palette (Ctrl/Cmd+K): go to a page, a dashboard, a dataset; do what the page offers.

use super::choice::Choice;
use super::combobox::narrow;
use super::dialog::{follow, on_backdrop};
use super::display::Kbd;
use super::hooks::{debounced, unique_id};
use super::icon::Icon;
use super::keys::{Axis, Step};
use super::shortcuts::use_shortcuts;
use leptos::{ev, html, prelude::*};
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// What a command does.
#[derive(Clone, Debug)]
pub enum Deed {
    /// Goes to an address.
    Go(String),
    Run(Callback<()>),
}

/// One line of the palette.
#[derive(Clone, Debug)]
pub struct Command {
    pub icon: &'static str,
    pub label: String,
    /// What it is: "Page", "Dashboard".
    pub kind: &'static str,
    pub deed: Deed,
}

impl Command {
    /// A command that goes somewhere.
    pub fn go(icon: &'static str, label: impl Into<String>, kind: &'static str, href: impl Into<String>) -> Self {
        Self { icon, label: label.into(), kind, deed: Deed::Go(href.into()) }
    }

    /// A command that does something on this page.
    pub fn run(icon: &'static str, label: impl Into<String>, run: Callback<()>) -> Self {
        Self { icon, label: label.into(), kind: "This page", deed: Deed::Run(run) }
    }
}

/// The palette. Copy it freely.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    open: RwSignal<bool>,
    own: RwSignal<Vec<(u64, Command)>>,
    /// What the search found on the server; whoever sets `on_search` fills it.
    pub found: RwSignal<Vec<Command>>,
    on_search: RwSignal<Option<Callback<String>>>,
    next: StoredValue<u64>,
}

impl Palette {
    fn new() -> Self {
        Self {
            open: RwSignal::new(false),
            own: RwSignal::new(Vec::new()),
            found: RwSignal::new(Vec::new()),
            on_search: RwSignal::new(None),
            next: StoredValue::new(0),
        }
    }

    /// Opens it.
    pub fn show(self) {
        self.open.set(true);
    }

    /// Adds a command for as long as the calling component lives.
    pub fn add(self, command: Command) {
        let id = self.next.try_update_value(|next| {
            *next += 1;
            *next
        });
        let Some(id) = id else { return };
        self.own.update(|own| own.push((id, command)));
        on_cleanup(move || _ = self.own.try_update(|own| own.retain(|(other, _)| *other != id)));
    }

    /// Called with the text as it is typed (debounced) and once with an empty one on opening;
    /// puts what it finds into `found`.
    pub fn set_search(self, search: Callback<String>) {
        self.on_search.set(Some(search));
    }
}

/// Puts the palette into context. Once, at the top of the application.
pub fn provide_palette() {
    provide_context(Palette::new());
}

/// The palette of the page.
pub fn use_palette() -> Palette {
    use_context().unwrap_or_else(Palette::new)
}

/// Commands whose words match, in the order of the list.
fn matching(all: Vec<Command>, text: &str) -> Vec<Command> {
    let choices: Vec<Choice> =
        all.iter().enumerate().map(|(i, c)| Choice::new(i.to_string(), format!("{} {}", c.label, c.kind))).collect();
    let order = narrow(&choices, text).into_iter().filter_map(|c| c.value.parse::<usize>().ok());
    order.filter_map(|i| all.get(i).cloned()).take(30).collect()
}

/// The palette's dialog. Once, in the frame, inside the router.
#[component]
pub fn CommandPalette(
    /// The pages of the navigation.
    pages: Vec<Command>,
) -> impl IntoView {
    let palette = use_palette();
    let navigate = StoredValue::new(use_navigate());
    let node = NodeRef::<html::Dialog>::new();
    let (text, active) = (RwSignal::new(String::new()), RwSignal::new(0usize));
    let list_id = unique_id();
    follow(node, palette.open);
    use_shortcuts().add("Everywhere", "mod+k", "Search and commands", Callback::new(move |()| palette.show()));
    let ask = debounced(
        150,
        Callback::new(move |text: String| {
            if let Some(search) = palette.on_search.get_untracked() {
                search.run(text);
            }
        }),
    );
    Effect::new(move |_| {
        if palette.open.get() {
            text.set(String::new());
            active.set(0);
            ask.run(String::new());
        }
    });
    let pages = StoredValue::new(pages);
    let list = Signal::derive(move || {
        let mut all: Vec<Command> = palette.own.get().into_iter().map(|(_, command)| command).collect();
        all.extend(pages.get_value());
        all.extend(palette.found.get());
        matching(all, &text.read())
    });
    let take = move |at: usize| {
        let Some(command) = list.with_untracked(|l| l.get(at).cloned()) else { return };
        palette.open.set(false);
        match command.deed {
            Deed::Go(href) => navigate.with_value(|go| go(&href, NavigateOptions::default())),
            Deed::Run(run) => run.run(()),
        }
    };
    let keys = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            take(active.get_untracked());
        } else if let Some(step) = Step::of(&event.key(), Axis::Vertical, false) {
            event.prevent_default();
            let length = list.with_untracked(Vec::len);
            active.set(step.from(Some(active.get_untracked()), length).unwrap_or(0));
        }
    };
    let row_id = list_id.clone();
    let row = move |at: usize, command: Command| {
        view! {
            <div
                role="option"
                class="option palette-row"
                id=format!("{row_id}-{at}")
                class:is-active=move || active.get() == at
                aria-selected=move || if active.get() == at { "true" } else { "false" }
                on:pointermove=move |_| active.set(at)
                on:click=move |_| take(at)
            >
                <Icon name=command.icon/>
                <span class="option-label">{command.label}</span>
                <span class="option-hint">{command.kind}</span>
            </div>
        }
        .into_any()
    };
    let body = {
        let list_id = list_id.clone();
        move || {
            let (row, id) = (row.clone(), list_id.clone());
            view! {
                <div class="palette-box" on:keydown=keys>
                    <div class="palette-search">
                        <Icon name="search"/>
                        <input
                            type="text"
                            role="combobox"
                            autofocus=true
                            autocomplete="off"
                            spellcheck="false"
                            maxlength="200"
                            placeholder="Go to a page, a dashboard, a dataset"
                            aria-label="Search and commands"
                            aria-expanded="true"
                            aria-controls=id.clone()
                            aria-activedescendant={
                                let id = id.clone();
                                move || format!("{id}-{}", active.get())
                            }
                            prop:value=move || text.get()
                            on:input=move |event| {
                                let typed = event_target_value(&event);
                                text.set(typed.clone());
                                active.set(0);
                                ask.run(typed);
                            }
                        />
                        <Kbd key="Esc"/>
                    </div>
                    <div id=id role="listbox" class="option-list palette-list" aria-label="Results">
                        {move || {
                            let row = row.clone();
                            list.get().into_iter().enumerate().map(move |(at, c)| row(at, c)).collect_view()
                        }}
                        <Show when=move || list.with(Vec::is_empty)>
                            <div class="option-note">"Nothing matches"</div>
                        </Show>
                    </div>
                </div>
            }
            .into_any()
        }
    };
    view! {
        <dialog
            node_ref=node
            class="palette"
            aria-label="Search and commands"
            on:close=move |_| palette.open.set(false)
            on:mousedown=move |event| if on_backdrop(&event) { palette.open.set(false) }
        >
            <Show when=move || palette.open.get()>{body()}</Show>
        </dialog>
    }
    .into_any()
}
