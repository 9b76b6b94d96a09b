//! Where the rows of a dataset come from.

use crate::Services;
use crate::catalog::Loaded;
use domain::lineage::{DatasetLink, Origin, OriginKind, SourceLink};
use domain::people::Scope;
use domain::{Caller, Result, UserRole};
use engine::Engine;

impl Services {
    /// What the caller may know of it: sources are the business of administrators, and what a SELECT
    /// reads is told as far as they may see it.
    pub(super) async fn origin_of(&self, caller: &Caller, loaded: &Loaded) -> Result<Origin> {
        let mut origin = Origin {
            kind: OriginKind::Upload,
            name: loaded.row.origin.clone(),
            source_kind: None,
            source: None,
            reads: Vec::new(),
            cache_duration: None,
        };
        if let Some(statement) = &loaded.statement {
            (origin.kind, origin.name) = (OriginKind::Sql, String::new());
            for name in &statement.reads {
                if let Ok((read, _)) = self.dataset_for(caller, name).await {
                    let row = &read.row;
                    let link = DatasetLink { id: row.id.clone(), name: row.name.clone(), label: row.label.clone() };
                    origin.reads.push(link);
                }
            }
        }
        let (Some(place), Some(table)) = (loaded.place(), self.store.source_table(&loaded.row.id).await?) else {
            return Ok(origin);
        };
        (origin.kind, origin.name) = (OriginKind::Source, table.table_name);
        if let Some(kind) = Engine::source_kinds().into_iter().find(|kind| kind.kind == place.spec.kind) {
            origin.source_kind = Some(kind.label);
            let seconds = u32::try_from(table.cache_duration).unwrap_or_default();
            origin.cache_duration = (!kind.tells_changes).then_some(seconds);
        }
        if caller.role == UserRole::Admin && caller.scope >= Scope::Admin {
            let source = self.store.source(&table.source_id).await?;
            origin.source = source.map(|row| SourceLink { id: row.id, name: row.name });
        }
        Ok(origin)
    }
}
