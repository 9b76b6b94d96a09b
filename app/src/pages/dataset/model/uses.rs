//! Deleting a calculated column: first, what uses it.

use super::state::Modelling;
use crate::api::models::column_usages;
use crate::components::*;
use crate::pages::data::plural;
use crate::pages::impact::UsageList;
use domain::Error;
use domain::api::{Usage, UsageKind};
use domain::model::SemanticModel;
use leptos::prelude::*;
use leptos::task::spawn_local;

#[component]
pub(super) fn DeleteColumn(
    modelling: Modelling,
    /// The column in question.
    column: RwSignal<Option<String>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let uses = RwSignal::new(None::<Result<Vec<Usage>, Error>>);
    let failed = RwSignal::new(None::<Error>);
    Effect::new(move |_| {
        let Some(name) = column.get() else { return };
        failed.set(None);
        uses.set(None);
        open.set(true);
        let dataset = modelling.name();
        spawn_local(async move {
            let found = column_usages(dataset, name).await.map_err(Error::from);
            _ = uses.try_set(Some(found));
        });
    });
    Effect::new(move |_| {
        if !open.get() {
            column.set(None);
        }
    });
    // Other columns are made of it: they come first.
    let barred = Memo::new(move |_| {
        let is_column = |u: &Usage| u.kind == UsageKind::Calculated;
        uses.with(|u| u.as_ref().is_some_and(|u| u.as_ref().is_ok_and(|all| all.iter().any(is_column))))
    });
    let waits = Memo::new(move |_| uses.with(Option::is_none));
    let delete = move |()| {
        let Some(name) = column.get_untracked() else { return };
        modelling.change(
            move |model| remove(model, &name),
            move |result| match result {
                Ok(()) => _ = open.try_set(false),
                Err(error) => _ = failed.try_set(Some(error)),
            },
        );
    };
    let footer = move || {
        view! {
            <Button on_click=move |()| open.set(false)>"Cancel"</Button>
            <Button
                variant=Variant::Danger
                busy=modelling.busy
                disabled=Signal::derive(move || barred.get() || waits.get())
                on_click=delete
            >
                "Delete column"
            </Button>
        }
    };
    let list = move || match uses.get() {
        None => view! { <Skeleton lines=3/> }.into_any(),
        Some(Err(error)) => view! { <ErrorState error compact=true/> }.into_any(),
        Some(Ok(uses)) if uses.is_empty() => {
            view! { <p>"Nothing you can see uses it. Its versions stay in the history of the model."</p> }.into_any()
        }
        Some(Ok(uses)) => {
            let what = plural(uses.len() as u64, "thing");
            let verb = if uses.len() == 1 { "uses" } else { "use" };
            view! {
                <Notice tone=Tone::Warn>{format!("{what} {verb} it.")}</Notice>
                <div data-testid="uses"><UsageList usages=uses/></div>
                {if barred.get() {
                    view! { <p>"Other calculated columns are made of it. Change or delete those first."</p> }.into_any()
                } else {
                    view! {
                        <p>
                            "Tiles, filters and metrics that use it show an error until they ask for something else. "
                            "Hierarchies lose this level."
                        </p>
                    }
                    .into_any()
                }}
            }
            .into_any()
        }
    };
    let title = Signal::derive(move || {
        let label = column.get().map(|name| modelling.label_of(&name)).unwrap_or_default();
        format!("Delete the column “{label}”?")
    });
    view! {
        <Dialog open title size=DialogSize::Small footer>
            {move || failed.get().map(|error| view! { <Notice tone=Tone::Bad>{error.to_string()}</Notice> })}
            {list}
        </Dialog>
    }
    .into_any()
}

/// The model without a column, and without what cannot be without it.
fn remove(model: &mut SemanticModel, name: &str) {
    model.calculated.retain(|c| c.name != name);
    model.synonyms.remove(name);
    for hierarchy in &mut model.hierarchies {
        hierarchy.columns.retain(|c| c != name);
    }
    model.hierarchies.retain(|h| h.columns.len() > 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_the_column_goes_with_it() {
        let mut model: SemanticModel = serde_json::from_str(
            r#"{"calculated": [{"name": "speed", "expression": "1"}, {"name": "late", "expression": "true"}],
                "hierarchies": [{"id": "a", "name": "A", "columns": ["speed", "late"]},
                                {"id": "b", "name": "B", "columns": ["origin", "speed", "dest"]}],
                "synonyms": {"speed": ["pace"], "dest": ["goal"]}}"#,
        )
        .unwrap();
        remove(&mut model, "speed");
        assert_eq!(model.calculated.len(), 1);
        assert_eq!(model.hierarchies.len(), 1);
        assert_eq!(model.hierarchies[0].columns, ["origin", "dest"]);
        assert_eq!(model.synonyms.len(), 1);
    }
}
