//! Speed of the comment filter, one thread, features included: `cargo bench --bench spam`.

use divan::{Bencher, counter::ItemsCount};
use siftwire::spam::{CommentInput, Filter};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

/// The project's own comments, templates left out.
fn comments() -> Vec<CommentInput> {
    include_str!("../data/comments/blog.jsonl")
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// Outcome and score of many comments: count per second is what an import sees.
#[divan::bench]
fn classify(bencher: Bencher) {
    let (filter, comments) = (Filter::embedded(), comments());
    bencher
        .counter(ItemsCount::new(comments.len()))
        .bench_local(|| comments.iter().filter(|c| filter.classify(c).1 > 0.5).count());
}

/// The same with reasons in words, as a blog asks for one comment.
#[divan::bench]
fn check(bencher: Bencher) {
    let (filter, comments) = (Filter::embedded(), comments());
    bencher
        .counter(ItemsCount::new(comments.len()))
        .bench_local(|| comments.iter().map(|c| filter.check(c).signals.len()).sum::<usize>());
}

/// A comment as large as a hostile sender makes it.
#[divan::bench]
fn one_megabyte(bencher: Bencher) {
    let filter = Filter::embedded();
    let comment = CommentInput { content: "buy now ".repeat(131_072), ..CommentInput::default() };
    bencher.bench_local(|| filter.check(&comment).score);
}
