//! A question becomes a chart on a dashboard.

use crate::api::dashboards::list_dashboards;
use crate::api::explore::add_to_dashboard;
use crate::components::local::Local;
use crate::components::*;
use crate::pages::deeds::{Deed, FormError};
use domain::{Access, Tile, UserRole};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// What stands for a dashboard that is yet to be made.
const NEW: &str = "";

/// The button "Add to dashboard…" and its dialog. `tile` is what is added; without it there is
/// nothing to add yet.
#[component]
pub(crate) fn AddToDashboard(
    #[prop(into)] tile: Signal<Option<Tile>>,
    /// The title that is proposed.
    #[prop(into)]
    title: Signal<String>,
) -> impl IntoView {
    let session = crate::session::use_session();
    if !session.has_role(UserRole::Creator) {
        return ().into_any();
    }
    let open = RwSignal::new(false);
    let none = Signal::derive(move || tile.with(Option::is_none));
    view! {
        <div data-testid="add-to-dashboard">
            <Button variant=Variant::Primary icon="layout-dashboard" disabled=none on_click=move |()| open.set(true)>
                "Add to dashboard…"
            </Button>
        </div>
        <AddTileDialog open tile title/>
    }
    .into_any()
}

/// The dialog alone, for those who have a button of their own.
#[component]
pub(crate) fn AddTileDialog(
    open: RwSignal<bool>,
    #[prop(into)] tile: Signal<Option<Tile>>,
    #[prop(into)] title: Signal<String>,
    /// Hears the slug and the name of the dashboard that it went to.
    #[prop(optional, into)]
    on_added: Option<Callback<(String, String)>>,
) -> impl IntoView {
    // Held here: the message that leads there outlives the form.
    let navigate = Local::holding(use_navigate);
    let go = Callback::new(move |slug: String| {
        _ = navigate.with(|go| go(&format!("/dashboards/{slug}"), NavigateOptions::default()));
    });
    view! {
        <Dialog open title="Add to dashboard" light=false>
            <Form open tile title go on_added/>
        </Dialog>
    }
    .into_any()
}

#[component]
fn Form(
    open: RwSignal<bool>,
    tile: Signal<Option<Tile>>,
    title: Signal<String>,
    /// Opens a dashboard.
    go: Callback<String>,
    on_added: Option<Callback<(String, String)>>,
) -> impl IntoView {
    let name = RwSignal::new(title.get_untracked());
    let chosen = RwSignal::new(NEW.to_owned());
    let new_name = RwSignal::new("New dashboard".to_owned());
    let choices = RwSignal::new(vec![Choice::new(NEW, "A new dashboard")]);
    spawn_local(async move {
        let Ok(all) = list_dashboards().await else { return };
        let own = all.into_iter().filter(|d| d.access >= Access::Edit).map(|d| Choice::new(d.slug, d.name));
        _ = choices.try_update(|choices| choices.extend(own));
    });
    let deed = Deed::new();
    let toasts = use_toasts();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(tile) = tile.get_untracked() else { return };
        let tile = Tile { title: name.get_untracked().trim().to_owned(), ..tile };
        let (to, new) = (chosen.get_untracked(), new_name.get_untracked());
        let called = match to.as_str() {
            NEW => new.clone(),
            to => choices
                .with_untracked(|all| all.iter().find(|c| c.value == to).map(|c| c.label.clone()))
                .unwrap_or_default(),
        };
        deed.submit(add_to_dashboard(to, new, tile), move |slug| {
            _ = open.try_set(false);
            if let Some(on_added) = on_added {
                _ = on_added.try_run((slug.clone(), called));
            }
            toasts.action("Chart added", "Open dashboard", move || _ = go.try_run(slug.clone()));
        });
    };
    let is_new = Memo::new(move |_| chosen.with(String::is_empty));
    view! {
        <form class="form" on:submit=submit data-testid="add-to-dashboard-form">
            <FormError error=deed.error/>
            <Field label="Title of the chart"><TextInput value=name max_length=200 on_input=move |text| name.set(text)/></Field>
            <Field label="Dashboard"><Combobox options=choices value=chosen on_change=move |slug| chosen.set(slug)/></Field>
            <Show when=move || is_new.get()>
                <Field label="Name of the dashboard">
                    <TextInput value=new_name max_length=200 on_input=move |text| new_name.set(text)/>
                </Field>
            </Show>
            <div class="dialog-foot">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind="submit" variant=Variant::Primary busy=deed.busy>"Add chart"</Button>
            </div>
        </form>
    }
    .into_any()
}
