//! Bars and lines over the same places: amounts and what came of them.

use super::bar::{bar, order};
use super::line::line;
use super::{Info, Kind, measures, needs_a_group};
use crate::cartesian::{Plane, Stack};
use crate::drawing::{Drawing, Picture};
use crate::options::{
    ANNOTATIONS, FORMAT, Input, LABELS, LEGEND, OptionInfo, REFERENCE, REFERENCE_LABEL, SMOOTH, SORT, choice,
};
use crate::places::Places;
use domain::{ChartKind, Field};

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Combo,
        label: "Combo",
        icon: "chart-no-axes-combined",
        about: "Bars for amounts and a line for a rate, over the same places.",
        needs: "A category or a date, and two numbers.",
        options: &[LINES, STACK, SECOND, SMOOTH, SORT, LABELS, REFERENCE, REFERENCE_LABEL, ANNOTATIONS, LEGEND, FORMAT],
    },
    suits,
    draw: Some(draw),
};

const LINES: OptionInfo = choice(
    "lines",
    "Drawn as lines",
    "last",
    &[("last", "The last measure"), ("rest", "All but the first measure"), ("all", "All measures")],
);
const STACK: OptionInfo = OptionInfo {
    name: "stack",
    label: "Bars stand",
    help: "",
    input: Input::Choice { default: "none", choices: &[("none", "Side by side"), ("stacked", "On top of each other")] },
};
const SECOND: OptionInfo = choice(
    "second_axis",
    "Second axis for the lines",
    "auto",
    &[("auto", "Where units or sizes differ"), ("always", "Always"), ("never", "Never")],
);

/// Lines this many times higher or lower than the bars need an axis of their own.
const FAR: f64 = 6.0;

fn suits(shape: &[Field], rows: usize) -> Option<String> {
    needs_a_group(shape, rows).or_else(|| {
        let few = measures(shape) < 2 || !shape.iter().any(crate::roles::is_group);
        few.then(|| "Needs a category and two numbers, one for the bars and one for the line.".to_owned())
    })
}

fn draw(drawing: &Drawing<'_>) -> Picture {
    let ys = &drawing.roles.y;
    let from = match drawing.options.choice("lines") {
        "all" => 0,
        "rest" => 1,
        _ => ys.len().saturating_sub(1).max(1),
    }
    .min(ys.len());
    let mut places = Places::of(drawing.table, drawing.roles.x, false);
    let note = order(drawing, &mut places);
    let mut plane = Plane::new(drawing, places, Stack::chosen(drawing));
    plane.bands = true;
    if from > 0 && from < ys.len() && wants_second(&plane, from) {
        plane.second = Some(from);
    }
    plane.notes.extend(note);
    let is_line = |y: usize| ys.iter().position(|c| *c == y).is_some_and(|at| at >= from);
    let series = plane.pivot.series.iter().enumerate();
    let series = series.map(|(i, s)| if is_line(s.y) { line(&plane, s, i == 0) } else { bar(&plane, s, i) }).collect();
    let option = plane.option(series);
    Picture { option, notes: plane.notes }
}

fn wants_second(plane: &Plane<'_>, from: usize) -> bool {
    let (bars, lines) = plane.drawing.roles.y.split_at(from);
    match plane.drawing.options.choice("second_axis") {
        "always" => return true,
        "never" => return false,
        _ => {}
    }
    let unit = |y: &usize| plane.drawing.unit(*y);
    if lines.iter().any(|l| bars.iter().any(|b| unit(b) != unit(l))) {
        return true;
    }
    let highest = |ys: &[usize]| {
        let drawn = plane.pivot.series.iter().filter(|s| ys.contains(&s.y));
        drawn.flat_map(|s| s.values.iter().flatten()).fold(0.0_f64, |high, v| high.max(v.abs()))
    };
    let (bars, lines) = (highest(bars), highest(lines));
    bars > lines * FAR || lines > bars * FAR
}
