//! Numbers as colours: heatmaps, calendars, maps.

use crate::drawing::Drawing;
use crate::marker;
use crate::text::DEFAULT_LOCALE;
use domain::format::{self, Format};
use serde_json::{Value, json};

/// From values to colours.
pub(crate) struct Scale {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) ramp: &'static [String],
}

impl Scale {
    /// From little to much; around zero where values lie on both sides of it.
    pub(crate) fn of(drawing: &Drawing<'_>, values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = values.fold((f64::MAX, f64::MIN), |(lo, hi), v| (lo.min(v), hi.max(v)));
        if low < 0.0 && high > 0.0 {
            let far = high.max(-low);
            return Self { low: -far, high: far, ramp: &drawing.colors.diverging };
        }
        let (low, high) = if low > high { (0.0, 1.0) } else { (low, high) };
        Self { low, high: if high > low { high } else { low + 1.0 }, ramp: &drawing.colors.sequential }
    }

    /// Dark or light text, whichever can be read on the value's colour.
    pub(crate) fn text_on<'c>(&self, drawing: &Drawing<'c>, value: f64) -> &'c str {
        let part = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        let step = (part * (self.ramp.len() - 1) as f64).round() as usize;
        drawing.colors.ink_on(&self.ramp[step.min(self.ramp.len() - 1)])
    }

    /// The number at an end of the scale. Short enough to read the same in any language.
    pub(crate) fn end(&self, drawing: &Drawing<'_>, value: f64) -> String {
        let plain = Format::default();
        let own = drawing.own_format.as_ref();
        let column = drawing.roles.y.first().and_then(|y| drawing.field(*y).format.as_ref());
        format::number(value, own.or(column).unwrap_or(&plain), true, DEFAULT_LOCALE)
    }

    /// How long the values are.
    pub(crate) fn letters(&self, drawing: &Drawing<'_>) -> usize {
        let length = |value| self.end(drawing, value).chars().count();
        length(self.high).max(length(self.low)) + 1
    }

    pub(crate) fn visual_map(&self, drawing: &Drawing<'_>, format: &Value) -> Value {
        json!({
            "type": "continuous",
            "min": self.low,
            "max": self.high,
            "calculable": false,
            "orient": "horizontal",
            "left": "center",
            "bottom": 0,
            "itemWidth": 10,
            "itemHeight": 120,
            "text": [self.end(drawing, self.high), self.end(drawing, self.low)],
            "textGap": 8,
            "textStyle": {"color": drawing.colors.muted, "fontSize": 11},
            "inRange": {"color": self.ramp},
            "formatter": marker::formatter(format),
        })
    }
}
