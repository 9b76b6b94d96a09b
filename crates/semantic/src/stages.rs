//! Questions that take several steps, each a named subquery:
//!
//! | step | what it holds |
//! |---|---|
//! | `picked`, `earlier` | the rows that pass the filter, of now and of the comparison |
//! | `top1` ... | the members of a `top_n` |
//! | `grouped`, `before` | one row a group: keys `k1` ..., measures `m1` ... |
//! | `compared` | both side by side: earlier measures are `p1` ... |
//! | `filled` | the same with the gaps in time |
//! | `calculated` | calculations `c1` ... and, of earlier measures, `q1` ... |
//!
//! What `having`, a `top_n` or the limit leaves out is left out at the end, so that calculations are
//! over the whole. Others are gathered from rows, so that averages and distinct counts of them are
//! right.

use crate::calc::{self, Calculation};
use crate::dialect::Spelling;
use crate::fill::Gaps;
use crate::filter::Top;
use crate::group::grouped;
use crate::measure::Value;
use crate::order::By;
use crate::output::{Output, Part};
use crate::path::Path;
use crate::plan::{Asked, PICKED, having};
use crate::scan;
use crate::scope::ROWS;
use crate::sql::{self, Select, With};
use crate::subtotals::Sets;
use domain::query::{Compared, Fill, Query};
use domain::{DataType, Error, Result, Role};

/// What the others are called unless the question says so.
const OTHERS: &str = "Others";

struct Stages<'q, 'a> {
    query: &'q Query,
    asked: &'q Asked<'a>,
    sets: Option<&'q Sets>,
    with: Vec<With>,
    /// The step that the next one reads.
    last: &'static str,
}

