### The pages /console/roles… and /console/permissions…

nav-roles = Roles
nav-permissions = Permissions

## The roles

roles-title = Roles
roles-text = A role is a set of permissions. Whoever has the role has its permissions, from the next request on.
roles-table-caption = Roles in the order of their numbers
roles-table-name = Name
roles-table-description = Description
roles-table-permissions = Permissions
roles-badge-default = default
roles-badge-strict = second factor
roles-none = There is no role yet.
roles-new-title = New role
roles-new-name = Name
roles-new-description = Description
roles-new-default = Everyone who registers gets it
roles-new-strict = It counts only for people who have signed in with a second factor
roles-new-button = Make the role
roles-to-matrix = Permissions of all roles

## One role

role-back = All roles
role-default-yes = Everyone who registers gets this role.
role-strict-yes = It counts only after a sign-in with a second factor.
role-permissions-title = Permissions
role-permissions-none = This role grants nothing.
role-permissions-more = And { $count } more.
role-permissions-edit = Edit the permissions
role-change-title = Change
role-change-button = Save
role-holders-title = Who has this role
role-holders-none = Nobody has this role.
role-holders-name = Name
role-holders-email = Email address
role-holders-others = Other roles
role-holders-take = Take away the role from { $name }
role-give-title = Give this role
role-give-account = Number of the account
role-give-account-hint = The number is on the page of the account.
role-give-button = Give the role
role-delete = Delete this role
role-delete-title = Delete the role { $name }?
role-delete-text = Whoever has it loses its permissions with the next request. Permissions and accounts stay.
role-delete-button = Delete
role-readonly = You may look at roles, but not change them.

## The permissions

permissions-title = Permissions
permissions-text = Each row is a permission, each column a role. Tick what a role grants, and save.
permissions-table-caption = Permissions by role
permissions-table-permission = Permission
permissions-none = There is no permission yet.
permissions-roleless = There is no role yet. Make one first.
permissions-roles-next = Next roles
permissions-roles-first = First roles
permissions-roles-pages = Pages of the roles
permissions-save = Save
permissions-reset = Undo the ticks
permissions-outcome-title = What happened
permissions-outcome-saved = Saved: { $added } added, { $removed } removed.
permissions-outcome-same = Nothing to change.
permissions-outcome-unchanged = Not changed.
permissions-outcome-missing = There is no such role any more.
permissions-outcome-role = Role
permissions-outcome-result = Result
permissions-outcome-back = Back to the permissions
permissions-new-title = New permission
permissions-new-name = Name
permissions-new-description = Description
permissions-new-resource = Resource
permissions-new-action = Action
permissions-new-action-hint = For example read or write; all stands for every action.
permissions-new-button = Make the permission
permissions-change-title = Change
permissions-change-button = Save
permissions-delete = Delete this permission
permissions-delete-title = Delete the permission { $name }?
permissions-delete-text = No role grants it any more. This cannot be undone.
permissions-delete-button = Delete
permissions-back = All permissions
permissions-readonly = You may look at permissions, but not change them.

## Messages after a change

done-role-created = The role is there.
done-role-saved = The role is changed.
done-role-deleted = The role is deleted.
done-role-given = The account has the role.
done-role-taken = The account does not have the role any more.
done-permission-created = The permission is there.
done-permission-saved = The permission is changed.
done-permission-deleted = The permission is deleted.

## Refusals of the API that only these pages meet

error-name-taken = This name is in use already. Choose another one.
error-default-role-administrates = A default role cannot grant admin:all: everyone who registers would be an administrator.
