//! The browser: its cookies, its session, its forms.

mod administration;
mod cookies;
mod csrf;
mod fields;
mod path;
mod person;
mod redirect;
mod session;
mod visitor;

pub(crate) use self::administration::Administrator;
pub(crate) use self::csrf::{FIELD as CSRF_FIELD, check as check_form};
pub(crate) use self::fields::{Fields, Form, read as read_form};
pub(crate) use self::path::{Id, Ids, nothing};
pub(crate) use self::person::{Account, MaybeSignedIn, SignedIn};
pub(crate) use self::redirect::{Redirect, own_path};
pub(crate) use self::session::{TokenPair, Tokens, sign_out};
pub(crate) use self::visitor::Visitor;
