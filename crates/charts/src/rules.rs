//! Conditional formatting: which tone a value has, in charts and in the cells of tables.

use crate::drawing::Drawing;
use crate::options::{Options, RULES, SCALE};
use crate::pivot::number;
use crate::theme::{Colors, Theme};
use domain::{Cell, ChartSpec, Table};

/// Good, bad and so on. Whoever shows a tone shows a word, a number or an arrow with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Warn,
    Bad,
    Accent,
    Quiet,
}

impl Tone {
    fn parse(word: &str) -> Self {
        match word {
            "good" => Self::Good,
            "warn" => Self::Warn,
            "bad" => Self::Bad,
            "quiet" => Self::Quiet,
            _ => Self::Accent,
        }
    }

    /// The wire name, also the end of a class of the style sheet.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Accent => "accent",
            Self::Quiet => "quiet",
        }
    }

    /// The colour of marks and letters.
    pub(crate) fn color(self, colors: &Colors) -> &str {
        match self {
            Self::Good => &colors.good,
            Self::Warn => &colors.warn,
            Self::Bad => &colors.bad,
            Self::Accent => &colors.accent,
            Self::Quiet => &colors.line_strong,
        }
    }

    /// The colour behind text.
    pub(crate) fn soft(self, colors: &Colors) -> &str {
        match self {
            Self::Good => &colors.good_soft,
            Self::Warn => &colors.warn_soft,
            Self::Bad => &colors.bad_soft,
            Self::Accent => &colors.accent_soft,
            Self::Quiet => &colors.well,
        }
    }
}

/// One condition and what it shows.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    when: &'static str,
    value: Option<f64>,
    to: Option<f64>,
    column: Option<String>,
    pub(crate) tone: Tone,
    pub(crate) label: Option<String>,
}

impl Rule {
    fn of(options: &Options<'_>) -> Self {
        // Compared with static words, so that a rule keeps nothing of the options.
        let when = ["above", "below", "between", "equal", "empty"]
            .into_iter()
            .find(|w| *w == options.choice("when"))
            .unwrap_or("above");
        Self {
            when,
            value: options.number("value"),
            to: options.number("to"),
            column: options.text("column"),
            tone: Tone::parse(options.choice("tone")),
            label: options.text("label"),
        }
    }

    fn holds(&self, value: Option<f64>) -> bool {
        let Some(value) = value else { return self.when == "empty" };
        match (self.when, self.value, self.to) {
            ("above", Some(at), _) => value >= at,
            ("below", Some(at), _) => value < at,
            ("equal", Some(at), _) => value == at,
            ("between", Some(from), Some(to)) => (from.min(to)..=from.max(to)).contains(&value),
            _ => false,
        }
    }

    /// The values it covers, within a scale.
    pub(crate) fn span(&self, low: f64, high: f64) -> Option<(f64, f64)> {
        let (from, to) = match (self.when, self.value, self.to) {
            ("above", Some(at), _) => (at, high),
            ("below", Some(at), _) => (low, at),
            ("between", Some(from), Some(to)) => (from.min(to), from.max(to)),
            _ => return None,
        };
        let (from, to) = (from.max(low), to.min(high));
        (from < to).then_some((from, to))
    }
}

/// The rules of a chart, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules(pub(crate) Vec<Rule>);

impl Rules {
    pub(crate) fn of(options: &Options<'_>) -> Self {
        Self(options.list(RULES.name).iter().map(Rule::of).collect())
    }

    /// The first rule that holds for a value of a column.
    pub(crate) fn hit(&self, value: Option<f64>, column: &str) -> Option<&Rule> {
        let here = |r: &Rule| r.column.as_deref().is_none_or(|c| c == column);
        self.0.iter().find(|r| here(r) && r.holds(value))
    }
}

/// How one cell is painted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paint {
    /// `None` for a shade of the scale.
    pub tone: Option<Tone>,
    pub background: String,
    pub ink: String,
    /// The word of the rule.
    pub label: Option<String>,
}

/// Paints the cells of a table or pivot table by its rules and its scale.
pub struct Painter {
    rules: Rules,
    /// By column: lowest and highest, where cells are shaded.
    ranges: Vec<Option<(f64, f64)>>,
    names: Vec<String>,
    colors: &'static Colors,
}

