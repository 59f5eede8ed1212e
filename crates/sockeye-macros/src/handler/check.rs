//! Check: a block is sorted into methods, hooks and the rest, and every mistake is found at its token.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Error, FnArg, Ident, ImplItem, ImplItemFn, ItemImpl, Meta, ReceiverKind, ReturnType,
    Type, parse_quote,
};

use crate::handler::answers::same;
use crate::handler::hooks;
use crate::handler::parse::{Block, Kind, On, Settings};

/// A block without what is wrong in it, and that as an error.
pub(crate) struct Model {
    pub(crate) kind: Kind,
    pub(crate) settings: Settings,
    /// The block without hooks, its methods no longer marked.
    pub(crate) rest: ItemImpl,
    pub(crate) hooks: Vec<ImplItemFn>,
    pub(crate) methods: Vec<Method>,
    pub(crate) error: Option<Error>,
}

/// A method that is marked with `#[on]`.
pub(crate) struct Method {
    pub(crate) ident: Ident,
    pub(crate) is_async: bool,
    /// The type of the connection, where it is taken.
    pub(crate) connection: Option<Type>,
    pub(crate) message: Type,
    pub(crate) output: ReturnType,
    pub(crate) on: On,
    /// What its documentation says.
    pub(crate) attributes: Vec<Attribute>,
}

pub(crate) fn check(block: Block) -> Model {
    let Block {
        kind,
        settings,
        mut item,
        error,
    } = block;
    let items = std::mem::take(&mut item.items);
    let mut model = Model {
        kind,
        settings,
        rest: item,
        hooks: Vec::new(),
        methods: Vec::new(),
        error,
    };
    model.check_type();
    for item in items {
        model.sort(item);
    }
    model.check_settings();
    model
}

impl Model {
    /// Notes a mistake, and goes on to find others.
    fn blame(&mut self, error: Error) {
        match &mut self.error {
            Some(errors) => errors.combine(error),
            None => self.error = Some(error),
        }
    }

    fn check_type(&mut self) {
        if !matches!(&*self.rest.self_ty, Type::Path(path) if path.qself.is_none()) {
            let text = format!(
                "`#[{}]` needs a type with a name, a struct or an enum",
                self.kind.name()
            );
            self.blame(Error::new_spanned(&self.rest.self_ty, text));
        }
    }

    fn check_settings(&mut self) {
        if self.methods.is_empty() && self.settings.include.is_empty() && self.error.is_none() {
            let text = "no method here takes a message: mark one with `#[on]`, such as \
                        `#[on] async fn say(&mut self, cx: &mut Context<Self>, message: Say) -> Said`";
            self.blame(Error::new_spanned(&self.rest.self_ty, text));
        }
    }

    /// Puts an item where it belongs.
    fn sort(&mut self, item: ImplItem) {
        match item {
            ImplItem::Fn(mut function) => {
                let marks = take_marks(&mut function.attrs);
                match marks.as_slice() {
                    [] => self.sort_unmarked(function),
                    [mark] => {
                        let method = self.method(&function, mark);
                        self.keep(function, method);
                    }
                    [_, second, ..] => {
                        let error =
                            Error::new_spanned(second, "`#[on]` is said twice: write it once");
                        self.keep(function, Err(error));
                    }
                }
            }
            other => self.rest.items.push(other),
        }
    }

    fn sort_unmarked(&mut self, function: ImplItemFn) {
        if self.kind == Kind::Methods {
            return self.rest.items.push(ImplItem::Fn(function));
        }
        match hooks::is_hook(&function.sig.ident) {
            Ok(false) => self.rest.items.push(ImplItem::Fn(function)),
            Ok(true) if self.has_hook(&function) => {
                let text = "this hook is there already: make one of the two";
                self.blame(Error::new_spanned(&function.sig.ident, text));
            }
            Ok(true) => match hooks::check(&function) {
                Ok(()) => self.hooks.push(function),
                Err(error) => {
                    self.blame(error);
                    self.rest.items.push(ImplItem::Fn(function));
                }
            },
            Err(error) => {
                self.blame(error);
                self.rest.items.push(ImplItem::Fn(function));
            }
        }
    }

    fn has_hook(&self, hook: &ImplItemFn) -> bool {
        let name = &hook.sig.ident;
        self.hooks.iter().any(|known| known.sig.ident == *name)
    }

