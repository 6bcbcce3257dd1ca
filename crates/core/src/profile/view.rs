//! The visibility of profiles. Nothing else decides about it.

use std::borrow::Cow;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::schema::{AnyOfBuilder, Schema};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::{Preferences, Timestamp, User, UserId};

/// The stored part of a profile: everything but the account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ProfileFields)]
pub struct StoredProfile {
    /// At most 2,000 characters.
    #[schema(required, max_length = 2000)]
    pub bio: Option<String>,
    /// An `http` or `https` URL.
    #[schema(required, max_length = 500)]
    pub avatar_url: Option<String>,
    /// At most 255 characters.
    #[schema(required, max_length = 255)]
    pub location: Option<String>,
    /// An `http` or `https` URL.
    #[schema(required, max_length = 500)]
    pub website: Option<String>,
    /// As it was sent.
    #[schema(required, max_length = 50)]
    pub phone_number: Option<String>,
    /// `YYYY-MM-DD`, in the past, 1900 or later.
    #[serde(with = "civil_date")]
    #[schema(required, value_type = Option<String>, format = "date", max_length = 10)]
    pub birth_date: Option<NaiveDate>,
    /// At most 16 KiB.
    pub preferences: Preferences,
    /// The time of creation; the account's while there is no profile.
    pub created_at: Timestamp,
    /// The time of the last change; the account's while there is no profile.
    pub updated_at: Timestamp,
}

/// A profile as its owner sees it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(examples(json!({
    "id": 1, "user_id": 1, "email": "ada@example.com", "full_name": "Ada Lovelace", "bio": "Poetical science",
    "avatar_url": null, "location": "London", "website": "https://example.com/ada", "phone_number": "+44 20 7946 0958",
    "birth_date": "1990-12-10", "preferences": {"theme": "dark"},
    "created_at": "2026-05-15T09:30:00.123456Z", "updated_at": "2026-05-15T09:30:00.123456Z",
})))]
pub struct Profile {
    /// The id of its account.
    pub id: UserId,
    /// The account.
    pub user_id: UserId,
    /// The account's email address; null for a service account.
    #[schema(required, max_length = 254)]
    pub email: Option<String>,
    /// The account's name.
    #[schema(required, max_length = 255)]
    pub full_name: Option<String>,
    /// The stored part.
    #[serde(flatten)]
    pub stored: StoredProfile,
    /// False hides the profile from strangers.
    #[serde(skip)]
    is_active: bool,
}

/// A profile as strangers see it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(examples(json!({
    "id": 1, "user_id": 1, "full_name": "Ada Lovelace", "bio": "Poetical science", "avatar_url": null, "location": "London",
    "website": "https://example.com/ada",
    "created_at": "2026-05-15T09:30:00.123456Z", "updated_at": "2026-05-15T09:30:00.123456Z",
})))]
pub struct PublicProfile {
    id: UserId,
    user_id: UserId,
    #[schema(required, max_length = 255)]
    full_name: Option<String>,
    #[schema(required, max_length = 2000)]
    bio: Option<String>,
    #[schema(required, max_length = 500)]
    avatar_url: Option<String>,
    #[schema(required, max_length = 255)]
    location: Option<String>,
    #[schema(required, max_length = 500)]
    website: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The reader of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The owner of the profile.
    Owner,
    /// An administrator.
    Administrator,
    /// Anyone else.
    Stranger,
}

/// The part of a profile that a reader sees.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum View {
    /// All fields.
    Whole(Profile),
    /// The fields that strangers see.
    Public(PublicProfile),
}

/// `anyOf`, not `oneOf`: a whole profile also matches the schema of its public part.
impl PartialSchema for View {
    fn schema() -> RefOr<Schema> {
        AnyOfBuilder::new()
            .item(Ref::from_schema_name(Profile::name()))
            .item(Ref::from_schema_name(PublicProfile::name()))
            .into()
    }
}

impl ToSchema for View {
    fn name() -> Cow<'static, str> {
        "VisibleProfile".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        for (name, schema) in
            [(Profile::name(), Profile::schema()), (PublicProfile::name(), PublicProfile::schema())]
        {
            schemas.push((name.into_owned(), schema));
        }
        Profile::schemas(schemas);
        PublicProfile::schemas(schemas);
    }
}

impl Profile {
    /// Builds the profile of an account. `None` stands for an account without stored data: all fields are empty.
    #[must_use]
    pub fn new(user: User, stored: Option<StoredProfile>) -> Self {
        let User { id, email, full_name, is_active, created_at, updated_at, .. } = user;
        let mut stored = stored.unwrap_or_else(|| StoredProfile {
            bio: None,
            avatar_url: None,
            location: None,
            website: None,
            phone_number: None,
            birth_date: None,
            preferences: Preferences::default(),
            created_at,
            updated_at,
        });
        // The account's name is part of the profile, so a change of the account counts.
        stored.updated_at = stored.updated_at.max(updated_at);
        Self { id, user_id: id, email, full_name, stored, is_active }
    }

