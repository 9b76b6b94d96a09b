//! The document of a dashboard: opened, edited, undone. An operation is acknowledged only after
//! it is in the log; the log is never dropped, a checkpoint only speeds loading.

use crate::access::require_edit;
use crate::history::{draft_for_readers, readers_topic};
use crate::{Services, clock, new_id, to_json};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::dashboard::{DataSource, SketchTile, TileKind};
use domain::document::{Broadcast, Document, Edit, Intent, Opened, Operation, Step};
use domain::{Access, Caller, Error, ErrorCode, Result};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError};
use std::time::Instant;
use store::{Mark, MirroredMeta, NewOperation, OperationRow};
use tokio::sync::Mutex;

/// The largest update of one operation.
const MAX_UPDATE_BYTES: usize = 512 * 1024;
/// A checkpoint is written every so many operations.
const CHECKPOINT_EVERY: i64 = 100;
/// How many of one's own steps can be undone.
const UNDO_STEPS: i64 = 200;
/// Documents kept in memory while nobody uses them.
const KEEP_IDLE: usize = 500;

/// Operations of one person a second, after so many at once: what was done in an hour without a
/// connection comes in minutes, and nobody holds up the others.
const EDITS_A_SECOND: u32 = 20;
const EDITS_AT_ONCE: u32 = 100;

/// How fast people edit, each for themselves.
pub(crate) struct EditPace(live::Pace);

impl Default for EditPace {
    fn default() -> Self {
        Self(live::Pace::new(EDITS_A_SECOND, EDITS_AT_ONCE))
    }
}

/// A document in memory, as of its latest operation.
pub(crate) struct Open {
    pub(crate) document: Document,
    pub(crate) version: i64,
}

/// Documents in memory. One that somebody holds is never dropped, so there is only ever one.
#[derive(Default)]
pub(crate) struct Registry(std::sync::Mutex<HashMap<String, Arc<Mutex<Option<Open>>>>>);

impl Registry {
    fn slot(&self, id: &str) -> Arc<Mutex<Option<Open>>> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() > KEEP_IDLE {
            open.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        open.entry(id.to_owned()).or_default().clone()
    }

    pub(crate) fn forget(&self, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    /// Forgets those that nobody holds.
    pub(crate) fn forget_all(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, slot| Arc::strong_count(slot) > 1);
    }
}

impl Services {
    /// Runs `work` on the document, loaded if need be, while nobody else changes it.
    async fn load_open(&self, id: &str) -> Result<Open> {
        let kept = self.store.latest_checkpoint(id).await?.and_then(|(seq, state)| {
            let loaded = Document::load(replica(), &state);
            // The log makes it again.
            let told = |error: &Error| tracing::error!(%error, dashboard = id, seq, "a checkpoint is damaged");
            Some((seq, loaded.inspect_err(told).ok()?))
        });
        let (mut version, document) = kept.unwrap_or_else(|| (0, Document::new(replica())));
        for row in self.store.operations_after(id, version).await? {
            document.merge(&row.update_bytes)?;
            version = row.seq;
        }
        Ok(Open { document, version })
    }

    /// Adds what another server wrote to the log since.
    async fn catch_up(&self, id: &str, open: &mut Open) -> Result<()> {
        if self.hub.is_shared() {
            for row in self.store.operations_after(id, open.version).await? {
                open.document.merge(&row.update_bytes)?;
                open.version = row.seq;
            }
        }
        Ok(())
    }

    /// Looks at the present state of a document.
    pub(crate) async fn read_document<T>(&self, id: &str, read: impl FnOnce(&Document, i64) -> T) -> Result<T> {
        let slot = self.documents.slot(id);
        let mut slot = slot.lock().await;
        match slot.as_mut() {
            Some(open) => self.catch_up(id, open).await?,
            None => *slot = Some(self.load_open(id).await?),
        }
        let open = slot.as_ref().ok_or_else(Error::internal)?;
        Ok(read(&open.document, open.version))
    }

