//! From a model as it was written to what of it works with the columns there are. Whatever does not
//! fit is named and left out, so that one lost column does not take everything down with it.

use domain::model::{CalculatedColumn, ExpressionFault, ModelMisfit, SemanticModel};
use domain::names::{is_name, nearest, to_label, to_name};
use domain::{Column, Role};
use semantic::Calculated;
use semantic::expression::{self, Fault};
use std::collections::{BTreeMap, BTreeSet, HashMap};

const MAX_CALCULATED: usize = 200;
const MAX_HIERARCHIES: usize = 100;
const MAX_LEVELS: usize = 20;
pub(super) const MAX_RELATIONSHIPS: usize = 100;
const MAX_SYNONYMS: usize = 20;
/// The most characters of an expression with all that it is made of written out.
const MAX_EXPANDED: usize = 50_000;
/// How many calculated columns may be made of one another.
const MAX_DEPTH: usize = 16;

/// The calculated columns that work, in an order in which each uses only those before it, and
/// everything that does not fit the stored columns. Relationships are not looked at: that takes
/// other datasets.
pub(crate) fn resolve(stored: &[Column], model: &SemanticModel) -> (Vec<Calculated>, Vec<ModelMisfit>) {
    let mut misfits = Vec::new();
    let calculated = calculated(stored, &model.calculated, &mut misfits);
    let names: Vec<&str> =
        stored.iter().map(|c| c.name.as_str()).chain(calculated.iter().map(|c| c.column.name.as_str())).collect();
    hierarchies(&names, model, &mut misfits);
    synonyms(&names, &model.synonyms, &mut misfits);
    (calculated, misfits)
}

pub(super) fn misfit(field: impl Into<String>, message: impl Into<String>, hint: &str) -> ModelMisfit {
    let hint = (!hint.is_empty()).then(|| hint.to_owned());
    ModelMisfit { field: field.into(), message: message.into(), hint }
}

/// A misfit about a name that no column has.
pub(super) fn unknown(field: impl Into<String>, name: &str, names: &[&str]) -> ModelMisfit {
    let short: String = name.chars().take(80).collect();
    let hint = match nearest(&short, names.iter().copied()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => "Choose a column that is there.".to_owned(),
    };
    misfit(field, format!("There is no column `{short}`."), &hint)
}

/// A fault with its place in characters, as people and editors count.
pub(crate) fn fault(text: &str, fault: Fault) -> ExpressionFault {
    let count = |bytes: usize| text.get(..bytes).map_or_else(|| text.chars().count(), |t| t.chars().count());
    ExpressionFault { start: count(fault.at.start), end: count(fault.at.end), message: fault.message, hint: fault.hint }
}

/// Works out calculated columns one after the other, each after those it uses.
struct Resolver<'a> {
    wanted: &'a [CalculatedColumn],
    /// Which of them a name means.
    by_name: HashMap<&'a str, usize>,
    state: Vec<State>,
    /// Columns known so far: the stored ones, then those that work.
    columns: Vec<Column>,
    done: Vec<Calculated>,
    misfits: Vec<ModelMisfit>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    /// How long it is with all that it is made of, and how many lie in one another.
    Done(usize, usize),
    Broken,
}

fn calculated(stored: &[Column], wanted: &[CalculatedColumn], misfits: &mut Vec<ModelMisfit>) -> Vec<Calculated> {
    if wanted.len() > MAX_CALCULATED {
        let message = format!("A dataset has at most {MAX_CALCULATED} calculated columns.");
        misfits.push(misfit("calculated", message, "Remove some."));
    }
    let mut resolver = Resolver {
        wanted,
        by_name: HashMap::new(),
        state: vec![State::New; wanted.len()],
        columns: stored.to_vec(),
        done: Vec::new(),
        misfits: Vec::new(),
    };
    for (i, column) in wanted.iter().enumerate() {
        let problem = if i >= MAX_CALCULATED { None } else { Some(resolver.name(stored, i, column)) };
        match problem {
            Some(Ok(())) => {}
            Some(Err(problem)) => {
                resolver.misfits.push(problem);
                resolver.state[i] = State::Broken;
            }
            None => resolver.state[i] = State::Broken,
        }
    }
    for i in 0..wanted.len() {
        resolver.visit(i, &mut Vec::new());
    }
    resolver.misfits.sort_by_key(|m| place(&m.field));
    misfits.append(&mut resolver.misfits);
    resolver.done
}

