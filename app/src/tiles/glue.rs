//! The way to `frontend/js/charts.js`, which is imported when the first chart is shown.

use crate::components::script::Script;
use js_sys::Promise;
use std::cell::RefCell;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Its name in the page.
const NAME: &str = "charts";

/// The drawing module.
#[derive(Clone, Debug)]
pub(super) struct Module(Script);

impl Module {
    /// The module, if it is here already.
    pub(super) fn loaded() -> Option<Self> {
        Script::loaded(NAME).map(Self)
    }

    /// Imports the module; the browser does it once.
    pub(super) async fn load() -> Result<Self, JsValue> {
        Script::load(NAME).await.map(Self)
    }

    /// Draws a first option into an element.
    pub(super) fn mount(&self, element: &web_sys::Element, option: &str) -> Result<Chart, JsValue> {
        let handle = self.0.call("mount", &[element, &option.into()])?;
        Ok(Chart { script: self.0.clone(), handle, tell: RefCell::new(None) })
    }
}

/// A chart on the page; gone from memory when dropped.
pub(super) struct Chart {
    script: Script,
    handle: JsValue,
    /// What the script calls when the reader does something.
    tell: RefCell<Option<Tell>>,
}

type Tell = Closure<dyn FnMut(String)>;

impl Chart {
    /// Draws another option.
    pub(super) fn update(&self, option: &str) -> Result<(), JsValue> {
        self.script.call("update", &[&self.handle, &option.into()]).map(drop)
    }

    /// Whether the latest drawing reached the screen; false when a newer one took its place. An
    /// error when a part of the script that it needs did not arrive.
    pub(super) fn finished(&self) -> impl Future<Output = Result<bool, JsValue>> + use<> {
        let promise = self.script.call("onFinished", &[&self.handle]).and_then(|p| p.dyn_into::<Promise>());
        async move { Ok(JsFuture::from(promise?).await?.is_truthy()) }
    }

    /// Hears what the reader does to the chart, as JSON; `brush` says how it can be dragged over.
    pub(super) fn on_reader(&self, brush: Option<&str>, tell: impl FnMut(String) + 'static) -> Result<(), JsValue> {
        let mut kept = self.tell.borrow_mut();
        let tell = kept.get_or_insert_with(|| Closure::new(tell));
        let brush = brush.map_or(JsValue::NULL, JsValue::from);
        self.script.call("onReader", &[&self.handle, &brush, tell.as_ref()]).map(drop)
    }
}

impl Drop for Chart {
    fn drop(&mut self) {
        _ = self.script.call("dispose", &[&self.handle]);
    }
}

/// Begins to fetch the module, so that it is there when the data is.
pub(super) fn warm() {
    if Module::loaded().is_none() {
        leptos::task::spawn_local(async {
            _ = Module::load().await;
        });
    }
}
