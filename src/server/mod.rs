//! The language server: what `check` finds, while the code is being written.
//!
//! The whole project is audited again when a text changes, with the unsaved texts in place of those on disk: a flow may
//! start in another file. Nothing is written; fixes are handed to the editor as edits.

mod actions;
mod convert;
mod diagnostics;
mod hover;
mod session;
mod uri;

use std::path::Path;
use std::time::Duration;

use crossbeam_channel::RecvTimeoutError;
use lsp_server::{Connection, Message, Notification, Request, Response};
use serde_json::{Value, json};

use crate::engine::{Layout, Options};
use crate::error::Failure;
use crate::finding::Confidence;
use crate::knowledge::Knowledge;
use crate::source::Sources;
use session::Session;

/// A project as it lies on disk, with its settings.
pub struct Opened {
    /// Its files.
    pub sources: Sources,
    /// What they are called as modules.
    pub layout: Layout,
    /// What is known of libraries.
    pub knowledge: Knowledge,
    /// What decides the result.
    pub options: Options,
    /// Notes are shown.
    pub pedantic: bool,
    /// Findings that are less sure are not shown.
    pub confidence: Confidence,
}

/// Opens the project in a folder.
pub type Open<'a> = &'a dyn Fn(&Path) -> Result<Opened, Failure>;

/// So long nothing must be typed before the project is audited again.
const QUIET: Duration = Duration::from_millis(150);

/// Talks on standard input and output until the editor says goodbye.
///
/// # Errors
/// When the conversation breaks off.
pub fn run(open: Open<'_>) -> Result<(), Failure> {
    let (connection, threads) = Connection::stdio();
    talk(&connection, open)?;
    // The writer ends when nobody can write any more.
    drop(connection);
    threads.join().map_err(|cause| Failure::Io { what: "the conversation broke off".to_owned(), cause })
}

fn talk(connection: &Connection, open: Open<'_>) -> Result<(), Failure> {
    let broken = |error: lsp_server::ProtocolError| Failure::Io {
        what: "the conversation broke off".to_owned(),
        cause: std::io::Error::other(error),
    };
    let (id, parameters) = connection.initialize_start().map_err(broken)?;
    let greeting = json!({
        "capabilities": capabilities(),
        "serverInfo": {"name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION")},
    });
    connection.initialize_finish(id, greeting).map_err(broken)?;
    let mut session = Session::new(open, &parameters);
    loop {
        let message = if session.is_stale() {
            match connection.receiver.recv_timeout(QUIET) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => {
                    refresh(connection, &mut session);
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        } else {
            match connection.receiver.recv() {
                Ok(message) => message,
                Err(_) => return Ok(()),
            }
        };
        match message {
            Message::Request(request) => {
                if connection.handle_shutdown(&request).map_err(broken)? {
                    return Ok(());
                }
                // An answer is about what the editor shows now.
                refresh(connection, &mut session);
                send(connection, answer(&mut session, request).into());
            }
            Message::Notification(notification) => session.hear(&notification.method, &notification.params),
            Message::Response(_) => {}
        }
    }
}

/// Sends what a new audit says, if there is anything new.
fn refresh(connection: &Connection, session: &mut Session<'_>) {
    for (method, parameters) in session.refresh() {
        send(connection, Notification::new(method.to_owned(), parameters).into());
    }
}

fn send(connection: &Connection, message: Message) {
    // An editor that has gone away ends the loop at its next turn.
    let _ = connection.sender.send(message);
}

fn answer(session: &mut Session<'_>, request: Request) -> Response {
    let result: Value = match request.method.as_str() {
        "textDocument/hover" => session.hover(&request.params),
        "textDocument/codeAction" => session.actions(&request.params),
        other => {
            // The number is the protocol's own for a method that is not there.
            return Response::new_err(request.id, -32601, format!("unknown request `{other}`"));
        }
    };
    Response::new_ok(request.id, result)
}

fn capabilities() -> Value {
    json!({
        "positionEncoding": "utf-16",
        "textDocumentSync": {"openClose": true, "change": 1, "save": {"includeText": false}},
        "hoverProvider": true,
        "codeActionProvider": {"codeActionKinds": ["quickfix", "source.fixAll.overexposed"]},
        "workspace": {"workspaceFolders": {"supported": true, "changeNotifications": true}},
    })
}
