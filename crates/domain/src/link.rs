//! Links by which people without a sign-in see one dashboard: public ones, and those that other pages
//! embed.

use crate::query::Filter;
use serde::{Deserialize, Serialize};

/// How a link is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// By whoever has its address.
    #[default]
    Public,
    /// In a frame of another page, with a token that this page's server signs for each viewer.
    Embed,
}

impl LinkKind {
    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Embed => "embed",
        }
    }

    /// Reads the wire name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Public, Self::Embed].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A link, without its secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublicLink {
    pub id: String,
    pub dashboard_id: String,
    pub kind: LinkKind,
    /// Whom it is for.
    pub label: String,
    /// Who made it.
    pub owner_name: String,
    pub has_password: bool,
    /// RFC 3339, UTC. Absent: it does not expire.
    #[serde(default)]
    pub expires_at: Option<String>,
    pub is_expired: bool,
    /// Conditions that hold for everything it shows.
    #[serde(default)]
    pub filters: Vec<Filter>,
    /// Sites that may show it in a frame, such as `https://intranet.example.com`.
    #[serde(default)]
    pub origins: Vec<String>,
    /// How often it was opened.
    pub opened: u64,
    /// RFC 3339, UTC.
    #[serde(default)]
    pub last_opened_at: Option<String>,
    /// RFC 3339, UTC.
    pub created_at: String,
}

/// A link to be made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct LinkRequest {
    pub kind: LinkKind,
    /// Whom it is for, 1 to 100 characters.
    pub label: String,
    /// At least 10 characters; absent: none is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// RFC 3339; absent: it does not expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// Conditions that hold for everything it shows.
    pub filters: Vec<Filter>,
    /// Sites that may show it in a frame.
    pub origins: Vec<String>,
    /// Of an embedded link whose tokens are signed with EdDSA: the public key (Ed25519, PEM). Absent: a
    /// key for HS256 is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
}

/// What may be changed of a link; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct LinkPatch {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Empty: no password any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// RFC 3339; empty: it does not expire any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filters: Option<Vec<Filter>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origins: Option<Vec<String>>,
}

/// A link that was made, or whose secret was changed: what opens it is shown only here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewLink {
    pub link: PublicLink,
    /// The path that opens it. An embedded one needs `?token=` behind it.
    pub path: String,
    /// Of an embedded link: the key for HS256, base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// What a dashboard is called by those who see it through a link.
pub fn address_of(link: &str) -> String {
    format!("{PREFIX}{link}")
}

/// The link in such an address.
pub fn link_in(dashboard: &str) -> Option<&str> {
    dashboard.strip_prefix(PREFIX)
}

const PREFIX: &str = "link:";
