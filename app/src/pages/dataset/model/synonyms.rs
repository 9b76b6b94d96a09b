//! Other words for columns, so that people, searches and hints find them by what they are called at home.

use super::super::columns::RoleDot;
use super::state::Modelling;
use crate::components::*;
use domain::Column;
use domain::model::SemanticModel;
use leptos::{ev, prelude::*};

/// What becomes of the words of a column.
type Edit = Box<dyn FnOnce(&mut Vec<String>)>;

#[component]
pub(super) fn Synonyms(modelling: Modelling) -> impl IntoView {
    let query = RwSignal::new(String::new());
    let columns = Memo::new(move |_| modelling.columns());
    let shown = move || {
        let wanted = query.get().trim().to_lowercase();
        let fits = |c: &Column| {
            let has_word = modelling.part(|m| {
                m.model.synonyms.get(&c.name).is_some_and(|all| all.iter().any(|w| w.to_lowercase().contains(&wanted)))
            });
            has_word || c.label.to_lowercase().contains(&wanted) || c.name.to_lowercase().contains(&wanted)
        };
        columns.with(|all| all.iter().filter(|c| fits(c)).cloned().collect::<Vec<_>>())
    };
    let many = move || columns.with(|c| c.len() > 12);
    view! {
        <p class="muted">
            "Words that people use for a column. Fields are found by them, and a question that uses one is told what the column is called."
        </p>
        <Show when=many>
            <div class="toolbar">
                <SearchInput value=query on_input=move |text| query.set(text) label="Search columns and synonyms"/>
            </div>
        </Show>
        <Card flush=true>
            <Table caption="Synonyms" head=vec![Head::text("Column"), Head::text("Synonyms")]>
                <For
                    each=shown
                    key=|c| (c.name.clone(), c.label.clone(), c.role)
                    children=move |column| view! { <Row modelling column/> }
                />
            </Table>
        </Card>
    }
    .into_any()
}

#[component]
fn Row(modelling: Modelling, column: Column) -> impl IntoView {
    let error = RwSignal::new(None::<String>);
    let typed = RwSignal::new(String::new());
    let own = StoredValue::new(column.name.clone());
    let words = Memo::new(move |_| {
        modelling.part(|m| own.with_value(|own| m.model.synonyms.get(own).cloned()).unwrap_or_default())
    });
    let edit = move |change: Edit, back: Option<String>| {
        error.set(None);
        let name = own.get_value();
        modelling.change(
            move |model: &mut SemanticModel| {
                let list = model.synonyms.entry(name.clone()).or_default();
                change(list);
                if list.is_empty() {
                    model.synonyms.remove(&name);
                }
            },
            move |result| {
                if let Err(problem) = result {
                    _ = error.try_set(Some(problem.to_string()));
                    // What was typed is there again, to be mended.
                    if let Some(word) = back {
                        _ = typed.try_set(word);
                    }
                }
            },
        );
    };
    let add = move || {
        let word = typed.get_untracked().trim().trim_end_matches(',').trim().to_owned();
        if !word.is_empty() {
            typed.set(String::new());
            let new = word.clone();
            edit(Box::new(move |list| list.push(new)), Some(word));
        }
    };
    let keys = move |event: ev::KeyboardEvent| {
        if matches!(event.key().as_str(), "Enter" | ",") {
            event.prevent_default();
            add();
        }
    };
    let chip = move |word: String| {
        let gone = word.clone();
        let remove = Callback::new(move |()| {
            let gone = gone.clone();
            edit(Box::new(move |list| list.retain(|w| *w != gone)), None);
        });
        view! { <Chip label=word on_remove=remove/> }
    };
    let role = column.role;
    view! {
        <tr data-testid="synonym-row" data-name=column.name.clone()>
            <td>
                <div class="model-name"><RoleDot role/><span>{column.label.clone()}</span></div>
                <code class="dataset-name">{column.name.clone()}</code>
            </td>
            <td>
                <div class="synonym-chips">
                    <For each=move || words.get() key=|word| word.clone() children=chip/>
                    <input
                        class="input synonym-input"
                        type="text"
                        maxlength="60"
                        aria-label=format!("Add a synonym of {}", column.label)
                        placeholder="Add a word"
                        prop:value=move || typed.get()
                        on:input=move |event| typed.set(event_target_value(&event))
                        on:keydown=keys
                        on:blur=move |_| add()
                    />
                </div>
                {move || error.get().map(|text| view! { <p class="field-error" role="alert"><Icon name="circle-alert"/><span>{text}</span></p> })}
            </td>
        </tr>
    }
    .into_any()
}
