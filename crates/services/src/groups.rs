//! Groups of users, and what policies may ask of a user.

use crate::access::{require_admin, require_role};
use crate::{Services, clock, from_json, new_id, to_json};
use domain::sharing::{Attributes, Group, Member};
use domain::{Caller, Error, ErrorCode, Result, UserRole};
use std::collections::HashMap;
use store::GroupRow;

/// The most attributes of a user, values of one, and characters of a name or a value.
const MOST_ATTRIBUTES: usize = 50;
const MOST_VALUES: usize = 500;
const LONGEST: usize = 200;

impl Services {
    /// All groups with their members, by name. Creators see them too, to share with them.
    ///
    /// # Errors
    /// The caller may not share anything.
    pub async fn list_groups(&self, caller: &Caller) -> Result<Vec<Group>> {
        require_role(caller, UserRole::Creator, "see the groups")?;
        let names = self.user_names().await?;
        let mut members: HashMap<String, Vec<Member>> = HashMap::new();
        for row in self.store.members().await? {
            let user_name = names.get(&row.user_id).cloned().unwrap_or_default();
            members.entry(row.group_id).or_default().push(Member { user_id: row.user_id, user_name });
        }
        let show = |row: GroupRow| {
            let mut members = members.remove(&row.id).unwrap_or_default();
            members.sort_by_cached_key(|member| member.user_name.to_lowercase());
            Group { id: row.id, name: row.name, is_external: row.is_external, members }
        };
        Ok(self.store.groups().await?.into_iter().map(show).collect())
    }

    /// One group.
    ///
    /// # Errors
    /// There is no such group, or the caller may not share anything.
    pub async fn get_group(&self, caller: &Caller, id: &str) -> Result<Group> {
        let found = self.list_groups(caller).await?.into_iter().find(|group| group.id == id);
        found.ok_or_else(|| Error::not_found("group"))
    }

    /// Makes a group.
    ///
    /// # Errors
    /// The caller is no administrator; a name that is taken or not fit.
    pub async fn create_group(&self, caller: &Caller, name: &str) -> Result<Group> {
        require_admin(caller)?;
        let row = GroupRow { id: new_id(), name: checked_name(name)?, is_external: false, created_at: clock::now_ms() };
        self.store.insert_group(&row).await?;
        self.record(caller, "create", "group", &row.id).await;
        Ok(Group { id: row.id, name: row.name, is_external: false, members: Vec::new() })
    }

    /// Gives a group another name.
    ///
    /// # Errors
    /// As [`Services::create_group`]; the group is the sign-in provider's.
    pub async fn rename_group(&self, caller: &Caller, id: &str, name: &str) -> Result<Group> {
        let group = self.own_group(caller, id).await?;
        self.store.rename_group(&group.id, &checked_name(name)?).await?;
        self.record(caller, "rename", "group", id).await;
        self.get_group(caller, id).await
    }

    /// Deletes a group with what was shared with it. One of the sign-in provider comes back when
    /// somebody of it signs in.
    ///
    /// # Errors
    /// The caller is no administrator, or there is no such group.
    pub async fn delete_group(&self, caller: &Caller, id: &str) -> Result<()> {
        require_admin(caller)?;
        let members = self.store.members_of(id).await?;
        if !self.store.delete_group(id).await? {
            return Err(Error::not_found("group"));
        }
        self.record(caller, "delete", "group", id).await;
        self.rights_changed(&members);
        Ok(())
    }

    /// Puts a user, by name, into a group, or takes them out.
    ///
    /// # Errors
    /// The caller is no administrator; the group is the sign-in provider's; there is no such user.
    pub async fn set_member(&self, caller: &Caller, id: &str, user: &str, is_member: bool) -> Result<()> {
        let group = self.own_group(caller, id).await?;
        let user = self.user_named(user).await?;
        if is_member {
            self.store.add_member(&group.id, &user.id).await?;
        } else if !self.store.remove_member(&group.id, &user.id).await? {
            return Err(Error::not_found("member"));
        }
        self.record(caller, if is_member { "add_member" } else { "remove_member" }, "group", id).await;
        self.rights_changed(&[user.id]);
        Ok(())
    }