impl Painter {
    pub fn new(spec: &ChartSpec, table: &Table, theme: Theme) -> Self {
        let options = Options::new(&spec.options, crate::options(spec.kind));
        let shaded = options.on(SCALE.name);
        // Totals of the rows beside them would leave those one pale shade.
        let marks = table.index_of(domain::query::GROUPING).and_then(|c| table.data.get(c));
        let is_part = |row: usize| marks.is_none_or(|m| m.get(row).and_then(Cell::as_f64) == Some(0.0));
        let range = |c: usize| {
            let cells = table.data.get(c).filter(|_| shaded && table.columns[c].role == domain::Role::Measure)?;
            let parts = cells.iter().enumerate().filter(|(row, _)| is_part(*row)).map(|(_, cell)| cell);
            let (low, high) = parts.filter_map(number).fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
            (low < high).then_some((low, high))
        };
        Self {
            rules: Rules::of(&options),
            ranges: (0..table.columns.len()).map(range).collect(),
            names: table.columns.iter().map(|c| c.name.clone()).collect(),
            colors: theme.colors(),
        }
    }

    /// Whether it would ever paint.
    pub fn is_idle(&self) -> bool {
        self.rules.0.is_empty() && self.ranges.iter().all(Option::is_none)
    }

    /// The paint that a rule gives a value; sums of what is beside them take only this.
    pub fn ruled(&self, column: usize, cell: &Cell) -> Option<Paint> {
        let value = number(cell);
        if value.is_none() && !cell.is_null() {
            return None;
        }
        let rule = self.rules.hit(value, self.names.get(column)?)?;
        let (background, ink) = (rule.tone.soft(self.colors).to_owned(), self.colors.text.clone());
        Some(Paint { tone: Some(rule.tone), background, ink, label: rule.label.clone() })
    }

    /// The paint of a value of a column, by position; `None` leaves the cell plain.
    pub fn paint(&self, column: usize, cell: &Cell) -> Option<Paint> {
        if let Some(paint) = self.ruled(column, cell) {
            return Some(paint);
        }
        let value = number(cell);
        let ((low, high), value) = self.ranges.get(column).copied().flatten().zip(value)?;
        let ramp = if low < 0.0 && high > 0.0 { &self.colors.diverging } else { &self.colors.sequential };
        let far = high.max(-low);
        let part = if low < 0.0 && high > 0.0 { (value / far + 1.0) / 2.0 } else { (value - low) / (high - low) };
        let step = (part.clamp(0.0, 1.0) * (ramp.len() - 1) as f64).round() as usize;
        let background = ramp[step.min(ramp.len() - 1)].clone();
        let ink = self.colors.ink_on(&background).to_owned();
        Some(Paint { tone: None, background, ink, label: None })
    }
}

impl Paint {
    /// As an inline style.
    pub fn style(&self) -> String {
        format!("background:{};color:{}", self.background, self.ink)
    }
}

impl Drawing<'_> {
    pub(crate) fn rules(&self) -> Rules {
        Rules::of(&self.options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{group, measure, spec, table};
    use domain::ChartKind;
    use serde_json::json;

    #[test]
    fn the_first_rule_that_holds_decides() {
        let t = table(vec![group("g"), measure("m")], json!([["a", 1], ["b", 50], ["c", null]]));
        let rules = json!({"rules": [
            {"when": "above", "value": 40, "tone": "good", "label": "Met"},
            {"when": "below", "value": 100, "tone": "bad", "column": "m"},
            {"when": "empty", "tone": "quiet"}, "junk", {"when": "between", "value": 1}
        ]});
        let painter = Painter::new(&spec(ChartKind::Table, rules), &t, Theme::Light);
        let tone = |r: usize| painter.paint(1, &t.data[1][r]).and_then(|p| p.tone);
        assert_eq!([tone(0), tone(1), tone(2)], [Some(Tone::Bad), Some(Tone::Good), Some(Tone::Quiet)]);
        assert!(Painter::new(&spec(ChartKind::Table, json!({})), &t, Theme::Light).is_idle());
    }

    #[test]
    fn cells_are_shaded_by_size() {
        let t = table(vec![measure("m")], json!([[0], [5], [10]]));
        let painter = Painter::new(&spec(ChartKind::Table, json!({"scale": true})), &t, Theme::Light);
        let shade = |v: f64| painter.paint(0, &Cell::Float(v)).unwrap().background;
        assert_ne!(shade(0.0), shade(10.0));
        assert_eq!(painter.paint(0, &Cell::Null), None);
        assert_eq!(painter.paint(9, &Cell::Float(1.0)), None);
    }
}
