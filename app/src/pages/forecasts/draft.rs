//! A forecast as it is being made or changed. Copy it freely.

use super::events;
use domain::forecast::{Assumption, Driver, ForecastDef, ModelKind, Settings};
use domain::query::{Agg, Grain, Measure, Query};
use leptos::prelude::*;

/// A driver as it is chosen: a column that is summed or averaged, and what is assumed of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Chosen {
    pub(crate) column: String,
    pub(crate) agg: Agg,
    /// None: the last season comes again; else its level, changed by so many percent.
    pub(crate) percent: Option<f64>,
}

/// What the address of the page says already, such as where a question in words leads here.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Asked {
    /// Empty: a measure of a dataset.
    pub(crate) metric: String,
    /// One measure of a dataset, and of which rows. No dataset: the first.
    pub(crate) query: Query,
    pub(crate) time: String,
    pub(crate) grain: Option<Grain>,
    pub(crate) horizon: Option<f64>,
}

impl Asked {
    /// Reads the parameters of an address; what cannot be read is not there.
    pub(crate) fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        let question = get("q").and_then(|text| serde_json::from_str::<Query>(&text).ok()).unwrap_or_default();
        let dataset = Some(question.dataset).filter(|name| !name.is_empty());
        let measure = question.measures.into_iter().next().unwrap_or_else(Measure::count);
        Self {
            metric: get("metric").unwrap_or_default(),
            query: Query {
                dataset: dataset.or_else(|| get("dataset")).unwrap_or_default(),
                measures: vec![measure],
                filter: question.filter,
                ..Query::default()
            },
            time: get("time").unwrap_or_default(),
            grain: get("grain").and_then(|word| {
                let mut all = Grain::ALL.iter().copied().filter(|g| !g.is_folded());
                all.find(|g| g.as_str() == word)
            }),
            horizon: get("horizon").and_then(|text| text.parse::<u16>().ok()).filter(|h| *h > 0).map(f64::from),
        }
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Draft {
    /// Empty: a measure of a dataset.
    pub(crate) metric: RwSignal<String>,
    pub(crate) query: RwSignal<Query>,
    pub(crate) time: RwSignal<String>,
    pub(crate) grain: RwSignal<Option<Grain>>,
    pub(crate) group: RwSignal<String>,
    pub(crate) horizon: RwSignal<Option<f64>>,
    pub(crate) seasons: RwSignal<String>,
    pub(crate) floor: RwSignal<Option<f64>>,
    pub(crate) cap: RwSignal<Option<f64>>,
    pub(crate) events: RwSignal<String>,
    pub(crate) drivers: RwSignal<Vec<Chosen>>,
    pub(crate) model: RwSignal<Option<ModelKind>>,
}

impl Draft {
    pub(crate) fn new(asked: Asked) -> Self {
        Self {
            metric: RwSignal::new(asked.metric),
            query: RwSignal::new(asked.query),
            time: RwSignal::new(asked.time),
            grain: RwSignal::new(asked.grain),
            group: RwSignal::new(String::new()),
            horizon: RwSignal::new(asked.horizon),
            seasons: RwSignal::new(String::new()),
            floor: RwSignal::new(None),
            cap: RwSignal::new(None),
            events: RwSignal::new(String::new()),
            drivers: RwSignal::new(Vec::new()),
            model: RwSignal::new(None),
        }
    }

    /// What is asked; errors are sentences about the form.
    pub(crate) fn def(self) -> Result<ForecastDef, String> {
        let some = |text: String| (!text.is_empty()).then_some(text);
        let metric = some(self.metric.get_untracked());
        let query = self.query.get_untracked();
        let is_measure = metric.is_none();
        let seasons = self.seasons.get_untracked();
        let lengths = seasons.split([',', ' ']).map(str::trim).filter(|t| !t.is_empty());
        let lengths: Result<Vec<usize>, String> = lengths
            .map(|t| {
                t.parse::<usize>().map_err(|_| format!("“{t}” is no length of a season; write numbers such as 7, 365."))
            })
            .collect();
        let lengths = lengths?;
        let driver = |chosen: Chosen| Driver {
            measure: Measure::of(chosen.agg, &chosen.column),
            assumption: match chosen.percent {
                Some(percent) => Assumption::Level { percent },
                None => Assumption::LastSeason,
            },
        };
        Ok(ForecastDef {
            dataset: if is_measure { query.dataset } else { String::new() },
            measure: query.measures.into_iter().next().filter(|_| is_measure),
            metric,
            time: self.time.get_untracked(),
            grain: self.grain.get_untracked(),
            filter: query.filter.filter(|_| is_measure),
            group: some(self.group.get_untracked()),
            drivers: self.drivers.get_untracked().into_iter().map(driver).collect(),
            settings: Settings {
                horizon: self.horizon.get_untracked().map_or(0, |h| h.clamp(0.0, 1_000.0) as usize),
                model: self.model.get_untracked(),
                seasons: (!lengths.is_empty()).then_some(lengths),
                floor: self.floor.get_untracked(),
                cap: self.cap.get_untracked(),
                events: events::read(&self.events.get_untracked())?,
                ..Settings::default()
            },
        })
    }

    /// Takes what was proposed, where nothing was said.
    pub(crate) fn take(self, def: &ForecastDef) {
        self.time.set(def.time.clone());
        self.grain.set(def.grain);
        self.horizon.set(Some(def.settings.horizon as f64));
        self.events.set(events::write(&def.settings.events));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_question_fills_the_form() {
        let query = r#"{"dataset":"sales","measures":[{"agg":"sum","column":"revenue"}],"filter":{"column":"region","op":"eq","value":"North"}}"#;
        let get = |key: &str| match key {
            "dataset" => Some("sales".to_owned()),
            "q" => Some(query.to_owned()),
            "time" => Some("date".to_owned()),
            "grain" => Some("week".to_owned()),
            "horizon" => Some("6".to_owned()),
            _ => None,
        };
        let asked = Asked::read(get);
        assert_eq!(asked.query.dataset, "sales");
        assert_eq!(asked.query.measures, vec![Measure::of(Agg::Sum, "revenue")]);
        assert!(asked.query.filter.is_some());
        assert_eq!((asked.time.as_str(), asked.grain, asked.horizon), ("date", Some(Grain::Week), Some(6.0)));
    }

    #[test]
    fn what_cannot_be_read_is_not_there() {
        let asked = Asked::read(|key| match key {
            "dataset" => Some("sales".to_owned()),
            _ => Some("{".to_owned()),
        });
        assert_eq!(asked.query.measures, vec![Measure::count()]);
        assert_eq!((asked.query.dataset.as_str(), asked.grain, asked.horizon), ("sales", None, None));
    }
}
