//! Forecasts as they are kept: what is forecast, what was said before, and what would be if.

use super::{
    Accuracy, BackTest, Change, Drift, Forecast, Group, MAX_DRIVERS, MAX_HORIZON, MAX_SEASONS, ModelKind, Proposal,
    Settings,
};
use crate::api::TileData;
use crate::error::{Error, Result};
use crate::format::Format;
use crate::people::Access;
use crate::query::{Filter, Grain, Measure};
use serde::{Deserialize, Deserializer, Serialize};

/// The most columns that a scenario multiplies.
pub const MOST_SCALES: usize = 20;
/// The most moments of all events of a forecast.
const MOST_MOMENTS: usize = 5_000;
/// The longest name.
const LONGEST_NAME: usize = 100;

/// What is taken of the future of a driver.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Assumption {
    /// The last season comes again.
    #[default]
    LastSeason,
    /// It stays at its last value, changed by so many percent.
    Level {
        #[serde(default)]
        percent: f64,
    },
    /// These values, step by step; the last of them stays.
    Values { values: Vec<f64> },
}

/// Another measure of the dataset that drives the value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Driver {
    /// By its output name it is called in scenarios.
    pub measure: Measure,
    #[serde(default)]
    pub assumption: Assumption,
}

/// What is forecast, and how.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ForecastDef {
    /// Id of a metric, in place of dataset and measure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// Name or id; that of the metric where there is one.
    pub dataset: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measure: Option<Measure>,
    /// The column that tells when. Nothing for a metric whose values are pushed.
    pub time: String,
    /// What times are rounded to; proposed when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grain: Option<Grain>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// A column each value of which has a forecast of its own; they add up to the total.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub drivers: Vec<Driver>,
    #[serde(skip_serializing_if = "is_usual")]
    pub settings: Settings,
}

fn is_usual(settings: &Settings) -> bool {
    *settings == Settings::default()
}

impl ForecastDef {
    /// Refuses what cannot be meant, whatever the data.
    ///
    /// # Errors
    /// A sentence that says why, with the field.
    pub fn check(&self) -> Result<()> {
        let refuse = |field: &str, message: String| Err(Error::invalid(message).field(format!("def.{field}")));
        let s = &self.settings;
        if self.metric.is_none() && (self.dataset.is_empty() || self.measure.is_none()) {
            return refuse("measure", "Say what is forecast: a metric, or a measure of a dataset.".into());
        }
        if self.metric.is_some() && self.measure.is_some() {
            return refuse("measure", "A metric is a number already: leave the measure out.".into());
        }
        if self.grain.is_some_and(Grain::is_folded) {
            return refuse("grain", "Times that come again have no future; choose a grain such as month.".into());
        }
        if s.horizon > MAX_HORIZON {
            return refuse("settings.horizon", format!("At most {MAX_HORIZON} steps are forecast."));
        }
        if self.drivers.len() > MAX_DRIVERS || s.events.len() > MAX_DRIVERS {
            return refuse("drivers", format!("A forecast has at most {MAX_DRIVERS} drivers, and as many events."));
        }
        if !self.drivers.is_empty() && self.group.is_some() {
            return refuse("drivers", "A forecast by groups takes no drivers: leave out one of them.".into());
        }
        let names: std::collections::BTreeSet<String> = self.drivers.iter().map(|d| d.measure.output_name()).collect();
        if names.len() < self.drivers.len() {
            return refuse("drivers", "Each driver is another one, with a name of its own.".into());
        }
        for (i, driver) in self.drivers.iter().enumerate() {
            let is_sound = match &driver.assumption {
                Assumption::LastSeason => true,
                Assumption::Level { percent } => percent.is_finite(),
                Assumption::Values { values } => {
                    (1..=MAX_HORIZON).contains(&values.len()) && values.iter().all(|v| v.is_finite())
                }
            };
            if !is_sound {
                let message = format!("The assumed future of a driver is 1 to {MAX_HORIZON} numbers, or a percentage.");
                return refuse(&format!("drivers[{i}].assumption"), message);
            }
        }
        if s.seasons
            .as_ref()
            .is_some_and(|all| all.len() > MAX_SEASONS || all.iter().any(|n| !(2..=10_000).contains(n)))
        {
            return refuse("settings.seasons", format!("At most {MAX_SEASONS} seasons, each of 2 to 10,000 steps."));
        }
        if [s.floor, s.cap].into_iter().flatten().any(|v| !v.is_finite()) {
            return refuse("settings.floor", "Floor and cap are numbers.".into());
        }
        if let (Some(floor), Some(cap)) = (s.floor, s.cap)
            && floor >= cap
        {
            return refuse("settings.floor", "The floor lies below the cap.".into());
        }
        let moments: usize = s.events.iter().map(|e| e.ds.len()).sum();
        let is_long = |e: &super::Event| e.before > 400 || e.after > 400 || e.name.chars().count() > LONGEST_NAME;
        if moments > MOST_MOMENTS || s.events.iter().any(is_long) {
            let message =
                format!("Events have at most {MOST_MOMENTS} days in all, and reach at most 400 steps around.");
            return refuse("settings.events", message);
        }
        Ok(())
    }
}

