//! Words that nothing was found for, and how they are taught.

use super::talk::Talk;
use crate::api::asking::{propose_reading, teach_word, word_meanings};
use crate::components::*;
use crate::pages::deeds::{Answer as Asking, Deed, FormError};
use domain::ask::{AskRequest, Meaning, Outcome, Reading, Suggestion, UnknownWord};
use domain::asking::NewWord;
use leptos::prelude::*;
use std::collections::BTreeSet;

/// A pause in typing this long, in milliseconds, and the search goes out.
const PAUSE: u64 = 200;

/// Teaches a word; `done` when it is known.
fn teach(deed: Deed, toasts: toast::Toasts, word: String, meaning: Meaning, done: Callback<()>) {
    deed.submit(teach_word(NewWord { word, meaning }), move |taught| {
        let words = match taught.is_accepted {
            true => format!("“{}” now means {}.", taught.word, taught.label),
            false => format!(
                "“{}” means {} for you. For everybody it holds once somebody who may edit the dataset accepts it.",
                taught.word, taught.label
            ),
        };
        toasts.good(words);
        _ = done.try_run(());
    });
}

/// Why there is no answer, and what can be done about it.
#[component]
pub(super) fn NotUnderstood(talk: Talk) -> impl IntoView {
    let refused = Memo::new(move |_| talk.outcome() == Some(Outcome::Refused) && talk.place.with(|p| p.own.is_none()));
    let reason = move || {
        talk.understood.with(|u| match u {
            Some(Ok(answer)) => answer.understanding.reason.clone(),
            _ => String::new(),
        })
    };
    let unknown = Memo::new(move |_| {
        talk.understood.with(|u| match u {
            Some(Ok(answer)) => answer.understanding.unknown.clone(),
            _ => Vec::new(),
        })
    });
    view! {
        <Show when=move || refused.get()>
            <Notice tone=Tone::Warn><span data-testid="ask-refused">{reason}</span></Notice>
        </Show>
        {move || unknown.get().into_iter().map(|word| view! { <Unknown talk word/> }).collect_view()}
    }
    .into_any()
}

/// One word, what is written like it, and a search for anything else.
#[component]
fn Unknown(talk: Talk, word: UnknownWord) -> impl IntoView {
    let UnknownWord { word, nearest } = word;
    let (deed, toasts) = (Deed::new(), use_toasts());
    let open = RwSignal::new(false);
    let again = Callback::new(move |()| talk.again());
    let say = word.clone();
    let take = Callback::new(move |meaning: Meaning| teach(deed, toasts, say.clone(), meaning, again));
    let near = nearest
        .into_iter()
        .map(|Suggestion { label, meaning }| {
            view! { <Button size=Size::Small on_click=move |()| take.run(meaning.clone())>{label}</Button> }
        })
        .collect_view();
    let is_near = !near.is_empty();
    let head = format!("“{word}” is not known here.");
    let title = format!("What does “{word}” mean?");
    let label = head.clone();
    view! {
        <section class="card stack ask-unknown" data-testid="ask-unknown" aria-label=label>
            <FormError error=deed.error/>
            <p>{head}{is_near.then_some(" Did you mean:")}</p>
            <div class="row-wrap">
                {near}
                <Button size=Size::Small variant=Variant::Ghost icon="lightbulb" busy=deed.busy on_click=move |()| open.set(true) attr:data-testid="ask-teach">
                    "Teach what it means"
                </Button>
            </div>
            <Dialog open title light=false><Meanings open take/></Dialog>
        </section>
    }
    .into_any()
}

/// Columns, metrics and values, searched by name.
#[component]
fn Meanings(open: RwSignal<bool>, take: Callback<Meaning>) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let wanted = RwSignal::new(String::new());
    let search = debounced(PAUSE, Callback::new(move |text: String| wanted.set(text)));
    let found = Asking::of(move || word_meanings(wanted.get()));
    let line = move |Suggestion { label, meaning }: Suggestion| {
        let choose = move |_| {
            open.set(false);
            take.run(meaning.clone());
        };
        view! { <li><button type="button" class="ask-meaning" data-testid="ask-meaning" on:click=choose>{label}</button></li> }
    };
    let input = move |text: String| {
        typed.set(text.clone());
        search.run(text);
    };
    view! {
        <div class="stack">
            <p class="muted small">"Choose what it stands for: it is understood from then on."</p>
            <SearchInput value=typed on_input=input label="Search columns, metrics and values"/>
            {move || match found.get() {
                None => view! { <Skeleton lines=6/> }.into_any(),
                Some(Err(error)) => view! { <ErrorState compact=true error=error.0 retry=move |()| found.refetch()/> }.into_any(),
                Some(Ok(all)) if all.is_empty() => view! { <p class="muted">"Nothing is called like that."</p> }.into_any(),
                Some(Ok(all)) => view! { <ul class="ask-meanings">{all.into_iter().map(line).collect_view()}</ul> }.into_any(),
            }}
        </div>
    }
    .into_any()
}

/// Words that say how numbers are summed up, and not what they are called.
const SUMMING: &[&str] = &[
    "average", "avg", "mean", "median", "total", "sum", "count", "number", "highest", "lowest", "largest", "smallest",
    "maximum", "minimum", "max", "min", "most", "least", "of", "the",
];

/// What of some words is a name.
fn name_in(words: &str) -> String {
    let words = words.to_lowercase();
    words.split_whitespace().skip_while(|word| SUMMING.contains(word)).collect::<Vec<_>>().join(" ")
}

