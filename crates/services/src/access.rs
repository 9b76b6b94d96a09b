//! The rules: who may do what. Everything that decides a right is in this file.

use crate::Inner;
use crate::view_as::Place;
use domain::people::Scope;
use domain::{Access, Caller, Error, Result, UserRole};
use std::borrow::Cow;
use std::collections::HashMap;
use store::ThingKind;

impl Inner {
    /// What a caller may do with a thing; `None`: for them it is not there.
    pub(crate) async fn access_of(
        &self,
        caller: &Caller,
        kind: ThingKind,
        id: &str,
        owner_id: &str,
        is_public: bool,
    ) -> Result<Option<Access>> {
        let Some(place) = Place::of(caller) else {
            return self.plain_access(caller, None, kind, id, owner_id, is_public).await;
        };
        // Seen from somebody else's place: what both of them may, and of dashboards that one alone.
        if kind == ThingKind::Dashboard && place.dashboard != id {
            return Ok(None);
        }
        let Some(looker) = self.looker(&place).await? else { return Ok(None) };
        let own = self.plain_access(&looker, None, kind, id, owner_id, is_public).await?;
        let (seen, group) = place.seen(caller);
        let theirs = self.plain_access(&seen, group, kind, id, owner_id, is_public).await?;
        Ok(own.min(theirs))
    }

    async fn plain_access(
        &self,
        caller: &Caller,
        group: Option<&str>,
        kind: ThingKind,
        id: &str,
        owner_id: &str,
        is_public: bool,
    ) -> Result<Option<Access>> {
        let granted = match (access(caller, owner_id, None, false), group) {
            (None, Some(group)) => self.store.group_grant(kind, id, group).await?,
            (None, None) if caller.scope != Scope::Screen => self.store.grant(kind, id, &caller.user_id).await?,
            _ => None,
        };
        Ok(access(caller, owner_id, granted, is_public))
    }

    /// What a caller may do with all things of a kind.
    pub(crate) async fn rights<'a>(&self, caller: &'a Caller, kind: ThingKind) -> Result<Rights<'a>> {
        let Some(place) = Place::of(caller) else {
            let granted = self.store.grants_of_user(&caller.user_id, kind).await?;
            return Ok(Rights { askers: vec![(Cow::Borrowed(caller), granted)], only: None });
        };
        let only = (kind == ThingKind::Dashboard).then(|| place.dashboard.to_owned());
        // Nobody asks: nobody may.
        let Some(looker) = self.looker(&place).await? else { return Ok(Rights { askers: Vec::new(), only }) };
        let own = self.store.grants_of_user(&looker.user_id, kind).await?;
        let (seen, group) = place.seen(caller);
        let theirs = match group {
            Some(group) => self.store.grants_of_group(group, kind).await?,
            None => self.store.grants_of_user(&seen.user_id, kind).await?,
        };
        Ok(Rights { askers: vec![(Cow::Owned(looker), own), (Cow::Owned(seen), theirs)], only })
    }

    /// Whoever looks from somebody else's place, as themselves.
    async fn looker(&self, place: &Place<'_>) -> Result<Option<Caller>> {
        match self.store.user(place.by).await?.filter(|user| user.is_active) {
            Some(user) => Ok(Some(self.caller_of(&user, Scope::Read, place.credential).await?)),
            None => Ok(None),
        }
    }
}

/// What a caller may do with the things of a kind: what all of these may.
pub(crate) struct Rights<'a> {
    askers: Vec<(Cow<'a, Caller>, HashMap<String, Access>)>,
    /// The only thing that is there.
    only: Option<String>,
}

impl Rights<'_> {
    /// With one of them; `None`: for them it is not there.
    pub(crate) fn of(&self, id: &str, owner_id: &str, is_public: bool) -> Option<Access> {
        if self.only.as_deref().is_some_and(|only| only != id) {
            return None;
        }
        let may = self.askers.iter().map(|(who, granted)| access(who, owner_id, granted.get(id).copied(), is_public));
        may.min().flatten()
    }
}

/// Refuses a token whose scope is too small.
pub(crate) fn require_scope(caller: &Caller, scope: Scope) -> Result<()> {
    if caller.scope >= scope {
        return Ok(());
    }
    Err(Error::forbidden(format!("This token may not do that: it needs the scope `{}`.", scope.as_str())))
}

/// Refuses a user whose role is too small, or a token that only reads.
pub(crate) fn require_role(caller: &Caller, role: UserRole, deed: &str) -> Result<()> {
    if caller.role < role {
        return Err(
            Error::forbidden(format!("To {deed} you need the role {}.", role.as_str())).hint("Ask an administrator.")
        );
    }
    Ok(())
}

/// Whether a caller works with SQL: whoever loads data and makes things of it.
pub(crate) fn may_see_sql(caller: &Caller) -> bool {
    caller.role >= UserRole::Creator
}

/// Refuses SQL to those who do not work with it.
pub(crate) fn require_sql(caller: &Caller) -> Result<()> {
    if may_see_sql(caller) {
        return Ok(());
    }
    Err(Error::forbidden("To write SQL you need the role creator.").hint("Ask an administrator."))
}

