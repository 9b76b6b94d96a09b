//! The kinds of models in one list, with their hyper-parameters: the form, the check and the
//! documentation of the API are drawn from it.

use super::{ParameterValue, Parameters};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Which rows or moments are odd.
    Anomaly,
    /// Which class a row belongs to.
    Classification,
    /// Which number goes with a row.
    Regression,
    /// Which rows are alike.
    Clustering,
}

impl Task {
    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anomaly => "anomaly",
            Self::Classification => "classification",
            Self::Regression => "regression",
            Self::Clustering => "clustering",
        }
    }

    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Anomaly => "Find what is odd",
            Self::Classification => "Predict a class",
            Self::Regression => "Predict a number",
            Self::Clustering => "Find groups",
        }
    }
}

/// A method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// Several detectors of tables, by the ranks they give.
    RankEnsemble,
    IsolationForest,
    /// Several detectors of series; one alert for each burst.
    SeriesEnsemble,
    SeasonalResiduals,
    ChangePoint,
    Logistic,
    ClassificationForest,
    ClassificationTree,
    NaiveBayes,
    Ridge,
    ElasticNet,
    RegressionForest,
    RegressionTree,
    KMeans,
    Dbscan,
}

/// The values that a hyper-parameter may have.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Range {
    Integer { min: i64, max: i64, default: i64 },
    Number { min: f64, max: f64, default: f64 },
    Flag { default: bool },
    Choice { options: &'static [Choice], default: &'static str },
}

/// A value of a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Choice {
    pub value: &'static str,
    pub label: &'static str,
}

/// A hyper-parameter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = HyperParameter))]
pub struct Parameter {
    pub name: &'static str,
    pub label: &'static str,
    pub description: &'static str,
    pub range: Range,
}

impl Parameter {
    /// The value that it has when nobody says otherwise.
    pub fn default_value(&self) -> ParameterValue {
        match self.range {
            Range::Integer { default, .. } => ParameterValue::Number(default as f64),
            Range::Number { default, .. } => ParameterValue::Number(default),
            Range::Flag { default } => ParameterValue::Flag(default),
            Range::Choice { default, .. } => ParameterValue::Choice(default.to_owned()),
        }
    }

    fn check(&self, value: &ParameterValue) -> Result<()> {
        let wrong = |what: String| {
            Err(Error::invalid(format!("{} {what}.", self.label)).field(format!("parameters.{}", self.name)))
        };
        match (self.range, value) {
            (Range::Integer { min, max, .. }, ParameterValue::Number(n))
                if n.fract() == 0.0 && (min as f64..=max as f64).contains(n) =>
            {
                Ok(())
            }
            (Range::Integer { min, max, .. }, _) => wrong(format!("is a whole number from {min} to {max}")),
            (Range::Number { min, max, .. }, ParameterValue::Number(n)) if (min..=max).contains(n) => Ok(()),
            (Range::Number { min, max, .. }, _) => wrong(format!("is a number from {min} to {max}")),
            (Range::Flag { .. }, ParameterValue::Flag(_)) => Ok(()),
            (Range::Choice { options, .. }, ParameterValue::Choice(text)) => {
                if options.iter().any(|option| option.value == text) {
                    Ok(())
                } else {
                    let names: Vec<_> = options.iter().map(|option| option.value).collect();
                    wrong(format!("is one of {}", names.join(", ")))
                }
            }
            (Range::Flag { .. }, _) => wrong("is true or false".into()),
            (Range::Choice { .. }, _) => wrong("is a word of its list".into()),
        }
    }
}

/// A method and what can be set of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KindInfo {
    pub kind: ModelKind,
    pub task: Task,
    pub label: &'static str,
    pub description: &'static str,
    /// Whether it reads a column of times and one of values, in the order of the times.
    pub is_series: bool,
    pub parameters: &'static [Parameter],
}

const fn integer(name: &'static str, label: &'static str, about: &'static str, r: (i64, i64, i64)) -> Parameter {
    Parameter { name, label, description: about, range: Range::Integer { min: r.0, max: r.1, default: r.2 } }
}

const fn number(name: &'static str, label: &'static str, about: &'static str, r: (f64, f64, f64)) -> Parameter {
    Parameter { name, label, description: about, range: Range::Number { min: r.0, max: r.1, default: r.2 } }
}

const CONTAMINATION: Parameter = number(
    "contamination",
    "Share of odd rows",
    "How many rows of the training data are taken to be odd; the threshold lies there",
    (0.000_1, 0.5, 0.05),
);
const TREES: Parameter = integer("trees", "Trees", "More are steadier and slower", (10, 1_000, 100));
const SUBSAMPLE: Parameter =
    integer("subsample", "Rows in a tree", "How many rows each tree isolates from each other", (8, 4_096, 256));
const NEIGHBOURS: Parameter =
    integer("neighbours", "Neighbours", "Percent of the rows that make the neighbourhood of a row", (1, 50, 15));
