//! QR codes (ISO/IEC 18004) as SVG images.
//!
//! The crate is apart from the others, so that only the component that shows such codes contains their making.

// Guest code cannot panic on input (docs/ARCHITECTURE.md#invariants, 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

use std::fmt::Write;

use qrcodegen::{QrCode, QrCodeEcc};

/// The light margin that readers need on every side, in modules (ISO/IEC 18004 section 5.3.8).
const QUIET_ZONE: i32 = 4;

/// The text does not fit into a QR code of level M.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is too long for a QR code, which holds 2,331 octets at level M")]
pub struct TooLong;

/// The QR code of a text as an SVG image that begins with `<svg`: dark squares on white, with the margin that readers need, for every background.
/// Each side is 29 to 185 units long, and the image fills what it is placed in.
///
/// A code of level M is read even if 15 % of it is damaged. The image has no script, no style and no reference, so it may stand in a page
/// with a strict Content Security Policy (`img-src data:`, or in the page itself). Screen readers call it "QR code".
///
/// # Errors
/// [`TooLong`] when the text has more octets than fit, 2,331 in UTF-8.
pub fn svg(text: &str) -> Result<String, TooLong> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|_| TooLong)?;
    let side = code.size() + 2 * QUIET_ZONE;
    let path = path(&code);
    Ok(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img" aria-label="QR code" shape-rendering="crispEdges"><rect width="{side}" height="{side}" fill="#fff"/><path d="{path}" fill="#000"/></svg>"##
    ))
}

/// A rectangle for each run of dark modules in a row.
fn path(code: &QrCode) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        let mut start = None;
        // The module after the last one is light.
        for x in 0..=code.size() {
            match (start, code.get_module(x, y)) {
                (None, true) => start = Some(x),
                (Some(from), false) => {
                    let width = x - from;
                    // Writing to a `String` cannot fail.
                    let _ = write!(path, "M{} {}h{width}v1h-{width}z", from + QUIET_ZONE, y + QUIET_ZONE);
                    start = None;
                }
                _ => {}
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rqrr::{Grid, PreparedImage, SimpleGrid};

    use super::*;

    const URI: &str = "otpauth://totp/users.example.com:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
                       &issuer=users.example.com&algorithm=SHA1&digits=6&period=30";
    /// The pixels of a module in the test's rendering.
    const SCALE: usize = 4;

    /// The text between two others.
    fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
        text.split_once(before).unwrap().1.split_once(after).unwrap().0
    }

    /// The modules that the path fills, and the length of a side.
    fn modules(svg: &str) -> (Vec<Vec<bool>>, usize) {
        let side: usize = between(svg, "viewBox=\"0 0 ", " ").parse().unwrap();
        let mut modules = vec![vec![false; side]; side];
        for run in between(svg, "<path d=\"", "\"").split_terminator('z') {
            let (place, width) = run.strip_prefix('M').unwrap().split_once('h').unwrap();
            let (x, y) = place.split_once(' ').unwrap();
            let width: usize = width.split_once("v1h-").unwrap().0.parse().unwrap();
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            modules[y][x..x + width].fill(true);
        }
        (modules, side)
    }

    /// What a camera reads.
    fn seen(svg: &str) -> String {
        let (modules, side) = modules(svg);
        let pixel = |x: usize, y: usize| if modules[y / SCALE][x / SCALE] { 0 } else { 255 };
        let mut image = PreparedImage::prepare_from_greyscale(side * SCALE, side * SCALE, pixel);
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        grids[0].decode().unwrap().1
    }

    /// The text of the modules. Nothing looks for the code in the image, which fails for some large codes.
    fn read(svg: &str) -> String {
        let (modules, side) = modules(svg);
        let module = |x: usize, y: usize| modules[y + 4][x + 4];
        Grid::new(SimpleGrid::from_func(side - 8, module)).decode().unwrap().1
    }

    #[test]
    fn a_camera_reads_the_text() {
        let svg = svg(URI).unwrap();
        assert_eq!(seen(&svg), URI);
        assert_eq!(read(&svg), URI);
        assert!(svg.len() < 16_384, "{}", svg.len());
    }

    #[test]
    fn the_image_is_one_path_on_white_with_a_name_and_no_script() {
        let svg = svg(URI).unwrap();
        assert!(
            svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ")
                && svg.ends_with("</svg>")
        );
        assert_eq!(svg.matches("<path").count(), 1);
        assert!(svg.contains("role=\"img\" aria-label=\"QR code\" shape-rendering=\"crispEdges\""));
        assert!(svg.contains("fill=\"#fff\"/><path"));
        for unwanted in ["script", "style", "href", "on", "&", "URI"] {
            assert!(!svg.replace("xmlns", "").contains(unwanted), "{unwanted}");
        }
    }

    #[test]
    fn four_modules_on_every_side_are_light() {
        let (modules, side) = modules(&svg(URI).unwrap());
        let dark = |x: usize, y: usize| modules[y][x];
        for near in 0..4 {
            for along in 0..side {
                assert!(!dark(near, along) && !dark(along, near));
                assert!(!dark(side - 1 - near, along) && !dark(along, side - 1 - near));
            }
        }
        assert!(dark(4, 4) && dark(side - 5, 4) && dark(4, side - 5), "the corners of the finder patterns");
    }

    #[test]
    fn the_longest_text_fits_and_a_longer_one_is_refused() {
        assert_eq!(read(&svg(&"é".repeat(1165)).unwrap()).chars().count(), 1165);
        assert_eq!(svg(&"a".repeat(2332)), Err(TooLong));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn every_text_is_read_as_it_was_written(text in ".{1,200}") {
            prop_assert_eq!(read(&svg(&text).unwrap()), text);
        }
    }
}
