//! "Why did this change?": the members of each dimension that explain the difference between a
//! period and the one before.
//!
//! A sum or a count is the sum of its members', so a member contributes its own difference. An
//! average or a ratio is `A = Σ wᵢ aᵢ`, the averages of the members weighted with their part of all
//! rows. Its difference is split as E. M. Kitagawa did ("Components of a Difference Between Two
//! Rates", Journal of the American Statistical Association 50, 1955), with the former period as the
//! standard: a member contributes by its mix, `(wᵢ' − wᵢ)(aᵢ − A)`, and by its rate,
//! `wᵢ'(aᵢ' − aᵢ)`. Both kinds of contributions add up to the whole difference exactly.

use super::question::Question;
use super::steps;
use crate::Services;
use crate::catalog::Loaded;
use domain::asking::AskWhy;
use domain::connect::{TileAsk, Why, WhyDimension, WhyMember, WhyRequest, previous, span, stretch};
use domain::dashboard::{DataSource, Layout, Tile};
use domain::query::{Agg, CompareTo, Dimension, Dir, Filter, Grain, Measure, Op, Order, Query};
use domain::{Caller, Cell, Column, DataType, Error, ErrorCode, Result, Role, calendar};
use std::collections::HashMap;
use std::sync::Arc;

/// A dimension with more members than this explains nothing to a person.
const MOST_MEMBERS: u64 = 200;
/// The most dimensions that are looked at.
const MOST_DIMENSIONS: usize = 12;
/// Members that are listed.
const LISTED: usize = 8;
/// Members that carry a difference, where it is concentrated.
const FEW: usize = 3;

/// How a measure is made of its members.
enum Parts {
    /// The sum of them.
    Sum(Box<Measure>),
    /// A sum over another: an average is the sum over the number of values.
    Ratio(Box<[Measure; 2]>),
}

/// A sum, or numerator and denominator, of a group.
type Amount = (f64, f64);

impl Services {
    /// Why a tile's measure is not what it was the period before.
    ///
    /// # Errors
    /// The tile is not visible, it has no course of time, or its measure is not made of its members'.
    pub async fn why(
        &self,
        caller: &Caller,
        dashboard: &str,
        tile: &str,
        ask: &TileAsk,
        request: &WhyRequest,
    ) -> Result<Why> {
        let asked = self.question_at(caller, dashboard, tile, ask).await?;
        asked.check_conditions(&request.on)?;
        let (column, grain) = course(&asked.query)?;
        let measure = measure(&asked.query, request.measure.as_deref())?;
        let year = asked.query.compare.as_ref().is_some_and(|c| c.to == CompareTo::PreviousYear);
        let periods = periods(grain, &request.period, year).ok_or_else(|| {
            Error::invalid(format!("`{}` is not a period of this tile.", request.period)).field("period")
        })?;
        self.carried(caller, &asked, &column, measure, periods, &request.on).await
    }

    /// The same of a question of its own, the right to which has been decided.
    pub(crate) async fn why_of_question(&self, caller: &Caller, request: &AskWhy) -> Result<Why> {
        let source = DataSource { query: Some(request.query.clone()), ..DataSource::default() };
        let tile = Tile { chart_type: Some("line".into()), data_source: Some(source), ..Tile::default() };
        let layout = Layout { widgets: vec![tile.clone()], ..Layout::default() };
        let asked = self.question_of(caller, &layout, &tile, &TileAsk::default()).await?;
        if asked.loaded.column(&request.time).is_none_or(|c| !c.ty.is_time()) {
            return Err(Error::invalid("This is no column of times.").field("time"));
        }
        let measure = measure(&asked.query, None)?;
        let periods = Periods::of(&request.from, &request.until).ok_or_else(|| {
            Error::invalid("A period begins with a day and ends with a later one, `YYYY-MM-DD`.").field("from")
        })?;
        self.carried(caller, &asked, &request.time, measure, periods, &[]).await
    }

