//! Registration of routes: a path, who may call it, and a handler whose types tell the rest.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body as HttpBody;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request};
use axum::http::{Method, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use tariff_contract::error::ApiError;
use tariff_engine::access::portal::PortalVisitor;
use tariff_engine::{Context, Engine};

use crate::answer::{self, Output, Result};
use crate::body::{self, Held, IngestionMemory};
use crate::gate::{self, Access};
use crate::idempotency;
use crate::input::{Input, Parts};
use crate::openapi::{Description, Document, Security};
use crate::server::HttpOptions;

/// What a handler of an authenticated route works with.
pub(crate) struct Call {
    /// The use cases.
    pub engine: Arc<Engine>,
    /// The caller.
    pub context: Context,
    /// The request's idempotency key.
    pub idempotency_key: Option<String>,
}

/// What a handler of a public route works with.
pub(crate) struct Visit {
    /// The use cases.
    pub engine: Arc<Engine>,
    /// The request's id.
    pub request_id: Option<String>,
}

/// What a handler of a route of the customer portal works with.
pub(crate) struct PortalCall {
    /// The use cases.
    pub engine: Arc<Engine>,
    /// The customer.
    pub visitor: PortalVisitor,
}

/// An asynchronous function from a caller and inputs to an output.
pub(crate) trait Handler<Caller, Inputs>: Clone + Send + Sync + 'static {
    fn call(self, caller: Caller, parts: Parts) -> impl Future<Output = Result<Response<HttpBody>>> + Send;
    fn describe(description: &mut Description);
}

macro_rules! handler {
    ($($input:ident),*) => {
        impl<Caller, Function, Answering, Answered, $($input),*> Handler<Caller, ($($input,)*)> for Function
        where
            Caller: Send + 'static,
            Function: Fn(Caller, $($input),*) -> Answering + Clone + Send + Sync + 'static,
            Answering: Future<Output = Result<Answered>> + Send,
            Answered: Output,
            $($input: Input + 'static),*
        {
            #[allow(unused_variables, non_snake_case, reason = "the macro also serves handlers without inputs")]
            async fn call(self, caller: Caller, parts: Parts) -> Result<Response<HttpBody>> {
                $(let $input = $input::decode(&parts)?;)*
                drop(parts);
                Ok(self(caller, $($input),*).await?.into_response())
            }

            fn describe(description: &mut Description) {
                $($input::describe(description);)*
                Answered::describe(description);
            }
        }
    };
}
handler!();
handler!(First);
handler!(First, Second);
handler!(First, Second, Third);

/// Name, id and summary of an operation in the document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation {
    /// The contract's operation id.
    pub id: &'static str,
    /// One line for people.
    pub summary: &'static str,
}

/// The routes while they are registered.
pub(crate) struct Api {
    engine: Arc<Engine>,
    memory: IngestionMemory,
    router: axum::Router,
    document: Document,
    templates: Vec<&'static str>,
    tag: &'static str,
}

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident $method:ident),*) => {$(
        $(#[$doc])*
        pub(crate) fn $name<Inputs, H: Handler<Call, Inputs>>(
            self,
            template: &'static str,
            access: Access,
            id: &'static str,
            summary: &'static str,
            handler: H,
        ) -> Self
        where
            Inputs: 'static,
        {
            self.route(Method::$method, template, access, Operation { id, summary }, handler)
        }
    )*};
}

impl Api {
    pub(crate) fn new(engine: Arc<Engine>, options: HttpOptions) -> Self {
        Self {
            engine,
            memory: IngestionMemory::new(options.ingestion_memory_bytes),
            router: axum::Router::new(),
            document: Document::new(),
            templates: Vec::new(),
            tag: "",
        }
    }

    /// The tag of the routes that follow.
    pub(crate) fn tag(mut self, tag: &'static str) -> Self {
        self.tag = tag;
        self
    }

    methods! {
        /// Registers a `GET` route.
        get GET,
        /// Registers a `POST` route.
        post POST,
        /// Registers a `PUT` route.
        put PUT,
        /// Registers a `DELETE` route.
        delete DELETE
    }

