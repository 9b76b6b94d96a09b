//! Which column of an answer plays which part.

use domain::chart::Encodings;
use domain::{ChartKind, ChartSpec, Field, Role};

/// Columns of the answer by their part, as positions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Roles {
    pub(crate) x: Option<usize>,
    pub(crate) y: Vec<usize>,
    pub(crate) color: Option<usize>,
    pub(crate) size: Option<usize>,
}

/// Something to group by.
pub(crate) fn is_group(field: &Field) -> bool {
    field.role != Role::Measure
}

/// A moment on a time line, not an hour of the day that comes again.
pub(crate) fn is_moment(field: &Field) -> bool {
    field.ty.is_time() && !field.grain.is_some_and(|g| g.is_folded())
}

fn groups(shape: &[Field]) -> impl Iterator<Item = usize> + '_ {
    (0..shape.len()).filter(|i| is_group(&shape[*i]))
}

fn measures(shape: &[Field]) -> impl Iterator<Item = usize> + '_ {
    (0..shape.len()).filter(|i| !is_group(&shape[*i]))
}

fn named(shape: &[Field], name: Option<&String>) -> Option<usize> {
    name.and_then(|name| shape.iter().position(|f| f.name == *name))
}

impl Roles {
    /// For a category or time along one axis and numbers along the other: the first time, else
    /// the first group, is x; every measure is y; the next group makes the colours. What the
    /// encodings name wins; names that are not in the answer count as not given.
    pub(crate) fn of(shape: &[Field], encodings: &Encodings) -> Self {
        let mut y: Vec<usize> = Vec::new();
        for column in encodings.y.iter().filter_map(|name| named(shape, Some(name))) {
            if !y.contains(&column) {
                y.push(column);
            }
        }
        let free = |i: &usize| !y.contains(i);
        let time = groups(shape).filter(free).find(|i| is_moment(&shape[*i]));
        let x = named(shape, encodings.x.as_ref()).or(time).or_else(|| groups(shape).find(free));
        let color = named(shape, encodings.color.as_ref()).or_else(|| groups(shape).find(|i| free(i) && Some(*i) != x));
        let size = named(shape, encodings.size.as_ref());
        if y.is_empty() {
            y = measures(shape).filter(|i| Some(*i) != x && Some(*i) != size && Some(*i) != color).collect();
        }
        Self { x, y, color: color.filter(|c| Some(*c) != x), size }
    }

    /// The parts as a chart sees them.
    pub(crate) fn of_spec(spec: &ChartSpec, shape: &[Field]) -> Self {
        match &spec.plugin {
            Some(template) => crate::plugin::roles(template, &spec.options, shape),
            None => Self::of_kind(spec.kind, shape, &spec.encodings),
        }
    }

    /// The parts as a kind sees them.
    pub(crate) fn of_kind(kind: ChartKind, shape: &[Field], encodings: &Encodings) -> Self {
        let roles = Self::of(shape, encodings);
        match kind {
            ChartKind::Scatter => Self::of_scatter(shape, encodings),
            ChartKind::Map => Self::of_map(shape, encodings),
            // Ranges of a number, not the time beside them.
            ChartKind::Histogram if encodings.x.is_none() => match groups(shape).find(|i| shape[*i].ty.is_number()) {
                Some(x) => Self { x: Some(x), color: roles.x.filter(|c| *c != x).or(roles.color), ..roles },
                None => roles,
            },
            // Their colours stand for something else than members.
            ChartKind::Combo
            | ChartKind::BoxPlot
            | ChartKind::Calendar
            | ChartKind::Waterfall
            | ChartKind::Funnel
            | ChartKind::Gauge
            | ChartKind::Progress
            | ChartKind::Bullet
            | ChartKind::Sparkline
            | ChartKind::Trend => Self { color: None, ..roles },
            _ => roles,
        }
    }

