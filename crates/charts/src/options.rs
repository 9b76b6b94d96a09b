//! The options of a chart, as data: a form is made from them, and what a person set is read by them.

use serde::Serialize;
use serde_json::{Map, Value};

/// One option of a kind of chart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OptionInfo {
    /// The key in [`domain::ChartSpec::options`].
    pub name: &'static str,
    pub label: &'static str,
    /// One sentence below the control; may be empty.
    pub help: &'static str,
    pub input: Input,
}

/// How an option is set.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Input {
    Toggle {
        default: bool,
    },
    /// Pairs of wire name and label.
    Choice {
        default: &'static str,
        choices: &'static [(&'static str, &'static str)],
    },
    /// A number or nothing.
    Number,
    /// A line of text or nothing.
    Text,
    /// A [`domain::format::Format`] or nothing.
    Format,
    /// Columns of the answer by name, in order; absent, the kind chooses.
    Columns,
    /// A column of the answer by name, or all of them.
    Column,
    /// Several of the same form, at most [`MOST_ITEMS`]: objects of these fields.
    List {
        fields: &'static [OptionInfo],
    },
}

/// A list of an option has no more items than this.
pub const MOST_ITEMS: usize = 20;
/// A line of text on a chart is no longer than this.
const LONGEST_TEXT: usize = 200;

const fn info(name: &'static str, label: &'static str, help: &'static str, input: Input) -> OptionInfo {
    OptionInfo { name, label, help, input }
}

/// A toggle that is on unless somebody turned it off.
pub(crate) const fn on(name: &'static str, label: &'static str, help: &'static str) -> OptionInfo {
    info(name, label, help, Input::Toggle { default: true })
}

pub(crate) const fn choice(
    name: &'static str,
    label: &'static str,
    default: &'static str,
    choices: &'static [(&'static str, &'static str)],
) -> OptionInfo {
    info(name, label, "", Input::Choice { default, choices })
}

pub(crate) const fn numeric(name: &'static str, label: &'static str, help: &'static str) -> OptionInfo {
    info(name, label, help, Input::Number)
}

pub(crate) const fn toggle(name: &'static str, label: &'static str, help: &'static str) -> OptionInfo {
    info(name, label, help, Input::Toggle { default: false })
}

const STACKS: &[(&str, &str)] =
    &[("none", "Side by side"), ("stacked", "On top of each other"), ("percent", "As parts of 100%")];
const WHEN: &[(&str, &str)] = &[("auto", "Where there is room"), ("always", "Always"), ("never", "Never")];

/// How series of areas or bars share the room.
pub(crate) const fn stack(default: &'static str) -> OptionInfo {
    info("stack", "Stacking", "", Input::Choice { default, choices: STACKS })
}

/// Where the names of the series stand.
pub(crate) const LEGEND: OptionInfo = choice(
    "legend",
    "Legend",
    "top",
    &[("top", "Above"), ("bottom", "Below"), ("right", "To the right"), ("none", "None")],
);
pub(crate) const LABELS: OptionInfo =
    info("labels", "Values on the data", "", Input::Choice { default: "auto", choices: WHEN });
pub(crate) const SMOOTH: OptionInfo = toggle("smooth", "Smooth curve", "");
pub(crate) const LOG: OptionInfo =
    toggle("log", "Logarithmic axis", "Equal steps multiply. Values at or below zero cannot be shown.");
pub(crate) const ZOOM: OptionInfo = toggle("zoom", "Zoom slider", "");
pub(crate) const BASELINE: OptionInfo = info(
    "baseline",
    "Value axis starts",
    "",
    Input::Choice {
        default: "auto",
        choices: &[("auto", "At zero unless the values are far from it"), ("zero", "At zero"), ("data", "At the data")],
    },
);
pub(crate) const REFERENCE: OptionInfo = info("reference", "Reference line", "", Input::Number);
pub(crate) const REFERENCE_LABEL: OptionInfo = info("reference_label", "Its label", "", Input::Text);
pub(crate) const FORMAT: OptionInfo =
    info("format", "Number format", "In place of the format of the column.", Input::Format);