    /// What carries the difference of a measure between two periods.
    async fn carried(
        &self,
        caller: &Caller,
        asked: &Question,
        column: &str,
        measure: Measure,
        mut periods: Periods,
        on: &[Filter],
    ) -> Result<Why> {
        let parts = parts(&measure)?;
        let mut why = Why { is_average: matches!(parts, Parts::Ratio(..)), ..Why::default() };
        if let Some(latest) = self.latest_day(&asked.loaded, column).await {
            why.notes.extend(periods.cut_at(latest));
        }
        let base = asked.base(on);
        let now = Some(stretch(column, &periods.now.0, &periods.now.1));
        let then = Some(stretch(column, &periods.before.0, &periods.before.1));
        let during = |period: &Option<Filter>, dimension: Option<&str>, measures: Vec<Measure>| Query {
            dimensions: dimension
                .map(|column| Dimension { column: column.to_owned(), ..Dimension::default() })
                .into_iter()
                .collect(),
            order: dimension.map(|_| Order { by: measures[0].output_name(), dir: Dir::Desc }).into_iter().collect(),
            measures,
            filter: Filter::both(base.filter.clone(), period.clone()),
            limit: Some(domain::query::DEFAULT_LIMIT),
            ..base.clone()
        };
        let loaded = &asked.loaded;
        let ask = async |period: &Option<Filter>, dimension: Option<&str>, measures: Vec<Measure>| {
            let query = during(period, dimension, measures);
            self.answer_in_turn(caller, loaded, &query).await.map(|(answer, _)| answer)
        };
        let whole = ask(&now, None, vec![measure.clone()]).await?;
        let whole_before = ask(&then, None, vec![measure.clone()]).await?;
        let value = |answer: &engine::Answer| answer.table.data.first().and_then(|c| c.first()).and_then(Cell::as_f64);
        (why.value, why.value_before) = (value(&whole), value(&whole_before));
        if let Some(field) = whole.table.columns.first() {
            why.label.clone_from(&field.label);
            why.format.clone_from(&field.format);
        }
        let sums = match &parts {
            Parts::Sum(sum) => vec![named(sum, "whole")],
            Parts::Ratio(both) => {
                let [top, bottom] = &**both;
                vec![named(top, "top"), named(bottom, "bottom")]
            }
        };
        let candidates = self.candidates(asked, &base, column).await;
        let members = candidates.iter().map(async |(name, label)| {
            let now = ask(&now, Some(name), sums.clone());
            let then = ask(&then, Some(name), sums.clone());
            let (now, then) = futures::try_join!(now, then)?;
            Ok::<_, Error>(explain(name, label, &amounts(&now.table), &amounts(&then.table), why.is_average))
        });
        why.dimensions = futures::future::try_join_all(members).await?.into_iter().flatten().collect();
        why.dimensions.sort_by(|a, b| b.strength.total_cmp(&a.strength));
        (why.period, why.before) = (periods.now, periods.before);
        Ok(why)
    }

    /// The last day that a time column knows.
    async fn latest_day(&self, loaded: &Arc<Loaded>, column: &str) -> Option<i64> {
        let column = loaded.column(column)?;
        let newest = Query {
            dataset: loaded.row.id.clone(),
            measures: vec![Measure::of(Agg::Max, &column.name)],
            ..Query::default()
        };
        let (answer, _) = self.answer(loaded, &newest, false).await.ok()?;
        calendar::parse(answer.table.data.first()?.first()?.as_str()?)
    }