    /// What a browser needs to edit or watch a dashboard.
    ///
    /// # Errors
    /// The dashboard is not visible.
    pub async fn open_document(&self, caller: &Caller, slug_or_id: &str) -> Result<Opened> {
        let (row, access) = self.dashboard_for(caller, slug_or_id).await?;
        if let Some(published) = self.published_for(&row, access).await? {
            return Ok(published.opened());
        }
        if access < Access::Edit {
            return self.read_document(&row.id, draft_for_readers).await?;
        }
        let (state, version) = self.read_document(&row.id, |d, v| (BASE64.encode(d.state()), v)).await?;
        let own = self.store.operations_of_user(&row.id, &caller.user_id, UNDO_STEPS).await?;
        let (undo, redo) = stacks(own);
        Ok(Opened { state, version: u64::try_from(version).unwrap_or_default(), undo, redo, published: None })
    }

    /// Takes an operation of a browser, as fast as one person may edit: as [`Services::apply_operation`].
    ///
    /// # Errors
    /// Also when operations come too fast: the same again a second later is taken.
    pub async fn receive_operation(&self, caller: &Caller, slug_or_id: &str, operation: &Operation) -> Result<u64> {
        if !self.edits.0.allows(&caller.user_id, Instant::now()) {
            return Err(Error::new(ErrorCode::TooManyRequests, "These changes come too fast.")
                .hint(format!("At most {EDITS_A_SECOND} changes a second are taken. Send it again in a second.")));
        }
        self.apply_operation(caller, slug_or_id, operation).await
    }

    /// Takes an operation: checked, written to the log, sent to the others.
    /// Returns the version it made; sending the same operation again returns the same.
    ///
    /// # Errors
    /// No right to edit, an update that does not lead to a valid dashboard, or one that shows a
    /// dataset the caller may not see.
    pub async fn apply_operation(&self, caller: &Caller, slug_or_id: &str, operation: &Operation) -> Result<u64> {
        let (row, access) = self.dashboard_for(caller, slug_or_id).await?;
        require_edit(caller, access, "dashboard")?;
        if operation.id.is_empty() || operation.id.len() > 64 {
            return Err(Error::invalid("An operation needs an id of 1 to 64 characters.").field("op.id"));
        }
        if operation.update.len() > MAX_UPDATE_BYTES {
            return Err(Error::new(ErrorCode::TooLarge, "This change is too large."));
        }
        let update = BASE64
            .decode(&operation.update)
            .map_err(|_| Error::invalid("The update is not base64.").field("op.update"))?;
        let slot = self.documents.slot(&row.id);
        let mut slot = slot.lock().await;
        let open = match slot.take() {
            Some(mut open) => {
                self.catch_up(&row.id, &mut open).await?;
                open
            }
            None => self.load_open(&row.id).await?,
        };
        let result = self.commit(caller, &row.id, &open, operation, &update).await;
        match result {
            Ok((next, version)) => {
                *slot = Some(next.unwrap_or(open));
                Ok(u64::try_from(version).unwrap_or_default())
            }
            Err(error) => {
                *slot = Some(open);
                Err(error)
            }
        }
    }

