//! Where a tile's data comes from: its topic on the socket, asked anew when the question or what
//! the page asks of it changes. The last data stays until newer arrives.

use super::local::Local;
use super::logic::draft;
use super::nothing;
use crate::live::{Socket, Subscription, use_socket};
use domain::api::{MetricReading, TileData};
use domain::connect::TileAsk;
use domain::dashboard::{DataSource, TileKind};
use domain::live::ServerMessage;
use domain::query::Query;
use domain::{ChartKind, Error, ErrorCode, Tile};
use leptos::prelude::*;
use std::time::Duration;

/// How often a tile that the server does not know yet, or not in its new form, is asked again: its
/// edit is on the way.
const PATIENCE: u8 = 6;
const PAUSE: Duration = Duration::from_millis(300);

/// What of a tile decides which rows it gets. How they are drawn does not.
#[derive(Clone, Debug, PartialEq)]
struct Question {
    tile: String,
    source: DataSource,
    is_table: bool,
    /// What it is drawn by comes with the rows.
    plugin: Option<ChartKind>,
}

impl Question {
    fn of(tile: &Tile) -> Option<Self> {
        let mut source = tile.data_source.clone()?;
        let asks = source.metric.is_some()
            || source.forecast.is_some()
            || source.sql.is_some()
            || source.query.as_ref().is_some_and(|q| !q.dataset.is_empty() && draft::asks(q))
            || source.table.as_ref().is_some_and(|t| !t.is_empty());
        let draws = !matches!(tile.kind, TileKind::Text | TileKind::Image | TileKind::Filter);
        source.encodings = Default::default();
        source.options.clear();
        let plugin = tile.chart_kind().filter(|kind| matches!(kind, ChartKind::Plugin(_)));
        let is_table = tile.kind == TileKind::Table;
        (asks && draws).then(|| Self { tile: tile.id.clone(), source, is_table, plugin })
    }

    /// Whether an answer is to this question, and not to the one before an edit.
    fn is_answered_by(&self, data: &TileData) -> bool {
        let same =
            |a: &Query, b: &Query| a.dimensions == b.dimensions && a.measures == b.measures && a.columns == b.columns;
        if self.plugin.is_some_and(|kind| data.spec.kind != kind) {
            return false;
        }
        match (&self.source.metric, &self.source.query, &data.query) {
            (Some(metric), ..) => data.reading.as_ref().is_some_and(|r| r.id == *metric),
            (None, Some(asked), Some(answered)) => same(asked, answered),
            _ => true,
        }
    }
}

/// The data of one tile. Copy it freely.
#[derive(Clone, Copy)]
pub(super) struct Feed {
    /// The last answer; meaningful while `has`.
    pub(super) data: RwSignal<TileData>,
    pub(super) has: RwSignal<bool>,
    pub(super) error: RwSignal<Option<Error>>,
    pub(super) loading: RwSignal<bool>,
    /// Whether the last data came by itself. What somebody waits for is drawn at once instead.
    pub(super) moves: RwSignal<bool>,
    /// Seconds since the question was asked, while it is not answered.
    pub(super) seconds: RwSignal<u32>,
    socket: Socket,
    question: Memo<Option<Question>>,
    topic: StoredValue<String>,
    ask: Signal<TileAsk>,
    on_loading: Callback<()>,
    subscriptions: Local<Vec<Subscription>>,
    clock: Local<Option<IntervalHandle>>,
    retry: Local<Option<TimeoutHandle>>,
    tries: StoredValue<u8>,
}

impl Feed {
    /// Follows a tile while `active`. `on_loading` runs in the task that asks.
    pub(super) fn new(
        dashboard: &str,
        tile: Signal<Tile>,
        ask: Signal<TileAsk>,
        active: Signal<bool>,
        on_loading: Callback<()>,
    ) -> Self {
        let prefix = format!("tile:{dashboard}/");
        let feed = Self {
            data: RwSignal::new(nothing()),
            has: RwSignal::new(false),
            error: RwSignal::new(None),
            loading: RwSignal::new(false),
            moves: RwSignal::new(false),
            seconds: RwSignal::new(0),
            socket: use_socket(),
            question: Memo::new(move |_| tile.with(Question::of)),
            topic: StoredValue::new(prefix.clone()),
            ask,
            on_loading,
            subscriptions: Local::new(),
            clock: Local::new(),
            retry: Local::new(),
            tries: StoredValue::new(0),
        };
        Effect::new(move |_| {
            let question = feed.question.get();
            ask.track();
            if !active.get() {
                return;
            }
            match question {
                Some(question) => {
                    feed.topic.set_value(format!("{prefix}{}", question.tile));
                    feed.tries.set_value(0);
                    feed.ask();
                }
                None => feed.forget(),
            }
        });
        on_cleanup(move || {
            feed.stop();
            feed.subscriptions.set(Vec::new());
        });
        feed
    }

