//! Sign-up and login with a password (spec 01 B9).

use tariff_contract::auth::{AuthResponse, LoginRequest, SignUpRequest};
use tariff_contract::error::ApiError;
use tariff_core::IdPrefix;
use tariff_core::vocabulary::AuditActor;
use tariff_store::access as lookup;
use tariff_store::entity::users;

use crate::access::bootstrap::{NewTenant, create_tenant, founder};
use crate::access::password;
use crate::access::roles::Role;
use crate::context::UserKind;
use crate::engine::Engine;
use crate::error::{Result, on_duplicate};
use crate::ids::mint;
use crate::settings;

impl Engine {
    /// Creates a tenant with its first user and environment, and opens a session. The request's id goes to the audit log.
    ///
    /// # Errors
    /// `validation_error`; `already_exists` when a published user of any tenant has the e-mail.
    pub async fn sign_up(&self, request: SignUpRequest, request_id: Option<String>) -> Result<AuthResponse> {
        request.validate()?;
        let email = request.email.unwrap_or_default();
        if lookup::user_by_email(&self.read(), &email).await?.is_some() {
            return Err(email_taken().into());
        }
        // Hashed before the transaction begins: it takes long, and others wait for the writer.
        let password_hash = password::hash(request.password.unwrap_or_default().0).await?;
        let name = request.tenant_name.filter(|name| !name.is_empty());
        let (user_id, now) = (mint(IdPrefix::User), self.server_now());
        let founder = founder(&user_id, AuditActor::User, request_id, now);
        let new = NewTenant {
            user_id,
            name: name.unwrap_or_else(|| self.config().default_tenant_name.clone()),
            email,
            password_hash: Some(password_hash),
            metadata: request.metadata.map(|metadata| metadata.0),
        };
        let session = self.store().begin(founder).await?;
        let (user, _) = create_tenant(&session, new, now)
            .await
            .map_err(on_duplicate(email_taken))?;
        session.commit().await?;
        self.open_session(user)
    }

    /// Opens a session for a person who knows the password. Unknown e-mail and wrong password are told apart neither by
    /// the answer nor by its time.
    ///
    /// # Errors
    /// `validation_error` before anything is looked up; `too_many_requests`; `permission_denied`.
    pub async fn login(&self, request: LoginRequest) -> Result<AuthResponse> {
        request.validate()?;
        let email = request.email.unwrap_or_default().to_lowercase();
        self.login_throttle().admit(&email, self.server_now())?;
        let user = lookup::user_by_email(&self.read(), &email).await?;
        let user = user.filter(|user| UserKind::parse(&user.kind) == UserKind::Person);
        let stored = user.as_ref().and_then(|user| user.password_hash.clone());
        let known = password::verify(request.password.unwrap_or_default().0, stored).await?;
        let Some(user) = user.filter(|_| known) else {
            return Err(ApiError::permission_denied("Invalid email or password").into());
        };
        self.login_throttle().succeeded(&email);
        self.refuse_where_single_sign_on_is_enforced(&user).await?;
        self.open_session(user)
    }

    async fn refuse_where_single_sign_on_is_enforced(&self, user: &users::Model) -> Result<()> {
        if !self.config().single_sign_on || user.roles.0.iter().any(|role| role == Role::SuperAdmin.as_str()) {
            return Ok(());
        }
        if settings::saml_config(&self.read(), &user.tenant_id)
            .await?
            .enforces_single_sign_on()
        {
            return Err(ApiError::permission_denied("This tenant requires single sign-on").into());
        }
        Ok(())
    }

    fn open_session(&self, user: users::Model) -> Result<AuthResponse> {
        let token = self.tokens().session(&user.id, &user.tenant_id, self.server_now())?;
        Ok(AuthResponse {
            token,
            user_id: user.id,
            tenant_id: user.tenant_id,
        })
    }
}

fn email_taken() -> ApiError {
    ApiError::already_exists("A user with this e-mail already exists")
}
