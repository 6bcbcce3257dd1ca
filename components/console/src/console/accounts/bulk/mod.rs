//! `/console/accounts/bulk`: one change of several accounts.

pub(crate) mod apply;
pub(crate) mod confirm;
mod selection;

use futures::future::{join, join_all};
use users_core::{RoleLabel, User, UserId};

pub(crate) use self::selection::Change;
use self::selection::Selection;
use super::shown::{name_of, unnamed};
use crate::api::Refusal;
use crate::browser::{Administrator, Fields, Visitor};
use crate::state::Console;

/// A selection with its accounts and its role.
struct Named {
    selection: Selection,
    /// The accounts in the order of the selection. `None` for an account that no longer exists.
    accounts: Vec<(UserId, Option<User>)>,
    role: Option<RoleLabel>,
}

/// Reads a form, and asks the API who was selected.
///
/// # Errors
/// The key of the sentence that says what is missing. The inner result has the refusal of the API.
async fn read(
    console: &Console,
    person: &Administrator,
    form: &Fields,
) -> Result<Result<Named, Refusal>, &'static str> {
    let selection = Selection::of(form.iter())?;
    let named = name(console, &person.visitor, selection).await;
    if named.as_ref().is_ok_and(|named| named.role.is_none() && named.selection.role.is_some()) {
        return Err("accounts-bulk-roleless");
    }
    Ok(named)
}

async fn name(console: &Console, visitor: &Visitor, selection: Selection) -> Result<Named, Refusal> {
    let api = console.api();
    let users = selection.accounts.iter().map(|id| api.get::<User>(visitor, format!("/users/{id}")));
    let role = async {
        let id = selection.role?;
        Some(api.get::<RoleLabel>(visitor, format!("/rbac/roles/{id}")).await)
    };
    let (users, role) = join(join_all(users), role).await;
    let mut accounts = Vec::new();
    for (id, user) in selection.accounts.iter().zip(users) {
        accounts.push((*id, there(user)?));
    }
    let role = role.map(there).transpose()?.flatten();
    Ok(Named { selection, accounts, role })
}

/// `None` for an object that does not exist.
fn there<T>(outcome: Result<T, Refusal>) -> Result<Option<T>, Refusal> {
    match outcome {
        Ok(found) => Ok(Some(found)),
        Err(refusal) if refusal.status() == 404 => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

/// The words for a selected account.
fn words_for(visitor: &Visitor, id: UserId, user: Option<&User>) -> String {
    user.map_or_else(|| unnamed(visitor, id.get()), |user| name_of(visitor, user))
}
