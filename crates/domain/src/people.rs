//! Who is asking, and what they may do.

use crate::query::Filter;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The role of a user in the whole installation; a later one includes the earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UserRole {
    /// Sees what is shared.
    Viewer,
    /// Also asks questions of the datasets shared with them.
    Explorer,
    /// Also loads data, makes dashboards and metrics, and shares them.
    Creator,
    /// Also manages people and sees everything.
    Admin,
}

impl UserRole {
    /// Every role, least first.
    pub const ALL: &'static [UserRole] = &[Self::Viewer, Self::Explorer, Self::Creator, Self::Admin];

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Explorer => "explorer",
            Self::Creator => "creator",
            Self::Admin => "admin",
        }
    }

    /// Reads the wire name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|r| r.as_str() == text)
    }
}

/// What a caller may do with one thing; a later one includes the earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Looks at it, filters it, goes along what it shows.
    View,
    /// Also sees the rows behind it, asks on from it, takes it out.
    Explore,
    /// Also writes comments.
    Comment,
    /// Also changes it.
    Edit,
    /// Also shares and deletes it.
    Owner,
}

impl Access {
    /// Every level, least first.
    pub const ALL: &'static [Access] = &[Self::View, Self::Explore, Self::Comment, Self::Edit, Self::Owner];

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Explore => "explore",
            Self::Comment => "comment",
            Self::Edit => "edit",
            Self::Owner => "owner",
        }
    }

    /// Reads the wire name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|a| a.as_str() == text)
    }
}

/// What a token may be used for; a later one includes the earlier. Sessions have `Admin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Looks at the dashboards of a wall link and at nothing else. No token has it.
    #[serde(skip)]
    Screen,
    Read,
    Write,
    Admin,
}

impl Scope {
    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Screen => "screen",
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }

    /// Reads the wire name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Read, Self::Write, Self::Admin].into_iter().find(|a| a.as_str() == text)
    }
}

/// Who asks: a signed-in user, through a session or a token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Caller {
    pub user_id: String,
    pub name: String,
    pub role: UserRole,
    pub scope: Scope,
    /// The session or token that signed them in.
    pub credential_id: String,
    /// Ids of the groups they are in.
    #[serde(default)]
    pub groups: Vec<String>,
    /// What row policies compare with: name to values.
    #[serde(default)]
    pub attributes: BTreeMap<String, Vec<String>>,
    /// The user whose eyes data is read with, where it is not the caller: the owner of a wall link.
    #[serde(default)]
    pub on_behalf: Option<String>,
    /// Conditions that hold for all they read: those of the link that they came by.
    #[serde(default)]
    pub locked: Vec<Filter>,
}

/// What the id of a caller begins with who looks at a dashboard as somebody else sees it.
pub const SEEN_AS: &str = "as:";

impl Caller {
    /// Whose place the caller looks from, if it is not their own: a person's or a group's name.
    pub fn seen_as(&self) -> Option<&str> {
        let is_seen = self.user_id.starts_with(SEEN_AS);
        is_seen.then(|| self.name.rsplit_once(", seen by ").map_or(self.name.as_str(), |(name, _)| name))
    }
}

/// A user as others see them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    pub id: String,
    /// The name they sign in with.
    pub name: String,
    pub role: UserRole,
    pub is_active: bool,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    #[serde(default)]
    pub last_seen_at: Option<String>,
}

/// One of a user's sessions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    pub id: String,
    /// The browser as it names itself.
    pub agent: String,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub last_seen_at: String,
    /// The IP address it was begun from; empty when it is not known.
    #[serde(default)]
    pub address: String,
    /// The IP address it was seen from last.
    #[serde(default)]
    pub last_address: String,
    /// The one that asks.
    pub is_current: bool,
}

/// An API token, without its secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Token {
    pub id: String,
    pub label: String,
    pub scope: Scope,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub expires_at: Option<String>,
    /// RFC 3339, UTC.
    pub last_used_at: Option<String>,
}

/// A right of a user on a thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Grant {
    pub user_id: String,
    pub user_name: String,
    pub access: Access,
}
