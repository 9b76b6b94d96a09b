//! The colours of charts, read from the style sheet: canvas and paper know no custom properties.

use crate::color::Color;
use std::collections::HashMap;
use std::sync::OnceLock;

/// The one file with colour literals.
const TOKENS: &str = include_str!("../../../style/tokens.css");

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Theme {
    #[default]
    Light,
    Dark,
}

impl Theme {
    /// Its colours.
    pub fn colors(self) -> &'static Colors {
        static THEMES: OnceLock<[Colors; 2]> = OnceLock::new();
        let [light, dark] = THEMES.get_or_init(|| {
            let css = without_comments(TOKENS);
            let light = declarations(block(&css, ":root"));
            let mut dark = light.clone();
            dark.extend(declarations(block(&css, "[data-theme=\"dark\"]")));
            [Colors::read(&light), Colors::read(&dark)]
        });
        match self {
            Self::Light => light,
            Self::Dark => dark,
        }
    }
}

/// The colours of one theme, as a canvas takes them.
#[derive(Clone, Debug)]
pub struct Colors {
    /// What charts lie on.
    pub surface: String,
    /// What tooltips lie on.
    pub float: String,
    pub shadow: String,
    pub text: String,
    pub muted: String,
    pub faint: String,
    pub line: String,
    pub line_strong: String,
    pub accent: String,
    pub accent_soft: String,
    pub good: String,
    pub good_soft: String,
    pub warn: String,
    pub warn_soft: String,
    pub bad: String,
    pub bad_soft: String,
    /// A well in the surface: the empty part of a bar.
    pub well: String,
    /// Ten that anyone can tell apart.
    pub categories: Vec<String>,
    /// Little to much.
    pub sequential: Vec<String>,
    /// Below, about, above.
    pub diverging: Vec<String>,
    pub font: String,
    /// Black and white, for what the theme's own inks cannot be read on.
    plain_inks: [String; 2],
}

impl Colors {
    fn read(tokens: &HashMap<&str, &str>) -> Self {
        let color = |name: &str| {
            // A test sees to it that all are there.
            tokens.get(name).and_then(|css| Color::parse(css)).map_or_else(|| Color::GREY.to_css(), Color::to_css)
        };
        let ramp = |name: &str, n: usize| (1..=n).map(|i| color(&format!("{name}-{i}"))).collect();
        Self {
            surface: color("surface-1"),
            float: color("surface-float"),
            shadow: color("shadow-color"),
            text: color("text"),
            muted: color("text-muted"),
            faint: color("text-faint"),
            line: color("line"),
            line_strong: color("line-strong"),
            accent: color("accent"),
            accent_soft: color("accent-soft"),
            good: color("good"),
            good_soft: color("good-soft"),
            warn: color("warn"),
            warn_soft: color("warn-soft"),
            bad: color("bad"),
            bad_soft: color("bad-soft"),
            well: color("surface-2"),
            categories: ramp("cat", 10),
            sequential: ramp("seq", 7),
            diverging: ramp("div", 7),
            font: tokens.get("font").map_or("sans-serif", |font| font).to_owned(),
            plain_inks: [0.0, 1.0].map(|lightness| Color { lightness, ..Color::GREY }.to_css()),
        }
    }

    /// The colour of the n-th category. From the eleventh on they come again; kinds then add
    /// something else that differs, such as a dashed line.
    pub fn category(&self, n: usize) -> &str {
        &self.categories[n % self.categories.len()]
    }

    /// What `@name` stands for in a part of an option (see [`crate::drawing::Drawing::part`]).
    pub(crate) fn named(&self, name: &str) -> Option<&str> {
        Some(match name {
            "surface" => &self.surface,
            "float" => &self.float,
            "shadow" => &self.shadow,
            "text" => &self.text,
            "muted" => &self.muted,
            "faint" => &self.faint,
            "line" => &self.line,
            "strong" => &self.line_strong,
            "well" => &self.well,
            "accent" => &self.accent,
            "good" => &self.good,
            "warn" => &self.warn,
            "bad" => &self.bad,
            "font" => &self.font,
            _ => return name.strip_prefix("cat")?.parse().ok().map(|n: usize| self.category(n.saturating_sub(1))),
        })
    }

    /// What can be read best on a coloured cell: one of the theme's own inks if it reaches 4.5:1, else
    /// black or white, of which one always does.
    pub(crate) fn ink_on(&self, background: &str) -> &str {
        let own = better([&self.text, &self.surface], background);
        let [black, white] = &self.plain_inks;
        if contrast(own, background) >= 4.5 { own } else { better([black, white], background) }
    }
}

fn better<'a>([a, b]: [&'a str; 2], background: &str) -> &'a str {
    if contrast(a, background) >= contrast(b, background) { a } else { b }
}

/// The contrast of two `#rrggbb`, from 1 to 21 (WCAG 2.2, "contrast ratio").
pub(crate) fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// The relative luminance of `#rrggbb` (WCAG 2.2).
fn luminance(hex: &str) -> f64 {
    let channel = |at: usize| {
        let byte = hex.get(at..at + 2).and_then(|h| u8::from_str_radix(h, 16).ok()).unwrap_or(0);
        let encoded = f64::from(byte) / 255.0;
        if encoded <= 0.040_45 { encoded / 12.92 } else { ((encoded + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn without_comments(css: &str) -> String {
    css.split("/*").map(|part| part.split_once("*/").map_or(part, |(_, rest)| rest)).collect()
}

/// What stands between the braces after `selector`.
fn block<'a>(css: &'a str, selector: &str) -> &'a str {
    css.split_once(&format!("{selector} {{")).and_then(|(_, rest)| rest.split_once('}')).map_or("", |(inner, _)| inner)
}

/// Custom properties by name, without the dashes.
fn declarations(block: &str) -> HashMap<&str, &str> {
    block
        .split(';')
        .filter_map(|line| line.trim().strip_prefix("--")?.split_once(':'))
        .map(|(name, value)| (name.trim(), value.trim()))
        .collect()
}

#[cfg(test)]
#[path = "theme_tests.rs"]
mod tests;
