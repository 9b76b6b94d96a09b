//! The kit every page is built from. `use crate::components::*;` brings all of it.
//!
//! A page: `view! { <Page> <PageHeader title="Data" subtitle="…" crumbs=vec![Crumb::new("Data", "/data")]>
//! actions </PageHeader> … </Page> }.into_any()`. Values are signals (`RwSignal`, `Memo`, a plain value);
//! changes come back through callbacks (`on_change=move |v| …`). What is not listed as a prop, such
//! as `attr:data-testid="…"`, `class:x=…` or `on:keydown=…`, can be put on every component and lands on its root.
//!
//! | component | props (? optional) |
//! |---|---|
//! | `Page` | `narrow`? |
//! | `PageHeader` | `title`, `subtitle`?, `crumbs: Vec<Crumb>`?, `heading: ViewFn`?, `plain`?; children: actions |
//! | `Section` | `title`, `text`? |
//! | `Card` | `flush`? (a table to the edge); a link with class `card-link` inside makes it one target |
//! | `Button` | `variant: Variant::{Primary, Secondary, Ghost, Danger}`?, `size: Size::{Small, Medium, Large}`?, `icon`?, `busy`?, `disabled`?, `kind="submit"`?, `title`?, `on_click`? |
//! | `LinkButton` | `href`, `variant`?, `size`?, `icon`?, `external`? (answered by the server: downloads, `/logout`) |
//! | `IconButton` | `icon`, `label`, `variant`?, `size`?, `pressed`?, `disabled`?, `on_click`? |
//! | `CopyButton` | `text`, `label`? |
//! | `Menu` | `label`, `icon`? (else `…`), `face: ViewFn`?, `align: Align::{Start, End}`?, `open`?; children: `MenuItem(icon?, danger?, checked?, stay?, keys?, on_click)`, `MenuLink(href, icon?, external?)`, `MenuDivider`, `MenuHeading(text)` |
//! | `Popover` | `label`, `face`?/`icon`?, `align`?, `open`?; children: any panel |
//! | `Dialog` | `open: RwSignal<bool>`, `title`, `size: DialogSize::{Small, Medium, Large, Full}`?, `footer: ViewFn`?, `light`? |
//! | `ConfirmDialog` | `open`, `title`, `text`, `confirm`, `busy`?, `variant`?, `on_confirm` |
//! | `Drawer`, `SidePanel` | `open`, `title`, `footer`?: over the page, beside the page |
//! | `Tabs` | `label`, `tabs: Vec<TabItem>`, `value`, `on_change`; with `TabPanel(id, value)` |
//! | `SegmentedControl` | `label`, `segments: Vec<Segment>`, `value`, `on_change` |
//! | `Field` | `label`, `hint`?, `error`?, `required`?, `optional`?; child: one control, which finds its label |
//! | `TextInput`, `TextArea` | `value`, `on_input`, `kind`?, `placeholder`?, `label`?, `name`?, `autofocus`?, `max_length`?, `disabled`? |
//! | `NumberInput` | `value: Option<f64>`, `on_change`, `min`?, `max`?, `step`?, `unit`? |
//! | `DateInput` | `value` (`YYYY-MM-DD`), `on_change`, `min`?, `max`? |
//! | `SearchInput` | `value`, `on_input`, `label` |
//! | `Select` | `options: Vec<Choice>`, `value`, `on_change`, `placeholder`?, `label`? |
//! | `Combobox` | the same, to search in (many choices) |
//! | `MultiSelect` | `options`, `selected: Vec<String>`, `on_change`, `label`, `placeholder`?, `on_search`?, `loading`? |
//! | `Checkbox`, `Switch` | `checked`, `on_change`, `label`, `hint`? |
//! | `EmptyState` | `icon`, `title`, `text`, `compact`?; children: the next step |
//! | `ErrorState` | `error: domain::Error`, `retry`?, `compact`? |
//! | `Notice` | `tone: Tone::{Neutral, Accent, Good, Warn, Bad}`? |
//! | `Skeleton` | `lines`? or `height="12rem"` |
//! | `ProgressBar` | `value: Option<f64>` (0 to 1), `label`; `Spinner` |
//! | `Badge` | `tone`?, `icon`?; `Chip(label, on_remove?)`, `Avatar(name)`, `Kbd(key)`, `Keys(keys)`, `Tooltip(text)`, `Time(iso)` |
//! | `Table` | `caption`, `head: Vec<Head>` (`Head::text`, `::number`, `::hidden`); children: `<tr>`s |
//! | `PlainTable` | `table: domain::Table`, `label`, `class`?, `id`?: the rows of a small answer |
//! | `ListItem` | `lists: Lists`, `list`, `item`, `label`, `about`, `class`: dragged among lists, see `lists.rs` |
//! | `Markdown` | `text` |
//! | `Icon` | `name`, one of `frontend/icons.txt` |
//!
//! Not components: `use_toasts()` (`good`, `info`, `error(&Error)`, `action(text, label, callback)`),
//! `use_shortcuts().add(group, "mod+s", "Save", callback)`, `use_palette().add(Command::…)` and
//! `.set_search(callback)`, `crate::session::use_session()` (`caller`, `has_role`, `assets`, `demo`),
//! `crate::theme::use_theme().dark()`, `debounced`, `typed`, `use_media`, `use_local_storage`, `use_seconds`, `on_window`, `unique_id`.
//!
//! Helper classes: `stack`, `row`, `row-wrap`, `spread`, `grow`, `toolbar` (`toolbar-end`), `grid-cards`, `form`,
//! `form-row`, `facts`, `num`, `muted`, `faint`, `small`, `mono`, `truncate`, `visually-hidden`, `actions` (a cell),
//! `role-time`/`-dimension`/`-measure`/`-calc` and `tone-*` (they set `--tone`, `--tone-soft`), `trend-good`, `trend-bad`.

