//! A bar on standard error, when the work takes longer than half a second and somebody looks.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::engine::{Progress, Stage};

const PATIENCE: Duration = Duration::from_millis(500);
const PACE: Duration = Duration::from_millis(100);
const WIDTH: usize = 30;

/// Draws until it is dropped, and leaves nothing behind.
pub(super) struct Bar {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Bar {
    pub(super) fn start(progress: &Progress, quiet: bool) -> Self {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        if quiet || dumb || !std::io::stderr().is_terminal() {
            return Self { end: None, thread: None };
        }
        let (end, ended) = mpsc::channel::<()>();
        let progress = progress.clone();
        let draw = move || {
            let mut drawn = false;
            let mut wait = PATIENCE;
            while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                let _ = write!(std::io::stderr(), "\r{}\u{1b}[K", line(&progress));
                (drawn, wait) = (true, PACE);
            }
            if drawn {
                let _ = write!(std::io::stderr(), "\r\u{1b}[K");
            }
        };
        Self { end: Some(end), thread: Some(std::thread::spawn(draw)) }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn line(progress: &Progress) -> String {
    let (stage, done, total) = progress.now();
    let what = match stage {
        Stage::Reading => "reading files",
        Stage::Parsing => "parsing",
        Stage::Following => "following values",
    };
    let full = (done * WIDTH).checked_div(total).unwrap_or(0).min(WIDTH);
    format!("[{}{}] {what} {done}/{total}", "=".repeat(full), " ".repeat(WIDTH - full))
}
