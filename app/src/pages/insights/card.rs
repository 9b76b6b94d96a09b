//! One finding: what it says, what it stands on, its chart, and what can be done with it.

use super::arithmetic::{ToExplore, arithmetic};
use super::listing::{AddButton, Listing};
use super::picture::{Picture, tile_of};
use super::sentence::sentence;
use crate::components::*;
use crate::session::use_session;
use domain::UserRole;
use domain::discovery::{ShownFinding, Thumb};
use leptos::prelude::*;

/// A finding of a dataset. What it needs of the page is in `listing`.
#[component]
pub(super) fn FindingCard(
    shown: ShownFinding,
    listing: Listing,
    /// The dataset, by name, and where it is not the page's own, what it is called.
    dataset: String,
    label: Option<String>,
) -> impl IntoView {
    let ShownFinding { finding, is_new, is_strong, thumb, why, .. } = shown;
    let id = StoredValue::new(finding.id.clone());
    let key = StoredValue::new(format!("{dataset}/{}", finding.id));
    let (region, says) = (unique_id(), finding.sentence.text());
    let opened = Memo::new(move |_| key.with_value(|key| listing.opened.with(|o| o.as_deref() == Some(key.as_str()))));
    let toggle = Callback::new(move |()| {
        let now = opened.get_untracked();
        listing.opened.set((!now).then(|| key.get_value()));
    });
    let words = sentence(&finding.sentence, Callback::new(move |_| toggle.run(())));
    let explore = ToExplore::new();
    let facts = {
        let (finding, region) = (StoredValue::new(finding.clone()), StoredValue::new(region.clone()));
        move || opened.get().then(|| finding.with_value(|f| arithmetic(f, region.get_value(), explore)))
    };
    let thumb = RwSignal::new(thumb);
    let (kind, name) = (finding.kind, StoredValue::new(dataset.clone()));
    let give = move |wanted: Thumb| {
        let next = if thumb.get_untracked() == Some(wanted) { None } else { Some(wanted) };
        listing.judge(name.get_value(), id.get_value(), kind, next, move || _ = thumb.try_set(next));
    };
    let pressed = move |of: Thumb| Signal::derive(move || thumb.get() == Some(of));
    let view = finding.view.clone();
    let can_draw = view.needs.is_none();
    let add = (can_draw && use_session().has_role(UserRole::Creator)).then(|| {
        let tile = tile_of(&view);
        view! { <AddButton listing tile/> }
    });
    let place = label.map(|label| {
        view! { <a class="insight-place" href=format!("/data/{dataset}?tab=insights")>{label}</a> }
    });
    view! {
        <li class="card insight" data-testid="finding" data-kind=kind.as_str() data-finding=finding.id.clone()>
            <div class="insight-head">
                <Badge>{kind.label()}</Badge>
                {is_new.then(|| view! { <Badge tone=Tone::Accent>"New"</Badge> })}
                {is_strong.then(|| view! { <Badge tone=Tone::Warn>"Strong"</Badge> })}
                {place}
                <span class="insight-thumbs">
                    <IconButton
                        icon="thumbs-up"
                        size=Size::Small
                        label="Helpful: show more of this kind"
                        pressed=pressed(Thumb::Up)
                        on_click=move |()| give(Thumb::Up)
                    />
                    <IconButton
                        icon="thumbs-down"
                        size=Size::Small
                        label="Not helpful: hide it"
                        pressed=pressed(Thumb::Down)
                        on_click=move |()| give(Thumb::Down)
                    />
                </span>
            </div>
            <p class="insight-sentence" data-testid="finding-sentence">{words}</p>
            {can_draw.then(|| view! { <Picture view words=says/> })}
            {facts}
            <div class="insight-deeds">
                <button
                    type="button"
                    class="btn btn-ghost btn-sm"
                    aria-expanded=move || if opened.get() { "true" } else { "false" }
                    aria-controls=move || opened.get().then(|| region.clone())
                    on:click=move |_| toggle.run(())
                >
                    <span class="btn-label">"How this was found"</span>
                </button>
                {add}
            </div>
            <p class="insight-why small muted" data-testid="why-shown">{why}</p>
        </li>
    }
    .into_any()
}
