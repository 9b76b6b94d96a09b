use std::io::Read;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let mut train: Vec<Box<dyn Read>> = args[3..].iter().map(|p| Box::new(std::fs::File::open(p).unwrap()) as Box<dyn Read>).collect();
    let mut meta = std::fs::File::open(&args[1]).unwrap();
    let began = std::time::Instant::now();
    let clock = || began.elapsed().as_secs_f64();
    let mut out = std::fs::File::create(&args[2]).unwrap();
    println!("{}", intelligence::files::forecast(&mut train, &mut meta, &mut out, &clock).unwrap());
}
