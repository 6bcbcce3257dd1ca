//! The `/profile` routes: a file per URL, and files for common rules.

mod etags;
mod other;
mod overlaps;
mod preferences;
mod profile;
mod support;
mod text;
