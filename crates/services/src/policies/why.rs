//! Why somebody can see a dataset, or cannot.

use crate::Services;
use domain::people::Scope;
use domain::policy::AccessReasons;
use domain::{Access, Caller, Error, Result, UserRole};
use store::ThingKind;

impl Services {
    /// What decides whether a user sees a dataset, and what of it. One's own reasons are always told;
    /// those of others to the owner and to administrators.
    ///
    /// # Errors
    /// The dataset is not visible, there is no such user, or it is not the caller's business.
    pub async fn why_access(&self, caller: &Caller, name_or_id: &str, user: &str) -> Result<AccessReasons> {
        let is_own = user == "me" || user.trim().to_lowercase() == caller.name.to_lowercase();
        let stored = match is_own {
            true => self.stored_for(caller, name_or_id).await?.0,
            false => self.ruled(caller, name_or_id, Scope::Read).await?,
        };
        let found = match user {
            "me" => self.store.user(&caller.user_id).await?,
            name => self.store.user_by_name(name).await?,
        };
        let user = found.ok_or_else(|| Error::not_found("user"))?;
        let row = &stored.row;
        let person = self.caller_of(&user, Scope::Read, "").await?;
        let access = match user.is_active {
            true => self.access_of(&person, ThingKind::Dataset, &row.id, &row.owner_id, row.is_public).await?,
            false => None,
        };
        let name = &user.name;
        let mut grants = Vec::new();
        if !user.is_active {
            grants.push(format!("The account of {name} is not active: they see nothing."));
        }
        if user.id == row.owner_id {
            grants.push(format!("{name} owns the dataset."));
        }
        if user.role == UserRole::Admin {
            grants.push(format!("{name} is an administrator, who may do everything."));
        }
        for way in self.store.ways_to(ThingKind::Dataset, &row.id, &user.id).await? {
            let right = deed(way.access);
            let through = match (way.group_name.as_str(), way.folder_name.as_str()) {
                ("", "") => format!("The dataset is shared with {name}, to {right} it."),
                (group, "") => {
                    format!("The dataset is shared with the group “{group}”, which {name} is in, to {right} it.")
                }
                ("", folder) => {
                    format!("It lies in the folder “{folder}”, which is shared with {name}, to {right} it.")
                }
                (group, folder) => format!(
                    "It lies in the folder “{folder}”, which is shared with the group “{group}”, which {name} is in, to {right} it."
                ),
            };
            grants.push(through);
        }
        if row.is_public {
            grants.push("Everyone who is signed in may look at the dataset.".into());
        }
        if access == Some(Access::Comment) && user.role < UserRole::Creator {
            grants.push(format!("As {} {name} changes nothing, whatever is shared with them.", user.role.as_str()));
        }
        if grants.is_empty() {
            grants.push(format!(
                "Nothing gives {name} a right to the dataset. A dashboard that shows it may still do so."
            ));
        }
        let policies = self.policy_sentences(&stored, &user).await?;
        Ok(AccessReasons { user: user.name.clone(), access, grants, policies })
    }
}

/// What a right is for.
fn deed(access: Access) -> &'static str {
    match access {
        Access::View => "look at",
        Access::Explore => "ask questions of",
        Access::Comment => "comment on",
        Access::Edit => "change",
        Access::Owner => "own",
    }
}
