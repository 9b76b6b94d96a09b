//! Groups, folders, and who may do what with a thing: what people and programs read and write of it.

use crate::people::{Access, Grant, UserRole};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What row policies compare with, of a user: name to values.
pub type Attributes = BTreeMap<String, Vec<String>>;

/// A group of users.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Group {
    pub id: String,
    pub name: String,
    /// Its members come from the sign-in provider and are not changed here.
    pub is_external: bool,
    /// By name.
    pub members: Vec<Member>,
}

/// Somebody in a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    pub user_id: String,
    pub user_name: String,
}

/// A group to be made, or its new name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewGroup {
    pub name: String,
}

/// A right of a group on a thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupGrant {
    pub group_id: String,
    pub group_name: String,
    pub access: Access,
}

/// A right that a thing has by the folder it lies in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Inherited {
    pub folder_id: String,
    pub folder_name: String,
    /// Whom it is for; absent: everyone who is signed in.
    pub name: Option<String>,
    /// It is for a group.
    pub is_group: bool,
    pub access: Access,
}

/// Who may do what with a thing, as its dialog shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sharing {
    pub owner_name: String,
    /// Its owner may not sign in any more.
    pub owner_left: bool,
    pub grants: Vec<Grant>,
    pub groups: Vec<GroupGrant>,
    pub inherited: Vec<Inherited>,
}

/// Why somebody has a right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reason {
    Owner,
    Administrator,
    /// It is shared with them.
    Grant,
    Group {
        name: String,
    },
    /// It lies in a folder that they own.
    FolderOwner {
        folder: String,
    },
    /// It lies in a folder that is shared with them.
    Folder {
        folder: String,
    },
    /// It lies in a folder that is shared with a group of theirs.
    FolderGroup {
        folder: String,
        name: String,
    },
    /// It lies in a folder that everyone sees.
    PublicFolder {
        folder: String,
    },
    /// Everyone who is signed in sees it.
    Public,
}

impl Reason {
    /// In words, after a colon.
    pub fn words(&self) -> String {
        match self {
            Self::Owner => "owns it".into(),
            Self::Administrator => "is an administrator".into(),
            Self::Grant => "it is shared with them".into(),
            Self::Group { name } => format!("is in the group {name}"),
            Self::FolderOwner { folder } => format!("owns the folder {folder}"),
            Self::Folder { folder } => format!("the folder {folder} is shared with them"),
            Self::FolderGroup { folder, name } => format!("the folder {folder} is shared with the group {name}"),
            Self::PublicFolder { folder } => format!("everyone can see the folder {folder}"),
            Self::Public => "everyone who is signed in can see it".into(),
        }
    }
}

/// Somebody who may see a thing, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Viewer {
    pub user_id: String,
    pub user_name: String,
    pub role: UserRole,
    /// The most that any reason gives; below the role creator at most `comment`.
    pub access: Access,
    pub reasons: Vec<GivenBy>,
}

/// A reason with what it gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GivenBy {
    #[serde(flatten)]
    pub reason: Reason,
    pub access: Access,
}

/// A folder as its caller sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Folder {
    pub id: String,
    pub name: String,
    /// The folder it lies in, where the caller sees that.
    pub parent_id: Option<String>,
    pub owner_name: String,
    pub access: Access,
    pub is_public: bool,
}

/// A folder to be made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewFolder {
    pub name: String,
    /// Absent: at the top.
    #[serde(default)]
    pub parent_id: Option<String>,
}

/// What to change of a folder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FolderPatch {
    pub name: Option<String>,
    /// Everyone who is signed in sees it, and all that lies in it.
    pub is_public: Option<bool>,
}

/// Where a thing is to lie.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// The folder; null: in none.
    pub folder_id: Option<String>,
}

/// Who would see a thing that they do not see, and the other way round, by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MoveEffect {
    /// They would see it, or may do more with it.
    pub gain: Vec<String>,
    /// They would not see it any more, or may do less with it.
    pub lose: Vec<String>,
}

impl MoveEffect {
    /// Nobody's rights change.
    pub fn is_empty(&self) -> bool {
        self.gain.is_empty() && self.lose.is_empty()
    }
}

/// A thing that somebody owns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnedThing {
    /// dashboard, dataset, metric, report, forecast, alert or folder; wall_link
    pub kind: String,
    pub id: String,
    pub name: String,
}

/// All that somebody owns.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Owned {
    pub things: Vec<OwnedThing>,
    /// API tokens of theirs: nobody else can use them, and they end with the account.
    pub tokens: Vec<String>,
}

/// Who is to own it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// The name of a user.
    pub to: String,
}

/// What would not work any more, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Trouble {
    pub kind: String,
    pub name: String,
    /// A sentence.
    pub reason: String,
}
