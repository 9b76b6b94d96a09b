//! The state of the page: the text, what was asked with it, and the dataset that it is.

use super::editor::Editor;
use super::history::{self, Past};
use super::plan::{self, Step};
use crate::api::sql::{OpenedSql, explain_sql, open_sql, read_sql_schema, run_sql};
use crate::components::local::Local;
use crate::components::{OneAtATime, typed, use_local_storage, use_seconds, use_shortcuts};
use crate::session::use_session;
use crate::tiles::nothing;
use domain::api::TileData;
use domain::sql::{SqlAnswer, SqlRequest, SqlSchema};
use domain::{Error, ErrorCode};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_location;
use serde::{Deserialize, Serialize};

/// The address of the page; with `?dataset=` the SELECT of a dataset.
pub(crate) const PATH: &str = "/sql";
/// The rows of an answer: as few as most people look at, and as many as there can be.
pub(super) const LIMITS: [u64; 3] = [1_000, 10_000, 100_000];
/// A pause of this long in typing, in milliseconds, and the text is kept.
const PAUSE: u64 = 300;

/// What is asked of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    Run,
    Explain,
}

/// What stands under the editor.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Shown {
    #[default]
    Nothing,
    Rows,
    Plan(Vec<Step>),
}

/// What the browser keeps of the text, so that it outlives a reload.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    /// What belongs to no dataset.
    scratch: String,
    /// The dataset that was changed last, and its text.
    dataset: String,
    text: String,
}

impl Kept {
    fn read(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }
}

/// The page's state. Copy it freely.
#[derive(Clone, Copy)]
pub(super) struct Work {
    pub(super) text: RwSignal<String>,
    pub(super) editor: Local<Option<Editor>>,
    pub(super) schema: RwSignal<SqlSchema>,
    pub(super) schema_loading: RwSignal<bool>,
    pub(super) schema_failed: RwSignal<Option<Error>>,
    /// The dataset that the address names.
    pub(super) dataset: Memo<Option<String>>,
    pub(super) opened: RwSignal<Option<OpenedSql>>,
    pub(super) open_failed: RwSignal<Option<Error>>,
    pub(super) shown: RwSignal<Shown>,
    /// The rows; meaningful while they are shown.
    pub(super) data: RwSignal<TileData>,
    pub(super) failed: RwSignal<Option<Error>>,
    pub(super) running: RwSignal<Option<Task>>,
    /// Seconds that it runs already.
    pub(super) seconds: Signal<u32>,
    pub(super) limit: RwSignal<u64>,
    /// What the rows answer.
    pub(super) asked: StoredValue<SqlRequest>,
    /// Earlier statements, as JSON.
    pub(super) history: RwSignal<String>,
    kept: RwSignal<String>,
    keep: Callback<(Option<String>, String)>,
    asking: OneAtATime,
}

impl Work {
    pub(super) fn new() -> Self {
        let location = use_location();
        let user = use_session().caller().map(|caller| caller.user_id).unwrap_or_default();
        let kept = use_local_storage(format!("orrery.sql.text.{user}"), "");
        let history = use_local_storage(format!("orrery.sql.history.{user}"), "[]");
        let dataset = Memo::new(move |_| location.query.with(|q| q.get("dataset")).filter(|name| !name.is_empty()));
        let keep = typed(
            PAUSE,
            Callback::new(move |(dataset, text): (Option<String>, String)| {
                kept.update(|json| {
                    let mut all = Kept::read(json);
                    match dataset {
                        None => all.scratch = text,
                        Some(dataset) => (all.dataset, all.text) = (dataset, text),
                    }
                    *json = serde_json::to_string(&all).unwrap_or_default();
                });
            }),
        );
        let running = RwSignal::new(None);
        let work = Self {
            text: RwSignal::new(String::new()),
            editor: Local::new(),
            schema: RwSignal::new(SqlSchema::default()),
            schema_loading: RwSignal::new(true),
            schema_failed: RwSignal::new(None),
            dataset,
            opened: RwSignal::new(None),
            open_failed: RwSignal::new(None),
            shown: RwSignal::new(Shown::Nothing),
            data: RwSignal::new(nothing()),
            failed: RwSignal::new(None),
            running,
            seconds: use_seconds(Signal::derive(move || running.with(Option::is_some))),
            limit: RwSignal::new(LIMITS[0]),
            asked: StoredValue::new(SqlRequest::default()),
            history,
            kept,
            keep,
            // Who leaves the page does not wait for the answer: the server need not work on it.
            asking: OneAtATime::new(),
        };
        Effect::new(move |_| work.read_schema());
        work.follow_address(location.pathname);
        let shortcuts = use_shortcuts();
        shortcuts.add("SQL", "mod+enter", "Run", Callback::new(move |()| work.ask(Task::Run)));
        shortcuts.note("SQL", "mod+z", "Undo in the text");
        work
    }

    /// The address says which text is written at.
    fn follow_address(self, path: Memo<String>) {
        Effect::new(move |_| {
            let name = self.dataset.get();
            // On the way to another page its address is none of ours.
            if path.get_untracked() != PATH {
                return;
            }
            self.asking.cancel();
            self.running.set(None);
            self.opened.set(None);
            self.open_failed.set(None);
            self.failed.set(None);
            self.shown.set(Shown::Nothing);
            match name {
                Some(name) => self.open(name),
                None => self.write(&Kept::read(&self.kept.get_untracked()).scratch),
            }
        });
    }