/// A word that two readings take differently, and how the chosen one takes it.
fn lessons(readings: &[Reading], chosen: &Reading) -> Vec<(String, String, Meaning)> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for chip in chosen.chips.iter().filter(|c| !c.words.trim().is_empty()) {
        let Some(column) = chip.column.as_ref().filter(|c| !c.contains('.')) else { continue };
        let other = |r: &Reading| {
            r.query.dataset == chosen.query.dataset
                && r.chips.iter().any(|c| {
                    c.words == chip.words && c.part == chip.part && (&c.column, &c.value) != (&chip.column, &chip.value)
                })
        };
        if readings.iter().any(other) && seen.insert(chip.words.clone()) {
            let (dataset, column) = (chosen.query.dataset.clone(), column.clone());
            let meaning = match &chip.value {
                Some(value) => Meaning::Value { dataset, column, value: value.clone() },
                None => Meaning::Column { dataset, column },
            };
            let word = name_in(&chip.words);
            if !word.is_empty() {
                found.push((word, chip.text.clone(), meaning));
            }
        }
    }
    found
}

/// After a choice: whether the words mean that from now on.
#[component]
pub(super) fn Lessons(talk: Talk) -> impl IntoView {
    let all = Memo::new(move |_| {
        let own = talk.place.with(|p| p.own.clone());
        talk.understood.with(|u| match (u, own) {
            (Some(Ok(answer)), Some(own)) => {
                let readings = &answer.understanding.readings;
                let chosen = readings.iter().find(|r| super::place::question_of(r) == own);
                chosen.map(|chosen| lessons(readings, chosen)).unwrap_or_default()
            }
            _ => Vec::new(),
        })
    });
    let (deed, toasts) = (Deed::new(), use_toasts());
    let done = RwSignal::new(BTreeSet::<String>::new());
    let line = move |(word, text, meaning): (String, String, Meaning)| {
        let name = word.clone();
        let learnt = Callback::new(move |()| done.update(|done| _ = done.insert(name.clone())));
        let (own, say) = (word.clone(), format!("Always take “{word}” as {text}"));
        let click = move |()| teach(deed, toasts, word.clone(), meaning.clone(), learnt);
        let is_done = move || done.with(|done| done.contains(&own));
        move || {
            let (click, say) = (click.clone(), say.clone());
            (!is_done()).then(|| view! {
                <Button size=Size::Small icon="lightbulb" busy=deed.busy on_click=click attr:data-testid="ask-remember">{say}</Button>
            })
        }
    };
    view! {
        <FormError error=deed.error/>
        <div class="row-wrap">{move || all.get().into_iter().map(line).collect_view()}</div>
    }
    .into_any()
}

/// What a language model makes of words that were not understood, where one was set up: an offer,
/// marked as what it is.
#[component]
pub(super) fn Proposal(talk: Talk) -> impl IntoView {
    let wanted = Memo::new(move |_| {
        let can = talk.understood.with(|u| matches!(u, Some(Ok(answer)) if answer.can_propose));
        let place = talk.place.get();
        (can && place.own.is_none()).then_some((place.words, place.after))
    });
    let offer = |talk: Talk, words: String, after| {
        let request = AskRequest { question: words, context: after, ..AskRequest::default() };
        let answer = Asking::of(move || propose_reading(request.clone()));
        let body = move || match answer.get() {
            None => view! { <p class="muted" role="status"><Spinner/>" Asking the language model"</p> }.into_any(),
            Some(Err(error)) => view! { <p class="muted small">{error.to_string()}</p> }.into_any(),
            Some(Ok(reading)) => {
                let sentence = crate::tiles::logic::sentence::capital(&reading.sentence);
                view! {
                    <button type="button" class="ask-choice" data-testid="ask-proposal" on:click=move |_| talk.choose(&reading)>
                        <Icon name="sparkles"/>
                        <span>{sentence}</span>
                        <Badge>"Proposed by the language model"</Badge>
                    </button>
                }
                .into_any()
            }
        };
        view! { <div>{body}</div> }
    };
    move || wanted.get().map(|(words, after)| offer(talk, words, after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ask::{Chip as Part, ChipPart};
    use domain::{ChartKind, Query};

    fn reading(column: &str) -> Reading {
        let chip = |words: &str, column: &str| Part {
            part: ChipPart::Measure,
            text: column.to_uppercase(),
            words: words.into(),
            column: Some(column.into()),
            value: None,
        };
        Reading {
            query: Query { dataset: "flights".into(), ..Query::default() },
            kind: ChartKind::Bar,
            encodings: Default::default(),
            is_stacked: false,
            confidence: 0.5,
            sentence: String::new(),
            chips: vec![chip("Delay", column), chip("carrier", "carrier")],
        }
    }

    #[test]
    fn a_choice_teaches_the_word_that_was_in_question() {
        let all = [reading("dep_delay"), reading("arr_delay")];
        let meaning = Meaning::Column { dataset: "flights".into(), column: "arr_delay".into() };
        assert_eq!(lessons(&all, &all[1]), [("delay".to_owned(), "ARR_DELAY".to_owned(), meaning)]);
        assert!(lessons(&all[..1], &all[0]).is_empty());
        assert_eq!((name_in("Average of the Net price"), name_in("total")), ("net price".to_owned(), String::new()));
    }
}
