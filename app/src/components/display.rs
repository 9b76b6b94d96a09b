//! Small things that show something: badges, chips, avatars, keys, times, tables.

use super::icon::Icon;
use super::state::Tone;
use leptos::prelude::*;

/// A word about a thing: "Draft", "Public", a role.
#[component]
pub fn Badge(
    #[prop(optional)] tone: Tone,
    #[prop(optional)] icon: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    view! {
        <span class=format!("badge {}", tone.class())>
            {icon.map(|name| view! { <Icon name/> })}
            {children()}
        </span>
    }
}

/// A value that was added and can be taken away again.
#[component]
pub fn Chip(
    #[prop(into)] label: Signal<String>,
    #[prop(optional, into)] on_remove: Option<Callback<()>>,
) -> impl IntoView {
    let cross = on_remove.map(|on_remove| {
        view! {
            <button type="button" class="chip-remove" aria-label=move || format!("Remove {}", label.get()) on:click=move |_| on_remove.run(())>
                <Icon name="x"/>
            </button>
        }
    });
    view! {
        <span class="chip">
            <span class="chip-label">{move || label.get()}</span>
            {cross}
        </span>
    }
}

/// Up to two letters for a name.
pub fn initials(name: &str) -> String {
    let mut words = name.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    let first = words.next().and_then(|w| w.chars().next());
    let last = words.next_back().and_then(|w| w.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// The same colour of ten for the same name, everywhere.
pub fn colour_of(name: &str) -> usize {
    name.bytes().fold(7usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % 10 + 1
}

/// A person, by their initials.
#[component]
pub fn Avatar(#[prop(into)] name: String) -> impl IntoView {
    view! {
        <span class=format!("avatar cat-{}", colour_of(&name)) title=name.clone() role="img" aria-label=name.clone()>
            <span aria-hidden="true">{initials(&name)}</span>
        </span>
    }
}

/// A key of the keyboard.
#[component]
pub fn Kbd(#[prop(into)] key: String) -> impl IntoView {
    view! { <kbd class="kbd">{key}</kbd> }
}

/// Words that appear beside a thing on hover and focus. The thing itself must have a name.
#[component]
pub fn Tooltip(#[prop(into)] text: Signal<String>, children: Children) -> impl IntoView {
    view! {
        <span class="tip">
            {children()}
            <span class="tip-text" role="tooltip">{move || text.get()}</span>
        </span>
    }
}

/// A moment. The day in the first render, then how long ago; the full time in the tooltip.
#[component]
pub fn Time(
    /// RFC 3339.
    #[prop(into)]
    iso: Signal<String>,
) -> impl IntoView {
    let ago = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        let (then, now) = (js_sys::Date::parse(&iso.get()), js_sys::Date::now());
        ago.set(then.is_finite().then(|| distance((now - then) / 1000.0)).flatten());
    });
    let day = move || iso.with(|iso| iso.get(..10).unwrap_or(iso).to_owned());
    let full = move || iso.with(|iso| iso.get(..19).unwrap_or(iso).replace('T', " ") + " UTC");
    view! {
        <time class="num" datetime=move || iso.get() title=full>{move || ago.get().unwrap_or_else(day)}</time>
    }
}

/// How long ago, while that is easier to read than a date.
fn distance(seconds: f64) -> Option<String> {
    let unit = |count: f64, name: &str| {
        let count = count.floor();
        format!("{count} {name}{} ago", if count == 1.0 { "" } else { "s" })
    };
    match seconds {
        s if s < -60.0 => None,
        s if s < 60.0 => Some("just now".to_owned()),
        s if s < 3600.0 => Some(unit(s / 60.0, "minute")),
        s if s < 86_400.0 => Some(unit(s / 3600.0, "hour")),
        s if s < 14.0 * 86_400.0 => Some(unit(s / 86_400.0, "day")),
        _ => None,
    }
}

/// The head of a column in a simple table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head {
    pub label: String,
    /// Numbers stand to the right.
    pub number: bool,
    /// For columns of buttons: the label is only read out.
    pub hidden: bool,
}

impl Head {
    /// A column of text.
    pub fn text(label: impl Into<String>) -> Self {
        Self { label: label.into(), ..Self::default() }
    }

    /// A column of numbers.
    pub fn number(label: impl Into<String>) -> Self {
        Self { label: label.into(), number: true, ..Self::default() }
    }

    /// A column of buttons.
    pub fn hidden(label: impl Into<String>) -> Self {
        Self { label: label.into(), hidden: true, ..Self::default() }
    }
}

/// A simple table. The children are its rows: `<tr><td>…</td><td class="num">…</td></tr>`.
#[component]
pub fn Table(
    /// What it lists; read out, not shown.
    #[prop(into)]
    caption: String,
    head: Vec<Head>,
    children: Children,
) -> impl IntoView {
    let cell = |head: Head| {
        view! {
            <th scope="col" class:num=head.number>
                <span class:visually-hidden=head.hidden>{head.label}</span>
            </th>
        }
    };
    view! {
        <div class="table-wrap" tabindex="0" role="region" aria-label=caption>
            <table class="table">
                <thead><tr>{head.into_iter().map(cell).collect_view()}</tr></thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_two_letters_at_most() {
        assert_eq!(initials("ada lovelace"), "AL");
        assert_eq!(initials("demo"), "D");
        assert_eq!(initials("a.b-c"), "AC");
        assert_eq!(initials(""), "");
    }

    #[test]
    fn distances_become_dates_after_two_weeks() {
        assert_eq!(distance(5.0).as_deref(), Some("just now"));
        assert_eq!(distance(61.0).as_deref(), Some("1 minute ago"));
        assert_eq!(distance(7_300.0).as_deref(), Some("2 hours ago"));
        assert_eq!(distance(15.0 * 86_400.0), None);
        assert_eq!(distance(-500.0), None);
    }

    #[test]
    fn a_name_keeps_its_colour() {
        assert_eq!(colour_of("ada"), colour_of("ada"));
        assert!((1..=10).contains(&colour_of("")));
    }
}