/// The question as a SELECT over its steps.
pub(crate) fn select(
    query: &Query,
    asked: &Asked<'_>,
    earlier: Option<(Asked<'_>, bool)>,
    gaps: Option<&Gaps>,
    keys: &[(By, bool)],
    sets: Option<&Sets>,
) -> Result<Select> {
    let mut stages = Stages { query, asked, sets, with: Vec::new(), last: "grouped" };
    stages.check_tops()?;
    stages.pick(PICKED, asked)?;
    stages.rank()?;
    stages.group("grouped", PICKED, asked)?;
    if let Some((earlier, is_bounded)) = &earlier {
        stages.pick("earlier", earlier)?;
        stages.group("before", "earlier", earlier)?;
        stages.compare(earlier, *is_bounded, query.fill == Some(Fill::Zero));
    }
    let is_compared = earlier.is_some();
    if let Some(gaps) = gaps {
        stages.fill(gaps, is_compared);
    }
    stages.calculate(earlier.as_ref().map(|(asked, _)| asked), keys)?;
    stages.finish(keys)
}

fn key(i: usize) -> String {
    format!("k{}", i + 1)
}

fn measure(i: usize) -> String {
    format!("m{}", i + 1)
}

/// A column of the step before.
fn of(name: &str) -> String {
    sql::column("g", name)
}

fn rows_of(name: &str) -> String {
    sql::aliased(&sql::ident(name), ROWS)
}

fn top_name(i: usize) -> String {
    format!("top{}", i + 1)
}

/// The members of a top as a list to look in.
fn members(i: usize) -> String {
    let members = Select::of(vec!["m.member".to_owned()], sql::aliased(&sql::ident(&top_name(i)), "m"));
    sql::nested(&members)
}

impl Stages<'_, '_> {
    fn outputs(&self) -> &[Output] {
        &self.asked.outputs
    }

    fn db(&self) -> Spelling {
        self.asked.scope.clock.db
    }

    /// Positions of the dimensions; they come before all else.
    fn dimensions(&self) -> usize {
        self.outputs().iter().filter(|o| o.is_dimension()).count()
    }

    /// Positions of the measures.
    fn measures(&self) -> Vec<usize> {
        (0..self.outputs().len()).filter(|i| self.outputs()[*i].measure().is_some()).collect()
    }

    /// The dimension whose groups are the values of a top's column.
    fn dimension_of(&self, top: &Top<'_>) -> Option<usize> {
        self.outputs().iter().position(|o| {
            o.dimension()
                .is_some_and(|d| d.is_plain && d.table == top.column.table && d.column == top.column.column.name)
        })
    }

    /// The top whose others are gathered in that dimension.
    fn others_in(&self, dimension: usize) -> Option<usize> {
        self.asked.picked.tops.iter().position(|t| t.others && self.dimension_of(t) == Some(dimension))
    }

    /// Whether a top leaves groups out only at the end.
    fn is_late(&self, top: &Top<'_>) -> bool {
        let is_calculated = |o: &Output| o.measure().is_some_and(|m| m.calculation.is_some());
        !top.others && self.dimension_of(top).is_some() && self.outputs().iter().any(is_calculated)
    }

    fn check_tops(&self) -> Result<()> {
        let path = Path::Root("filter");
        let tops = &self.asked.picked.tops;
        for (i, top) in tops.iter().enumerate() {
            let by = self.outputs().get(top.by).and_then(Output::measure).ok_or_else(Error::internal)?;
            if by.calculation.as_ref().is_some_and(|c| !c.is_share()) {
                return Err(path
                    .refuse("A `top_n` chooses by a measure, not by a calculation over it.")
                    .hint("Add the measure itself and choose by that."));
            }
            if !top.others {
                continue;
            }
            let name = &top.column.column.name;
            let Some(dimension) = self.dimension_of(top) else {
                return Err(path
                    .refuse(format!("Others can be gathered only where `{name}` itself is a dimension."))
                    .hint("Group by the column, without grain or bin, or leave out `others`."));
            };
            if tops.iter().take(i).any(|t| t.others && self.dimension_of(t) == Some(dimension)) {
                return Err(path.refuse(format!("Two conditions gather the others of `{name}`.")));
            }
        }
        Ok(())
    }

    /// The rows that pass the filter.
    fn pick(&mut self, name: &str, asked: &Asked<'_>) -> Result<()> {
        let rows = scan::rows(&asked.scope)?;
        let filter = asked.picked.conditions.clone();
        let all = Select { filter, ..Select::of(vec![format!("{ROWS}.*")], rows) };
        self.with.push(sql::with(name, all.line()));
        Ok(())
    }

    /// The members of each top: those with the largest measure. Rows without a value are no member.
    fn rank(&mut self) -> Result<()> {
        for (i, top) in self.asked.picked.tops.iter().enumerate() {
            let by = self.outputs().get(top.by).and_then(Output::measure).ok_or_else(Error::internal)?;
            let column = top.column.sql.clone();
            let groups = grouped(
                std::slice::from_ref(&column),
                &[&by.value],
                &[rows_of(PICKED)],
                &[sql::is_not_null(&column)],
                self.db(),
            );
            let ranking = Select {
                order: vec![
                    sql::sort(&of("m1"), false),
                    sql::sort(&self.db().ordered(&of("k1"), top.column.column.ty), true),
                ],
                limit: Some(u64::from(top.n)),
                ..Select::of(vec![sql::named(&of("k1"), "member")], sql::aliased(&groups, "g"))
            };
            let ranking = ranking.line();
            self.with.push(sql::kept(&top_name(i), ranking));
        }
        Ok(())
    }

    /// The conditions of the tops that leave rows out. Totals are of the members alone, whatever the
    /// groups of the lowest level are still needed for.
    fn chosen(&self, asked: &Asked<'_>, is_total: bool) -> Vec<String> {
        let tops = self.asked.picked.tops.iter().zip(&asked.picked.tops).enumerate();
        let early = tops.filter(|(_, (top, _))| !top.others && (is_total || !self.is_late(top)));
        early.map(|(i, (_, top))| sql::binary(&top.column.sql, "IN", &members(i))).collect()
    }

    /// What rows are grouped by: the others of a top are one group, without a key.
    fn keys(&self, asked: &Asked<'_>) -> Vec<String> {
        let dimensions = asked.outputs.iter().filter_map(Output::dimension).enumerate();
        let key = |(i, d): (usize, &crate::output::Grouped)| match self.others_in(i) {
            Some(top) => {
                let is_member = sql::binary(&d.key, "IN", &members(top));
                sql::case(&[(&is_member, &d.key)], "NULL")
            }
            None => d.key.clone(),
        };
        dimensions.map(key).collect()
    }

    /// The rows of a step, with the extents that bins by count need: those of the rows of now.
    fn from(&self, rows: &str) -> Vec<String> {
        let ranges = self.outputs().iter().filter_map(|o| o.dimension()?.range.as_ref());
        std::iter::once(rows_of(rows)).chain(ranges.map(|r| r.relation(&rows_of(PICKED)))).collect()
    }

    fn group(&mut self, name: &'static str, rows: &str, asked: &Asked<'_>) -> Result<()> {
        let values: Vec<&Value> = asked.outputs.iter().filter_map(|o| Some(&o.measure()?.value)).collect();
        let from = self.from(rows);
        let of = |keys: &[String], is_lowest: bool| {
            grouped(keys, &values, &from, &self.chosen(asked, !is_lowest), self.db())
        };
        let keys = self.keys(asked);
        let groups = self.sets.map_or_else(|| of(&keys, true), |sets| sets.union(&keys, values.len(), of));
        let select = Select::of(vec!["g.*".to_owned()], sql::aliased(&groups, "g"));
        self.with.push(sql::kept(name, select.line()));
        Ok(())
    }

    /// Measures of now and of before, side by side. With `is_zero` a group that only one of them has
    /// counts as zero in the other, as a gap does; one that has no value in both still has none.
    fn compare(&mut self, earlier: &Asked<'_>, is_bounded: bool, is_zero: bool) {
        let (dimensions, measures) = (self.dimensions(), self.measures().len());
        let (now, before) = (|name: &str| sql::column("a", name), |name: &str| sql::column("b", name));
        let mut items: Vec<String> = (0..dimensions)
            .map(|i| sql::named(&sql::call("coalesce", &[&now(&key(i)), &before(&key(i))]), &key(i)))
            .collect();
        let value = |value: String, is_there: &str, i: usize| {
            let is_number = self.asked.outputs[self.measures()[i]].field.ty.is_number();
            if is_zero && is_number { sql::case(&[(&sql::is_null(is_there), "0")], &value) } else { value }
        };
        let (here, there) = (now("there"), before("there"));
        items.extend((0..measures).map(|i| sql::named(&value(now(&measure(i)), &here, i), &measure(i))));
        items.extend((0..measures).map(|i| sql::named(&value(before(&measure(i)), &there, i), &format!("p{}", i + 1))));
        let mut on: Vec<(String, String)> = (0..dimensions).map(|i| (now(&key(i)), before(&key(i)))).collect();
        if self.sets.is_some() {
            items.push(sql::named(&sql::call("coalesce", &[&now("sets"), &before("sets")]), "sets"));
            on.push((now("sets"), before("sets")));
        }
        let mut on = self.db().same(&on);
        let times = self.times(earlier);
        if let Some(sets) = self.sets.filter(|_| !is_bounded && !times.is_empty()) {
            // All times together have no earlier stretch.
            on = sql::all(&[on, sets.holds(&times, &now("sets"))]);
        }
        let side = |name: &str, alias: &str| {
            let rows = sql::aliased(&sql::ident(name), "g");
            let marked = || sql::nested(&Select::of(vec!["g.*".to_owned(), "TRUE AS there".to_owned()], rows));
            sql::aliased(&if is_zero { marked() } else { sql::ident(name) }, alias)
        };
        let (left, right) = (&side("grouped", "a"), &side("before", "b"));
        // Without an end in the filter, all that was before would stand there as a future.
        let relation = if dimensions == 0 {
            format!("{left}, {right}")
        } else if is_bounded {
            sql::full_join(left, right, &on)
        } else {
            sql::join(left, false, right, &on)
        };
        self.with.push(sql::kept("compared", Select::of(items, relation).line()));
        self.last = "compared";
    }

    /// The dimensions along which the earlier stretch lies.
    fn times(&self, earlier: &Asked<'_>) -> Vec<usize> {
        let Some(shift) = earlier.scope.shift else { return Vec::new() };
        let dimensions = self.outputs().iter().filter_map(Output::dimension).enumerate();
        dimensions.filter(|(_, d)| d.table == shift.table && d.column == shift.column).map(|(i, _)| i).collect()
    }

    /// The measures of the step before, each with whether zero is one of its values.
    fn values(&self, is_compared: bool) -> Vec<(String, bool)> {
        let measures = self.measures();
        let is_number = |at: &usize| self.asked.outputs[*at].field.ty.is_number();
        let now = measures.iter().enumerate().map(|(i, at)| (measure(i), is_number(at)));
        let before = measures.iter().enumerate().map(|(i, at)| (format!("p{}", i + 1), is_number(at)));
        now.chain(before.filter(|_| is_compared)).collect()
    }

    fn fill(&mut self, gaps: &Gaps, is_compared: bool) {
        let keys: Vec<String> = (0..self.dimensions()).map(key).collect();
        self.with.extend(gaps.statements(self.last, &keys, &self.values(is_compared)));
        self.last = "filled";
    }

    fn calculate(&mut self, earlier: Option<&Asked<'_>>, order: &[(By, bool)]) -> Result<()> {
        let measures = self.measures();
        let keys: Vec<String> = (0..self.dimensions()).map(|i| of(&key(i))).collect();
        let mut items = vec!["g.*".to_owned()];
        let mut relation = sql::aliased(&sql::ident(self.last), "g");
        for (i, at) in measures.iter().enumerate() {
            let Some(measured) = self.asked.outputs[*at].measure() else { continue };
            let Some(calculation) = &measured.calculation else { continue };
            let rows = self.row_order(calculation, order, &measures);
            for (letter, result, asked, from) in [("m", "c", Some(self.asked), PICKED), ("p", "q", earlier, "earlier")]
            {
                let Some(asked) = asked else { continue };
                let mut whole = None;
                if calculation.is_share() && !measured.is_sum {
                    // Groups that share rows do not add up: the whole is worked out from rows.
                    let name = format!("whole_{letter}{}", i + 1);
                    let value = &asked.outputs[*at].measure().ok_or_else(Error::internal)?.value;
                    let all = self.keys(asked);
                    let within: Vec<String> = calculation.within.iter().map(|k| all[*k].clone()).collect();
                    let chosen = self.chosen(asked, false);
                    let groups = grouped(&within, &[value], &self.from(from), &chosen, self.db());
                    let select = Select::of(vec!["g.*".to_owned()], sql::aliased(&groups, "g"));
                    self.with.push(sql::kept(&name, select.line()));
                    let alias = format!("w{letter}{}", i + 1);
                    let same = |(n, k): (usize, &usize)| (keys[*k].clone(), sql::column(&alias, &key(n)));
                    let on: Vec<(String, String)> = calculation.within.iter().enumerate().map(same).collect();
                    let right = sql::aliased(&sql::ident(&name), &alias);
                    relation = sql::join(&relation, false, &right, &self.db().same(&on));
                    whole = Some(sql::column(&alias, "m1"));
                }
                let value = of(&format!("{letter}{}", i + 1));
                // Totals are no groups to pass over, and nothing is worked out for them.
                let apart = self.sets.map(|_| of("sets"));
                let sql = calculation.print(&value, &keys, &rows, apart.as_deref(), whole.as_deref(), self.db());
                let sql = apart.map_or(sql.clone(), |sets| sql::case(&[(&Sets::is_lowest(&sets), &sql)], "NULL"));
                items.push(sql::named(&sql, &format!("{result}{}", i + 1)));
            }
        }
        if items.len() > 1 {
            self.with.push(sql::with("calculated", Select::of(items, relation).line()));
            self.last = "calculated";
        }
        Ok(())
    }

    /// The order in which a calculation passes over rows: along its axis where that has an order of
    /// its own, else as the answer is sorted. Rows that share a place on the axis come by the dimensions
    /// that are left.
    fn row_order(&self, calculation: &Calculation, order: &[(By, bool)], measures: &[usize]) -> Vec<String> {
        let Some(axis) = calculation.axis else { return Vec::new() };
        let ordered = |at: usize, name: &str| self.db().ordered(&of(name), self.outputs()[at].field.ty);
        let along = calculation.free(self.dimensions()).into_iter();
        let own = std::iter::once(axis).chain(along).map(|at| sql::sort(&ordered(at, &key(at)), true));
        let is_ordered = self.outputs()[axis].dimension().is_some_and(|d| d.is_ordered);
        if is_ordered {
            return own.collect();
        }
        let mut keys: Vec<String> = Vec::new();
        for (by, ascending) in order {
            let By::Output(at) = by else { continue };
            let name = match &self.outputs()[*at].part {
                Part::Dimension(_) => key(*at),
                Part::Measure(m) if m.calculation.is_none() => {
                    let Some(i) = measures.iter().position(|m| m == at) else { continue };
                    measure(i)
                }
                // The total and its own measure rise together.
                Part::Measure(_) if !ascending => {
                    let Some(i) = measures.iter().position(|m| m == at) else { continue };
                    measure(i)
                }
                _ => continue,
            };
            keys.push(sql::sort(&ordered(*at, &name), *ascending));
        }
        keys.extend(own);
        keys
    }

    /// What the answer shows of the last step.
    fn shown(&self) -> Result<Vec<String>> {
        let measures = self.measures();
        let index = |at: usize| measures.iter().position(|m| *m == at).ok_or_else(Error::internal);
        let value = |at: usize, plain: &str, calculated: &str| -> Result<String> {
            let is_calculated = self.outputs()[at].measure().is_some_and(|m| m.calculation.is_some());
            Ok(of(&format!("{}{}", if is_calculated { calculated } else { plain }, index(at)? + 1)))
        };
        let mut shown = Vec::new();
        for (i, output) in self.outputs().iter().enumerate() {
            shown.push(match &output.part {
                Part::Row(_) => return Err(Error::internal()),
                Part::Dimension(d) => {
                    let plain = d.shown.of(&of(&key(i)), &self.asked.scope.clock);
                    match self.others_in(i) {
                        Some(top) if output.field.ty == DataType::Text => {
                            let named = sql::call("coalesce", &[&plain, &self.label(top)?]);
                            match self.sets.and_then(|sets| sets.rolls_up(i, &of("sets"))) {
                                Some(rolled) => sql::case(&[(&rolled, "NULL")], &named),
                                None => named,
                            }
                        }
                        _ => plain,
                    }
                }
                Part::Measure(_) => value(i, "m", "c")?,
                Part::Grouping(_) => of("sets"),
                Part::Compared(at, what) => {
                    let (now, before) = (value(*at, "m", "c")?, value(*at, "p", "q")?);
                    match what {
                        Compared::Previous => before,
                        Compared::Change => calc::difference(&now, &before, self.outputs()[*at].field.ty, self.db()),
                        Compared::PercentChange => calc::percent_change(&now, &before, self.db()),
                    }
                }
            });
        }
        Ok(shown)
    }

    /// What the others are called: a name that no member has.
    fn label(&self, top: usize) -> Result<String> {
        let label = self.query.others_label.as_deref().unwrap_or(OTHERS);
        let names = [label.to_owned(), format!("{label} (rest)"), format!("{label} (all the rest)")];
        let names: Vec<String> = names.iter().map(|n| sql::text(n)).collect::<Result<_>>()?;
        let is_taken = |name: &String| sql::binary(name, "IN", &members(top));
        let third = sql::case(&[(&is_taken(&names[1]), &names[2])], &names[1]);
        Ok(sql::case(&[(&is_taken(&names[0]), &third)], &names[0]))
    }

    fn finish(mut self, keys: &[(By, bool)]) -> Result<Select> {
        let shown = self.shown()?;
        let outputs = self.outputs();
        let mut filter = having(self.query, outputs, &shown, self.asked.scope.clock)?;
        for (i, top) in self.asked.picked.tops.iter().enumerate() {
            if let Some(dimension) = self.dimension_of(top).filter(|_| self.is_late(top)) {
                let is_member = sql::binary(&of(&key(dimension)), "IN", &members(i));
                let is_total = self.sets.map(|_| sql::not(&sql::group(&Sets::is_lowest(&of("sets")))));
                filter.push(sql::any(&is_total.into_iter().chain([is_member]).collect::<Vec<_>>()));
            }
        }
        // The others come after the members, but not before an earlier time's rows are through.
        let mut order = crate::plan::sorted(keys, outputs, &shown, self.db());
        let is_first = |(by, _): &(By, bool)| matches!(by, By::Output(i) if outputs[*i].field.role == Role::Time || matches!(outputs[*i].part, Part::Grouping(_)));
        let at = keys.iter().take_while(|k| is_first(k)).count();
        let flags: Vec<String> = (0..self.dimensions())
            .filter(|i| self.others_in(*i).is_some())
            .map(|i| sql::case(&[(&sql::is_null(&of(&key(i))), "1")], "0"))
            .collect();
        order.splice(at..at, flags);
        let items = outputs.iter().zip(&shown).map(|(o, s)| sql::named(s, &o.field.name)).collect();
        let from = sql::aliased(&sql::ident(self.last), "g");
        let with = std::mem::take(&mut self.with);
        Ok(Select { with, filter, order, ..Select::of(items, from) })
    }
}
