//! Data.

use crate::components::*;
use leptos::prelude::*;

/// Data.
#[component]
pub fn DataPage() -> impl IntoView {
    view! {
        <Page>
            <PageHeader title="Data"/>
            <EmptyState icon="database" title="Nothing here yet" text="Datasets that you load or that are shared with you appear here."/>
        </Page>
    }
    .into_any()
}
