//! Bars as the templates draw them: numbers as text, ready to stand in SVG attributes.

use serde::Serialize;

/// Width of the drawing; its height is 100.
const WIDTH: f64 = 720.0;
/// Share of a slot that its bar fills.
const FILL: f64 = 0.76;
/// Few bars do not grow into blocks.
const WIDEST: f64 = 48.0;

/// One bar.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Bar {
    pub x: String,
    pub y: String,
    pub width: String,
    pub height: String,
}

/// A bar for each value; the largest reaches the top.
pub(super) fn bars(values: &[u64]) -> Vec<Bar> {
    let most = values.iter().copied().max().unwrap_or(0).max(1) as f64;
    let slot = WIDTH / values.len().max(1) as f64;
    let width = (slot * FILL).min(WIDEST);
    let margin = (slot - width) / 2.0;
    values
        .iter()
        .enumerate()
        .map(|(place, value)| {
            let height = *value as f64 / most * 100.0;
            Bar {
                x: tenth(place as f64 * slot + margin),
                y: tenth(100.0 - height),
                width: tenth(width),
                height: tenth(height),
            }
        })
        .collect()
}

/// Where slot `place` of `slots` begins.
pub(super) fn edge(place: usize, slots: usize) -> String {
    tenth(WIDTH * place as f64 / slots.max(1) as f64)
}

fn tenth(value: f64) -> String {
    format!("{value:.1}")
}

/// A line of twelve weeks or so in a drawing 88 wide and 22 high, ending in a dot.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Spark {
    label: String,
    line: String,
    end: (String, String),
}

/// A spark of these values, oldest first.
pub(super) fn spark(values: &[u64]) -> Spark {
    let most = values.iter().copied().max().unwrap_or(0).max(1) as f64;
    let step = 80.0 / values.len().saturating_sub(1).max(1) as f64;
    let point = |(place, value): (usize, &u64)| {
        (tenth(2.0 + step * place as f64), tenth(20.0 - *value as f64 / most * 17.0))
    };
    let points: Vec<(String, String)> = values.iter().enumerate().map(point).collect();
    let pairs: Vec<String> = points.iter().map(|(x, y)| format!("{x} {y}")).collect();
    let list: Vec<String> = values.iter().map(u64::to_string).collect();
    Spark {
        label: format!("Articles per week: {}", list.join(", ")),
        line: format!("M{}", pairs.join("L")),
        end: points.last().cloned().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_value_reaches_the_top() {
        let bars = bars(&[0, 5, 10]);
        assert_eq!((bars[2].y.as_str(), bars[2].height.as_str()), ("0.0", "100.0"));
        assert_eq!((bars[1].y.as_str(), bars[1].height.as_str()), ("50.0", "50.0"));
        assert_eq!(bars[0].height, "0.0");
        assert_eq!(edge(3, 3), "720.0");
    }

    #[test]
    fn nothing_and_zeros_draw_without_error() {
        assert!(bars(&[]).is_empty());
        assert_eq!(bars(&[0, 0])[1].height, "0.0");
    }
}
