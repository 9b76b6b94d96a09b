//! Holds style/tokens.css to what people can see: contrast, colour vision, even ramps.

use super::*;

type Tokens = HashMap<&'static str, &'static str>;

/// Leaks the style sheet, once for a test: simpler than carrying lifetimes about.
fn themes() -> [(&'static str, Tokens); 2] {
    let css: &'static str = Box::leak(without_comments(TOKENS).into_boxed_str());
    let light = declarations(block(css, ":root"));
    let mut dark = light.clone();
    dark.extend(declarations(block(css, "[data-theme=\"dark\"]")));
    [("light", light), ("dark", dark)]
}

fn color(tokens: &Tokens, name: &str) -> Color {
    tokens.get(name).and_then(|css| Color::parse(css)).unwrap_or_else(|| panic!("no colour --{name}"))
}

fn luminance(c: Color) -> f64 {
    let [r, g, b] = c.linear().map(|x| x.clamp(0.0, 1.0));
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(a: Color, b: Color) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

const SURFACES: [&str; 4] = ["surface-0", "surface-1", "surface-2", "surface-float"];

/// Every pair below keeps at least this contrast, in both themes.
fn keeps(least: f64, colors: &[&str], backgrounds: &[&str]) {
    for (theme, tokens) in themes() {
        for front in colors {
            for back in backgrounds {
                let found = contrast(color(&tokens, front), color(&tokens, back));
                assert!(found >= least, "{theme}: --{front} on --{back} has {found:.2}, needs {least}");
            }
        }
    }
}

#[test]
fn text_is_readable_on_every_surface() {
    keeps(7.0, &["text"], &["surface-0", "surface-1", "surface-2", "surface-float", "accent-soft", "good-soft"]);
    keeps(4.5, &["text-muted", "text-faint", "accent-text", "good", "bad", "warn"], &SURFACES);
    keeps(4.5, &["role-dimension", "role-measure", "role-calc"], &SURFACES);
    keeps(4.5, &["on-accent"], &["accent", "accent-hover"]);
    for name in ["good", "bad", "warn", "role-dimension", "role-measure", "role-calc"] {
        keeps(4.5, &[name], &[&format!("{name}-soft")]);
    }
    keeps(4.5, &["accent-text"], &["accent-soft"]);
}

#[test]
fn controls_and_data_stand_out() {
    keeps(3.0, &["line-strong", "focus", "accent"], &SURFACES);
    let names: Vec<String> = (1..=10).map(|i| format!("cat-{i}")).collect();
    keeps(3.0, &names.iter().map(String::as_str).collect::<Vec<_>>(), &SURFACES);
}

#[test]
fn the_screen_can_show_every_colour() {
    for (theme, tokens) in themes() {
        for (name, css) in &tokens {
            let Some(color) = Color::parse(css) else { continue };
            assert!(color.linear().iter().all(|x| (-0.004..1.004).contains(x)), "{theme}: --{name} is out of range");
        }
    }
}

/// What people with normal vision, without red, green or blue cones see (Machado et al. 2009).
const VISION: [(&str, [[f64; 3]; 3]); 4] = [
    ("normal", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    (
        "protanopia",
        [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]],
    ),
    (
        "deuteranopia",
        [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
    ),
    (
        "tritanopia",
        [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_900]],
    ),
];

fn seen(color: Color, vision: &[[f64; 3]; 3]) -> [f64; 3] {
    let light = color.linear().map(|x| x.clamp(0.0, 1.0));
    let [r, g, b] = vision.map(|row| (0..3).map(|i| row[i] * light[i]).sum::<f64>().clamp(0.0, 1.0));
    let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
    let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
    let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
    [
        0.210_454_255_3 * l + 0.793_617_785 * m - 0.004_072_046_8 * s,
        1.977_998_495_1 * l - 2.428_592_205 * m + 0.450_593_709_9 * s,
        0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766 * s,
    ]
}

#[test]
fn any_colour_vision_tells_the_categories_apart() {
    for (theme, tokens) in themes() {
        for (vision, matrix) in &VISION {
            // 0.02 in Oklab is a difference one just notices side by side; we ask for more than three of those.
            let least = if *vision == "normal" { 0.1 } else { 0.07 };
            let colors: Vec<_> = (1..=10).map(|i| seen(color(&tokens, &format!("cat-{i}")), matrix)).collect();
            for (i, a) in colors.iter().enumerate() {
                for (j, b) in colors.iter().enumerate().take(i) {
                    let far = (0..3).map(|k| (a[k] - b[k]).powi(2)).sum::<f64>().sqrt();
                    assert!(far >= least, "{theme}, {vision}: --cat-{} and --cat-{}: {far:.3}", j + 1, i + 1);
                }
            }
        }
    }
}

#[test]
fn ramps_are_even_in_lightness() {
    for (theme, tokens) in themes() {
        let lightness =
            |name: &str| -> Vec<f64> { (1..=7).map(|i| color(&tokens, &format!("{name}-{i}")).lightness).collect() };
        let steps = |ramp: &[f64]| -> Vec<f64> { ramp.windows(2).map(|w| w[1] - w[0]).collect() };
        let even = |steps: &[f64]| steps.iter().all(|s| (s - steps[0]).abs() < 0.001);
        assert!(even(&steps(&lightness("seq"))), "{theme}: seq");
        let diverging = steps(&lightness("div"));
        assert!(even(&diverging[..3]) && even(&diverging[3..]), "{theme}: div {diverging:?}");
        assert!((diverging[0] + diverging[5]).abs() < 0.001, "{theme}: both arms are alike");
    }
}

#[test]
fn both_ways_to_the_dark_theme_are_the_same() {
    let css = without_comments(TOKENS);
    let chosen = declarations(block(&css, "[data-theme=\"dark\"]"));
    let preferred = declarations(block(&css, ":root:not([data-theme=\"light\"])"));
    assert!(chosen.len() > 40);
    assert_eq!(chosen, preferred);
    let light = declarations(block(&css, ":root"));
    for name in chosen.keys() {
        assert!(light.contains_key(name), "--{name} is only in the dark theme");
    }
    for (name, value) in light {
        assert_eq!(value.contains("oklch("), chosen.contains_key(name), "--{name} has no dark value");
    }
}

#[test]
fn charts_find_all_their_colours() {
    for theme in [Theme::Light, Theme::Dark] {
        let colors = theme.colors();
        assert!(!format!("{colors:?}").contains("#808080"), "{colors:?}");
        assert!(colors.font.contains("sans-serif"));
    }
    assert_eq!(Theme::Light.colors().surface, "#ffffff");
    assert_ne!(Theme::Light.colors().category(0), Theme::Dark.colors().category(0));
}

#[test]
fn what_is_written_on_a_coloured_cell_can_be_read() {
    for theme in [crate::Theme::Light, crate::Theme::Dark] {
        let colors = theme.colors();
        for ramp in [&colors.sequential, &colors.diverging, &colors.categories] {
            for shade in ramp.iter() {
                let found = crate::theme::contrast(colors.ink_on(shade), shade);
                assert!(found >= 4.5, "{theme:?}: {found:.2} on {shade}");
            }
        }
    }
}
