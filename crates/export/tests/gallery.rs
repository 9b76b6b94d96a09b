//! Every kind of chart on paper, at the size of a tile and small. What is drawn goes to
//! `target/paper-gallery`, to be looked at and to be compared with what a browser draws.

#[path = "../../charts/tests/it/common.rs"]
mod common;

use charts::Theme;
use export::paper::{Limits, Piece, Renderer, Size};
use resvg::usvg;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const TILE: Size = Size { width: 560, height: 320 };
const SMALL: Size = Size { width: 300, height: 190 };

fn target(folder: &str) -> PathBuf {
    Path::new("../../target").join(folder)
}

/// A text and the corners of the box it takes, which may be turned.
struct Label {
    text: String,
    corners: [(f32, f32); 4],
}

impl Label {
    fn of(text: &usvg::Text) -> Self {
        let words = text.chunks().iter().map(|chunk| chunk.text()).collect::<String>();
        // Boxes have room above and below the letters.
        let b = text.bounding_box();
        let (top, bottom) = (b.top() + b.height() * 0.22, b.bottom() - b.height() * 0.22);
        let turned = |x: f32, y: f32| {
            let mut at = resvg::tiny_skia::Point::from_xy(x, y);
            text.abs_transform().map_point(&mut at);
            (at.x, at.y)
        };
        let corners =
            [turned(b.left(), top), turned(b.right(), top), turned(b.right(), bottom), turned(b.left(), bottom)];
        Self { text: words, corners }
    }

    /// Two boxes are apart where a side of one of them separates them.
    fn is_over(&self, other: &Self) -> bool {
        let separates = |axis: (f32, f32)| {
            let reach = |corners: &[(f32, f32); 4]| {
                let along = corners.map(|(x, y)| x * axis.0 + y * axis.1);
                (along.into_iter().fold(f32::MAX, f32::min), along.into_iter().fold(f32::MIN, f32::max))
            };
            let (a, b) = (reach(&self.corners), reach(&other.corners));
            a.1.min(b.1) - a.0.max(b.0) < 1.0
        };
        let sides = |c: &[(f32, f32); 4]| {
            [(0, 1), (1, 2)].map(|(i, j): (usize, usize)| {
                let (x, y) = (c[j].0 - c[i].0, c[j].1 - c[i].1);
                let length = x.hypot(y).max(0.001);
                (x / length, y / length)
            })
        };
        !sides(&self.corners).into_iter().chain(sides(&other.corners)).any(separates)
    }
}

fn labels(svg: &str, fonts: &Arc<usvg::fontdb::Database>) -> Vec<Label> {
    fn walk(group: &usvg::Group, found: &mut Vec<Label>) {
        for node in group.children() {
            match node {
                usvg::Node::Group(group) => walk(group, found),
                usvg::Node::Text(text) => found.push(Label::of(text)),
                _ => {}
            }
        }
    }
    let options = usvg::Options { fontdb: fonts.clone(), ..usvg::Options::default() };
    let tree = usvg::Tree::from_str(svg, &options).expect("it is SVG");
    let mut found = Vec::new();
    walk(tree.root(), &mut found);
    found.retain(|label| !label.text.trim().is_empty());
    found
}

fn fonts() -> Arc<usvg::fontdb::Database> {
    let mut db = usvg::fontdb::Database::new();
    for font in ["Inter_400Regular.ttf", "Inter_600SemiBold.ttf"] {
        db.load_font_data(std::fs::read(target("paper").join(font)).expect("run `xtask paper` first"));
    }
    db.set_sans_serif_family("Inter");
    Arc::new(db)
}

/// What looks wrong: texts outside the picture, and texts over each other.
fn faults(all: &[Label], size: Size) -> Vec<String> {
    let mut faults = Vec::new();
    let (width, height) = (size.width as f32 + 1.0, size.height as f32 + 1.0);
    for label in all {
        if label.corners.iter().any(|(x, y)| *x < -1.0 || *y < -1.0 || *x > width || *y > height) {
            faults.push(format!("“{}” is cut off at {:?}", label.text, label.corners));
        }
    }
    for (i, a) in all.iter().enumerate() {
        let over = all[i + 1..].iter().filter(|b| a.is_over(b));
        faults.extend(over.map(|b| format!("“{}” is over “{}”", a.text, b.text)));
    }
    faults
}

