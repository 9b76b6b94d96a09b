//! Charts drawn on paper: hostile text, limits, several at once.

use charts::Theme;
use export::paper::{Limits, PaperError, Piece, Renderer, Size};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/paper")
}

fn renderer(limits: Limits) -> Renderer {
    Renderer::open(&folder(), limits).expect("run `xtask paper` first")
}

const SIZE: Size = Size { width: 480, height: 300 };

fn bars(names: &[&str]) -> Value {
    let values: Vec<usize> = (1..=names.len()).collect();
    json!({"xAxis": {"type": "category", "data": names}, "yAxis": {}, "legend": {},
        "textStyle": {"fontFamily": "Inter"},
        "series": [{"type": "bar", "name": names[0], "data": values}]})
}

#[tokio::test]
async fn what_people_typed_is_text() {
    let renderer = renderer(Limits::default());
    let hostile = [
        "<script>alert(1)</script>",
        "\"/><foreignObject><b>x</b></foreignObject>",
        "a & b &lt; ' \" ]]> <!--",
        "</text></svg><svg onload='x()'>",
        "{@value} {b} {a|c}",
        "\u{0}\u{1}\u{7f}\u{fffe}\u{200f}\u{1f600}",
    ];
    for text in hostile {
        let svg = renderer.svg(&bars(&[text, "plain"]), SIZE, Theme::Light).await.unwrap();
        let lower = svg.to_lowercase();
        for markup in ["<script", "<foreignobject", "<b>", "<!--", "<a ", "<image", "javascript:", "<style"] {
            assert!(!lower.contains(markup), "{text}: {svg}");
        }
        assert_eq!(lower.matches("<svg").count(), 1, "{text}");
        for tag in svg.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default()) {
            assert!(!tag.contains(" on"), "{text}: <{tag}>");
        }
        // It is sound XML, whatever was typed.
        let piece = Piece { svg, x: 0.0, y: 0.0 };
        let png = renderer.sheet(vec![piece], SIZE, 1.0).await.unwrap();
        assert_eq!(&png[1..4], b"PNG");
    }
    // Nor is what stands where a colour or a font should.
    let mut option = bars(&["a", "b"]);
    option["textStyle"]["fontFamily"] = "x\"><script>alert(1)</script>".into();
    option["series"][0]["itemStyle"] = json!({"color": "red\" onload=\"alert(1)\"><script>"});
    option["series"][0]["label"] = json!({"show": true, "color": "url(http://example.com/x)"});
    let svg = renderer.svg(&option, SIZE, Theme::Light).await.unwrap();
    assert!(!svg.contains("<script") && !svg.contains(" onload=\"") && !svg.contains("http://example"), "{svg}");
    let svg = renderer.svg(&bars(&["<script>&amp;", "plain"]), SIZE, Theme::Light).await.unwrap();
    assert!(svg.contains("&lt;script&gt;&amp;amp;"), "{svg}");
}

#[tokio::test]
async fn the_same_option_is_the_same_picture() {
    let renderer = renderer(Limits { threads: 1, ..Limits::default() });
    let option = bars(&["North", "South"]);
    let first = renderer.svg(&option, SIZE, Theme::Light).await.unwrap();
    assert_eq!(first, renderer.svg(&option, SIZE, Theme::Light).await.unwrap());
    assert_ne!(first, renderer.svg(&option, SIZE, Theme::Dark).await.unwrap());
    let small = renderer.png(&option, SIZE, 1.0, Theme::Light).await.unwrap();
    let large = renderer.png(&option, SIZE, 2.0, Theme::Light).await.unwrap();
    let width = |png: &[u8]| u32::from_be_bytes([png[16], png[17], png[18], png[19]]);
    assert_eq!((width(&small), width(&large)), (480, 960));
}

