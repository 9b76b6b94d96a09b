//! Scripts that are fetched when a page first needs them: what draws charts, the SQL editor. They are
//! imported by a function of the page's own script: WebAssembly has no `import()`, and the security
//! policy allows no script made from text.

use js_sys::{Array, Function, Promise, Reflect};
use leptos::prelude::{document, window};
use std::cell::RefCell;
use std::collections::HashMap;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

thread_local! {
    static LOADED: RefCell<HashMap<&'static str, JsValue>> = RefCell::new(HashMap::new());
    /// Imports that failed. A browser remembers a failure by its address.
    static FAILED: RefCell<HashMap<&'static str, u32>> = RefCell::new(HashMap::new());
}

/// A script of the page, imported.
#[derive(Clone, Debug)]
pub(crate) struct Script(JsValue);

impl Script {
    /// The script whose address is in the attribute `data-{name}` of the page, if it is here already.
    pub(crate) fn loaded(name: &'static str) -> Option<Self> {
        LOADED.with_borrow(|all| all.get(name).cloned()).map(Self)
    }

    /// Imports it; the browser does it once.
    pub(crate) async fn load(name: &'static str) -> Result<Self, JsValue> {
        if let Some(script) = Self::loaded(name) {
            return Ok(script);
        }
        let address = document().document_element().and_then(|root| root.get_attribute(&format!("data-{name}")));
        let address = address.filter(|a| !a.is_empty()).ok_or("the page does not name this script")?;
        let import: Function = Reflect::get(&window(), &"orreryImport".into())?.dyn_into()?;
        let address = match FAILED.with_borrow(|all| all.get(name).copied()) {
            None => address,
            Some(again) => format!("{address}?again={again}"),
        };
        let promise: Promise = import.call1(&JsValue::UNDEFINED, &address.into())?.dyn_into()?;
        let failed = |_: &JsValue| FAILED.with_borrow_mut(|all| *all.entry(name).or_default() += 1);
        let script = JsFuture::from(promise).await.inspect_err(failed)?;
        LOADED.with_borrow_mut(|all| all.insert(name, script.clone()));
        Ok(Self(script))
    }

    /// Calls one of its functions.
    pub(crate) fn call(&self, function: &str, arguments: &[&JsValue]) -> Result<JsValue, JsValue> {
        let function: Function = Reflect::get(&self.0, &function.into())?.dyn_into()?;
        let list: Array = arguments.iter().copied().collect();
        function.apply(&JsValue::UNDEFINED, &list)
    }
}
