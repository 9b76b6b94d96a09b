//! Says that one looks from somebody else's place, and leads back.

use crate::api::sharing::end_view_as;
use crate::components::*;
use crate::pages::deeds::Deed;
use crate::session::use_session;
use leptos::prelude::*;

/// Over every page while one looks as somebody else.
#[component]
pub(crate) fn PlaceBanner() -> impl IntoView {
    let name = use_session().caller().and_then(|caller| caller.seen_as().map(str::to_owned));
    let deed = Deed::new();
    // The page is loaded anew: everything on it was somebody else's.
    let stop = move |()| deed.run(end_view_as(), |()| _ = window().location().reload());
    let banner = move |name: String| {
        view! {
            <div class="place-banner" role="status" data-testid="view-as-banner">
                <Icon name="eye"/>
                <span>{format!("You see this as {name}")}</span>
                <Button size=Size::Small busy=deed.busy on_click=stop>"Stop"</Button>
            </div>
        }
    };
    name.map(banner)
}
