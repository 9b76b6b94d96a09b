//! The rules as YAML: content as code, out and in again.

use super::state::Ruling;
use crate::api::policies::{draft_of_policies, policies_to_yaml};
use crate::components::*;
use crate::pages::dashboard::csv::save;
use crate::pages::deeds::{Deed, FormError};
use domain::model::ModelProblem;
use domain::names::to_name;
use domain::policy::PolicyDraft;
use leptos::prelude::*;

#[component]
pub(super) fn Yaml(ruling: Ruling) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let problems = RwSignal::new(Vec::<ModelProblem>::new());
    let deed = Deed::new();
    let now = move || untrack(move || ruling.draft());
    let edit = move |()| {
        problems.set(Vec::new());
        deed.submit(policies_to_yaml(now()), move |yaml| _ = text.try_set(yaml));
    };
    let download = move |()| {
        let file = format!("{}.policies.yaml", to_name(&ruling.name()));
        deed.submit(policies_to_yaml(now()), move |yaml| save(&file, "application/yaml", &yaml));
    };
    let take = move |()| {
        let read = draft_of_policies(ruling.name(), text.get_untracked());
        deed.submit(read, move |draft: PolicyDraft| {
            if let (Some(policies), true) = (draft.policies, draft.problems.is_empty()) {
                ruling.show(policies);
                _ = text.try_set(String::new());
            }
            _ = problems.try_set(draft.problems);
        });
    };
    let line = |problem: ModelProblem| {
        let place = problem.line.map(|line| view! { <strong>{format!("Line {line}: ")}</strong> });
        let hint = problem.hint.map(|hint| format!(" {hint}"));
        view! { <li>{place}{problem.message}{hint}</li> }
    };
    let verdict = move || {
        let all = problems.get();
        (!all.is_empty()).then(|| {
            view! {
                <Notice tone=Tone::Bad>
                    <ul class="import-problems" data-testid="policy-problems">{all.into_iter().map(line).collect_view()}</ul>
                </Notice>
            }
        })
    };
    let empty = Memo::new(move |_| text.with(|t| t.trim().is_empty()));
    view! {
        <div class="row-wrap">
            <Button icon="download" busy=deed.busy on_click=download>"Download YAML"</Button>
            <Button icon="pencil" on_click=edit>"Edit as YAML"</Button>
        </div>
        <Field label="Rules as YAML" hint="They come into the form above, and hold once they are saved.">
            <TextArea value=text on_input=move |written| text.set(written) rows=12 max_length=1_000_000 attr:spellcheck="false" attr:data-testid="policy-yaml"/>
        </Field>
        <Button disabled=Signal::derive(move || empty.get()) on_click=take attr:data-testid="take-yaml">"Bring it into the form"</Button>
        <FormError error=deed.error/>
        {verdict}
    }
    .into_any()
}
