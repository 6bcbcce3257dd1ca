//! The attempts and logins of each hour, as bars and as a table.

use maud::{Markup, html};
use users_core::{LoginHour, Timestamp};

use crate::browser::Visitor;
use crate::console::numbers::grouped;

/// The size of the chart, in its own units. The style sheet scales it.
const WIDTH: i64 = 790;
const HEIGHT: i64 = 165;
/// The area of the bars. The numbers are to its left, and the hours below it.
const LEFT: i64 = 46;
const TOP: i64 = 30;
const BOTTOM: i64 = 140;
/// An hour is written below every fourth bar.
const LABEL_EVERY: usize = 4;

/// The bars with their legend, and a table of the same numbers, which is closed at first.
///
/// The style sheet gives each class its colour. The two bars of an hour start at the same line, and the bar of the logins covers a part
/// of the other: people who see no colours can tell them apart, too.
pub(super) fn chart(visitor: &Visitor, hours: &[LoginHour]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-labelledby="logins" { (drawing(visitor, hours)) }
        ul.legend {
            li.attempts { (visitor.text("overview-attempts")) }
            li.logins { (visitor.text("overview-logins")) }
        }
        details {
            summary { (visitor.text("overview-as-a-table")) }
            (table(visitor, hours))
        }
    }
}

fn drawing(visitor: &Visitor, hours: &[LoginHour]) -> Markup {
    let most = hours.iter().map(|it| it.attempts.max(it.logins)).max().unwrap_or_default();
    let scale = Scale::up_to(most);
    let count = i64::try_from(hours.len()).unwrap_or(i64::MAX).max(1);
    let step = (WIDTH - LEFT) / count;
    let bar = (step * 3 / 4).max(1);
    let number = |number| grouped(number, visitor.language());
    html! {
        svg.chart viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-labelledby="chart-title chart-summary" {
            title id="chart-title" { (visitor.text("overview-logins-title")) }
            desc id="chart-summary" { (summary(visitor, hours)) }
            @for line in scale.lines() {
                line class=(if line == 0 { "axis" } else { "grid" }) x1=(LEFT) x2=(WIDTH) y1=(scale.y(line)) y2=(scale.y(line)) {}
                text x=(LEFT - 6) y=(scale.y(line) + 4) text-anchor="end" { (number(line)) }
            }
            @for (place, (x, hour)) in (0..).map(|place| LEFT + 2 + place * step).zip(hours).enumerate() {
                g {
                    title { (told(visitor, hour)) }
                    (rectangle("attempts", x, bar, scale, hour.attempts))
                    (rectangle("logins", x, bar, scale, hour.logins))
                }
                @if place % LABEL_EVERY == 0 { text x=(x) y=(HEIGHT - 7) { (clock(hour.hour)) } }
            }
        }
    }
}

/// A bar. Nothing is drawn for zero.
fn rectangle(class: &str, x: i64, width: i64, scale: Scale, value: i64) -> Markup {
    let y = scale.y(value);
    html! {
        @if value > 0 {
            // At least one unit high, so that a single attempt among thousands can be seen.
            rect class=(class) x=(x) y=(y.min(BOTTOM - 1)) width=(width) height=((BOTTOM - y).max(1)) {}
        }
    }
}

fn table(visitor: &Visitor, hours: &[LoginHour]) -> Markup {
    let number = |number| grouped(number, visitor.language());
    html! {
        table {
            caption.hidden { (visitor.text("overview-logins-title")) }
            thead {
                tr {
                    th scope="col" { (visitor.text("overview-hour")) }
                    th.number scope="col" { (visitor.text("overview-attempts")) }
                    th.number scope="col" { (visitor.text("overview-logins")) }
                }
            }
            tbody {
                @for hour in hours {
                    tr {
                        th scope="row" { time datetime=(hour.hour) { (clock(hour.hour)) } }
                        td.number { (number(hour.attempts)) }
                        td.number { (number(hour.logins)) }
                    }
                }
            }
        }
    }
}

/// The chart in a sentence.
fn summary(visitor: &Visitor, hours: &[LoginHour]) -> String {
    let attempts = hours.iter().map(|it| it.attempts).fold(0, i64::saturating_add);
    let logins = hours.iter().map(|it| it.logins).fold(0, i64::saturating_add);
    let Some(busiest) = hours.iter().filter(|it| it.attempts > 0).max_by_key(|it| it.attempts) else {
        return visitor.text("overview-chart-empty");
    };
    let number = |number| grouped(number, visitor.language());
    visitor.text_with(
        "overview-chart-summary",
        &[
            ("attempts", number(attempts).into()),
            ("logins", number(logins).into()),
            ("hour", clock(busiest.hour).into()),
            ("most", number(busiest.attempts).into()),
        ],
    )
}

/// An hour in words, for people who point at its bars.
fn told(visitor: &Visitor, hour: &LoginHour) -> String {
    let number = |number| grouped(number, visitor.language());
    visitor.text_with(
        "overview-chart-hour",
        &[
            ("hour", clock(hour.hour).into()),
            ("attempts", number(hour.attempts).into()),
            ("logins", number(hour.logins).into()),
        ],
    )
}

/// Hours and minutes in UTC, such as `09:00`.
fn clock(time: Timestamp) -> String {
    time.to_string().get(11..16).unwrap_or_default().to_owned()
}

/// The scale of the bars: from zero to a round number.
#[derive(Debug, Clone, Copy)]
struct Scale {
    top: i64,
}

impl Scale {
    /// The smallest of 2, 4, 10, 20, 40, 100, … that no value exceeds. Half of it is a whole number, too.
    fn up_to(most: i64) -> Self {
        let mut unit: i64 = 1;
        loop {
            for factor in [2, 4, 10] {
                let top = unit.saturating_mul(factor);
                if top >= most {
                    return Self { top };
                }
            }
            unit = unit.saturating_mul(10);
        }
    }

    /// The values at which a line is drawn.
    fn lines(self) -> [i64; 3] {
        [self.top, self.top / 2, 0]
    }

    /// The height of a value in the drawing; the origin is above.
    fn y(self, value: i64) -> i64 {
        let share = i128::from(value) * i128::from(BOTTOM - TOP) / i128::from(self.top);
        BOTTOM - i64::try_from(share).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_ends_at_a_round_number() {
        for (most, top) in
            [(0, 2), (1, 2), (2, 2), (3, 4), (5, 10), (11, 20), (40, 40), (41, 100), (1234, 2000)]
        {
            assert_eq!(Scale::up_to(most).top, top, "{most}");
        }
        assert_eq!(Scale::up_to(i64::MAX).top, i64::MAX);
    }

    #[test]
    fn a_bar_is_as_high_as_its_share_of_the_scale() {
        let scale = Scale::up_to(100);
        assert_eq!([0, 50, 100].map(|value| scale.y(value)), [BOTTOM, (BOTTOM + TOP) / 2, TOP]);
        assert_eq!(Scale::up_to(i64::MAX).y(i64::MAX), TOP);
    }

    #[test]
    fn an_hour_is_written_as_on_a_clock() {
        let hour: Timestamp = serde_json::from_str("\"2026-05-15T09:00:00Z\"").unwrap();
        assert_eq!(clock(hour), "09:00");
    }
}