    fn keep(&mut self, mut function: ImplItemFn, method: Result<Method, Error>) {
        // Its signature is not all of its own choice.
        function.attrs.push(parse_quote! {
            #[allow(
                clippy::needless_pass_by_ref_mut,
                clippy::needless_pass_by_value,
                clippy::unnecessary_wraps,
                clippy::unused_async,
                clippy::unused_self,
                reason = "methods for messages are alike"
            )]
        });
        match method {
            Ok(method) => self.methods.push(method),
            Err(error) => self.blame(error),
        }
        self.rest.items.push(ImplItem::Fn(function));
    }

    fn method(&self, function: &ImplItemFn, mark: &Attribute) -> Result<Method, Error> {
        let signature = &function.sig;
        let ident = &signature.ident;
        if self.kind == Kind::Handler && matches!(hooks::is_hook(ident), Ok(true)) {
            let text = format!(
                "`{ident}` is a hook and takes no message: take the `#[on]` away, or give it another name"
            );
            return Err(Error::new_spanned(mark, text));
        }
        if let Some(parameter) = signature.generics.params.first() {
            let text = "a method with `#[on]` cannot be generic: its message is one type, which has its own actions";
            return Err(Error::new_spanned(parameter, text));
        }
        let mut inputs = signature.inputs.iter();
        match inputs.next() {
            Some(FnArg::Receiver(receiver))
                if matches!(receiver.kind, ReceiverKind::Reference(..)) => {}
            Some(FnArg::Receiver(receiver)) => {
                let text = "a handler lives for many messages: take `&mut self` or `&self`";
                return Err(Error::new_spanned(receiver, text));
            }
            _ => {
                let text = format!(
                    "a method with `#[on]` belongs to the handler of a connection: write `fn {ident}(&mut self, ..)`"
                );
                return Err(Error::new_spanned(ident, text));
            }
        }
        let arguments: Vec<_> = inputs.filter_map(typed).collect();
        let (connection, message) = match arguments.as_slice() {
            [message] if !is_connection(message) => (None, *message),
            [connection, message] => (Some(self.connection(connection)?), *message),
            [] | [_] => {
                let text = format!(
                    "`{ident}` takes no message: write its type last, such as `{ident}(&mut self, cx: &mut Context<Self>, \
                     message: Say)`"
                );
                return Err(Error::new_spanned(ident, text));
            }
            [_, _, more, ..] => {
                let text = "one argument too many: a method takes `self`, the connection if it needs it, and the message";
                return Err(Error::new_spanned(more, text));
            }
        };
        self.check_message(message)?;
        let is_condition = |attribute: &&Attribute| attribute.path().is_ident("cfg");
        if let Some(condition) = function.attrs.iter().find(is_condition) {
            let text = "a method with `#[on]` cannot be conditional: write the condition above the whole block, or inside of \
                        the method";
            return Err(Error::new_spanned(condition, text));
        }
        Ok(Method {
            ident: ident.clone(),
            is_async: signature.asyncness.is_some(),
            connection,
            message: message.clone(),
            output: signature.output.clone(),
            on: arguments_of(mark)?,
            attributes: function.attrs.clone(),
        })
    }

    /// The argument before the message.
    fn connection(&self, ty: &Type) -> Result<Type, Error> {
        let wanted = match self.kind {
            Kind::Handler => "`cx: &mut Context<Self>`",
            Kind::Methods => "`peer: &Peer`, as many kinds of handlers include these methods",
        };
        let is_context = ends_with(ty, "Context");
        let fits = matches!(ty, Type::Reference(_)) && (self.kind == Kind::Handler || !is_context);
        if fits {
            return Ok(ty.clone());
        }
        let text = match is_connection(ty) {
            true => format!("take the connection as {wanted}"),
            false => format!(
                "only the connection comes before the message, as {wanted}; the message comes last"
            ),
        };
        Err(Error::new_spanned(ty, text))
    }

    fn check_message(&self, ty: &Type) -> Result<(), Error> {
        if let Type::Reference(reference) = ty {
            let inside = &reference.elem;
            let text = match is_connection(inside) {
                true => "the message is missing: write it last, such as `message: Say`".to_owned(),
                false => "the message belongs to its method: take it by value, without the `&`"
                    .to_owned(),
            };
            return Err(Error::new_spanned(ty, text));
        }
        if !matches!(ty, Type::Path(_)) {
            let text =
                "a message is a type with `#[derive(Message)]`; make a struct of these values";
            return Err(Error::new_spanned(ty, text));
        }
        if let Some(foreign) = foreign(ty.to_token_stream(), &self.rest) {
            let text = format!(
                "name the message without `{foreign}`: the enum of all messages stands outside of this block, where `{foreign}` \
                 is not known"
            );
            return Err(Error::new_spanned(ty, text));
        }
        if let Some(before) = self.methods.iter().find(|method| same(&method.message, ty)) {
            let text = format!(
                "`{}` takes this message already: each message has one method, and each action one message",
                before.ident
            );
            return Err(Error::new_spanned(ty, text));
        }
        Ok(())
    }
}

/// Takes the `#[on]` of a method away.
fn take_marks(attributes: &mut Vec<Attribute>) -> Vec<Attribute> {
    attributes
        .extract_if(.., |attribute| {
            let last = attribute.path().segments.last();
            last.is_some_and(|last| last.ident == "on")
        })
        .collect()
}

/// A name in a type that only the block knows: `Self`, or one of its parameters.
fn foreign(ty: TokenStream, block: &ItemImpl) -> Option<Ident> {
    let is_parameter = |ident: &Ident| {
        let mut parameters = block.generics.type_params();
        ident == "Self" || parameters.any(|parameter| parameter.ident == *ident)
    };
    ty.into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) => is_parameter(&ident).then_some(ident),
        TokenTree::Group(group) => foreign(group.stream(), block),
        _ => None,
    })
}

fn arguments_of(mark: &Attribute) -> Result<On, Error> {
    match &mark.meta {
        Meta::Path(_) => Ok(On::default()),
        _ => mark.parse_args(),
    }
}

fn typed(argument: &FnArg) -> Option<&Type> {
    match argument {
        FnArg::Typed(typed) => Some(&typed.ty),
        FnArg::Receiver(_) => None,
    }
}

/// Whether a type is that of the connection, by its name.
fn is_connection(ty: &Type) -> bool {
    ends_with(ty, "Context") || ends_with(ty, "Peer")
}

fn ends_with(ty: &Type, name: &str) -> bool {
    match ty {
        Type::Reference(reference) => ends_with(&reference.elem, name),
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == name),
        _ => false,
    }
}