/// The number in `calculated[3].name`.
fn place(field: &str) -> usize {
    let digits = field.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map(|(digits, _)| digits);
    digits.and_then(|d| d.parse().ok()).unwrap_or(usize::MAX)
}

impl<'a> Resolver<'a> {
    /// Checks a name and takes it.
    fn name(&mut self, stored: &[Column], i: usize, column: &'a CalculatedColumn) -> Result<(), ModelMisfit> {
        let name = column.name.as_str();
        let field = format!("calculated[{i}].name");
        if !is_name(name) {
            let message = "The name of a calculated column has 1 to 60 small letters, digits or underscores.";
            return Err(misfit(field, message, &format!("How about `{}`?", to_name(name))));
        }
        if stored.iter().any(|c| c.name.eq_ignore_ascii_case(name)) {
            let message = format!("The dataset already has a column `{name}`.");
            return Err(misfit(field, message, "Give the calculated column another name."));
        }
        if self.by_name.contains_key(name) {
            let message = format!("Two calculated columns are called `{name}`.");
            return Err(misfit(field, message, "Give one of them another name."));
        }
        self.by_name.insert(name, i);
        if column.label.chars().count() > 200 {
            return Err(misfit(format!("calculated[{i}].label"), "A label has at most 200 characters.", ""));
        }
        if column.description.chars().count() > 2_000 {
            let field = format!("calculated[{i}].description");
            return Err(misfit(field, "A description has at most 2,000 characters.", ""));
        }
        Ok(())
    }

    fn fail(&mut self, i: usize, problem: ModelMisfit) {
        self.misfits.push(problem);
        self.state[i] = State::Broken;
    }

    /// Works out one column after those it uses; `open` are the ones that wait for it.
    fn visit(&mut self, i: usize, open: &mut Vec<usize>) {
        if self.state[i] != State::New {
            return;
        }
        let wanted: &'a CalculatedColumn = &self.wanted[i];
        let field = format!("calculated[{i}].expression");
        let used = match expression::columns(&wanted.expression) {
            Ok(used) => used,
            Err(problem) => return self.fail(i, explain(field, &wanted.expression, problem)),
        };
        self.state[i] = State::Open;
        open.push(i);
        let (mut length, mut depth) = (wanted.expression.len(), 1);
        for name in &used {
            let Some(&other) = self.by_name.get(name.as_str()) else { continue };
            if self.state[other] == State::Open {
                let circle = open.iter().skip_while(|o| **o != other).chain([&other]);
                let names: Vec<String> = circle.map(|o| format!("`{}`", self.wanted[*o].name)).collect();
                let message = format!("These columns are made of each other: {}.", names.join(" needs "));
                open.pop();
                return self.fail(i, misfit(field, message, "Take one of them out of the circle."));
            }
            if open.len() < MAX_CALCULATED {
                self.visit(other, open);
            }
            match self.state[other] {
                State::Done(more, deep) => {
                    let times = wanted.expression.matches(name.as_str()).count();
                    length = length.saturating_add(more.saturating_mul(times));
                    depth = depth.max(deep + 1);
                }
                _ => {
                    let message = format!("It uses `{name}`, which cannot be worked out.");
                    open.pop();
                    return self.fail(i, misfit(field, message, &format!("Mend `{name}` first.")));
                }
            }
        }
        open.pop();
        if length > MAX_EXPANDED || depth > MAX_DEPTH {
            return self.fail(i, misfit(field, "It is made of too many other calculated columns.", "Make it simpler."));
        }
        let ty = match expression::check(&wanted.expression, &self.columns) {
            Ok(ty) => ty,
            Err(problem) => return self.fail(i, explain(field, &wanted.expression, problem)),
        };
        if wanted.role == Some(Role::Time) && !ty.is_time() {
            let message = format!("`{}` cannot have the role time: its type is {}.", wanted.name, ty.as_str());
            return self.fail(i, misfit(format!("calculated[{i}].role"), message, "Choose another role."));
        }
        let guessed = match ty {
            _ if ty.is_time() => Role::Time,
            _ if ty.is_number() => Role::Measure,
            _ => Role::Dimension,
        };
        let column = Column {
            name: wanted.name.clone(),
            label: if wanted.label.is_empty() { to_label(&wanted.name) } else { wanted.label.clone() },
            ty,
            role: wanted.role.unwrap_or(guessed),
            description: wanted.description.clone(),
            format: wanted.format.clone(),
            is_calculated: true,
        };
        self.columns.push(column.clone());
        self.done.push(Calculated { column, expression: wanted.expression.clone() });
        self.state[i] = State::Done(length, depth);
    }
}