pub(crate) const SORT: OptionInfo = info(
    "sort",
    "Order of the bars",
    "",
    Input::Choice {
        default: "auto",
        choices: &[("auto", "As in the question"), ("value", "Largest first"), ("name", "By name")],
    },
);
/// Lines and ranges that a reader should compare with.
pub(crate) const ANNOTATIONS: OptionInfo = info(
    "annotations",
    "Lines and notes",
    "Values, averages, days and periods marked on the chart.",
    Input::List {
        fields: &[
            choice(
                "kind",
                "Mark",
                "value",
                &[
                    ("value", "A value"),
                    ("average", "The average"),
                    ("median", "The median"),
                    ("band", "A range of values"),
                    ("time", "A date or category"),
                    ("range", "A period"),
                ],
            ),
            numeric("value", "Value", ""),
            numeric("to", "To value", ""),
            info("at", "Date or category", "", Input::Text),
            info("until", "Until", "", Input::Text),
            info("label", "Label", "", Input::Text),
        ],
    },
);
/// Colours by value: the first rule that holds wins.
pub(crate) const RULES: OptionInfo = info(
    "rules",
    "Colour by value",
    "The first rule that holds decides.",
    Input::List {
        fields: &[
            choice(
                "when",
                "When it is",
                "above",
                &[
                    ("above", "Above or equal"),
                    ("below", "Below"),
                    ("between", "Between"),
                    ("equal", "Equal"),
                    ("empty", "Empty"),
                ],
            ),
            numeric("value", "Value", ""),
            numeric("to", "To value", ""),
            choice(
                "tone",
                "Show as",
                "good",
                &[("good", "Good"), ("warn", "Warning"), ("bad", "Bad"), ("accent", "Marked"), ("quiet", "Quiet")],
            ),
            info("column", "Only column", "", Input::Column),
            info("label", "Word", "Stands beside the colour.", Input::Text),
        ],
    },
);
/// Tables: cells shaded by how large their number is.
pub(crate) const SCALE: OptionInfo = toggle("scale", "Shade numbers by size", "");
pub(crate) const MINIMUM: OptionInfo = numeric("min", "Scale begins at", "");
pub(crate) const MAXIMUM: OptionInfo = numeric("max", "Scale ends at", "");
pub(crate) const DONUT: OptionInfo = toggle("donut", "Donut", "");
pub(crate) const TARGET: OptionInfo = info("target", "Target", "", Input::Number);
pub(crate) const FAVOURABLE: OptionInfo = info(
    "favourable",
    "Good news is",
    "",
    Input::Choice { default: "up", choices: &[("up", "A rise"), ("down", "A fall"), ("none", "Neither")] },
);
pub(crate) const COMPARE: OptionInfo = info(
    "compare",
    "Compare with",
    "",
    Input::Choice { default: "previous", choices: &[("previous", "The period before"), ("none", "Nothing")] },
);

/// The options of a chart, read by what its kind knows: a value of the wrong type counts as not set.
#[derive(Clone, Copy)]
pub(crate) struct Options<'a> {
    set: &'a Map<String, Value>,
    known: &'static [OptionInfo],
}

impl<'a> Options<'a> {
    pub(crate) fn new(set: &'a Map<String, Value>, known: &'static [OptionInfo]) -> Self {
        Self { set, known }
    }

    fn known(&self, name: &str) -> Option<&'static Input> {
        self.known.iter().find(|o| o.name == name).map(|o| &o.input)
    }

    fn value(&self, name: &str) -> Option<&'a Value> {
        self.known(name).and_then(|_| self.set.get(name))
    }

    /// Whether a toggle is on. `false` for one the kind does not have.
    pub(crate) fn on(&self, name: &str) -> bool {
        match self.known(name) {
            Some(Input::Toggle { default }) => self.value(name).and_then(Value::as_bool).unwrap_or(*default),
            _ => false,
        }
    }

    /// The wire name that was chosen. Empty for a choice the kind does not have.
    pub(crate) fn choice(&self, name: &str) -> &'a str {
        let Some(Input::Choice { default, choices }) = self.known(name) else { return "" };
        let chosen = self.value(name).and_then(Value::as_str);
        chosen.filter(|c| choices.iter().any(|(wire, _)| wire == c)).unwrap_or(default)
    }

    /// A finite number; forms send text too.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        let value = self.value(name)?;
        value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|n| n.is_finite())
    }

    /// A line of text, cut where it is far too long.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let text = self.value(name)?.as_str()?.trim();
        (!text.is_empty()).then(|| text.chars().take(LONGEST_TEXT).collect())
    }

    /// The items of a list, each to be read by its fields. What is no object counts as not set.
    pub(crate) fn list(&self, name: &str) -> Vec<Options<'a>> {
        let (Some(Input::List { fields }), Some(Value::Array(items))) = (self.known(name), self.value(name)) else {
            return Vec::new();
        };
        items.iter().take(MOST_ITEMS).filter_map(|item| Some(Options::new(item.as_object()?, fields))).collect()
    }

    /// A number format.
    pub(crate) fn format(&self) -> Option<domain::format::Format> {
        let value = self.value(FORMAT.name).filter(|v| !v.is_null())?;
        serde_json::from_value(value.clone()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const KNOWN: &[OptionInfo] = &[stack("none"), SMOOTH, REFERENCE, REFERENCE_LABEL, FORMAT];

    #[test]
    fn what_is_set_wrongly_counts_as_not_set() {
        let json = json!({"stack": "sideways", "smooth": "yes", "reference": "NaN", "reference_label": 7, "format": 12, "log": true});
        let options = Options::new(json.as_object().unwrap(), KNOWN);
        assert_eq!(options.choice("stack"), "none");
        assert!(!options.on("smooth") && !options.on("log"));
        assert_eq!((options.number("reference"), options.text("reference_label")), (None, None));
        assert!(options.format().is_none());
    }

    #[test]
    fn what_is_set_is_read() {
        let json = json!({"stack": "percent", "smooth": true, "reference": "12.5", "reference_label": " Goal ", "format": "percent"});
        let options = Options::new(json.as_object().unwrap(), KNOWN);
        assert_eq!(options.choice("stack"), "percent");
        assert!(options.on("smooth"));
        assert_eq!(options.number("reference"), Some(12.5));
        assert_eq!(options.text("reference_label").as_deref(), Some("Goal"));
        assert_eq!(options.format().unwrap().style, domain::format::Style::Percent);
    }
}
