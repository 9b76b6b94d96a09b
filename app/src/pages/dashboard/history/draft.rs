//! The draft on its own page: that readers see another state, and how far it is from that.

use super::super::stage::{Stage, use_stage};
use super::differences::counted;
use crate::api::history::read_publishing;
use crate::components::*;
use crate::live::use_topic;
use crate::pages::deeds::Answer;
use domain::document::{Document, Snapshot, diff};
use domain::history::PublishingNews;
use leptos::prelude::*;

/// Whether readers see something else than editors. Copy it freely.
#[derive(Clone, Copy)]
pub(crate) struct Draft {
    /// The number of the publication that readers see; none while they see every change at once.
    pub(super) number: RwSignal<Option<u64>>,
    /// The dialog about publishing is open.
    pub(in crate::pages::dashboard) open: RwSignal<bool>,
}

impl Draft {
    /// Whether readers see another state than this one.
    pub(in crate::pages::dashboard) fn is_on(self) -> Signal<bool> {
        let number = self.number;
        Signal::derive(move || number.get().is_some())
    }
}

/// Gives the page of an editor what it knows of publishing, kept up to date.
pub(in crate::pages::dashboard) fn provide_draft(stage: Stage) {
    let number = RwSignal::new(stage.about.with_value(|about| about.publication));
    provide_context(Draft { number, open: RwSignal::new(false) });
    if !stage.can_edit() {
        return;
    }
    Effect::new(move |_| {
        use_topic(format!("publishing:{}", stage.board.id()), move |message| {
            let news = message.data.and_then(|data| serde_json::from_value::<PublishingNews>(data).ok());
            if let Some(news) = news {
                _ = number.try_set(news.number);
            }
        });
    });
}

/// What the page knows of publishing.
pub(in crate::pages::dashboard) fn use_draft() -> Draft {
    expect_context()
}

/// The bar above a dashboard whose readers see another state.
#[component]
pub(crate) fn DraftBar() -> impl IntoView {
    let (stage, draft) = (use_stage(), use_draft());
    let board = stage.board;
    let asked = Answer::of(move || {
        // Each publication makes another difference.
        draft.number.track();
        read_publishing(board.id())
    });
    let published = Memo::new(move |before: Option<&Option<Snapshot>>| match asked.get() {
        Some(Ok(found)) => found.published,
        _ => before.cloned().flatten(),
    });
    let count = Memo::new(move |_| {
        board.name().track();
        board.description().track();
        board.kind().track();
        board.tabs().track();
        board.filters().track();
        board.tiles().with(|tiles| tiles.values().for_each(|tile| tile.track()));
        let now = board.read(Document::snapshot)?;
        published.with(|published| published.as_ref().map(|published| diff(published, &now).count()))
    });
    let words = move || match count.get() {
        Some(0) => "Readers see the same as you".to_owned(),
        Some(n) => format!("{} since published", counted(n)),
        None => "Readers see what was published".to_owned(),
    };
    let label = move || if stage.is_owner() { "Review and publish" } else { "Review the changes" };
    let nothing = Signal::derive(move || count.get() == Some(0));
    view! {
        <div class="draft-bar" data-testid="draft-bar">
            <Badge tone=Tone::Warn icon="pencil">"Draft"</Badge>
            <span class="draft-words" role="status">{words}</span>
            <Button size=Size::Small disabled=nothing on_click=move |()| draft.open.set(true) attr:data-testid="review">
                {label()}
            </Button>
        </div>
    }
    .into_any()
}
