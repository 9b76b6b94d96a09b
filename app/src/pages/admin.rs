//! Administration: the people of this installation.

mod users;

use crate::components::*;
use crate::session::use_session;
use domain::UserRole;
use leptos::prelude::*;
use users::Users;

/// Administration.
#[component]
pub fn AdminPage() -> impl IntoView {
    if !use_session().has_role(UserRole::Admin) {
        return view! {
            <Page>
                <PageHeader title="Administration"/>
                <EmptyState icon="lock" title="This page is for administrators" text="Ask one of them if somebody needs an account or another role.">
                    <LinkButton href="/">"Go to the start page"</LinkButton>
                </EmptyState>
            </Page>
        }
        .into_any();
    }
    view! { <Users/> }.into_any()
}
