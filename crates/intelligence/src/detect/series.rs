//! The detector of series: several views of each moment, each judged by how rare it is among all
//! moments before it, taken together, and told once for each burst. Nothing in the score of a
//! moment comes after it.

mod rare;
mod views;

pub(crate) use views::{History, View};

use crate::learn::Settings;
use domain::learn::ModelKind;
use rare::Rare;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// The mean surprise at which a score is 0.5: a moment that one in some hundreds is, by most views.
const HALF: f64 = 2.5;
const MOST_QUIET: usize = 100_000;
const MOST_VIEWS: usize = 32;

/// A trained detector of series: what it has seen so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeriesDetector {
    views: Vec<View>,
    season: usize,
    /// Rows for which a burst is not told again.
    quiet: usize,
    history: History,
    rare: Vec<Rare>,
    /// Surprises of the last `quiet` rows, with their numbers, the greatest first.
    recent: VecDeque<(u64, f64)>,
    pub(crate) last_time: i64,
}

/// What a moment looks like.
#[derive(Clone, Debug, Default)]
pub(crate) struct Moment {
    /// From 0 to 1 where a burst begins or is odder than before, else 0.
    pub(crate) alert: f64,
    /// From 0 to 1, whatever was told before.
    pub(crate) score: f64,
    /// Of each view.
    pub(crate) surprises: Vec<f64>,
    pub(crate) expected: Option<f64>,
}

fn views_of(kind: ModelKind, window: usize) -> Vec<View> {
    match kind {
        ModelKind::SeasonalResiduals => {
            vec![View::Season(1), View::Season(5), View::FromMedian(20), View::FromMedian(60)]
        }
        ModelKind::ChangePoint => vec![View::Level(window), View::Scatter(window)],
        _ => vec![
            View::High(1),
            View::Low(1),
            View::High(25),
            View::Low(25),
            View::FromMedian(20),
            View::FromMedian(60),
            View::Step,
            View::Spread(10),
            View::Spread(30),
            View::Season(1),
            View::Season(5),
            View::Shape(8),
            View::Shape(24),
        ],
    }
}

impl SeriesDetector {
    /// A detector that has seen nothing yet. `rows` is how long the series is about; `season` the
    /// rows until its pattern repeats, 0 for none.
    pub(crate) fn new(settings: &Settings, season: usize, rows: usize) -> Self {
        let window = match settings.count("window") {
            0 => (rows / 50).clamp(10, 500),
            window => window.clamp(3, 10_000),
        };
        let views = views_of(settings.kind, window);
        let quiet = ((settings.number("quiet") * rows as f64) as usize).clamp(5, MOST_QUIET);
        let rare = views.iter().map(|view| Rare::new(view.warm_up(season))).collect();
        let history = History::new(season, window);
        Self { views, season, quiet, history, rare, recent: VecDeque::new(), last_time: i64::MIN }
    }

    /// The same detector as it was before it had seen anything.
    pub(crate) fn fresh(&self) -> Self {
        Self {
            rare: self.views.iter().map(|view| Rare::new(view.warm_up(self.season))).collect(),
            history: self.history.fresh(),
            recent: VecDeque::new(),
            last_time: i64::MIN,
            ..self.clone()
        }
    }

    pub(crate) fn views(&self) -> &[View] {
        &self.views
    }

    /// Looks at the next value; NaN where there is none, which is never odd by itself.
    pub(crate) fn next(&mut self, value: f64) -> Moment {
        let expected = self.history.expected(self.season);
        let row = self.history.rows();
        if !self.history.push(value) {
            return Moment { surprises: vec![0.0; self.views.len()], expected, ..Moment::default() };
        }
        let surprises: Vec<f64> = self
            .views
            .iter()
            .zip(&mut self.rare)
            .map(|(view, rare)| rare.next(view.look(&mut self.history, self.season)))
            .collect();
        let squares: f64 = surprises.iter().map(|s| s * s).sum();
        let surprise = (squares / self.views.len().max(1) as f64).sqrt();
        let score = surprise / (surprise + HALF);
        // The greatest of the last rows stands in front; what is less and older never counts again.
        while self.recent.front().is_some_and(|(at, _)| at + (self.quiet as u64) < row) {
            self.recent.pop_front();
        }
        let told = self.recent.front().map_or(0.0, |(_, most)| *most);
        let alert = if surprise > told { score } else { 0.0 };
        while self.recent.back().is_some_and(|(_, less)| *less <= surprise) {
            self.recent.pop_back();
        }
        self.recent.push_back((row, surprise));
        Moment { alert, score, surprises, expected }
    }

    pub(crate) fn quiet_rows(&self) -> usize {
        self.quiet
    }

    /// What is usual for the value so far: its 5th and 95th percentile.
    pub(crate) fn usual(&self) -> Option<(f64, f64)> {
        self.history.usual()
    }

    pub(crate) fn check(&self) -> bool {
        (1..=MOST_VIEWS).contains(&self.views.len())
            && self.views.iter().all(View::check)
            && self.rare.len() == self.views.len()
            && self.rare.iter().all(Rare::check)
            && (1..=MOST_QUIET).contains(&self.quiet)
            && self.recent.len() <= self.quiet + 2
            && self.recent.iter().all(|(at, surprise)| *at < 1 << 50 && surprise.is_finite())
            && self.history.check(self.season)
    }
}

/// The season of a series with such a step between its rows, in rows: the day where the step is
/// shorter, the week of days, the year of weeks, months and quarters.
pub(crate) fn season_of_step(step_us: i64) -> usize {
    const HOUR: i64 = 3_600_000_000;
    const DAY: i64 = 24 * HOUR;
    match step_us {
        ..=0 => 0,
        step if step <= 6 * HOUR => (DAY as f64 / step as f64).round() as usize,
        step if (23 * HOUR..=25 * HOUR).contains(&step) => 7,
        step if (6 * DAY..=8 * DAY).contains(&step) => 52,
        step if (28 * DAY..=31 * DAY).contains(&step) => 12,
        step if (90 * DAY..=92 * DAY).contains(&step) => 4,
        _ => 0,
    }
}
