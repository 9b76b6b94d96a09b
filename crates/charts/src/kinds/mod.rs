//! The kinds of chart, one file each.
//!
//! To add one:
//! 1. add its name to `domain::ChartKind`;
//! 2. write a file here with a `pub(super) const KIND: Kind` (copy `area.rs`);
//! 3. add the module and the entry in [`all`] below, then accept its snapshots.
//!
//! The list feeds the picker, the forms of options, the table in the documentation and the
//! conformance test, which draws every kind from empty, huge and hostile answers.

mod area;
mod bar;
mod box_plot;
mod bullet;
mod calendar;
mod combo;
mod funnel;
mod gauge;
mod heatmap;
mod histogram;
mod line;
mod map;
pub(crate) mod network;
mod number;
mod pie;
mod pivot;
mod progress;
mod radar;
mod row;
mod sankey;
mod scatter;
mod sparkline;
mod sunburst;
mod table;
mod treemap;
mod trend;
mod waterfall;

use crate::drawing::{Drawing, Picture};
use crate::options::OptionInfo;
use crate::roles::{is_group, is_moment};
use domain::plugin::PluginName;
use domain::{ChartKind, Field};
pub(crate) use line::path as line_path;
use serde::Serialize;

/// What people and forms need to know about a kind.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Info {
    pub kind: ChartKind,
    pub label: &'static str,
    /// Name of a Lucide icon.
    pub icon: &'static str,
    /// What it is good for, in one line.
    pub about: &'static str,
    /// What a question must have for it, in one line.
    pub needs: &'static str,
    pub options: &'static [OptionInfo],
}

/// A kind of chart.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    pub info: Info,
    /// Why an answer of this shape and so many rows cannot be shown this way.
    pub suits: fn(&[Field], usize) -> Option<String>,
    /// `None` for kinds that the page draws without ECharts.
    pub(crate) draw: Option<fn(&Drawing<'_>) -> Picture>,
}

/// Every kind, in the order of the picker.
pub fn all() -> &'static [Kind] {
    const ALL: &[Kind] = &[
        table::KIND,
        pivot::KIND,
        number::KIND,
        trend::KIND,
        line::KIND,
        area::KIND,
        bar::KIND,
        row::KIND,
        combo::KIND,
        pie::KIND,
        scatter::KIND,
        histogram::KIND,
        box_plot::KIND,
        heatmap::KIND,
        calendar::KIND,
        treemap::KIND,
        sunburst::KIND,
        funnel::KIND,
        waterfall::KIND,
        gauge::KIND,
        progress::KIND,
        bullet::KIND,
        sparkline::KIND,
        sankey::KIND,
        network::KIND,
        radar::KIND,
        map::KIND,
    ];
    ALL
}

/// What there is to say of a plug-in before its template is known.
const PLUGIN: Kind = Kind {
    info: Info {
        kind: ChartKind::Plugin(PluginName::NONE),
        label: "Plug-in",
        icon: "blocks",
        about: "A kind of chart that an administrator added.",
        needs: "What its template says.",
        options: &[],
    },
    suits: |_, _| None,
    draw: None,
};

/// One of them, or what stands for all that were added.
pub fn get(kind: ChartKind) -> &'static Kind {
    if matches!(kind, ChartKind::Plugin(_)) {
        return &PLUGIN;
    }
    // A test sees to it that every kind is in the list.
    all().iter().find(|k| k.info.kind == kind).unwrap_or(&all()[0])
}

fn measures(shape: &[Field]) -> usize {
    shape.iter().filter(|f| !is_group(f)).count()
}

fn groups(shape: &[Field]) -> usize {
    shape.iter().filter(|f| is_group(f)).count()
}

fn needs_a_number(shape: &[Field]) -> Option<String> {
    (measures(shape) == 0).then(|| "Needs a number to draw: add a measure.".to_owned())
}

/// Line and area: something that runs along, and more than one point of it.
fn needs_a_run(shape: &[Field], rows: usize) -> Option<String> {
    needs_a_number(shape).or_else(|| {
        if !shape.iter().any(is_group) {
            Some("Needs a time or category to run along: group by one.".to_owned())
        } else if rows == 1 {
            Some("Needs more than one point; this answer has one row.".to_owned())
        } else {
            None
        }
    })
}

/// Bars: something to stand side by side.
fn needs_a_group(shape: &[Field], _rows: usize) -> Option<String> {
    needs_a_number(shape).or_else(|| {
        let lonely = !shape.iter().any(is_group) && measures(shape) < 2;
        lonely.then(|| "Needs a category to compare: group by one.".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_the_picker() {
        let listed: Vec<ChartKind> = all().iter().map(|k| k.info.kind).collect();
        assert_eq!(listed, ChartKind::ALL);
        for kind in all() {
            assert_eq!(kind.info.label, kind.info.kind.label());
            for text in [kind.info.about, kind.info.needs] {
                assert!(text.ends_with('.') && text.len() < 100, "{text}");
            }
        }
    }

    #[test]
    fn every_file_is_a_kind() {
        let folder = "src/kinds";
        for file in std::fs::read_dir(folder).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            let name = name.trim_end_matches(".rs");
            assert!(name == "mod" || ChartKind::parse(name).is_some(), "{name} is not listed");
        }
    }

    #[test]
    fn options_have_names_of_their_own_and_valid_defaults() {
        use crate::options::Input;
        for kind in all() {
            let mut names: Vec<_> = kind.info.options.iter().map(|o| o.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), kind.info.options.len(), "{:?}", kind.info.kind);
            for option in kind.info.options {
                if let Input::Choice { default, choices } = option.input {
                    assert!(choices.iter().any(|(wire, _)| *wire == default), "{}", option.name);
                }
            }
        }
    }
}
