//! Two-step sign-in: set up with a QR code, its recovery codes, turned off again.

use crate::api::account::{renew_recovery_codes, set_up_totp, turn_totp_off, turn_totp_on};
use crate::components::*;
use crate::pages::deeds::{Deed, FormError};
use domain::account::{TotpSetup, TotpState};
use leptos::{ev, prelude::*};

/// What a dialog is open for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    TurnOn,
    TurnOff,
    Renew,
}

/// The section of the account page.
#[component]
pub(super) fn TwoStep(totp: TotpState, reload: Callback<()>) -> impl IntoView {
    let open = RwSignal::new(false);
    let step = RwSignal::new(Step::TurnOn);
    let begin = move |what: Step| {
        step.set(what);
        open.set(true);
    };
    let TotpState { is_on, is_required, recovery_codes_left } = totp;
    let state = if is_on {
        view! {
            <div class="grow">
                <p class="line-title">"On"</p>
                <p class="small muted">{left(recovery_codes_left)}</p>
            </div>
            <Button on_click=move |()| begin(Step::Renew)>"New recovery codes"</Button>
            {(!is_required).then(|| view! { <Button variant=Variant::Danger on_click=move |()| begin(Step::TurnOff)>"Turn off"</Button> })}
        }
        .into_any()
    } else {
        view! {
            <div class="grow">
                <p class="line-title">"Off"</p>
                <p class="small muted">"With it, a stolen password alone lets nobody in."</p>
            </div>
            <Button on_click=move |()| begin(Step::TurnOn) attr:data-testid="totp-begin">"Set up"</Button>
        }
        .into_any()
    };
    let title = move || match step.get() {
        Step::TurnOn => "Set two-step sign-in up",
        Step::TurnOff => "Turn two-step sign-in off",
        Step::Renew => "New recovery codes",
    };
    // Not earlier: what is shown anew would close the dialog with its codes.
    Effect::new(move |was: Option<bool>| {
        let is = open.get();
        if was == Some(true) && !is {
            reload.run(());
        }
        is
    });
    view! {
        <Section title="Two-step sign-in" text="After your password, a code of an authenticator app on your phone.">
            <div class="card line-item" data-testid="two-step">{state}</div>
            <Dialog open title=Signal::derive(move || title().to_owned()) light=false>
                <Steps open step=step.get_untracked()/>
            </Dialog>
        </Section>
    }
    .into_any()
}

fn left(count: u32) -> String {
    match count {
        0 => "No recovery codes are left: make new ones.".to_owned(),
        1 => "One recovery code is left.".to_owned(),
        n => format!("{n} recovery codes are left."),
    }
}

/// One dialog after another: the password, the code, the recovery codes.
#[component]
fn Steps(open: RwSignal<bool>, step: Step) -> impl IntoView {
    let setup = RwSignal::new(None::<TotpSetup>);
    let codes = RwSignal::new(None::<Vec<String>>);
    move || {
        if let Some(codes) = codes.get() {
            return view! { <Codes codes open/> }.into_any();
        }
        match setup.get() {
            Some(setup) => view! { <TypeCode setup codes/> }.into_any(),
            None => view! { <AskPassword open step setup codes/> }.into_any(),
        }
    }
}

#[component]
fn AskPassword(
    open: RwSignal<bool>,
    step: Step,
    setup: RwSignal<Option<TotpSetup>>,
    codes: RwSignal<Option<Vec<String>>>,
) -> impl IntoView {
    let (deed, toasts) = (Deed::new(), use_toasts());
    let password = RwSignal::new(String::new());
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let typed = password.get_untracked();
        match step {
            Step::TurnOn => deed.submit(set_up_totp(typed), move |made| _ = setup.try_set(Some(made))),
            Step::Renew => deed.submit(renew_recovery_codes(typed), move |made| _ = codes.try_set(Some(made.codes))),
            Step::TurnOff => deed.submit(turn_totp_off(typed), move |()| {
                toasts.good("Two-step sign-in is off");
                _ = open.try_set(false);
            }),
        }
    };
    let (button, variant) = match step {
        Step::TurnOn => ("Go on", Variant::Primary),
        Step::Renew => ("Make new codes", Variant::Primary),
        Step::TurnOff => ("Turn off", Variant::Danger),
    };
    view! {
        <form class="form" data-testid="totp-password" on:submit=submit>
            <FormError error=deed.error/>
            <Field label="Your password" required=true hint="To make sure that it is you.">
                <TextInput kind="password" value=password on_input=move |v| password.set(v) autocomplete="current-password" autofocus=true/>
            </Field>
            <div class="form-end">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind="submit" variant busy=deed.busy>{button}</Button>
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn TypeCode(setup: TotpSetup, codes: RwSignal<Option<Vec<String>>>) -> impl IntoView {
    let deed = Deed::new();
    let code = RwSignal::new(String::new());
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        deed.submit(turn_totp_on(code.get_untracked()), move |made| _ = codes.try_set(Some(made.codes)));
    };
    view! {
        <form class="form" data-testid="totp-code" on:submit=submit>
            <FormError error=deed.error/>
            <p>"Scan this with the app, then type the code that it shows."</p>
            <div class="qr" inner_html=setup.qr></div>
            <div class="code-card card">
                <code data-testid="totp-secret">{setup.secret.clone()}</code>
                <CopyButton text=setup.secret label="Copy key"/>
            </div>
            <Field label="Code" required=true>
                <TextInput value=code on_input=move |v| code.set(v) autocomplete="one-time-code" max_length=10 autofocus=true/>
            </Field>
            <div class="form-end">
                <Button kind="submit" variant=Variant::Primary busy=deed.busy>"Turn on"</Button>
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn Codes(codes: Vec<String>, open: RwSignal<bool>) -> impl IntoView {
    let text = codes.join("\n");
    view! {
        <div class="form">
            <Notice tone=Tone::Good>"Keep these codes: each stands in for your phone, once. They are not shown again."</Notice>
            <div class="code-card card">
                <ul class="recovery-codes" data-testid="recovery-codes">
                    {codes.into_iter().map(|code| view! { <li><code>{code}</code></li> }).collect_view()}
                </ul>
                <CopyButton text label="Copy codes"/>
            </div>
            <div class="form-end">
                <Button variant=Variant::Primary on_click=move |()| open.set(false)>"I have kept them"</Button>
            </div>
        </div>
    }
    .into_any()
}