    /// Returns the part that a reader sees. A stranger sees a profile only if the owner made it public in the preferences and
    /// the account is active.
    #[must_use]
    pub fn seen_by(self, reader: Reader) -> Option<View> {
        match reader {
            Reader::Owner | Reader::Administrator => Some(View::Whole(self)),
            Reader::Stranger if self.is_active && self.is_public() => Some(View::Public(self.public())),
            Reader::Stranger => None,
        }
    }

    fn is_public(&self) -> bool {
        self.stored.preferences.0.get("privacy_public_profile") == Some(&Value::Bool(true))
    }

    fn public(self) -> PublicProfile {
        PublicProfile {
            id: self.id,
            user_id: self.user_id,
            full_name: self.full_name,
            bio: self.stored.bio,
            avatar_url: self.stored.avatar_url,
            location: self.stored.location,
            website: self.stored.website,
            created_at: self.stored.created_at,
            updated_at: self.stored.updated_at,
        }
    }
}

/// `YYYY-MM-DD`, or null.
mod civil_date {
    use chrono::NaiveDate;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(
        date: &Option<NaiveDate>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        date.map(|date| date.to_string()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<NaiveDate>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::AccountKind;

    /// Every field, with its visibility for the owner, an administrator and a stranger.
    const FIELDS: [(&str, bool, bool, bool); 13] = [
        ("id", true, true, true),
        ("user_id", true, true, true),
        ("email", true, true, false),
        ("full_name", true, true, true),
        ("bio", true, true, true),
        ("avatar_url", true, true, true),
        ("location", true, true, true),
        ("website", true, true, true),
        ("phone_number", true, true, false),
        ("birth_date", true, true, false),
        ("preferences", true, true, false),
        ("created_at", true, true, true),
        ("updated_at", true, true, true),
    ];

    fn profile(preferences: Value) -> Profile {
        let time = json!("2026-05-15T09:30:00.123456+00:00");
        let timestamp: Timestamp = serde_json::from_value(time.clone()).unwrap();
        let user = User {
            id: UserId::try_from(7).unwrap(),
            email: Some("ada@example.com".to_owned()),
            full_name: Some("Ada".to_owned()),
            is_active: true,
            is_admin: false,
            created_at: timestamp,
            updated_at: timestamp,
            email_verified: false,
            kind: AccountKind::Person,
        };
        let stored = json!({
            "bio": "b", "avatar_url": "a", "location": "l", "website": "w", "phone_number": "p",
            "birth_date": "1990-05-15", "preferences": preferences, "created_at": time, "updated_at": time,
        });
        Profile::new(user, Some(serde_json::from_value(stored).unwrap()))
    }

    #[test]
    fn every_field_is_shown_only_to_its_readers() {
        let public = json!({"privacy_public_profile": true});
        let seen = |reader| serde_json::to_value(profile(public.clone()).seen_by(reader).unwrap()).unwrap();
        let views = [Reader::Owner, Reader::Administrator, Reader::Stranger].map(seen);
        for (field, owner, administrator, stranger) in FIELDS {
            for (view, expected) in views.iter().zip([owner, administrator, stranger]) {
                assert_eq!(view.get(field).is_some(), expected, "{field} in {view}");
            }
        }
        for view in &views {
            let all = view.as_object().unwrap().keys();
            assert!(
                all.into_iter().all(|key| FIELDS.iter().any(|row| row.0 == key)),
                "a field without a row: {view}"
            );
        }
        assert_eq!(views[0]["birth_date"], "1990-05-15");
        assert_eq!(views[0]["created_at"], "2026-05-15T09:30:00.123456Z");
    }

    #[test]
    fn strangers_see_nothing_of_a_private_profile() {
        for private in
            [json!({}), json!({"privacy_public_profile": false}), json!({"privacy_public_profile": "true"})]
        {
            assert_eq!(profile(private.clone()).seen_by(Reader::Stranger), None, "{private}");
            assert!(profile(private.clone()).seen_by(Reader::Owner).is_some());
            assert!(profile(private).seen_by(Reader::Administrator).is_some());
        }
    }

    #[test]
    fn strangers_see_nothing_of_an_inactive_account() {
        let inactive = || Profile { is_active: false, ..profile(json!({"privacy_public_profile": true})) };
        assert_eq!(inactive().seen_by(Reader::Stranger), None);
        assert!(inactive().seen_by(Reader::Administrator).is_some());
    }
}
