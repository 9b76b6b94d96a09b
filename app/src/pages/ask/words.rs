//! The words that were taught: what they mean, which wait for somebody to accept them.

use crate::api::asking::{accept_word, forget_word, taught_words};
use crate::components::*;
use crate::pages::deeds::{Answer as Asking, Deed, day};
use domain::asking::TaughtWord;
use leptos::prelude::*;

#[component]
pub(super) fn TaughtWords() -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <Button icon="lightbulb" on_click=move |()| open.set(true) attr:data-testid="ask-words">"Words"</Button>
        <Dialog open title="Words that were taught" size=DialogSize::Large light=true><List/></Dialog>
    }
    .into_any()
}

#[component]
fn List() -> impl IntoView {
    let list = Asking::of(taught_words);
    let deed = Deed::new();
    let reload = Callback::new(move |()| list.refetch());
    let accept = Callback::new(move |id: String| deed.run(accept_word(id), move |()| _ = reload.try_run(())));
    let forget = Callback::new(move |id: String| deed.run(forget_word(id), move |()| _ = reload.try_run(())));
    let row = move |word: TaughtWord| {
        let (id, own) = (word.id.clone(), word.id.clone());
        let forgettable = word.can_edit || !word.is_accepted;
        let (to_accept, to_forget) = (format!("Accept {}", word.word), format!("Forget {}", word.word));
        view! {
            <tr data-testid="taught-word">
                <td><strong>{word.word}</strong></td>
                <td>{word.label} {(!word.is_accepted).then(|| view! { " " <Badge tone=Tone::Warn>"Proposed"</Badge> })}</td>
                <td>{word.made_by}</td>
                <td class="num">{day(&word.made_at)}</td>
                <td class="actions">
                    <div class="row row-end">
                        {(word.can_edit && !word.is_accepted).then(|| view! {
                            <Button size=Size::Small on_click=move |()| accept.run(id.clone()) attr:aria-label=to_accept>"Accept"</Button>
                        })}
                        {forgettable.then(|| view! {
                            <Button size=Size::Small on_click=move |()| forget.run(own.clone()) attr:aria-label=to_forget>"Forget"</Button>
                        })}
                    </div>
                </td>
            </tr>
        }
        .into_any()
    };
    move || {
        match list.get() {
        None => view! { <Skeleton lines=4/> }.into_any(),
        Some(Err(error)) => view! { <ErrorState compact=true error=error.0 retry=reload/> }.into_any(),
        Some(Ok(all)) if all.is_empty() => view! {
            <EmptyState compact=true icon="lightbulb" title="No words yet" text="Where a word is not known, the answer offers to teach it."/>
        }
        .into_any(),
        Some(Ok(all)) => view! {
            <Table caption="Words that were taught" head=vec![Head::text("Word"), Head::text("Means"), Head::text("From"), Head::number("Taught"), Head::hidden("Actions")]>
                {all.into_iter().map(row).collect_view()}
            </Table>
        }
        .into_any(),
    }
    }
}