    /// Tries an update on a copy; if a valid dashboard comes of it, logs it and tells the others.
    async fn commit(
        &self,
        caller: &Caller,
        id: &str,
        open: &Open,
        operation: &Operation,
        update: &[u8],
    ) -> Result<(Option<Open>, i64)> {
        if let Some(seq) = self.store.operation_seq(id, &operation.id).await? {
            return Ok((None, seq)); // sent before, acknowledged again
        }
        let copy = Document::load(replica(), &open.document.state())?;
        copy.merge(update)?;
        copy.validate()?;
        // What is logged is what happened, not what the browser says happened.
        let edit = Edit {
            label: operation.edit.label.chars().take(100).collect(),
            changes: copy.changes_since(&open.document),
        };
        self.check_sources(caller, &copy, &edit).await?;
        let now = clock::now_ms();
        let marks = self.mark_of(id, operation).await?;
        let new = NewOperation {
            id: operation.id.clone(),
            user_id: caller.user_id.clone(),
            created_at: now,
            update_bytes: update.to_vec(),
            edit_json: to_json(&edit),
            intent: word(operation.intent).to_owned(),
            marks,
        };
        let seq = self.store.append_operation(id, &new, &mirror(&copy, now)).await?;
        if seq % CHECKPOINT_EVERY == 0 {
            self.store.save_checkpoint(id, seq, &copy.state()).await?;
        }
        let news = Broadcast {
            id: operation.id.clone(),
            update: operation.update.clone(),
            user_id: caller.user_id.clone(),
            user_name: caller.name.clone(),
            version: u64::try_from(seq).unwrap_or_default(),
        };
        let news = serde_json::to_value(&news).unwrap_or_default();
        // Readers follow the draft only while nothing is published.
        if matches!(self.store.publication_number(id).await, Ok(None)) {
            let has_sql = |document: &Document| document.snapshot().without_sql().is_some();
            // Readers of SQL have a document without it, into which no update of this one fits.
            let news = if has_sql(&copy) || has_sql(&open.document) {
                serde_json::to_value(draft_for_readers(&copy, seq)?).unwrap_or_default()
            } else {
                news.clone()
            };
            self.hub.publish(&readers_topic(id), news, false);
        }
        self.hub.publish(&topic(id), news, false);
        self.picture_later(id);
        Ok((Some(Open { document: copy, version: seq }), seq))
    }

    /// What an undo or redo says of the operation it is about.
    async fn mark_of(&self, id: &str, operation: &Operation) -> Result<Option<Mark>> {
        let Some(target) = operation.target.as_deref().filter(|_| operation.intent != Intent::Edit) else {
            return Ok(None);
        };
        let seq = self.store.operation_seq(id, target).await?;
        Ok(seq.map(|seq| Mark { seq, undone: operation.intent == Intent::Undo }))
    }

    /// Whoever puts a tile or a filter on a dashboard, or changes what it asks, must be able to see
    /// its data.
    async fn check_sources(&self, caller: &Caller, document: &Document, edit: &Edit) -> Result<()> {
        for new in edit.changes.iter().filter(|c| c.path.starts_with("filters/")).filter_map(|c| c.new.as_ref()) {
            if let Some(dataset) = new.get("dataset").and_then(|d| d.as_str()) {
                self.may_read(caller, dataset).await?;
            }
        }
        let asked: BTreeSet<&str> = edit.changes.iter().filter_map(|c| tile_that_asks(&c.path)).collect();
        for tile in asked {
            let source = document.get(&format!("tiles/{tile}/data_source"));
            let Some(source) = source.filter(|s| !s.is_null()) else { continue };
            let source: DataSource = serde_json::from_value(source)
                .map_err(|e| Error::invalid(format!("This data source is not valid: {e}.")).field("data_source"))?;
            self.check_source(caller, &source).await?;
        }
        // Without a question of its own, the kind of chart decides what is asked.
        let kinds = edit.changes.iter().filter_map(|c| tile_of_kind(&c.path));
        for tile in kinds.collect::<BTreeSet<_>>() {
            let source = document.get(&format!("tiles/{tile}/data_source")).filter(|s| !s.is_null());
            let source = source.and_then(|source| serde_json::from_value::<DataSource>(source).ok());
            let short =
                source.filter(|s| s.query.is_none() && s.sql.is_none() && s.metric.is_none() && s.forecast.is_none());
            if let Some(source) = short {
                self.check_source(caller, &source).await?;
            }
        }
        Ok(())
    }

    /// Whether a caller may ask what a tile asks.
    pub(crate) async fn check_source(&self, caller: &Caller, source: &DataSource) -> Result<()> {
        let dataset = source.query.as_ref().map(|q| &q.dataset).or(source.table.as_ref());
        if let Some(dataset) = dataset.filter(|d| !d.is_empty()) {
            self.may_read(caller, dataset).await?;
        }
        if let Some(query) = &source.query {
            self.check_question(caller, query).await?;
        }
        if let Some(sql) = &source.sql {
            self.keep_statement(caller, sql).await?;
        }
        if let Some(metric) = &source.metric {
            self.metric_for(caller, metric).await?;
        }
        if let Some(forecast) = &source.forecast {
            self.forecast_for(caller, forecast).await?;
        }
        Ok(())
    }

