//! What is worked out from the groups: calculations, the comparison with an earlier time, gaps.

use super::state::Explore;
use crate::components::{Checkbox, Choice, Combobox, Field, IconButton, NumberInput, Select, Size};
use crate::tiles::logic::shape;
use domain::query::{Calc, CalcKind, CalcOver, Compare, CompareTo, Compared, Fill, Measure};
use leptos::prelude::*;

const KINDS: [(CalcKind, &str, &str); 6] = [
    (CalcKind::RunningTotal, "running_total", "Running total"),
    (CalcKind::Share, "share", "Share of the total"),
    (CalcKind::Rank, "rank", "Rank"),
    (CalcKind::Change, "change", "Change"),
    (CalcKind::PercentChange, "percent_change", "Percent change"),
    (CalcKind::MovingAvg, "moving_avg", "Moving average"),
];
const OVERS: [(Option<CalcOver>, &str, &str); 3] = [
    (None, "", "Automatic"),
    (Some(CalcOver::Row), "row", "From row to row"),
    (Some(CalcOver::Period), "period", "From period to period"),
];
const COMPARISONS: [(Option<CompareTo>, &str, &str); 3] = [
    (None, "", "Nothing"),
    (Some(CompareTo::PreviousPeriod), "previous_period", "The period before"),
    (Some(CompareTo::PreviousYear), "previous_year", "The same time last year"),
];
const SHOWN: [(Compared, &str); 3] = [
    (Compared::Previous, "The earlier value"),
    (Compared::Change, "The change"),
    (Compared::PercentChange, "The change in percent"),
];
const FILLS: [(Option<Fill>, &str, &str); 4] = [
    (None, "", "Left out"),
    (Some(Fill::Null), "null", "Rows without a value"),
    (Some(Fill::Zero), "zero", "Zero"),
    (Some(Fill::Previous), "previous", "The value before"),
];

/// The choices of a table, and the two ways between wire word and value.
fn choices<T: Copy>(table: &'static [(T, &'static str, &'static str)]) -> Vec<Choice> {
    table.iter().map(|(_, wire, label)| Choice::new(*wire, *label)).collect()
}

fn wire<T: Copy + PartialEq>(table: &'static [(T, &'static str, &'static str)], value: T) -> String {
    table.iter().find(|(own, ..)| *own == value).map(|(_, wire, _)| (*wire).to_owned()).unwrap_or_default()
}

fn value<T: Copy>(table: &'static [(T, &'static str, &'static str)], wire: &str) -> Option<T> {
    table.iter().find(|(_, own, _)| *own == wire).map(|(value, ..)| *value)
}

#[component]
pub(super) fn Calculations(explore: Explore) -> impl IntoView {
    let editor = explore.editor;
    let calculated = Memo::new(move |_| {
        explore.question.with(|q| {
            let with = q.query.measures.iter().enumerate().filter(|(_, m)| m.calc.is_some());
            with.map(|(at, _)| at).collect::<Vec<_>>()
        })
    });
    let numbers = Signal::derive(move || {
        explore.question.with(|q| {
            let plain = q.query.measures.iter().enumerate().filter(|(_, m)| m.calc.is_none());
            plain.map(|(at, m)| Choice::new(at.to_string(), label(explore, m))).collect::<Vec<_>>()
        })
    });
    let add = move |at: String| {
        editor.edit(|draft, _, _| {
            let of = at.parse::<usize>().ok().and_then(|at| draft.query.measures.get(at).cloned());
            if let Some(measure) = of {
                let calc = Calc { kind: CalcKind::RunningTotal, over: None, window: None, within: None };
                draft.query.measures.push(Measure { calc: Some(calc), alias: None, ..measure });
                draft.tidy();
            }
        });
    };
    let has_numbers = move || numbers.with(|all| !all.is_empty());
    view! {
        <ul class="filter-rows">
            <For each=move || calculated.get() key=|at| *at children=move |at| view! { <Calculation explore at/> }/>
        </ul>
        <Show when=has_numbers fallback=|| view! { <p class="muted small">"Calculations need a number: add one under Summarise."</p> }>
            <Combobox label="Add a calculation of" placeholder="Add a calculation of…" options=numbers value=Signal::stored(String::new()) on_change=add/>
        </Show>
        <Comparison explore/>
        <Gaps explore/>
    }
    .into_any()
}

/// What a measure is called before it is calculated with.
fn label(explore: Explore, measure: &Measure) -> String {
    let column = measure.column.as_deref().and_then(|name| explore.editor.column(name));
    let alias = measure.alias.as_deref().map(domain::names::to_label);
    alias.unwrap_or_else(|| shape::meaning(measure, column.as_ref()))
}