    /// Dimensions that may explain something: few members, and not fixed by the filter already.
    async fn candidates(&self, asked: &Question, base: &Query, time: &str) -> Vec<(String, String)> {
        let fixed = fixed_columns(base.filter.as_ref());
        let Ok(profile) = self.profile_of(&asked.loaded).await else { return Vec::new() };
        let groups = |column: &Column| {
            matches!(column.ty, DataType::Text | DataType::Boolean)
                || (column.role == Role::Dimension && column.ty == DataType::Integer)
        };
        let few = |name: &str| {
            let known = profile.columns.iter().find(|c| c.name == name);
            known.is_none_or(|c| (2..=MOST_MEMBERS).contains(&c.distinct))
        };
        let own = asked.loaded.shown().filter(|c| groups(c) && few(&c.name)).map(|c| (c.name.clone(), &c.label));
        let may = |name: &str| asked.names.meaning(name).is_some_and(|identity| asked.reach.has(&identity));
        let mut found: Vec<(String, String)> = own
            .filter(|(name, _)| name != time && !fixed.contains(name) && may(name))
            .map(|(name, label)| (name, label.clone()))
            .collect();
        // What the tile itself is divided by comes first, joined columns too.
        for dimension in asked.query.dimensions.iter().filter(|d| d.grain.is_none() && d.bin.is_none()) {
            let at = found.iter().position(|(name, _)| *name == dimension.column);
            if let Some(first) = at.map(|at| found.remove(at)) {
                found.insert(0, first);
            } else if dimension.column.contains('.') && !fixed.contains(&dimension.column) {
                let label = domain::names::to_label(dimension.column.rsplit('.').next().unwrap_or_default());
                found.insert(0, (dimension.column.clone(), label));
            }
        }
        found.truncate(MOST_DIMENSIONS);
        found
    }
}

impl Question {
    /// Its rows without its groups.
    pub(crate) fn base(&self, on: &[Filter]) -> Query {
        let query = &self.query;
        let mut filter = steps::plain(query.filter.clone());
        for condition in on {
            filter = Filter::both(filter, Some(condition.clone()));
        }
        Query {
            dataset: query.dataset.clone(),
            joins: query.joins.clone(),
            filter,
            timezone: query.timezone.clone(),
            week_start: query.week_start,
            fiscal_year_start: query.fiscal_year_start,
            ..Query::default()
        }
    }
}

/// The two periods, each from its first instant to the first after it.
struct Periods {
    now: (String, String),
    before: (String, String),
}

impl Periods {
    /// From a day to the one before another, and as long just before: a month against the month before.
    fn of(from: &str, until: &str) -> Option<Self> {
        let day = |text: &str| calendar::parse(text).filter(|_| text.len() == 10);
        let (first, after) = (day(from)?, day(until)?);
        if after <= first {
            return None;
        }
        let now = (from.to_owned(), until.to_owned());
        let is_whole = |grain: &Grain| span(*grain, from).as_ref() == Some(&now);
        let whole = [Grain::Month, Grain::Quarter, Grain::Year].into_iter().find(is_whole);
        let before = match whole {
            Some(grain) => previous(grain, from)?,
            None => (calendar::iso(first - (after - first)), from.to_owned()),
        };
        Some(Self { now, before })
    }

    /// Compares like with like where the data ends within the period. Says so.
    fn cut_at(&mut self, latest: i64) -> Option<String> {
        let of = |text: &str| if text.len() == 10 { calendar::parse(text) } else { None };
        let (from, to, before, end) = (of(&self.now.0)?, of(&self.now.1)?, of(&self.before.0)?, of(&self.before.1)?);
        let days = latest + 1 - from;
        if days <= 0 || latest + 1 >= to {
            return None;
        }
        self.now.1 = calendar::iso(from + days);
        self.before.1 = calendar::iso((before + days).min(end));
        let days = if days == 1 { "day".to_owned() } else { format!("{days} days") };
        Some(format!("The data ends within this period: its first {days} are compared with as many of the one before."))
    }
}

fn periods(grain: Grain, period: &str, year: bool) -> Option<Periods> {
    let now = span(grain, period)?;
    let before = if !year {
        previous(grain, period)?
    } else if grain == Grain::Week {
        let day = |text: &str| Some(calendar::iso(calendar::parse(text)? - 364));
        (day(&now.0)?, day(&now.1)?)
    } else {
        let earlier = |text: &str| {
            let (y, m, d) = calendar::civil(calendar::parse(text)?);
            (text.len() == 10).then(|| calendar::iso(calendar::day_of(y - 1, m, d)))
        };
        (earlier(&now.0)?, earlier(&now.1)?)
    };
    Some(Periods { now, before })
}