/// A deed of an administrator through a session or a token of full scope.
pub(crate) fn require_admin(caller: &Caller) -> Result<()> {
    require_scope(caller, Scope::Admin)?;
    require_role(caller, UserRole::Admin, "manage people")
}

/// What a caller may do with a thing: administrators everything, owners theirs, others what is
/// granted or public; rights add up. Below creators nobody edits.
fn access(caller: &Caller, owner_id: &str, granted: Option<Access>, is_public: bool) -> Option<Access> {
    // A wall's screen sees what `Services::on_screen` says, and of all else nothing, public or not.
    if caller.scope == Scope::Screen {
        return None;
    }
    if caller.role == UserRole::Admin || caller.user_id == owner_id {
        return Some(Access::Owner);
    }
    let granted = granted.max(is_public.then_some(Access::View))?;
    Some(at_most(caller.role, granted))
}

/// What of a right somebody of a role can use: below creators nobody edits.
pub(crate) fn at_most(role: UserRole, granted: Access) -> Access {
    if role < UserRole::Creator { granted.min(Access::Comment) } else { granted }
}

/// Turns "may not see" into "does not exist".
pub(crate) fn visible(access: Option<Access>, what: &str) -> Result<Access> {
    access.ok_or_else(|| Error::not_found(what))
}

/// Refuses to change what one may only see.
pub(crate) fn require_edit(caller: &Caller, access: Access, what: &str) -> Result<()> {
    require_scope(caller, Scope::Write)?;
    if access >= Access::Edit {
        return require_maker(caller, what);
    }
    Err(Error::forbidden(format!("You may look at this {what}, but not change it."))
        .hint("Ask its owner for the right."))
}

/// Below creators people change nothing but their own alerts, whatever they still own.
fn require_maker(caller: &Caller, what: &str) -> Result<()> {
    if caller.role >= UserRole::Creator || what == "alert" {
        return Ok(());
    }
    Err(Error::forbidden(format!("To change a {what} you need the role creator.")).hint("Ask an administrator."))
}

/// Refuses comments to who is nobody: a screen, or whoever sees with the eyes of somebody else.
pub(crate) fn require_talk(caller: &Caller) -> Result<()> {
    if caller.scope >= Scope::Read && caller.on_behalf.is_none() {
        return Ok(());
    }
    Err(Error::not_found("dashboard"))
}

/// Refuses to write to those who may only read what others say.
pub(crate) fn require_comment(caller: &Caller, access: Access) -> Result<()> {
    require_scope(caller, Scope::Write)?;
    if access >= Access::Comment {
        return Ok(());
    }
    Err(Error::forbidden("You may read what others say about this dashboard, but not write.")
        .hint("Ask its owner for the right to comment."))
}

/// Refuses to change what somebody else said; who owns the dashboard, given as `access`, may take it away.
pub(crate) fn require_own_words(caller: &Caller, author_id: &str, access: Option<Access>) -> Result<()> {
    if caller.user_id == author_id || access >= Some(Access::Owner) {
        return Ok(());
    }
    Err(Error::forbidden("Somebody else wrote this comment."))
}

/// Refuses what only the owner may do.
pub(crate) fn require_owner(caller: &Caller, access: Access, what: &str) -> Result<()> {
    require_scope(caller, Scope::Write)?;
    if access >= Access::Owner {
        return require_maker(caller, what);
    }
    Err(Error::forbidden(format!("Only the owner of this {what} may do that.")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn caller(role: UserRole) -> Caller {
        Caller {
            user_id: "me".into(),
            name: "me".into(),
            role,
            scope: Scope::Admin,
            credential_id: "c".into(),
            groups: Vec::new(),
            attributes: BTreeMap::new(),
            on_behalf: None,
            locked: Vec::new(),
        }
    }

    #[test]
    fn rights_add_up_and_strangers_see_nothing() {
        let creator = caller(UserRole::Creator);
        assert_eq!(access(&creator, "other", None, false), None);
        assert_eq!(access(&creator, "other", None, true), Some(Access::View));
        assert_eq!(access(&creator, "other", Some(Access::Edit), true), Some(Access::Edit));
        assert_eq!(access(&creator, "me", None, false), Some(Access::Owner));
        assert_eq!(access(&caller(UserRole::Admin), "other", None, false), Some(Access::Owner));
        assert_eq!(access(&caller(UserRole::Viewer), "other", Some(Access::Edit), false), Some(Access::Comment));
    }

    #[test]
    fn a_screen_has_no_right_of_its_own() {
        let screen = Caller { scope: Scope::Screen, ..caller(UserRole::Admin) };
        assert_eq!(access(&screen, "me", Some(Access::Edit), true), None);
        assert!(require_scope(&screen, Scope::Read).is_err());
    }

    #[test]
    fn a_token_that_reads_changes_nothing() {
        let mut reader = caller(UserRole::Admin);
        reader.scope = Scope::Read;
        assert!(require_edit(&reader, Access::Owner, "dashboard").is_err());
        assert!(require_admin(&reader).is_err());
    }
}
