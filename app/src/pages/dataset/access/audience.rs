//! Whom a rule is for.

use super::state::Ruling;
use crate::components::*;
use domain::policy::Audience;
use leptos::prelude::*;

#[component]
pub(super) fn AudiencePicker(ruling: Ruling, audience: RwSignal<Audience>) -> impl IntoView {
    let options = move |is_group: bool| {
        let all = if is_group { ruling.groups } else { ruling.users };
        all.with_value(|all| all.iter().map(|name| Choice::new(name, name)).collect::<Vec<_>>())
    };
    let everyone = Signal::derive(move || audience.with(|a| a.everyone));
    let users = Signal::derive(move || audience.with(|a| a.users.clone()));
    let groups = Signal::derive(move || audience.with(|a| a.groups.clone()));
    let but_users = Signal::derive(move || audience.with(|a| a.except_users.clone()));
    let but_groups = Signal::derive(move || audience.with(|a| a.except_groups.clone()));
    let (set_users, set_groups) = (
        move |list: Vec<String>| audience.update(|a| a.users = list),
        move |list: Vec<String>| audience.update(|a| a.groups = list),
    );
    let (set_but_users, set_but_groups) = (
        move |list: Vec<String>| audience.update(|a| a.except_users = list),
        move |list: Vec<String>| audience.update(|a| a.except_groups = list),
    );
    view! {
        <fieldset class="audience" data-testid="audience">
            <legend class="small">{move || format!("For: {}", audience.with(Audience::words))}</legend>
            <Checkbox
                checked=everyone
                label="Everyone"
                on_change=move |on: bool| audience.update(|a| a.everyone = on)
            />
            <div class="row-wrap">
                <Show when=move || !everyone.get()>
                    <MultiSelect label="Groups" placeholder="No group" options=options(true) selected=groups on_change=set_groups/>
                    <MultiSelect label="People" placeholder="Nobody" options=options(false) selected=users on_change=set_users/>
                </Show>
                <MultiSelect label="Except groups" placeholder="No group" options=options(true) selected=but_groups on_change=set_but_groups/>
                <MultiSelect label="Except people" placeholder="Nobody" options=options(false) selected=but_users on_change=set_but_users/>
            </div>
        </fieldset>
    }
    .into_any()
}
