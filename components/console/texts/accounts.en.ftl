### The pages /console/accounts…

## Every page of the administration

nav-accounts = Accounts
console-cancel = Cancel
console-pages-label = Pages of the list
console-pages-first = First page
console-pages-next = Next page

## Every page about accounts

admin-account-name-unnamed = Account { $id }
admin-account-badge-inactive = deactivated
admin-account-badge-admin = administrator
admin-account-badge-unverified = address not verified
admin-account-badge-service = service account
admin-account-kind-person = Person
admin-account-kind-service = Service account
admin-account-address-none = no address

## The list

accounts-title = Accounts
accounts-search-label = Name or email address contains
accounts-search-button = Search
accounts-search-clear = Show all
accounts-filter-active = Only active accounts
accounts-filter-kind = Kind
accounts-filter-kind-any = Every kind
accounts-table-caption = Accounts in the order of their numbers
accounts-table-select = Select
accounts-table-name = Name
accounts-table-email = Email address
accounts-table-state = State
accounts-table-created = Since
accounts-table-select-one = Select { $name }
accounts-none = No account matches.
accounts-none-advice = Search for fewer letters, or remove a filter.
accounts-new = New account

## Changes of several accounts

accounts-bulk-legend = With the selected accounts
accounts-bulk-action = Action
accounts-bulk-action-deactivate = Deactivate
accounts-bulk-action-activate = Activate
accounts-bulk-action-end-sessions = End all sessions
accounts-bulk-action-give-role = Give a role
accounts-bulk-role = Role (only for “Give a role”)
accounts-bulk-button = Continue
accounts-bulk-hint = The next page says what will happen, before anything does.
accounts-bulk-empty = Select at least one account.
accounts-bulk-unknown = Choose an action from the list.
accounts-bulk-roleless = Choose the role that the accounts get.
accounts-bulk-all = Select all accounts of this page

accounts-confirm-title = Are you sure?
accounts-confirm-deactivate = { $count ->
    [one] One account will be deactivated.
   *[other] { $count } accounts will be deactivated.
}
accounts-confirm-deactivate-effect = Nobody can sign in to it, its sessions end at once, and its API keys are refused until it is activated again. Nothing is deleted. All of them change, or none.
accounts-confirm-activate = { $count ->
    [one] One account will be activated.
   *[other] { $count } accounts will be activated.
}
accounts-confirm-activate-effect = Its owner can sign in again, and its API keys work again. All of them change, or none.
accounts-confirm-end-sessions = { $count ->
    [one] All sessions of one account will end.
   *[other] All sessions of { $count } accounts will end.
}
accounts-confirm-end-sessions-effect = Its owner is signed out everywhere, and can sign in again. API keys stay.
accounts-confirm-give-role = { $count ->
    [one] One account will get the role “{ $role }”.
   *[other] { $count } accounts will get the role “{ $role }”.
}
accounts-confirm-give-role-effect = The rights of the role count from the next request on. Whoever has the role already keeps it.
accounts-confirm-whom = The accounts
accounts-confirm-button-deactivate = Deactivate
accounts-confirm-button-activate = Activate
accounts-confirm-button-end-sessions = End the sessions
accounts-confirm-button-give-role = Give the role

accounts-outcome-title = What happened
accounts-outcome-all = { $count ->
    [one] The account was changed.
   *[other] All { $count } accounts were changed.
}
accounts-outcome-some = { $count } of { $total } accounts were changed.
accounts-outcome-nothing = Nothing was changed.
accounts-outcome-account = Account
accounts-outcome-result = Result
accounts-outcome-deactivate = Deactivated.
accounts-outcome-activate = Activated.
accounts-outcome-end-sessions = All sessions have ended.
accounts-outcome-give-role = Has the role.
accounts-outcome-missing = There is no such account any more.
accounts-outcome-unchanged = Not changed.
accounts-outcome-back = Back to the accounts

## A new account