    /// Reads the SELECT of a dataset.
    pub(super) fn open(self, name: String) {
        self.open_failed.set(None);
        spawn_local(async move {
            let found = open_sql(name.clone()).await;
            if self.dataset.try_get_untracked().flatten() != Some(name.clone()) {
                return;
            }
            match found {
                Ok(opened) => {
                    let kept = Kept::read(&self.kept.get_untracked());
                    let changed = (kept.dataset == name && !kept.text.is_empty()).then_some(kept.text);
                    let text = changed.unwrap_or_else(|| opened.definition.sql.clone());
                    self.opened.set(Some(opened));
                    self.write(&text);
                }
                Err(error) => self.open_failed.set(Some(error.0)),
            }
        });
    }

    /// Asks what can be written.
    pub(super) fn read_schema(self) {
        self.schema_loading.set(true);
        self.schema_failed.set(None);
        spawn_local(async move {
            match read_sql_schema().await {
                Ok(schema) => _ = self.schema.try_set(schema),
                Err(error) => _ = self.schema_failed.try_set(Some(error.0)),
            }
            _ = self.schema_loading.try_set(false);
        });
    }

    /// The editor has another text.
    pub(super) fn typed(self, text: String) {
        let dataset = self.opened.with_untracked(|o| o.as_ref().map(|o| o.dataset.name.clone()));
        // While its dataset is on the way, an empty editor is nobody's text.
        if dataset.is_some() == self.dataset.with_untracked(Option::is_some) {
            self.keep.run((dataset, text.clone()));
        }
        self.text.set(text);
    }

    /// Puts another text into the editor; it can be undone there.
    pub(super) fn write(self, text: &str) {
        self.text.set(text.to_owned());
        self.editor.with(|editor| editor.iter().for_each(|e| e.set_text(text)));
    }

    /// Writes a name at the cursor.
    pub(super) fn insert(self, name: &str) {
        self.editor.with(|editor| editor.iter().for_each(|e| e.insert(name)));
    }

    /// Goes on writing.
    pub(super) fn focus(self) {
        self.editor.with(|editor| editor.iter().for_each(Editor::focus));
    }

    /// Whether the text is not that of the dataset any more.
    pub(super) fn is_changed(self) -> bool {
        self.opened.with(|o| o.as_ref().is_some_and(|o| self.text.with(|text| o.definition.sql != *text)))
    }

    /// Asks with what is selected, or the whole text.
    pub(super) fn ask(self, task: Task) {
        let taken = self.editor.with(|editor| editor.as_ref().and_then(Editor::take)).flatten();
        let sql = taken.unwrap_or_else(|| self.text.get_untracked());
        self.asking.cancel();
        self.failed.set(None);
        if sql.trim().is_empty() {
            self.running.set(None);
            let error = Error::invalid("There is nothing to run yet.").hint("Write a SELECT first.");
            return self.failed.set(Some(error));
        }
        let scope = self.opened.with_untracked(|o| o.as_ref().and_then(|o| o.definition.dataset_scope.clone()));
        let request = SqlRequest { sql, dataset_scope: scope, limit: Some(self.limit.get_untracked()) };
        self.running.set(Some(task));
        self.asking.start(self.answer(task, request));
    }

    /// Gives up waiting; the server stops working on it.
    pub(super) fn cancel(self) {
        if self.running.get_untracked().is_none() {
            return;
        }
        self.asking.cancel();
        let after = self.seconds.get_untracked();
        self.running.set(None);
        let error = Error::new(ErrorCode::Cancelled, format!("Cancelled after {after} s."));
        self.failed.set(Some(error.hint("Run it again when you need it.")));
        self.focus();
    }

    async fn answer(self, task: Task, request: SqlRequest) {
        let outcome = match task {
            Task::Run => run_sql(request.clone()).await.map(|answer| {
                let rows = answer.table.row_count() as u64;
                _ = self.asked.try_set_value(request.clone());
                _ = self.data.try_set(data_of(answer));
                (Shown::Rows, Some(rows))
            }),
            Task::Explain => explain_sql(request.clone()).await.map(|p| (Shown::Plan(plan::read(&p.plan)), None)),
        };
        if task == Task::Run {
            let rows = outcome.as_ref().ok().and_then(|(_, rows)| *rows);
            let at = String::from(js_sys::Date::new_0().to_iso_string());
            let past = Past { sql: request.sql, at, rows };
            _ = self.history.try_update(|json| *json = history::remember(json, past));
        }
        match outcome {
            Ok((what, _)) => _ = self.shown.try_set(what),
            Err(error) => _ = self.failed.try_set(Some(error.0)),
        }
        _ = self.running.try_set(None);
    }
}

/// An answer as those who show rows take it.
pub(super) fn data_of(answer: SqlAnswer) -> TileData {
    TileData { table: answer.table, elapsed_ms: answer.elapsed_ms, ..nothing() }
}