    fn route<Inputs: 'static, H: Handler<Call, Inputs>>(
        mut self,
        method: Method,
        template: &'static str,
        access: Access,
        operation: Operation,
        handler: H,
    ) -> Self {
        let mut description = Description::new(self.tag, operation.id, operation.summary);
        H::describe(&mut description);
        if let Some(permission) = access.documented() {
            description.demands(permission);
        }
        self.document.add(&method, template, description, Security::Credentials);
        let (engine, memory) = (Arc::clone(&self.engine), self.memory.clone());
        let endpoint = move |path: PathParameters, request: Request| {
            let (engine, memory, handler) = (Arc::clone(&engine), memory.clone(), handler.clone());
            async move {
                let (head, body) = request.into_parts();
                let context = match gate::admit(&engine, &head.headers, template, access).await {
                    Ok(context) => context,
                    Err(refused) => return *refused,
                };
                let answered = async {
                    let key = idempotency::key_of(&head.method, &head.headers, access.writes())?;
                    let (parts, _held) = parts(&path, head.uri.query(), body, template, &memory).await?;
                    let Some(key) = key.as_ref().filter(|_| idempotency::applies(template)) else {
                        let call = Call {
                            engine,
                            context,
                            idempotency_key: key,
                        };
                        return start(handler, call, parts).await;
                    };
                    let fingerprint = idempotency::fingerprint(&head, &parts.body);
                    let call = Call {
                        engine: Arc::clone(&engine),
                        context: context.clone(),
                        idempotency_key: Some(key.clone()),
                    };
                    let handling = start(handler, call, parts);
                    idempotency::answer_once(&engine, &context, key, &fingerprint, handling).await
                };
                answered.await.unwrap_or_else(answer::failure)
            }
        };
        self.add(&method, template, on(filter(&method), endpoint));
        self
    }

    /// Registers a route that needs no credentials.
    pub(crate) fn public<Inputs: 'static, H: Handler<Visit, Inputs>>(
        mut self,
        method: Method,
        template: &'static str,
        operation: Operation,
        handler: H,
    ) -> Self {
        let mut description = Description::new(self.tag, operation.id, operation.summary);
        H::describe(&mut description);
        self.document.add(&method, template, description, Security::Public);
        let (engine, memory) = (Arc::clone(&self.engine), self.memory.clone());
        let endpoint = move |path: PathParameters, request: Request| {
            let (engine, memory, handler) = (Arc::clone(&engine), memory.clone(), handler.clone());
            async move {
                let (head, body) = request.into_parts();
                let request_id = gate::request_id(&head.headers);
                let answered = async {
                    let (parts, _held) = parts(&path, head.uri.query(), body, template, &memory).await?;
                    start(handler, Visit { engine, request_id }, parts).await
                };
                answered.await.unwrap_or_else(answer::failure)
            }
        };
        self.add(&method, template, on(filter(&method), endpoint));
        self
    }

    /// Registers a route of the customer portal, whose only credential is a session token (spec 01 A2).
    /// `writes` tells whether a suspended tenant turns it off.
    pub(crate) fn portal<Inputs: 'static, H: Handler<PortalCall, Inputs>>(
        mut self,
        method: Method,
        template: &'static str,
        writes: bool,
        operation: Operation,
        handler: H,
    ) -> Self {
        let mut description = Description::new(self.tag, operation.id, operation.summary);
        H::describe(&mut description);
        self.document
            .add(&method, template, description, Security::PortalSession);
        let (engine, memory) = (Arc::clone(&self.engine), self.memory.clone());
        let endpoint = move |path: PathParameters, request: Request| {
            let (engine, memory, handler) = (Arc::clone(&engine), memory.clone(), handler.clone());
            async move {
                let (head, body) = request.into_parts();
                let visitor = match gate::admit_to_portal(&engine, &head.headers, writes).await {
                    Ok(visitor) => visitor,
                    Err(refused) => return *refused,
                };
                let answered = async {
                    let key = idempotency::key_of(&head.method, &head.headers, writes)?;
                    let (parts, _held) = parts(&path, head.uri.query(), body, template, &memory).await?;
                    let Some(key) = key.filter(|_| idempotency::applies(template)) else {
                        return start(handler, PortalCall { engine, visitor }, parts).await;
                    };
                    let fingerprint = idempotency::fingerprint(&head, &parts.body);
                    let context = visitor.context.clone();
                    let call = PortalCall {
                        engine: Arc::clone(&engine),
                        visitor,
                    };
                    let handling = start(handler, call, parts);
                    idempotency::answer_once(&engine, &context, &key, &fingerprint, handling).await
                };
                answered.await.unwrap_or_else(answer::failure)
            }
        };
        self.add(&method, template, on(filter(&method), endpoint));
        self
    }

    fn add(&mut self, method: &Method, template: &'static str, endpoint: MethodRouter) {
        tracing::trace!(%method, template, "route");
        self.router = std::mem::take(&mut self.router).route(template, endpoint);
        self.templates.push(template);
    }

    /// The router, the document and every path template.
    pub(crate) fn finish(self) -> (axum::Router, utoipa::openapi::OpenApi, Vec<&'static str>) {
        (self.router, self.document.finish(), self.templates)
    }
}

/// A handler at work. It is on the heap, because the state of a use case is large and whoever awaited it by value would
/// need room for several copies of it on the stack.
fn start<Caller: 'static, Inputs: 'static, H: Handler<Caller, Inputs>>(
    handler: H,
    caller: Caller,
    parts: Parts,
) -> Pin<Box<dyn Future<Output = Result<Response<HttpBody>>> + Send>> {
    Box::pin(handler.call(caller, parts))
}

fn filter(method: &Method) -> MethodFilter {
    match method.as_str() {
        "POST" => MethodFilter::POST,
        "PUT" => MethodFilter::PUT,
        "DELETE" => MethodFilter::DELETE,
        _ => MethodFilter::GET,
    }
}

/// The percent-decoded parameters of the path, or that they are no text. That is told after everything about the caller.
type PathParameters = std::result::Result<RawPathParams, RawPathParamsRejection>;

async fn parts(
    path: &PathParameters,
    query: Option<&str>,
    body: HttpBody,
    template: &str,
    memory: &IngestionMemory,
) -> Result<(Parts, Held)> {
    let path = path
        .as_ref()
        .map_err(|_| ApiError::validation("The path is not valid UTF-8"))?;
    let (body, held) = body::read(body, template, memory).await?;
    let parts = Parts {
        path: path.iter().map(|(_, value)| value.to_owned()).collect(),
        query: query.unwrap_or_default().to_owned(),
        body,
    };
    parts.refuse_nul()?;
    Ok((parts, held))
}
