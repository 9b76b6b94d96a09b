//! Who can be named in a comment, and is told of it: whoever may see the dashboard, and nobody else.

use crate::Services;
use crate::access::require_comment;
use domain::comment::{Person, names_in};
use domain::notify::{Notice, Recipient};
use domain::people::Scope;
use domain::{Caller, Result};
use store::{DashboardRow, ThingKind, UserRow};

/// People that are offered at once.
const OFFERED: usize = 8;
/// People whose right is looked at for one offer.
const LOOKED_AT: usize = 200;
/// How much of a comment stands in the notice.
const QUOTED: usize = 2_000;
/// How much of a dashboard's name stands in a subject.
const NAMED: usize = 80;

impl Services {
    /// Whether somebody may see a dashboard.
    async fn may_be_told(&self, row: &DashboardRow, user: &UserRow) -> Result<bool> {
        if !user.is_active {
            return Ok(false);
        }
        let reader = self.caller_of(user, Scope::Read, "").await?;
        let may = self.access_of(&reader, ThingKind::Dashboard, &row.id, &row.owner_id, row.is_public).await?;
        Ok(may.is_some())
    }

    /// The people that a text names. Who may not see the dashboard, and who is not there, is a word.
    pub(super) async fn named_in(&self, row: &DashboardRow, body: &str) -> Result<Vec<Person>> {
        let mut people: Vec<Person> = Vec::new();
        for spellings in names_in(body) {
            for name in spellings {
                let Some(user) = self.store.user_by_name(&name).await? else { continue };
                if people.iter().all(|p| p.id != user.id) && self.may_be_told(row, &user).await? {
                    people.push(Person { id: user.id, name: user.name });
                }
                break;
            }
        }
        Ok(people)
    }

    /// Tells people that they are named in a comment, each once. The comment stands whatever becomes of
    /// this.
    pub(super) async fn tell_named(
        &self,
        caller: &Caller,
        row: &DashboardRow,
        (thread, comment): (&str, &str),
        body: &str,
        people: &[Person],
    ) {
        let shown = self.published_for(row, domain::Access::View).await.ok().flatten();
        // Where what readers see cannot be read, nothing of the draft is told.
        let title = match (&shown, row.publication) {
            (Some(published), _) => published.snapshot.name.as_str(),
            (None, None) => row.name.as_str(),
            (None, Some(_)) => "a dashboard",
        };
        let name: String = title.chars().map(|c| if c.is_control() { ' ' } else { c }).take(NAMED).collect();
        let quote: String = body.chars().take(QUOTED).collect();
        let notice = Notice {
            kind: "comment".into(),
            subject: format!("{} named you on {}", caller.name, name.trim()),
            body: quote.lines().map(|line| format!("> {line}\n")).collect(),
            fields: Vec::new(),
            link: format!("/dashboards/{}?thread={thread}", row.slug),
            chart: None,
        };
        for person in people.iter().filter(|p| p.id != caller.user_id) {
            let recipient = Recipient::User { id: person.id.clone() };
            let key = format!("mention:{comment}:{}", person.id);
            if let Err(error) = self.notify(&key, &caller.user_id, &[recipient], &notice).await {
                tracing::error!(%error, comment, user = person.id, "who is named in this comment was not told");
            }
        }
    }

    /// People whose name has `search` in it and who may see the dashboard, for who writes a comment.
    ///
    /// # Errors
    /// The caller may not comment on the dashboard.
    pub async fn people_to_name(&self, caller: &Caller, slug_or_id: &str, search: &str) -> Result<Vec<Person>> {
        let (row, access) = self.talked_about(caller, slug_or_id).await?;
        require_comment(caller, access)?;
        let search = search.trim().to_lowercase();
        let mut users: Vec<(bool, UserRow)> = self
            .store
            .users()
            .await?
            .into_iter()
            .filter(|user| user.id != caller.user_id)
            .filter_map(|user| {
                let at = user.name.to_lowercase().find(&search)?;
                Some((at > 0, user))
            })
            .collect();
        // Those that begin with it come first.
        users.sort_by_key(|(is_within, _)| *is_within);
        let mut people = Vec::new();
        for (_, user) in users.into_iter().take(LOOKED_AT) {
            if self.may_be_told(&row, &user).await? {
                people.push(Person { id: user.id, name: user.name });
            }
            if people.len() == OFFERED {
                break;
            }
        }
        Ok(people)
    }
}
