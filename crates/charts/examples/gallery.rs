//! Every kind of chart with realistic data, in light and dark, as one page to look at:
//! `cargo run -p charts --example gallery -- FOLDER`, then open `FOLDER/gallery.html` from a web
//! server. The page wants the bundle of the client beside it:
//! `frontend/node_modules/.bin/esbuild frontend/js/charts.js --bundle --splitting --format=esm --outdir=FOLDER`.

#[path = "../tests/it/common.rs"]
mod common;

use charts::Theme;
use domain::ChartKind;
use serde_json::json;

fn main() {
    let folder = std::env::args()
        .nth(1)
        .unwrap_or_else(|| std::env::temp_dir().join("orrery-gallery").to_string_lossy().into_owned());
    let mut pictures = common::gallery();
    pictures.extend(common::everyday());
    for (name, kind, table) in [
        ("network_large", ChartKind::Network, common::letters(2000)),
        (
            "nothing",
            ChartKind::Bar,
            common::table(vec![
                (common::group("g"), common::texts(["a"])),
                (common::measure("m"), vec![domain::Cell::Null]),
            ]),
        ),
    ] {
        pictures.push((name, kind, json!({}), table));
    }
    let mut drawn = Vec::new();
    for (name, kind, options, table) in &pictures {
        let spec = common::spec(*kind, options.clone());
        for (theme, word) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
            let picture = charts::picture(&spec, table, theme);
            drawn.push(json!({
                "name": name, "theme": word, "option": picture.option, "notes": picture.notes,
                "words": charts::describe(&spec, table), "surface": theme.colors().surface, "text": theme.colors().muted,
            }));
        }
    }
    let page = r#"<!doctype html><meta charset="utf-8"><title>Charts</title>
<style>body{font:12px Inter,sans-serif;margin:0;display:grid;grid-template-columns:1fr 1fr;gap:8px;padding:8px;background:gray}
figure{margin:0;padding:12px;border-radius:8px}figcaption{font-size:11px;margin-top:6px}.chart{height:300px}</style>
<script type="module">
import { mount, onFinished } from "./echarts.js";
const all = await (await fetch("./gallery.json")).json();
for (const { name, theme, option, notes, words, surface, text } of all) {
  const figure = document.createElement("figure");
  figure.id = `${name}-${theme}`;
  figure.style.background = surface;
  figure.style.color = text;
  const chart = document.createElement("div");
  chart.className = "chart";
  const caption = document.createElement("figcaption");
  caption.textContent = [name, ...notes, words].join(" · ");
  figure.append(chart, caption);
  document.body.append(figure);
  try { await onFinished(mount(chart, JSON.stringify(option))); } catch (error) { console.error(name, error); caption.textContent = error; }
}
document.documentElement.dataset.ready = "true";
</script>"#;
    let folder = std::path::Path::new(&folder);
    std::fs::create_dir_all(folder).expect("the folder can be made");
    std::fs::write(folder.join("gallery.html"), page).expect("the page can be written");
    std::fs::write(folder.join("gallery.json"), json!(drawn).to_string()).expect("the options can be written");
    println!("{}", folder.join("gallery.html").display());
}