pub(crate) mod ask_box;
pub mod button;
pub(crate) mod caret;
pub mod choice;
pub mod combobox;
pub mod dialog;
pub mod display;
pub mod drawer;
pub mod field;
pub mod frame;
pub mod hooks;
pub mod icon;
pub mod input;
pub mod keys;
pub mod lists;
pub mod local;
pub mod markdown;
pub mod menu;
pub mod multiselect;
pub mod page;
pub mod palette;
pub mod plain;
pub mod popover;
pub(crate) mod script;
pub mod shortcuts;
pub mod state;
pub mod tabs;
pub mod toast;

pub use button::{Button, CopyButton, IconButton, LinkButton, Size, Variant};
pub use choice::{Checkbox, Choice, Select, Switch};
pub use combobox::Combobox;
pub use dialog::{ConfirmDialog, Dialog, DialogSize};
pub use display::{Avatar, Badge, Chip, Head, Kbd, Table, Time, Tooltip, colour_of, initials};
pub use drawer::{Drawer, SidePanel};
pub use field::Field;
pub use hooks::{
    OneAtATime, debounced, find, focus, on_window, typed, unique_id, use_local_storage, use_media, use_seconds,
};
pub use icon::{Icon, Mark};
pub use input::{DateInput, NumberInput, SearchInput, TextArea, TextInput};
pub use lists::{ListItem, Lists, Moved, Spot};
pub use markdown::Markdown;
pub use menu::{Menu, MenuDivider, MenuHeading, MenuItem, MenuLink};
pub use multiselect::MultiSelect;
pub use page::{Card, Crumb, Page, PageHeader, Section};
pub use palette::{Command, Deed, use_palette};
pub use plain::PlainTable;
pub use popover::{Align, Popover};
pub use shortcuts::{Keys, use_shortcuts};
pub use state::{EmptyState, ErrorState, Notice, ProgressBar, Skeleton, Spinner, Tone};
pub use tabs::{Segment, SegmentedControl, TabItem, TabPanel, Tabs};
pub use toast::use_toasts;
