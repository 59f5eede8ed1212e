//! The picture of the ratios: a cell with a bar for each row and peer, as SVG without scripts, for light and dark pages.

use std::fmt::Write;

use crate::contender::Contender;
use crate::machine::Machine;
use crate::ratio::{Row, Spread};
use crate::table::short;

const MARGIN: f64 = 16.0;
const LABELS: f64 = 236.0;
const CELL: f64 = 146.0;
/// Between the bars of neighbouring cells.
const GAP: f64 = 24.0;
const HEAD: f64 = 92.0;
const ROW: f64 = 44.0;
const FOOT: f64 = 30.0;
const BAR: f64 = 8.0;
/// What a whole cell means: bars that are longer end in an arrow.
const FULL: f64 = 1.25;

const STYLE: &str = "\
<style>
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 16px; font-weight: 600 }
  .small { font-size: 11px; fill: #59636e }
  .small.spread { text-anchor: end }
  .number { font-weight: 600; font-variant-numeric: tabular-nums }
  .page { fill: #ffffff }
  .track { fill: #eef0f2 }
  .less { fill: #2f7d5b }
  .more { fill: #b4582a }
  .one { stroke: #59636e; stroke-width: 1; stroke-dasharray: 2 2 }
  line.spread { stroke: #1f2328; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .small { fill: #9198a1 }
    .page { fill: #0d1117 }
    .track { fill: #21262d }
    .less { fill: #4fb286 }
    .more { fill: #e08a57 }
    .one { stroke: #9198a1 }
    line.spread { stroke: #e6edf3 }
  }
</style>
";

pub(crate) fn svg(contenders: &[Contender], rows: &[Row], machine: &Machine) -> String {
    let peers = contenders.get(1..).unwrap_or_default();
    let width = MARGIN.mul_add(2.0, LABELS) + CELL * peers.len() as f64;
    let height = ROW.mul_add(rows.len() as f64, HEAD) + FOOT;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
         <title>What Sockeye takes, in parts of what its peers take</title>\n\
         {STYLE}<rect class=\"page\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>\n"
    );
    let mut put = |element: String| {
        svg.push_str(&element);
        svg.push('\n');
    };
    put(text(
        "title",
        (MARGIN, 28.0),
        "What Sockeye takes, in parts of what its peers take",
    ));
    let legend = "Processor time per message or delivery unless a row says else. Below 1, the dashed line, Sockeye takes less. \
                  Median; the thin line goes from the least to the most.";
    put(text("small", (MARGIN, 46.0), legend));
    for (at, peer) in peers.iter().enumerate() {
        let x = column(at);
        put(text("number", (x, 72.0), peer.name));
        put(text("small", (x, 86.0), &peer.version));
    }
    for (at, row) in rows.iter().enumerate() {
        let y = ROW.mul_add(at as f64, HEAD);
        put(line_of(row, y));
    }
    put(text("small", (MARGIN, height - 12.0), &machine.to_string()));
    svg.push_str("</svg>\n");
    svg
}

fn column(at: usize) -> f64 {
    CELL.mul_add(at as f64, MARGIN + LABELS)
}

fn line_of(row: &Row, y: f64) -> String {
    let mut line = text("", (MARGIN, y + 17.0), &row.title);
    if let Some(ours) = row.ours {
        let ours = format!("Sockeye: {:.0} {}", ours.median, row.unit);
        line.push_str(&text("small", (MARGIN, y + 32.0), &ours));
    }
    for (at, ratio) in row.ratios.iter().enumerate() {
        let cell = match ratio {
            Some(ratio) => cell(*ratio, (column(at), y)),
            None => text("small", (column(at), y + 17.0), "no result"),
        };
        line.push_str(&cell);
    }
    line
}

fn cell(ratio: Spread, (x, y): (f64, f64)) -> String {
    let scale = (CELL - GAP) / FULL;
    let place = |value: f64| value.min(FULL) * scale;
    let class = if ratio.median <= 1.0 { "less" } else { "more" };
    let (top, middle) = (y + 23.0, y + 23.0 + BAR / 2.0);
    let mut cell = text("number", (x, y + 17.0), &short(ratio.median));
    let spread = format!("{}\u{2013}{}", short(ratio.min), short(ratio.max));
    cell.push_str(&text("small spread", (x + CELL - GAP, y + 17.0), &spread));
    let bar = |class: &str, width: f64| {
        let radius = (BAR / 4.0).min(width / 2.0);
        format!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{top}\" width=\"{width:.1}\" height=\"{BAR}\" rx=\"{radius:.1}\"/>"
        )
    };
    cell.push_str(&bar("track", CELL - GAP));
    cell.push_str(&bar(class, place(ratio.median).max(1.0)));
    let rule = |class: &str, from: (f64, f64), to: (f64, f64)| {
        let ((x1, y1), (x2, y2)) = (from, to);
        format!(
            "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
        )
    };
    let one = x + place(1.0);
    cell.push_str(&rule("one", (one, top - 3.0), (one, top + BAR + 3.0)));
    let (from, to) = (x + place(ratio.min), x + place(ratio.max));
    if ratio.max <= FULL {
        cell.push_str(&rule("spread", (from, middle), (to, middle)));
    } else {
        let end = x + CELL - GAP;
        // Beyond the cell: an arrow says that the bar goes on.
        let _ = write!(
            cell,
            "<path class=\"{class}\" d=\"M{end:.1} {top} l6 {:.1} l-6 {:.1} z\"/>",
            BAR / 2.0,
            BAR / 2.0
        );
    }
    cell
}

fn text(class: &str, (x, y): (f64, f64), words: &str) -> String {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{words}</text>")
}

#[cfg(test)]
mod tests {
    use crate::cores::Cores;

    use super::*;

    fn picture(ratios: Vec<Option<Spread>>) -> String {
        let contender = |name| Contender {
            name,
            version: "1 & 2".to_owned(),
            words: Vec::new(),
        };
        let row = Row {
            title: "Echo of <32 B".to_owned(),
            unit: "ns",
            ours: None,
            ratios,
        };
        let machine = Machine::look(&Cores::choose(None).unwrap());
        let contenders = [contender("sockeye"), contender("a"), contender("b")];
        svg(&contenders, &[row], &machine)
    }

    fn spread(median: f64, max: f64) -> Option<Spread> {
        let min = median / 2.0;
        Some(Spread { median, min, max })
    }

    #[test]
    fn a_cell_says_its_ratio_in_colour_and_in_words() {
        let less = picture(vec![spread(0.5, 0.6), None]);
        assert!(less.contains(">0.50</text>") && less.contains(">0.25\u{2013}0.60</text>"));
        assert!(less.contains(">no result</text>"));
        assert_eq!(less.matches("class=\"less\"").count(), 1);
        let more = picture(vec![spread(1.1, 1.2), spread(3.0, 4.0)]);
        assert_eq!(
            more.matches("class=\"more\"").count(),
            3,
            "two bars and an arrow"
        );
    }

    #[test]
    fn what_is_written_cannot_break_the_picture() {
        let svg = picture(vec![None, None]);
        assert!(svg.contains("Echo of &lt;32 B") && svg.contains("1 &amp; 2"));
        assert!(!svg.contains("<script"));
    }
}
