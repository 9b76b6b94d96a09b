//! Subtotals: groups by fewer of the dimensions, in the same answer. Each is worked out from the rows,
//! as `GROUPING SETS` do, so that averages and distinct counts of them are right.

use crate::output::{self, Output, Part};
use crate::path::Path;
use crate::scope;
use crate::sql::{self, Select};
use domain::query::{GROUPING, Query};
use domain::{DataType, Field, Result, Role};

/// The most groupings of one question.
const MAX_SETS: usize = 64;
/// The most dimensions that can be left out one by one.
const MAX_DIMENSIONS: usize = 16;

/// The groupings of a question, each by the positions of its dimensions; the first is by all.
pub(crate) struct Sets {
    dimensions: usize,
    sets: Vec<Vec<usize>>,
}

/// The groupings, where a question asks for subtotals.
pub(crate) fn read(query: &Query, outputs: &[Output]) -> Result<Option<Sets>> {
    if query.subtotals.is_empty() {
        return Ok(None);
    }
    let path = Path::Root("subtotals");
    let dimensions = outputs.iter().filter(|o| o.is_dimension()).count();
    if dimensions == 0 {
        return Err(path.refuse("Subtotals are of groups: the question needs a dimension."));
    }
    if dimensions > MAX_DIMENSIONS || query.subtotals.len() >= MAX_SETS {
        return Err(path.refuse(format!(
            "A question with subtotals has at most {MAX_DIMENSIONS} dimensions and {} subtotals.",
            MAX_SETS - 1
        )));
    }
    if query.fill.is_some() {
        return Err(path
            .refuse("Subtotals cannot be combined with `fill`: a period without rows has nothing to total.")
            .hint("Leave out one of the two."));
    }
    if outputs.iter().any(|o| o.field.name == GROUPING) {
        let message = format!("An answer with subtotals has its own column `{GROUPING}`.");
        return Err(path.refuse(message).hint("Give the other one another name."));
    }
    let mut sets: Vec<Vec<usize>> = vec![(0..dimensions).collect()];
    for (i, names) in query.subtotals.iter().enumerate() {
        let path = path.at(i);
        let mut set = Vec::new();
        for (j, name) in names.iter().enumerate() {
            let path = path.at(j);
            let at = output::find(outputs, name, &path)?;
            if !outputs[at].is_dimension() {
                return Err(path.refuse(format!("`{}` is not a dimension.", scope::shorten(name))));
            }
            set.push(at);
        }
        set.sort_unstable();
        set.dedup();
        if !sets.contains(&set) {
            sets.push(set);
        }
    }
    Ok(Some(Sets { dimensions, sets }))
}

impl Sets {
    /// One bit a dimension, the first one highest, 1 where it is not grouped by.
    fn id(&self, set: &[usize]) -> u64 {
        (0..self.dimensions).fold(0, |id, at| (id << 1) | u64::from(!set.contains(&at)))
    }

    /// The column that tells the groupings apart.
    pub(crate) fn output(&self, outputs: &[Output]) -> Output {
        let keys: Vec<&str> = outputs.iter().filter_map(|o| Some(o.dimension()?.key.as_str())).collect();
        let field = Field {
            name: GROUPING.to_owned(),
            label: "Grouping".to_owned(),
            ty: DataType::Integer,
            role: Role::Dimension,
            format: None,
            grain: None,
        };
        Output { field, part: Part::Grouping(sql::call("GROUPING", &keys)) }
    }

    /// What rows are grouped by.
    pub(crate) fn group_by(&self, outputs: &[Output]) -> String {
        let keys: Vec<&str> = outputs.iter().filter_map(|o| Some(o.dimension()?.key.as_str())).collect();
        let set = |set: &Vec<usize>| sql::group(&set.iter().map(|at| keys[*at]).collect::<Vec<_>>().join(", "));
        sql::call("GROUPING SETS ", &[&self.sets.iter().map(set).collect::<Vec<_>>().join(", ")])
    }

    /// The same as a relation, where groups take more than one SELECT: `grouped` makes the groups of
    /// some keys, told whether they are all. Its columns are `k1` ..., `m1` ... and `sets`.
    pub(crate) fn union(
        &self,
        keys: &[String],
        measures: usize,
        grouped: impl Fn(&[String], bool) -> String,
    ) -> String {
        let select = |set: &Vec<usize>| {
            let own: Vec<String> = set.iter().map(|at| keys[*at].clone()).collect();
            let key = |at: usize| match set.iter().position(|s| *s == at) {
                Some(own) => sql::column("u", &format!("k{}", own + 1)),
                None => "NULL".to_owned(),
            };
            let mut items: Vec<String> =
                (0..keys.len()).map(|at| sql::named(&key(at), &format!("k{}", at + 1))).collect();
            items.extend((1..=measures).map(|i| sql::column("u", &format!("m{i}"))));
            items.push(sql::named(&self.id(set).to_string(), "sets"));
            Select::of(items, sql::aliased(&grouped(&own, own.len() == keys.len()), "u"))
        };
        sql::union(&self.sets.iter().map(select).collect::<Vec<_>>())
    }

    /// Whether a row, by its `sets`, is of the lowest level: in it every dimension has one member.
    pub(crate) fn is_lowest(sets: &str) -> String {
        sql::binary(sets, "=", "0")
    }

    /// Whether two dimensions are the same, so that one SELECT could not tell their totals apart.
    pub(crate) fn has_twins(outputs: &[Output]) -> bool {
        let keys: Vec<&String> = outputs.iter().filter_map(|o| Some(&o.dimension()?.key)).collect();
        keys.iter().enumerate().any(|(i, key)| keys[..i].contains(key))
    }

    /// Whether a row, by its `sets`, has one member of any of these dimensions.
    pub(crate) fn holds(&self, dimensions: &[usize], sets: &str) -> String {
        let own = self.sets.iter().filter(|set| dimensions.iter().any(|d| set.contains(d)));
        let ids: Vec<String> = own.map(|set| self.id(set).to_string()).collect();
        if ids.is_empty() { "FALSE".to_owned() } else { sql::within(sets, "IN", &ids) }
    }

    /// Whether a row, by its `sets`, is of all members of a dimension.
    pub(crate) fn rolls_up(&self, dimension: usize, sets: &str) -> Option<String> {
        let ids = self.sets.iter().filter(|set| !set.contains(&dimension)).map(|set| self.id(set).to_string());
        let ids: Vec<String> = ids.collect();
        (!ids.is_empty()).then(|| sql::within(sets, "IN", &ids))
    }
}