    /// Whether there is a question at all.
    pub(super) fn asks(self) -> bool {
        self.question.with(Option::is_some)
    }

    /// Asks, for the first time or again.
    pub(super) fn ask(self) {
        let Some(question) = self.question.get_untracked() else { return };
        self.begin();
        let socket = self.socket;
        let hear = move |message| self.hear(message);
        let mut all = vec![socket.subscribe(self.topic.get_value(), self.ask.get_untracked(), hear)];
        if let Some(metric) = &question.source.metric {
            // The tile's own topic tells the same; this one is there first.
            all.push(
                socket.subscribe(format!("metric:{metric}"), TileAsk::default(), move |message| {
                    self.hear_metric(&message)
                }),
            );
        }
        // The earlier ones end only now, so that the socket sees a change and not an end.
        self.subscriptions.set(all);
    }

    /// Gives up waiting; the server stops working on it.
    pub(super) fn cancel(self) {
        self.stop();
        self.subscriptions.set(Vec::new());
        let error = Error::new(ErrorCode::Cancelled, "The question was cancelled.").hint("Ask again when you need it.");
        self.error.set(Some(error));
        self.loading.set(false);
    }

    fn forget(self) {
        self.stop();
        self.subscriptions.set(Vec::new());
        self.has.set(false);
        self.error.set(None);
        self.loading.set(false);
    }

    fn begin(self) {
        self.stop();
        self.seconds.set(0);
        self.error.set(None);
        self.loading.set(true);
        self.on_loading.run(());
        let tick = move || {
            _ = self.seconds.try_update(|s| *s += 1);
        };
        self.clock.set(set_interval_with_handle(tick, Duration::from_secs(1)).ok());
    }

    fn stop(self) {
        if let Some(clock) = self.clock.replace(None).flatten() {
            clock.clear();
        }
        if let Some(retry) = self.retry.replace(None).flatten() {
            retry.clear();
        }
    }

    fn hear(self, message: ServerMessage) {
        if let Some(error) = message.error {
            // A tile that was just added: the server hears of it any moment.
            if error == Error::not_found("tile") && self.wait() {
                return;
            }
            return self.fail(error);
        }
        let Some(data) = message.data else { return };
        match serde_json::from_value::<TileData>(data) {
            Ok(data) => {
                let Some(Some(question)) = self.question.try_get_untracked() else { return };
                // After a step into the detail the question is another one.
                let Some(is_own) = self.ask.try_with_untracked(|ask| ask.drill.is_empty()) else { return };
                if is_own && !question.is_answered_by(&data) && self.wait() {
                    return;
                }
                self.stop();
                self.moves.set(!self.loading.get_untracked());
                self.data.set(data);
                self.has.set(true);
                self.error.set(None);
                self.loading.set(false);
            }
            Err(cause) => {
                leptos::logging::error!("the tile's data cannot be read: {cause}");
                self.fail(
                    Error::new(ErrorCode::Internal, "The tile's data could not be read.").hint("Reload the page."),
                );
            }
        }
    }

    /// Asks again in a moment; false when that has been done often enough.
    fn wait(self) -> bool {
        let tries = self.tries.try_update_value(|tries| {
            *tries = tries.saturating_add(1);
            *tries
        });
        if tries.is_none_or(|tries| tries > PATIENCE) {
            return false;
        }
        let again = move || {
            if self.loading.try_get_untracked() == Some(true) {
                // On the same subscription: the socket asks anew.
                self.socket.refresh(&self.topic.get_value());
            }
        };
        self.retry.set(set_timeout_with_handle(again, PAUSE).ok());
        true
    }

    fn fail(self, error: Error) {
        self.stop();
        self.error.set(Some(error));
        self.loading.set(false);
    }

    fn hear_metric(self, message: &ServerMessage) {
        let reading = message.data.clone().and_then(|data| serde_json::from_value::<MetricReading>(data).ok());
        let Some(reading) = reading else { return };
        let newer = self.has.try_get_untracked() == Some(true)
            && self.data.with_untracked(|data| {
                data.reading.as_ref().is_none_or(|old| old.reading.calculated_at <= reading.reading.calculated_at)
            });
        if newer {
            self.data.update(|data| data.reading = Some(reading));
        }
    }
}