#[tokio::test]
async fn every_kind_is_drawn_and_can_be_read() {
    let renderer = Renderer::open(&target("paper"), Limits::default()).expect("run `xtask paper` first");
    let (fonts, folder) = (fonts(), target("paper-gallery"));
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let mut listed = Vec::new();
    let mut drawn = Vec::new();
    for (name, kind, options, table) in common::everyday().into_iter().chain(common::gallery()) {
        let spec = common::spec(kind, options);
        for (theme, word) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
            let option = charts::picture(&spec, &table, theme).option;
            assert!(!option.is_null(), "{name}");
            if theme == Theme::Light {
                listed.push(json!({"name": name, "kind": kind.as_str(), "option": option}));
            }
            for (size, how) in [(TILE, "tile"), (SMALL, "small")] {
                let (renderer, option) = (renderer.clone(), option.clone());
                drawn.push(tokio::spawn(async move {
                    let svg = renderer.svg(&option, size, theme).await.expect(name);
                    let piece = Piece { svg: svg.clone(), x: 0.0, y: 0.0 };
                    let png = renderer.sheet(vec![piece], size, 1.0).await.expect(name);
                    (name, format!("{name}-{word}-{how}"), size, svg, png)
                }));
            }
        }
    }
    let mut wrong = Vec::new();
    for one in drawn {
        let (name, file, size, svg, png) = one.await.expect("it was drawn");
        if file.contains("-light-") {
            let faults = faults(&labels(&svg, &fonts), size);
            wrong.extend(faults.into_iter().map(|fault| format!("{file}: {fault}")));
        }
        if file.ends_with("-light-tile")
            && let Some(chart) = listed.iter_mut().find(|chart| chart["name"] == name)
        {
            chart["svg"] = svg.as_str().into();
        }
        std::fs::write(folder.join(format!("{file}.svg")), svg).expect("it can be written");
        std::fs::write(folder.join(format!("{file}.png")), png).expect("it can be written");
    }
    let list = json!({"width": TILE.width, "height": TILE.height, "charts": listed});
    std::fs::write(folder.join("gallery.json"), list.to_string()).expect("it can be written");
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}

/// `docs/charts.md`: every kind with what it is for, its options, and its picture in light and dark.
fn docs() -> String {
    let mut text = String::from(
        "# Charts\n\nEvery kind of chart in the order of the picker. The pictures are drawn by the renderer for paper from the \
         tables of the tests; this page is written by `UPDATE_GOLDEN=1 cargo nextest run -p export --test gallery`.\n\n\
         Every chart can be opened as a table, its colours tell members apart for the colour-blind too, and a note below it \
         says what was cut, gathered or left out.\n",
    );
    let pictured: Vec<(&str, domain::ChartKind)> =
        common::everyday().into_iter().chain(common::gallery()).map(|(name, kind, ..)| (name, kind)).collect();
    for kind in charts::kinds::all() {
        let info = kind.info;
        text += &format!(
            "\n## {}\n\n{} It needs: {}{} In a dashboard's JSON: `\"{}\"`.\n",
            info.label,
            info.about,
            info.needs[..1].to_lowercase(),
            &info.needs[1..],
            info.kind.as_str()
        );
        if let Some((name, _)) = pictured.iter().find(|(_, k)| *k == info.kind) {
            text += &format!(
                "\n| light | dark |\n|---|---|\n| ![{0}, light](images/charts/{1}-light.png) | ![{0}, dark](images/charts/{1}-dark.png) |\n",
                info.label, name
            );
        }
        if !info.options.is_empty() {
            text += "\n| option | what it does | values |\n|---|---|---|\n";
        }
        for option in info.options {
            let help =
                if option.help.is_empty() { String::new() } else { format!(". {}", option.help.trim_end_matches('.')) };
            text += &format!("| `{}` | {}{help} | {} |\n", option.name, option.label, values(&option.input));
        }
    }
    text
}

