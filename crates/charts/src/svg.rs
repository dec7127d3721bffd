//! A scene as SVG.

use std::fmt::{self, Write};

use crate::fonts::{FAMILY, Weight};
use crate::palette::PAPER;
use crate::scene::{Anchor, Role, Scene, Shape, Text};

/// Fonts of other machines that are much like the embedded one.
const LIKE_IT: &str = "'Helvetica Neue', Arial, 'Liberation Sans', 'Noto Sans', sans-serif";

/// The picture as a document of its own. Text stays text; whatever a name holds is only text.
pub(crate) fn document(scene: &Scene) -> String {
    let mut out = String::with_capacity(4096 + 200 * scene.shapes.len());
    // A `String` takes everything.
    let _ = write(&mut out, scene);
    out
}

fn write(out: &mut String, scene: &Scene) -> fmt::Result {
    let (width, height) = (Number(scene.width), Number(scene.height));
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"title description\" \
         font-family=\"{FAMILY}, {LIKE_IT}\">"
    )?;
    writeln!(out, "<title id=\"title\">{}</title>", Escaped(&scene.title))?;
    writeln!(out, "<desc id=\"description\">{}</desc>", Escaped(&scene.description))?;
    writeln!(out, "<rect width=\"{width}\" height=\"{height}\" fill=\"{PAPER}\"/>")?;
    for shape in &scene.shapes {
        match shape {
            Shape::Bar(bar) => {
                let [x, y, width, height] = [bar.x, bar.y, bar.width, bar.height].map(Number);
                write!(
                    out,
                    "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{}\"",
                    bar.colour
                )?;
                match bar.tip.as_str() {
                    "" => writeln!(out, "/>")?,
                    tip => writeln!(out, "><title>{}</title></rect>", Escaped(tip))?,
                }
            }
            Shape::Rule(rule) => {
                let ((x1, y1), (x2, y2)) = (rule.from, rule.to);
                let [x1, y1, x2, y2] = [x1, y1, x2, y2].map(Number);
                writeln!(
                    out,
                    "<path d=\"M{x1} {y1}L{x2} {y2}\" stroke=\"{}\" stroke-width=\"1\"/>",
                    rule.colour
                )?;
            }
            Shape::Text(text) => write_text(out, text)?,
        }
    }
    writeln!(out, "</svg>")
}

fn write_text(out: &mut String, text: &Text) -> fmt::Result {
    let [x, y, size] = [text.x, text.y, text.size].map(Number);
    write!(
        out,
        "<text class=\"{}\" x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{}\"",
        text.role.class(),
        text.colour
    )?;
    out.write_str(match text.anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    })?;
    out.write_str(match text.weight {
        Weight::Regular => "",
        Weight::SemiBold => " font-weight=\"600\"",
    })?;
    if matches!(text.role, Role::Value | Role::Share) {
        // A rim of paper, so that no line of the grid runs through a figure.
        write!(out, " stroke=\"{PAPER}\" stroke-width=\"3\" paint-order=\"stroke\"")?;
    }
    writeln!(out, ">{}</text>", Escaped(&text.content))
}

/// A number of points, to a hundredth.
struct Number(f64);

impl fmt::Display for Number {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.2}", self.0);
        out.write_str(match text.trim_end_matches('0').trim_end_matches('.') {
            "-0" => "0",
            text => text,
        })
    }
}

/// A text with what means something in XML written out.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            '&' => out.write_str("&amp;"),
            '<' => out.write_str("&lt;"),
            '>' => out.write_str("&gt;"),
            '"' => out.write_str("&quot;"),
            '\'' => out.write_str("&#39;"),
            _ => out.write_char(character),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (number, expected) in [
            (0.0, "0"),
            (-0.001, "0"),
            (10.0, "10"),
            (0.5, "0.5"),
            (1.0 / 3.0, "0.33"),
            (-2.25, "-2.25"),
        ] {
            assert_eq!(Number(number).to_string(), expected);
        }
    }

    #[test]
    fn text_stays_text() {
        let escaped = Escaped("</text><script>alert('x & \"y\"')</script>").to_string();
        assert_eq!(
            escaped,
            "&lt;/text&gt;&lt;script&gt;alert(&#39;x &amp; &quot;y&quot;&#39;)&lt;/script&gt;"
        );
    }
}