#[component]
fn Calculation(explore: Explore, at: usize) -> impl IntoView {
    let editor = explore.editor;
    let measure = Memo::new(move |_| explore.question.with(|q| q.query.measures.get(at).cloned()).unwrap_or_default());
    let calc = Memo::new(move |_| measure.with(|m| m.calc.clone()));
    let name = Memo::new(move |_| measure.with(|m| label(explore, m)));
    let change = move |change: &dyn Fn(&mut Calc)| {
        editor.edit(|draft, _, _| {
            if let Some(calc) = draft.query.measures.get_mut(at).and_then(|m| m.calc.as_mut()) {
                change(calc);
            }
            draft.tidy();
        });
    };
    let kind = Signal::derive(move || calc.with(|c| c.as_ref().map(|c| wire(&KINDS, c.kind))).unwrap_or_default());
    let set_kind = move |word: String| {
        if let Some(kind) = value(&KINDS, &word) {
            change(&|calc| {
                calc.kind = kind;
                calc.window = calc.window.filter(|_| kind == CalcKind::MovingAvg);
            });
        }
    };
    let over = Signal::derive(move || calc.with(|c| c.as_ref().map(|c| wire(&OVERS, c.over))).unwrap_or_default());
    let set_over = move |word: String| {
        if let Some(over) = value(&OVERS, &word) {
            change(&|calc| calc.over = over);
        }
    };
    let is = move |kinds: &[CalcKind]| calc.with(|c| c.as_ref().is_some_and(|c| kinds.contains(&c.kind)));
    let window = Signal::derive(move || calc.with(|c| c.as_ref().and_then(|c| c.window)).map(f64::from));
    let set_window =
        move |n: Option<f64>| change(&|calc| calc.window = n.map(|n| n.round().clamp(2.0, 1_000.0) as u32));
    // Which groups each begin afresh; nothing said means what suits the time of the question.
    let within = move || {
        let dimensions = explore.question.with(|q| q.query.dimensions.len());
        let fields = explore.question.with(|q| editor.columns.with(|columns| shape::fields(&q.query, columns)));
        let one = move |field: domain::Field| {
            let (own, set) = (field.name.clone(), field.name);
            let checked = Signal::derive(move || {
                calc.with(|c| c.as_ref().and_then(|c| c.within.as_ref()).is_some_and(|w| w.contains(&own)))
            });
            let put = move |on: bool| {
                change(&|calc| {
                    let mut names = calc.within.take().unwrap_or_default();
                    names.retain(|name| *name != set);
                    if on {
                        names.push(set.clone());
                    }
                    calc.within = (!names.is_empty()).then_some(names);
                });
            };
            view! { <Checkbox checked label=format!("Afresh for each {}", field.label) on_change=put/> }
        };
        (dimensions > 1).then(|| fields.into_iter().take(dimensions).map(one).collect_view())
    };
    view! {
        <li class="filter-row" data-testid="calculation">
            <div class="chip-line role-calc">
                <span class="role-dot" aria-hidden="true"></span>
                <span class="chip-name truncate">{move || name.get()}</span>
                <IconButton
                    icon="x"
                    size=Size::Small
                    label=Signal::derive(move || format!("Remove the calculation of {}", name.get()))
                    on_click=move |()| editor.edit(|draft, _, _| {
                        if at < draft.query.measures.len() {
                            draft.query.measures.remove(at);
                        }
                        draft.tidy();
                    })
                />
            </div>
            <Select label=Signal::derive(move || format!("What is calculated of {}", name.get())) options=choices(&KINDS) value=kind on_change=set_kind/>
            <Show when=move || is(&[CalcKind::MovingAvg])>
                <Field label="Over how many rows or periods">
                    <NumberInput min=2.0 max=1000.0 step=1.0 placeholder="3" value=window on_change=set_window/>
                </Field>
            </Show>
            <Show when=move || is(&[CalcKind::Change, CalcKind::PercentChange, CalcKind::MovingAvg])>
                <Select label="From where to where" options=choices(&OVERS) value=over on_change=set_over/>
            </Show>
            {within}
        </li>
    }
    .into_any()
}

#[component]
fn Comparison(explore: Explore) -> impl IntoView {
    let editor = explore.editor;
    let compare = Memo::new(move |_| explore.question.with(|q| q.query.compare.clone()));
    let to = Signal::derive(move || wire(&COMPARISONS, compare.with(|c| c.as_ref().map(|c| c.to))));
    let set_to = move |word: String| {
        let Some(to) = value(&COMPARISONS, &word) else { return };
        editor.edit(|draft, _, _| {
            let old = draft.query.compare.take();
            draft.query.compare = to.map(|to| match old {
                Some(old) => Compare { to, ..old },
                None => Compare { to, column: None, show: vec![Compared::Previous] },
            });
            draft.tidy();
        });
    };
    let shown = move |what: Compared| {
        let checked = Signal::derive(move || compare.with(|c| c.as_ref().is_some_and(|c| c.show.contains(&what))));
        let put = move |on: bool| {
            editor.edit(|draft, _, _| {
                if let Some(compare) = &mut draft.query.compare {
                    // In the order in which they are offered; one of them stays.
                    let has = |w: Compared| if w == what { on } else { compare.show.contains(&w) };
                    let show: Vec<Compared> = SHOWN.iter().map(|(w, _)| *w).filter(|w| has(*w)).collect();
                    if !show.is_empty() {
                        compare.show = show;
                    }
                }
                draft.tidy();
            });
        };
        (checked, put)
    };
    view! {
        <Field label="Compare with"><Select options=choices(&COMPARISONS) value=to on_change=set_to/></Field>
        <Show when=move || compare.with(Option::is_some)>
            {SHOWN.iter().map(|(what, label)| {
                let (checked, put) = shown(*what);
                view! { <Checkbox checked label=*label on_change=put/> }
            }).collect_view()}
        </Show>
    }
    .into_any()
}

/// What stands where the time has no rows.
#[component]
fn Gaps(explore: Explore) -> impl IntoView {
    let fill = Signal::derive(move || wire(&FILLS, explore.question.with(|q| q.query.fill)));
    let set = move |word: String| {
        if let Some(fill) = value(&FILLS, &word) {
            explore.editor.edit(|draft, _, _| draft.query.fill = fill);
        }
    };
    let has_time = Memo::new(move |_| {
        explore.question.with(|q| {
            let dimensions = q.query.dimensions.iter();
            q.query.fill.is_some() || dimensions.filter_map(|d| d.grain).any(|grain| !grain.is_folded())
        })
    });
    view! {
        <Show when=move || has_time.get()>
            <Field label="Periods without rows"><Select options=choices(&FILLS) value=fill on_change=set/></Field>
        </Show>
    }
    .into_any()
}
