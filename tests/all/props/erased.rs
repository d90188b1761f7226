//! What is left of a generated Rust program without its metric, read by `syn` and written down as text: an eraser that
//! knows nothing of the one under test, only how the generator spells things.

use quote::ToTokens;
use syn::{Block, Expr, Item, Stmt};

/// Items and statements that do something, one to a line.
pub(super) fn of(text: &str) -> Vec<String> {
    let file = syn::parse_file(text).expect("a program");
    let mut out = Vec::new();
    for item in &file.items {
        match item {
            // Imports follow what is used.
            Item::Use(_) => {}
            Item::Fn(function) if !is_metric(&function.sig.to_token_stream().to_string()) => {
                out.push(function.sig.to_token_stream().to_string());
                block(&function.block, &mut out);
            }
            Item::Macro(list) => {
                let tokens = list.mac.tokens.to_string();
                out.extend(
                    tokens
                        .split(';')
                        .filter(|item| !is_metric(item) && !item.trim().is_empty())
                        .map(|item| item.trim().to_owned()),
                );
            }
            other => out.extend(Some(other.to_token_stream().to_string()).filter(|text| !is_metric(text))),
        }
    }
    out
}

fn is_metric(text: &str) -> bool {
    text.contains("LEAK") || text.contains("leak (")
}

fn block(block: &Block, out: &mut Vec<String>) {
    out.push("{".to_owned());
    for stmt in &block.stmts {
        match stmt {
            Stmt::Expr(expr, _) => expression(expr, out),
            other => leaf(&other.to_token_stream().to_string(), out),
        }
    }
    // An empty block leaves no trace.
    if out.last().is_some_and(|last| last == "{") {
        out.pop();
    } else {
        out.push("}".to_owned());
    }
}

fn expression(expr: &Expr, out: &mut Vec<String>) {
    let before = out.len();
    let head = match expr {
        Expr::If(branch) => {
            out.push(format!("if {}", branch.cond.to_token_stream()));
            block(&branch.then_branch, out);
            if let Some((_, otherwise)) = &branch.else_branch {
                out.push("else".to_owned());
                expression(otherwise, out);
                out.pop_if(|last| last == "else");
            }
            branch.cond.to_token_stream().to_string()
        }
        Expr::Block(inner) => return block(&inner.block, out),
        Expr::While(turns) => {
            out.push(format!("while {}", turns.cond.to_token_stream()));
            block(&turns.body, out);
            turns.cond.to_token_stream().to_string()
        }
        Expr::ForLoop(turns) => {
            out.push("for".to_owned());
            block(&turns.body, out);
            String::new()
        }
        Expr::Match(choice) => {
            out.push(format!("match {}", choice.expr.to_token_stream()));
            for arm in &choice.arms {
                let body = arm.body.to_token_stream().to_string();
                let body = if is_metric(&body) { "()".to_owned() } else { body };
                out.push(format!("{} => {body}", arm.pat.to_token_stream()));
            }
            return;
        }
        other => return leaf(&other.to_token_stream().to_string(), out),
    };
    // Nothing in it, and a head that does nothing.
    if out.len() == before + 1 && !head.contains("note (") {
        out.truncate(before);
    }
}

/// A statement without blocks: the metric's go, and what only looks at the form.
fn leaf(text: &str, out: &mut Vec<String>) {
    let idle = text.starts_with("let _ =") && !text.contains("note (");
    if text.contains("fetch_password (") {
        // Its note counts, whatever is done with the result.
        out.push("fetch_password".to_owned());
    } else if !is_metric(text) && !idle {
        out.push(text.trim_end_matches(" ;").to_owned());
    }
}
