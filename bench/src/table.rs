//! The table of ratios, as Markdown that can be read as it is.

use crate::contender::Contender;
use crate::ratio::{Row, Spread};

/// Our figure and the ratios of each row: the median, and in brackets the least and the most.
pub(crate) fn markdown(contenders: &[Contender], rows: &[Row]) -> String {
    let mut lines = vec![head(contenders)];
    lines.extend(rows.iter().map(cells));
    let columns = contenders.len() + 1;
    let width = |column: usize| {
        lines
            .iter()
            .map(|cells| cells[column].chars().count())
            .max()
    };
    let widths: Vec<_> = (0..columns)
        .map(|column| width(column).unwrap_or(0))
        .collect();
    let rule = widths.iter().map(|width| "-".repeat(*width)).collect();
    lines.insert(1, rule);
    lines.iter().map(|cells| line(cells, &widths)).collect()
}

fn head(contenders: &[Contender]) -> Vec<String> {
    let names = contenders.iter().enumerate();
    let names = names.map(|(at, contender)| {
        let prefix = if at == 0 { "" } else { "/ " };
        format!("{prefix}{} {}", contender.name, contender.version)
    });
    [String::new()].into_iter().chain(names).collect()
}

fn cells(row: &Row) -> Vec<String> {
    let ours = row
        .ours
        .map(|ours| figure(ours, row.unit))
        .unwrap_or_default();
    let ratios = row
        .ratios
        .iter()
        .map(|spread| spread.map(ratio).unwrap_or_default());
    [row.title.clone(), ours]
        .into_iter()
        .chain(ratios)
        .collect()
}

fn figure(spread: Spread, unit: &str) -> String {
    format!(
        "{:.0} {unit} ({:.0}-{:.0})",
        spread.median, spread.min, spread.max
    )
}

fn ratio(spread: Spread) -> String {
    let [median, min, max] = [spread.median, spread.min, spread.max].map(short);
    format!("{median} ({min}-{max})")
}

/// As many digits as mean something: 0.006, 0.043, 0.43, 4.30, 43.
pub(crate) fn short(ratio: f64) -> String {
    match ratio {
        ratio if ratio < 0.095 => format!("{ratio:.3}"),
        ratio if ratio < 9.95 => format!("{ratio:.2}"),
        ratio => format!("{ratio:.0}"),
    }
}

fn line(cells: &[String], widths: &[usize]) -> String {
    let cells = cells.iter().zip(widths);
    let cells: String = cells
        .map(|(cell, width)| format!(" {cell:width$} |"))
        .collect();
    format!("|{cells}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(median: f64) -> Option<Spread> {
        let (min, max) = (median * 0.9, median * 1.1);
        Some(Spread { median, min, max })
    }

    #[test]
    fn the_table_is_markdown_with_straight_columns() {
        let contender = |name, version: &str| Contender {
            name,
            version: version.to_owned(),
            words: Vec::new(),
        };
        let contenders = [contender("sockeye", "0.1.0"), contender("axum", "0.8.9")];
        let row = |ratio| Row {
            title: "Echo".to_owned(),
            unit: "ns",
            ours: spread(3000.0),
            ratios: vec![ratio],
        };
        let table = markdown(&contenders, &[row(spread(0.5)), row(None)]);
        let expected = "\
|      | sockeye 0.1.0       | / axum 0.8.9     |
| ---- | ------------------- | ---------------- |
| Echo | 3000 ns (2700-3300) | 0.50 (0.45-0.55) |
| Echo | 3000 ns (2700-3300) |                  |
";
        assert_eq!(table, expected);
    }

    #[test]
    fn ratios_have_as_many_digits_as_mean_something() {
        let shown = [0.0061, 0.043, 0.43, 4.3, 43.0].map(short);
        assert_eq!(shown, ["0.006", "0.043", "0.43", "4.30", "43"]);
    }
}
