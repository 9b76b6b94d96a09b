//! Models are written as YAML and read back the same, whatever people put into them.

#![allow(clippy::unwrap_used)]

mod house;

use domain::Role;
use domain::format::{Format, Style};
use domain::model::{CalculatedColumn, Hierarchy, Relationship, SemanticModel};
use domain::query::JoinKind;
use house::House;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Pieces of text that YAML reads as something else unless they are quoted.
const PIECES: [&str; 32] = [
    "a",
    "Région",
    "日本",
    "on",
    "off",
    "yes",
    "no",
    "true",
    "null",
    "~",
    "1e3",
    "0x1F",
    "12",
    "1:30",
    ": ",
    " #",
    "- ",
    "'",
    "\"",
    "\\",
    "\n",
    "\t",
    "{",
    "}",
    "[",
    "]",
    "&x",
    "*x",
    "!tag",
    "%",
    "---",
    "\u{1F600}",
];

fn text(random: &mut StdRng) -> String {
    (0..random.random_range(0..5)).map(|_| PIECES[random.random_range(0..PIECES.len())]).collect()
}

fn many<T>(random: &mut StdRng, make: impl Fn(&mut StdRng) -> T) -> Vec<T> {
    (0..random.random_range(0..4)).map(|_| make(random)).collect()
}

fn some<T>(random: &mut StdRng, make: impl Fn(&mut StdRng) -> T) -> Option<T> {
    if random.random_bool(0.5) { Some(make(random)) } else { None }
}

fn model(random: &mut StdRng) -> SemanticModel {
    let role = |r: &mut StdRng| [Role::Time, Role::Dimension, Role::Measure][r.random_range(0..3)];
    let format = |r: &mut StdRng| Format {
        style: [Style::Number, Style::Percent, Style::Currency][r.random_range(0..3)],
        decimals: some(r, |r| r.random_range(0..9)),
        prefix: text(r),
        ..Format::default()
    };
    SemanticModel {
        calculated: many(random, |r| CalculatedColumn {
            name: text(r),
            label: text(r),
            expression: text(r),
            role: some(r, role),
            description: text(r),
            format: some(r, format),
        }),
        hierarchies: many(random, |r| Hierarchy { id: text(r), name: text(r), columns: many(r, text) }),
        relationships: many(random, |r| Relationship {
            dataset: text(r),
            on: many(r, |r| (text(r), text(r))),
            kind: if r.random_bool(0.5) { JoinKind::Inner } else { JoinKind::Left },
            alias: some(r, text),
            description: text(r),
        }),
        synonyms: many(random, |r| (text(r), many(r, text))).into_iter().collect(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_model_comes_back_as_it_was() {
    let house = House::build().await;
    for seed in 0..2_000 {
        let model = model(&mut StdRng::seed_from_u64(seed));
        let yaml = house.services.model_to_yaml(&model).unwrap();
        let back = house.services.model_of_yaml(&yaml);
        assert_eq!(back, Ok(model.clone()), "seed {seed}:\n{yaml}");
        let json = serde_json::to_string(&model).unwrap();
        assert_eq!(house.services.model_of_yaml(&json), Ok(model), "JSON is YAML too; seed {seed}:\n{json}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_model_is_refused_with_its_place() {
    let house = House::build().await;
    let read = |text: &str| house.services.model_of_yaml(text);
    assert_eq!(read(""), Ok(SemanticModel::default()));
    assert_eq!(read("# nothing yet\n"), Ok(SemanticModel::default()));
    let typo = read("calculated:\n  - name: x\n    expresion: a\n").unwrap_err();
    assert!(typo.message.contains("expresion") && typo.field.is_some(), "{typo}");
    // Aliases of aliases grow without end: the reader must not.
    let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for i in 1..12 {
        let one = format!("*a{},", i - 1).repeat(9);
        laughs.push_str(&format!("a{i}: &a{i} [{one}]\n"));
    }
    for hostile in
        [laughs.as_str(), "a: *nowhere", "[[[[", "a: b: c", "\u{0}", "synonyms: {a: [&x [*x]]}", &"[".repeat(100_000)]
    {
        assert!(read(hostile).is_err(), "{}", hostile.chars().take(40).collect::<String>());
    }
}
