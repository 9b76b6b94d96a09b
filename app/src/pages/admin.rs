//! Administration: the people of this installation, the kinds of chart that were added, how messages
//! leave the house, the queue.

mod audit;
mod channels;
mod groups;
mod invitations;
mod jobs;
mod kinds;
mod model;
mod rules;
mod users;

pub(crate) use kinds::{PluginEditor, Writing};

use crate::components::*;
use crate::pages::deeds::in_place;
use crate::session::use_session;
use audit::AuditLog;
use channels::Channels;
use domain::UserRole;
use groups::Groups;
use jobs::Jobs;
use kinds::Kinds;
use leptos::prelude::*;
use leptos_router::hooks::query_signal_with_options;
use model::LanguageModel;
use rules::Rules;
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
    let (tab, set_tab) = query_signal_with_options::<String>("tab", in_place());
    let value = Memo::new(move |_| {
        let known = |id: &&str| matches!(*id, "groups" | "rules" | "charts" | "channels" | "model" | "jobs" | "audit");
        tab.with(|t| t.as_deref().filter(known).unwrap_or("people").to_owned())
    });
    view! {
        <Page attr:data-testid="admin">
            <PageHeader title="Administration" plain=true/>
            <Tabs
                label="Parts of the administration"
                tabs=vec![
                    TabItem::new("people", "People"),
                    TabItem::new("groups", "Groups"),
                    TabItem::new("rules", "Rules"),
                    TabItem::new("charts", "Kinds of chart"),
                    TabItem::new("channels", "Channels and mail"),
                    TabItem::new("model", "Language model"),
                    TabItem::new("jobs", "Jobs"),
                    TabItem::new("audit", "Audit log"),
                ]
                value
                on_change=move |id: String| set_tab.set((id != "people").then_some(id))
            />
            <TabPanel id="people" value><Users/></TabPanel>
            <TabPanel id="groups" value><Groups/></TabPanel>
            <TabPanel id="rules" value><Rules/></TabPanel>
            <TabPanel id="charts" value><Kinds/></TabPanel>
            <TabPanel id="channels" value><Channels/></TabPanel>
            <TabPanel id="model" value><LanguageModel/></TabPanel>
            <TabPanel id="jobs" value><Jobs/></TabPanel>
            <TabPanel id="audit" value><AuditLog/></TabPanel>
        </Page>
    }
    .into_any()
}
