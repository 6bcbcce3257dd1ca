//! The `/profile` routes: files mirror the URLs, then come the rules that several of them share.

mod etags;
mod other;
mod overlaps;
mod preferences;
mod profile;
mod support;
mod text;
