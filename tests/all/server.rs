//! A conversation with the language server, as an editor has it.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::support::project;

const LEAK: &str = "from prometheus_client import Counter\n\nLOGINS = Counter(\"logins\", \"Logins\", [\"who\"])\n\n\ndef login(request):\n    LOGINS.labels(request.POST[\"pword\"]).inc()  # \u{1f600}\n    return None\n";

struct Editor {
    server: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// The number of the last request.
    asked: i64,
}

impl Editor {
    fn start(folder: &Path) -> Self {
        let mut server = Command::new(env!("CARGO_BIN_EXE_overexposed"))
            .args(["server", "--stdio"])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let input = server.stdin.take().expect("a pipe");
        let output = BufReader::new(server.stdout.take().expect("a pipe"));
        let mut editor = Self { server, input, output, asked: 0 };
        let root = uri(folder, "");
        let greeting =
            editor.ask("initialize", json!({"capabilities": {}, "workspaceFolders": [{"uri": root, "name": "x"}]}));
        assert_eq!(greeting["capabilities"]["hoverProvider"], true);
        assert_eq!(greeting["serverInfo"]["name"], "overexposed");
        editor.tell("initialized", json!({}));
        editor
    }

    fn write(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("the server listens");
        self.input.flush().expect("the server listens");
    }

    fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.output.read_line(&mut line).expect("the server speaks");
            assert!(!line.is_empty(), "the server went away");
            match line.trim_end().split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.parse().expect("a length")
                }
                Some(_) => {}
                None => break,
            }
        }
        let mut text = vec![0; length];
        self.output.read_exact(&mut text).expect("a whole message");
        serde_json::from_slice(&text).expect("JSON")
    }

    fn tell(&mut self, method: &str, parameters: Value) {
        self.write(&json!({"jsonrpc": "2.0", "method": method, "params": parameters}));
    }

    fn ask(&mut self, method: &str, parameters: Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.write(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": parameters}));
        loop {
            let message = self.read();
            if message["id"] == id {
                assert!(message["error"].is_null(), "{message}");
                return message["result"].clone();
            }
        }
    }

    /// The next diagnostics of a file.
    fn diagnostics(&mut self, uri: &str) -> Vec<Value> {
        loop {
            let message = self.read();
            if message["method"] == "textDocument/publishDiagnostics" && message["params"]["uri"] == uri {
                return message["params"]["diagnostics"].as_array().expect("a list").clone();
            }
        }
    }

    fn open(&mut self, uri: &str, text: &str) {
        let document = json!({"uri": uri, "languageId": "python", "version": 1, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": document}));
    }

    fn change(&mut self, uri: &str, text: &str) {
        let document = json!({"uri": uri, "version": 2});
        self.tell("textDocument/didChange", json!({"textDocument": document, "contentChanges": [{"text": text}]}));
    }

    fn leave(mut self) {
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        assert!(self.server.wait().expect("it ends").success());
    }
}

fn uri(folder: &Path, name: &str) -> String {
    let folder = folder.canonicalize().expect("a folder");
    let path = if name.is_empty() { folder } else { folder.join(name) };
    format!("file://{}", path.display())
}

fn rules(diagnostics: &[Value]) -> Vec<&str> {
    diagnostics.iter().map(|one| one["code"].as_str().expect("a rule")).collect()
}

/// Applies the edits of an action to a text.
fn applied(text: &str, action: &Value, uri: &str) -> String {
    let offset = |position: &Value| {
        let line = position["line"].as_u64().expect("a line") as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        // The texts of these tests are ASCII where they are edited.
        start + position["character"].as_u64().expect("a column") as usize
    };
    let mut edits: Vec<(usize, usize, &str)> = action["edit"]["changes"][uri]
        .as_array()
        .expect("edits")
        .iter()
        .map(|edit| {
            let text = edit["newText"].as_str().expect("a text");
            (offset(&edit["range"]["start"]), offset(&edit["range"]["end"]), text)
        })
        .collect();
    edits.sort_unstable_by_key(|edit| std::cmp::Reverse(edit.0));
    let mut out = text.to_owned();
    for (start, end, new) in edits {
        out.replace_range(start..end, new);
    }
    out
}

#[test]
fn an_editor_sees_what_is_wrong_with_the_unsaved_text() {
    let folder = project(&[("views.py", "x = 1\n")]);
    let file = uri(folder.path(), "views.py");
    let mut editor = Editor::start(folder.path());
    editor.open(&file, LEAK);
    let found = editor.diagnostics(&file);
    assert_eq!(rules(&found), ["sensitive-label-value"]);
    assert_eq!(found[0]["severity"], 1);
    assert_eq!(found[0]["range"]["start"], json!({"line": 6, "character": 4}));
    let related = found[0]["relatedInformation"].as_array().expect("the flow");
    assert!(related.iter().all(|step| step["location"]["uri"] == file), "{related:?}");
    assert!(!related.is_empty());

    let place = json!({"textDocument": {"uri": file}, "position": {"line": 6, "character": 12}});
    let hover = editor.ask("textDocument/hover", place);
    let text = hover["contents"]["value"].as_str().expect("a text");
    assert!(
        text.contains("**sensitive-label-value**") && text.contains("**Why**") && text.contains("line 7"),
        "{text}"
    );
    let elsewhere = json!({"textDocument": {"uri": file}, "position": {"line": 0, "character": 0}});
    assert_eq!(editor.ask("textDocument/hover", elsewhere), Value::Null);

    let range = json!({"start": {"line": 6, "character": 4}, "end": {"line": 6, "character": 4}});
    let wanted = json!({"textDocument": {"uri": file}, "range": range, "context": {"diagnostics": found}});
    let actions = editor.ask("textDocument/codeAction", wanted);
    let action = &actions[0];
    assert_eq!(action["kind"], "quickfix", "{actions}");
    let mended = applied(LEAK, action, &file);
    assert!(!mended.contains("LOGINS.labels"), "{mended}");
    editor.change(&file, &mended);
    let left = editor.diagnostics(&file);
    assert!(!rules(&left).contains(&"sensitive-label-value"), "{left:?}");
    editor.leave();
}

#[test]
fn comments_that_allow_and_configuration_count_and_closing_goes_back_to_the_disk() {
    let folder = project(&[("views.py", LEAK), ("overexposed.toml", "")]);
    let file = uri(folder.path(), "views.py");
    let mut editor = Editor::start(folder.path());
    assert_eq!(rules(&editor.diagnostics(&file)), ["sensitive-label-value"]);
    let allowed = LEAK.replace("# \u{1f600}", "# overexposed: allow(sensitive-label-value) -- a demonstration");
    editor.open(&file, &allowed);
    assert!(editor.diagnostics(&file).is_empty());
    editor.tell("textDocument/didClose", json!({"textDocument": {"uri": file}}));
    assert_eq!(rules(&editor.diagnostics(&file)), ["sensitive-label-value"]);
    std::fs::write(folder.path().join("overexposed.toml"), "rules.sensitive-label-value = 'warning'\n")
        .expect("a file");
    editor.tell("workspace/didChangeWatchedFiles", json!({"changes": []}));
    assert_eq!(editor.diagnostics(&file)[0]["severity"], 2);
    std::fs::write(folder.path().join("overexposed.toml"), "rules.nonsense = 'off'\n").expect("a file");
    editor.tell("textDocument/didSave", json!({"textDocument": {"uri": file}}));
    let said = editor.read();
    assert_eq!(said["method"], "window/showMessage", "{said}");
    editor.leave();
}

#[test]
fn what_is_unknown_is_answered_and_hurts_nobody() {
    let folder = project(&[("views.py", LEAK)]);
    let mut editor = Editor::start(folder.path());
    editor.write(&json!({"jsonrpc": "2.0", "id": 77, "method": "textDocument/rename", "params": {}}));
    let answer = loop {
        let message = editor.read();
        if message["id"] == 77 {
            break message;
        }
    };
    assert_eq!(answer["error"]["code"], -32601);
    editor.tell("textDocument/didChange", json!({"contentChanges": 3}));
    editor.tell("$/setTrace", json!(null));
    assert_eq!(editor.ask("textDocument/hover", json!({})), Value::Null);
    assert_eq!(editor.ask("textDocument/codeAction", json!({"textDocument": {"uri": "untitled:1"}})), json!([]));
    editor.leave();
}
