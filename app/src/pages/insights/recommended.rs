//! Charts and figures worth having, each with its reason and how sure that is.

use super::listing::{AddButton, Listing};
use super::picture::{Picture, tile_of};
use crate::components::*;
use crate::session::use_session;
use domain::UserRole;
use domain::insight::{Recommendation, RecommendationKind};
use leptos::prelude::*;

/// What is shown of them.
const MOST: usize = 8;

pub(super) fn recommended(all: &[Recommendation], listing: Listing) -> AnyView {
    if all.is_empty() {
        return ().into_any();
    }
    let makes = use_session().has_role(UserRole::Creator);
    let one = |r: &Recommendation| {
        let (view, kind) = (r.view.clone(), r.kind);
        let can_draw = view.needs.is_none();
        let add = (can_draw && makes).then(|| {
            let tile = tile_of(&view);
            view! { <AddButton listing tile/> }
        });
        let others = r.suggested_charts.iter().map(|kind| kind.label().to_lowercase()).collect::<Vec<_>>().join(", ");
        let suits = (!others.is_empty()).then(|| format!("Suits: {others}. "));
        let sure = format!("{}Confidence {} %.", suits.unwrap_or_default(), (r.confidence * 100.0).round());
        view! {
            <li class="card insight" data-testid="recommendation">
                <div class="insight-head">
                    <Badge>{if kind == RecommendationKind::Metric { "Figure" } else { "Chart" }}</Badge>
                </div>
                <h3 class="insight-title">{r.title.clone()}</h3>
                <p>{r.description.clone()}</p>
                {can_draw.then(|| view! { <Picture view words=r.title.clone()/> })}
                <div class="insight-deeds">{add}</div>
                <p class="insight-why small muted">{sure}</p>
            </li>
        }
    };
    let list = all.iter().take(MOST).map(one).collect_view();
    view! {
        <Section title="Charts worth having">
            <ul class="insight-list">{list}</ul>
        </Section>
    }
    .into_any()
}
