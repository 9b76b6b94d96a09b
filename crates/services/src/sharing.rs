//! Sharing a thing with named users.

use crate::Services;
use crate::access::require_owner;
use domain::people::Grant;
use domain::{Access, Caller, Error, Result};
use store::ThingKind;

impl Services {
    /// With whom a dashboard or dataset is shared. Its editors may know.
    ///
    /// # Errors
    /// The thing is not visible.
    pub async fn list_grants(&self, caller: &Caller, kind: &str, id: &str) -> Result<Vec<Grant>> {
        let (id, access) = self.thing(caller, kind, id).await?;
        crate::access::require_edit(caller, access, kind)?;
        let rows = self.store.grants_of_thing(word(kind)?, &id).await?;
        let grant = |g: store::GrantRow| Grant { user_id: g.user_id, user_name: g.user_name, access: g.access };
        Ok(rows.into_iter().map(grant).collect())
    }

    /// Shares a thing with a user, by name; `None` takes the right away.
    ///
    /// # Errors
    /// The caller does not own the thing, or there is no such user.
    pub async fn set_grant(
        &self,
        caller: &Caller,
        kind: &str,
        id: &str,
        user: &str,
        access: Option<Access>,
    ) -> Result<()> {
        let (id, own) = self.thing(caller, kind, id).await?;
        require_owner(caller, own, kind)?;
        let unknown = || Error::invalid(format!("There is no user `{user}`.")).field("user");
        let row = self.store.user_by_name(user).await?.ok_or_else(unknown)?;
        match access {
            Some(Access::Owner) => {
                return Err(Error::invalid("A thing has one owner; share it for viewing or editing."));
            }
            Some(access) => self.store.upsert_grant(word(kind)?, &id, &row.id, access).await?,
            None => {
                self.store.delete_grant(word(kind)?, &id, &row.id).await?;
            }
        }
        self.record(caller, "share", kind, &id).await;
        self.hub.publish(&rights_topic(&row.id), serde_json::Value::Null, false);
        Ok(())
    }

    async fn thing(&self, caller: &Caller, kind: &str, id: &str) -> Result<(String, Access)> {
        match kind {
            "dashboard" => self.dashboard_for(caller, id).await.map(|(row, access)| (row.id, access)),
            "dataset" => self.stored_for(caller, id).await.map(|(l, access)| (l.row.id.clone(), access)),
            "metric" => self.metric_for(caller, id).await.map(|(row, access)| (row.id, access)),
            "alert" => self.alert_for(caller, id).await.map(|(row, access)| (row.id, access)),
            "report" => self.report_for(caller, id).await.map(|(row, access)| (row.id, access)),
            _ => Err(Error::not_found("thing")),
        }
    }
}

/// The topic that tells a user's open pages that what they may see changed.
pub fn rights_topic(user_id: &str) -> String {
    format!("rights:{user_id}")
}

fn word(kind: &str) -> Result<ThingKind> {
    match kind {
        "dashboard" => Ok(ThingKind::Dashboard),
        "dataset" => Ok(ThingKind::Dataset),
        "metric" => Ok(ThingKind::Metric),
        "report" => Ok(ThingKind::Report),
        "alert" => Ok(ThingKind::Alert),
        _ => Err(Error::not_found("thing")),
    }
}
