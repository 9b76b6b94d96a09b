//! What a page knows about its session. It travels inside the HTML, so that server and browser
//! draw the same from the first moment, without a question in between.

use crate::shell::{Assets, PageContext};
use domain::{Caller, UserRole};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Data {
    caller: Option<Caller>,
    demo: bool,
    theme: String,
    rail_collapsed: bool,
    locale: String,
    assets: Assets,
}

/// The session of this page. Copy it freely.
#[derive(Clone, Copy, Debug)]
pub struct Session(StoredValue<Data>);

impl Session {
    /// Who is signed in. The credential's id stays on the server.
    pub fn caller(self) -> Option<Caller> {
        self.0.with_value(|d| d.caller.clone())
    }

    /// Whether the signed-in user has at least this role.
    pub fn has_role(self, role: UserRole) -> bool {
        self.0.with_value(|d| d.caller.as_ref().is_some_and(|c| c.role >= role))
    }

    /// Whether the signed-in user may write SQL, as the services have it.
    pub fn writes_sql(self) -> bool {
        self.has_role(UserRole::Creator)
    }

    /// The server runs with sample data and a demo user.
    pub fn demo(self) -> bool {
        self.0.with_value(|d| d.demo)
    }

    /// The theme the page was asked for with.
    pub fn theme(self) -> String {
        self.0.with_value(|d| d.theme.clone())
    }

    /// The navigation was narrow when the page was asked for.
    pub fn rail_collapsed(self) -> bool {
        self.0.with_value(|d| d.rail_collapsed)
    }

    /// How the reader writes numbers and dates: a language tag.
    pub fn locale(self) -> String {
        self.0.with_value(|d| d.locale.clone())
    }

    /// Where the built files lie.
    pub fn assets(self) -> Assets {
        self.0.with_value(|d| d.assets.clone())
    }

    /// The address of an icon.
    pub fn icon(self, name: &str) -> String {
        self.0.with_value(|d| format!("{}#i-{name}", d.assets.icons))
    }
}

/// Puts the session into context. Once, at the top of the application.
pub fn provide_session() {
    let data = SharedValue::new(from_request).into_inner();
    provide_context(Session(StoredValue::new(data)));
}

/// The session of this page.
pub fn use_session() -> Session {
    use_context::<Session>().unwrap_or_else(|| Session(StoredValue::new(Data::default())))
}

fn from_request() -> Data {
    let page = use_context::<PageContext>().unwrap_or_default();
    let caller = page.caller.map(|caller| Caller { credential_id: String::new(), ..caller });
    let Looks { rail_collapsed, locale } = looks();
    Data { caller, demo: page.demo, theme: page.theme, rail_collapsed, locale, assets: page.assets }
}

/// What the request says of how its reader wants to see things.
#[derive(Default)]
pub(crate) struct Looks {
    rail_collapsed: bool,
    pub(crate) locale: String,
}

#[cfg(feature = "ssr")]
pub(crate) fn looks() -> Looks {
    use axum::http::header::{ACCEPT_LANGUAGE, COOKIE};
    let Some(parts) = use_context::<axum::http::request::Parts>() else { return Looks::default() };
    let cookies = parts.headers.get_all(COOKIE);
    let mut pairs = cookies.iter().filter_map(|c| c.to_str().ok()).flat_map(|c| c.split(';'));
    let wanted = parts.headers.get(ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    Looks {
        rail_collapsed: pairs.any(|pair| pair.trim() == "rail=narrow"),
        locale: domain::format::preferred_locale(wanted).to_owned(),
    }
}

#[cfg(not(feature = "ssr"))]
pub(crate) fn looks() -> Looks {
    Looks::default()
}

/// How the reader of this page writes numbers and dates: a language tag.
pub fn locale() -> String {
    let known = if cfg!(feature = "ssr") {
        use_context::<Session>().map(Session::locale)
    } else {
        document().document_element().and_then(|root| root.get_attribute("data-locale"))
    };
    known.filter(|tag| !tag.is_empty()).unwrap_or_else(|| "en-US".to_owned())
}

/// Writes a cookie that the server reads when it draws the next page. For looks, not for secrets.
pub fn remember(name: &str, value: &str) {
    let cookie = format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax");
    _ = js_sys::Reflect::set(&document(), &"cookie".into(), &cookie.into());
}
