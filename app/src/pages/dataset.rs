//! Dataset.

use crate::components::*;
use leptos::prelude::*;

/// Dataset.
#[component]
pub fn DatasetPage() -> impl IntoView {
    view! {
        <Page>
            <PageHeader title="Dataset"/>
            <EmptyState icon="table" title="Nothing here yet" text="Columns, values and rows of the dataset appear here."/>
        </Page>
    }
    .into_any()
}
