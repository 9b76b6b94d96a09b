use std::io::Write;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let mut out = std::io::BufWriter::new(std::fs::File::create(&args[2]).unwrap());
    writeln!(out, "file,row,score,flag").unwrap();
    let mut files: Vec<_> = std::fs::read_dir(&args[1]).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    for path in files {
        let start = std::time::Instant::now();
        let s = intelligence::files::detect::score_csv(&std::fs::read(&path).unwrap()).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        eprintln!("{name} {} {:?} thr {:.3} {:?}", s.scores.len(), start.elapsed(), s.threshold, s.notes);
        for (i, v) in s.scores.iter().enumerate() {
            writeln!(out, "{name},{i},{v:.8},{}", u8::from(*v >= s.threshold)).unwrap();
        }
    }
}