const SEASON: Parameter = integer(
    "season",
    "Season",
    "Rows until the pattern repeats, such as 24 for hours of a day; 0 finds it in the data",
    (0, 100_000, 0),
);
const SENSITIVITY: Parameter =
    number("sensitivity", "Sensitivity", "The score from which a moment is told; lower tells more", (0.01, 0.999, 0.5));
const QUIET: Parameter = number(
    "quiet",
    "Quiet after an alert",
    "For this share of the rows the same burst is not told again",
    (0.0, 0.5, 0.05),
);
const WINDOW: Parameter = integer(
    "window",
    "Window",
    "Rows before and after that are compared; 0 takes a share of the series",
    (0, 100_000, 0),
);
const FOREST: Parameter = integer("trees", "Trees", "More are steadier and slower", (5, 500, 100));
const DEPTH: Parameter = integer("depth", "Deepest level", "How often rows are divided at most", (1, 30, 12));
const LEAF: Parameter = integer("leaf", "Rows in a leaf", "A smaller group is not divided off", (1, 1_000, 2));
const PENALTY: Parameter =
    number("penalty", "Penalty", "How strongly large coefficients are held down; 0 not at all", (0.0, 10_000.0, 1.0));
const FOLDS: Parameter =
    integer("folds", "Folds", "Parts that are each predicted by a model of the others, to judge it", (2, 20, 5));

const LIST: &[KindInfo] = &[
    KindInfo {
        kind: ModelKind::RankEnsemble,
        task: Task::Anomaly,
        label: "Ensemble of detectors",
        description: "Isolation forest and two distances to neighbours, by the ranks that they give; the best choice for most tables",
        is_series: false,
        parameters: &[
            CONTAMINATION,
            integer("trees", "Trees", "More are steadier and slower", (10, 1_000, 200)),
            SUBSAMPLE,
            NEIGHBOURS,
        ],
    },
    KindInfo {
        kind: ModelKind::IsolationForest,
        task: Task::Anomaly,
        label: "Isolation forest",
        description: "Rows that random divisions separate early from all others (Liu, Ting, Zhou 2008)",
        is_series: false,
        parameters: &[CONTAMINATION, TREES, SUBSAMPLE],
    },
    KindInfo {
        kind: ModelKind::SeriesEnsemble,
        task: Task::Anomaly,
        label: "Ensemble for series",
        description: "Seasonal residuals, unusual values and change points together, one alert for each burst; the best choice for most series",
        is_series: true,
        parameters: &[SENSITIVITY, SEASON, QUIET],
    },
    KindInfo {
        kind: ModelKind::SeasonalResiduals,
        task: Task::Anomaly,
        label: "Seasonal residuals",
        description: "Moments that differ from what the season and the last values led to expect, in robust units",
        is_series: true,
        parameters: &[SENSITIVITY, SEASON, QUIET],
    },
    KindInfo {
        kind: ModelKind::ChangePoint,
        task: Task::Anomaly,
        label: "Change points",
        description: "Moments from which level or spread of a series are others than before",
        is_series: true,
        parameters: &[SENSITIVITY, WINDOW, QUIET],
    },
    KindInfo {
        kind: ModelKind::Logistic,
        task: Task::Classification,
        label: "Logistic regression",
        description: "A weighted sum of the features for each class; easy to read, and hard to beat on small data",
        is_series: false,
        parameters: &[PENALTY, FOLDS],
    },
    KindInfo {
        kind: ModelKind::ClassificationForest,
        task: Task::Classification,
        label: "Random forest",
        description: "Many trees on parts of the rows and features vote (Breiman 2001); finds interactions by itself",
        is_series: false,
        parameters: &[FOREST, DEPTH, LEAF, FOLDS],
    },
    KindInfo {
        kind: ModelKind::ClassificationTree,
        task: Task::Classification,
        label: "Decision tree",
        description: "Questions one after the other, which people can follow",
        is_series: false,
        parameters: &[integer("depth", "Deepest level", "How often rows are divided at most", (1, 30, 5)), LEAF, FOLDS],
    },
    KindInfo {
        kind: ModelKind::NaiveBayes,
        task: Task::Classification,
        label: "Naive Bayes",
        description: "Each feature speaks for a class on its own; quick, and good with few rows",
        is_series: false,
        parameters: &[FOLDS],
    },
    KindInfo {
        kind: ModelKind::Ridge,
        task: Task::Regression,
        label: "Ridge regression",
        description: "A weighted sum of the features, with large weights held down",
        is_series: false,
        parameters: &[PENALTY, FOLDS],
    },
    KindInfo {
        kind: ModelKind::ElasticNet,
        task: Task::Regression,
        label: "Elastic net",
        description: "A weighted sum of few features: what does not help gets no weight",
        is_series: false,
        parameters: &[
            number("penalty", "Penalty", "How strongly coefficients are held down", (0.0, 1_000.0, 0.1)),
            number("mix", "Share of lasso", "1 leaves features out, 0 keeps all", (0.0, 1.0, 0.5)),
            FOLDS,
        ],
    },
    KindInfo {
        kind: ModelKind::RegressionForest,
        task: Task::Regression,
        label: "Random forest",
        description: "The mean of many trees on parts of the rows and features (Breiman 2001)",
        is_series: false,
        parameters: &[FOREST, DEPTH, LEAF, FOLDS],
    },
    KindInfo {
        kind: ModelKind::RegressionTree,
        task: Task::Regression,
        label: "Regression tree",
        description: "Questions one after the other, with a mean at the end",
        is_series: false,
        parameters: &[integer("depth", "Deepest level", "How often rows are divided at most", (1, 30, 5)), LEAF, FOLDS],
    },
    KindInfo {
        kind: ModelKind::KMeans,
        task: Task::Clustering,
        label: "K-means",
        description: "Groups around centres; their number is proposed by how well they are apart",
        is_series: false,
        parameters: &[integer("clusters", "Groups", "0 proposes a number from 2 to 10", (0, 50, 0))],
    },
    KindInfo {
        kind: ModelKind::Dbscan,
        task: Task::Clustering,
        label: "DBSCAN",
        description: "Groups of any shape where rows are dense; the rest is noise",
        is_series: false,
        parameters: &[
            number("radius", "Radius", "How near neighbours are, in scaled units; 0 proposes it", (0.0, 1_000.0, 0.0)),
            integer("neighbours", "Neighbours", "How many make a place dense", (2, 100, 5)),
        ],
    },
];