    /// For a map: a column that names countries, or two that say where a point lies, known by name.
    fn of_map(shape: &[Field], encodings: &Encodings) -> Self {
        let called = |names: &[&str]| {
            let is = |f: &Field| {
                let name = f.name.to_lowercase();
                f.ty.is_number() && names.iter().any(|n| name == *n || name.ends_with(&format!("_{n}")))
            };
            shape.iter().position(is)
        };
        let lon = called(&["lon", "lng", "long", "longitude"]);
        let lat = called(&["lat", "latitude"]);
        let (Some(lon), Some(lat)) = (lon, lat) else { return Self::of(shape, encodings) };
        let free = |i: &usize| *i != lon && *i != lat;
        let size = named(shape, encodings.size.as_ref()).or_else(|| measures(shape).find(free));
        let color = named(shape, encodings.color.as_ref()).or_else(|| groups(shape).find(free));
        Self { x: Some(lon), y: vec![lat], color, size }
    }

    /// Every group, outermost first: x, colour, then the rest as they come.
    pub(crate) fn levels(&self, shape: &[Field]) -> Vec<usize> {
        let first = self.x.into_iter().chain(self.color);
        let rest = groups(shape).filter(|i| Some(*i) != self.x && Some(*i) != self.color && !self.y.contains(i));
        first.chain(rest).collect()
    }

    /// For numbers along both axes: the first two measures are x and y, a third is the size, the
    /// first group makes the colours.
    pub(crate) fn of_scatter(shape: &[Field], encodings: &Encodings) -> Self {
        let named_y = encodings.y.first().and_then(|name| named(shape, Some(name)));
        let two = measures(shape).count() > 1;
        let x = named(shape, encodings.x.as_ref())
            .or_else(|| measures(shape).find(|i| two && Some(*i) != named_y))
            .or_else(|| groups(shape).next());
        let y = named_y.or_else(|| measures(shape).find(|i| Some(*i) != x));
        let taken = |i: usize| Some(i) == x || Some(i) == y;
        let size = named(shape, encodings.size.as_ref()).or_else(|| measures(shape).find(|i| !taken(*i)));
        let color = named(shape, encodings.color.as_ref()).or_else(|| groups(shape).find(|i| !taken(*i)));
        Self { x, y: y.into_iter().collect(), color, size }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::field;
    use domain::DataType;

    fn shape() -> Vec<Field> {
        vec![
            field("region", DataType::Text, Role::Dimension),
            field("month", DataType::Date, Role::Time),
            field("amount", DataType::Float, Role::Measure),
            field("count", DataType::Integer, Role::Measure),
        ]
    }

    fn encodings(x: Option<&str>, y: &[&str], color: Option<&str>) -> Encodings {
        Encodings {
            x: x.map(str::to_owned),
            y: y.iter().map(|y| (*y).to_owned()).collect(),
            color: color.map(str::to_owned),
            size: None,
        }
    }

    #[test]
    fn time_comes_first_then_groups() {
        let roles = Roles::of(&shape(), &Encodings::default());
        assert_eq!(roles, Roles { x: Some(1), y: vec![2, 3], color: Some(0), size: None });
    }

    #[test]
    fn encodings_win_and_unknown_names_count_as_not_given() {
        let roles = Roles::of(&shape(), &encodings(Some("region"), &["count", "count", "gone"], None));
        assert_eq!(roles, Roles { x: Some(0), y: vec![3], color: Some(1), size: None });
        let roles = Roles::of(&shape(), &encodings(Some("gone"), &["gone"], Some("gone")));
        assert_eq!(roles, Roles { x: Some(1), y: vec![2, 3], color: Some(0), size: None });
    }

    #[test]
    fn a_scatter_takes_two_measures() {
        let roles = Roles::of_scatter(&shape(), &Encodings::default());
        assert_eq!(roles, Roles { x: Some(2), y: vec![3], color: Some(0), size: None });
        let roles = Roles::of_scatter(&shape(), &encodings(None, &["amount"], None));
        assert_eq!(roles, Roles { x: Some(3), y: vec![2], color: Some(0), size: None });
        let one = &shape()[..3];
        let roles = Roles::of_scatter(one, &Encodings::default());
        assert_eq!(roles, Roles { x: Some(0), y: vec![2], color: Some(1), size: None });
    }
}
