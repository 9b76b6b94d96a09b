//! What every kind of chart gets to draw from, and the parts of an option they share.

use crate::marker::{self, Room};
use crate::options::Options;
use crate::roles::Roles;
use crate::theme::{Colors, Theme};
use domain::format::{Format, Style};
use domain::{Cell, ChartSpec, Field, Table};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// A chart being drawn.
pub(crate) struct Drawing<'a> {
    pub(crate) spec: &'a ChartSpec,
    pub(crate) table: &'a Table,
    pub(crate) colors: &'static Colors,
    pub(crate) options: Options<'a>,
    pub(crate) roles: Roles,
    /// In place of the format of the measures' columns.
    pub(crate) own_format: Option<Format>,
}

/// A drawn chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// An ECharts option, functions as markers. Null for kinds that the page draws itself.
    pub option: Value,
    /// What the reader must know to read it right: what was cut, gathered or left out.
    pub notes: Vec<String>,
}

/// The answer with as many cells in each column as it has rows. Answers come over a wire, where an
/// empty one may have no columns of data at all; nothing below has to think of that.
pub(crate) fn sound(table: &Table) -> Cow<'_, Table> {
    let rows = table.row_count();
    if table.data.len() == table.columns.len() && table.data.iter().all(|column| column.len() == rows) {
        return Cow::Borrowed(table);
    }
    let mut sound = table.clone();
    sound.data.resize(table.columns.len(), Vec::new());
    sound.data.iter_mut().for_each(|column| column.resize(rows, Cell::Null));
    Cow::Owned(sound)
}

/// Writes `{"a": …}` without the key where the value is null.
pub(crate) fn put(map: &mut Map<String, Value>, key: &str, value: impl Into<Value>) {
    let value = value.into();
    if !value.is_null() {
        map.insert(key.to_owned(), value);
    }
}

impl<'a> Drawing<'a> {
    pub(crate) fn new(spec: &'a ChartSpec, table: &'a Table, theme: Theme) -> Self {
        let options = Options::new(&spec.options, crate::options(spec.kind));
        let roles = Roles::of_spec(spec, &table.columns);
        Self { spec, table, colors: theme.colors(), own_format: options.format(), options, roles }
    }

    /// A part of an option from JSON text, where `"@muted"` names a colour of the theme. Text costs
    /// the browser a fraction of the bytes that code for the same part would. Only for text of ours:
    /// what people typed is put in afterwards.
    pub(crate) fn part(&self, text: &'static str) -> Map<String, Value> {
        let mut part: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
        // A test draws every kind; a slip in a text shows there.
        debug_assert!(!part.is_empty() || text == "{}", "{text}");
        part.values_mut().for_each(|value| self.paint(value));
        part
    }

