//! What is known of the field that somebody looks at.

use super::state::Explore;
use crate::api::datasets::dataset_profile;
use crate::components::{Spinner, debounced};
use crate::pages::dataset::ProfileCard;
use crate::tiles::logic::joined;
use domain::dataset::Profile;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// A pointer that only passes by asks for nothing.
const PAUSE: u64 = 300;

/// What is looked at, and what is known of the datasets it is from.
#[derive(Clone, Copy)]
pub(super) struct Look {
    explore: Explore,
    /// The dataset and the column there.
    field: RwSignal<Option<(String, String)>>,
    profiles: RwSignal<BTreeMap<String, Option<Profile>>>,
    pub(super) on_look: Callback<String>,
}

impl Look {
    pub(super) fn new(explore: Explore) -> Self {
        let field = RwSignal::new(None);
        let profiles = RwSignal::new(BTreeMap::new());
        let show = debounced(
            PAUSE,
            Callback::new(move |name: String| {
                let home = explore.question.with_untracked(|q| joined::home(&q.query, &name));
                if !profiles.with_untracked(|all| all.contains_key(&home.0)) {
                    fetch(profiles, home.0.clone());
                }
                field.set(Some(home));
            }),
        );
        // Another question, other fields.
        Effect::new(move |_| {
            explore.editor.dataset.track();
            field.set(None);
        });
        Self { explore, field, profiles, on_look: show }
    }
}

fn fetch(profiles: RwSignal<BTreeMap<String, Option<Profile>>>, dataset: String) {
    profiles.update(|all| _ = all.insert(dataset.clone(), None));
    leptos::task::spawn_local(async move {
        match dataset_profile(dataset.clone()).await {
            Ok(profile) => _ = profiles.try_update(|all| all.insert(dataset, Some(profile))),
            // It can be tried again with the next look.
            Err(_) => _ = profiles.try_update(|all| all.remove(&dataset)),
        }
    });
}

/// The values of the field, in small.
#[component]
pub(super) fn FieldLook(look: Look) -> impl IntoView {
    let Look { explore, field, profiles, .. } = look;
    let body = move || {
        let (dataset, name) = field.get()?;
        let column = explore.editor.sources.with(|s| {
            joined::find(&s.datasets, &dataset).and_then(|d| d.columns.iter().find(|c| c.name == name).cloned())
        })?;
        Some(profiles.with(|all| match all.get(&dataset) {
            Some(Some(profile)) => match profile.columns.iter().find(|c| c.name == name).cloned() {
                Some(known) => view! { <ProfileCard column known rows=profile.row_count/> }.into_any(),
                None => view! { <p class="muted small">{column.description}</p> }.into_any(),
            },
            Some(None) => view! { <Spinner/> }.into_any(),
            None => ().into_any(),
        }))
    };
    view! { <div class="field-look" data-testid="field-look">{body}</div> }
}