/// The time that a tile runs along.
fn course(query: &Query) -> Result<(String, Grain)> {
    let time = query.dimensions.iter().find_map(|d| Some((d, d.grain.filter(|g| !g.is_folded())?)));
    let (dimension, grain) = time.ok_or_else(|| {
        Error::new(ErrorCode::NotSupported, "This tile has no course of time, so nothing in it changed.")
            .hint("Group it by a date, then choose one of its points.")
    })?;
    Ok((dimension.column.clone(), grain))
}

/// The measure to explain, without what is worked out over the groups.
fn measure(query: &Query, name: Option<&str>) -> Result<Measure> {
    let found = match name {
        Some(name) => query.measures.iter().find(|m| m.output_name() == name),
        None => query.measures.first(),
    };
    let found = found.ok_or_else(|| Error::invalid("This tile has no such number.").field("measure"))?;
    Ok(Measure { calc: None, ..found.clone() })
}

fn parts(measure: &Measure) -> Result<Parts> {
    let refuse = || {
        let name = measure.agg.map_or_else(|| "metric".to_owned(), |agg| agg.label().to_lowercase());
        Error::new(ErrorCode::NotSupported, format!("A {name} is not made of its members' values."))
            .hint("Ask about a sum, a count, an average or a ratio.")
    };
    let plain = |m: &Measure| matches!(m.agg, Some(Agg::Sum | Agg::Count | Agg::CountIf));
    match (measure.agg, &measure.column, &measure.numerator, &measure.denominator) {
        _ if plain(measure) => Ok(Parts::Sum(Box::new(measure.clone()))),
        (Some(Agg::Avg), Some(column), ..) => {
            let values = Measure {
                agg: Some(Agg::CountIf),
                filter: Some(Filter::is(column, Op::IsNotNull, serde_json::Value::Null)),
                ..Measure::default()
            };
            let sum = Measure { agg: Some(Agg::Sum), alias: None, ..measure.clone() };
            Ok(Parts::Ratio(Box::new([sum, values])))
        }
        (Some(Agg::Ratio), _, Some(top), Some(bottom)) if plain(top) && plain(bottom) => {
            Ok(Parts::Ratio(Box::new([(**top).clone(), (**bottom).clone()])))
        }
        _ => Err(refuse()),
    }
}

fn named(measure: &Measure, name: &str) -> Measure {
    Measure { alias: Some(name.to_owned()), calc: None, ..measure.clone() }
}

