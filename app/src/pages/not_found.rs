//! The page for addresses that lead nowhere.

use crate::components::*;
use leptos::prelude::*;

/// Says that there is nothing at this address, with status 404.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(axum::http::StatusCode::NOT_FOUND);
    }
    view! {
        <Page>
            <PageHeader title="Page not found" plain=true/>
            <EmptyState
                icon="search"
                title="There is nothing at this address"
                text="It may have been moved or deleted, or it is not shared with you."
            >
                <LinkButton href="/">"Go to the start page"</LinkButton>
            </EmptyState>
        </Page>
    }
    .into_any()
}
