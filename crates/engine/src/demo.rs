//! The demo dataset `sales`: three years of orders up to today with season, growth and taste, the
//! same for the same seed, because every value is a function of seed and row number.

use crate::clock;
use crate::engine::Engine;
use crate::load::bench::Bench;
use crate::load::{Job, Loaded, fill};
use crate::progress::Progress;
use domain::dataset::LoadOptions;
use domain::format::{Format, Style};
use domain::{Column, DataType, Error, Result, Role};
use std::path::Path;

const DAYS: i64 = 3 * 365;
/// Name and price in cents.
const PRODUCTS: [(&str, u32); 12] = [
    ("Espresso machine", 64_900),
    ("Standing desk", 48_900),
    ("Office chair", 32_900),
    ("Monitor", 27_900),
    ("Headphones", 18_900),
    ("Keyboard", 11_900),
    ("Backpack", 8_900),
    ("Desk lamp", 5_900),
    ("Water bottle", 3_490),
    ("Notebook set", 2_290),
    ("Coffee beans", 1_690),
    ("Pen", 890),
];

impl Engine {
    /// Generates the demo dataset with its last day on `today`, an ISO date.
    pub async fn generate_sales(&self, rows: u64, seed: u64, today: &str) -> Result<Loaded> {
        let last =
            clock::parse_date(today).ok_or_else(|| Error::invalid("today must be a date such as 2024-12-31."))?;
        let today = clock::date(i32::try_from(last).unwrap_or_default());
        let options = LoadOptions::default();
        let work = move |job: &Job| generate(job, rows.max(1), seed, &today);
        self.work(Path::new("sales"), "sales", &options, &Progress::default(), work).await
    }
}

fn generate(job: &Job, rows: u64, seed: u64, today: &str) -> Result<Loaded> {
    let bench = job.bench(true)?;
    let draft = job.inner.folders.draft();
    fill::attach(&bench, &draft)?;
    write(&bench, rows, seed, today).map_err(|e| job.failed(&e))?;
    fill::detach(job, &bench)?;
    let segment = draft.publish(rows)?;
    job.progress.set_rows(rows);
    Ok(Loaded { segment, columns: columns(), rejected: 0, rejects: Vec::new() })
}

fn write(bench: &Bench, rows: u64, seed: u64, today: &str) -> duckdb::Result<()> {
    let names: Vec<String> = PRODUCTS.iter().map(|(name, _)| format!("'{name}'")).collect();
    let prices: Vec<String> = PRODUCTS.iter().map(|(_, price)| price.to_string()).collect();
    // A seed may be any number; SQL's own are signed.
    let seed = seed % 1_000_000_007;
    let phase = phase(today);
    let dice = |n: u32| format!("(hash(i * 31 + {n}, {seed}) % 1000003) / 1000003.0");
    let sql = format!(
        "CREATE TABLE draft.main.data AS
         WITH dice AS (
           SELECT i, {} AS u1, {} AS u2, {} AS u3, {} AS u4, {} AS u5, {} AS u6
           FROM range({rows}) AS r(i)
         ), placed AS (
           -- Rows lie in the order of their days; there are more of them in later years.
           SELECT *, pow((i + 1) / {rows}, 0.8) AS y, 1 + CAST(floor(12 * pow(u2, 1.5)) AS BIGINT) AS pick FROM dice
         ), dated AS (
           -- The wave lets time pass slowly, and so more orders fall, towards the end of a year.
           SELECT *, DATE '{today}' - CAST(floor({DAYS} * greatest(0, least(0.999999,
             1 - y - 0.02 * (sin(18.849556 * (y - 1) + {phase}) - sin({phase}))))) AS INTEGER) AS date
           FROM placed
         ), ordered AS (
           SELECT *, ['North', 'South', 'East', 'West'][CASE WHEN u1 < 0.34 THEN 1 WHEN u1 < 0.6 THEN 2 WHEN u1 < 0.82 THEN 3 ELSE 4 END] AS region,
             [{}][13 - pick] AS product, [{}][13 - pick] AS cents,
             1 + CAST(floor(5000 * pow(u3, 1.8)) AS INTEGER) AS customer_id,
             1 + CASE WHEN month(date) IN (11, 12) THEN 0.25 ELSE 0 END
               - CASE WHEN isodow(date) > 5 THEN 0.2 ELSE 0 END AS season
           FROM dated
         ), counted AS (
           SELECT *, CAST(greatest(1, least(20, round((1 + 5 * pow(u4, 2.5)) * season * CASE WHEN cents < 6000 THEN 2 ELSE 1 END))) AS INTEGER) AS quantity
           FROM ordered
         ), priced AS (
           SELECT *, CAST(round(quantity * cents * (0.92 + 0.16 * u5)) AS BIGINT) AS total FROM counted
         )
         SELECT date, region, product, customer_id, quantity,
           CAST(total / 100.0 AS DECIMAL(12,2)) AS amount,
           CAST(round(total * (0.55 + 0.15 * u6)) / 100.0 AS DECIMAL(12,2)) AS cost
         FROM priced ORDER BY i",
        dice(1), dice(2), dice(3), dice(4), dice(5), dice(6),
        names.join(", "),
        prices.join(", "),
    );
    bench.worker.execute(&sql)
}

/// Where in the year's wave the last day lies: its crest is at the end of November.
fn phase(today: &str) -> f64 {
    let day = clock::parse_date(today).unwrap_or_default();
    let (year, ..) = clock::civil(day);
    let of_year = (day - clock::days(year, 1, 1)) as f64;
    std::f64::consts::TAU * (of_year - 330.0) / 365.25 + std::f64::consts::PI
}

fn columns() -> Vec<Column> {
    let money = || Some(Format { style: Style::Currency, decimals: Some(2), ..Format::default() });
    let column = |name: &str, label: &str, ty, role, format, description: &str| Column {
        name: name.into(),
        label: label.into(),
        ty,
        role,
        description: description.into(),
        format,
        is_calculated: false,
    };
    vec![
        column("date", "Date", DataType::Date, Role::Time, None, "Day of the order"),
        column("region", "Region", DataType::Text, Role::Dimension, None, ""),
        column("product", "Product", DataType::Text, Role::Dimension, None, ""),
        column("customer_id", "Customer", DataType::Integer, Role::Dimension, None, "Number of the customer"),
        column("quantity", "Quantity", DataType::Integer, Role::Measure, None, "Pieces ordered"),
        column("amount", "Amount", DataType::Decimal, Role::Measure, money(), "What the customer paid"),
        column("cost", "Cost", DataType::Decimal, Role::Measure, money(), "What the goods cost us"),
    ]
}
