//! The past of a metric: a stretch to choose, its line between the least and the most, and what the
//! value is compared with.

use crate::api::learning::metric_marks;
use crate::api::metrics::{metric_past, metric_trends};
use crate::components::*;
use crate::pages::deeds::Answer;
use crate::pages::metrics::trend;
use domain::api::{HistoryValue, MetricHistory, MetricReading};
use domain::format::{NOTHING, number};
use leptos::prelude::*;

const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 160.0;

/// What can be chosen: its name, and its seconds.
const RANGES: &[(&str, u32)] = &[("1 h", 3_600), ("24 h", 86_400), ("7 d", 604_800), ("90 d", 7_776_000)];

/// The past, as it grows.
#[component]
pub(super) fn Past(reading: RwSignal<MetricReading>) -> impl IntoView {
    let range = RwSignal::new("24 h".to_owned());
    let id = reading.with_untracked(|r| r.id.clone());
    // Longer stretches need not be asked for at each reading.
    let tick = Memo::new(move |_| {
        let digits = if range.with(|r| r == "1 h") { 18 } else { 16 };
        reading.with(|r| r.reading.calculated_at.as_ref().and_then(|at| at.get(..digits)).map(str::to_owned))
    });
    let history = Answer::of({
        let id = id.clone();
        move || {
            _ = tick.get();
            let chosen = range.get();
            let seconds = RANGES.iter().find(|(name, _)| *name == chosen).map_or(86_400, |(_, seconds)| *seconds);
            metric_past(id.clone(), seconds)
        }
    });
    let marks = Answer::of({
        let id = id.clone();
        move || {
            _ = tick.get();
            metric_marks(id.clone())
        }
    });
    let unusual = Signal::derive(move || match marks.get() {
        Some(Ok(marks)) => marks.into_iter().map(|mark| mark.at).collect::<Vec<_>>(),
        _ => Vec::new(),
    });
    let trends = Answer::of(move || {
        _ = tick.get();
        metric_trends(id.clone())
    });
    let body = move || match history.get() {
        None => view! { <Skeleton height="12rem"/> }.into_any(),
        Some(Ok(history)) => view! { <Chart history reading unusual/> }.into_any(),
        Some(Err(error)) => {
            let retry = Callback::new(move |()| history.refetch());
            view! { <ErrorState error=error.0 retry compact=true/> }.into_any()
        }
    };
    let beside = move || {
        let Some(Ok(t)) = trends.get() else { return ().into_any() };
        let (favourable, format) = reading.with_untracked(|r| (r.favourable, r.format.clone()));
        let all = [
            ("An hour before", &t.hour),
            ("A day before", &t.day),
            ("A week before", &t.week),
            ("30 days before", &t.month),
            ("The target", &t.target),
        ];
        let row = |(label, t): (&'static str, &domain::metric::Trend)| {
            t.change.is_some().then(|| view! { <dt>{label}</dt><dd>{trend(t, favourable, &format)}</dd> })
        };
        let rows: Vec<_> = all.into_iter().filter_map(row).collect();
        if rows.is_empty() {
            return ().into_any();
        }
        view! { <div class="metric-beside" data-testid="metric-trends"><h2>"Compared with"</h2><dl class="facts">{rows}</dl></div> }.into_any()
    };
    let segments = RANGES.iter().map(|(name, _)| Segment::new(*name, *name)).collect();
    view! {
        <div class="metric-past" data-testid="metric-past">
            <div class="row row-end">
                <SegmentedControl label="Stretch of time" segments value=range on_change=move |v| range.set(v)/>
            </div>
            {body}
            {beside}
        </div>
    }
    .into_any()
}

/// Where the points lie in the drawing.
struct Scale {
    start: f64,
    end: f64,
    low: f64,
    high: f64,
}

impl Scale {
    fn of(history: &MetricHistory) -> Option<Self> {
        let times = || history.points.iter().filter_map(|p| moment(&p.at));
        let edges = || history.points.iter().flat_map(|p| [p.min, p.max, p.value]).flatten();
        let (low, high) = edges().fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)));
        let (start, end) = (times().next()?, times().next_back()?);
        (end > start && low.is_finite()).then_some(Self { start, end, low, high })
    }

    fn point(&self, at: f64, value: f64) -> (f64, f64) {
        let share = if self.high > self.low { (value - self.low) / (self.high - self.low) } else { 0.5 };
        ((at - self.start) / (self.end - self.start) * WIDTH, HEIGHT - share * HEIGHT)
    }

    /// The line through the last values. Gaps stay gaps.
    fn line(&self, points: &[HistoryValue]) -> String {
        let mut text = String::new();
        let mut pen_up = true;
        for point in points {
            let (Some(at), Some(value)) = (moment(&point.at), point.value) else {
                pen_up = true;
                continue;
            };
            let (x, y) = self.point(at, value);
            text.push_str(&format!("{}{x:.1} {y:.1}", if pen_up { 'M' } else { 'L' }));
            pen_up = false;
        }
        text
    }

    /// The area between the least and the most; nothing where each point is one value.
    fn band(&self, points: &[HistoryValue]) -> String {
        if points.iter().all(|p| p.count <= 1) {
            return String::new();
        }
        let edge = |p: &HistoryValue, value: Option<f64>| {
            let (x, y) = self.point(moment(&p.at)?, value?);
            Some(format!("{x:.1} {y:.1}"))
        };
        let above = points.iter().filter_map(|p| edge(p, p.max));
        let below = points.iter().rev().filter_map(|p| edge(p, p.min));
        let all: Vec<String> = above.chain(below).collect();
        format!("M{}Z", all.join("L"))
    }
}

