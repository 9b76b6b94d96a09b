//! Hierarchies: columns dragged into an order, from the widest to the finest. "Drill down" follows it.

use super::levels::{self, AVAILABLE, NEW};
use super::state::Modelling;
use crate::components::*;
use domain::model::Hierarchy;
use domain::{Column, Role};
use leptos::{ev, prelude::*};

/// From so many columns on, there is a box to search them.
const MANY: usize = 12;

#[component]
pub(super) fn Hierarchies(modelling: Modelling) -> impl IntoView {
    let toasts = use_toasts();
    let all =
        Memo::new(move |_| levels::shown(&modelling.part(|m| m.model.hierarchies.clone()), &modelling.begun.get()));
    // It shows at once, and what cannot be saved stays here, so that nothing is lost.
    let keep = move |hierarchy: Hierarchy| {
        modelling.begun.update(|begun| {
            begun.retain(|h| h.id != hierarchy.id);
            begun.push(hierarchy);
        });
    };
    let put = Callback::new(move |hierarchy: Hierarchy| {
        keep(hierarchy.clone());
        if hierarchy.columns.len() < 2 {
            return;
        }
        let own = hierarchy.clone();
        modelling.change(
            move |model| match model.hierarchies.iter_mut().find(|h| h.id == hierarchy.id) {
                Some(old) => *old = hierarchy,
                None => model.hierarchies.push(hierarchy),
            },
            move |result| match result {
                // A later change of it has its own turn.
                Ok(()) => _ = modelling.begun.try_update(|begun| begun.retain(|h| *h != own)),
                Err(error) => toasts.error(&error),
            },
        );
    });
    let remove = Callback::new(move |id: String| {
        modelling.begun.update(|begun| begun.retain(|h| h.id != id));
        modelling.change(
            move |model| model.hierarchies.retain(|h| h.id != id),
            move |result| {
                if let Err(error) = result {
                    toasts.error(&error);
                }
            },
        );
    });
    let lists = Lists::new(Callback::new(move |moved: Moved| {
        let label = |name: &str| untrack(|| modelling.label_of(name));
        for changed in all.with_untracked(|all| levels::moved(all, &moved, &label)) {
            put.run(changed);
        }
    }));
    let ids = move || all.with(|all| all.iter().map(|h| h.id.clone()).collect::<Vec<_>>());
    view! {
        <p class="muted">
            "A hierarchy leads from the wide to the fine: country, region, city. Charts then drill down along it. "
            "Times have theirs already: year, quarter, month, week, day, hour."
        </p>
        <div class="hierarchy-board" data-lists="" class:is-dragging=move || lists.is_carrying()>
            <Available modelling lists/>
            <div class="hierarchy-lists">
                <For
                    each=ids
                    key=|id| id.clone()
                    children=move |id| {
                        let own = id.clone();
                        let hierarchy = Memo::new(move |_| {
                            all.with(|all| all.iter().find(|h| h.id == own).cloned()).unwrap_or_default()
                        });
                        view! { <HierarchyCard modelling lists id hierarchy put remove/> }
                    }
                />
                <section
                    class="hierarchy-new"
                    class:is-over=move || lists.is_over(NEW)
                    data-list=NEW
                    data-list-label="New hierarchy"
                    data-testid="new-hierarchy"
                    role="group"
                    aria-label="New hierarchy"
                >
                    <Icon name="plus"/>
                    <p>"Drag a column here to begin a hierarchy with it."</p>
                    <p class="small muted">"Keyboard: Enter picks a column up, arrows carry it, Enter puts it down."</p>
                </section>
            </div>
            <p class="visually-hidden" role="status" aria-live="assertive" data-testid="announcer">
                {move || lists.spoken.get()}
            </p>
        </div>
    }
    .into_any()
}

/// The columns that can become levels.
#[component]
fn Available(modelling: Modelling, lists: Lists) -> impl IntoView {
    let query = RwSignal::new(String::new());
    let columns = Memo::new(move |_| {
        let mut all = modelling.columns();
        all.retain(|c| c.role != Role::Time);
        // What groups comes first.
        all.sort_by_key(|c| c.role == Role::Measure);
        all
    });
    let many = Memo::new(move |_| columns.with(|c| c.len() > MANY));
    let shown = move || {
        let wanted = query.get().trim().to_lowercase();
        let fits = |c: &Column| c.label.to_lowercase().contains(&wanted) || c.name.to_lowercase().contains(&wanted);
        columns.with(|all| all.iter().filter(|c| fits(c)).cloned().collect::<Vec<_>>())
    };
    view! {
        <section class="hierarchy-columns" aria-labelledby="hierarchy-columns-head">
            <h3 id="hierarchy-columns-head">"Columns"</h3>
            <Show when=move || many.get()>
                <SearchInput value=query on_input=move |text| query.set(text) label="Search columns"/>
            </Show>
            <div
                class="hierarchy-list"
                class:is-over=move || lists.is_over(AVAILABLE)
                data-list=AVAILABLE
                data-list-label="Columns"
                data-testid="hierarchy-columns"
                role="group"
                aria-labelledby="hierarchy-columns-head"
            >
                <For
                    each=shown
                    key=|c| (c.name.clone(), c.label.clone(), c.role)
                    children=move |column| {
                        let role = if column.is_calculated { "calc" } else { "dimension" };
                        view! {
                            <ListItem
                                lists
                                list=AVAILABLE
                                item=column.name.clone()
                                label=column.label.clone()
                                about=format!("{}: press Enter to pick it up", column.label)
                                class=format!("level role-{role}")
                            >
                                <span class="level-grip" data-grip="" aria-hidden="true"><Icon name="grip-vertical"/></span>
                                <span class="truncate">{column.label}</span>
                            </ListItem>
                        }
                    }
                />
            </div>
        </section>
    }
    .into_any()
}

