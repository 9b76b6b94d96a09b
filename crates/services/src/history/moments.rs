//! One moment: looked at, compared, brought back.

use super::count;
use crate::access::require_edit;
use crate::tiles::Place;
use crate::{Services, clock};
use domain::api::TileData;
use domain::connect::TileAsk;
use domain::dashboard::DataSource;
use domain::document::{Edit, diff};
use domain::history::{Moment, MomentDifference, RESTORED};
use domain::{Caller, Error, ErrorCode, Result};

impl Services {
    /// A dashboard as it was after a step.
    ///
    /// # Errors
    /// The dashboard is not visible, not the caller's to change, or has no such step.
    pub async fn moment(&self, caller: &Caller, slug_or_id: &str, seq: u64) -> Result<Moment> {
        let (row, _) = self.history_of(caller, slug_or_id).await?;
        let step = self.operation_at(&row.id, seq).await?;
        let document = self.document_at(&row.id, step.seq).await?;
        Ok(Moment {
            seq,
            at: clock::rfc3339(step.created_at),
            user_name: self.user_name(&step.user_id).await?,
            dashboard: document.snapshot(),
        })
    }

    /// What differs from one moment to another.
    ///
    /// # Errors
    /// As [`Services::moment`].
    pub async fn moment_difference(
        &self,
        caller: &Caller,
        slug_or_id: &str,
        from: u64,
        to: u64,
    ) -> Result<MomentDifference> {
        let before = self.moment(caller, slug_or_id, from).await?;
        let after = self.moment(caller, slug_or_id, to).await?;
        Ok(MomentDifference { from, to, difference: diff(&before.dashboard, &after.dashboard) })
    }

    /// What a tile of an earlier moment shows with the data of today. What the dashboard still shows
    /// comes with it, as on its page; anything else only where the caller may ask for it themselves.
    ///
    /// # Errors
    /// As [`Services::moment`]; there is no such tile; or its data is not for the caller.
    pub async fn moment_tile(&self, caller: &Caller, slug_or_id: &str, seq: u64, tile: &str) -> Result<TileData> {
        let (row, access) = self.history_of(caller, slug_or_id).await?;
        let step = self.operation_at(&row.id, seq).await?;
        let layout = self.document_at(&row.id, step.seq).await?.layout();
        let place = Place::in_layout(layout, tile)?;
        let (present, _) = self.layout_for(&row, access).await?;
        let source = place.tile.data_source.clone().unwrap_or_default();
        let is_shown = present.widgets.iter().any(|t| t.data_source.as_ref().is_some_and(|s| same_data(s, &source)));
        if !is_shown {
            self.check_source(caller, &source).await?;
        }
        self.data_at(caller, &row, place, &TileAsk::default()).await
    }

    /// Makes the dashboard what it was after a step. That is one edit of the caller, to be undone as
    /// any other. Returns the version it made.
    ///
    /// # Errors
    /// As [`Services::moment`]; or the moment shows data that the caller may not see.
    pub async fn restore_moment(&self, caller: &Caller, slug_or_id: &str, seq: u64) -> Result<u64> {
        let (row, access) = self.history_of(caller, slug_or_id).await?;
        require_edit(caller, access, "dashboard")?;
        let step = self.operation_at(&row.id, seq).await?;
        let past = self.document_at(&row.id, step.seq).await?;
        let named = self.store.versions(&row.id).await?.into_iter().find(|v| v.seq == step.seq);
        let label = match named {
            Some(version) => format!("{RESTORED}“{}”", version.name),
            None => {
                let at = clock::rfc3339(step.created_at).replace('T', " ");
                format!("{RESTORED}the dashboard of {} UTC", at.get(..16).unwrap_or(&at))
            }
        };
        let make = |now: &_| Edit { label, changes: past.changes_since(now) };
        let version = self.edit_document(caller, &row.id, make).await.map_err(|error| match error.code {
            ErrorCode::NotFound | ErrorCode::UnknownDataset | ErrorCode::Forbidden => {
                Error::forbidden("This moment shows data that you may not see, so you cannot bring it back.")
                    .hint("Ask somebody who may see that data to restore it.")
            }
            _ => error,
        })?;
        self.record(caller, "restore_moment", "dashboard", &row.id).await;
        Ok(version)
    }

    /// The number of the last step.
    pub(super) async fn last_step(&self, id: &str) -> Result<u64> {
        self.read_document(id, |_, version| count(version)).await
    }
}

/// Whether two sources ask for the same data, however they show it.
fn same_data(a: &DataSource, b: &DataSource) -> bool {
    let asked = |source: &DataSource| DataSource {
        encodings: Default::default(),
        options: Default::default(),
        ..source.clone()
    };
    asked(a) == asked(b)
}