/// Columns that a filter leaves one value of.
fn fixed_columns(filter: Option<&Filter>) -> Vec<String> {
    match filter {
        Some(Filter::And(all)) => all.iter().flat_map(|f| fixed_columns(Some(f))).collect(),
        Some(Filter::Is(c)) => {
            let one = match c.op {
                Op::Eq | Op::IsNull | Op::IsTrue | Op::IsFalse => true,
                Op::In => c.value.as_array().is_some_and(|list| list.len() == 1),
                _ => false,
            };
            one.then(|| c.column.clone()).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// What each member amounts to; NULL is a member too.
fn amounts(table: &domain::Table) -> Vec<(Cell, Amount)> {
    let number = |column: usize, row: usize| {
        table.data.get(column).and_then(|c| c.get(row)).and_then(Cell::as_f64).unwrap_or_default()
    };
    let one = |row: usize| (table.data[0][row].clone(), (number(1, row), number(2, row)));
    (0..table.row_count()).map(one).collect()
}

/// The contributions of the members of a dimension. Nothing where it has one member, or nothing changed.
fn explain(
    column: &str,
    label: &str,
    now: &[(Cell, Amount)],
    then: &[(Cell, Amount)],
    is_ratio: bool,
) -> Option<WhyDimension> {
    let mut members: Vec<(Cell, Amount, Amount)> = Vec::new();
    let mut at: HashMap<String, usize> = HashMap::new();
    for (cell, amount) in now {
        at.insert(cell.to_json().to_string(), members.len());
        members.push((cell.clone(), *amount, (0.0, 0.0)));
    }
    for (cell, amount) in then {
        match at.get(&cell.to_json().to_string()) {
            Some(i) => members[*i].2 = *amount,
            None => members.push((cell.clone(), (0.0, 0.0), *amount)),
        }
    }
    if members.len() < 2 {
        return None;
    }
    let total = |of: fn(&(Cell, Amount, Amount)) -> Amount| {
        members.iter().map(of).fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1))
    };
    let (whole, whole_before) = (total(|m| m.1), total(|m| m.2));
    let mut found: Vec<(WhyMember, f64)> = members
        .into_iter()
        .map(|(cell, now, then)| {
            if is_ratio {
                of_ratio(cell, now, then, whole, whole_before)
            } else {
                of_sum(cell, now, then, whole, whole_before)
            }
        })
        .collect();
    let difference: f64 = found.iter().map(|(m, _)| m.contribution).sum();
    let moved: f64 = found.iter().map(|(m, _)| m.contribution.abs()).sum();
    if moved <= f64::EPSILON * (whole.0.abs() + whole_before.0.abs()) {
        return None;
    }
    // How far the contributions are from what they would be had all members changed alike ...
    let uneven: f64 = found.iter().map(|(m, part)| (m.contribution - difference * part).abs()).sum();
    let uneven = uneven / (moved + difference.abs());
    found.sort_by(|a, b| b.0.contribution.abs().total_cmp(&a.0.contribution.abs()));
    // ... and how much of what moved is the deed of a few.
    let few: f64 = found.iter().take(FEW).map(|(m, _)| m.contribution.abs()).sum::<f64>() / moved;
    for (member, _) in &mut found {
        member.share = (difference.abs() > moved * 1e-9).then(|| member.contribution / difference);
    }
    let rest = found.split_off(LISTED.min(found.len()));
    Some(WhyDimension {
        column: column.to_owned(),
        label: label.to_owned(),
        strength: (uneven * few).clamp(0.0, 1.0),
        members: found.into_iter().map(|(m, _)| m).collect(),
        others: rest.len() as u64,
        others_contribution: rest.iter().map(|(m, _)| m.contribution).sum(),
    })
}

/// A member of a sum, and the part of the difference it would have had all changed alike.
fn of_sum(cell: Cell, now: Amount, then: Amount, whole: Amount, before: Amount) -> (WhyMember, f64) {
    let part = if before.0 == 0.0 { ratio(now.0, whole.0) } else { ratio(then.0, before.0) };
    let member = WhyMember {
        cell,
        value: Some(now.0),
        before: Some(then.0),
        contribution: now.0 - then.0,
        ..WhyMember::default()
    };
    (member, part.unwrap_or_default())
}

/// A member of an average, as [the module](self) says.
fn of_ratio(cell: Cell, now: Amount, then: Amount, whole: Amount, before: Amount) -> (WhyMember, f64) {
    let (rate, rate_before) = (ratio(now.0, now.1), ratio(then.0, then.1));
    let (weight, weight_before) = (ratio(now.1, whole.1).unwrap_or(0.0), ratio(then.1, before.1).unwrap_or(0.0));
    let standard = ratio(before.0, before.1).or(ratio(whole.0, whole.1)).unwrap_or(0.0);
    // Who was not there before, or is not there any more, changed the mix and nothing else.
    let known = rate_before.or(rate).unwrap_or(standard);
    let mix = (weight - weight_before) * (known - standard);
    let own = weight * (rate.unwrap_or(known) - known);
    let member = WhyMember {
        cell,
        value: rate,
        before: rate_before,
        contribution: mix + own,
        mix: Some(mix),
        rate: Some(own),
        share: None,
    };
    (member, weight)
}

fn ratio(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(list: &[(&str, f64, f64)]) -> Vec<(Cell, Amount)> {
        list.iter().map(|(name, a, b)| (Cell::from(*name), (*a, *b))).collect()
    }

    #[test]
    fn contributions_to_a_sum_add_up() {
        let now = members(&[("a", 50.0, 0.0), ("b", 100.0, 0.0), ("new", 10.0, 0.0)]);
        let then = members(&[("a", 90.0, 0.0), ("b", 100.0, 0.0), ("gone", 5.0, 0.0)]);
        let d = explain("c", "C", &now, &then, false).unwrap();
        let sum: f64 = d.members.iter().map(|m| m.contribution).sum();
        assert!((sum - (160.0 - 195.0)).abs() < 1e-9);
        assert_eq!((d.members[0].cell.clone(), d.members[0].contribution), (Cell::from("a"), -40.0));
        let share: f64 = d.members.iter().filter_map(|m| m.share).sum();
        assert!((share - 1.0).abs() < 1e-9);
    }

    #[test]
    fn mix_and_rate_add_up_to_the_difference_of_averages() {
        // Sum and number of values.
        let now = members(&[("a", 300.0, 10.0), ("b", 100.0, 20.0), ("new", 90.0, 3.0)]);
        let then = members(&[("a", 500.0, 20.0), ("b", 40.0, 10.0), ("gone", 7.0, 1.0)]);
        let d = explain("c", "C", &now, &then, true).unwrap();
        let difference = 490.0 / 33.0 - 547.0 / 31.0;
        let sum: f64 = d.members.iter().map(|m| m.contribution).sum();
        assert!((sum - difference).abs() < 1e-9, "{sum} {difference}");
        for m in &d.members {
            assert!((m.mix.unwrap() + m.rate.unwrap() - m.contribution).abs() < 1e-12);
        }
        let new = d.members.iter().find(|m| m.cell == Cell::from("new")).unwrap();
        assert_eq!((new.rate, new.before), (Some(0.0), None));
    }

    #[test]
    fn a_dimension_in_which_all_changed_alike_explains_nothing() {
        let then = members(&[("a", 100.0, 0.0), ("b", 300.0, 0.0), ("c", 50.0, 0.0), ("d", 10.0, 0.0)]);
        let even: Vec<_> = then.iter().map(|(c, v)| (c.clone(), (v.0 * 0.8, 0.0))).collect();
        let mut uneven = then.clone();
        uneven[2].1.0 = 0.0;
        let even = explain("c", "C", &even, &then, false).unwrap();
        let uneven = explain("c", "C", &uneven, &then, false).unwrap();
        assert!(even.strength < 1e-9 && uneven.strength > 0.5, "{} {}", even.strength, uneven.strength);
        assert!(explain("c", "C", &then, &then, false).is_none());
    }

    #[test]
    fn a_period_that_has_not_ended_is_compared_with_as_much_of_the_last() {
        let mut p = periods(Grain::Month, "2024-03-01", false).unwrap();
        assert_eq!(p.before, ("2024-02-01".to_owned(), "2024-03-01".to_owned()));
        assert!(p.cut_at(calendar::parse("2024-03-31").unwrap()).is_none());
        assert!(p.cut_at(calendar::parse("2024-03-10").unwrap()).is_some());
        assert_eq!((p.now.1.as_str(), p.before.1.as_str()), ("2024-03-11", "2024-02-11"));
        let year = periods(Grain::Quarter, "2024-01-01", true).unwrap();
        assert_eq!(year.before, ("2023-01-01".to_owned(), "2023-04-01".to_owned()));
    }

    #[test]
    fn a_stretch_is_compared_with_the_one_before() {
        let before = |from: &str, until: &str| Periods::of(from, until).map(|p| p.before);
        let days = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(before("2024-03-01", "2024-04-01"), days("2024-02-01", "2024-03-01"), "a month");
        assert_eq!(
            before("2024-06-01", "2024-09-01"),
            days("2024-03-01", "2024-06-01"),
            "a quarter's length of months"
        );
        assert_eq!(before("2024-03-05", "2024-03-12"), days("2024-02-27", "2024-03-05"));
        for (from, until) in [("2024-03-01", "2024-03-01"), ("2024-03-02", "2024-03-01"), ("x", "y"), ("", "")] {
            assert_eq!(before(from, until), None);
        }
    }

    #[test]
    fn what_cannot_be_split_is_refused() {
        assert!(parts(&Measure::of(Agg::Median, "x")).is_err());
        assert!(matches!(parts(&Measure::of(Agg::Avg, "x")), Ok(Parts::Ratio(..))));
        assert!(matches!(parts(&Measure::count()), Ok(Parts::Sum(_))));
    }
}
