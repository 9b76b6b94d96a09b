//! Account: who you are, your password, where you are signed in, and your API tokens.

mod notices;
mod password;
mod profile;
mod sessions;
mod tokens;
mod two_step;

use crate::components::*;
use crate::session::use_session;
use leptos::prelude::*;
use notices::Notices;
use profile::Own;
use sessions::SessionList;
use tokens::TokenList;

/// Account.
#[component]
pub fn AccountPage() -> impl IntoView {
    let Some(caller) = use_session().caller() else {
        return view! {
            <Page narrow=true>
                <PageHeader title="Account"/>
                <EmptyState icon="lock" title="You are not signed in" text="Sign in to see your account.">
                    <LinkButton href="/login?next=/account" external=true>"Sign in"</LinkButton>
                </EmptyState>
            </Page>
        }
        .into_any();
    };
    view! {
        <Page narrow=true attr:data-testid="account">
            <PageHeader title="Account"/>
            <div class="card account-who">
                <Avatar name=caller.name.clone()/>
                <div class="grow">
                    <p class="account-name truncate">{caller.name.clone()}</p>
                    <p class="muted">{role_words(caller.role)}</p>
                </div>
                <form method="post" action="/logout">
                    <Button kind="submit" icon="log-out">"Sign out"</Button>
                </form>
            </div>
            <Own/>
            <Notices/>
            <SessionList/>
            <TokenList/>
        </Page>
    }
    .into_any()
}

/// A role and what it means.
pub(super) fn role_words(role: domain::UserRole) -> &'static str {
    use domain::UserRole::{Admin, Creator, Explorer, Viewer};
    match role {
        Viewer => "Viewer: sees what is shared",
        Explorer => "Explorer: also asks questions of shared data",
        Creator => "Creator: also loads data and makes dashboards",
        Admin => "Admin: also manages people and sees everything",
    }
}
