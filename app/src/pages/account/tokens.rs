//! The caller's API tokens.

use crate::api::people::{create_token, list_tokens, revoke_token};
use crate::components::*;
use crate::pages::deeds::{Deed, FormError, day};
use domain::api::TokenRequest;
use domain::people::{Scope, Token};
use leptos::{ev, prelude::*};

/// The list, and the dialog for a new one.
#[component]
pub(super) fn TokenList() -> impl IntoView {
    let list = Resource::new_blocking(|| (), |()| list_tokens());
    let reload = Callback::new(move |()| list.refetch());
    let deed = Deed::new();
    let toasts = use_toasts();
    let (making, asking) = (RwSignal::new(false), RwSignal::new(false));
    let doomed = RwSignal::new(None::<Token>);
    let ask = Callback::new(move |token: Token| {
        doomed.set(Some(token));
        asking.set(true);
    });
    let revoke = move |()| {
        let Some(token) = doomed.get_untracked() else { return };
        deed.run(revoke_token(token.id), move |()| {
            _ = asking.try_set(false);
            toasts.good("Token revoked");
            _ = reload.try_run(());
        });
    };
    let body = move || {
        list.get().map(|result| match result {
            Ok(items) if items.is_empty() => {
                view! { <EmptyState compact=true icon="key-round" title="No API tokens" text="A token lets a program work here in your name, with no more rights than you give it."/> }.into_any()
            }
            Ok(items) => view! {
                <Table caption="API tokens" head=vec![Head::text("Label"), Head::text("Scope"), Head::number("Expires"), Head::number("Last used"), Head::hidden("Actions")]>
                    {items.into_iter().map(|token| row(token, ask)).collect_view()}
                </Table>
            }
            .into_any(),
            Err(error) => view! { <ErrorState error=error.0 retry=reload compact=true/> }.into_any(),
        })
    };
    let title = move || format!("Revoke the token “{}”?", doomed.get().map(|t| t.label).unwrap_or_default());
    view! {
        <Section title="API tokens" text="For programs that use the API.">
            <div class="card card-flush" data-testid="tokens">
                <Transition fallback=|| view! { <Skeleton lines=3/> }>{body}</Transition>
                <div class="card-foot">
                    <Button icon="plus" on_click=move |()| making.set(true) attr:data-testid="new-token">"New token"</Button>
                </div>
            </div>
            <TokenDialog open=making reload/>
            <ConfirmDialog
                open=asking
                title=Signal::derive(title)
                text="Programs that use it are refused from now on. This cannot be undone."
                confirm="Revoke token"
                busy=deed.busy
                on_confirm=revoke
            />
        </Section>
    }
    .into_any()
}

fn row(token: Token, ask: Callback<Token>) -> AnyView {
    let expires = token.expires_at.as_deref().map_or_else(|| "never".to_owned(), day);
    let used = token.last_used_at.as_deref().map_or_else(|| "never".to_owned(), day);
    let (label, scope) = (token.label.clone(), token.scope.as_str());
    view! {
        <tr>
            <td>{label}</td>
            <td><Badge>{scope}</Badge></td>
            <td class="num">{expires}</td>
            <td class="num">{used}</td>
            <td class="actions">
                <Button size=Size::Small variant=Variant::Danger on_click=move |()| ask.run(token.clone())>"Revoke"</Button>
            </td>
        </tr>
    }
    .into_any()
}

#[component]
fn TokenDialog(open: RwSignal<bool>, reload: Callback<()>) -> impl IntoView {
    view! {
        <Dialog open title="New API token" light=false>
            <TokenForm open reload/>
        </Dialog>
    }
}

#[component]
fn TokenForm(open: RwSignal<bool>, reload: Callback<()>) -> impl IntoView {
    let deed = Deed::new();
    let label = RwSignal::new(String::new());
    let scope = RwSignal::new("read".to_owned());
    let days = RwSignal::new(Some(90.0_f64));
    let secret = RwSignal::new(None::<String>);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let request = TokenRequest {
            label: label.get_untracked(),
            scope: Scope::parse(&scope.get_untracked()).unwrap_or(Scope::Read),
            expires_in_days: days.get_untracked().map(|d| d.clamp(0.0, 100_000.0) as u32),
        };
        deed.submit(create_token(request), move |made| {
            _ = secret.try_set(Some(made.secret));
            _ = reload.try_run(());
        });
    };
    let scopes = || {
        vec![
            Choice::new("read", "Read: see and query"),
            Choice::new("write", "Write: also load and change"),
            Choice::new("admin", "Admin: everything you may do"),
        ]
    };
    let form = move || {
        view! {
            <form class="form" data-testid="token-form" on:submit=submit>
                <FormError error=deed.error/>
                <Field label="Label" required=true hint="What uses it, such as “nightly import”.">
                    <TextInput value=label on_input=move |v| label.set(v) max_length=100 autofocus=true/>
                </Field>
                <div class="form-row">
                    <Field label="Scope">
                        <Select options=scopes() value=scope on_change=move |v| scope.set(v)/>
                    </Field>
                    <Field label="Expires after" optional=true hint="Empty: it does not expire.">
                        <NumberInput value=days on_change=move |v| days.set(v) min=1.0 max=3650.0 step=1.0 unit="days"/>
                    </Field>
                </div>
                <div class="form-end">
                    <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                    <Button kind="submit" variant=Variant::Primary busy=deed.busy>"Make token"</Button>
                </div>
            </form>
        }
        .into_any()
    };
    move || match secret.get() {
        None => form(),
        Some(text) => view! {
            <div class="form">
                <Notice tone=Tone::Good>"Copy the token now: it is not shown again."</Notice>
                <div class="code-card card">
                    <code data-testid="token-secret">{text.clone()}</code>
                    <CopyButton text=text/>
                </div>
                <div class="form-end">
                    <Button variant=Variant::Primary on_click=move |()| open.set(false)>"Done"</Button>
                </div>
            </div>
        }
        .into_any(),
    }
}
