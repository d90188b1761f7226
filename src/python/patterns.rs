//! `match`.

use ruff_python_ast::{
    Pattern, PatternMatchAs, PatternMatchClass, PatternMatchMapping, PatternMatchOr, PatternMatchSequence, Singleton,
    StmtMatch,
};

use super::body::Body;
use super::heads::span;
use crate::program::{BlockId, Const, Name, OpKind, Part, Reg, Test, name};
use crate::source::Span;

/// Names to be bound once the whole pattern has matched: one of them may be the subject itself.
type Captures = Vec<(Name, Reg, Span)>;

impl<'a> Body<'_, 'a> {
    pub(super) fn match_stmt(&mut self, stmt: &'a StmtMatch) {
        let subject = self.expr(&stmt.subject);
        let after = self.label();
        for case in &stmt.cases {
            let next = self.label();
            let mut captures = Vec::new();
            self.pattern(&case.pattern, subject, next, &mut captures);
            self.bind(captures);
            if let Some(guard) = &case.guard {
                let pass = self.label();
                self.condition(guard, pass, next);
                self.place(pass);
            }
            self.stmts(&case.body);
            self.goto(after, Span::default());
            self.place(next);
        }
        self.goto(after, span(&*stmt.subject));
        self.place(after);
    }

    fn bind(&mut self, captures: Captures) {
        captures.into_iter().for_each(|(id, value, here)| self.store(id, value, here));
    }

    /// Goes on where the value matches; goes to `fail` where it does not.
    fn pattern(&mut self, pattern: &'a Pattern, value: Reg, fail: BlockId, captures: &mut Captures) {
        let here = span(pattern);
        match pattern {
            Pattern::MatchValue(node) => {
                let wanted = self.expr(&node.value);
                self.test(value, Test::Equals(wanted), fail, here);
            }
            Pattern::MatchSingleton(node) => {
                let wanted = self.emit(
                    OpKind::Const(match node.value {
                        Singleton::None => Const::None,
                        Singleton::True => Const::Bool(true),
                        Singleton::False => Const::Bool(false),
                    }),
                    here,
                );
                self.test(value, Test::Equals(wanted), fail, here);
            }
            Pattern::MatchSequence(node) => self.sequence(node, value, fail, captures),
            Pattern::MatchMapping(node) => self.mapping(node, value, fail, captures),
            Pattern::MatchClass(node) => self.class_pattern(node, value, fail, captures),
            Pattern::MatchStar(_) => {}
            Pattern::MatchAs(node) => self.capture(node, value, fail, captures),
            Pattern::MatchOr(node) => self.alternatives(node, value, fail),
        }
    }

    fn test(&mut self, value: Reg, test: Test, fail: BlockId, here: Span) {
        let result = self.emit(OpKind::Test(value, test), here);
        let pass = self.label();
        self.branch(result, pass, fail, here);
        self.place(pass);
    }

    fn capture(&mut self, node: &'a PatternMatchAs, value: Reg, fail: BlockId, captures: &mut Captures) {
        if let Some(inner) = &node.pattern {
            self.pattern(inner, value, fail, captures);
        }
        if let Some(id) = &node.name {
            captures.push((name(id), value, span(node)));
        }
    }

    /// Each alternative binds the same names to other parts, so they are bound before the paths join.
    fn alternatives(&mut self, node: &'a PatternMatchOr, value: Reg, fail: BlockId) {
        let matched = self.label();
        let Some((last, first)) = node.patterns.split_last() else {
            return;
        };
        for one in first {
            let next = self.label();
            let mut own = Vec::new();
            self.pattern(one, value, next, &mut own);
            self.bind(own);
            self.goto(matched, span(one));
            self.place(next);
        }
        let mut own = Vec::new();
        self.pattern(last, value, fail, &mut own);
        self.bind(own);
        self.goto(matched, span(last));
        self.place(matched);
    }

    fn sequence(&mut self, node: &'a PatternMatchSequence, value: Reg, fail: BlockId, captures: &mut Captures) {
        let count = node.patterns.len();
        let star = node.patterns.iter().position(Pattern::is_match_star);
        let test = Test::Sequence { len: (count - usize::from(star.is_some())) as u32, open: star.is_some() };
        self.test(value, test, fail, span(node));
        for (at, inner) in node.patterns.iter().enumerate() {
            if let Pattern::MatchStar(rest) = inner {
                if let Some(id) = &rest.name {
                    let part = self.emit(OpKind::Extract(value, Part::Rest), span(inner));
                    captures.push((name(id), part, span(inner)));
                }
                continue;
            }
            let behind_star = star.is_some_and(|star| at > star);
            let index = if behind_star { at as i32 - count as i32 } else { at as i32 };
            let item = self.emit(OpKind::Extract(value, Part::Item(index)), span(inner));
            self.pattern(inner, item, fail, captures);
        }
    }

    fn mapping(&mut self, node: &'a PatternMatchMapping, value: Reg, fail: BlockId, captures: &mut Captures) {
        self.test(value, Test::Mapping, fail, span(node));
        for (key, inner) in node.keys.iter().zip(&node.patterns) {
            let key_span = span(key);
            let key = self.expr(key);
            self.test(value, Test::HasKey(key), fail, key_span);
            let item = self.emit(OpKind::Extract(value, Part::Key(key)), span(inner));
            self.pattern(inner, item, fail, captures);
        }
        if let Some(id) = &node.rest {
            let rest = self.emit(OpKind::Extract(value, Part::RestOfMapping), span(id));
            captures.push((name(id), rest, span(id)));
        }
    }

    fn class_pattern(&mut self, node: &'a PatternMatchClass, value: Reg, fail: BlockId, captures: &mut Captures) {
        let class = self.expr(&node.cls);
        self.test(value, Test::Instance(class), fail, span(node));
        for (at, inner) in node.arguments.patterns.iter().enumerate() {
            let part = self.emit(OpKind::Extract(value, Part::Positional(at as u32)), span(inner));
            self.pattern(inner, part, fail, captures);
        }
        for keyword in &node.arguments.keywords {
            let field = self.emit(OpKind::Attr(value, name(&keyword.attr)), span(keyword));
            self.pattern(&keyword.pattern, field, fail, captures);
        }
    }
}
