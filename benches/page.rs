//! What the audit of a page costs: `cargo bench --bench page`. Each sample is about a hundred bytes long.

use std::fmt::Write;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use overexposed::knowledge::Knowledge;
use overexposed::page::{Request, audit};

fn main() {
    divan::main();
}

/// A page with so many samples, of which no two are alike.
fn page(samples: usize) -> String {
    let mut page = String::new();
    for at in 0..samples {
        if at % 20_000 == 0 {
            let _ = writeln!(page, "# HELP app_{at}_total Requests\n# TYPE app_{at}_total counter");
        }
        let family = at / 20_000 * 20_000;
        let (zone, code) = (at % 250, 200 + at % 300);
        let _ = writeln!(
            page,
            "app_{family}_total{{instance=\"10.0.{zone}.7:8080\",method=\"GET\",handler=\"/api/items/{at}\",code=\"{code}\"}} {at}"
        );
    }
    page
}

#[divan::bench(args = [1_000, 100_000])]
fn scrape(bencher: Bencher<'_, '_>, samples: usize) {
    let page = page(samples);
    let lexicon = Knowledge::builtin().lexicon();
    bencher.counter(BytesCount::of_str(&page)).bench_local(|| {
        let seen = audit(black_box(page.as_bytes()), &Request::default(), lexicon);
        assert_eq!(seen.map(|page| page.samples).ok(), Some(samples as u64));
    });
}

#[divan::bench]
fn scrape_with_canaries(bencher: Bencher<'_, '_>) {
    let page = page(100_000);
    let lexicon = Knowledge::builtin().lexicon();
    let canaries = ["hunter2".to_owned(), "p@ss word".to_owned()];
    let request = Request { canaries: &canaries, ..Request::default() };
    bencher
        .counter(BytesCount::of_str(&page))
        .bench_local(|| audit(black_box(page.as_bytes()), &request, lexicon).is_ok());
}
