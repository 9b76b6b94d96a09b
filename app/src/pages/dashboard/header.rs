//! The head of the page: what the dashboard is called, and what can be done with it.

use super::more_menu::MoreMenu;
use super::presence::Present;
use super::save::SaveState;
use super::share::ShareButton;
use super::stage::use_stage;
use crate::api;
use crate::components::*;
use crate::live::use_socket;
use leptos::task::spawn_local;
use leptos::{ev, html, prelude::*};

/// The longest name, as the server has it.
const NAME_LENGTH: u32 = 100;
const DESCRIPTION_LENGTH: u32 = 300;

/// Title and actions.
#[component]
pub(super) fn BoardHeader() -> impl IntoView {
    let stage = use_stage();
    let board = stage.board;
    let may_edit = stage.may_edit();
    let heading = move || view! { <Heading/> };
    view! {
        <PageHeader title=board.name() crumbs=vec![Crumb::new("Dashboards", "/dashboards")] heading plain=true>
            <Present/>
            {move || may_edit.get().then(|| view! { <SaveState/> })}
            <RefreshButton/>
            <super::comments::CommentsButton/>
            {move || may_edit.get().then(|| view! { <ShareButton/> })}
            {move || may_edit.get().then(|| view! { <EditToggle/> })}
            <MoreMenu/>
        </PageHeader>
    }
    .into_any()
}

#[component]
fn Heading() -> impl IntoView {
    let stage = use_stage();
    let board = stage.board;
    let name = move || view! { <span class="board-name">{move || board.name().get()}</span> };
    let words = move || {
        let text = board.description().get();
        (!text.is_empty()).then(|| view! { <p class="page-subtitle">{text}</p> })
    };
    view! {
        <div class="board-heading">
            <h1>
                <Show when=move || stage.editing.get() fallback=name>
                    <Line
                        class="board-name board-name-input"
                        label="Name of the dashboard"
                        value=board.name()
                        length=NAME_LENGTH
                        on_done=move |name: String| {
                            if !name.is_empty() {
                                board.set("Rename dashboard", "meta/name", name);
                            }
                        }
                    />
                </Show>
            </h1>
            <Star/>
        </div>
        <Show when=move || stage.editing.get() fallback=words>
            <Line
                class="board-about-input"
                label="Description of the dashboard"
                placeholder="Add a description"
                value=board.description()
                length=DESCRIPTION_LENGTH
                on_done=move |text: String| board.set("Describe dashboard", "meta/description", text)
            />
        </Show>
    }
    .into_any()
}

/// A line of text that is taken over when one leaves it; Escape gives it up.
#[component]
fn Line(
    class: &'static str,
    label: &'static str,
    #[prop(optional)] placeholder: &'static str,
    value: Signal<String>,
    length: u32,
    #[prop(into)] on_done: Callback<String>,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    let leave = move || {
        if let Some(input) = node.get_untracked() {
            _ = input.blur();
        }
    };
    // What was typed when the field goes away, with the right to edit say, is told then.
    let typing = StoredValue::new(None::<String>);
    on_cleanup(move || {
        if let Some(typed) = typing.try_update_value(Option::take).flatten() {
            _ = on_done.try_run(typed);
        }
    });
    let keys = move |event: ev::KeyboardEvent| match event.key().as_str() {
        _ if event.is_composing() => {}
        "Enter" => {
            event.prevent_default();
            leave();
        }
        "Escape" => {
            event.prevent_default();
            _ = typing.try_set_value(None);
            if let Some(input) = node.get_untracked() {
                input.set_value(&value.get_untracked());
            }
            leave();
        }
        _ => {}
    };
    let done = move |event: ev::FocusEvent| {
        _ = typing.try_set_value(None);
        // A field that is taken away loses the focus when everything else of it is gone.
        let Some(now) = value.try_get_untracked() else { return };
        let typed = event_target_value(&event).trim().to_owned();
        if typed != now {
            on_done.run(typed);
        }
        // What was not taken is not left standing.
        if let (Some(input), Some(now)) = (node.get_untracked(), value.try_get_untracked()) {
            input.set_value(&now);
        }
    };
    view! {
        <input
            node_ref=node
            class=class
            aria-label=label
            placeholder=placeholder
            maxlength=length.to_string()
            autocomplete="off"
            value=value.get_untracked()
            prop:value=move || value.get()
            on:input=move |event| _ = typing.try_set_value(Some(event_target_value(&event).trim().to_owned()))
            on:keydown=keys
            on:blur=done
        />
    }
}

#[component]
fn Star() -> impl IntoView {
    let stage = use_stage();
    let starred = RwSignal::new(stage.about.with_value(|about| about.is_starred));
    let toggle = Callback::new(move |()| {
        let star = !starred.get_untracked();
        starred.set(star);
        spawn_local(async move {
            if let Err(error) = api::document::set_star(stage.board.id(), star).await {
                _ = starred.try_set(!star);
                stage.toasts.error(&error.0);
            }
        });
    });
    use_shortcuts().add("Dashboard", "o", "Star, or take the star away", toggle);
    let label = Signal::derive(move || if starred.get() { "Take the star away" } else { "Star" }.to_owned());
    view! {
        <span class="board-star" class:is-on=move || starred.get()>
            <IconButton icon="star" size=Size::Small label pressed=starred on_click=toggle attr:data-testid="star"/>
        </span>
    }
}

#[component]
fn RefreshButton() -> impl IntoView {
    let stage = use_stage();
    let (socket, turning) = (use_socket(), RwSignal::new(false));
    let rest = debounced(600, Callback::new(move |()| turning.set(false)));
    let refresh = Callback::new(move |()| {
        socket.refresh(&format!("tile:{}/", stage.board.id()));
        turning.set(true);
        rest.run(());
        stage.say("Asked for the data again");
    });
    use_shortcuts().add("Dashboard", "r", "Refresh the data", refresh);
    view! {
        <span class="board-refresh" class:is-turning=move || turning.get()>
            <IconButton icon="refresh-cw" label="Refresh" on_click=refresh attr:data-testid="refresh"/>
        </span>
    }
}

#[component]
fn EditToggle() -> impl IntoView {
    let stage = use_stage();
    let toggle = Callback::new(move |()| stage.set_editing(!stage.editing.get_untracked()));
    use_shortcuts().add("Dashboard", "e", "Edit, or finish editing", toggle);
    view! {
        <button
            type="button"
            class="btn"
            class:btn-primary=move || stage.editing.get()
            class:btn-secondary=move || !stage.editing.get()
            data-testid="edit-toggle"
            aria-pressed=move || if stage.editing.get() { "true" } else { "false" }
            title="Edit (E)"
            on:click=move |_| toggle.run(())
        >
            {move || if stage.editing.get() { view! { <Icon name="check"/> } } else { view! { <Icon name="pencil"/> } }}
            <span class="btn-label">{move || if stage.editing.get() { "Done" } else { "Edit" }}</span>
        </button>
    }
}
