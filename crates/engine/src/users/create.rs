//! Inviting people and creating service accounts (spec 01 B6).

use tariff_contract::error::ApiError;
use tariff_contract::users::{CreateUserRequest, CreateUserResponse, UserType};
use tariff_core::{IdPrefix, Status};
use tariff_store::column::{Json, Time, Word};
use tariff_store::entity::users;
use tariff_store::{Listing, access as lookup};

use super::{answer_as, checked_roles, names, response, tenant_of};
use crate::access::password;
use crate::access::roles::Role;
use crate::context::{Context, UserKind};
use crate::engine::{Engine, Work};
use crate::error::{Result, on_duplicate};
use crate::ids::mint;
use crate::settings;

/// What differs between kinds of users.
struct NewUser {
    kind: UserKind,
    email: String,
    name: String,
    roles: Vec<Role>,
    password_hash: Option<String>,
}

impl Engine {
    /// Invites a person, whose password is in the answer and nowhere else, or creates a service account.
    ///
    /// # Errors
    /// `validation_error`; `permission_denied` when the caller may not invite or hand out a role; `already_exists` when
    /// a published user of any tenant has the e-mail.
    pub async fn create_user(&self, context: &Context, request: CreateUserRequest) -> Result<CreateUserResponse> {
        request.validate()?;
        match request.r#type {
            Some(UserType::ServiceAccount) => self.create_service_account(context, request).await,
            Some(UserType::User) | None => self.invite(context, request).await,
        }
    }

    async fn invite(&self, context: &Context, request: CreateUserRequest) -> Result<CreateUserResponse> {
        if !context.roles.contains(&Role::SuperAdmin) {
            return Err(ApiError::permission_denied("Only a super admin may invite people").into());
        }
        let email = request.email.unwrap_or_default();
        if email.is_empty() {
            return Err(ApiError::validation("An e-mail is required")
                .detail("email", "is required")
                .into());
        }
        let wanted = request.roles.filter(|roles| !roles.is_empty());
        let wanted = wanted.unwrap_or_else(|| names(&[Role::SuperAdmin]));
        let roles = checked_roles(context, UserKind::Person, &wanted)?;
        if lookup::user_by_email(&self.read(), &email).await?.is_some() {
            return Err(email_taken(&email)().into());
        }
        let password = password::generate();
        // Hashed before the transaction begins: it takes long, and others wait for the writer.
        let password_hash = Some(password::hash(password.clone()).await?);
        let name = request.name.unwrap_or_default();
        let work = self.begin(context).await?;
        refuse_beyond_quota(&work).await?;
        let new = NewUser {
            kind: UserKind::Person,
            email,
            name,
            roles,
            password_hash,
        };
        insert(work, new, Some(password)).await
    }

    async fn create_service_account(
        &self,
        context: &Context,
        request: CreateUserRequest,
    ) -> Result<CreateUserResponse> {
        let wanted = request.roles.unwrap_or_default();
        if wanted.is_empty() {
            return Err(ApiError::validation("Roles are required")
                .detail("roles", "is required")
                .into());
        }
        if request.email.is_some_and(|email| !email.is_empty()) {
            let error = ApiError::validation("A service account has no e-mail");
            return Err(error.detail("email", "must be absent").into());
        }
        let kind = UserKind::ServiceAccount;
        let roles = checked_roles(context, kind, &wanted)?;
        let name = request.name.unwrap_or_default();
        let work = self.begin(context).await?;
        insert(
            work,
            NewUser {
                kind,
                email: String::new(),
                name,
                roles,
                password_hash: None,
            },
            None,
        )
        .await
    }
}

async fn refuse_beyond_quota(work: &Work<'_>) -> Result<()> {
    let tenant_id = work.context.tenant_id();
    // Held, so that two invitations do not both take the last place.
    lookup::lock_tenant(&work.session, tenant_id).await?;
    let quota = settings::tenant_config(&work.session, tenant_id).await?.max_users;
    let listing = Listing::all().equal("status", Status::Published.as_str());
    let present = work.tenant_rows().count::<users::Entity>(&listing).await?;
    if i64::try_from(present).unwrap_or(i64::MAX) >= quota {
        let error = ApiError::validation(format!("The tenant may have {quota} users"));
        return Err(error.detail("max_users", quota).into());
    }
    Ok(())
}

async fn insert(work: Work<'_>, new: NewUser, password: Option<String>) -> Result<CreateUserResponse> {
    let created_by = work.context.user_id.clone();
    let user = users::Model {
        id: mint(IdPrefix::User),
        tenant_id: String::new(),
        kind: new.kind.as_str().to_owned(),
        email_lowercase: new.email.to_lowercase(),
        email: new.email.clone(),
        name: new.name,
        roles: Json(names(&new.roles)),
        metadata: None,
        password_hash: new.password_hash,
        status: Word(Status::Published),
        created_at: Time(work.server_now),
        updated_at: Time(work.server_now),
        created_by: created_by.clone(),
        updated_by: created_by,
    };
    let inserted = work.tenant_rows().insert::<users::Entity>(user).await;
    let user = inserted.map_err(on_duplicate(email_taken(&new.email)))?;
    let tenant = tenant_of(&work.session, work.context.tenant_id()).await?;
    work.commit().await?;
    Ok(answer_as!(CreateUserResponse, response(user, &tenant), password: password))
}

fn email_taken(email: &str) -> impl Fn() -> ApiError + use<> {
    let email = email.to_owned();
    move || ApiError::already_exists("A user with this e-mail already exists").detail("email", email.clone())
}
