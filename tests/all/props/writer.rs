//! Writes a program statement by statement, one of them the planted leak: what the generators of both languages share.

use std::marker::PhantomData;

use super::dice::Dice;

/// What the statements of a language look like.
pub(super) trait Grammar: Sized {
    /// The function that notes that it was called, up to its number.
    const NOTE: &'static str;

    /// Any statement.
    fn statement(writer: &mut Writer<Self>, depth: usize);

    /// A statement in which something secret reaches a metric.
    fn leak(writer: &mut Writer<Self>, depth: usize);
}

pub(super) struct Writer<G> {
    pub(super) dice: Dice,
    pub(super) text: String,
    /// How the metric with the label is reached.
    pub(super) reach: &'static str,
    pub(super) notes: u64,
    grammar: PhantomData<G>,
}

impl<G: Grammar> Writer<G> {
    pub(super) fn new(dice: Dice, text: String, reach: &'static str) -> Self {
        Writer { dice, text, reach, notes: 0, grammar: PhantomData }
    }

    pub(super) fn line(&mut self, depth: usize, text: &str) {
        self.text.push_str(&"    ".repeat(depth));
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// A call that leaves a trace of its own.
    pub(super) fn note(&mut self) -> String {
        self.notes += 1;
        format!("{}({})", G::NOTE, self.notes)
    }

    pub(super) fn block(&mut self, depth: usize, statements: u64, leak: bool) {
        let at = self.dice.roll(statements);
        for number in 0..statements {
            if leak && number == at {
                G::leak(self, depth);
            } else {
                G::statement(self, depth);
            }
        }
    }

    pub(super) fn inner(&mut self, depth: usize) {
        let (statements, leak) = (1 + self.dice.roll(2), self.dice.roll(2) == 0);
        self.block(depth, statements, leak);
    }
}