/// Milliseconds since the epoch, of a time in UTC such as the server writes it.
fn moment(iso: &str) -> Option<f64> {
    let number = |from: usize, to: usize| iso.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    // Days since the epoch in the proleptic Gregorian calendar, with years that begin in March.
    let (y, m) = (if month <= 2 { year - 1 } else { year }, (month + 9) % 12);
    let days = 365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (m * 306 + 5) / 10 + day - 719_469;
    let seconds = days * 86_400 + number(11, 13)? * 3_600 + number(14, 16)? * 60 + number(17, 19)?;
    Some(seconds as f64 * 1_000.0 + number(20, 23).unwrap_or_default() as f64)
}

#[component]
fn Chart(history: MetricHistory, reading: RwSignal<MetricReading>, unusual: Signal<Vec<String>>) -> impl IntoView {
    let Some(scale) = Scale::of(&history) else {
        return view! { <p class="muted">"The line appears after the second value of this stretch."</p> }.into_any();
    };
    let (format, target) = reading.with_untracked(|r| (r.format.clone(), r.target));
    let locale = crate::session::locale();
    let write = |value: f64, compact: bool| number(value, &format, compact, &locale);
    let time = |iso: &str| domain::format::time(iso.get(..16).unwrap_or(iso), None, &locale);
    let points = &history.points;
    let first = points.first().map(|p| time(&p.at));
    let last = points.last().map(|p| time(&p.at) + " UTC");
    let words =
        format!("Line of {} points between {} and {}", points.len(), write(scale.low, true), write(scale.high, true));
    let goal = target.filter(|t| (scale.low..=scale.high).contains(t)).map(|t| {
        let y = scale.point(scale.start, t).1;
        view! { <path class="history-target" d=format!("M0 {y:.1}H{WIDTH}") vector-effect="non-scaling-stroke"></path> }
    });
    let row = |p: &HistoryValue| {
        let at = p.at.get(..19).unwrap_or(&p.at).replace('T', " ");
        let cell = |value: Option<f64>| value.map_or_else(|| NOTHING.to_owned(), |v| write(v, false));
        view! {
            <tr><td class="num">{at}</td><td class="num">{cell(p.value)}</td><td class="num">{cell(p.min)}</td><td class="num">{cell(p.max)}</td></tr>
        }
    };
    let rows: Vec<_> = points.iter().rev().take(30).map(row).collect();
    let (start, end) = (scale.start, scale.end);
    let odd = move || {
        let places = unusual.get().into_iter().filter_map(|at| moment(&at)).filter(|at| (start..=end).contains(at));
        places.map(|at| format!("M{:.1} 0V{HEIGHT}", (at - start) / (end - start) * WIDTH)).collect::<String>()
    };
    // A value that stands still has one edge.
    let low = (scale.high > scale.low).then(|| view! { <span>{write(scale.low, true)}</span> });
    view! {
        <div class="history">
            <div class="history-scale num" aria-hidden="true"><span>{write(scale.high, true)}</span>{low}</div>
            <svg class="history-plot" viewBox="-2 -4 604 168" preserveAspectRatio="none" role="img" aria-label=words>
                <path class="history-grid" d="M0 0H600M0 80H600M0 160H600" vector-effect="non-scaling-stroke"></path>
                <path class="history-band" d=scale.band(points)></path>
                {goal}
                <path class="history-unusual" d=odd vector-effect="non-scaling-stroke" data-testid="metric-unusual"></path>
                <path class="spark-line" d=scale.line(points) vector-effect="non-scaling-stroke"></path>
            </svg>
            <div class="history-time num"><span>{first}</span><span>{last}</span></div>
        </div>
        <details class="history-table">
            <summary>"Latest values"</summary>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Latest values">
                <table class="table"><caption class="visually-hidden">"Latest values, newest first"</caption>
                    <thead><tr>
                        <th scope="col">"Time (UTC)"</th>
                        <th scope="col" class="num">"Value"</th>
                        <th scope="col" class="num">"Least"</th>
                        <th scope="col" class="num">"Most"</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at: &str, value: Option<f64>) -> HistoryValue {
        HistoryValue { at: at.into(), value, min: value, max: value, avg: value, count: 1 }
    }

    #[test]
    fn times_are_read_without_a_calendar() {
        assert_eq!(moment("1970-01-01T00:00:00.000Z"), Some(0.0));
        assert_eq!(moment("2024-02-29T12:00:00.250Z"), Some(1_709_208_000_250.0));
        assert_eq!(moment("never"), None);
    }

    #[test]
    fn points_lie_at_their_times() {
        let points = vec![
            point("1970-01-01T00:00:00.000Z", Some(0.0)),
            point("1970-01-01T00:00:01.000Z", Some(10.0)),
            point("1970-01-01T00:00:02.000Z", None),
            point("1970-01-01T00:00:04.000Z", Some(5.0)),
        ];
        let history = MetricHistory { points, ..MetricHistory::default() };
        let scale = Scale::of(&history).unwrap();
        assert_eq!(scale.line(&history.points), "M0.0 160.0L150.0 0.0M600.0 80.0");
        assert_eq!(scale.band(&history.points), "", "each is one value");
        assert!(Scale::of(&MetricHistory::default()).is_none());
    }
}
