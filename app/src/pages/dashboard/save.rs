//! Whether what one did is safe.

use super::stage::use_stage;
use crate::board::SaveStatus;
use crate::components::*;
use leptos::prelude::*;

/// What is shown, and how: icon, words, class.
fn face(status: &SaveStatus) -> (&'static str, String, &'static str) {
    match status {
        SaveStatus::Saved => ("check", "Saved".into(), "is-saved"),
        SaveStatus::Saving => ("cloud", "Saving…".into(), "is-saving"),
        SaveStatus::Offline(0) => ("cloud-off", "Offline".into(), "is-offline"),
        SaveStatus::Offline(1) => ("cloud-off", "Offline, 1 change kept".into(), "is-offline"),
        SaveStatus::Offline(n) => ("cloud-off", format!("Offline, {n} changes kept"), "is-offline"),
        SaveStatus::Refused(_) => ("circle-alert", "Not saved".into(), "is-refused"),
    }
}

fn hint(status: &SaveStatus) -> String {
    match status {
        SaveStatus::Saved => "Every change is saved as you make it.".into(),
        SaveStatus::Saving => "The last change is on its way.".into(),
        SaveStatus::Offline(_) => {
            "Go on: changes are kept in this browser and sent when the connection is back.".into()
        }
        SaveStatus::Refused(error) => format!("The last change was taken back. {error}"),
    }
}

/// Saved, saving, kept here, or refused.
#[component]
pub(super) fn SaveState() -> impl IntoView {
    let status = use_stage().board.save_status();
    let status = Memo::new(move |_| status.get());
    // Each letter typed is saved: only what needs attention is read out.
    let spoken = move || match status.get() {
        SaveStatus::Saved | SaveStatus::Saving => String::new(),
        other => face(&other).1,
    };
    let shown = move || {
        let (icon, text, class) = face(&status.read());
        view! {
            <span class=format!("board-save {class}") title=hint(&status.read()) data-testid="save-status">
                <Icon name=icon/>
                <span>{text}</span>
            </span>
        }
    };
    view! {
        {shown}
        <span class="visually-hidden" role="status">{spoken}</span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_counted_in_words() {
        assert_eq!(face(&SaveStatus::Offline(1)).1, "Offline, 1 change kept");
        assert_eq!(face(&SaveStatus::Offline(3)).1, "Offline, 3 changes kept");
        assert_eq!(face(&SaveStatus::Saved).1, "Saved");
    }
}
