//! What an alert waits for.

use super::refuse;
use crate::error::Result;
use crate::format::{Format, number};
use serde::{Deserialize, Serialize};

/// Without a tolerance of its own, numbers count as equal when they differ by less than this part of
/// the larger one (of 1, for small ones).
pub const USUAL_TOLERANCE: f64 = 1e-9;
/// The longest time that can be waited for: a year.
const LONGEST: u32 = 366 * 86_400;

/// Which changes count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = AlertDirection))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    #[default]
    Either,
    Up,
    Down,
}

/// What to make of there being nothing to judge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnNoData {
    /// People are told.
    #[default]
    Alert,
    /// The same as if the condition did not hold.
    Ignore,
    /// Things stay as they were.
    KeepLast,
}

/// What an alert waits for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    Above {
        value: f64,
    },
    Below {
        value: f64,
    },
    AtLeast {
        value: f64,
    },
    AtMost {
        value: f64,
    },
    Equal {
        value: f64,
        /// By how much it may differ; a billionth when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tolerance: Option<f64>,
    },
    NotEqual {
        value: f64,
        /// By how much it may differ; a billionth when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tolerance: Option<f64>,
    },
    /// Both ends included.
    Between {
        low: f64,
        high: f64,
    },
    /// Below the one or above the other.
    Outside {
        low: f64,
        high: f64,
    },
    /// From one check to the next, by at least so much: one of the two.
    ChangesBy {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<f64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        percent: Option<f64>,
        #[serde(default)]
        direction: Direction,
    },
    /// No value for so long.
    NoDataFor {
        seconds: u32,
    },
    /// The question has any row.
    AnyRow,
    /// Further from the usual value of this hour and weekday than so many times the usual deviation.
    OutsideBand {
        width: f64,
    },
    /// Outside of the band that a forecast had given before the value came, of 80 or 95 percent.
    OutsideForecast {
        level: u8,
    },
}

impl Condition {
    /// Refuses what cannot be meant.
    ///
    /// # Errors
    /// A sentence that says why, with the field.
    pub fn check(&self) -> Result<()> {
        let finite = |name: &str, value: f64| {
            if value.is_finite() {
                return Ok(());
            }
            Err(refuse(&format!("condition.{name}"), "A threshold is a number; this is infinite or none."))
        };
        match self {
            Self::Above { value } | Self::Below { value } | Self::AtLeast { value } | Self::AtMost { value } => {
                finite("value", *value)
            }
            Self::Equal { value, tolerance } | Self::NotEqual { value, tolerance } => {
                finite("value", *value)?;
                match tolerance {
                    Some(t) if !t.is_finite() || *t < 0.0 => {
                        Err(refuse("condition.tolerance", "A tolerance is a number from 0 on."))
                    }
                    _ => Ok(()),
                }
            }
            Self::Between { low, high } | Self::Outside { low, high } => {
                finite("low", *low)?;
                finite("high", *high)?;
                if low > high {
                    return Err(refuse("condition.low", "The lower end lies above the upper one."));
                }
                Ok(())
            }
            Self::ChangesBy { amount, percent, .. } => {
                let (field, value) = match (amount, percent) {
                    (Some(amount), None) => ("amount", *amount),
                    (None, Some(percent)) => ("percent", *percent),
                    _ => return Err(refuse("condition.amount", "Say by what amount it changes, or by what percent.")),
                };
                finite(field, value)?;
                if value <= 0.0 {
                    return Err(refuse(&format!("condition.{field}"), "A change is more than 0."));
                }
                Ok(())
            }
            Self::NoDataFor { seconds } => {
                if !(1..=LONGEST).contains(seconds) {
                    return Err(refuse("condition.seconds", "The time without data is 1 second to 366 days."));
                }
                Ok(())
            }
            Self::AnyRow => Ok(()),
            Self::OutsideForecast { level } => {
                if ![80, 95].contains(level) {
                    return Err(refuse("condition.level", "A forecast has bands of 80 and of 95 percent."));
                }
                Ok(())
            }
            Self::OutsideBand { width } => {
                finite("width", *width)?;
                if !(0.1..=100.0).contains(width) {
                    return Err(refuse("condition.width", "The width of the band is 0.1 to 100 usual deviations."));
                }
                Ok(())
            }
        }
    }

    /// Whether it is about a number, and not about rows being there.
    pub fn needs_number(&self) -> bool {
        !matches!(self, Self::AnyRow | Self::NoDataFor { .. })
    }

    /// The values that stand as lines in a chart.
    pub fn thresholds(&self) -> Vec<f64> {
        match self {
            Self::Above { value }
            | Self::Below { value }
            | Self::AtLeast { value }
            | Self::AtMost { value }
            | Self::Equal { value, .. }
            | Self::NotEqual { value, .. } => vec![*value],
            Self::Between { low, high } | Self::Outside { low, high } => vec![*low, *high],
            Self::ChangesBy { .. }
            | Self::NoDataFor { .. }
            | Self::AnyRow
            | Self::OutsideBand { .. }
            | Self::OutsideForecast { .. } => Vec::new(),
        }
    }

    /// In words, after the name of what is watched: `is above 100`.
    pub fn sentence(&self, format: &Format) -> String {
        let n = |value: f64| number(value, format, false, "en-US");
        match self {
            Self::Above { value } => format!("is above {}", n(*value)),
            Self::Below { value } => format!("is below {}", n(*value)),
            Self::AtLeast { value } => format!("is at least {}", n(*value)),
            Self::AtMost { value } => format!("is at most {}", n(*value)),
            Self::Equal { value, .. } => format!("is {}", n(*value)),
            Self::NotEqual { value, .. } => format!("is not {}", n(*value)),
            Self::Between { low, high } => format!("is between {} and {}", n(*low), n(*high)),
            Self::Outside { low, high } => format!("is not between {} and {}", n(*low), n(*high)),
            Self::ChangesBy { amount, percent, direction } => {
                let verb = match direction {
                    Direction::Either => "changes",
                    Direction::Up => "rises",
                    Direction::Down => "falls",
                };
                match (amount, percent) {
                    (Some(amount), _) => format!("{verb} by at least {}", n(*amount)),
                    (None, percent) => {
                        let percent = number(percent.unwrap_or_default(), &Format::default(), false, "en-US");
                        format!("{verb} by at least {percent} %")
                    }
                }
            }
            Self::NoDataFor { seconds } => format!("has no data for {}", duration(*seconds)),
            Self::AnyRow => "has any row".into(),
            Self::OutsideForecast { level } => format!("leaves its forecast band of {level} %"),
            Self::OutsideBand { width } => {
                let width = number(*width, &Format::default(), false, "en-US");
                format!("is outside its usual band ({width} usual deviations)")
            }
        }
    }
}

/// A length of time in words.
fn duration(seconds: u32) -> String {
    let (n, unit) = match seconds {
        s if s % 86_400 == 0 => (s / 86_400, "day"),
        s if s % 3_600 == 0 => (s / 3_600, "hour"),
        s if s % 60 == 0 => (s / 60, "minute"),
        s => (s, "second"),
    };
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}