    /// What policies may ask of a user.
    ///
    /// # Errors
    /// The caller is no administrator, or there is no such user.
    pub async fn user_attributes(&self, caller: &Caller, id: &str) -> Result<Attributes> {
        require_admin(caller)?;
        let user = self.store.user(id).await?.ok_or_else(|| Error::not_found("user"))?;
        Ok(from_json(&user.attributes_json))
    }

    /// Changes what policies may ask of a user: all of it at once.
    ///
    /// # Errors
    /// The caller is no administrator; a name or a value that is not fit.
    pub async fn set_user_attributes(&self, caller: &Caller, id: &str, attributes: Attributes) -> Result<Attributes> {
        require_admin(caller)?;
        let attributes = checked_attributes(attributes)?;
        self.store.update_user_attributes(id, &to_json(&attributes)).await?;
        self.record(caller, "set_attributes", "user", id).await;
        self.rights_changed(&[id.to_owned()]);
        Ok(attributes)
    }

    /// A group that people may change.
    async fn own_group(&self, caller: &Caller, id: &str) -> Result<GroupRow> {
        require_admin(caller)?;
        let group = self.store.group(id).await?.ok_or_else(|| Error::not_found("group"))?;
        if group.is_external {
            let sentence = "The members of this group come from the sign-in provider.";
            return Err(Error::new(ErrorCode::RuleRefused, sentence).hint("Change them there."));
        }
        Ok(group)
    }

    /// The user of a name that somebody wrote.
    pub(crate) async fn user_named(&self, name: &str) -> Result<store::UserRow> {
        let unknown = || Error::invalid(format!("There is no user `{name}`.")).field("user");
        self.store.user_by_name(name).await?.ok_or_else(unknown)
    }

    /// Tells the open pages of these users, here and on other servers, that they may see other things now.
    pub(crate) fn rights_changed(&self, users: &[String]) {
        self.forget_callers();
        for user in users {
            self.hub.publish(&crate::rights_topic(user), serde_json::Value::Null, false);
        }
    }

    /// The same for everybody.
    pub(crate) async fn rights_changed_for_all(&self) -> Result<()> {
        let all: Vec<String> = self.store.users().await?.into_iter().map(|user| user.id).collect();
        self.rights_changed(&all);
        Ok(())
    }
}

fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    let fits = (1..=100).contains(&name.chars().count()) && !name.chars().any(|c| c.is_control() || c == '/');
    if !fits {
        return Err(Error::invalid("A group has a name of 1 to 100 characters, without slashes.").field("name"));
    }
    Ok(name.to_owned())
}

/// Attributes without spaces around them and without empty or repeated values.
fn checked_attributes(attributes: Attributes) -> Result<Attributes> {
    if attributes.len() > MOST_ATTRIBUTES {
        return Err(Error::invalid(format!("A user has at most {MOST_ATTRIBUTES} attributes.")));
    }
    let mut checked = Attributes::new();
    for (name, values) in attributes {
        let fit = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || name.len() > 60 || !name.chars().all(fit) {
            let sentence = "The name of an attribute has 1 to 60 letters, digits or underscores.";
            return Err(Error::invalid(sentence).hint("Such as `regions`.").field(name));
        }
        let mut kept: Vec<String> = Vec::new();
        for value in values {
            let value = value.trim();
            if value.chars().count() > LONGEST {
                let sentence = format!("A value has at most {LONGEST} characters.");
                return Err(Error::invalid(sentence).field(name));
            }
            if !value.is_empty() && !kept.iter().any(|known| known == value) {
                kept.push(value.to_owned());
            }
        }
        if kept.len() > MOST_VALUES {
            return Err(Error::invalid(format!("An attribute has at most {MOST_VALUES} values.")).field(name));
        }
        checked.insert(name, kept);
    }
    Ok(checked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_tidied_and_named_like_variables() {
        let given = [("regions".to_owned(), vec![" North ".to_owned(), String::new(), "North".to_owned()])];
        let checked = checked_attributes(given.into_iter().collect()).unwrap_or_default();
        assert_eq!(checked.get("regions").cloned().unwrap_or_default(), vec!["North"]);
        let bad = [("user.regions".to_owned(), Vec::new())];
        assert!(checked_attributes(bad.into_iter().collect()).is_err());
    }
}
