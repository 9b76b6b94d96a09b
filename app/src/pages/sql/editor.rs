//! The editor: `frontend/js/editor.js` in an element of the page.

use super::state::{Task, Work};
use crate::components::script::Script;
use crate::components::*;
use domain::{Error, ErrorCode};
use leptos::task::spawn_local;
use leptos::{html, prelude::*};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

/// The words that say how to leave the editor by keyboard.
const HELP: &str = "sql-help";

type Tell = Closure<dyn Fn(String, String)>;

/// The editor on the page; gone when dropped.
pub(super) struct Editor {
    script: Script,
    handle: JsValue,
    _tell: Tell,
}

impl Editor {
    fn mount(script: Script, element: &web_sys::Element, work: Work) -> Result<Self, JsValue> {
        let tell: Tell = Closure::new(move |event: String, text: String| match event.as_str() {
            "change" => work.typed(text),
            "run" => work.ask(Task::Run),
            _ => {}
        });
        let text = JsValue::from(work.text.get_untracked());
        let handle = script.call("mount", &[element, &text, &HELP.into(), tell.as_ref()])?;
        Ok(Self { script, handle, _tell: tell })
    }

    fn tell(&self, function: &str, rest: &[&JsValue]) -> Option<JsValue> {
        let arguments: Vec<&JsValue> = std::iter::once(&self.handle).chain(rest.iter().copied()).collect();
        match self.script.call(function, &arguments) {
            Ok(answer) => Some(answer),
            Err(cause) => {
                leptos::logging::error!("the editor cannot {function}: {cause:?}");
                None
            }
        }
    }

    /// Puts another text in; it can be undone.
    pub(super) fn set_text(&self, text: &str) {
        self.tell("setText", &[&text.into()]);
    }

    /// Writes a name at the cursor, in quotes where it needs them.
    pub(super) fn insert(&self, name: &str) {
        self.tell("insert", &[&name.into()]);
    }

    /// What is to be run: what is selected, else everything.
    pub(super) fn take(&self) -> Option<String> {
        self.tell("take", &[])?.as_string()
    }

    pub(super) fn focus(&self) {
        self.tell("focus", &[]);
    }

    fn set_schema(&self, json: &str) {
        self.tell("setSchema", &[&json.into()]);
    }

    /// Marks an error where it is.
    fn point(&self, error: &Error) {
        let Some((line, column)) = place(error) else { return };
        let text = error.to_string();
        self.tell("point", &[&line.into(), &column.into(), &text.into()]);
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        self.tell("dispose", &[]);
    }
}

/// The line and column that an error is about.
fn place(error: &Error) -> Option<(u32, u32)> {
    let (line, column) = error.field.as_deref()?.strip_prefix("sql:")?.split_once(':')?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

/// The editor, once its script is here.
#[component]
pub(super) fn SqlEditor(work: Work) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let ready = RwSignal::new(false);
    let missing = RwSignal::new(false);
    let load = move || {
        missing.set(false);
        spawn_local(async move {
            let script = Script::load("editor").await;
            let Some(element) = node.try_get_untracked().flatten() else { return };
            match script.and_then(|script| Editor::mount(script, &element, work)) {
                Ok(editor) => {
                    work.editor.set(Some(editor));
                    _ = ready.try_set(true);
                }
                Err(cause) => {
                    leptos::logging::error!("the editor is not here: {cause:?}");
                    _ = missing.try_set(true);
                }
            }
        });
    };
    Effect::new(move |_| {
        if node.get().is_some() {
            load();
        }
    });
    on_cleanup(move || work.editor.set(None));
    Effect::new(move |_| {
        let json = work.schema.with(|schema| serde_json::to_string(schema).unwrap_or_default());
        if ready.get() {
            work.editor.with(|editor| editor.iter().for_each(|e| e.set_schema(&json)));
        }
    });
    Effect::new(move |_| {
        if let Some(error) = work.failed.get() {
            work.editor.with(|editor| editor.iter().for_each(|e| e.point(&error)));
        }
    });
    let failed = move || {
        missing.get().then(|| {
            let error =
                Error::new(ErrorCode::Overloaded, "The editor could not be loaded.").hint("Check the connection.");
            view! { <ErrorState compact=true error retry=move |()| load()/> }
        })
    };
    view! {
        <div class="sql-editor" data-testid="sql-editor" data-ready=move || ready.get().then_some("true")>
            <div class="sql-code" node_ref=node></div>
            {failed}
        </div>
        <p id=HELP class="visually-hidden">
            "Control Enter runs it, or what is selected. Control Space lists names. Tab indents; press Escape and then Tab to leave."
        </p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_where_they_are() {
        let error = |field: &str| Error::invalid("No.").field(field);
        assert_eq!(place(&error("sql:2:15")), Some((2, 15)));
        assert_eq!(place(&error("sql")), None);
        assert_eq!(place(&error("limit")), None);
    }
}