/// One hierarchy: its name and its levels.
#[component]
fn HierarchyCard(
    modelling: Modelling,
    lists: Lists,
    id: String,
    hierarchy: Memo<Hierarchy>,
    put: Callback<Hierarchy>,
    remove: Callback<String>,
) -> impl IntoView {
    let own = StoredValue::new(id);
    let (list, id) = (own.get_value(), own.get_value());
    let name = move || hierarchy.with(|h| h.name.clone());
    let rename = move |event: ev::Event| {
        let name = event_target_value(&event).trim().to_owned();
        if !name.is_empty() {
            put.run(Hierarchy { name, ..hierarchy.get_untracked() });
        }
    };
    let is_saved =
        Memo::new(move |_| modelling.part(|m| m.model.hierarchies.iter().any(|h| hierarchy.with(|own| h == own))));
    let trouble = Memo::new(move |_| {
        modelling.part(|m| {
            let at = m.model.hierarchies.iter().position(|h| own.with_value(|own| h.id == *own))?;
            let place = format!("hierarchies[{at}].");
            m.misfits.iter().find(|misfit| misfit.field.starts_with(&place)).map(|misfit| misfit.message.clone())
        })
    });
    let note = move || {
        let short = hierarchy.with(|h| h.columns.len() < 2);
        match (is_saved.get() || modelling.busy.get(), short) {
            (true, false) => None,
            (_, true) => Some("Add a second level, and it is saved."),
            (false, false) => Some("Not saved yet."),
        }
    };
    let over = own.get_value();
    let at_end = own.get_value();
    let levels = move || hierarchy.with(|h| h.columns.clone());
    let level = move |column: String| {
        let label = modelling.label_of(&column);
        let role = if modelling.dataset.with_untracked(|d| d.column(&column).is_some_and(|c| c.is_calculated)) {
            "calc"
        } else {
            "dimension"
        };
        let (gone, about) =
            (column.clone(), format!("{label}: press Enter to pick it up, Alt and an arrow to move it"));
        let (take, named) = (format!("Take {label} out"), label.clone());
        let take_out = move |()| {
            let mut next = hierarchy.get_untracked();
            next.columns.retain(|c| *c != gone);
            put.run(next);
        };
        view! {
            <li class="level-line">
                <ListItem
                    lists
                    list=own.get_value()
                    item=column
                    label=named
                    about
                    class=format!("level role-{role}")
                >
                    <span class="level-grip" data-grip="" aria-hidden="true"><Icon name="grip-vertical"/></span>
                    <span class="truncate">{label}</span>
                </ListItem>
                <IconButton icon="x" size=Size::Small label=take on_click=take_out/>
            </li>
        }
    };
    view! {
        <section class="hierarchy" data-testid="hierarchy" data-id=id aria-label=name>
            <header class="hierarchy-head">
                <input
                    class="quiet-input"
                    type="text"
                    maxlength="100"
                    aria-label=move || format!("Name of the hierarchy {}", name())
                    prop:value=name
                    on:change=rename
                />
                <IconButton
                    icon="trash-2"
                    size=Size::Small
                    label=Signal::derive(move || format!("Delete the hierarchy {}", name()))
                    on_click=move |()| remove.run(own.get_value())
                />
            </header>
            <ol
                class="hierarchy-list"
                class:is-over=move || lists.is_over(&over)
                class:is-end=move || lists.is_at_end(&at_end)
                data-list=list
                data-list-label=name
            >
                <For each=levels key=|name| name.clone() children=level/>
            </ol>
            {move || note().map(|text| view! { <p class="small muted" role="status">{text}</p> })}
            {move || (!is_saved.get() && !modelling.busy.get() && hierarchy.with(|h| h.columns.len() > 1)).then(|| view! {
                <Button size=Size::Small on_click=move |()| put.run(hierarchy.get_untracked())>"Save"</Button>
            })}
            {move || trouble.get().map(|text| view! { <p class="field-error"><Icon name="circle-alert"/><span>{text}</span></p> })}
        </section>
    }
    .into_any()
}
