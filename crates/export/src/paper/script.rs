//! One JavaScript engine with the drawing script in it.

use super::fonts::Fonts;
use super::{Limits, PaperError, Size};
use rquickjs::{CatchResultExt, CaughtError, Context, Ctx, Function, Object, Runtime};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Bytes of stack that the script may use; the thread has more.
pub(super) const STACK: usize = 1 << 20;
/// Time for the script itself to be read, which happens once an engine.
const STARTING: Duration = Duration::from_secs(30);
/// The language of numbers on paper, until a person has one.
const LOCALE: &str = "en-US";

/// When the script must stop.
struct Watch {
    until: Instant,
    /// The one who asked has gone.
    gone: Box<dyn Fn() -> bool>,
}

pub(super) struct Script {
    // Dropped before the runtime that it is part of.
    context: Context,
    _runtime: Runtime,
    watch: Rc<Cell<Option<Watch>>>,
    stopped: Rc<Cell<bool>>,
    limits: Limits,
}

impl Script {
    pub(super) fn start(source: &str, fonts: &Arc<Fonts>, limits: Limits) -> Result<Self, PaperError> {
        let wrong = |error: rquickjs::Error| PaperError::Start(error.to_string());
        let runtime = Runtime::new().map_err(wrong)?;
        runtime.set_memory_limit(limits.memory);
        runtime.set_max_stack_size(STACK);
        let watch: Rc<Cell<Option<Watch>>> = Rc::default();
        let stopped = Rc::new(Cell::new(false));
        let (seen, stop) = (watch.clone(), stopped.clone());
        runtime.set_interrupt_handler(Some(Box::new(move || {
            let now = seen.take();
            let over = now.as_ref().is_some_and(|w| Instant::now() >= w.until || (w.gone)());
            seen.set(now);
            stop.set(stop.get() || over);
            over
        })));
        let context = Context::full(&runtime).map_err(wrong)?;
        let script = Self { context, _runtime: runtime, watch, stopped, limits };
        let fonts = fonts.clone();
        script.within(STARTING, Box::new(|| false), |ctx| {
            ctx.eval::<(), _>(source)?;
            let measure = Function::new(ctx.clone(), move |text: String, font: String| {
                let (size, weight) = css_font(&font);
                f64::from(fonts.width(&text, size, weight))
            })?;
            paper(ctx)?.get::<_, Function>("measureWith")?.call::<_, ()>((measure,))
        })?;
        Ok(script)
    }

    /// Draws an option, given as JSON.
    pub(super) fn draw(&self, option: &str, size: Size, gone: Box<dyn Fn() -> bool>) -> Result<String, PaperError> {
        let svg: String = self.within(self.limits.deadline, gone, |ctx| {
            paper(ctx)?.get::<_, Function>("draw")?.call((option, size.width, size.height, LOCALE))
        })?;
        if svg.len() > self.limits.svg { Err(PaperError::TooLarge) } else { Ok(svg) }
    }

    /// Runs in the engine, with an eye on the time.
    fn within<T>(
        &self,
        time: Duration,
        gone: Box<dyn Fn() -> bool>,
        run: impl for<'js> FnOnce(&Ctx<'js>) -> rquickjs::Result<T>,
    ) -> Result<T, PaperError> {
        self.stopped.set(false);
        self.watch.set(Some(Watch { until: Instant::now() + time, gone }));
        let outcome = self.context.with(|ctx| run(&ctx).catch(&ctx).map_err(|error| reason(&error)));
        self.watch.set(None);
        outcome.map_err(|why| if self.stopped.get() { PaperError::TooSlow } else { why })
    }
}

fn paper<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    ctx.globals().get("paper")
}

fn reason(error: &CaughtError<'_>) -> PaperError {
    let text = error.to_string();
    let limit = ["out of memory", "stack size exceeded", "stack overflow"].iter().any(|word| text.contains(word));
    // Without memory there may be none for the words either.
    if limit || matches!(error, CaughtError::Error(rquickjs::Error::Allocation)) || text.contains("null") {
        return PaperError::TooLarge;
    }
    PaperError::Broken(text.chars().take(500).collect())
}

/// Size in pixels and weight of a CSS font: `normal 600 12px Inter, sans-serif`.
fn css_font(font: &str) -> (f32, u16) {
    let (mut size, mut weight) = (12.0, 400);
    for word in font.split_ascii_whitespace() {
        if let Some(pixels) = word.strip_suffix("px").and_then(|n| n.parse::<f32>().ok()) {
            size = pixels.clamp(0.0, 1000.0);
            break;
        }
        match word {
            "bold" | "bolder" => weight = 700,
            word => weight = word.parse().unwrap_or(weight),
        }
    }
    (size, weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_of_a_text_is_read() {
        assert_eq!(css_font("normal 550 12.5px \"Inter Variable\", Inter"), (12.5, 550));
        assert_eq!(css_font("italic bold 20px Inter"), (20.0, 700));
        assert_eq!(css_font("12px sans-serif"), (12.0, 400));
        assert_eq!(css_font("nonsense"), (12.0, 400));
    }
}
