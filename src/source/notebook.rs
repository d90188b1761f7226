//! What Python code does a notebook hold?

use ruff_notebook::Notebook;

/// Whether a path names a notebook.
#[must_use]
pub fn is_notebook(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, ending)| ending == "ipynb")
}

/// The code cells one after the other, as a program; cells in other languages are left out. Lines that speak to the
/// notebook (`%time`, `!ls`) become comments of the same length.
pub fn code_of(text: &str) -> Result<String, String> {
    let notebook = Notebook::from_source_code(text).map_err(|error| format!("not a notebook: {error}"))?;
    if !notebook.is_python_notebook() {
        return Ok(String::new());
    }
    let mut code = String::with_capacity(notebook.source_code().len());
    for line in notebook.source_code().split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        let (space, rest) = line.split_at(indent);
        code.push_str(space);
        match rest.chars().next() {
            Some('%' | '!' | '?') => {
                code.push('#');
                code.push_str(&rest[1..]);
            }
            _ => code.push_str(rest),
        }
    }
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELLS: &str = r##"{"cells": [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Title"]},
        {"cell_type": "code", "execution_count": null, "metadata": {}, "outputs": [], "source": ["%matplotlib inline\n", "x = 1"]},
        {"cell_type": "code", "execution_count": null, "metadata": {}, "outputs": [], "source": "%%bash\nls"},
        {"cell_type": "code", "execution_count": null, "metadata": {}, "outputs": [], "source": ["if x:\n", "    print(x)"]}],
        "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}"##;

    #[test]
    fn code_cells_are_joined() {
        insta::assert_snapshot!(code_of(CELLS).unwrap(), @r"
        #matplotlib inline
        x = 1
        if x:
            print(x)
        ");
        assert!(code_of("{}").is_err() || code_of("{}").unwrap().is_empty());
        assert!(code_of("[1, 2").unwrap_err().starts_with("not a notebook"));
        assert_eq!(code_of(&CELLS.replace("\"python\"", "\"R\"")).unwrap(), "");
    }

    #[test]
    fn endings_tell() {
        assert!(is_notebook("a/b.ipynb"));
        assert!(!is_notebook("a/b.py"));
        assert!(!is_notebook("ipynb"));
    }
}
