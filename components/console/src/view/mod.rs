//! The markup that pages share: their frame, messages, forms.

mod choice;
mod form;
mod frame;
mod navigation;
mod page;
mod pager;
mod passkey;
mod refusal;

pub(crate) use self::choice::{CheckBox, Select, radio};
pub(crate) use self::form::{Input, csrf, post, reveal};
pub(crate) use self::frame::framed;
pub(crate) use self::navigation::Entry;
pub(crate) use self::page::Page;
pub(crate) use self::pager::pager;
pub(crate) use self::passkey::{ASSERTION, CREDENTIAL, Ceremony, Options, PasskeyForm, json_for_script};
pub(crate) use self::refusal::{Again, again, alert, refused, words};
