use std::io::Write;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let text = std::fs::read_to_string(&args[1]).unwrap();
    let mut cache = std::collections::HashMap::new();
    let mut out = std::fs::File::create(&args[3]).unwrap();
    let today = jiff::civil::date(2026, 11, 22);
    let (mut worst, mut total) = (0.0f64, 0.0f64);
    for q in intelligence::files::ask::questions(&text).unwrap() {
        let tables = cache.entry(q.db.clone()).or_insert_with(|| {
            let mut files = Vec::new();
            for e in std::fs::read_dir(format!("{}/{}", args[2], q.db)).unwrap() {
                let p = e.unwrap().path();
                files.push((p.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read(&p).unwrap()));
            }
            files.sort();
            intelligence::files::ask::Tables::read(&files).unwrap()
        });
        let t = std::time::Instant::now();
        let p = tables.answer(&q, today);
        let ms = t.elapsed().as_secs_f64() * 1e3;
        worst = worst.max(ms); total += ms;
        writeln!(out, "{}", serde_json::to_string(&p).unwrap()).unwrap();
    }
    eprintln!("worst {worst:.1} ms, total {total:.1} ms");
}