fn values(input: &charts::Input) -> String {
    use charts::Input;
    match input {
        Input::Toggle { default } => format!("`true` or `false`; default `{default}`"),
        Input::Choice { default, choices } => {
            let names: Vec<String> = choices.iter().map(|(wire, _)| format!("`{wire}`")).collect();
            format!("{}; default `{default}`", names.join(", "))
        }
        Input::Number => "a number".into(),
        Input::Text => "text".into(),
        Input::Format => "a format, such as `\"percent\"` or `{\"style\": \"currency\", \"currency\": \"EUR\"}`".into(),
        Input::Column => "an output column".into(),
        Input::Columns => "a list of output columns".into(),
        Input::List { fields } => {
            let names: Vec<String> = fields.iter().map(|f| format!("`{}`", f.name)).collect();
            format!("a list of at most {} objects with {}", charts::MOST_ITEMS, names.join(", "))
        }
    }
}

#[tokio::test]
async fn the_documentation_shows_every_kind() {
    let docs_folder = Path::new("../../docs");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let renderer = Renderer::open(&target("paper"), Limits::default()).expect("run `xtask paper` first");
        let images = docs_folder.join("images/charts");
        std::fs::create_dir_all(&images).expect("the folder can be made");
        let mut seen = std::collections::HashSet::new();
        for (name, kind, options, table) in common::everyday().into_iter().chain(common::gallery()) {
            if !seen.insert(kind) {
                continue;
            }
            for (theme, word) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
                let option = charts::option(&common::spec(kind, options.clone()), &table, theme);
                let png = renderer.png(&option, Size::new(480, 280), 1.0, theme).await.expect(name);
                std::fs::write(images.join(format!("{name}-{word}.png")), png).expect("it can be written");
            }
        }
        std::fs::write(docs_folder.join("charts.md"), docs()).expect("it can be written");
    }
    let written = std::fs::read_to_string(docs_folder.join("charts.md")).unwrap_or_default();
    assert!(written == docs(), "docs/charts.md is not what the kinds say; UPDATE_GOLDEN=1 writes it");
}

#[tokio::test]
async fn a_dashboard_becomes_a_small_picture() {
    use export::thumbnail::{Body, Part, draw};
    let renderer = Renderer::open(&target("paper"), Limits::default()).expect("run `xtask paper` first");
    let option = |name: &str| {
        let all = common::everyday();
        let (_, kind, options, table) = all.into_iter().find(|(n, ..)| *n == name).expect("it is in the gallery");
        charts::picture(&common::spec(kind, options), &table, Theme::Light).option
    };
    let part = |title: &str, x, y, w, h, body| Part { title: title.into(), x, y, w, h, body };
    let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
    let parts = [
        part("Revenue <b>", 0, 0, 3, 2, Body::Figure { value: "$652K".into(), line: "+5.2% & more".into() }),
        part("Orders", 3, 0, 3, 2, Body::Figure { value: "1,204".into(), line: String::new() }),
        part(
            "",
            6,
            0,
            6,
            2,
            Body::Text(vec!["A long line that says what this dashboard is for, and then some more.".into()]),
        ),
        part("Sales by month", 0, 2, 8, 5, Body::Chart(option("line"))),
        part("By carrier", 8, 2, 4, 5, Body::Chart(option("pie"))),
        part(
            "Rows",
            0,
            7,
            6,
            6,
            Body::Rows(vec![row(["Region", "Product", "Amount"]), row(["North", "Tea", "$1,204"])]),
        ),
        part("Broken", 6, 7, 6, 6, Body::Chart(json!({"series": [{"type": "bar", "data": "x"}]}))),
        part("Out of sight", 0, 40, 6, 6, Body::Blank),
    ];
    let png = draw(&renderer, &parts, Theme::Light).await.expect("it is drawn");
    assert_eq!((&png[1..4], &png[16..24]), (&b"PNG"[..], &[0, 0, 2, 88, 0, 0, 1, 74][..]));
    std::fs::create_dir_all(target("paper-gallery")).expect("the folder can be made");
    std::fs::write(target("paper-gallery").join("thumbnail-light-tile.png"), png).expect("it can be written");
}
