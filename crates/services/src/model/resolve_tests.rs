use super::*;
use domain::DataType;
use domain::model::Hierarchy;

fn stored() -> Vec<Column> {
    let column = |name: &str, ty, role| Column {
        name: name.into(),
        label: to_label(name),
        ty,
        role,
        description: String::new(),
        format: None,
        is_calculated: false,
    };
    vec![
        column("day", DataType::Date, Role::Time),
        column("region", DataType::Text, Role::Dimension),
        column("amount", DataType::Decimal, Role::Measure),
        column("cost", DataType::Decimal, Role::Measure),
    ]
}

fn of(expressions: &[(&str, &str)]) -> SemanticModel {
    let one = |(name, expression): &(&str, &str)| CalculatedColumn {
        name: (*name).into(),
        expression: (*expression).into(),
        ..CalculatedColumn::default()
    };
    SemanticModel { calculated: expressions.iter().map(one).collect(), ..SemanticModel::default() }
}

fn fields(model: &SemanticModel) -> Vec<String> {
    resolve(&stored(), model).1.into_iter().map(|m| m.field).collect()
}

#[test]
fn columns_come_after_those_they_use_with_types_roles_and_labels() {
    let model =
        of(&[("margin_rate", "margin / amount"), ("month", "date_trunc('month', day)"), ("margin", "amount - cost")]);
    let (calculated, misfits) = resolve(&stored(), &model);
    assert_eq!(misfits, []);
    let seen: Vec<_> = calculated
        .iter()
        .map(|c| (c.column.name.as_str(), c.column.ty, c.column.role, c.column.label.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            ("margin", DataType::Decimal, Role::Measure, "Margin"),
            ("margin_rate", DataType::Float, Role::Measure, "Margin rate"),
            ("month", DataType::Date, Role::Time, "Month"),
        ]
    );
    assert!(calculated.iter().all(|c| c.column.is_calculated));
}

#[test]
fn circles_are_named_and_everything_else_goes_on() {
    let model = of(&[("a", "b + 1"), ("b", "c + 1"), ("c", "a + 1"), ("d", "d"), ("fine", "amount * 2")]);
    let (calculated, misfits) = resolve(&stored(), &model);
    assert_eq!(calculated.len(), 1);
    let circle = misfits.iter().find(|m| m.message.contains("each other")).unwrap();
    assert_eq!(circle.message, "These columns are made of each other: `a` needs `b` needs `c` needs `a`.");
    assert!(misfits.iter().any(|m| m.message.contains("`d` needs `d`")), "{misfits:?}");
    assert_eq!(misfits.len(), 4, "each that does not work is named: {misfits:?}");
}

#[test]
fn a_fault_says_where_it_is_in_characters() {
    let model = of(&[("x", "concat('äöü', regoin)")]);
    let misfits = resolve(&stored(), &model).1;
    assert_eq!(misfits[0].field, "calculated[0].expression");
    assert!(misfits[0].message.contains("(at characters 15 to 20)"), "{}", misfits[0].message);
    assert_eq!(misfits[0].hint.as_deref(), Some("Did you mean `region`?"));
}

#[test]
fn names_clash_with_nothing() {
    let model = of(&[("amount", "1"), ("x", "1"), ("x", "2"), ("No name", "1"), ("", "1")]);
    assert_eq!(
        fields(&model),
        ["calculated[0].name", "calculated[2].name", "calculated[3].name", "calculated[4].name"]
    );
}

#[test]
fn what_doubles_with_every_column_ends_early() {
    let mut chain = vec![("c0".to_owned(), "amount + amount".to_owned())];
    for i in 1..40 {
        chain.push((format!("c{i}"), format!("c{0} + c{0} + c{0} + c{0}", i - 1)));
    }
    let pairs: Vec<(&str, &str)> = chain.iter().map(|(n, e)| (n.as_str(), e.as_str())).collect();
    let (calculated, misfits) = resolve(&stored(), &of(&pairs));
    assert!(calculated.len() < 10, "{}", calculated.len());
    assert_eq!(calculated.len() + misfits.len(), 40);
}

#[test]
fn hierarchies_and_synonyms_name_columns_that_are_there() {
    let hierarchy = |id: &str, columns: &[&str]| Hierarchy {
        id: id.into(),
        name: "Place".into(),
        columns: columns.iter().map(|c| (*c).to_owned()).collect(),
    };
    let model = SemanticModel {
        hierarchies: vec![
            hierarchy("place", &["region", "city"]),
            hierarchy("place", &["region"]),
            hierarchy("", &["day", "region", "day"]),
        ],
        synonyms: BTreeMap::from([
            ("amount".into(), vec!["Revenue".into(), "cost".into(), "revenue".into()]),
            ("town".into(), vec!["city".into()]),
        ]),
        ..SemanticModel::default()
    };
    assert_eq!(
        fields(&model),
        [
            "hierarchies[0].columns[1]",
            "hierarchies[1].id",
            "hierarchies[1].columns",
            "hierarchies[2].columns[2]",
            "synonyms.amount[1]",
            "synonyms.amount[2]",
            "synonyms.town"
        ]
    );
}
