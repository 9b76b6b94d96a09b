//! Going along with somebody: their tab and how far they have scrolled, until one does something
//! oneself.

use super::super::drag::{Frame, ROW};
use super::{Company, use_company};
use crate::components::hooks::on_window;
use crate::components::*;
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

impl Company {
    /// Goes along with a person, or ends it.
    pub(super) fn follow(self, user: Option<String>) {
        if self.following.get_untracked() != user {
            self.following.set(user);
        }
    }

    fn stop_if_elsewhere(self, event: &web_sys::Event) {
        if self.following.with_untracked(Option::is_none) {
            return;
        }
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let is_ours =
            |e: &web_sys::Element| e.closest(".presence, .presence-banner").is_ok_and(|found| found.is_some());
        if !target.as_ref().is_some_and(is_ours) {
            self.follow(None);
        }
    }
}

/// Follows who is followed.
pub(super) fn go_along(company: Company) {
    let stage = company.stage;
    // Where they look; their pointer and what they choose move nothing here.
    let there = Memo::new(move |_| {
        let user = company.following.get()?;
        company.people.with(|people| {
            let person = people.iter().find(|person| person.user_id == user);
            Some(person.map(|person| (person.page.at.tab.clone(), person.page.at.row)))
        })
    });
    Effect::new(move |_| match there.get() {
        None => {}
        Some(None) => {
            company.follow(None);
            stage.say("Whom you followed has left");
        }
        Some(Some((tab, row))) => {
            if let Some(tab) = tab.filter(|tab| stage.tab.get_untracked().as_ref() != Some(tab)) {
                stage.choose_tab.run(tab);
            }
            // The tab must be there first.
            request_animation_frame(move || {
                let frame = Frame::of(stage).filter(|_| stage.phone.try_get_untracked() == Some(false));
                if let Some((frame, row)) = frame.zip(row) {
                    let by = frame.top + row * ROW;
                    if by.abs() > 1.0 {
                        window().scroll_by_with_x_and_y(0.0, by);
                    }
                }
            });
        }
    });
    on_window(ev::wheel, move |event| company.stop_if_elsewhere(&event));
    on_window(ev::touchmove, move |event| company.stop_if_elsewhere(&event));
    on_window(ev::pointerdown, move |event| company.stop_if_elsewhere(&event));
    on_window(ev::keydown, move |event| company.stop_if_elsewhere(&event));
}

/// Says who is followed, and ends it.
#[component]
pub(in crate::pages::dashboard) fn Following() -> impl IntoView {
    let company = use_company();
    let whom = Memo::new(move |_| {
        let user = company.following.get()?;
        company.people.with(|people| people.iter().find(|p| p.user_id == user).map(|p| (p.name.clone(), p.colour())))
    });
    let banner = move || {
        whom.get().map(|(name, colour)| {
            view! {
                <div class=format!("presence-banner cat-{colour}") role="status" data-testid="following">
                    <span>{format!("Following {name}")}</span>
                    <span aria-hidden="true">"·"</span>
                    <Button size=Size::Small variant=Variant::Ghost on_click=move |()| company.follow(None)>"Stop"</Button>
                </div>
            }
        })
    };
    view! { {banner} }
}
