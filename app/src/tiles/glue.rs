//! The way to `frontend/js/charts.js`. The module is imported when the first chart is shown, by a
//! function of the page's own script: WebAssembly has no `import()`, and the security policy allows
//! no script made from text.

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::{document, window};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

thread_local! {
    static MODULE: RefCell<Option<JsValue>> = const { RefCell::new(None) };
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
        let promise: Promise = import.call1(&JsValue::UNDEFINED, &address.into())?.dyn_into()?;
        let module = JsFuture::from(promise).await?;
        MODULE.set(Some(module.clone()));
        Ok(Self(module))
    }

    fn function(&self, name: &str) -> Result<Function, JsValue> {
        Reflect::get(&self.0, &name.into())?.dyn_into()
    }

    /// Draws a first option into an element.
    pub(super) fn mount(&self, element: &web_sys::Element, option: &str) -> Result<Chart, JsValue> {
        let handle = self.function("mount")?.call2(&JsValue::UNDEFINED, element, &option.into())?;
        Ok(Chart { module: self.clone(), handle })
    }
}

/// A chart on the page; gone from memory when dropped.
#[derive(Debug)]
pub(super) struct Chart {
    module: Module,
    handle: JsValue,
}

impl Chart {
    /// Draws another option.
    pub(super) fn update(&self, option: &str) -> Result<(), JsValue> {
        self.module.function("update")?.call2(&JsValue::UNDEFINED, &self.handle, &option.into())?;
        Ok(())
    }

    /// Whether the latest drawing reached the screen; false when a newer one took its place.
    pub(super) fn finished(&self) -> impl Future<Output = bool> + use<> {
        let promise = self
            .module
            .function("onFinished")
            .and_then(|f| f.call1(&JsValue::UNDEFINED, &self.handle))
            .and_then(|p| p.dyn_into::<Promise>());
        async move {
            match promise {
                Ok(promise) => JsFuture::from(promise).await.is_ok_and(|drawn| drawn.is_truthy()),
                Err(_) => false,
            }
        }
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
