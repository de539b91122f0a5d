//! `/v1/auth`: sign-up and login, the only routes that hand out sessions (spec 01 B9).

use axum::http::Method;
use tariff_contract::auth::{AuthResponse, LoginRequest, SignUpRequest};

use crate::answer::{Answer, Result};
use crate::api::{Api, Operation, Visit};
use crate::input::Body;

pub(super) fn register(api: Api) -> Api {
    let sign_up_operation = Operation {
        id: "signUp",
        summary: "Create a tenant with its first user",
    };
    let login_operation = Operation {
        id: "login",
        summary: "Open a session with e-mail and password",
    };
    api.tag("Auth")
        .public(Method::POST, "/v1/auth/signup", sign_up_operation, sign_up)
        .public(Method::POST, "/v1/auth/login", login_operation, login)
}

async fn sign_up(visit: Visit, Body(request): Body<SignUpRequest>) -> Result<Answer<AuthResponse>> {
    Ok(Answer(visit.engine.sign_up(request, visit.request_id).await?))
}

async fn login(visit: Visit, Body(request): Body<LoginRequest>) -> Result<Answer<AuthResponse>> {
    Ok(Answer(visit.engine.login(request).await?))
}