    fn paint(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(color) = text.strip_prefix('@').and_then(|name| self.colors.named(name)) {
                    *text = color.to_owned();
                }
            }
            Value::Array(list) => list.iter_mut().for_each(|v| self.paint(v)),
            Value::Object(map) => map.values_mut().for_each(|v| self.paint(v)),
            _ => {}
        }
    }

    pub(crate) fn field(&self, column: usize) -> &Field {
        &self.table.columns[column]
    }

    /// The format of a column for the page.
    pub(crate) fn format(&self, column: usize, room: Room) -> Value {
        let own = self.own_format.as_ref().filter(|_| self.roles.y.contains(&column));
        marker::format(self.field(column), own, room)
    }

    /// What makes two measures fit on one axis.
    pub(crate) fn unit(&self, column: usize) -> (Style, String) {
        let plain = Format::default();
        let format = self.own_format.as_ref().or(self.field(column).format.as_ref()).unwrap_or(&plain);
        let currency = format.currency.clone().unwrap_or_else(|| "USD".into());
        let unit = if format.style == Style::Currency { currency } else { format.suffix.trim().to_owned() };
        (format.style, unit)
    }

    /// An option with what all charts have in common.
    pub(crate) fn base(&self) -> Map<String, Value> {
        let colors = self.colors;
        let mut option = Map::new();
        option.insert(
            "aria".into(),
            json!({"enabled": true, "label": {"description": crate::describe(self.spec, self.table)}}),
        );
        // The first drawing does not move: only a change shows where something went.
        option.insert("animationDuration".into(), 0.into());
        option.insert("animationDurationUpdate".into(), 200.into());
        option.insert("useUTC".into(), true.into());
        option.insert("color".into(), json!(colors.categories));
        option.insert("backgroundColor".into(), "transparent".into());
        option.insert("textStyle".into(), json!({"fontFamily": colors.font, "color": colors.text}));
        option
    }

    /// The tooltip: over an axis all series at once, over an item that one.
    pub(crate) fn tooltip(&self, trigger: &str, pointer: Value, spec: &Value) -> Value {
        let colors = self.colors;
        json!({
            "trigger": trigger,
            "confine": true,
            "backgroundColor": colors.float,
            "borderColor": colors.line,
            "borderWidth": 1,
            "borderRadius": 8,
            "padding": [8, 12],
            "shadowBlur": 16,
            "shadowOffsetY": 4,
            "shadowColor": colors.shadow,
            "textStyle": {"color": colors.text, "fontSize": 12},
            "transitionDuration": 0.12,
            "axisPointer": pointer,
            "formatter": marker::tooltip(spec),
        })
    }

    /// The room that a legend takes: above, to the right, below. None where nobody wants one.
    pub(crate) fn legend_room(&self) -> Option<[u32; 3]> {
        match self.options.choice("legend") {
            "none" => None,
            "right" => Some([0, 152, 0]),
            "bottom" => Some([0, 0, 28]),
            _ => Some([28, 0, 0]),
        }
    }

    /// The legend, top left unless the chart says otherwise: it pages where there are more names than
    /// room.
    pub(crate) fn legend(&self) -> Value {
        let mut legend = self.legend_above();
        match self.options.choice("legend") {
            "right" => {
                legend["orient"] = "vertical".into();
                legend["left"] = "auto".into();
                legend["right"] = 0.into();
                legend["top"] = 8.into();
                legend["bottom"] = 8.into();
                legend["textStyle"]["width"] = 116.into();
            }
            "bottom" => {
                legend["top"] = "auto".into();
                // The slider of a zoom stays at the very bottom.
                legend["bottom"] = if self.options.on("zoom") { 30 } else { 0 }.into();
            }
            _ => {}
        }
        legend
    }

    fn legend_above(&self) -> Value {
        let colors = self.colors;
        json!({
            "type": "scroll",
            "left": 0,
            "top": 0,
            "itemWidth": 10,
            "itemHeight": 10,
            "itemGap": 14,
            "padding": [4, 2],
            "icon": "roundRect",
            "textStyle": {"color": colors.muted, "fontSize": 12, "width": 180, "overflow": "truncate"},
            "pageIconColor": colors.muted,
            "pageIconInactiveColor": colors.line,
            "pageIconSize": 10,
            "pageTextStyle": {"color": colors.muted},
        })
    }

    /// The format of a column's numbers, also where it is one that is grouped by.
    pub(crate) fn format_of_number(&self, column: usize, room: Room) -> Value {
        let plain = Format::default();
        marker::number_format(self.field(column).format.as_ref().unwrap_or(&plain), room)
    }

    /// The picture of nothing: a sentence in the middle that says why.
    pub(crate) fn empty(&self, words: &str) -> Value {
        let mut option = self.base();
        let mut title = self.part(
            r#"{"left":"center","top":"middle","textStyle":{"color":"@muted","fontSize":13,"lineHeight":18,"fontWeight":"normal",
            "width":320,"overflow":"break"}}"#,
        );
        put(&mut title, "text", words);
        put(&mut option, "title", title);
        put(&mut option, "series", Value::Array(Vec::new()));
        Value::Object(option)
    }

    /// Note for answers that were cut before they came here.
    pub(crate) fn truncated_note(&self) -> Option<String> {
        let rows = crate::text::count(self.table.row_count());
        self.table.truncated.then(|| format!("Only the first {rows} rows of the answer are drawn; there are more."))
    }
}
