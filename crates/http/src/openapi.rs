//! The OpenAPI document, learned from the routes as they are registered.

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use tariff_contract::error::ErrorResponse;
use utoipa::ToSchema;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    Components, Content, InfoBuilder, OpenApi, OpenApiBuilder, PathsBuilder, Ref, RefOr, Required, ResponseBuilder,
    SecurityRequirement,
};

/// What an operation demands of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Security {
    /// Nothing.
    Public,
    /// An API key or a session.
    Credentials,
    /// A session of the customer portal.
    PortalSession,
}

impl Security {
    /// Names of the schemes, each of which suffices.
    fn schemes(self) -> &'static [&'static str] {
        match self {
            Self::Public => &[],
            Self::Credentials => &["ApiKeyAuth", "BearerAuth"],
            Self::PortalSession => &["PortalSession"],
        }
    }
}

/// One operation while it is described.
pub(crate) struct Description {
    operation: OperationBuilder,
    schemas: BTreeMap<String, RefOr<Schema>>,
}

impl Description {
    pub(crate) fn new(tag: &str, operation_id: &str, summary: &str) -> Self {
        let operation = OperationBuilder::new()
            .tag(tag)
            .operation_id(Some(operation_id))
            .summary(Some(summary));
        Self {
            operation,
            schemas: BTreeMap::new(),
        }
    }

    fn reference<T: ToSchema>(&mut self) -> RefOr<Schema> {
        let mut nested = Vec::new();
        T::schemas(&mut nested);
        self.schemas.extend(nested);
        let name = T::name().into_owned();
        self.schemas.insert(name.clone(), T::schema());
        RefOr::Ref(Ref::from_schema_name(name))
    }

    fn edit(&mut self, change: impl FnOnce(OperationBuilder) -> OperationBuilder) {
        self.operation = change(std::mem::take(&mut self.operation));
    }

    /// The permission that callers need, for people who hand out roles.
    pub(crate) fn demands(&mut self, permission: String) {
        let extensions = Extensions::from_iter([("x-permission", permission)]);
        self.edit(|operation| operation.extensions(Some(extensions)));
    }

    pub(crate) fn takes_body<T: ToSchema>(&mut self) {
        let content = Content::new(Some(self.reference::<T>()));
        let body = RequestBodyBuilder::new()
            .content("application/json", content)
            .required(Some(Required::True));
        self.edit(|operation| operation.request_body(Some(body.build())));
    }

    /// Every member of the type becomes a query parameter.
    pub(crate) fn takes_query<T: ToSchema>(&mut self) {
        let mut nested = Vec::new();
        T::schemas(&mut nested);
        self.schemas.extend(nested);
        let RefOr::T(Schema::Object(object)) = T::schema() else {
            return;
        };
        for (name, schema) in object.properties {
            let parameter = parameter(&name, ParameterIn::Query, Required::False, schema);
            self.edit(|operation| operation.parameter(parameter));
        }
    }

    pub(crate) fn answers<T: ToSchema>(&mut self, status: StatusCode) {
        self.answers_as::<T>(status, "application/json");
    }

    pub(crate) fn answers_as<T: ToSchema>(&mut self, status: StatusCode, media_type: &str) {
        let content = Content::new(Some(self.reference::<T>()));
        let response = ResponseBuilder::new()
            .description(reason(status))
            .content(media_type, content);
        self.edit(|operation| operation.response(status.as_str(), response.build()));
    }

    pub(crate) fn answers_nothing(&mut self, status: StatusCode) {
        let response = ResponseBuilder::new().description(reason(status)).build();
        self.edit(|operation| operation.response(status.as_str(), response));
    }

    fn answers_errors(&mut self, authenticated: bool) {
        let content = Content::new(Some(self.reference::<ErrorResponse>()));
        let refused: &[u16] = if authenticated { &[401, 403] } else { &[] };
        for status in [400, 404, 409, 500].iter().chain(refused) {
            let Ok(status) = StatusCode::from_u16(*status) else {
                continue;
            };
            let response = ResponseBuilder::new().description(reason(status));
            // The bodies of 401 and 403 are those of credentials, not the standard one.
            let response = if matches!(status.as_u16(), 401 | 403) {
                response
            } else {
                response.content("application/json", content.clone())
            };
            self.edit(|operation| operation.response(status.as_str(), response.build()));
        }
    }
}

fn reason(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or_default()
}

fn parameter(name: &str, place: ParameterIn, required: Required, schema: RefOr<Schema>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(required)
        .schema(Some(schema))
        .build()
}

/// The document while routes are registered.
pub(crate) struct Document {
    paths: PathsBuilder,
    schemas: BTreeMap<String, RefOr<Schema>>,
}

impl Document {
    pub(crate) fn new() -> Self {
        Self {
            paths: PathsBuilder::new(),
            schemas: BTreeMap::new(),
        }
    }

    /// Adds an operation; path parameters come from the template.
    pub(crate) fn add(&mut self, method: &Method, template: &str, mut description: Description, security: Security) {
        description.answers_errors(security != Security::Public);
        for name in path_parameters(template) {
            let schema = RefOr::T(ObjectBuilder::new().schema_type(Type::String).into());
            let parameter = parameter(name, ParameterIn::Path, Required::True, schema);
            description.edit(|operation| operation.parameter(parameter));
        }
        for scheme in security.schemes() {
            description.edit(|operation| operation.security(SecurityRequirement::new(*scheme, [""; 0])));
        }
        self.schemas.extend(description.schemas);
        let item = PathItem::new(http_method(method), description.operation);
        self.paths = std::mem::replace(&mut self.paths, PathsBuilder::new()).path(template, item);
    }

    pub(crate) fn finish(self) -> OpenApi {
        let mut components = Components::new();
        components.schemas.extend(self.schemas);
        let key = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("x-api-key")));
        components.add_security_scheme("ApiKeyAuth", key);
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .build();
        components.add_security_scheme("BearerAuth", SecurityScheme::Http(bearer));
        let session = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("x-session-token")));
        components.add_security_scheme("PortalSession", session);
        let info = InfoBuilder::new()
            .title("Tariff")
            .version(env!("CARGO_PKG_VERSION"))
            .description(Some("Usage metering and billing."));
        OpenApiBuilder::new()
            .info(info.build())
            .paths(self.paths.build())
            .components(Some(components))
            .build()
    }
}

fn path_parameters(template: &str) -> impl Iterator<Item = &str> {
    template
        .split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

fn http_method(method: &Method) -> HttpMethod {
    match method.as_str() {
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}