/// A forecast to be kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewForecast {
    pub name: String,
    #[serde(default)]
    pub description: String,
    pub def: ForecastDef,
    #[serde(default)]
    pub is_public: bool,
    /// The job of a back-test of the same definition: its champion becomes that of the forecast.
    #[serde(default)]
    pub back_test: Option<String>,
}

/// What to change of a forecast.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ForecastPatch {
    pub name: Option<String>,
    pub description: Option<String>,
    pub def: Option<ForecastDef>,
    pub is_public: Option<bool>,
    /// Another model than the champion; null: the champion again.
    #[serde(deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<ModelKind>))]
    pub model: Option<Option<ModelKind>>,
}

/// Tells what is null from what is not there.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> std::result::Result<Option<Option<T>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// A forecast that is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedForecast {
    pub id: String,
    pub name: String,
    pub description: String,
    pub def: ForecastDef,
    /// What is forecast, in words.
    pub label: String,
    /// The best of the last back-test; null before.
    pub champion: Option<ModelKind>,
    /// The one that is used: that which somebody chose, else the champion, else the ensemble.
    pub model: ModelKind,
    pub owner_id: String,
    pub owner_name: String,
    pub access: Access,
    pub is_public: bool,
    pub created_at: String,
    pub updated_at: String,
}

/// What a forecast says to one reader.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ForecastResult {
    #[serde(flatten)]
    pub forecast: Forecast,
    /// By group, where it is one of groups; they add up to the forecast.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// How numbers of it are written.
    #[serde(default)]
    pub format: Format,
    /// It is of fewer rows than its owner sees.
    #[serde(default)]
    pub is_narrowed: bool,
    /// All models side by side, where that was done over the rows of this reader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_test: Option<BackTest>,
}

/// What Orrery proposes for a definition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ForecastProposal {
    /// With grain and horizon filled in.
    pub def: ForecastDef,
    pub label: String,
    pub proposal: Proposal,
}

/// A forecast as it was made at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ForecastRun {
    pub made_at: String,
    /// The last value that it knew.
    pub until: String,
    pub model: ModelKind,
    /// What changed with it, such as the champion; may be empty.
    pub note: String,
    /// Against what came since; null while nothing did.
    pub accuracy: Option<Accuracy>,
}

/// How a forecast did as actual values arrived.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ForecastTrack {
    /// Newest first.
    pub runs: Vec<ForecastRun>,
    pub drift: Drift,
    /// A sentence about it.
    pub verdict: String,
}

/// A column of a dataset that a scenario multiplies, such as a price.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// Name or id.
    pub dataset: String,
    pub column: String,
    /// 5 is 5 % more.
    pub percent: f64,
}

/// A condition that a scenario lays on a dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Narrowing {
    /// Name or id.
    pub dataset: String,
    pub filter: Filter,
}

/// What is different in a scenario.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Overlay {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scales: Vec<Scale>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Narrowing>,
    /// Of a forecast: the future of its drivers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub drivers: Vec<Change>,
}

impl Overlay {
    /// Refuses what cannot be meant, whatever the data.
    ///
    /// # Errors
    /// A sentence that says why, with the field.
    pub fn check(&self) -> Result<()> {
        if self.scales.is_empty() && self.filters.is_empty() && self.drivers.is_empty() {
            return Err(
                Error::invalid("A scenario changes something: a column, a filter or a driver.").field("overlay")
            );
        }
        if self.scales.len() > MOST_SCALES || self.filters.len() > MOST_SCALES || self.drivers.len() > MAX_DRIVERS {
            let message = format!("A scenario changes at most {MOST_SCALES} things of a kind.");
            return Err(Error::invalid(message).field("overlay"));
        }
        for (i, scale) in self.scales.iter().enumerate() {
            if !(-100.0..=10_000.0).contains(&scale.percent) {
                return Err(
                    Error::invalid("A change is -100 to 10,000 percent.").field(format!("overlay.scales[{i}].percent"))
                );
            }
        }
        if let Some(i) = self.drivers.iter().position(|change| !change.value.is_finite()) {
            return Err(
                Error::invalid("The change of a driver is a number.").field(format!("overlay.drivers[{i}].value"))
            );
        }
        Ok(())
    }
}

/// What a scenario is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ScenarioOf {
    Dashboard,
    #[default]
    Forecast,
}

impl ScenarioOf {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dashboard => "dashboard",
            Self::Forecast => "forecast",
        }
    }
}

/// A scenario to be kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewScenario {
    pub name: String,
    pub overlay: Overlay,
}

/// A scenario that is kept. Whoever sees what it is about sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Scenario {
    pub id: String,
    pub name: String,
    pub of: ScenarioOf,
    /// Id of the dashboard or the forecast.
    pub subject: String,
    pub overlay: Overlay,
    /// What is different, in words.
    pub words: String,
    pub owner_name: String,
    /// Whether the caller may change and delete it.
    pub is_own: bool,
    pub updated_at: String,
}

/// A tile as it is, as it would be, and the difference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TileWhatIf {
    pub baseline: TileData,
    pub scenario: TileData,
    /// Scenario less baseline, by the same columns; absent where nothing can be subtracted.
    pub difference: Option<TileData>,
    /// By measure: its label, its sum now, and its sum then.
    pub sums: Vec<(String, f64, f64)>,
}
