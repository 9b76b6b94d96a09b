//! Random conditions on columns: every operator, with values that the columns have, or nearly.

use super::{Asker, Name};
use crate::model::value::{Value, clock, decimal_text, iso};
use domain::DataType;
use serde_json::{Value as Json, json};

impl Asker<'_, '_> {
    /// Conditions in one another.
    pub(super) fn conditions(&mut self, depth: usize, fits: &dyn Fn(&Name) -> bool) -> Json {
        if depth > 0 && self.tape.once_in(3) {
            let all: Vec<Json> = (0..self.tape.pick(4)).map(|_| self.conditions(depth - 1, fits)).collect();
            return if self.tape.pick(2) == 0 { json!({"and": all}) } else { json!({"or": all}) };
        }
        let name = self.any(fits);
        self.condition(&name)
    }

    fn condition(&mut self, name: &Name) -> Json {
        use DataType::{Boolean, Date, Text, Timestamp};
        let ty = name.column.ty;
        let mut ops = vec!["eq", "ne", "is_null", "is_not_null", "in", "not_in"];
        if ty != Boolean {
            ops.extend(["gt", "gte", "lt", "lte", "between", "not_between"]);
        }
        match ty {
            Text => ops.extend(["contains", "not_contains", "starts_with", "ends_with"]),
            Boolean => ops.extend(["is_true", "is_false"]),
            Date | Timestamp => ops.extend(["relative"; 5]),
            _ => {}
        }
        let op = self.tape.of(&ops);
        let mut condition = json!({"column": name.called, "op": op});
        let value = match op {
            "is_null" | "is_not_null" | "is_true" | "is_false" => Json::Null,
            "in" | "not_in" => (0..self.tape.pick(4))
                .map(|_| if self.tape.once_in(5) { Json::Null } else { self.value(name) })
                .collect(),
            "between" | "not_between" => json!([self.value(name), self.value(name)]),
            "relative" => self.relative(ty),
            "eq" | "ne" if self.tape.once_in(8) => Json::Null,
            "contains" | "not_contains" | "starts_with" | "ends_with" => {
                if self.tape.pick(2) == 1 {
                    condition["case_sensitive"] = json!(true);
                }
                json!(self.tape.of(&["o", "R", "Ü", "", "%", "_", "'", "日", "s"]))
            }
            _ => self.value(name),
        };
        condition["value"] = value;
        condition
    }

    fn relative(&mut self, ty: DataType) -> Json {
        let units: &[&str] = if ty == DataType::Date {
            &["day", "week", "month", "quarter", "year"]
        } else {
            &["day", "week", "month", "quarter", "year", "hour", "minute"]
        };
        json!({"unit": self.tape.of(units), "n": 1 + self.tape.pick(13),
            "of": self.tape.of(&["previous", "current", "next", "to_date"]), "include_current": self.tape.pick(2) == 1,
            "offset": self.tape.of(&[0, 0, 1, -1, 12]), "as_of": self.tape.of(&["now", "latest"])})
    }

    /// A value that a column has, or nearly.
    fn value(&mut self, name: &Name) -> Json {
        let sheet = &self.sheets[name.table];
        let at = sheet.columns.iter().position(|c| c.name == name.column.name).unwrap();
        let (known, all) = (sheet.known(at), sheet.frame.column(&name.column.name).unwrap());
        let cell =
            (!all.is_empty()).then(|| crate::model::rows::value(&all.get(self.tape.pick(all.len())).unwrap(), &known));
        match cell.unwrap_or(Value::Null) {
            Value::Bool(b) => json!(b),
            Value::Int(i) => json!(i as i64),
            Value::Decimal(units, digits) if self.tape.pick(2) == 0 => json!(decimal_text(units, digits)),
            Value::Decimal(units, digits) => json!((units as f64 / 10_f64.powi(digits as i32)).trunc() as i64),
            Value::Float(f) if f.is_finite() => json!(f),
            Value::Text(t) => json!(t),
            Value::Date(day) => json!(iso(day)),
            Value::Time(t) => json!(clock(t)),
            Value::Instant(at) if self.tape.pick(2) == 0 => json!(iso(at.div_euclid(86_400_000_000))),
            Value::Instant(at) => {
                json!(format!("{}T{}Z", iso(at.div_euclid(86_400_000_000)), clock(at.rem_euclid(86_400_000_000))))
            }
            _ => match name.column.ty {
                DataType::Boolean => json!(true),
                DataType::Text => json!("Rome"),
                DataType::Date | DataType::Timestamp => json!("2024-02-29"),
                DataType::Time => json!("12:00"),
                DataType::Float => json!(1.5),
                _ => json!(2),
            },
        }
    }
}
