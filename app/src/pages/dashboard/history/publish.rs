//! Publishing: what readers see, what they would see, and what was published before.

use super::super::stage::use_stage;
use super::differences::{DifferenceList, counted};
use super::draft::use_draft;
use crate::api::history::{publish_draft, read_publishing, stop_publishing};
use crate::components::*;
use crate::pages::deeds::{Answer, Deed, FormError};
use domain::ErrorCode;
use domain::history::{LONGEST_NOTE, Publication, Publishing};
use leptos::prelude::*;

/// The dialog about publishing.
#[component]
pub(crate) fn PublishDialog() -> impl IntoView {
    let draft = use_draft();
    // Opened here, once its code is there.
    let open = RwSignal::new(false);
    set_timeout(move || _ = open.try_set(true), std::time::Duration::ZERO);
    Effect::new(move |was: Option<bool>| {
        let now = open.get();
        if was == Some(true) && !now {
            draft.open.set(false);
        }
        now
    });
    let (board, note) = (use_stage().board, RwSignal::new(String::new()));
    let asked = Answer::of(move || read_publishing(board.id()));
    let body = move || match asked.get() {
        None => view! { <Skeleton lines=6/> }.into_any(),
        Some(Err(error)) => view! { <ErrorState error=error.0 retry=move |()| asked.refetch()/> }.into_any(),
        Some(Ok(found)) => view! { <Review found asked note open/> }.into_any(),
    };
    view! {
        <Dialog open title="Publishing" size=DialogSize::Large light=false>
            <div class="publish" data-testid="publish-dialog">{body}</div>
        </Dialog>
    }
    .into_any()
}

#[component]
fn Review(found: Publishing, asked: Answer<Publishing>, note: RwSignal<String>, open: RwSignal<bool>) -> impl IntoView {
    let (stage, draft) = (use_stage(), use_draft());
    let Publishing { current, difference, draft_seq, history, .. } = found;
    let (deed, longest) = (Deed::new(), LONGEST_NOTE as u32);
    let is_first = current.is_none();
    let nothing_new = !is_first && difference.is_empty();
    let publish = move || {
        deed.submit(publish_draft(stage.board.id(), note.get_untracked(), draft_seq), move |made: Publication| {
            draft.number.set(Some(made.number));
            stage.toasts.good("Published: readers see it now");
            open.set(false);
        });
    };
    // What was looked at is not what would be published: look again.
    let stale = Memo::new(move |_| {
        deed.error
            .with(|e| e.as_ref().is_some_and(|e| matches!(e.code, ErrorCode::PreconditionFailed | ErrorCode::Conflict)))
    });
    let (stopping, stop_deed) = (RwSignal::new(false), Deed::new());
    let stop = move |()| {
        stop_deed.run(stop_publishing(stage.board.id()), move |()| {
            stopping.set(false);
            draft.number.set(None);
            stage.toasts.good("Readers see every change at once again");
            open.set(false);
        });
    };
    let now = match current {
        Some(publication) => view! {
            <p>
                "Readers see publication "{publication.number}", by "{publication.user_name}", "<Time iso=publication.at/>"."
            </p>
            <h3>{format!("{} for them", counted(difference.count()))}</h3>
            <DifferenceList difference none="Nothing has changed since then."/>
        }
        .into_any(),
        None => view! {
            <p>
                "Now everybody who may see this dashboard sees each change as it is made. Publish it, and those who may
                only look see that version until the next is published; its editors go on with a draft."
            </p>
        }
        .into_any(),
    };
    let form = (stage.is_owner() && !nothing_new).then(|| {
        view! {
            <form class="publish-form" on:submit=move |event| {
                event.prevent_default();
                publish();
            }>
                <Field label="What is new" hint="For the history of publications." optional=true>
                    <TextArea value=note on_input=move |text| note.set(text) rows=2 max_length=longest/>
                </Field>
                <div class="row">
                    <Button variant=Variant::Primary kind="submit" busy=deed.busy attr:data-testid="publish">"Publish"</Button>
                    <Show when=move || stale.get()>
                        <Button icon="refresh-cw" on_click=move |()| asked.refetch()>"Look again"</Button>
                    </Show>
                </div>
            </form>
        }
    });
    let not_owner = (!stage.is_owner()).then(|| view! { <p class="muted">"Its owner publishes."</p> });
    let before = (!history.is_empty()).then(|| {
        let slug = stage.about.with_value(|about| about.slug.clone());
        let line = |p: Publication| publication(&slug, p);
        view! {
            <section aria-labelledby="publications">
                <h3 id="publications">"Publications"</h3>
                <ol class="publish-list" data-testid="publications">{history.into_iter().map(line).collect_view()}</ol>
            </section>
        }
    });
    let end = (stage.is_owner() && !is_first).then(|| {
        view! {
            <div>
                <Button variant=Variant::Ghost on_click=move |()| stopping.set(true)>"Stop publishing…"</Button>
            </div>
        }
    });
    view! {
        <FormError error=deed.error/>
        {now}
        {form}
        {not_owner}
        {before}
        {end}
        <ConfirmDialog
            open=stopping
            title="Stop publishing?"
            text="Readers see the draft at once, and every later change as it is made. What was published stays in the history."
            confirm="Stop publishing"
            busy=stop_deed.busy
            on_confirm=stop
        />
    }
    .into_any()
}

fn publication(slug: &str, publication: Publication) -> AnyView {
    view! {
        <li class="publish-line">
            <a href=format!("/dashboards/{slug}/history?at={}", publication.seq)>{format!("Publication {}", publication.number)}</a>
            <span class="muted">{publication.user_name}" · "<Time iso=publication.at/></span>
            {(!publication.note.is_empty()).then(|| view! { <p>{publication.note}</p> })}
        </li>
    }
    .into_any()
}