impl ModelKind {
    /// Every kind, the proposed one of each task first.
    pub const ALL: &'static [KindInfo] = LIST;

    /// What there is to say about it.
    pub fn info(self) -> &'static KindInfo {
        // Every kind is in the list, which a test holds; the first stands in for the compiler.
        LIST.iter().find(|info| info.kind == self).unwrap_or(&LIST[0])
    }

    /// What it is for.
    pub fn task(self) -> Task {
        self.info().task
    }

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RankEnsemble => "rank_ensemble",
            Self::IsolationForest => "isolation_forest",
            Self::SeriesEnsemble => "series_ensemble",
            Self::SeasonalResiduals => "seasonal_residuals",
            Self::ChangePoint => "change_point",
            Self::Logistic => "logistic",
            Self::ClassificationForest => "classification_forest",
            Self::ClassificationTree => "classification_tree",
            Self::NaiveBayes => "naive_bayes",
            Self::Ridge => "ridge",
            Self::ElasticNet => "elastic_net",
            Self::RegressionForest => "regression_forest",
            Self::RegressionTree => "regression_tree",
            Self::KMeans => "k_means",
            Self::Dbscan => "dbscan",
        }
    }

    /// The kinds for a task, the proposed one first.
    pub fn of(task: Task) -> impl Iterator<Item = &'static KindInfo> {
        LIST.iter().filter(move |info| info.task == task)
    }
}

/// All hyper-parameters of a kind: those given, and the defaults of the others.
///
/// # Errors
/// A name that the kind does not have, or a value outside its range.
pub fn check_parameters(kind: ModelKind, given: &Parameters) -> Result<Parameters> {
    let info = kind.info();
    for (name, value) in given {
        let Some(parameter) = info.parameters.iter().find(|parameter| parameter.name == name) else {
            let names: Vec<_> = info.parameters.iter().map(|parameter| parameter.name).collect();
            return Err(Error::invalid(format!("{} has no parameter \"{name}\".", info.label))
                .hint(format!("It has {}.", names.join(", ")))
                .field(format!("parameters.{name}")));
        };
        parameter.check(value)?;
    }
    let value = |parameter: &Parameter| given.get(parameter.name).cloned().unwrap_or_else(|| parameter.default_value());
    Ok(info.parameters.iter().map(|parameter| (parameter.name.to_owned(), value(parameter))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_in_the_list_under_its_wire_name() {
        for info in ModelKind::ALL {
            assert_eq!(serde_json::to_value(info.kind).unwrap(), info.kind.as_str());
            assert_eq!(info.kind.info(), info);
            for parameter in info.parameters {
                parameter.check(&parameter.default_value()).unwrap();
            }
        }
        assert_eq!(ModelKind::ALL.len(), 15);
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_field() {
        let given = |name: &str, value| Parameters::from([(name.to_owned(), value)]);
        let refused =
            |name: &str, value| check_parameters(ModelKind::IsolationForest, &given(name, value)).unwrap_err();
        assert_eq!(refused("trees", ParameterValue::Number(1.5)).field.as_deref(), Some("parameters.trees"));
        refused("trees", ParameterValue::Number(f64::NAN));
        refused("trees", ParameterValue::Flag(true));
        refused("contamination", ParameterValue::Number(0.9));
        refused("leaf", ParameterValue::Number(2.0));
        let all = check_parameters(ModelKind::IsolationForest, &given("trees", ParameterValue::Number(50.0))).unwrap();
        assert_eq!(all["trees"], ParameterValue::Number(50.0));
        assert_eq!(all["subsample"], ParameterValue::Number(256.0));
    }
}
