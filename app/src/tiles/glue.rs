//! The way to `frontend/js/charts.js`. The module is imported when the first chart is shown, by a
//! function of the page's own script: WebAssembly has no `import()`, and the security policy allows
//! no script made from text.

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::{document, window};
use std::cell::{Cell, RefCell};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

thread_local! {
    static MODULE: RefCell<Option<JsValue>> = const { RefCell::new(None) };
    /// Imports that failed. A browser remembers a failure by its address.
    static FAILED: Cell<u32> = const { Cell::new(0) };
}

/// The drawing module.
#[derive(Clone, Debug)]
pub(super) struct Module(JsValue);

impl Module {
    /// The module, if it is here already.
    pub(super) fn loaded() -> Option<Self> {
        MODULE.with_borrow(|module| module.clone()).map(Self)
    }

    /// Imports the module; the browser does it once.
    pub(super) async fn load() -> Result<Self, JsValue> {
        if let Some(module) = Self::loaded() {
            return Ok(module);
        }
        let address = document().document_element().and_then(|root| root.get_attribute("data-charts"));
        let address = address.filter(|a| !a.is_empty()).ok_or("the page does not name the chart module")?;
        let import: Function = Reflect::get(&window(), &"orreryImport".into())?.dyn_into()?;
        let address = match FAILED.get() {
            0 => address,
            again => format!("{address}?again={again}"),
        };
        let promise: Promise = import.call1(&JsValue::UNDEFINED, &address.into())?.dyn_into()?;
        let module = JsFuture::from(promise).await.inspect_err(|_| FAILED.set(FAILED.get() + 1))?;
        MODULE.set(Some(module.clone()));
        Ok(Self(module))
    }

    fn function(&self, name: &str) -> Result<Function, JsValue> {
        Reflect::get(&self.0, &name.into())?.dyn_into()
    }

    /// Draws a first option into an element.
    pub(super) fn mount(&self, element: &web_sys::Element, option: &str) -> Result<Chart, JsValue> {
        let handle = self.function("mount")?.call2(&JsValue::UNDEFINED, element, &option.into())?;
        Ok(Chart { module: self.clone(), handle, tell: RefCell::new(None) })
    }
}

/// A chart on the page; gone from memory when dropped.
pub(super) struct Chart {
    module: Module,
    handle: JsValue,
    /// What the script calls when the reader does something.
    tell: RefCell<Option<Tell>>,
}

type Tell = Closure<dyn FnMut(String)>;

impl Chart {
    /// Draws another option.
    pub(super) fn update(&self, option: &str) -> Result<(), JsValue> {
        self.module.function("update")?.call2(&JsValue::UNDEFINED, &self.handle, &option.into())?;
        Ok(())
    }

    /// Whether the latest drawing reached the screen; false when a newer one took its place. An
    /// error when a part of the script that it needs did not arrive.
    pub(super) fn finished(&self) -> impl Future<Output = Result<bool, JsValue>> + use<> {
        let promise = self
            .module
            .function("onFinished")
            .and_then(|f| f.call1(&JsValue::UNDEFINED, &self.handle))
            .and_then(|p| p.dyn_into::<Promise>());
        async move { Ok(JsFuture::from(promise?).await?.is_truthy()) }
    }

    /// Hears what the reader does to the chart, as JSON; `brush` says how it can be dragged over.
    pub(super) fn on_reader(&self, brush: Option<&str>, tell: impl FnMut(String) + 'static) -> Result<(), JsValue> {
        let mut kept = self.tell.borrow_mut();
        let tell = kept.get_or_insert_with(|| Closure::new(tell));
        let brush = brush.map_or(JsValue::NULL, JsValue::from);
        self.module.function("onReader")?.call3(&JsValue::UNDEFINED, &self.handle, &brush, tell.as_ref())?;
        Ok(())
    }
}

impl Drop for Chart {
    fn drop(&mut self) {
        if let Ok(dispose) = self.module.function("dispose") {
            _ = dispose.call1(&JsValue::UNDEFINED, &self.handle);
        }
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
