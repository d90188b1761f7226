//! Prints the control-flow graphs of one file: `cargo run --example graph FILE`.

use overexposed::program::dump_function;
use overexposed::source::FileId;
use overexposed::{python, rust};

fn main() -> std::io::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_default();
    let text = std::fs::read_to_string(&path)?;
    let unit = if path.ends_with(".rs") {
        let module = rust::RustModule { path: "app".into(), crate_name: "app".into(), ..Default::default() };
        rust::lower(&rust::RustInput { file: FileId(0), text: &text, module: &module })
    } else {
        let module_paths = python::module_paths("app.py", &|_| false);
        python::lower(&python::PythonInput { file: FileId(0), path: "app.py", text: &text, module_paths })
    };
    for function in &unit.functions {
        println!("{}", dump_function(function));
    }
    Ok(())
}