/// A graph whose layout takes far longer than the deadline.
fn endless() -> Value {
    let nodes: Vec<Value> = (0..3000).map(|i| json!({"id": i.to_string(), "name": format!("n{i}")})).collect();
    let links: Vec<Value> =
        (0..9000).map(|i| json!({"source": (i % 3000).to_string(), "target": (i * 7 % 3000).to_string()})).collect();
    json!({"series": [{"type": "graph", "layout": "force", "force": {"layoutAnimation": false}, "data": nodes, "links": links}]})
}

#[tokio::test]
async fn a_stuck_chart_ends_and_blocks_no_other() {
    let renderer = renderer(Limits { threads: 2, deadline: Duration::from_millis(1500), ..Limits::default() });
    let stuck = tokio::spawn({
        let renderer = renderer.clone();
        async move { renderer.svg(&endless(), SIZE, Theme::Light).await }
    });
    for _ in 0..5 {
        assert!(renderer.svg(&bars(&["a", "b"]), SIZE, Theme::Light).await.is_ok());
    }
    assert_eq!(stuck.await.unwrap(), Err(PaperError::TooSlow));
    // The worker has a new engine.
    for _ in 0..3 {
        assert!(renderer.svg(&bars(&["a", "b"]), SIZE, Theme::Light).await.is_ok());
    }
}

#[tokio::test]
async fn a_chart_that_needs_too_much_memory_is_refused() {
    let renderer = renderer(Limits { threads: 1, memory: 48 << 20, ..Limits::default() });
    let many: Vec<Value> = (0..400_000).map(|i| json!([i, i % 7])).collect();
    let option = json!({"xAxis": {}, "yAxis": {}, "series": [{"type": "scatter", "data": many}]});
    assert_eq!(renderer.svg(&option, SIZE, Theme::Light).await, Err(PaperError::TooLarge));
    assert!(renderer.svg(&bars(&["a", "b"]), SIZE, Theme::Light).await.is_ok());
}

#[tokio::test]
async fn a_full_queue_refuses() {
    let renderer =
        renderer(Limits { threads: 1, queue: 1, deadline: Duration::from_millis(1500), ..Limits::default() });
    let all: Vec<_> = (0..6)
        .map(|_| {
            let renderer = renderer.clone();
            tokio::spawn(async move { renderer.svg(&endless(), SIZE, Theme::Light).await })
        })
        .collect();
    let mut busy = 0;
    for one in all {
        busy += usize::from(one.await.unwrap() == Err(PaperError::Busy));
    }
    assert!(busy >= 3, "{busy}");
}

#[tokio::test]
async fn what_is_no_option_and_no_size_is_refused() {
    let renderer = renderer(Limits::default());
    assert!(matches!(
        renderer.svg(&json!({"series": [{"type": "nonsense"}]}), SIZE, Theme::Light).await,
        Ok(_) | Err(PaperError::Broken(_))
    ));
    for (width, height) in [(0, 10), (10, 0), (100_000, 10)] {
        let refused = renderer.svg(&bars(&["a"]), Size { width, height }, Theme::Light).await;
        assert_eq!(refused, Err(PaperError::Size(width, height)));
    }
    let broken = Piece { svg: "<svg".into(), x: 0.0, y: 0.0 };
    assert!(matches!(renderer.sheet(vec![broken], SIZE, 1.0).await, Err(PaperError::Broken(_))));
    assert!(matches!(Renderer::open(&folder().join("nowhere"), Limits::default()), Err(PaperError::Start(_))));
}

#[test]
fn text_is_as_wide_as_the_font_says() {
    let renderer = renderer(Limits::default());
    let width = |text: &str| renderer.text_width(text, 12.0, 400);
    assert!((width("mm") - 2.0 * width("m")).abs() < 0.01);
    assert!(width("i") < width("m") && width("m") < renderer.text_width("m", 12.0, 600));
    assert!(width(" ") > 2.0 && width(" ") < 5.0);
    assert_eq!(width("国"), 12.0);
    assert_eq!(width("\u{301}\n"), 0.0);
    assert!(width("<&") > 10.0);
}
