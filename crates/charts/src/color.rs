//! OKLCH colours, as the style sheet writes them, into what a canvas understands.

/// A colour of the style sheet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Color {
    pub(crate) lightness: f64,
    pub(crate) chroma: f64,
    /// Degrees.
    pub(crate) hue: f64,
    pub(crate) alpha: f64,
}

impl Color {
    /// Stands in for a token that is missing.
    pub(crate) const GREY: Self = Self { lightness: 0.6, chroma: 0.0, hue: 0.0, alpha: 1.0 };

    /// Reads `oklch(0.5 0.1 260)` or `oklch(0.5 0.1 260 / 0.4)`.
    pub(crate) fn parse(css: &str) -> Option<Self> {
        let inner = css.trim().strip_prefix("oklch(")?.strip_suffix(')')?;
        let (color, alpha) = match inner.split_once('/') {
            Some((color, alpha)) => (color, alpha.trim().parse().ok()?),
            None => (inner, 1.0),
        };
        let mut parts = color.split_whitespace().map(str::parse);
        let mut next = || parts.next()?.ok();
        let (lightness, chroma, hue) = (next()?, next()?, next()?);
        if next().is_some() { None } else { Some(Self { lightness, chroma, hue, alpha }) }
    }

    /// Red, green and blue as light, 0 to 1. Outside that range the screen cannot show the colour.
    pub(crate) fn linear(self) -> [f64; 3] {
        let (sin, cos) = self.hue.to_radians().sin_cos();
        let (a, b) = (self.chroma * cos, self.chroma * sin);
        let cube = |x: f64| x * x * x;
        let l = cube(self.lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b);
        let m = cube(self.lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b);
        let s = cube(self.lightness - 0.089_484_177_5 * a - 1.291_485_548 * b);
        [
            4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
            -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
            -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s,
        ]
    }

    /// `#rrggbb`, or `rgba(…)` where it is transparent.
    pub(crate) fn to_css(self) -> String {
        let [r, g, b] = self.linear().map(|light| {
            let light = light.clamp(0.0, 1.0);
            let encoded = if light <= 0.003_130_8 { 12.92 * light } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
            (encoded * 255.0).round() as u8
        });
        if self.alpha < 1.0 { format!("rgba({r},{g},{b},{})", self.alpha) } else { format!("#{r:02x}{g:02x}{b:02x}") }
    }
}

/// A colour between two of `#rrggbb`: the first at 0, the second at 1.
pub(crate) fn mix(from: &str, to: &str, part: f64) -> String {
    let channel =
        |hex: &str, at: usize| hex.get(at..at + 2).and_then(|h| u8::from_str_radix(h, 16).ok()).unwrap_or(128);
    let mut mixed = String::from("#");
    for at in [1, 3, 5] {
        let (a, b) = (f64::from(channel(from, at)), f64::from(channel(to, at)));
        mixed.push_str(&format!("{:02x}", (a + (b - a) * part).round() as u8));
    }
    mixed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn css(text: &str) -> String {
        Color::parse(text).unwrap().to_css()
    }

    #[test]
    fn known_colours_come_out_right() {
        // References: the values CSS Color 4 gives for these named colours.
        assert_eq!(css("oklch(1 0 0)"), "#ffffff");
        assert_eq!(css("oklch(0 0 0)"), "#000000");
        assert_eq!(css("oklch(0.627955 0.257683 29.2339)"), "#ff0000");
        assert_eq!(css("oklch(0.519752 0.176858 142.4953)"), "#008000");
        assert_eq!(css("oklch(0.452014 0.313214 264.052)"), "#0000ff");
        assert_eq!(css("oklch(0.627955 0.257683 29.2339 / 0.4)"), "rgba(255,0,0,0.4)");
    }

    #[test]
    fn other_notations_are_refused() {
        for text in ["red", "#fff", "oklch()", "oklch(1 2)", "oklch(1 2 3 4)", "oklch(a b c)", "rgb(1 2 3)"] {
            assert_eq!(Color::parse(text), None, "{text}");
        }
    }
}