/// A fault of an expression as a misfit, with its place.
fn explain(field: String, text: &str, problem: Fault) -> ModelMisfit {
    let problem = fault(text, problem);
    let at = if problem.end > problem.start + 1 {
        format!("characters {} to {}", problem.start + 1, problem.end)
    } else {
        format!("character {}", problem.start + 1)
    };
    let message = format!("{} (at {at})", problem.message.trim_end_matches('.'));
    ModelMisfit { field, message: format!("{message}."), hint: problem.hint }
}

fn hierarchies(names: &[&str], model: &SemanticModel, misfits: &mut Vec<ModelMisfit>) {
    if model.hierarchies.len() > MAX_HIERARCHIES {
        let message = format!("A dataset has at most {MAX_HIERARCHIES} hierarchies.");
        misfits.push(misfit("hierarchies", message, "Remove some."));
        return;
    }
    let mut ids = BTreeSet::new();
    for (i, hierarchy) in model.hierarchies.iter().enumerate() {
        let at = |key: &str| format!("hierarchies[{i}].{key}");
        if hierarchy.name.trim().is_empty() || hierarchy.name.chars().count() > 100 {
            misfits.push(misfit(at("name"), "A hierarchy has a name of 1 to 100 characters.", ""));
        }
        if !hierarchy.id.is_empty() && !is_name(&hierarchy.id) {
            let message = "The id of a hierarchy has 1 to 60 small letters, digits or underscores.";
            misfits.push(misfit(at("id"), message, &format!("How about `{}`?", to_name(&hierarchy.id))));
        }
        if !hierarchy.id.is_empty() && !ids.insert(hierarchy.id.as_str()) {
            let message = format!("Two hierarchies have the id `{}`.", hierarchy.id);
            misfits.push(misfit(at("id"), message, "Give one of them another id."));
        }
        if !(2..=MAX_LEVELS).contains(&hierarchy.columns.len()) {
            let message = format!("A hierarchy has 2 to {MAX_LEVELS} columns, from the widest to the finest.");
            misfits.push(misfit(at("columns"), message, ""));
        }
        let mut seen = BTreeSet::new();
        for (j, column) in hierarchy.columns.iter().enumerate().take(MAX_LEVELS) {
            let field = format!("hierarchies[{i}].columns[{j}]");
            if !names.contains(&column.as_str()) {
                misfits.push(unknown(field, column, names));
            } else if !seen.insert(column) {
                misfits.push(misfit(field, format!("`{column}` stands in this hierarchy twice."), "Remove one."));
            }
        }
    }
}

fn synonyms(names: &[&str], synonyms: &BTreeMap<String, Vec<String>>, misfits: &mut Vec<ModelMisfit>) {
    let mut taken: HashMap<String, &str> = names.iter().map(|name| (name.to_lowercase(), *name)).collect();
    for (column, words) in synonyms {
        let field = format!("synonyms.{column}");
        if !names.contains(&column.as_str()) {
            misfits.push(unknown(field, column, names));
            continue;
        }
        if words.len() > MAX_SYNONYMS {
            let message = format!("A column has at most {MAX_SYNONYMS} synonyms.");
            misfits.push(misfit(field, message, "Remove some."));
            continue;
        }
        for (i, word) in words.iter().enumerate() {
            let field = format!("synonyms.{column}[{i}]");
            if word.trim().is_empty() || word.chars().count() > 60 {
                misfits.push(misfit(field, "A synonym has 1 to 60 characters.", ""));
                continue;
            }
            match taken.insert(word.trim().to_lowercase(), column) {
                Some(other) if other != column => {
                    let message = format!("`{word}` cannot mean both `{other}` and `{column}`.");
                    misfits.push(misfit(field, message, "Keep it for one of them."));
                }
                Some(_) => misfits.push(misfit(field, format!("`{word}` already means `{column}`."), "Remove it.")),
                None => {}
            }
        }
    }
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
