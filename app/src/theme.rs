//! Light, dark, or as the system has it.

use crate::components::hooks::use_media;
use crate::session::{remember, use_session};
use leptos::prelude::*;

/// What a person chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
    #[default]
    Auto,
}

impl Theme {
    /// Every choice, with its name and icon.
    pub const ALL: &'static [(Theme, &'static str, &'static str)] =
        &[(Self::Light, "Light", "sun"), (Self::Dark, "Dark", "moon"), (Self::Auto, "System", "monitor")];

    /// The value of the cookie and of `data-theme`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Auto => "auto",
        }
    }

    /// Reads a cookie; what is unknown is `Auto`.
    pub fn parse(text: &str) -> Self {
        match text {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::Auto,
        }
    }
}

/// The theme of the page. Copy it freely.
#[derive(Clone, Copy, Debug)]
pub struct ThemeContext {
    choice: RwSignal<Theme>,
    system_dark: Signal<bool>,
}

impl ThemeContext {
    /// What the person chose.
    pub fn choice(self) -> Theme {
        self.choice.get()
    }

    /// Whether the page is dark now. Charts draw with it. `Auto` counts as light until the
    /// browser has been asked, which happens right after hydration.
    pub fn dark(self) -> bool {
        match self.choice.get() {
            Theme::Light => false,
            Theme::Dark => true,
            Theme::Auto => self.system_dark.get(),
        }
    }

    /// Changes the theme, now and for the next pages.
    pub fn choose(self, theme: Theme) {
        self.choice.set(theme);
        remember("theme", theme.as_str());
        if let Some(root) = document().document_element() {
            _ = root.set_attribute("data-theme", theme.as_str());
        }
    }
}

/// Puts the theme into context. Once, at the top of the application.
pub fn provide_theme() {
    let choice = RwSignal::new(Theme::parse(&use_session().theme()));
    provide_context(ThemeContext { choice, system_dark: use_media("(prefers-color-scheme: dark)") });
}

/// The theme of the page.
pub fn use_theme() -> ThemeContext {
    use_context()
        .unwrap_or_else(|| ThemeContext { choice: RwSignal::new(Theme::Auto), system_dark: Signal::stored(false) })
}