    /// Makes an edit on the server, as if a browser had sent it.
    pub(crate) async fn edit_document(
        &self,
        caller: &Caller,
        id: &str,
        make: impl FnOnce(&Document) -> Edit,
    ) -> Result<u64> {
        let made = self
            .read_document(id, |document, version| {
                let edit = make(document);
                if edit.changes.is_empty() {
                    return Ok((None, version));
                }
                let copy = Document::load(replica(), &document.state())?;
                let update = BASE64.encode(copy.apply(&edit)?);
                let operation = Operation { id: new_id(), update, edit, intent: Intent::Edit, target: None };
                Ok::<_, Error>((Some(operation), version))
            })
            .await??;
        match made {
            (Some(operation), _) => self.apply_operation(caller, id, &operation).await,
            (None, version) => Ok(u64::try_from(version).unwrap_or_default()),
        }
    }

    /// Whether a document may be watched, and what it is called inside.
    ///
    /// # Errors
    /// The dashboard is not visible.
    pub async fn document_topic(&self, caller: &Caller, slug_or_id: &str) -> Result<(String, Access)> {
        let (row, access) = self.dashboard_for(caller, slug_or_id).await?;
        let topic = if access >= Access::Edit { topic(&row.id) } else { readers_topic(&row.id) };
        Ok((topic, access))
    }
}

/// The tile whose question a change is about: a new tile, or a part of its data source. How a chart
/// looks asks nothing.
fn tile_that_asks(path: &str) -> Option<&str> {
    let (id, field) = match path.strip_prefix("tiles/")?.split_once('/') {
        None => return path.strip_prefix("tiles/"),
        Some(found) => found,
    };
    (field == "data_source" || field.starts_with("data_source/query/")).then_some(id)
}

/// The tile whose kind a change is about.
fn tile_of_kind(path: &str) -> Option<&str> {
    let (id, field) = path.strip_prefix("tiles/")?.split_once('/')?;
    matches!(field, "chart_type" | "type").then_some(id)
}

/// The topic of a document.
pub(crate) fn topic(id: &str) -> String {
    format!("doc:{id}")
}

/// A replica number of the server: a copy never writes under a number that another has used.
pub(crate) fn replica() -> u64 {
    rand::random()
}

fn word(intent: Intent) -> &'static str {
    match intent {
        Intent::Edit => "edit",
        Intent::Undo => "undo",
        Intent::Redo => "redo",
    }
}

/// One's own edits, newest first, as the steps back and the steps forward.
fn stacks(own: Vec<OperationRow>) -> (Vec<Step>, Vec<Step>) {
    let (mut undo, mut redo) = (Vec::new(), Vec::new());
    for row in own.into_iter().filter(|row| row.intent == "edit") {
        let step = Step { id: row.id, edit: crate::from_json(&row.edit_json) };
        match row.state == "undone" {
            false => undo.push(step),
            // After a newer edit, what was undone before it cannot be made again.
            true if undo.is_empty() => redo.push(step),
            true => {}
        }
    }
    undo.reverse();
    redo.reverse();
    // The next step forward is the oldest that was undone.
    redo.reverse();
    (undo, redo)
}

/// What lists show of a dashboard.
pub(crate) fn mirror(document: &Document, now: i64) -> MirroredMeta {
    let meta = document.meta();
    let text = |key: &str| meta.get(key).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    let layout = document.layout();
    let first = layout.tabs.first().map(|t| t.id.clone());
    let sketch: Vec<SketchTile> = layout
        .widgets
        .iter()
        .filter(|t| first.is_none() || t.tab.is_none() || t.tab == first)
        .map(|t| SketchTile {
            kind: match (t.kind, t.chart_kind()) {
                (TileKind::Text, _) => "text".into(),
                (TileKind::Image, _) => "image".into(),
                (_, Some(kind)) => kind.as_str().into(),
                (_, None) => "filter".into(),
            },
            position: t.position,
        })
        .collect();
    MirroredMeta {
        name: text("name"),
        description: text("description"),
        theme: text("theme"),
        sketch_json: to_json(&sketch),
        updated_at: now,
    }
}