accounts-new-title = New account
accounts-new-person = A person
accounts-new-person-text = Without a password, the person gets an invitation by e-mail and chooses one.
accounts-new-service = A program
accounts-new-service-text = A service account has neither an address nor a password. Give it an API key afterwards.
accounts-new-email = Email address
accounts-new-name = Full name
accounts-new-service-name = Name of the program
accounts-new-password = Password
accounts-new-password-hint = Leave it empty to send an invitation. Otherwise 8 to 128 characters.
accounts-new-roles = Roles
accounts-new-roles-hint = Every new account also gets the default roles.
accounts-new-button-person = Make the account
accounts-new-button-service = Make the service account
accounts-role-choose = Choose a role

## One account

admin-account-facts = Account
admin-account-fact-id = Number
admin-account-fact-kind = Kind
admin-account-fact-email = Email address
admin-account-fact-verified = Address verified
admin-account-fact-active = Active
admin-account-fact-admin = Administrator
admin-account-fact-created = Since
admin-account-fact-updated = Last changed
admin-account-yes = yes
admin-account-no = no
admin-account-back = All accounts

admin-account-profile-title = Profile
admin-account-profile-bio = About
admin-account-profile-location = Place
admin-account-profile-website = Website
admin-account-profile-avatar = Picture
admin-account-profile-phone = Telephone
admin-account-profile-birth = Date of birth
admin-account-profile-preferences = Preferences
admin-account-profile-empty = This profile is empty.

admin-account-change-title = Change
admin-account-change-email = Email address
admin-account-change-email-hint = A new address is told to both addresses, and ends the links that were sent to the old one.
admin-account-change-name = Full name
admin-account-change-button = Save
admin-account-change-oneself = This is your own account. Change it under “Your account”.

admin-account-roles-title = Roles
admin-account-roles-none = No roles.
admin-account-roles-take = Take away
admin-account-roles-take-one = Take away the role { $name }
admin-account-roles-add = Give a role
admin-account-roles-add-button = Give the role

admin-account-sessions-title = Sessions
admin-account-sessions-none = There is no session.
admin-account-sessions-client = Device
admin-account-sessions-address = Network address
admin-account-sessions-begun = Signed in
admin-account-sessions-used = Last used
admin-account-sessions-current = this session
admin-account-sessions-more = And { $count } more.
admin-account-sessions-unknown = unknown

admin-account-keys-title = API keys
admin-account-keys-none = There is no API key.
admin-account-keys-name = Purpose
admin-account-keys-permissions = Limited to
admin-account-keys-permissions-all = all rights of the account
admin-account-keys-permissions-none = no right
admin-account-keys-addresses = Usable from
admin-account-keys-addresses-all = everywhere
admin-account-keys-addresses-none = nowhere
admin-account-keys-expires = Expires
admin-account-keys-expires-never = never
admin-account-keys-used = Last used
admin-account-keys-used-never = not yet
admin-account-keys-end = End
admin-account-keys-end-one = End the key { $name }
admin-account-keys-new = New API key
admin-account-keys-new-name = Purpose
admin-account-keys-new-name-hint = For example “nightly report”.
admin-account-keys-new-permissions = Limit to these rights
admin-account-keys-new-permissions-hint = Separated by spaces, such as accounts:read. Empty: all rights of the account.
admin-account-keys-new-addresses = Usable from
admin-account-keys-new-addresses-hint = Addresses or networks, separated by spaces, such as 10.0.0.0/8. Empty: from everywhere.
admin-account-keys-new-expires = Expires on
admin-account-keys-new-expires-hint = At the end of this day (UTC). Empty: never.
admin-account-keys-new-button = Make the key
admin-account-keys-made-title = The new API key
admin-account-keys-made-text = Copy the key now: it is shown this once. A program sends it as a bearer token.
admin-account-keys-made-back = Back to the account
admin-account-keys-made-copy = Copy
admin-account-keys-made-copied = Copied

