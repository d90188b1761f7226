//! Rows of comma-separated values: read as spreadsheets write them, written so that no cell is run by one.

/// The line that it starts in, and its cells.
type Row = (usize, Vec<String>);

/// All rows; else the line of what is wrong, and what.
pub(super) fn read(text: &str) -> Result<Vec<Row>, (usize, String)> {
    let mut rows = Vec::new();
    let (mut row, mut cell) = (Vec::new(), String::new());
    let (mut quoted, mut line, mut first) = (false, 1, 1);
    let mut chars = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\n' {
            line += 1;
        }
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            other if quoted => cell.push(other),
            ',' => row.push(std::mem::take(&mut cell)),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' => {
                row.push(std::mem::take(&mut cell));
                rows.push((first, std::mem::take(&mut row)));
                first = line;
            }
            other => cell.push(other),
        }
    }
    if quoted {
        return Err((first, "a quote is never closed".to_owned()));
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push((first, row));
    }
    rows.retain(|(_, row)| row.iter().any(|cell| !cell.trim().is_empty()));
    Ok(rows)
}

/// One row, with its line end.
pub(super) fn row<S: AsRef<str>>(cells: impl IntoIterator<Item = S>) -> String {
    let cells: Vec<String> = cells.into_iter().map(|cell| quoted(cell.as_ref())).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell that no spreadsheet takes for a formula, wherever its reader cuts.
fn quoted(cell: &str) -> String {
    let mut text: String = cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let is_live = |c: char| matches!(c, '=' | '+' | '-' | '@' | '|' | '%' | '＝' | '＋' | '－' | '＠');
    if text.trim_start().starts_with(is_live) || text.starts_with([' ', '\'']) {
        text.insert(0, '\'');
    }
    if text.contains([',', '"', ';', '\'', ' ']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_as_spreadsheets_write_them() {
        let rows = read("a,b\r\n\"x, \"\"y\"\"\",\"two\nlines\"\n\n,\nlast,").unwrap();
        let cells: Vec<(usize, Vec<&str>)> =
            rows.iter().map(|(line, row)| (*line, row.iter().map(String::as_str).collect())).collect();
        assert_eq!(cells, [(1, vec!["a", "b"]), (2, vec!["x, \"y\"", "two\nlines"]), (6, vec!["last", ""])]);
        assert_eq!(read("a\n\"b").unwrap_err().0, 2);
    }

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(
            row(["=1+1", "-2", "@x", " +1", "a\tb\n=c", "1.5", "x \"y\""]),
            "'=1+1,'-2,'@x,\"' +1\",\"a b =c\",1.5,\"x \"\"y\"\"\"\r\n"
                .replace("'=1+1,'-2,'@x,", "\"'=1+1\",\"'-2\",\"'@x\",")
        );
    }
}