admin-account-actions-title = Actions
admin-account-action-activate = Activate
admin-account-action-activate-text = The owner can sign in again, and API keys work again.
admin-account-action-deactivate = Deactivate
admin-account-action-deactivate-text = Nobody can sign in, the sessions end at once, and API keys are refused until the account is activated again.
admin-account-action-make-admin = Make administrator
admin-account-action-make-admin-text = An administrator has every right, and can change every account.
admin-account-action-remove-admin = Remove as administrator
admin-account-action-remove-admin-text = The account keeps the rights of its roles.
admin-account-action-password-reset = Send a link for a new password
admin-account-action-password-reset-text = The owner gets an e-mail. Until the link is used, password and sessions stay. Without a password yet, it is the invitation again.
admin-account-action-factors = Remove the second factors
admin-account-action-factors-text = For somebody who has lost the authenticator app or the passkey, and all recovery codes. Make sure first that the owner of the account is the one who asks: afterwards, the password alone is enough. All sessions end, and the owner is told by e-mail.
admin-account-action-sessions = End all sessions
admin-account-action-sessions-text = The owner is signed out everywhere, and can sign in again. API keys stay.
admin-account-action-delete = Delete
admin-account-action-delete-text = The account goes for good, with its profile, sessions, API keys and roles. Nobody can bring it back.
admin-account-confirm-activate = Activate { $name }?
admin-account-confirm-deactivate = Deactivate { $name }?
admin-account-confirm-make-admin = Make { $name } an administrator?
admin-account-confirm-remove-admin = Remove { $name } as an administrator?
admin-account-confirm-password-reset = Send { $name } a link for a new password?
admin-account-confirm-factors = Remove the second factors of { $name }?
admin-account-confirm-sessions = End all sessions of { $name }?
admin-account-confirm-delete = Delete { $name }?
admin-account-partial = This account has more sessions, API keys or roles than this page can show, so some lists are missing. You can still end all sessions at once.
admin-account-readonly = You may look at accounts, but not change them.
admin-account-action-verify = Mark the address as verified
admin-account-action-verify-text = Do this when you know that the address belongs to the owner.
admin-account-action-unverify = Mark the address as not verified
admin-account-action-unverify-text = Where a verified address is required, the owner must verify it before the next sign-in.
admin-account-confirm-verify = Mark the address of { $name } as verified?
admin-account-confirm-unverify = Mark the address of { $name } as not verified?

## Messages after a change

done-account-activated = The account is active.
done-account-deactivated = The account is deactivated.
done-account-verified = The address counts as verified.
done-account-unverified = The address counts as not verified.
done-account-admin-made = The account is an administrator’s now.
done-account-admin-removed = The account is no administrator’s any more.
done-account-reset-sent = The link is on its way.
done-account-factors-removed = The account has no second factor any more.
done-account-sessions-ended = All sessions of the account have ended.
done-account-removed = The account is deleted.
done-account-created = The account is there.
done-account-invited = The account is there, and the invitation is on its way.
done-account-saved = The account is changed.
done-account-role-given = The account has the role.
done-account-role-taken = The account does not have the role any more.
done-account-key-ended = The API key has ended.

## Refusals of the API that only these pages meet

error-last-admin = No active administrator would be left. Make somebody else an administrator first.
error-cannot-target-self = You cannot do this to your own account. Ask another administrator.
error-exceeds-own-rights = You can only give rights that you have yourself. Ask an administrator.
error-email-taken = Another account has this e-mail address. Use a different one.
error-account-inactive = The account is deactivated. Activate it first.
error-service-account = A service account has no e-mail address and no password. Make an API key for it instead.
error-not-a-service-account = This account belongs to a person, who makes API keys under “Your account”.
error-too-many-api-keys = The account has 100 API keys already. End one that is not used any longer.
error-api-key-not-allowed = An API key cannot do this. Sign in instead.
